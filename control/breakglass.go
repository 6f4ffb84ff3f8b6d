package control

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"consilium/control/notify"
	"consilium/internal/id"
	"consilium/store"
)

// breakGlassLife is how long an emergency opens a card.
const breakGlassLife = 30 * time.Minute

// BreakGlass is a doctor's access to a card in an emergency, without a
// consultation: with a reason, for half an hour, and told to the clinic's
// administration and to the patient.
type BreakGlass struct {
	store.Revised
	ID           BreakGlassID
	Patient      PatientID
	Practitioner PractitionerID
	Account      AccountID
	ByName       string
	Reason       string
	At           time.Time
	Until        time.Time
	Ended        time.Time // zero: ran, or runs, until Until
	EndedBy      Role
}

func (v *BreakGlass) open(now time.Time) bool {
	return v.Ended.IsZero() && now.Before(v.Until)
}

// BreakGlassView is an emergency access as it is listed.
type BreakGlassView struct {
	BreakGlass
	PatientName string
	Open        bool
	Reads       int
}

// brokenGlass returns the unit's doctor's open emergency access to a card, or nil.
func (u *unit) brokenGlass(id PatientID) (*BreakGlass, error) {
	k := store.Text(string(id))
	for v, err := range u.t.breakGlass.RangeBack(u, u.scope, u.t.breakGlassByPatient, k.Time(u.now.Add(-breakGlassLife)), k.End()) {
		if err != nil {
			return nil, err
		}
		if v.Practitioner == u.who.Practitioner && v.open(u.now) {
			return &v, nil
		}
	}
	return nil, nil
}

// BreakGlass opens a card to a doctor in an emergency. A second time within the
// half hour returns the first.
func (s *Patients) BreakGlass(ctx context.Context, who Actor, patient PatientID, reason string) (BreakGlassView, error) {
	var out BreakGlassView
	if err := s.authorize(who, OpBreakGlass); err != nil {
		return out, err
	}
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n < 10 || n > 500 {
		return out, invalid("/reason", "10 to 500 characters")
	}
	fresh := BreakGlassID(id.New())
	err := s.update(ctx, who, func(u *unit) error {
		p, err := u.patient(patient)
		if err != nil {
			return err
		}
		doctor, err := u.practitioner(who.Practitioner)
		if err != nil {
			return err
		}
		if !u.now.Before(doctor.LicenceExpires) {
			return fail(CodeDenied, "the licence has expired")
		}
		known, err := u.brokenGlass(patient)
		if err != nil {
			return err
		}
		if known != nil {
			out = BreakGlassView{BreakGlass: *known, PatientName: p.Name, Open: true}
			return nil
		}
		v := BreakGlass{
			ID: fresh, Patient: patient, Practitioner: who.Practitioner, Account: who.Account, ByName: doctor.Name,
			Reason: reason, At: u.now, Until: u.now.Add(breakGlassLife),
		}
		if _, err := u.t.breakGlass.Put(u, u.scope, &v, 0); err != nil {
			return err
		}
		if err := u.enqueue(Job{Kind: JobAccessEnds, Object: string(patient), Note: string(who.Practitioner), Due: v.Until}); err != nil {
			return err
		}
		u.announceGlass(&v)
		if err := u.tellOfGlass(&v, &p); err != nil {
			return err
		}
		out = BreakGlassView{BreakGlass: v, PatientName: p.Name, Open: true}
		return u.audit("break_glass.open", "patient", string(patient), string(v.ID))
	})
	return out, err
}

func (u *unit) announceGlass(v *BreakGlass) {
	u.tell("break_glass", string(v.ID), v.Rev, "clinic:"+u.scope, "patient:"+string(v.Patient), "practitioner:"+string(v.Practitioner))
}

// tellOfGlass writes to the patient and to the clinic's administrators.
func (u *unit) tellOfGlass(v *BreakGlass, p *Patient) error {
	when, err := u.day(v.At)
	if err != nil {
		return err
	}
	values := map[string]string{"when": when, "doctor": v.ByName}
	patient, err := u.account(p.Account)
	if err != nil {
		return err
	}
	to := []Recipient{}
	if r, ok := patient.reach(); ok {
		to = append(to, r)
	}
	for a, err := range u.t.accounts.List(u, u.scope) {
		if err != nil {
			return err
		}
		if r, ok := a.reach(); ok && a.Role == RoleAdmin && !a.Closed {
			to = append(to, r)
		}
	}
	for _, r := range to {
		if err := u.send(r, MsgBreakGlass, values); err != nil {
			return err
		}
	}
	return nil
}

// reach says where news for the account's owner go, if anywhere.
func (a *Account) reach() (Recipient, bool) {
	r := Recipient{Locale: a.Locale, Patient: a.Patient}
	switch {
	case a.Email != "":
		r.Channel, r.Address = notify.Email, a.Email
	case a.Phone != "":
		r.Channel, r.Address = notify.SMS, a.Phone
	default:
		return r, false
	}
	return r, true
}

// EndBreakGlass ends an emergency access before its time: the doctor their own,
// the clinic's administration any.
func (s *Patients) EndBreakGlass(ctx context.Context, who Actor, glass BreakGlassID) (BreakGlassView, error) {
	var out BreakGlassView
	if err := s.authorize(who, OpEndBreakGlass); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		v, _, err := u.t.breakGlass.Get(u, u.scope, string(glass))
		if err != nil {
			return missing(err, "emergency access")
		}
		if who.Role == RolePractitioner && v.Practitioner != who.Practitioner {
			return notFound("emergency access")
		}
		if !v.open(u.now) {
			return fail(CodeTransitionRefused, "this access is over")
		}
		v.Ended, v.EndedBy = u.now, who.Role
		if _, err := u.t.breakGlass.Put(u, u.scope, &v, v.Rev); err != nil {
			return err
		}
		u.announceGlass(&v)
		u.tell("card", string(v.Patient), 0, "practitioner:"+string(v.Practitioner))
		if err := u.audit("break_glass.end", "patient", string(v.Patient), string(v.ID)); err != nil {
			return err
		}
		out, err = u.showGlass(&v)
		return err
	})
	return out, err
}

func (u *unit) showGlass(v *BreakGlass) (BreakGlassView, error) {
	out := BreakGlassView{BreakGlass: *v, Open: v.open(u.now)}
	p, err := u.patient(v.Patient)
	if err != nil {
		return out, err
	}
	out.PatientName = p.Name
	read, _, err := u.t.readings.Get(u, u.scope, readingID(v.Account, string(v.ID)))
	if err := missing(err, "reading"); err != nil && ErrorCode(err) != CodeNotFound {
		return out, err
	}
	out.Reads = read.Times
	return out, nil
}

// ListBreakGlass returns emergency accesses, the latest first: all for the clinic's
// administration, a doctor's own, those to the patient's own card.
func (s *Patients) ListBreakGlass(ctx context.Context, who Actor) ([]BreakGlassView, error) {
	if err := s.authorize(who, OpListBreakGlass); err != nil {
		return nil, err
	}
	var out []BreakGlassView
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		for v, err := range u.t.breakGlass.List(u, u.scope) {
			if err != nil {
				return err
			}
			if who.Role == RolePractitioner && v.Practitioner != who.Practitioner || who.Role == RolePatient && v.Patient != who.Patient {
				continue
			}
			shown, err := u.showGlass(&v)
			if err != nil {
				return err
			}
			out = append(out, shown)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b BreakGlassView) int { return b.At.Compare(a.At) })
	return out, err
}
