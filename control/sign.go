package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"consilium/control/record"
	"consilium/internal/id"
	"consilium/store"
)

// clinicKey is the key that a clinic signs its documents with.
type clinicKey struct {
	store.Revised
	ID      string
	KeyPEM  []byte
	CertPEM []byte
}

// currentKey is the id of the one key that a clinic signs with.
const currentKey = "documents"

// Sign signs the conclusion: its PDF is made and durable first, then one
// transaction puts it in the card, makes the conclusion final and completes the
// visit. version is that of the draft that the doctor saw.
func (s *Compositions) Sign(ctx context.Context, who Actor, encounter EncounterID, version uint64) (Composition, error) {
	var out Composition
	if err := s.authorize(who, OpSignComposition); err != nil {
		return out, err
	}
	paper, err := s.paper(ctx, who, encounter, version)
	if err != nil {
		return out, err
	}
	doc, err := s.issue(ctx, who, encounter, paper)
	if err != nil {
		return out, err
	}
	err = s.update(ctx, who, func(u *unit) error {
		out, err = u.complete(encounter, version, doc, paper.doc.SignedAt)
		return err
	})
	if err != nil {
		if dropErr := s.blobs.Delete(context.WithoutCancel(ctx), who.scope(), doc.Blob); dropErr != nil {
			s.log.Warn("file without a record left for the sweep", "error", dropErr)
		}
		return Composition{}, err
	}
	return out, nil
}

// complete is the transaction of signing.
func (u *unit) complete(encounter EncounterID, version uint64, doc Document, at time.Time) (Composition, error) {
	e, a, err := u.meeting(encounter)
	if err != nil {
		return Composition{}, err
	}
	note, err := u.signable(&a, version)
	if err != nil {
		return Composition{}, err
	}
	if _, err := u.t.documents.Put(u, u.scope, &doc, 0); err != nil {
		return *note, err
	}
	note.Status, note.SignedAt, note.Signer, note.Document = CompositionFinal, at, doc.ByName, doc.ID
	if err := u.transit(&a, ActSign, &input{}); err != nil {
		return *note, err
	}
	if _, err := u.t.compositions.Put(u, u.scope, note, version); err != nil {
		return *note, err
	}
	u.tell("document", string(doc.ID), doc.Rev, u.privateTopicsOf(&e)...)
	u.tell("composition", string(encounter), note.Rev, "practitioner:"+string(e.Practitioner))
	return *note, u.audit("composition.sign", "document", string(doc.ID), "")
}

// signable returns the draft if it may be signed as the doctor saw it.
func (u *unit) signable(a *Appointment, version uint64) (*Composition, error) {
	if _, ok := u.edge(a.Status, ActSign, u.who.partyTo(a)); !ok {
		_, err := u.permit(a, ActSign, &input{})
		return nil, err
	}
	note, err := u.composition(a.Encounter)
	if err != nil {
		return nil, err
	}
	if note != nil && note.Rev != version {
		return nil, stale()
	}
	if _, err := u.permit(a, ActSign, &input{}); err != nil {
		return nil, err
	}
	return note, nil
}

// paper is a conclusion ready to be printed.
type paper struct {
	doc     record.Document
	patient PatientID
	title   string
}

// paper gathers what is printed, after checking that it may be signed at all.
func (s *Compositions) paper(ctx context.Context, who Actor, encounter EncounterID, version uint64) (paper, error) {
	var out paper
	err := s.view(ctx, who, func(u *unit) error {
		e, a, err := u.meeting(encounter)
		if err != nil {
			return err
		}
		note, err := u.signable(&a, version)
		if err != nil {
			return err
		}
		out, err = u.layPaper(&e, &a, note)
		return err
	})
	return out, err
}

func (u *unit) layPaper(e *Encounter, a *Appointment, note *Composition) (paper, error) {
	var out paper
	clinic, err := u.clinic()
	if err != nil {
		return out, err
	}
	zone, err := clinic.Location()
	if err != nil {
		return out, err
	}
	patient, err := u.patient(a.Patient)
	if err != nil {
		return out, err
	}
	doctor, err := u.practitioner(a.Practitioner)
	if err != nil {
		return out, err
	}
	service, err := u.service(a.Service)
	if err != nil {
		return out, err
	}
	language := clinic.Language()
	sex := patient.Sex
	if sex != "male" && sex != "female" {
		sex = ""
	}
	t := note.Sections
	out.patient = patient.ID
	out.title = fmt.Sprintf("%s %s", phrasesFor(language).conclusion, a.No)
	out.doc = record.Document{
		Number: a.No, Locale: language, SignedAt: u.now,
		Clinic: record.Clinic{
			Name: clinic.Name.In(language, ""), Licence: clinic.Licence, Address: clinic.Address.In(language, ""),
			Phone: clinic.Phone, Accent: clinic.Accent,
		},
		Patient:      record.Patient{Name: patient.Name, BirthDate: patient.BirthDate, Sex: sex},
		Practitioner: record.Practitioner{Name: doctor.Name, Specialty: doctor.Specialty.In(language, "")},
		Visit: record.Visit{
			Start: e.StartedAt, End: e.FinishedAt, Zone: zone,
			Service: service.Name.In(language, ""), Modality: string(a.Modality),
		},
		Sections: []record.Section{
			{Key: "complaint", Text: strings.TrimSpace(t.Complaint)},
			{Key: "anamnesis", Text: strings.TrimSpace(t.Anamnesis)},
			{Key: "findings", Text: strings.TrimSpace(t.Findings)},
			{Key: "diagnosis", Text: strings.TrimSpace(t.Diagnosis), Code: t.DiagnosisCode},
			{Key: "plan", Text: strings.TrimSpace(t.Plan)},
		},
	}
	return out, nil
}

// signer returns the clinic's key, making it at the first document.
func (s *core) signer(ctx context.Context, who Actor, clinic string) (*record.Signer, error) {
	var key clinicKey
	load := func(u *unit) (err error) {
		key, _, err = u.t.keys.Get(u, u.scope, currentKey)
		return err
	}
	err := s.view(ctx, who, load)
	if errors.Is(err, store.ErrNotFound) {
		fresh := clinicKey{ID: currentKey}
		if fresh.KeyPEM, fresh.CertPEM, err = record.NewClinicKey(clinic, s.clock()); err != nil {
			return nil, err
		}
		err = s.update(ctx, who, func(u *unit) error {
			if err := load(u); !errors.Is(err, store.ErrNotFound) {
				return err // made meanwhile, or a real failure
			}
			key = fresh
			if _, err := u.t.keys.Put(u, u.scope, &key, 0); err != nil {
				return err
			}
			return u.audit("clinic.key", "clinic", u.scope, "")
		})
	}
	if err != nil {
		return nil, err
	}
	return record.NewSigner(key.KeyPEM, key.CertPEM)
}

// issue renders and signs a paper and puts its file in place: the document that a record
// is about to name.
func (s *Compositions) issue(ctx context.Context, who Actor, encounter EncounterID, paper paper) (Document, error) {
	signer, err := s.signer(ctx, who, paper.doc.Clinic.Name)
	if err != nil {
		return Document{}, err
	}
	paper.doc.Seal = signer.Seal()
	pdf, err := record.Render(paper.doc)
	if err != nil {
		return Document{}, fmt.Errorf("render conclusion: %w", err)
	}
	if pdf, err = signer.Sign(pdf, paper.doc.SignedAt, paper.title); err != nil {
		return Document{}, fmt.Errorf("sign conclusion: %w", err)
	}
	blob, err := s.blobs.Put(ctx, who.scope(), string(paper.patient), bytes.NewReader(pdf))
	if err != nil {
		return Document{}, storeError(err)
	}
	return Document{
		ID: DocumentID(id.New()), Patient: paper.patient, Encounter: encounter, Kind: DocConclusion, Title: paper.title,
		Mime: "application/pdf", Size: blob.Size, SHA256: blob.SHA256, Blob: blob.ID, CreatedAt: paper.doc.SignedAt,
		Author: who.Account, ByName: paper.doc.Practitioner.Name, Status: "current",
	}, nil
}
