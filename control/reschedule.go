package control

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"consilium/internal/id"
)

// Move is where a visit goes.
type Move struct {
	Start        time.Time
	Practitioner PractitionerID // "" for the same
	Reason       string
}

// Reschedule moves a visit: the new time is taken before the old one is free, in
// one transaction. The old appointment stays as rescheduled and names the new one,
// which is returned.
func (s *Appointments) Reschedule(ctx context.Context, who Actor, old AppointmentID, to Move) (AppointmentView, error) {
	if err := s.authorize(who, OpReschedule); err != nil {
		return AppointmentView{}, err
	}
	to.Reason = strings.TrimSpace(to.Reason)
	b := Booking{Start: to.Start}
	if err := b.validate(); err != nil {
		return AppointmentView{}, err
	}
	if utf8.RuneCountInString(to.Reason) > 500 {
		return AppointmentView{}, invalid("/reason", "at most 500 characters")
	}
	to.Start = to.Start.UTC()
	fresh := Appointment{ID: AppointmentID(id.New()), Encounter: EncounterID(id.New())}
	return s.once(ctx, who, s.key, string(OpReschedule)+" "+string(old), to, func(u *unit) (*Appointment, error) {
		a := fresh
		before, err := u.appointment(old)
		if err != nil {
			return nil, err
		}
		if err := s.current(&before); err != nil {
			return nil, err
		}
		return &a, u.reschedule(&before, &a, to)
	})
}

func (u *unit) reschedule(old, fresh *Appointment, to Move) error {
	in := input{reason: to.Reason, moved: fresh}
	if _, err := u.permit(old, ActReschedule, &in); err != nil {
		return err
	}
	if to.Practitioner == "" {
		to.Practitioner = old.Practitioner
	}
	if to.Start.Equal(old.Start) && to.Practitioner == old.Practitioner {
		return invalid("/start", "the visit is at that time already")
	}
	if u.who.Role == RolePractitioner && to.Practitioner != u.who.Practitioner {
		return fail(CodeDenied, "doctors book their own visits")
	}
	err := u.fill(fresh, &Booking{
		Patient: old.Patient, Practitioner: to.Practitioner, Service: old.Service, Start: to.Start,
		Complaint: old.Complaint, InPerson: old.InPerson,
	})
	if err != nil {
		return err
	}
	// What was agreed about the visit goes with it.
	fresh.Modality, fresh.Price, fresh.PayLater = old.Modality, old.Price, old.PayLater
	fresh.Waiver, fresh.Payment, fresh.Filled = old.Waiver, old.Payment, old.Filled
	fresh.Sequence, fresh.Origin, fresh.Predecessor = old.Sequence+1, old.Thread(), old.ID
	if err := u.transit(fresh, ActReschedule, &input{moved: old}); err != nil {
		return err
	}
	return u.transit(old, ActReschedule, &in)
}

// mayTakeOver is the guard of a visit that takes another's place.
func (u *unit) mayTakeOver(a *Appointment, in *input) error {
	if in.moved == nil || in.moved.ID != a.Predecessor {
		return fail(CodeTransitionRefused, "only a visit can be moved")
	}
	if err := u.isFree(a, in); err != nil || u.who.Role != RolePatient {
		return err
	}
	return u.offered(a, in)
}
