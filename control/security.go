package control

import (
	"context"
	"errors"
	"time"

	"consilium/control/auth"
	"consilium/control/notify"
)

// Security is about what an account's owner signs in with.
type Security struct{ *core }

// SecurityView is what an owner sees of their own credential; no secret is in it.
type SecurityView struct {
	Email, Phone string // masked
	Password     time.Time
	App          bool
	Passkeys     []Passkey
	PasskeysWork bool // at this server's address
	Recovery     int  // codes left
	Required     bool // the clinic asks for an authenticator or a passkey
	Enrol        bool // nothing else works before that
	Fresh        bool // changes are allowed now
	Activating   bool // the session came from an activation link
}

// View returns what the actor signs in with.
func (s *Security) View(ctx context.Context, who Actor) (SecurityView, error) {
	var out SecurityView
	if err := s.authorize(who, OpReadSecurity); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) (err error) {
		out, err = u.security()
		return err
	})
	return out, err
}

func (u *unit) security() (out SecurityView, err error) {
	account, err := u.account(u.who.Account)
	if err != nil {
		return out, err
	}
	c, err := u.credential(u.who.Account)
	if err != nil {
		return out, err
	}
	clinic, err := u.clinic()
	if err != nil {
		return out, err
	}
	out = SecurityView{
		Password: c.PasswordSet, App: c.App != nil, Passkeys: c.Passkeys, PasskeysWork: u.passkeys != nil,
		Recovery: len(c.Recovery.Digests), Required: account.Role.Staff() && clinic.Settings.RequireStrong,
		Enrol: u.who.Enrol, Fresh: u.who.Fresh, Activating: u.who.Activating,
	}
	if account.Email != "" {
		out.Email = notify.Mask(account.Email)
	}
	if account.Phone != "" {
		out.Phone = notify.Mask(account.Phone)
	}
	return out, nil
}

// mayChange is authorize for changes of what one signs in with: they need a sign-in of
// the last minutes, so that a session left open on a desk does not give the account away.
func (s *Security) mayChange(who Actor) error {
	if err := s.authorize(who, OpChangeSecurity); err != nil {
		return err
	}
	if !who.Fresh {
		return fail(CodeConfirmRequired, "sign in again to change how you sign in")
	}
	return nil
}

// SetPassword sets or changes the actor's password. Every other session ends, and the
// actor's own goes on under a new secret.
func (s *Security) SetPassword(ctx context.Context, who Actor, password string) (SignedIn, error) {
	var out SignedIn
	if err := s.mayChange(who); err != nil {
		return out, err
	}
	hash, err := s.newPassword(ctx, who, password)
	if err != nil {
		return out, err
	}
	err = s.update(ctx, who, func(u *unit) error {
		if err := u.setPassword(who.Account, hash); err != nil {
			return err
		}
		if out, err = u.renewSession(who, false); err != nil {
			return err
		}
		if err := u.endSessionsBut(who.Account, out.Actor.Session); err != nil {
			return err
		}
		return u.tellOwner(who.Account, "password")
	})
	return out, err
}

// newPassword checks and hashes a password that an account is to have.
func (c *core) newPassword(ctx context.Context, who Actor, password string) (string, error) {
	err := c.view(ctx, System(who.Clinic), func(u *unit) error {
		account, err := u.account(who.Account)
		if err != nil {
			return err
		}
		clinic, err := u.clinic()
		if err != nil {
			return err
		}
		personal := []string{account.Name, account.Email, account.Phone}
		for _, name := range clinic.Name {
			personal = append(personal, name)
		}
		if err := auth.CheckPassword(password, personal...); err != nil {
			e := invalid("/password", "%s", err)
			e.Code = CodePasswordWeak
			return e
		}
		return u.onePassword(&account)
	})
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	hash, err := c.hasher.Hash(ctx, password)
	return hash, busy(err)
}

// onePassword keeps to one password for each login: see SignIns.passwordOf. Staff, who
// cannot do without, go before patients who share their address.
func (u *unit) onePassword(account *Account) error {
	if account.Role.Staff() {
		return nil
	}
	for _, login := range []string{account.Email, account.Phone} {
		if login == "" {
			continue
		}
		people, err := u.peopleOf(login)
		if err != nil {
			return err
		}
		for _, id := range people {
			c, err := u.credential(id)
			if err != nil {
				return err
			}
			if id != account.ID && c.Password != "" {
				return fail(CodePasswordShared, "somebody who shares your address or number has a password; sign in by code")
			}
		}
	}
	return nil
}

func (u *unit) setPassword(account AccountID, hash string) error {
	c, err := u.credential(account)
	if err != nil {
		return err
	}
	c.Password, c.PasswordSet = hash, u.now
	if err := u.putCredential(&c); err != nil {
		return err
	}
	return u.record(AuditEvent{Actor: account, Role: u.who.Role, Action: "password.set", Kind: "account", Object: string(account)})
}

// busy turns the hasher's "not now" into an answer.
func busy(err error) error {
	if errors.Is(err, auth.ErrBusy) {
		e := fail(CodeSlowDown, "many people are signing in just now; try again in a moment")
		e.RetryAfter = 2 * time.Second
		return e
	}
	return err
}

// tellOwner writes to an account's owner that what they sign in with has changed, so that
// a change which was not theirs does not stay unnoticed.
func (u *unit) tellOwner(id AccountID, what string) error {
	account, err := u.account(id)
	if err != nil {
		return err
	}
	to := Recipient{Channel: notify.Email, Address: account.Email, Locale: account.Locale, Patient: account.Patient}
	if account.Email == "" {
		to.Channel, to.Address = notify.SMS, account.Phone
	}
	if to.Address == "" {
		return nil
	}
	return u.send(to, MsgSecurity, map[string]string{"what": what, "when": u.clockOf(account.Locale)})
}

// clockOf is the present in the clinic's zone, for a letter.
func (u *unit) clockOf(locale string) string {
	at := u.now
	if clinic, err := u.clinic(); err == nil {
		if loc, err := clinic.Location(); err == nil {
			at = at.In(loc)
		}
	}
	if locale == "ru" {
		return at.Format("02.01.2006 15:04")
	}
	return at.Format("2 January 2006, 15:04")
}

// NewRecovery makes ten recovery codes, in place of those there were. They are shown once.
func (s *Security) NewRecovery(ctx context.Context, who Actor) ([]string, error) {
	if err := s.mayChange(who); err != nil {
		return nil, err
	}
	made, codes := auth.NewRecovery()
	err := s.update(ctx, who, func(u *unit) error {
		c, err := u.credential(who.Account)
		if err != nil {
			return err
		}
		if !c.strong() {
			return fail(CodeTransitionRefused, "recovery codes stand in for an authenticator or a passkey; set one up first")
		}
		c.Recovery = made
		if err := u.putCredential(&c); err != nil {
			return err
		}
		return u.audit("recovery.renew", "account", string(who.Account), "")
	})
	return codes, err
}

// FinishEnrolment ends the time in which nothing but setting up a sign-in works, when all
// is there that the clinic asks for. The session goes on under a new secret; the
// activation link and what else it opened are over.
func (s *Security) FinishEnrolment(ctx context.Context, who Actor) (SignedIn, error) {
	var out SignedIn
	if err := s.authorize(who, OpChangeSecurity); err != nil {
		return out, err
	}
	if !who.Enrol {
		return out, fail(CodeTransitionRefused, "there is nothing to finish")
	}
	err := s.update(ctx, who, func(u *unit) error {
		c, err := u.credential(who.Account)
		if err != nil {
			return err
		}
		clinic, err := u.clinic()
		if err != nil {
			return err
		}
		if c.Password == "" && len(c.Passkeys) == 0 {
			return fail(CodeEnrolmentRequired, "choose a password first")
		}
		if clinic.Settings.RequireStrong && !c.strong() {
			return fail(CodeEnrolmentRequired, "set up an authenticator app or a passkey first")
		}
		if out, err = u.renewSession(who, true); err != nil {
			return err
		}
		if !who.Activating {
			return nil
		}
		if err := u.dropLinks(who.Account, LinkActivate); err != nil {
			return err
		}
		if err := u.endSessionsBut(who.Account, out.Actor.Session); err != nil {
			return err
		}
		if err := u.arrived(who.Account); err != nil {
			return err
		}
		return u.audit("account.activate", "account", string(who.Account), "")
	})
	return out, err
}

// renewSession gives the actor's session a new secret: what was known of it before a
// change of rights is worth nothing afterwards. open makes one that came from an
// activation link into an ordinary one.
func (u *unit) renewSession(who Actor, open bool) (SignedIn, error) {
	clinic := ClinicID(u.scope)
	session, _, err := u.t.sessions.Get(u, u.scope, string(who.Session))
	if err != nil {
		return SignedIn{}, missing(err, "session")
	}
	account, err := u.account(who.Account)
	if err != nil {
		return SignedIn{}, err
	}
	c, err := u.credential(who.Account)
	if err != nil {
		return SignedIn{}, err
	}
	if err := u.endSession(session.ID); err != nil {
		return SignedIn{}, err
	}
	secret := newToken(clinic)
	session.ID, session.Strong, session.LastSeen = SessionID(hashToken(secret)), c.strong(), u.now
	if open && session.Kind == LinkActivate {
		session.Kind, session.Expires = LinkSignIn, u.now.Add(u.cfg.SessionAbsolute)
	}
	if _, err := u.t.sessions.Put(u, u.scope, &session, 0); err != nil {
		return SignedIn{}, err
	}
	out := SignedIn{Token: secret, Expires: session.Expires, Actor: actorOf(clinic, &account, &session)}
	out.Actor, err = u.rights(out.Actor, &session)
	return out, err
}
