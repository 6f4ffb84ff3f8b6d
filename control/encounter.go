package control

import (
	"context"
	"slices"
	"time"

	"consilium/store"
)

// Encounter is what happens at a visit: who takes part, from when to when. Its
// id is the name of its room.
type Encounter struct {
	store.Revised
	ID           EncounterID
	Appointment  AppointmentID
	Patient      PatientID
	Practitioner PractitionerID
	Participants []Participant
	StartedAt    time.Time     // zero until the patient was admitted
	ResumedAt    time.Time     // since when they talk; zero while they don't
	Talked       time.Duration // before that
	FinishedAt   time.Time
}

// Participant is a person of an encounter.
type Participant struct {
	Account  AccountID
	Role     Role
	Relation string // guests
	Name     string
	Admitted bool      // need not wait in the waiting room again
	Joined   time.Time // when they first asked to come in
}

// pause stops the clock of the talk.
func (e *Encounter) pause(now time.Time) {
	if !e.ResumedAt.IsZero() {
		e.Talked += max(now.Sub(e.ResumedAt), 0)
		e.ResumedAt = time.Time{}
	}
}

// EncounterView is an encounter as a viewer sees it.
type EncounterView struct {
	Encounter
	Appointment AppointmentView
	Complaint   string // only for those who may see clinical text
	Present     map[AccountID]bool
	Messages    []Message // the last 100
}

// Encounters is about consultations and their rooms.
type Encounters struct{ *core }

// Get returns an encounter with its people and the end of its chat. A clinic's
// administrator sees no chat and no complaint.
func (s *Encounters) Get(ctx context.Context, who Actor, id EncounterID) (EncounterView, error) {
	var out EncounterView
	if err := s.authorize(who, OpReadEncounter); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) error {
		e, a, err := u.meeting(id)
		if err != nil {
			return err
		}
		out = EncounterView{Encounter: e, Present: map[AccountID]bool{}}
		for _, p := range e.Participants {
			out.Present[p.Account] = u.presence.person(string(e.ID), string(p.Account))
		}
		if out.Appointment, err = u.show(&a); err != nil {
			return err
		}
		if u.seesClinical(&a) {
			if out.Complaint, err = u.complaintOf(&a); err != nil {
				return err
			}
		}
		if u.mayReadChat(&e, &a) == nil {
			out.Messages, err = u.lastMessages(&e, 100)
		}
		return err
	})
	return out, err
}

// seesClinical reports whether the actor may see clinical text of the visit.
func (u *unit) seesClinical(a *Appointment) bool {
	switch u.who.partyTo(a) {
	case PartyPatient:
		return true
	case PartyDoctor, PartyColleague:
		return u.opens(a)
	}
	return false
}

func (u *unit) encounter(id EncounterID) (Encounter, error) {
	v, _, err := u.t.encounters.Get(u, u.scope, string(id))
	return v, missing(err, "encounter")
}

// meeting loads an encounter and its appointment, if the actor has to do with it.
func (u *unit) meeting(id EncounterID) (Encounter, Appointment, error) {
	e, err := u.encounter(id)
	if err != nil {
		return e, Appointment{}, err
	}
	a, err := u.appointment(e.Appointment)
	if ErrorCode(err) == CodeNotFound {
		err = notFound("encounter")
	}
	return e, a, err
}

// participant returns the person's place in the encounter, or nil.
func (e *Encounter) participant(id AccountID) *Participant {
	i := slices.IndexFunc(e.Participants, func(p Participant) bool { return p.Account == id })
	if i < 0 {
		return nil
	}
	return &e.Participants[i]
}

// topicsOf are the live topics whose followers see the appointment.
func (u *unit) topicsOf(a *Appointment) []string {
	out := []string{"clinic:" + u.scope, "patient:" + string(a.Patient)}
	if a.Practitioner != "" { // nobody yet while queued
		out = append(out, "practitioner:"+string(a.Practitioner))
	}
	if a.Encounter != "" {
		out = append(out, "encounter:"+string(a.Encounter))
	}
	for _, colleague := range a.Colleagues {
		out = append(out, "practitioner:"+string(colleague))
	}
	return out
}

// privateTopicsOf are those without the clinic's administration: chat, files and
// conclusions are none of its business.
func (u *unit) privateTopicsOf(e *Encounter) []string {
	return []string{"practitioner:" + string(e.Practitioner), "patient:" + string(e.Patient), "encounter:" + string(e.ID)}
}

func (u *unit) changeEncounter(id EncounterID, change func(*Encounter)) error {
	e, err := u.encounter(id)
	if err != nil {
		return err
	}
	change(&e)
	_, err = u.t.encounters.Put(u, u.scope, &e, e.Rev)
	return err
}
