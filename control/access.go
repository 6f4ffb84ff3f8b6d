package control

import (
	"context"
	"slices"
	"time"

	"consilium/store"
)

// documentingOpen is how long after a consultation its card stays open to the
// doctor who writes the conclusion. The draft itself can be written on.
const documentingOpen = 24 * time.Hour

// AccessKind says by what right a doctor sees a card.
type AccessKind string

// The rights to see a card that is not one's own.
const (
	AccessEncounter  AccessKind = "encounter"   // the doctor's own consultation is open
	AccessColleague  AccessKind = "colleague"   // they were asked to join one that is
	AccessBreakGlass AccessKind = "break_glass" // an emergency
)

// Access is why somebody who is not the patient sees a card now.
type Access struct {
	Kind       AccessKind
	Encounter  EncounterID
	BreakGlass BreakGlassID
	Until      time.Time // zero: until the consultation ends
}

// opens reports whether the appointment opens its patient's card to its doctor now.
func (u *unit) opens(a *Appointment) bool {
	return a.Status.GivesAccess() && (a.Status != Documenting || u.now.Before(a.Since.Add(documentingOpen)))
}

// joint reports whether a colleague who was asked to join may take part now.
func (p *Appointment) joint() bool {
	switch p.Status {
	case Booked, Waiting, InProgress, Interrupted:
		return true
	}
	return false
}

// cardAccess returns by what right the unit's doctor sees the patient's card now,
// or nil. It is the one rule about doctors and cards.
func (u *unit) cardAccess(id PatientID) (*Access, error) {
	k := store.Text(string(id))
	var out *Access
	for a, err := range u.t.appointments.RangeBack(u, u.scope, u.t.byPatient, k, k.End()) {
		if err != nil {
			return nil, err
		}
		if !u.opens(&a) {
			continue
		}
		if a.Practitioner == u.who.Practitioner {
			out = &Access{Kind: AccessEncounter, Encounter: a.Encounter}
			if a.Status == Documenting {
				out.Until = a.Since.Add(documentingOpen)
			}
			return out, nil
		}
		if out == nil && a.joint() && slices.Contains(a.Colleagues, u.who.Practitioner) {
			out = &Access{Kind: AccessColleague, Encounter: a.Encounter}
		}
	}
	if out != nil {
		return out, nil
	}
	glass, err := u.brokenGlass(id)
	if err != nil || glass == nil {
		return nil, err
	}
	return &Access{Kind: AccessBreakGlass, BreakGlass: glass.ID, Until: glass.Until}, nil
}

// Reading is one person's reading of a card under one right: what its patient is
// shown of it. Each single reading is on the audit trail.
type Reading struct {
	store.Revised
	ID      string
	Patient PatientID
	Account AccountID
	ByName  string
	Kind    AccessKind
	Source  string // id of the encounter or of the emergency access
	First   time.Time
	Last    time.Time
	Times   int
}

// noteReading records that the unit's actor reads the patient's card. What was
// read is the audit's to say.
func (u *unit) noteReading(id PatientID, by *Access, what, object string) error {
	if by == nil { // the patient
		return u.audit(what, kindOf(what), object, "")
	}
	source := string(by.Encounter)
	if by.Kind == AccessBreakGlass {
		source = string(by.BreakGlass)
	}
	v, _, err := u.t.readings.Get(u, u.scope, readingID(u.who.Account, source))
	if err := missing(err, "reading"); err != nil && ErrorCode(err) != CodeNotFound {
		return err
	}
	if v.ID == "" {
		v = Reading{
			ID: readingID(u.who.Account, source), Patient: id, Account: u.who.Account, ByName: u.who.Name,
			Kind: by.Kind, Source: source, First: u.now,
		}
	}
	v.Last = u.now
	v.Times++
	if _, err := u.t.readings.Put(u, u.scope, &v, v.Rev); err != nil {
		return err
	}
	return u.audit(what, kindOf(what), object, string(by.Kind))
}

func readingID(who AccountID, source string) string { return source + "." + string(who) }

func kindOf(what string) string {
	if what == "document.read" {
		return "document"
	}
	return "patient"
}

// Readings returns who has read the patient's card, the latest first.
func (s *Patients) Readings(ctx context.Context, who Actor) ([]Reading, error) {
	if err := s.authorize(who, OpReadReadings); err != nil {
		return nil, err
	}
	var out []Reading
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		k := store.Text(string(who.Patient))
		for v, err := range u.t.readings.RangeBack(u, u.scope, u.t.readingsByPatient, k, k.End()) {
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	slices.SortStableFunc(out, func(a, b Reading) int { return b.Last.Compare(a.Last) })
	return out, err
}
