package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"consilium/control/calendar"
	"consilium/store"
)

// Schedule says when a practitioner can be booked: rules in the clinic's local
// time. Free slots are computed from it and never stored.
type Schedule struct {
	store.Revised
	Practitioner PractitionerID
	Rules        calendar.Rules
	Step         time.Duration // between the beginnings of slots
	Buffer       time.Duration // kept free between two visits
	MinNotice    time.Duration // patients ask at least so long before
	HorizonDays  int           // and at most so many days before
	MaxPerDay    int           // visits; 0 for no bound
}

// Limits of a schedule: far beyond what people need, and small enough to compute.
const (
	maxWeeklyRules = 50
	maxExceptions  = 200
	maxWindows     = 10 // of one exception
	maxHorizonDays = 366
)

// newSchedule is what a practitioner has who never set one: no hours at all.
func newSchedule(id PractitionerID) Schedule {
	return Schedule{Practitioner: id, Step: 15 * time.Minute, MinNotice: time.Hour, HorizonDays: 60}
}

// validate says what is wrong, with the field that is to blame.
func (s *Schedule) validate() error {
	switch s.Step {
	case 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 20 * time.Minute, 30 * time.Minute, time.Hour:
	default:
		return invalid("/stepMin", "5, 10, 15, 20, 30 or 60 minutes")
	}
	switch {
	case s.Buffer < 0 || s.Buffer > 4*time.Hour:
		return invalid("/bufferMin", "0 to 240 minutes")
	case s.MinNotice < 0 || s.MinNotice > 30*24*time.Hour:
		return invalid("/minNoticeMin", "0 minutes to 30 days")
	case s.HorizonDays < 1 || s.HorizonDays > maxHorizonDays:
		return invalid("/horizonDays", "1 to %d days", maxHorizonDays)
	case s.MaxPerDay < 0 || s.MaxPerDay > 200:
		return invalid("/maxPerDay", "0 to 200")
	case len(s.Rules.Weekly) > maxWeeklyRules:
		return invalid("/weekly", "at most %d", maxWeeklyRules)
	case len(s.Rules.Exceptions) > maxExceptions:
		return invalid("/exceptions", "at most %d", maxExceptions)
	}
	for i := range s.Rules.Weekly {
		if err := s.Rules.Weekly[i].Validate(); err != nil {
			return invalid(fmt.Sprintf("/weekly/%d", i), "%v", err)
		}
	}
	for i := range s.Rules.Exceptions {
		e := &s.Rules.Exceptions[i]
		if len(e.Windows) > maxWindows {
			return invalid(fmt.Sprintf("/exceptions/%d/windows", i), "at most %d", maxWindows)
		}
		if err := e.Validate(); err != nil {
			return invalid(fmt.Sprintf("/exceptions/%d", i), "%v", err)
		}
	}
	return nil
}

// Schedules is about when practitioners can be booked.
type Schedules struct{ *core }

// Get returns a practitioner's schedule; one that was never set has Rev 0.
func (s *Schedules) Get(ctx context.Context, who Actor, id PractitionerID) (Schedule, error) {
	var out Schedule
	if err := s.authorize(who, OpReadSchedule); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) error {
		if _, err := u.practitioner(id); err != nil {
			return err
		}
		var err error
		out, err = u.schedule(id)
		return err
	})
	return out, err
}

// Set replaces a practitioner's schedule: their own, or any for the clinic's
// administrator. version is that of the schedule that was edited. Visits that
// are booked already stay.
func (s *Schedules) Set(ctx context.Context, who Actor, to Schedule, version uint64) (Schedule, error) {
	if err := s.authorize(who, OpSetSchedule); err != nil {
		return to, err
	}
	if who.Role == RolePractitioner && who.Practitioner != to.Practitioner {
		return to, fail(CodeDenied, "doctors set their own hours")
	}
	if err := to.validate(); err != nil {
		return to, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		if _, err := u.practitioner(to.Practitioner); err != nil {
			return err
		}
		known, err := u.schedule(to.Practitioner)
		if err != nil {
			return err
		}
		if known.Rev != version {
			return fail(CodeVersionStale, "the schedule was changed elsewhere meanwhile; load it again")
		}
		if _, err := u.t.schedules.Put(u, u.scope, &to, version); err != nil {
			return err
		}
		if err := u.offerFreed(to.Practitioner, u.now, u.now.AddDate(0, 0, to.HorizonDays)); err != nil {
			return err
		}
		u.tell("schedule", string(to.Practitioner), to.Rev, "clinic:"+u.scope, "practitioner:"+string(to.Practitioner))
		return u.audit("schedule.set", "practitioner", string(to.Practitioner), "")
	})
	return to, err
}

func (u *unit) schedule(id PractitionerID) (Schedule, error) {
	v, _, err := u.t.schedules.Get(u, u.scope, string(id))
	if errors.Is(err, store.ErrNotFound) {
		return newSchedule(id), nil
	}
	return v, err
}
