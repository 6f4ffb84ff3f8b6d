package control

import (
	"context"
	"time"

	"consilium/store"
)

// Card is a patient's electronic card as a viewer sees it.
type Card struct {
	Patient    Patient
	Attending  *Practitioner
	Encounters []CardEncounter // newest first
	Documents  []Document      // newest first
	// Access is why a doctor sees it; nil for the patient.
	Access *Access
}

// CardEncounter is a visit in a card.
type CardEncounter struct {
	ID           EncounterID
	Start, End   time.Time
	Status       Status
	Service      Text
	Practitioner Practitioner
	Diagnosis    string // of the signed conclusion
}

func accessClosed() error {
	return fail(CodeAccessClosed, "the card is open to you only during a consultation with this patient")
}

// Card returns a patient's card: to the patient always, to a doctor while a
// consultation of theirs with the patient is under way, and each reading by a
// doctor is on the audit trail.
func (s *Patients) Card(ctx context.Context, who Actor, id PatientID) (Card, error) {
	var out Card
	if err := s.authorize(who, OpReadCard); err != nil {
		return out, err
	}
	if who.Role == RolePatient && who.Patient != id {
		return out, notFound("patient")
	}
	err := s.update(ctx, who, func(u *unit) error {
		out = Card{}
		var err error
		if out.Patient, err = u.patient(id); err != nil {
			return err
		}
		if who.Role == RolePractitioner {
			if out.Access, err = u.cardAccess(id); err != nil {
				return err
			}
			if out.Access == nil {
				return accessClosed()
			}
		}
		if err := u.fillCard(&out); err != nil {
			return err
		}
		return u.noteReading(id, out.Access, "card.read", string(id))
	})
	return out, err
}

func (u *unit) fillCard(c *Card) error {
	if c.Patient.Attending != "" {
		doctor, err := u.practitioner(c.Patient.Attending)
		if err != nil {
			return err
		}
		c.Attending = &doctor
	}
	k := store.Text(string(c.Patient.ID))
	for a, err := range u.t.appointments.RangeBack(u, u.scope, u.t.byPatient, k, k.End()) {
		if err != nil {
			return err
		}
		if a.Practitioner == "" { // waited for help and met nobody
			continue
		}
		e := CardEncounter{ID: a.Encounter, Start: a.Start, End: a.End, Status: a.Status}
		service, err := u.service(a.Service)
		if err != nil {
			return err
		}
		e.Service = service.Name
		if e.Practitioner, err = u.practitioner(a.Practitioner); err != nil {
			return err
		}
		if a.Status == Completed || a.Status == Amended {
			note, err := u.composition(a.Encounter)
			if err != nil {
				return err
			}
			if note != nil && note.Status == CompositionFinal {
				e.Diagnosis = note.Sections.diagnosis()
			}
		}
		c.Encounters = append(c.Encounters, e)
	}
	for d, err := range u.t.documents.RangeBack(u, u.scope, u.t.docsByPatient, k, k.End()) {
		if err != nil {
			return err
		}
		c.Documents = append(c.Documents, d)
	}
	return nil
}
