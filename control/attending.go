package control

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"consilium/store"
)

// Transfer gives a patient another attending doctor. The attending doctor may
// hand over their own patients; the desk and the administration any.
func (s *Patients) Transfer(ctx context.Context, who Actor, patient PatientID, to PractitionerID, reason string) error {
	if err := s.authorize(who, OpTransferPatient); err != nil {
		return err
	}
	if utf8.RuneCountInString(strings.TrimSpace(reason)) > 500 {
		return invalid("/reason", "at most 500 characters")
	}
	return s.update(ctx, who, func(u *unit) error {
		p, err := u.patient(patient)
		if err != nil {
			return err
		}
		if who.Role == RolePractitioner && p.Attending != who.Practitioner {
			return notFound("patient")
		}
		if _, err := u.practitioner(to); err != nil {
			return invalid("/practitionerId", "no such doctor")
		}
		from := p.Attending
		if from == to {
			return invalid("/practitionerId", "this is the attending doctor already")
		}
		p.Attending = to
		if _, err := u.t.patients.Put(u, u.scope, &p, p.Rev); err != nil {
			return err
		}
		topics := []string{"clinic:" + u.scope, "patient:" + string(p.ID), "practitioner:" + string(to)}
		if from != "" {
			topics = append(topics, "practitioner:"+string(from))
		}
		u.tell("patient", string(p.ID), p.Rev, topics...)
		return u.audit("patient.transfer", "patient", string(p.ID), string(from)+" "+string(to))
	})
}

// maxColleagues bounds how many doctors are asked to join one consultation.
const maxColleagues = 5

// InviteColleague asks another doctor of the clinic to join one consultation.
// While it is open they take part and see the card, and not after.
func (s *Encounters) InviteColleague(ctx context.Context, who Actor, encounter EncounterID, colleague PractitionerID) error {
	if err := s.authorize(who, OpInviteColleague); err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		e, a, err := u.meeting(encounter)
		if err != nil {
			return err
		}
		if u.who.partyTo(&a) != PartyDoctor {
			return fail(CodeDenied, "the consultation's own doctor asks colleagues")
		}
		if !a.joint() {
			return fail(CodeTransitionRefused, "colleagues are asked before or during the consultation")
		}
		doctor, err := u.practitioner(colleague)
		if ErrorCode(err) == CodeNotFound || colleague == a.Practitioner {
			return invalid("/practitionerId", "another doctor of the clinic")
		}
		if err != nil {
			return err
		}
		if !u.now.Before(doctor.LicenceExpires) {
			return fail(CodeUnbookable, "the doctor's licence has expired")
		}
		if slices.Contains(a.Colleagues, colleague) {
			return nil
		}
		if len(a.Colleagues) >= maxColleagues {
			return fail(CodeTooMany, "at most %d colleagues", maxColleagues)
		}
		a.Colleagues = append(slices.Clone(a.Colleagues), colleague)
		e.Participants = append(slices.Clone(e.Participants), Participant{
			Account: doctor.Account, Role: RolePractitioner, Relation: "colleague", Name: doctor.Name, Admitted: true,
		})
		if err := u.putMeeting(&e, &a); err != nil {
			return err
		}
		return u.audit("encounter.colleague", "account", string(doctor.Account), string(encounter))
	})
}

// putMeeting stores both sides of a consultation and tells of it.
func (u *unit) putMeeting(e *Encounter, a *Appointment) error {
	if _, err := u.t.encounters.Put(u, u.scope, e, e.Rev); err != nil {
		return err
	}
	if _, err := u.t.appointments.Put(u, u.scope, a, a.Rev); err != nil {
		return err
	}
	u.tell("encounter", string(e.ID), e.Rev, u.topicsOf(a)...)
	return nil
}

// RemoveParticipant takes a guest or a colleague out of a consultation: out of the
// room at once, and not in again.
func (s *Encounters) RemoveParticipant(ctx context.Context, who Actor, encounter EncounterID, person AccountID) error {
	if err := s.authorize(who, OpRemoveParticipant); err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		e, a, err := u.meeting(encounter)
		if err != nil {
			return err
		}
		if u.who.partyTo(&a) != PartyDoctor {
			return fail(CodeDenied, "the consultation's own doctor removes people")
		}
		p := e.participant(person)
		if p == nil || p.Role == RolePatient || person == who.Account {
			return notFound("participant")
		}
		gone := *p
		topics := u.topicsOf(&a)
		if gone.Role == RoleGuest {
			if err := u.closeGuest(person); err != nil {
				return err
			}
		} else {
			account, err := u.account(person)
			if err != nil {
				return err
			}
			a.Colleagues = slices.DeleteFunc(slices.Clone(a.Colleagues), func(id PractitionerID) bool { return id == account.Practitioner })
		}
		e.Participants = slices.DeleteFunc(slices.Clone(e.Participants), func(p Participant) bool { return p.Account == person })
		if err := u.putMeeting(&e, &a); err != nil {
			return err
		}
		u.tell("encounter", string(e.ID), e.Rev, topics...) // also to who is out now
		u.after = append(u.after, func(r Rooms) { r.Evict(string(encounter), string(person), "kicked") })
		return u.audit("encounter.remove", "account", string(person), string(gone.Role))
	})
}

// Joint returns the consultations that the doctor was asked to join and that are
// not over.
func (s *Encounters) Joint(ctx context.Context, who Actor) ([]AppointmentView, error) {
	if err := s.authorize(who, OpListJoint); err != nil {
		return nil, err
	}
	var out []AppointmentView
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		for a, err := range u.t.appointments.Where(u, u.scope, u.t.byColleague, colleagueKey(who.Practitioner)) {
			if err != nil {
				return err
			}
			if !a.joint() {
				continue
			}
			v, err := u.show(&a)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

func colleagueKey(id PractitionerID) store.Key { return store.Text(string(id)) }
