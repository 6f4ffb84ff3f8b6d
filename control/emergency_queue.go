package control

import (
	"context"
	"errors"
	"time"

	"consilium/control/triage"
	"consilium/internal/id"
	"consilium/store"
)

// The queue's timers are no timers: what is due follows from what the store holds, so
// a restart loses none of them and none fires twice. The loop looks when the plan says
// so, whenever the queue changes, and every few seconds while somebody waits, because
// doctors come free without telling the queue.

// queuePoll is how often the queue is looked at while somebody waits.
const queuePoll = 3 * time.Second

// queue is a clinic's queue and team as they stand.
type queue struct {
	open    []Emergency
	calls   []triage.Call // the same, as the plan sees them
	duties  []Duty
	doctors []triage.Doctor // of the duties that are on
	ends    []time.Time     // when busy doctors are expected to have finished
}

// queue reads the queue and the team.
func (u *unit) queue() (*queue, error) {
	q := &queue{}
	for e, err := range u.t.emergencies.Range(u, u.scope, u.t.emergenciesOpen, "", "") {
		if err != nil {
			return nil, err
		}
		q.open = append(q.open, e)
		q.calls = append(q.calls, e.call())
	}
	for d, err := range u.t.duties.List(u, u.scope) {
		if err != nil {
			return nil, err
		}
		if !d.on(u.now) {
			continue
		}
		doctor, end, err := u.onDuty(&d)
		if err != nil {
			return nil, err
		}
		q.duties = append(q.duties, d)
		q.doctors = append(q.doctors, doctor)
		if !end.IsZero() {
			q.ends = append(q.ends, end)
		}
	}
	return q, nil
}

func (e *Emergency) call() triage.Call {
	c := triage.Call{ID: string(e.ID), Asked: e.Asked, Band: e.Band, Needs: e.Needs, Escalated: !e.Escalated.IsZero()}
	for _, o := range e.Offers {
		c.Offers = append(c.Offers, triage.Offer{To: string(o.Practitioner), Until: o.Until, State: o.State})
	}
	return c
}

// soon is how close a doctor's next visit must be for them to be asked last.
const soon = 5 * time.Minute

// onDuty returns a doctor on duty as the plan sees them and, when they are in a
// consultation, when it is expected to end.
func (u *unit) onDuty(d *Duty) (triage.Doctor, time.Time, error) {
	var end time.Time
	v, err := u.practitioner(d.Practitioner)
	if err != nil {
		return triage.Doctor{}, end, err
	}
	out := triage.Doctor{
		ID: string(v.ID), Languages: v.Languages, LicenceEnds: v.LicenceExpires,
		Paused: !d.AskedAt.IsZero(), LastOffer: d.LastOffer,
	}
	for _, s := range v.Services {
		out.Services = append(out.Services, string(s))
	}
	k := store.Text(string(v.ID))
	for a, err := range u.t.appointments.Range(u, u.scope, u.t.byDoctor, k.Time(u.now.Add(-maxDuration)), k.Time(u.now.Add(soon))) {
		if err != nil {
			return out, end, err
		}
		switch {
		case a.Status == InProgress || a.Status == Interrupted:
			out.Busy, end = true, later(end, a.End)
		case a.Status == Waiting, a.Status == Booked && u.now.Before(a.Start.Add(u.cfg.NoShowAfter)):
			out.Soon = true
		}
	}
	if u.presence.anywhere(string(v.Account)) {
		out.Busy = true
	}
	return out, end, nil
}

// runQueue does what is due in the clinic's queue, in the unit's transaction.
func (u *unit) runQueue() error {
	if err := u.endDuties(); err != nil {
		return err
	}
	q, err := u.queue()
	if err != nil {
		return err
	}
	steps, _ := triage.Plan(u.cfg.Queue, q.calls, q.doctors, u.now)
	for i := range steps {
		if steps[i].Nothing() {
			continue
		}
		if err := u.takeStep(q, &q.open[i], &steps[i]); err != nil {
			return err
		}
	}
	return nil
}

// takeStep does what the plan says about one call.
func (u *unit) takeStep(q *queue, e *Emergency, step *triage.Step) error {
	for _, to := range step.Missed {
		e.offer(PractitionerID(to)).State = triage.Missed
		if err := u.missed(PractitionerID(to)); err != nil {
			return err
		}
	}
	if step.GiveUp {
		if err := u.putCall(e); err != nil {
			return err
		}
		return u.giveUp(e)
	}
	for _, to := range step.Offer {
		// Who has just missed their last one is asked whether they are still there.
		if d, err := u.duty(PractitionerID(to)); err != nil {
			return err
		} else if d != nil && !d.AskedAt.IsZero() {
			continue
		}
		if err := u.makeOffer(e, PractitionerID(to), u.cfg.Queue.Life, false); err != nil {
			return err
		}
	}
	if step.Escalate {
		e.Escalated = u.now
		if err := u.tellDutyContact(e, q); err != nil {
			return err
		}
		if err := u.audit("emergency.escalate", "appointment", string(e.ID), ""); err != nil {
			return err
		}
	}
	return u.putCall(e)
}

// makeOffer puts the call to a doctor: on their open pages, and by push on their other
// devices. The caller saves the call.
func (u *unit) makeOffer(e *Emergency, to PractitionerID, life time.Duration, chosen bool) error {
	o := e.offer(to)
	if o == nil {
		e.Offers = append(e.Offers, Offer{ID: id.New(), Practitioner: to})
		o = &e.Offers[len(e.Offers)-1]
	}
	o.State, o.Made, o.Until, o.Chosen = triage.Open, u.now, u.now.Add(life), chosen
	if d, err := u.duty(to); err != nil {
		return err
	} else if d != nil {
		d.LastOffer = u.now
		if _, err := u.t.duties.Put(u, u.scope, d, d.Rev); err != nil {
			return err
		}
	}
	return u.pushTo(to, life)
}

// giveUp ends the waiting of a call that no doctor took: the clinic calls back.
func (u *unit) giveUp(e *Emergency) error {
	a, _, err := u.t.appointments.Get(u, u.scope, string(e.ID))
	if err != nil {
		return missing(err, "appointment")
	}
	return u.transit(&a, ActCallBack, &input{})
}

// waitedLong is the guard of giving up.
func (u *unit) waitedLong(a *Appointment, _ *input) error {
	if e, err := u.emergency(a.ID); err != nil {
		return err
	} else if u.now.Sub(e.Asked) < u.cfg.Queue.GiveUp {
		return fail(CodeTransitionRefused, "the patient is still waiting for a doctor")
	}
	return nil
}

// callBack is the effect of giving up.
func (u *unit) callBack(a *Appointment, in *input) error {
	if err := u.leaveQueue(a, in); err != nil {
		return err
	}
	e, err := u.emergency(a.ID)
	if err != nil {
		return err
	}
	return u.askCallBack(e)
}

// queueTurn looks at every clinic's queue.
func (c *Control) queueTurn(ctx context.Context) time.Duration {
	clinics, err := c.clinicIDs(ctx)
	if err != nil {
		return c.pause(ctx, "emergencies", time.Time{}, err)
	}
	var next time.Time
	var errs []error
	for _, clinic := range clinics {
		at, err := c.lookAtQueue(ctx, clinic)
		errs = append(errs, err)
		next = earlier(next, at)
	}
	return c.pause(ctx, "emergencies", next, errors.Join(errs...))
}

// lookAtQueue does what is due in a clinic's queue, and says when to look again. It
// writes only when there is something to write.
func (c *core) lookAtQueue(ctx context.Context, clinic ClinicID) (next time.Time, err error) {
	var due bool
	look := func(u *unit) error {
		q, err := u.queue()
		if err != nil {
			return err
		}
		steps, at := triage.Plan(u.cfg.Queue, q.calls, q.doctors, u.now)
		due, next = false, at
		for i := range steps {
			due = due || !steps[i].Nothing()
		}
		if len(q.open) > 0 {
			next = earlier(next, u.now.Add(queuePoll))
		}
		ends, at, err := u.dutiesDue()
		due, next = due || ends, earlier(next, at)
		return err
	}
	if err := c.view(ctx, System(clinic), look); err != nil || !due {
		return next, err
	}
	return next, c.update(ctx, System(clinic), func(u *unit) error {
		if err := u.runQueue(); err != nil {
			return err
		}
		return look(u)
	})
}

// How much of the past an outlook stands on.
const (
	outlookDays  = 1
	outlookCalls = 20
)

// outlook says how long a call may have to wait still.
func (u *unit) outlook(q *queue, e *Emergency, ahead int) (triage.Outlook, error) {
	var recent []time.Duration
	since := store.Time(u.now.AddDate(0, 0, -outlookDays))
	for v, err := range u.t.emergencies.RangeBack(u, u.scope, u.t.emergenciesTaken, since, "") {
		if err != nil {
			return triage.Outlook{}, err
		}
		if recent = append(recent, v.Ended.Sub(v.Asked)); len(recent) == outlookCalls {
			break
		}
	}
	team := triage.Team{Ends: q.ends}
	for i := range q.doctors {
		if d := &q.doctors[i]; !d.Busy && !d.Paused && d.Can(e.Needs, true) {
			team.Free++
		}
	}
	return triage.Estimate(recent, ahead, team, u.now.Sub(e.Asked), u.now), nil
}
