package control

import (
	"context"
	"errors"
	"time"

	"consilium/store"
)

// expectPeople looks at all who were in a room or its waiting room when the server
// stopped: those who come back are in time. Visits without a timer get theirs.
func (c *Control) expectPeople(ctx context.Context) error {
	clinics, err := c.clinicIDs(ctx)
	if err != nil {
		return err
	}
	for _, clinic := range clinics {
		if err := c.expectIn(ctx, clinic); err != nil {
			return err
		}
		if err := c.armAll(ctx, clinic); err != nil {
			return err
		}
	}
	return nil
}

func (c *Control) expectIn(ctx context.Context, clinic ClinicID) error {
	return c.view(ctx, System(clinic), func(u *unit) error {
		for _, status := range []Status{Waiting, InProgress, Interrupted} {
			k := store.Text(everybody).Text(string(status))
			for a, err := range u.t.appointments.Where(u, u.scope, u.t.pending, k) {
				if err != nil {
					return err
				}
				switch {
				case status != Waiting:
					c.presence.again(string(a.Encounter))
				case !c.presence.role(string(a.Encounter), RolePatient):
					c.presence.missing(string(a.Encounter))
				}
			}
		}
		return nil
	})
}

// arming is how far the visits of a clinic that had no timers have got theirs.
type arming struct {
	store.Revised
	ID    string
	Start time.Time // of the last visit that was looked at
	Visit AppointmentID
}

// armPage bounds one transaction of armAll.
const armPage = 300

// armAll gives the visits of a clinic without any timer theirs, page by page; what a kill
// cuts off goes on at the next start.
func (c *Control) armAll(ctx context.Context, clinic ClinicID) error {
	for {
		done := false
		err := c.update(ctx, System(clinic), func(u *unit) (err error) {
			done, err = u.armSome()
			return err
		})
		if err != nil || done {
			return err
		}
	}
}

func (u *unit) armSome() (done bool, err error) {
	at, _, err := u.t.armings.Get(u, u.scope, "visits")
	if errors.Is(err, store.ErrNotFound) {
		if _, err := store.First(u.t.alarms.List(u, u.scope)); !errors.Is(err, store.ErrNotFound) {
			return true, err
		}
		at, err = arming{ID: "visits", Start: u.now.AddDate(0, 0, -31)}, nil
	}
	if err != nil {
		return false, err
	}
	after, n := cursor{at.Start, at.Visit}, 0
	for a, err := range u.t.appointments.Range(u, u.scope, u.t.byStart, store.Time(at.Start), "") {
		if err != nil {
			return false, err
		}
		if a.before(after) {
			continue
		}
		if n == armPage {
			_, err := u.t.armings.Put(u, u.scope, &at, at.Rev)
			return false, err
		}
		if err := u.arm(&a); err != nil {
			return false, err
		}
		at.Start, at.Visit, n = a.Start, a.ID, n+1
	}
	if at.Rev == 0 {
		return true, nil
	}
	return true, u.t.armings.Delete(u, u.scope, at.ID, at.Rev)
}
