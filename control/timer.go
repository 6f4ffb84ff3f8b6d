package control

import (
	"context"
	"errors"
	"slices"
	"time"

	"consilium/store"
)

// Timer says when the server takes an edge of the state table by itself. The
// moments stand in the store, in a due index: they outlive a stop, and firing is
// one transaction that reads the row, so it happens once.
type Timer struct {
	// due is the moment; since is when the guard began to hold, for while.
	due func(u *unit, a *Appointment, since time.Time) time.Time
	// while counts the time from when the guard began to hold, as long as it does.
	while bool
	// live guards are about who is in a room. After a start people get time to
	// come back before they are judged.
	live bool
}

func at(moment func(*unit, *Appointment) time.Time) *Timer {
	return &Timer{due: func(u *unit, a *Appointment, _ time.Time) time.Time { return moment(u, a) }}
}

func live(moment func(*unit, *Appointment) time.Time) *Timer {
	t := at(moment)
	t.live = true
	return t
}

func after(span func(*unit) time.Duration) *Timer {
	return &Timer{while: true, live: true, due: func(u *unit, _ *Appointment, since time.Time) time.Time { return since.Add(span(u)) }}
}

// early reports whether a moment that the table names has not come yet.
func (t *Timer) early(u *unit, a *Appointment) bool {
	return t != nil && !t.while && u.now.Before(t.due(u, a, u.now))
}

// alarm is when an appointment is looked at next, and what is known of its timers.
type alarm struct {
	store.Revised
	Appointment AppointmentID
	Status      Status // the rest is about this stage
	Due         time.Time
	Since       map[Action]time.Time `json:",omitempty"` // when a guard began to hold
	Done        []Action             `json:",omitempty"` // taken once: reminders
}

// due is the alarm's place in the due index; one that waits for nothing has none.
func (t *alarm) due() store.Key {
	if t.Due.IsZero() {
		return ""
	}
	return store.Time(t.Due)
}

// lookAgain is how soon a guard is asked again that did not hold when its time came.
const lookAgain = time.Minute

// arm sets the appointment's alarm to the earliest of its timers. It is called
// whenever the appointment changes, and when somebody enters or leaves its room.
func (u *unit) arm(a *Appointment) error {
	known, rev, err := u.t.alarms.Get(u, u.scope, string(a.ID))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	next := known
	if known.Status != a.Status {
		next = alarm{Appointment: a.ID, Status: a.Status}
	}
	next.Due = time.Time{}
	since := map[Action]time.Time{}
	for _, e := range u.edges {
		t := e.Guard.when
		if t == nil || e.From != a.Status || slices.Contains(next.Done, e.Act) {
			continue
		}
		holds := e.Guard.open == nil || e.Guard.open(u, a)
		began := u.now
		if t.while {
			if !holds {
				continue
			}
			if was, ok := next.Since[e.Act]; ok && !was.After(u.now) {
				began = was
			}
			since[e.Act] = began
		}
		due := t.due(u, a, began)
		if !holds && !due.After(u.now) {
			due = u.now.Add(lookAgain)
		}
		if t.live {
			due = later(due, u.fair())
		}
		next.Due = earlier(next.Due, due)
	}
	next.Since = since
	switch {
	case next.Due.IsZero() && len(next.Done) == 0:
		if rev == 0 {
			return nil
		}
		return u.t.alarms.Delete(u, u.scope, string(a.ID), rev)
	case rev != 0 && known.same(&next):
		return nil
	}
	u.armed = true
	_, err = u.t.alarms.Put(u, u.scope, &next, rev)
	return err
}

func (t *alarm) same(other *alarm) bool {
	if t.Status != other.Status || !t.Due.Equal(other.Due) || len(t.Done) != len(other.Done) || len(t.Since) != len(other.Since) {
		return false
	}
	for act, at := range t.Since {
		if was, ok := other.Since[act]; !ok || !was.Equal(at) {
			return false
		}
	}
	return true
}

// fair is when everybody has had time to come back after the server's start.
func (c *core) fair() time.Time { return c.born.Add(c.cfg.LobbyAbsence) }

// ring does what an appointment's alarm is due for: at most one edge, in the
// transaction that checks that it is still due.
func (c *core) ring(ctx context.Context, clinic ClinicID, id AppointmentID) error {
	return c.update(ctx, System(clinic), func(u *unit) error {
		t, rev, err := u.t.alarms.Get(u, u.scope, string(id))
		if errors.Is(err, store.ErrNotFound) || err == nil && (t.Due.IsZero() || t.Due.After(u.now)) {
			return nil // somebody else was faster, or the clock was set back
		}
		if err != nil {
			return err
		}
		a, _, err := u.t.appointments.Get(u, u.scope, string(id))
		if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrErased) {
			return u.t.alarms.Delete(u, u.scope, string(id), rev)
		}
		if err != nil {
			return err
		}
		e, ready := u.ripe(&a, &t)
		if !ready {
			return u.arm(&a)
		}
		if e.From == e.To {
			t.Done = append(t.Done, e.Act)
			if _, err := u.t.alarms.Put(u, u.scope, &t, rev); err != nil {
				return err
			}
		}
		return u.transit(&a, e.Act, &input{})
	})
}

// ripe returns the first edge of the table whose time has come and whose guard holds.
func (u *unit) ripe(a *Appointment, t *alarm) (Edge, bool) {
	for _, e := range u.edges {
		when := e.Guard.when
		if when == nil || e.From != a.Status || t.Status != a.Status || slices.Contains(t.Done, e.Act) {
			continue
		}
		if when.live && u.now.Before(u.fair()) || e.Guard.open != nil && !e.Guard.open(u, a) {
			continue
		}
		began, counted := t.Since[e.Act]
		if when.while && !counted {
			continue
		}
		if !u.now.Before(when.due(u, a, began)) {
			return e, true
		}
	}
	return Edge{}, false
}

// ringAll rings what is due, clinic by clinic, and returns when the next alarm
// comes due; zero for none.
func (c *core) ringAll(ctx context.Context) (next time.Time, err error) {
	clinics, err := c.clinicIDs(ctx)
	if err != nil {
		return next, err
	}
	for _, clinic := range clinics {
		due, more, err := c.dueAlarms(ctx, clinic)
		if err != nil {
			return next, err
		}
		next = earlier(next, more)
		for _, t := range due {
			err := c.ring(ctx, clinic, t.Appointment)
			if ctx.Err() != nil {
				return next, ctx.Err()
			}
			if err != nil {
				// One visit that can't go on must not stop all others.
				c.log.Warn("a timer failed, will be tried again", "appointment", string(t.Appointment), "error", err)
				again, err := c.postpone(ctx, clinic, t.Appointment)
				if err != nil {
					return next, err
				}
				next = earlier(next, again)
			}
		}
		if len(due) > 0 {
			next = earlier(next, c.clock()) // what rang may be due for more
		}
	}
	return next, nil
}

// alarmPage bounds one look at the due index.
const alarmPage = 100

func (c *core) dueAlarms(ctx context.Context, clinic ClinicID) (due []alarm, next time.Time, err error) {
	err = c.view(ctx, System(clinic), func(u *unit) error {
		due, next = nil, time.Time{}
		for t, err := range u.t.alarms.Range(u, u.scope, u.t.alarmsByDue, "", "") {
			if err != nil {
				return err
			}
			if t.Due.After(u.now) || len(due) == alarmPage {
				next = t.Due
				return nil
			}
			due = append(due, t)
		}
		return nil
	})
	return due, next, err
}

func (c *core) postpone(ctx context.Context, clinic ClinicID, id AppointmentID) (time.Time, error) {
	var again time.Time
	err := c.update(ctx, System(clinic), func(u *unit) error {
		t, rev, err := u.t.alarms.Get(u, u.scope, string(id))
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		t.Due = u.now.Add(lookAgain)
		again = t.Due
		_, err = u.t.alarms.Put(u, u.scope, &t, rev)
		return err
	})
	return again, err
}

// watch looks at a room's visit anew after somebody came or went.
func (c *core) watch(ctx context.Context, room string) error {
	clinic, err := c.clinicOf(ctx, room)
	if ErrorCode(err) == CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return c.update(ctx, System(clinic), func(u *unit) error {
		_, a, err := u.meeting(EncounterID(room))
		if ErrorCode(err) == CodeNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		return u.arm(&a)
	})
}
