package control

import (
	"context"
	"time"

	"consilium/control/calendar"
	"consilium/internal/id"
)

// FollowUp asks for the visit after a consultation.
type FollowUp struct {
	Service ServiceID // "" for the same
	Days    int       // about so many days after the consultation; 0 for 14
	Waiver  string    // by the doctor; "" says that it was agreed at the visit
	Start   time.Time // the very time, when one was suggested; Days says nothing then
}

// followUpWaiver is the waiver of a visit that the doctor and the patient agreed on
// at the end of the one before: a word that pages know.
const followUpWaiver = "follow_up"

const (
	followUpDays   = 14
	followUpSearch = 30 * 24 * time.Hour // how far after the wished day
)

// FollowUp books the next visit of the same doctor and patient at the free time
// nearest to the hour of the last one, on the wished day or the first free day after
// it. A doctor books at once; a patient gets the slot held, to confirm.
func (s *Appointments) FollowUp(ctx context.Context, who Actor, after AppointmentID, f FollowUp) (AppointmentView, error) {
	if err := s.authorize(who, OpFollowUp); err != nil {
		return AppointmentView{}, err
	}
	if err := f.validate(); err != nil {
		return AppointmentView{}, err
	}
	fresh := Appointment{ID: AppointmentID(id.New()), Encounter: EncounterID(id.New())}
	return s.once(ctx, who, s.key, string(OpFollowUp)+" "+string(after), f, func(u *unit) (*Appointment, error) {
		a := fresh
		before, err := u.appointment(after)
		if err != nil {
			return nil, err
		}
		if _, err := u.permit(&before, ActFollowUp, &input{}); err != nil {
			return nil, err
		}
		b, err := u.following(&before, f)
		if err != nil {
			return nil, err
		}
		if who.Role == RolePatient {
			return &a, u.book(&a, &b, ActHold)
		}
		if b.Waiver == "" {
			b.Waiver = followUpWaiver
		}
		return &a, u.book(&a, &b, ActBook)
	})
}

// SuggestFollowUp says which time FollowUp would book now; nothing is kept.
func (s *Appointments) SuggestFollowUp(ctx context.Context, who Actor, after AppointmentID, f FollowUp) (Slot, error) {
	var out Slot
	if err := s.authorize(who, OpFollowUp); err != nil {
		return out, err
	}
	if err := f.validate(); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) error {
		before, err := u.appointment(after)
		if err != nil {
			return err
		}
		if _, err := u.permit(&before, ActFollowUp, &input{}); err != nil {
			return err
		}
		b, err := u.following(&before, f)
		if err != nil {
			return err
		}
		service, err := u.service(b.Service)
		if err != nil {
			return err
		}
		out = Slot{b.Practitioner, b.Start.UTC(), b.Start.UTC().Add(service.Duration)}
		return nil
	})
	return out, err
}

// validate fills in the usual distance and checks the wish.
func (f *FollowUp) validate() error {
	if f.Days == 0 {
		f.Days = followUpDays
	}
	if f.Days < 1 || f.Days > maxHorizonDays {
		return invalid("/days", "1 to %d", maxHorizonDays)
	}
	b := Booking{Waiver: f.Waiver, Start: f.Start}
	if f.Start.IsZero() {
		b.Start = time.Unix(0, 0)
	}
	return b.validate()
}

// following is the booking that follows a visit.
func (u *unit) following(before *Appointment, f FollowUp) (Booking, error) {
	b := Booking{
		Patient: before.Patient, Practitioner: before.Practitioner, Service: before.Service, Modality: before.Modality,
		Waiver: f.Waiver, InPerson: before.InPerson, Start: f.Start,
	}
	if f.Service != "" && f.Service != before.Service {
		b.Service, b.Modality = f.Service, ""
	}
	service, err := u.service(b.Service)
	if err != nil {
		return b, err
	}
	if service.modalityMissing(b.Modality) {
		b.Modality = ""
	}
	if b.Start.IsZero() {
		b.Start, err = u.nearest(before, &b, f.Days)
	}
	return b, err
}

// nearest finds the free time for a booking about so many days after a visit.
func (u *unit) nearest(before *Appointment, b *Booking, days int) (time.Time, error) {
	clinic, err := u.clinic()
	if err != nil {
		return time.Time{}, err
	}
	loc, err := clinic.Location()
	if err != nil {
		return time.Time{}, err
	}
	service, err := u.service(b.Service)
	if err != nil {
		return time.Time{}, err
	}
	doctor, err := u.practitioner(b.Practitioner)
	if err != nil {
		return time.Time{}, err
	}
	was := before.Start.In(loc)
	wish := time.Date(was.Year(), was.Month(), was.Day()+days, was.Hour(), was.Minute(), 0, 0, loc)
	from := later(time.Date(wish.Year(), wish.Month(), wish.Day(), 0, 0, 0, 0, loc), u.now)
	free, err := u.freeSlots(&clinic, &doctor, &service, asking{patient: b.Patient, notice: u.who.Role == RolePatient}, from, from.Add(followUpSearch))
	if err != nil {
		return time.Time{}, err
	}
	var best time.Time
	for _, f := range free {
		start := f.Start.In(loc)
		if !best.IsZero() && calendar.DateOf(start) != calendar.DateOf(best) {
			break // the first day that has a free time
		}
		if best.IsZero() || offHour(start, was) < offHour(best, was) {
			best = start
		}
	}
	if best.IsZero() {
		return best, fail(CodeSlotUnavailable, "no free time was found then; choose one in the calendar")
	}
	return best, nil
}

// offHour is how far apart two times are on the clock of the wall.
func offHour(a, b time.Time) int {
	d := a.Hour()*60 + a.Minute() - b.Hour()*60 - b.Minute()
	return max(d, -d)
}
