package control

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"time"

	"consilium/control/auth"
	"consilium/control/notify"
	"consilium/store"
)

// attempt is a sign-in under way. It knows its login from the start, so that a code got for
// one cannot be used for another, and its browser by a second secret, so that its token
// alone, read over a shoulder, is worth nothing.
type attempt struct {
	store.Revised
	ID      string // hash of the token
	Browser string // hash of the second secret
	Login   string
	Channel notify.Channel // of the login
	People  []AccountID    // whom the login can mean; none for one that nobody has
	Account AccountID      // who it is, once it is known
	First   Factor         // what has been shown; "" for nothing
	Second  Factor
	Code    *auth.Challenge
	Sent    time.Time // when the last code was
	Passkey []byte    // a ceremony's pending half
	Tries   int       // wrong answers left
	Bearer  bool      // ends with a token, not with a cookie
	Expires time.Time
}

// concerns reports whether the sign-in is, or may be, that account's.
func (v *attempt) concerns(account AccountID) bool {
	return v.Account == account || slices.Contains(v.People, account)
}

// Limits of an attempt.
const (
	attemptLife  = 10 * time.Minute
	attemptTries = 10 // wrong answers of all kinds; a code that was sent allows 5 of them
	resendAfter  = 30 * time.Second
)

// Factor is a way to prove who one is.
type Factor string

// The factors.
const (
	FactorPassword Factor = "password"
	FactorCode     Factor = "code" // sent by email or SMS
	FactorApp      Factor = "app"  // an authenticator's
	FactorPasskey  Factor = "passkey"
	FactorRecovery Factor = "recovery"
)

// Caller is the device that a sign-in comes from, as the HTTP face knows it.
type Caller struct {
	Address string // its network, for the throttles
	Agent   string // User-Agent
	Device  string // secret of a device that signed in before, if any
	Session string // token of the session that a new one replaces, if any
}

func (c Caller) device() string {
	if c.Device == "" {
		return ""
	}
	return hashToken(c.Device)
}

// Proof names an attempt and shows that it is the caller's own.
type Proof struct{ Attempt, Browser string }

// find returns the attempt that a proof belongs to.
func (u *unit) attempt(p Proof) (attempt, error) {
	a, _, err := u.t.attempts.Get(u, u.scope, hashToken(p.Attempt))
	if errors.Is(err, store.ErrNotFound) {
		return a, overAttempt()
	}
	if err != nil {
		return a, err
	}
	own := subtle.ConstantTimeCompare([]byte(a.Browser), []byte(hashToken(p.Browser))) == 1
	if !own || !u.now.Before(a.Expires) || a.Tries <= 0 {
		return a, overAttempt()
	}
	return a, nil
}

func overAttempt() error { return fail(CodeAttemptOver, "this sign-in has ended; begin again") }

func wrongFactor() error { return fail(CodeFactorWrong, "what was entered is not right") }

// tried says whose tries an answer to this attempt costs.
func (u *unit) tried(a *attempt, c Caller) (tried, error) {
	out := tried{login: u.scope + " " + a.Login}
	people := a.People
	if a.Account != "" {
		people = []AccountID{a.Account}
	}
	for _, id := range people {
		cred, err := u.credential(id)
		if err != nil {
			return out, err
		}
		key := string(id)
		if cred.knows(c.device(), u.now) {
			key += " " + c.device()
			out.device = true
		}
		out.keys = append(out.keys, key)
	}
	return out, nil
}

// peopleOf returns the accounts that a login can mean: staff first, those who may not sign
// in left out.
func (u *unit) peopleOf(login string) ([]AccountID, error) {
	var found []Account
	for v, err := range u.t.accounts.Where(u, u.scope, u.t.accountsByLogin, store.Text(login)) {
		if err != nil {
			return nil, err
		}
		if !v.Closed && v.Role != RoleGuest {
			found = append(found, v)
		}
	}
	slices.SortStableFunc(found, func(a, b Account) int {
		switch {
		case a.Role.Staff() == b.Role.Staff():
			return 0
		case a.Role.Staff():
			return -1
		}
		return 1
	})
	var out []AccountID
	for _, v := range found {
		out = append(out, v.ID)
	}
	return out, nil
}

// answer lets fn judge one answer to an attempt. A refusal by fn is stored too: it has cost
// a try. When all that is asked for has been shown, the session begins.
func (s *SignIns) answer(ctx context.Context, p Proof, c Caller, fn func(u *unit, a *attempt) error) (Step, error) {
	var out Step
	var refusal error
	clinic, ok := clinicOfToken(p.Attempt)
	if !ok {
		return out, overAttempt()
	}
	err := s.update(ctx, System(clinic), func(u *unit) error {
		out, refusal = Step{}, nil
		a, err := u.attempt(p)
		if err != nil {
			return err
		}
		if refusal = fn(u, &a); refusal != nil {
			if ErrorCode(refusal) == CodeInternal {
				return refusal
			}
			if err := u.spent(&a, refusal); err != nil {
				return err
			}
		} else if out, err = u.advance(&a, c); err != nil {
			return err
		}
		if out.Done != nil {
			return u.t.attempts.Delete(u, u.scope, a.ID, store.Any)
		}
		_, err = u.t.attempts.Put(u, u.scope, &a, a.Rev)
		return err
	})
	if err == nil {
		err = refusal
	}
	return out, err
}

// spent writes down that an attempt has run out of tries, whoever it was about: an audit
// that names only people who exist would be slower for them.
func (u *unit) spent(a *attempt, refusal error) error {
	if a.Tries > 0 || ErrorCode(refusal) == CodeSlowDown {
		return nil
	}
	object := string(a.Account)
	if object == "" && len(a.People) > 0 {
		object = string(a.People[0])
	}
	return u.record(AuditEvent{Action: "session.refuse", Kind: "account", Object: object, Note: "tries"})
}
