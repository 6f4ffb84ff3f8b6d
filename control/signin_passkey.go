package control

import (
	"context"
	"encoding/json"
	"errors"

	"consilium/control/passkey"
	"consilium/internal/id"
	"consilium/store"
)

// PasskeyStep is what a browser needs to ask for a passkey.
type PasskeyStep struct {
	Step
	Options json.RawMessage
}

// Passkeys reports whether passkeys work at this server's address.
func (s *SignIns) Passkeys() bool { return s.passkeys != nil }

func noPasskeys() error {
	return fail(CodeNotFound, "passkeys need an https address with a name")
}

// StartPasskey begins a sign-in by a passkey alone: the device says whose it is.
func (s *SignIns) StartPasskey(ctx context.Context, clinic ClinicID, bearer bool, c Caller) (PasskeyStep, error) {
	var out PasskeyStep
	if s.passkeys == nil {
		return out, noPasskeys()
	}
	begin, err := s.passkeys.SignIn(nil)
	if err != nil {
		return out, err
	}
	if err := s.limits.take(tryPasskey, tried{}, c.Address, s.clock()); err != nil {
		return out, err
	}
	proof := Proof{Attempt: newToken(clinic), Browser: id.Secret()}
	a := attempt{
		ID: hashToken(proof.Attempt), Browser: hashToken(proof.Browser), Tries: 1, Bearer: bearer, Passkey: begin.Pending,
	}
	err = s.update(ctx, System(clinic), func(u *unit) error {
		if err := u.openForSignIn(); err != nil {
			return err
		}
		a.Expires = u.now.Add(attemptLife)
		_, err := u.t.attempts.Put(u, u.scope, &a, 0)
		return err
	})
	out.Options = begin.Options
	out.Step = Step{Proof: proof, Expires: a.Expires, At: StepFirst}
	return out, err
}

// AskPasskey begins to ask for a passkey as the second factor.
func (s *SignIns) AskPasskey(ctx context.Context, p Proof, c Caller) (PasskeyStep, error) {
	var out PasskeyStep
	if s.passkeys == nil {
		return out, noPasskeys()
	}
	if _, err := s.begin(ctx, p, c, tryPasskey); err != nil {
		return out, err
	}
	clinic, _ := clinicOfToken(p.Attempt)
	err := s.update(ctx, System(clinic), func(u *unit) error {
		a, err := u.attempt(p)
		if err != nil {
			return err
		}
		if a.First == "" || a.Account == "" {
			return overAttempt()
		}
		person, err := u.passkeysOf(a.Account)
		if err != nil {
			return err
		}
		if len(person.Keys) == 0 {
			return notFound("passkey")
		}
		begin, err := s.passkeys.SignIn(&person)
		if err != nil {
			return err
		}
		a.Passkey, out.Options = begin.Pending, begin.Options
		out.Step = Step{Expires: a.Expires, At: StepSecond}
		if out.Second, err = u.secondsOf(&a); err != nil {
			return err
		}
		_, err = u.t.attempts.Put(u, u.scope, &a, a.Rev)
		return err
	})
	return out, err
}

// passkeysOf returns an account as its passkeys know it.
func (u *unit) passkeysOf(id AccountID) (passkey.Person, error) {
	account, err := u.account(id)
	if err != nil {
		return passkey.Person{}, err
	}
	clinic, err := u.clinic()
	if err != nil {
		return passkey.Person{}, err
	}
	cred, err := u.credential(id)
	return cred.person(&account, &clinic), err
}

// Passkey answers with what a passkey signed. A challenge is good for one answer.
func (s *SignIns) Passkey(ctx context.Context, p Proof, signed []byte, c Caller) (Step, error) {
	if s.passkeys == nil {
		return Step{}, noPasskeys()
	}
	if _, err := s.begin(ctx, p, c, tryPasskey); err != nil {
		return Step{}, err
	}
	return s.answer(ctx, p, c, func(u *unit, a *attempt) error {
		pending := a.Passkey
		a.Passkey = nil
		alone := a.First == ""
		owner := a.Account
		find := func(handle []byte) (passkey.Person, error) {
			if alone {
				var ok bool
				if owner, ok = accountOfHandle(ClinicID(u.scope), handle); !ok {
					return passkey.Person{}, passkey.ErrRefused
				}
			}
			person, err := u.passkeysOf(owner)
			if ErrorCode(err) == CodeNotFound || errors.Is(err, store.ErrInvalid) {
				return person, passkey.ErrRefused
			}
			return person, err
		}
		_, key, err := s.passkeys.SignedIn(find, pending, signed)
		if errors.Is(err, passkey.ErrRefused) {
			return u.refusePasskey(a, owner, err)
		}
		if err != nil {
			return err
		}
		cred, err := u.credential(owner)
		if err != nil {
			return err
		}
		cred.used(key, u.now)
		if alone {
			a.First, a.Account = FactorPasskey, owner
		} else {
			a.Second = FactorPasskey
		}
		return u.putCredential(&cred)
	})
}

// refusePasskey writes down that a passkey's answer was refused, and why.
func (u *unit) refusePasskey(a *attempt, owner AccountID, why error) error {
	a.Tries--
	note := "refused"
	if errors.Is(why, passkey.ErrCloned) {
		note = "cloned"
	}
	if has, err := u.t.accounts.Has(u, u.scope, string(owner)); err != nil || !has {
		owner = "" // a handle that somebody made up has no place in the trail
	}
	if err := u.record(AuditEvent{Action: "passkey.refuse", Kind: "account", Object: string(owner), Note: note}); err != nil {
		return err
	}
	return fail(CodePasskeyRefused, "this passkey was not accepted")
}
