package control

import (
	"context"
	"regexp"
	"time"

	"consilium/control/notify"
	"consilium/store"
)

var languageForm = regexp.MustCompile(`^[a-z]{2,3}$`)

// Farewell is what remains when a member of staff has gone.
type Farewell struct {
	Member StaffMember
	// Visits are a doctor's that are still ahead: each needs a decision.
	Visits []AppointmentView
}

// maxFarewell bounds the visits that a farewell lists.
const maxFarewell = 200

// Close ends a member's access at once: no new session, none of the old, no open
// socket. A doctor is no longer offered to patients; their visits ahead stay and are
// listed. The last administrator can't be closed.
func (s *Staff) Close(ctx context.Context, who Actor, account AccountID) (Farewell, error) {
	var out Farewell
	if err := s.authorize(who, OpSetStaff); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		out = Farewell{}
		m, err := u.staff(account)
		if err != nil {
			return err
		}
		if m.Account.Closed {
			return fail(CodeTransitionRefused, "this person's access has ended already")
		}
		if m.Account.Role == RoleAdmin {
			others, err := u.admins(account)
			if err != nil {
				return err
			}
			if others == 0 {
				return fail(CodeLastAdmin, "the last administrator stays: register another one first")
			}
		}
		m.Account.Closed = true
		if _, err := u.t.accounts.Put(u, u.scope, &m.Account, m.Account.Rev); err != nil {
			return err
		}
		if err := u.dropLinks(account, LinkActivate); err != nil {
			return err
		}
		if err := u.endSessionsOf(account); err != nil {
			return err
		}
		if m.Doctor != nil {
			m.Doctor.Closed = true
			if err := u.putDoctor(m.Doctor); err != nil {
				return err
			}
			if out.Visits, err = u.visitsAhead(m.Doctor.ID); err != nil {
				return err
			}
		}
		out.Member = m
		u.tell("staff", string(account), m.Account.Rev, "clinic:"+u.scope)
		return u.audit("staff.close", "account", string(account), string(m.Account.Role))
	})
	return out, err
}

// Reopen lets a member of staff work again, with the sign-in that they had.
func (s *Staff) Reopen(ctx context.Context, who Actor, account AccountID) (StaffMember, error) {
	var out StaffMember
	if err := s.authorize(who, OpSetStaff); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		m, err := u.staff(account)
		if err != nil {
			return err
		}
		if !m.Account.Closed {
			return fail(CodeTransitionRefused, "this person has access")
		}
		m.Account.Closed = false
		if _, err := u.t.accounts.Put(u, u.scope, &m.Account, m.Account.Rev); err != nil {
			return err
		}
		if m.Doctor != nil {
			m.Doctor.Closed = false
			if err := u.putDoctor(m.Doctor); err != nil {
				return err
			}
		}
		out = m
		u.tell("staff", string(account), m.Account.Rev, "clinic:"+u.scope)
		return u.audit("staff.reopen", "account", string(account), string(m.Account.Role))
	})
	return out, err
}

// Invite sends a member of staff a fresh invitation; the one before stops working.
func (s *Staff) Invite(ctx context.Context, who Actor, account AccountID) (out StaffMember, path string, err error) {
	if err := s.authorize(who, OpSetStaff); err != nil {
		return out, "", err
	}
	err = s.update(ctx, who, func(u *unit) error {
		m, err := u.staff(account)
		if err != nil {
			return err
		}
		if m.Account.Closed || m.Account.Invited.IsZero() {
			return fail(CodeTransitionRefused, "only who has not signed in yet is invited again")
		}
		path, err = u.inviteStaff(&m.Account)
		out = m
		return err
	})
	return out, path, err
}

// inviteStaff is the one place where a member of staff is invited.
func (u *unit) inviteStaff(a *Account) (path string, err error) {
	a.Invited = u.now
	if _, err := u.t.accounts.Put(u, u.scope, a, a.Rev); err != nil {
		return "", err
	}
	if path, err = u.inviteToActivate(a); err != nil {
		return "", err
	}
	clinic, err := u.clinic()
	if err != nil {
		return "", err
	}
	loc, err := clinic.Location()
	if err != nil {
		return "", err
	}
	return path, u.send(Recipient{Channel: notify.Email, Address: a.Email, Locale: a.Locale}, MsgActivation, map[string]string{
		"name": a.Name, "link": path, "until": u.now.Add(activateLife).In(loc).Format("02.01.2006 15:04"),
	})
}

// arrived says that a member of staff has chosen how to sign in.
func (u *unit) arrived(account AccountID) error {
	a, err := u.account(account)
	if err != nil {
		return err
	}
	a.Invited = time.Time{}
	if _, err := u.t.accounts.Put(u, u.scope, &a, a.Rev); err != nil {
		return err
	}
	u.tell("staff", string(a.ID), a.Rev, "clinic:"+u.scope)
	return nil
}

// admins counts the clinic's administrators besides one.
func (u *unit) admins(besides AccountID) (int, error) {
	n := 0
	for a, err := range u.t.accounts.List(u, u.scope) {
		if err != nil {
			return 0, err
		}
		if a.Role == RoleAdmin && !a.Closed && a.Invited.IsZero() && a.ID != besides {
			n++
		}
	}
	return n, nil
}

// visitsAhead lists a doctor's open visits from now on.
func (u *unit) visitsAhead(doctor PractitionerID) ([]AppointmentView, error) {
	var out []AppointmentView
	sight := u.newSight()
	k := store.Text(string(doctor))
	for a, err := range u.t.appointments.Range(u, u.scope, u.t.byDoctor, k.Time(u.now.Add(-maxDuration)), k.End()) {
		if err != nil {
			return nil, err
		}
		if !a.Status.Open() || !a.End.After(u.now) {
			continue
		}
		v, err := sight.show(&a)
		if err != nil {
			return nil, err
		}
		if out = append(out, v); len(out) == maxFarewell {
			break
		}
	}
	return out, nil
}
