package control

import (
	"cmp"
	"context"
	"slices"
	"time"

	"consilium/store"
)

// Duty is a doctor's readiness for emergencies. The record stays when the duty ends, so
// that the doctor's page can say why.
type Duty struct {
	store.Revised
	Practitioner PractitionerID
	Account      AccountID
	Session      SessionID // the device that it was turned on at, which stays signed in as long
	Since, Until time.Time
	Missed       int       // offers in a row that were not answered
	AskedAt      time.Time // when the doctor was asked whether they are still there; zero for not
	LastOffer    time.Time
	Off          DutyEnd // why it ended; "" while it is on
}

// DutyEnd says why a duty ended.
type DutyEnd string

// The ends of a duty.
const (
	DutyOff       DutyEnd = "off"        // by the doctor
	DutyOver      DutyEnd = "over"       // its time was up
	DutyMissed    DutyEnd = "missed"     // offers and the question were not answered
	DutySignedOut DutyEnd = "signed_out" // the doctor is signed in nowhere any more
)

// Bounds of a duty.
const (
	maxDuty      = 24 * time.Hour
	missedInARow = 3               // offers, after which the doctor is asked
	answerWithin = 5 * time.Minute // to the question, else the duty ends
)

func (d *Duty) on(now time.Time) bool { return d.Off == "" && now.Before(d.Until) }

// DutyView is a doctor's duty with what a viewer is shown of it.
type DutyView struct {
	Duty
	On   bool
	Name string
	Busy bool
}

// Duty returns the actor's own duty.
func (s *Emergencies) Duty(ctx context.Context, who Actor) (DutyView, error) {
	var out DutyView
	if err := s.authorize(who, OpSetDuty); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) (err error) {
		out, err = u.ownDuty()
		return err
	})
	return out, err
}

func (u *unit) ownDuty() (DutyView, error) {
	d, err := u.duty(u.who.Practitioner)
	if err != nil || d == nil {
		return DutyView{Duty: Duty{Practitioner: u.who.Practitioner}, Name: u.who.Name}, err
	}
	return DutyView{Duty: *d, On: d.on(u.now), Name: u.who.Name}, nil
}

// SetDuty turns the actor's duty on until a time, or off. Turning on what is on sets its
// new end and answers the question whether the doctor is still there.
func (s *Emergencies) SetDuty(ctx context.Context, who Actor, on bool, until time.Time) (DutyView, error) {
	var out DutyView
	if err := s.authorize(who, OpSetDuty); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		known, err := u.duty(who.Practitioner)
		if err != nil {
			return err
		}
		d := Duty{Practitioner: who.Practitioner}
		if known != nil {
			d = *known
		}
		action := "duty.off"
		if on {
			action = "duty.on"
			if err := u.beginDuty(&d, until); err != nil {
				return err
			}
		} else if !d.on(u.now) {
			out, err = u.ownDuty()
			return err
		} else {
			d.Off, d.Until = DutyOff, u.now
		}
		if err := u.putDuty(&d); err != nil {
			return err
		}
		if err := u.audit(action, "practitioner", string(d.Practitioner), ""); err != nil {
			return err
		}
		if err := u.runQueue(); err != nil {
			return err
		}
		out, err = u.ownDuty()
		return err
	})
	return out, err
}

func (u *unit) beginDuty(d *Duty, until time.Time) error {
	switch {
	case !until.After(u.now):
		return invalid("/until", "must be ahead")
	case until.After(u.now.Add(maxDuty)):
		return invalid("/until", "at most 24 hours ahead")
	}
	doctor, err := u.practitioner(u.who.Practitioner)
	if err != nil {
		return err
	}
	if !u.now.Before(doctor.LicenceExpires) {
		return fail(CodeUnbookable, "the doctor's licence has expired")
	}
	if !d.on(u.now) {
		d.Since, d.LastOffer = u.now, time.Time{}
	}
	d.Account, d.Session, d.Until, d.Off = u.who.Account, u.who.Session, sooner(until.UTC(), doctor.LicenceExpires.UTC()), ""
	d.Missed, d.AskedAt = 0, time.Time{}
	return nil
}

// OnDuty lists who is on duty, by name, for the clinic's desk.
func (s *Emergencies) OnDuty(ctx context.Context, who Actor) ([]DutyView, error) {
	var out []DutyView
	if err := s.authorize(who, OpListEmergencies); err != nil {
		return nil, err
	}
	err := s.view(ctx, who, func(u *unit) error {
		out = []DutyView{}
		q, err := u.queue()
		if err != nil {
			return err
		}
		for i, d := range q.duties {
			v, err := u.practitioner(d.Practitioner)
			if err != nil {
				return err
			}
			out = append(out, DutyView{Duty: d, On: true, Name: v.Name, Busy: q.doctors[i].Busy})
		}
		slices.SortFunc(out, func(a, b DutyView) int { return cmp.Compare(a.Name, b.Name) })
		return nil
	})
	return out, err
}

// duty returns a doctor's duty record, or nil.
func (u *unit) duty(id PractitionerID) (*Duty, error) {
	d, _, err := u.t.duties.Get(u, u.scope, string(id))
	if ErrorCode(missing(err, "duty")) == CodeNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &d, nil
}

func (u *unit) putDuty(d *Duty) error {
	if _, err := u.t.duties.Put(u, u.scope, d, d.Rev); err != nil {
		return err
	}
	u.tell("duty", string(d.Practitioner), d.Rev, "clinic:"+u.scope, "practitioner:"+string(d.Practitioner))
	u.queueChanged = true
	return nil
}

// missed counts an offer that a doctor did not answer. After some in a row they are
// asked whether they are still there, and offered nothing until they say so.
func (u *unit) missed(id PractitionerID) error {
	d, err := u.duty(id)
	if err != nil || d == nil || !d.on(u.now) {
		return err
	}
	d.Missed++
	if d.Missed >= missedInARow && d.AskedAt.IsZero() {
		d.AskedAt = u.now
	}
	return u.putDuty(d)
}

// present notes that the doctor has answered.
func (u *unit) present(id PractitionerID) error {
	d, err := u.duty(id)
	if err != nil || d == nil || d.Missed == 0 && d.AskedAt.IsZero() {
		return err
	}
	d.Missed, d.AskedAt = 0, time.Time{}
	return u.putDuty(d)
}

// ending returns why a duty that was on must end now, "" for not yet, and when that may
// change.
func (u *unit) ending(d *Duty) (why DutyEnd, at time.Time, err error) {
	if d.Off != "" {
		return "", time.Time{}, nil
	}
	at = d.Until
	if !u.now.Before(d.Until) {
		return DutyOver, at, nil
	}
	if !d.AskedAt.IsZero() {
		end := d.AskedAt.Add(answerWithin)
		if !u.now.Before(end) {
			return DutyMissed, at, nil
		}
		at = sooner(at, end)
	}
	for s, err := range u.t.sessions.Where(u, u.scope, u.t.sessionsByAccount, store.Text(string(d.Account))) {
		if err != nil {
			return "", at, err
		}
		if u.now.Before(s.Expires) {
			return "", sooner(at, s.Expires), nil
		}
	}
	return DutySignedOut, at, nil
}

// dutiesDue reports whether a duty must end now, and when the next one may have to.
func (u *unit) dutiesDue() (due bool, next time.Time, err error) {
	for d, err := range u.t.duties.List(u, u.scope) {
		if err != nil {
			return false, next, err
		}
		why, at, err := u.ending(&d)
		if err != nil {
			return false, next, err
		}
		if why != "" {
			return true, next, nil
		}
		next = earlier(next, at)
	}
	return false, next, nil
}

// endDuties ends the duties whose time has come.
func (u *unit) endDuties() error {
	var over []Duty
	for d, err := range u.t.duties.List(u, u.scope) {
		if err != nil {
			return err
		}
		why, _, err := u.ending(&d)
		if err != nil {
			return err
		}
		if why != "" {
			d.Off, d.Until = why, u.now
			over = append(over, d)
		}
	}
	for i := range over {
		if err := u.putDuty(&over[i]); err != nil {
			return err
		}
		event := AuditEvent{Role: RoleSystem, Action: "duty.off", Kind: "practitioner", Object: string(over[i].Practitioner), Note: string(over[i].Off)}
		if err := u.record(event); err != nil {
			return err
		}
	}
	return nil
}

// dutyKeeps reports whether a session stays although it is idle: a doctor on duty has
// asked to be called at this device.
func (u *unit) dutyKeeps(s *Session) (bool, error) {
	account, err := u.account(s.Account)
	if err != nil || account.Practitioner == "" {
		return false, err
	}
	d, err := u.duty(account.Practitioner)
	return d != nil && d.Session == s.ID && d.on(u.now), err
}
