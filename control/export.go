package control

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"time"

	"consilium/store"
)

// Export is a patient's copy of all that the clinic keeps about them.
type Export struct {
	core *core
	who  Actor
	card exportCard
	docs []Document
}

// exportCard is the machine-readable part of the copy, as card.json.
type exportCard struct {
	Clinic     string             `json:"clinic"`
	Made       time.Time          `json:"made"`
	Patient    exportPatient      `json:"patient"`
	Encounters []exportEncounter  `json:"encounters"`
	Documents  []exportDocument   `json:"documents"`
	Consents   []exportConsent    `json:"consents"`
	Told       []exportIntake     `json:"toldBeforeVisits,omitempty"`
	Readings   []exportReading    `json:"readings"`
	Emergency  []exportBreakGlass `json:"emergencyAccess"`
}

type exportPatient struct {
	Name       string `json:"name"`
	BirthDate  string `json:"birthDate"`
	Sex        string `json:"sex"`
	Phone      string `json:"phone,omitempty"`
	Email      string `json:"email,omitempty"`
	Allergies  string `json:"allergies,omitempty"`
	Conditions string `json:"conditions,omitempty"`
	Medicines  string `json:"medicines,omitempty"`
}

type exportEncounter struct {
	Start     time.Time       `json:"start"`
	End       time.Time       `json:"end"`
	Status    string          `json:"status"`
	Service   string          `json:"service"`
	Doctor    string          `json:"doctor"`
	Diagnosis string          `json:"diagnosis,omitempty"`
	Complaint string          `json:"complaint,omitempty"`
	Messages  []exportMessage `json:"messages,omitempty"`
}

type exportMessage struct {
	At   time.Time `json:"at"`
	From string    `json:"from"`
	Text string    `json:"text,omitempty"`
	File string    `json:"file,omitempty"`
}

type exportDocument struct {
	File    string    `json:"file"`
	Kind    string    `json:"kind"`
	Created time.Time `json:"created"`
	Author  string    `json:"author"`
	SHA256  string    `json:"sha256"`
}

type exportConsent struct {
	Consent string    `json:"consent"`
	Version string    `json:"version"`
	Given   bool      `json:"given"`
	At      time.Time `json:"at"`
}

type exportReading struct {
	By    string    `json:"by"`
	Why   string    `json:"why"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	Times int       `json:"times"`
}

type exportBreakGlass struct {
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
	Until  time.Time `json:"until"`
}

// Export gathers a patient's own copy; WriteTo then writes it with all files.
func (s *Patients) Export(ctx context.Context, who Actor) (*Export, error) {
	if err := s.authorize(who, OpExportCard); err != nil {
		return nil, err
	}
	out := &Export{core: s.core, who: who}
	err := s.update(ctx, who, func(u *unit) error {
		out.card, out.docs = exportCard{Made: u.now}, nil
		if err := out.gather(u); err != nil {
			return err
		}
		return u.audit("card.export", "patient", string(who.Patient), "")
	})
	return out, err
}

func (x *Export) gather(u *unit) error {
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	x.card.Clinic = clinic.Name.In(x.who.Locale, clinic.Language())
	card := Card{}
	if card.Patient, err = u.patient(x.who.Patient); err != nil {
		return err
	}
	if err := u.fillCard(&card); err != nil {
		return err
	}
	p := card.Patient
	x.card.Patient = exportPatient{
		p.Name, p.BirthDate, p.Sex, p.Phone, p.Email,
		p.Allergies.In(x.who.Locale, clinic.Language()), p.Conditions.In(x.who.Locale, clinic.Language()),
		p.Medicines.In(x.who.Locale, clinic.Language()),
	}
	for _, e := range card.Encounters {
		if err := x.encounter(u, &e, clinic.Language()); err != nil {
			return err
		}
	}
	if err := x.intakes(u); err != nil {
		return err
	}
	x.docs = card.Documents
	for i := range x.docs {
		d := &x.docs[i]
		x.card.Documents = append(x.card.Documents, exportDocument{exportName(i, d), string(d.Kind), d.CreatedAt, d.ByName, d.SHA256})
	}
	return x.rights(u)
}

func (x *Export) encounter(u *unit, e *CardEncounter, language string) error {
	out := exportEncounter{
		Start: e.Start, End: e.End, Status: string(e.Status), Service: e.Service.In(x.who.Locale, language),
		Doctor: e.Practitioner.Name, Diagnosis: e.Diagnosis,
	}
	if e.ID != "" {
		k := store.Text(string(e.ID))
		for m, err := range u.t.messages.Range(u, u.scope, u.t.bySeq, k, k.End()) {
			if err != nil {
				return err
			}
			said := exportMessage{At: m.At, From: m.SenderName, Text: m.Text}
			if m.File != nil {
				said.File = m.File.Name
			}
			out.Messages = append(out.Messages, said)
		}
	}
	x.card.Encounters = append(x.card.Encounters, out)
	return nil
}

// rights adds what the patient agreed to, and who has read the card.
func (x *Export) rights(u *unit) error {
	k := store.Text(string(x.who.Patient))
	for v, err := range u.t.consents.Range(u, u.scope, u.t.consentsByPatient, k, k.End()) {
		if err != nil {
			return err
		}
		x.card.Consents = append(x.card.Consents, exportConsent{v.Need, v.Version, v.Given, v.At})
	}
	for v, err := range u.t.readings.Range(u, u.scope, u.t.readingsByPatient, k, k.End()) {
		if err != nil {
			return err
		}
		x.card.Readings = append(x.card.Readings, exportReading{v.ByName, string(v.Kind), v.First, v.Last, v.Times})
	}
	for v, err := range u.t.breakGlass.Range(u, u.scope, u.t.breakGlassByPatient, k, k.End()) {
		if err != nil {
			return err
		}
		x.card.Emergency = append(x.card.Emergency, exportBreakGlass{v.ByName, v.Reason, v.At, v.Until})
	}
	return nil
}

// exportName is a document's name in the archive: no two are the same.
func exportName(i int, d *Document) string {
	name := fileName(d.Title, d.Mime)
	if ext := allowedTypes()[d.Mime]; path.Ext(name) == "" {
		name += ext
	}
	return fmt.Sprintf("files/%03d %s", i+1, name)
}

// Write writes the archive: card.json and every file.
func (x *Export) Write(ctx context.Context, w io.Writer) error {
	archive := zip.NewWriter(w)
	f, err := archive.Create("card.json")
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	enc := json.NewEncoder(f)
	enc.SetIndent("", "  ")
	if err := enc.Encode(&x.card); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	for i := range x.docs {
		if err := x.file(ctx, archive, i); err != nil {
			return err
		}
	}
	if err := archive.Close(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

func (x *Export) file(ctx context.Context, archive *zip.Writer, i int) error {
	d := &x.docs[i]
	content, err := x.core.blobs.Open(ctx, x.who.scope(), d.Blob)
	if err != nil {
		return storeError(missing(err, "document"))
	}
	defer content.Close()
	f, err := archive.CreateHeader(&zip.FileHeader{Name: exportName(i, d), Method: zip.Deflate, Modified: d.CreatedAt})
	if err == nil {
		_, err = io.Copy(f, content)
	}
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}
