package control

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"consilium/store"
)

// CompositionVersion is a conclusion as it was signed before it was amended.
type CompositionVersion struct {
	store.Revised
	Encounter EncounterID
	Patient   PatientID
	Version   int
	Sections  Sections
	SignedAt  time.Time
	Signer    string
	Document  DocumentID
}

func (v *CompositionVersion) id() string { return fmt.Sprintf("%s/%06d", v.Encounter, v.Version) }

// Reopen shows the doctor their own signed conclusion, to amend it. It changes
// nothing, and is on the audit trail: the card itself stays closed.
func (s *Compositions) Reopen(ctx context.Context, who Actor, encounter EncounterID) (Composition, error) {
	var out Composition
	if err := s.authorize(who, OpAmend); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		_, a, err := u.meeting(encounter)
		if err != nil {
			return err
		}
		note, err := u.amendable(&a, 0)
		if err != nil {
			return err
		}
		out = *note
		return u.audit("composition.reopen", "encounter", string(encounter), "")
	})
	return out, err
}

// Amend signs a new version of a signed conclusion. The old version's PDF stays in
// the card, marked as superseded. version is that of the conclusion that was edited.
func (s *Compositions) Amend(ctx context.Context, who Actor, encounter EncounterID, version uint64, sections Sections, reason string) (Composition, error) {
	var out Composition
	if err := s.authorize(who, OpAmend); err != nil {
		return out, err
	}
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n < 1 || n > 500 {
		return out, invalid("/reason", "say why, in at most 500 characters")
	}
	if err := sections.validate(); err != nil {
		return out, err
	}
	if empty := sections.empty(); len(empty) > 0 {
		return out, &Error{Code: CodeIncomplete, Message: "fill in the mandatory sections first", Fields: empty}
	}
	var paper paper
	err := s.view(ctx, who, func(u *unit) error {
		e, a, err := u.meeting(encounter)
		if err != nil {
			return err
		}
		note, err := u.amendable(&a, version)
		if err != nil {
			return err
		}
		next := *note
		next.Sections = sections
		if paper, err = u.layPaper(&e, &a, &next); err != nil {
			return err
		}
		paper.number(note.version() + 1)
		return nil
	})
	if err != nil {
		return out, err
	}
	doc, err := s.issue(ctx, who, encounter, paper)
	if err != nil {
		return out, err
	}
	err = s.update(ctx, who, func(u *unit) error {
		out, err = u.amend(encounter, version, doc, sections, reason)
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

// amendable returns the signed conclusion if the unit's doctor may amend it.
func (u *unit) amendable(a *Appointment, version uint64) (*Composition, error) {
	if _, err := u.permit(a, ActAmend, &input{}); err != nil {
		return nil, err
	}
	note, err := u.composition(a.Encounter)
	if err != nil {
		return nil, err
	}
	if note == nil {
		return nil, notFound("conclusion")
	}
	if version != 0 && note.Rev != version {
		return nil, stale()
	}
	return note, nil
}

// amend is the transaction of amending.
func (u *unit) amend(encounter EncounterID, version uint64, doc Document, sections Sections, reason string) (Composition, error) {
	e, a, err := u.meeting(encounter)
	if err != nil {
		return Composition{}, err
	}
	note, err := u.amendable(&a, version)
	if err != nil {
		return Composition{}, err
	}
	old := CompositionVersion{
		Encounter: encounter, Patient: note.Patient, Version: note.version(), Sections: note.Sections,
		SignedAt: note.SignedAt, Signer: note.Signer, Document: note.Document,
	}
	if _, err := u.t.versions.Put(u, u.scope, &old, 0); err != nil {
		return *note, err
	}
	before, _, err := u.t.documents.Get(u, u.scope, string(note.Document))
	if err != nil {
		return *note, err
	}
	before.Status = "superseded"
	if _, err := u.t.documents.Put(u, u.scope, &before, before.Rev); err != nil {
		return *note, err
	}
	if _, err := u.t.documents.Put(u, u.scope, &doc, 0); err != nil {
		return *note, err
	}
	note.Version, note.Sections, note.Prefilled, note.Amendment = old.Version+1, sections, []string{}, reason
	note.SignedAt, note.Signer, note.Document = doc.CreatedAt, doc.ByName, doc.ID
	if _, err := u.t.compositions.Put(u, u.scope, note, note.Rev); err != nil {
		return *note, err
	}
	if err := u.transit(&a, ActAmend, &input{}); err != nil {
		return *note, err
	}
	u.tell("document", string(doc.ID), doc.Rev, u.privateTopicsOf(&e)...)
	u.tell("composition", string(encounter), note.Rev, "practitioner:"+string(e.Practitioner))
	return *note, u.audit("composition.amend", "document", string(doc.ID), "")
}

// version counts the signed versions of a conclusion, from 1.
func (c *Composition) version() int { return max(c.Version, 1) }

// number puts a version on the paper: the first has none.
func (p *paper) number(version int) {
	p.doc.Number = fmt.Sprintf("%s/%d", p.doc.Number, version)
	p.title = fmt.Sprintf("%s/%d", p.title, version)
}
