package control

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"consilium/store"
)

// CompositionStatus is the state of a conclusion.
type CompositionStatus string

// The states of a conclusion.
const (
	CompositionDraft CompositionStatus = "draft"
	CompositionFinal CompositionStatus = "final"
)

// Composition is the doctor's conclusion of an encounter.
type Composition struct {
	store.Revised
	Encounter EncounterID
	Patient   PatientID
	Status    CompositionStatus
	Sections  Sections
	Prefilled []string // sections that the server filled and nobody changed
	SignedAt  time.Time
	Signer    string
	Document  DocumentID
	Version   int    // signed versions so far; 0 is 1
	Amendment string // why the version before was amended
}

// Sections are the parts of a conclusion.
type Sections struct {
	Complaint     string
	Anamnesis     string
	Findings      string
	DiagnosisCode string // ICD-10
	Diagnosis     string
	Plan          string
}

// MandatorySections are those without which nothing is signed.
func MandatorySections() []string { return []string{"complaint", "diagnosis", "plan"} }

// sectionNames are the names of Sections' fields, in the order of the paper.
func sectionNames() []string {
	return []string{"complaint", "anamnesis", "findings", "diagnosisCode", "diagnosis", "plan"}
}

// field returns the section of a name.
func (s *Sections) field(name string) *string {
	switch name {
	case "complaint":
		return &s.Complaint
	case "anamnesis":
		return &s.Anamnesis
	case "findings":
		return &s.Findings
	case "diagnosisCode":
		return &s.DiagnosisCode
	case "diagnosis":
		return &s.Diagnosis
	default:
		return &s.Plan
	}
}

func (s *Sections) diagnosis() string {
	return strings.TrimSpace(s.DiagnosisCode + " " + s.Diagnosis)
}

// validate refuses what can't be kept or printed.
func (s *Sections) validate() error {
	for _, name := range sectionNames() {
		text, most := *s.field(name), 10_000
		switch name {
		case "diagnosis":
			most = 2000
		case "diagnosisCode":
			most = 16
			if strings.ContainsFunc(text, notICD) {
				return invalid("/sections/diagnosisCode", "letters, digits and a dot, as in J06.9")
			}
		}
		if utf8.RuneCountInString(text) > most {
			return invalid("/sections/"+name, "at most %d characters", most)
		}
	}
	return nil
}

func notICD(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != '.' && r != '-' && r != '*' && r != '+'
}

// empty lists the mandatory sections without text, as JSON pointers.
func (s *Sections) empty() []string {
	var out []string
	for _, name := range MandatorySections() {
		if strings.TrimSpace(*s.field(name)) == "" {
			out = append(out, "/sections/"+name)
		}
	}
	return out
}

// Compositions is about conclusions.
type Compositions struct{ *core }

// Get returns the encounter's conclusion: the signed one, the draft, or, before
// anything was written, what a draft would begin with (Rev 0).
func (s *Compositions) Get(ctx context.Context, who Actor, id EncounterID) (Composition, error) {
	var out Composition
	if err := s.authorize(who, OpReadComposition); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) error {
		_, a, err := u.meeting(id)
		if err != nil {
			return err
		}
		if !a.Status.GivesAccess() || u.who.partyTo(&a) != PartyDoctor {
			return accessClosed()
		}
		known, err := u.composition(id)
		if err != nil {
			return err
		}
		if known == nil {
			out, err = u.prefill(&a)
			return err
		}
		out = *known
		return nil
	})
	return out, err
}

// Save replaces the draft's sections. version is the draft's that was edited, 0
// for one that was never saved.
func (s *Compositions) Save(ctx context.Context, who Actor, id EncounterID, version uint64, sections Sections) (Composition, error) {
	var out Composition
	if err := s.authorize(who, OpWriteComposition); err != nil {
		return out, err
	}
	if err := sections.validate(); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		e, a, err := u.meeting(id)
		if err != nil {
			return err
		}
		if _, err := u.permit(&a, ActWrite, &input{}); err != nil {
			return err
		}
		known, err := u.composition(id)
		if err != nil {
			return err
		}
		if known == nil {
			fresh, err := u.prefill(&a)
			if err != nil {
				return err
			}
			known = &fresh
		}
		if known.Rev != version {
			return stale()
		}
		known.edit(sections)
		if _, err := u.t.compositions.Put(u, u.scope, known, version); err != nil {
			return err
		}
		out = *known
		u.tell("composition", string(id), known.Rev, "practitioner:"+string(e.Practitioner))
		return nil
	})
	return out, err
}

// edit takes over the doctor's text; what differs is no longer the server's.
func (c *Composition) edit(to Sections) {
	c.Prefilled = slices.DeleteFunc(slices.Clone(c.Prefilled), func(name string) bool {
		return *c.Sections.field(name) != *to.field(name)
	})
	c.Sections = to
}

func stale() error {
	return fail(CodeVersionStale, "the draft was changed elsewhere meanwhile; load it again")
}

// composition loads an encounter's conclusion, nil when there is none yet.
func (u *unit) composition(id EncounterID) (*Composition, error) {
	v, _, err := u.t.compositions.Get(u, u.scope, string(id))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// isComplete is the guard of signing.
func (u *unit) isComplete(a *Appointment, _ *input) error {
	c, err := u.composition(a.Encounter)
	if err != nil {
		return err
	}
	if c == nil {
		return fail(CodeIncomplete, "there is no conclusion yet")
	}
	if empty := c.Sections.empty(); len(empty) > 0 {
		return &Error{Code: CodeIncomplete, Message: "fill in the mandatory sections first", Fields: empty}
	}
	return nil
}
