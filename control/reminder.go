package control

import (
	"context"
	"errors"
	"time"

	"consilium/control/notify"
	"consilium/control/notify/letter"
	"consilium/store"
)

// reminder says when people are next reminded of a visit. There is one for each visit
// that is booked; it goes to its next stage in the transaction that promises the message,
// so that each stage is told once, whatever happens to the server or its clock.
type reminder struct {
	store.Revised
	Appointment AppointmentID
	Start       time.Time // of the visit that it was made for
	Stage       int       // the next one
	Due         time.Time // of it; zero when all are over
}

// stage is how long before a visit people are reminded, and what quiet hours mean to it.
type stage struct {
	before time.Duration
	quiet  quietRule
	// until is how long before the visit the reminder is still worth sending.
	until time.Duration
}

// quietRule is what becomes of a reminder that falls into quiet hours.
type quietRule int

const (
	sendAnyway  quietRule = iota
	sendEarlier           // before the quiet hours begin
	leaveOut
)

// stages are the reminders of a visit.
func stages() []stage {
	return []stage{
		{24 * time.Hour, sendEarlier, 4 * time.Hour},
		{time.Hour, leaveOut, 20 * time.Minute},
		{10 * time.Minute, sendAnyway, 0},
	}
}

// quietLead is how long before the quiet hours a reminder goes out that would fall into
// them: time for a second try.
const quietLead = 30 * time.Minute

// at returns when a stage of a visit is due; zero for never.
func (s stage) at(start time.Time, quiet Quiet, zone *time.Location) time.Time {
	at := start.Add(-s.before)
	began := quiet.Since(at, zone)
	if began.IsZero() {
		return at
	}
	switch s.quiet {
	case sendEarlier:
		return began.Add(-quietLead)
	case leaveOut:
		return time.Time{}
	}
	return at
}

// remindOf keeps the reminder of an appointment as its status and time want it. Stages
// that are over already are left out.
func (u *unit) remindOf(a *Appointment) error {
	old, rev, err := u.t.reminders.Get(u, u.scope, string(a.ID))
	known := err == nil
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	switch {
	case a.Status != Booked && a.Status != Waiting:
		if !known {
			return nil
		}
		return u.t.reminders.Delete(u, u.scope, string(a.ID), rev)
	case known && old.Start.Equal(a.Start):
		return nil
	}
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	r := reminder{Appointment: a.ID, Start: a.Start}
	if err := r.plan(&clinic, 0, u.now); err != nil {
		return err
	}
	_, err = u.t.reminders.Put(u, u.scope, &r, rev)
	u.reminds = true
	return err
}

// plan finds the first stage from a number on that is still ahead.
func (r *reminder) plan(clinic *Clinic, from int, now time.Time) error {
	zone, err := clinic.Location()
	if err != nil {
		return err
	}
	all := stages()
	for r.Stage = from; r.Stage < len(all); r.Stage++ {
		if r.Due = all[r.Stage].at(r.Start, clinic.Settings.Quiet, zone); r.Due.After(now) {
			return nil
		}
	}
	r.Due = time.Time{}
	return nil
}

// last returns the latest stage that is due by now: after a pause people are reminded
// once, not of everything that was missed.
func (r *reminder) last(clinic *Clinic, now time.Time) (int, error) {
	zone, err := clinic.Location()
	if err != nil {
		return 0, err
	}
	found := r.Stage
	for i, s := range stages() {
		if at := s.at(r.Start, clinic.Settings.Quiet, zone); i > found && !at.IsZero() && !at.After(now) {
			found = i
		}
	}
	return found, nil
}

// reminderTurn reminds of what is due and sleeps until the next is.
func (c *Control) reminderTurn(ctx context.Context) time.Duration {
	next, err := c.remindAll(ctx)
	return c.pause(ctx, "reminders", next, err)
}

func (c *core) remindAll(ctx context.Context) (next time.Time, err error) {
	clinics, err := c.clinicIDs(ctx)
	if err != nil {
		return next, err
	}
	for _, clinic := range clinics {
		now := c.clock().UTC()
		var due []AppointmentID
		more := time.Time{}
		err := c.view(ctx, System(clinic), func(u *unit) error {
			due, more = nil, time.Time{}
			for r, err := range u.t.reminders.Range(u, u.scope, u.t.remindersByDue, "", "") {
				if err != nil {
					return err
				}
				if r.Due.After(now) || len(due) == jobPage {
					more = r.Due
					return nil
				}
				due = append(due, r.Appointment)
			}
			return nil
		})
		if err != nil {
			return next, err
		}
		for _, id := range due {
			err := c.update(ctx, System(clinic), func(u *unit) error { return u.remind(id) })
			if err != nil && ErrorCode(err) != CodeVersionStale {
				return next, err
			}
		}
		next = earlier(next, more)
	}
	return next, nil
}

// remind promises the messages of a stage and goes to the next one.
func (u *unit) remind(id AppointmentID) error {
	r, rev, err := u.t.reminders.Get(u, u.scope, string(id))
	if errors.Is(err, store.ErrNotFound) || err == nil && (r.Due.IsZero() || r.Due.After(u.now)) {
		return nil
	}
	if err != nil {
		return err
	}
	a, err := u.appointment(id)
	if gone(err) || err == nil && (a.Status != Booked && a.Status != Waiting || !a.Start.Equal(r.Start)) {
		return u.t.reminders.Delete(u, u.scope, string(id), rev)
	}
	if err != nil {
		return err
	}
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	now, err := r.last(&clinic, u.now)
	if err != nil {
		return err
	}
	// Who is in the waiting room needs no reminder; who has closed knows.
	if a.Status == Booked && u.now.Before(a.Start) && clinic.open() == nil {
		if err := u.tellReminder(&a, stages()[now]); err != nil {
			return err
		}
	}
	if err := r.plan(&clinic, now+1, u.now); err != nil {
		return err
	}
	_, err = u.t.reminders.Put(u, u.scope, &r, rev)
	return err
}

// tellReminder writes to the patient and, by email, to the doctor.
func (u *unit) tellReminder(a *Appointment, s stage) error {
	until := a.Start.Add(-s.until)
	if !u.now.Before(until) { // the server was off: the next stage is soon
		return nil
	}
	v, err := u.newVisitWords(a)
	if gone(err) {
		return nil
	}
	if err != nil {
		return err
	}
	if v != nil {
		values := v.values()
		values["in"] = letter.In(v.locale, u.now, a.Start.In(v.zone))
		if values["link"], err = u.visitLink(v.patient.Account, a); err != nil {
			return err
		}
		if values["ask"], err = u.askToFill(a, s); err != nil {
			return err
		}
		if err := u.sendUntil(v.to, MsgReminder, values, nil, until); err != nil {
			return err
		}
	}
	if err := u.remindDoctor(a, until); err != nil {
		return err
	}
	return u.audit("appointment.reminder", "appointment", string(a.ID), s.before.String())
}

// askToFill is "yes" for the reminder that also asks to answer the questions before the
// visit: the first one, while there is time for it.
func (u *unit) askToFill(a *Appointment, s stage) (string, error) {
	if s.before < 24*time.Hour {
		return "", nil
	}
	unfilled, err := u.unfilled(a)
	if err != nil || !unfilled {
		return "", err
	}
	return "yes", nil
}

func (u *unit) remindDoctor(a *Appointment, until time.Time) error {
	doctor, err := u.practitioner(a.Practitioner)
	if err != nil {
		return err
	}
	account, err := u.account(doctor.Account)
	if err != nil || account.Closed || notify.CheckEmail(account.Email) != nil || !u.carries(notify.Email) {
		return err
	}
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	zone, err := clinic.Location()
	if err != nil {
		return err
	}
	locale, start := u.letters.Locale(orElse(account.Locale, clinic.Language())), a.Start.In(zone)
	return u.sendUntil(Recipient{Channel: notify.Email, Address: account.Email, Locale: locale}, MsgReminderDoctor, map[string]string{
		"in": letter.In(locale, u.now, start), "when": letter.When(locale, start), "zone": letter.Zone(start), "link": "/",
	}, nil, until)
}

// armReminders makes the reminders of visits that were booked before there were any.
func (c *core) armReminders(ctx context.Context) error {
	clinics, err := c.clinicIDs(ctx)
	if err != nil {
		return err
	}
	for _, clinic := range clinics {
		err := c.update(ctx, System(clinic), func(u *unit) error {
			_, err := store.First(u.t.reminders.List(u, u.scope))
			if !errors.Is(err, store.ErrNotFound) {
				return err
			}
			var ahead []Appointment
			for a, err := range u.t.appointments.Range(u, u.scope, u.t.byStart, store.Time(u.now), "") {
				if err != nil {
					return err
				}
				if ahead = append(ahead, a); len(ahead) == tidyPage {
					break
				}
			}
			for i := range ahead {
				if err := u.remindOf(&ahead[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
