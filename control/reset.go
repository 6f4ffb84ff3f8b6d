package control

import (
	"context"
	"time"

	"consilium/control/notify"
)

// resetLife is how long the link to a new password works.
const resetLife = time.Hour

// Forgot sends a link to a new password to a login, if somebody with a password has it.
// The answer and the work are the same when nobody has.
func (s *SignIns) Forgot(ctx context.Context, clinic ClinicID, login string, c Caller) error {
	channel, address, err := notify.ParseAddress(login)
	if err != nil {
		return invalid("/login", "an email address, or a telephone number with its country")
	}
	a := attempt{Login: address, Channel: channel}
	var who tried
	err = s.view(ctx, System(clinic), func(u *unit) (err error) {
		if err := u.openForSignIn(); err != nil {
			return err
		}
		if a.People, err = u.peopleOf(address); err != nil {
			return err
		}
		who, err = u.tried(&a, c)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.limits.take(trySend, who, c.Address, s.clock()); err != nil {
		return err
	}
	token := newToken(clinic)
	return s.update(ctx, System(clinic), func(u *unit) error {
		id, hash, err := u.passwordOf(&a)
		if err != nil {
			return err
		}
		if hash == "" {
			id = ""
		}
		// A link for nobody costs what a link costs, and opens nothing.
		if err := u.putLink(token, SignInLink{Kind: LinkReset, Account: id, Expires: u.now.Add(resetLife)}); err != nil {
			return err
		}
		if id == "" {
			return u.enqueue(Job{Kind: JobNothing})
		}
		account, err := u.account(id)
		if err != nil {
			return err
		}
		to := Recipient{Channel: channel, Address: address, Locale: account.Locale, Patient: account.Patient}
		return u.send(to, MsgReset, map[string]string{"link": "/reset#" + token})
	})
}

// Reset sets the password of the account that a link of Forgot is about. The link works
// once; every session ends, and signing in asks for the second factor as ever.
func (s *SignIns) Reset(ctx context.Context, token, password string) error {
	clinic, ok := clinicOfToken(token)
	if !ok {
		return badLink()
	}
	var who Actor
	err := s.view(ctx, System(clinic), func(u *unit) error {
		link, err := u.link(LinkReset, token)
		if err != nil {
			return err
		}
		account, err := u.account(link.Account)
		if err != nil || account.Closed {
			return badLink()
		}
		who = actorOf(clinic, &account, &Session{})
		return nil
	})
	if err != nil {
		return err
	}
	hash, err := s.newPassword(ctx, who, password)
	if err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		if _, err := u.link(LinkReset, token); err != nil {
			return err // used meanwhile
		}
		if err := u.dropLinks(who.Account, LinkReset); err != nil {
			return err
		}
		if err := u.setPassword(who.Account, hash); err != nil {
			return err
		}
		if err := u.endSessionsOf(who.Account); err != nil {
			return err
		}
		return u.tellOwner(who.Account, "password")
	})
}
