package control

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"consilium/control/calendar"
	"consilium/store"
)

// Slot is a free time with a practitioner.
type Slot struct {
	Practitioner PractitionerID
	Start, End   time.Time
}

// SlotQuery asks for free times for a service.
type SlotQuery struct {
	Service      ServiceID
	Practitioner PractitionerID // "" for all who give the service
	From, To     time.Time      // zero: the next week
	Moving       AppointmentID  // a visit that is about to move: its own time counts as free
}

// maxSlotRange bounds a query for slots.
const maxSlotRange = 62 * 24 * time.Hour

// Slots returns the free times, by start, and the clinic's zone. A patient is
// offered what they may ask for: with the notice that the doctor wants, and not
// while they have another visit themselves.
func (s *Schedules) Slots(ctx context.Context, who Actor, q SlotQuery) (slots []Slot, zone string, err error) {
	if err := s.authorize(who, OpListSlots); err != nil {
		return nil, "", err
	}
	now := s.clock().UTC()
	if q.From.Before(now) {
		q.From = now
	}
	if q.To.IsZero() {
		q.To = q.From.AddDate(0, 0, 7)
	}
	if q.To.Sub(q.From) > maxSlotRange {
		return nil, "", invalid("query/to", "at most 62 days after from")
	}
	err = s.view(ctx, who, func(u *unit) error {
		slots = nil
		clinic, err := u.clinic()
		if err != nil {
			return err
		}
		zone = clinic.Zone
		service, err := u.service(q.Service)
		if err != nil {
			return err
		}
		ask := asking{patient: who.Patient, notice: who.Role == RolePatient}
		if q.Moving != "" {
			moving, err := u.appointment(q.Moving)
			if err != nil {
				return err
			}
			ask.patient, ask.moving = moving.Patient, moving.ID
		}
		doctors, err := u.giving(&service, q.Practitioner)
		if err != nil {
			return err
		}
		free, n := make([][]calendar.Interval, len(doctors)), 0
		for i := range doctors {
			if free[i], err = u.freeSlots(&clinic, &doctors[i], &service, ask, q.From, q.To); err != nil {
				return err
			}
			n += len(free[i])
		}
		slots = make([]Slot, 0, n)
		for i := range doctors {
			for _, f := range free[i] {
				slots = append(slots, Slot{doctors[i].ID, f.Start.UTC(), f.End.UTC()})
			}
		}
		return nil
	})
	slices.SortFunc(slots, func(a, b Slot) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Practitioner, b.Practitioner))
	})
	return slots, zone, err
}

// giving returns the practitioner of that id, or all who give the service.
func (u *unit) giving(service *Service, id PractitionerID) ([]Practitioner, error) {
	if id != "" {
		doctor, err := u.practitioner(id)
		if err != nil || !slices.Contains(doctor.Services, service.ID) {
			return nil, err
		}
		return []Practitioner{doctor}, nil
	}
	var out []Practitioner
	for v, err := range u.t.practitioners.List(u, u.scope) {
		if err != nil {
			return nil, err
		}
		if slices.Contains(v.Services, service.ID) {
			out = append(out, v)
		}
	}
	return out, nil
}

// asking is who a free time is for.
type asking struct {
	patient PatientID     // whose own visits are in the way; "" for nobody's
	notice  bool          // whether the doctor's minimum notice counts
	moving  AppointmentID // a visit that is not in its own way
}

// freeSlots computes one practitioner's free times for who asks. It is the same for
// showing and for booking.
func (u *unit) freeSlots(clinic *Clinic, doctor *Practitioner, service *Service, ask asking, from, to time.Time) ([]calendar.Interval, error) {
	if !service.Active || doctor.Closed || service.Urgent && ask.notice {
		return nil, nil
	}
	schedule, err := u.schedule(doctor.ID)
	if err != nil {
		return nil, err
	}
	zone, err := clinic.Location()
	if err != nil {
		return nil, err
	}
	if ask.notice {
		from = later(from, u.now.Add(schedule.MinNotice))
	}
	to = sooner(sooner(to, u.now.AddDate(0, 0, schedule.HorizonDays)), doctor.LicenceExpires)
	if !from.Before(to) {
		return nil, nil
	}
	// Whole days are read, so that the visits of a day can be counted.
	y, m, d := from.In(zone).Date()
	since := time.Date(y, m, d, 0, 0, 0, 0, zone)
	taken, err := u.takenTimes(doctor.ID, ask.moving, since.Add(-maxDuration), to.Add(24*time.Hour))
	if err != nil {
		return nil, err
	}
	busy := taken.busy
	if ask.patient != "" {
		k := store.Text(string(ask.patient))
		for a, err := range u.t.appointments.Range(u, u.scope, u.t.byPatient, k.Time(since.Add(-maxDuration)), k.Time(to)) {
			if err != nil {
				return nil, err
			}
			if a.Status.Busy() && a.Practitioner != doctor.ID && a.ID != ask.moving {
				busy = append(busy, calendar.Interval{Start: a.Start, End: a.End})
			}
		}
	}
	q := calendar.Query{
		Rules: &schedule.Rules, Zone: zone, From: from, To: to, Length: service.Duration,
		Step: schedule.Step, Buffer: schedule.Buffer, Busy: busy,
	}
	if schedule.MaxPerDay > 0 {
		visits := map[calendar.Date]int{}
		for _, start := range taken.starts {
			visits[calendar.DateOf(start.In(zone))]++
		}
		q.Full = func(day calendar.Date) bool { return visits[day] >= schedule.MaxPerDay }
	}
	return calendar.Slots(q), nil
}

// takenKey files a visit that takes its doctor's time, or counts as one of the day's, under
// that time. It holds all that free times are computed from: a clinic's month has many
// thousand visits, and none of them is opened for it.
func (p *Appointment) takenKey() store.Key {
	if p.Practitioner == "" || !p.Status.counts() {
		return ""
	}
	k := store.Text(string(p.Practitioner)).Time(p.Start).Time(p.End)
	if !p.Status.Busy() {
		k = k.Text(overButCounts)
	}
	return k
}

// overButCounts ends the key of a visit that takes no time any more.
const overButCounts = "over"

// takenTime is a stretch of a doctor's calendar.
type takenTime struct {
	busy   []calendar.Interval
	starts []time.Time // of all visits that count, over or not
}

// takenTimes returns when a doctor's time is taken, but for one visit.
func (u *unit) takenTimes(doctor PractitionerID, but AppointmentID, from, to time.Time) (out takenTime, err error) {
	k := store.Text(string(doctor))
	for row, err := range u.t.appointments.Pointers(u, u.scope, u.t.taken, k.Time(from), k.Time(to)) {
		if err != nil {
			return out, err
		}
		if row.ID == string(but) {
			continue
		}
		start, rest, ok := row.Key[len(k):].CutTime()
		end, rest, whole := rest.CutTime()
		if !ok || !whole {
			return out, fmt.Errorf("free times: %w", store.ErrCorrupt)
		}
		if rest == "" {
			out.busy = append(out.busy, calendar.Interval{Start: start, End: end})
		}
		out.starts = append(out.starts, start)
	}
	return out, nil
}

// offered is the guard of a patient's request: the time is one of those that the
// clinic offers them.
func (u *unit) offered(a *Appointment, in *input) error {
	if err := u.isAhead(a, in); err != nil {
		return err
	}
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	doctor, err := u.practitioner(a.Practitioner)
	if err != nil {
		return err
	}
	service, err := u.service(a.Service)
	if err != nil {
		return err
	}
	ask := asking{patient: a.Patient, notice: true, moving: a.Predecessor}
	free, err := u.freeSlots(&clinic, &doctor, &service, ask, a.Start, a.End)
	if err != nil {
		return err
	}
	if len(free) == 0 || !free[0].Start.Equal(a.Start) {
		return &Error{Code: CodeSlotUnavailable, Message: "this time is not offered; choose another", Field: "/start"}
	}
	return nil
}

// counts reports whether a visit in this status is one of the day's.
func (s Status) counts() bool {
	switch s {
	case Documenting, Completed, Amended, NoShow:
		return true
	}
	return s.Busy()
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func sooner(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
