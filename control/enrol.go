package control

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"consilium/control/auth"
	"consilium/control/passkey"
	"consilium/internal/id"
)

// NewApp is an authenticator's secret, shown once for its owner's app.
type NewApp struct {
	Secret string
	URI    string
	QR     auth.QR
}

// StartApp makes an authenticator. It counts when a first code of it has been shown.
func (s *Security) StartApp(ctx context.Context, who Actor) (NewApp, error) {
	var out NewApp
	if err := s.mayChange(who); err != nil {
		return out, err
	}
	app := auth.NewAuthenticator()
	err := s.update(ctx, who, func(u *unit) error {
		account, err := u.account(who.Account)
		if err != nil {
			return err
		}
		clinic, err := u.clinic()
		if err != nil {
			return err
		}
		name := account.login()
		if name == "" {
			name = account.Name
		}
		out = NewApp{Secret: app.Text(), URI: app.URI(clinic.Name.In(account.Locale, clinic.Language()), name)}
		c, err := u.credential(who.Account)
		if err != nil {
			return err
		}
		c.Pending = &enrolment{App: &app, Expires: u.now.Add(enrolmentLife)}
		return u.putCredential(&c)
	})
	if err != nil {
		return out, err
	}
	out.QR, err = auth.NewQR(out.URI)
	return out, err
}

// ConfirmApp takes the authenticator that was started into use.
func (s *Security) ConfirmApp(ctx context.Context, who Actor, code string) error {
	if err := s.mayChange(who); err != nil {
		return err
	}
	if err := s.limits.take(tryApp, tried{keys: []string{string(who.Account) + " enrol"}, device: true}, "", s.clock()); err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		c, err := u.credential(who.Account)
		if err != nil {
			return err
		}
		if c.Pending == nil || c.Pending.App == nil || !u.now.Before(c.Pending.Expires) {
			return fail(CodeAttemptOver, "this took too long; begin again")
		}
		app := *c.Pending.App
		if !app.Use(code, u.now) {
			return wrongFactor()
		}
		c.App, c.Pending = &app, nil
		if err := u.putCredential(&c); err != nil {
			return err
		}
		if err := u.audit("app.add", "account", string(who.Account), ""); err != nil {
			return err
		}
		return u.tellOwner(who.Account, "app_added")
	})
}

// RemoveApp takes the authenticator out of use.
func (s *Security) RemoveApp(ctx context.Context, who Actor) error {
	if err := s.mayChange(who); err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		c, err := u.credential(who.Account)
		if err != nil {
			return err
		}
		if c.App == nil {
			return notFound("authenticator")
		}
		c.App = nil
		if err := u.stillStrong(&c); err != nil {
			return err
		}
		if err := u.putCredential(&c); err != nil {
			return err
		}
		if err := u.audit("app.remove", "account", string(who.Account), ""); err != nil {
			return err
		}
		return u.tellOwner(who.Account, "app_removed")
	})
}

// stillStrong refuses to take away the last factor that the clinic asks for. Recovery
// codes end with what they stand in for.
func (u *unit) stillStrong(c *Credential) error {
	if c.strong() {
		return nil
	}
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	if u.who.Role.Staff() && clinic.Settings.RequireStrong {
		return fail(CodeEnrolmentRequired, "the clinic asks for an authenticator or a passkey; set up another first")
	}
	c.Recovery = auth.Recovery{}
	return nil
}

// StartPasskey begins to make a passkey on the actor's device.
func (s *Security) StartPasskey(ctx context.Context, who Actor) (json.RawMessage, error) {
	if err := s.mayChange(who); err != nil {
		return nil, err
	}
	if s.passkeys == nil {
		return nil, noPasskeys()
	}
	var out json.RawMessage
	err := s.update(ctx, who, func(u *unit) error {
		person, err := u.passkeysOf(who.Account)
		if err != nil {
			return err
		}
		if len(person.Keys) >= maxPasskeys {
			return fail(CodeTooMany, "at most %d passkeys", maxPasskeys)
		}
		begin, err := s.passkeys.Register(person)
		if err != nil {
			return err
		}
		c, err := u.credential(who.Account)
		if err != nil {
			return err
		}
		c.Pending = &enrolment{Passkey: begin.Pending, Expires: u.now.Add(enrolmentLife)}
		out = begin.Options
		return u.putCredential(&c)
	})
	return out, err
}

// AddPasskey takes the passkey that the device made into use.
func (s *Security) AddPasskey(ctx context.Context, who Actor, name string, made []byte) (Passkey, error) {
	var out Passkey
	if err := s.mayChange(who); err != nil {
		return out, err
	}
	if s.passkeys == nil {
		return out, noPasskeys()
	}
	name, err := passkeyName(name)
	if err != nil {
		return out, err
	}
	var refusal error
	err = s.update(ctx, who, func(u *unit) error {
		refusal = nil
		c, err := u.credential(who.Account)
		if err != nil {
			return err
		}
		if c.Pending == nil || !u.now.Before(c.Pending.Expires) {
			return fail(CodeAttemptOver, "this took too long; begin again")
		}
		pending := c.Pending.Passkey
		c.Pending = nil // a challenge is good for one answer
		person, err := u.passkeysOf(who.Account)
		if err != nil {
			return err
		}
		key, err := s.passkeys.Registered(person, pending, made)
		if errors.Is(err, passkey.ErrRefused) {
			refusal = fail(CodePasskeyRefused, "this passkey was not accepted")
			if err := u.audit("passkey.refuse", "account", string(who.Account), "registration"); err != nil {
				return err
			}
			return u.putCredential(&c)
		}
		if err != nil {
			return err
		}
		out = Passkey{ID: id.New(), Name: name, Created: u.now, Key: key}
		c.Passkeys = append(slices.Clone(c.Passkeys), out)
		if err := u.putCredential(&c); err != nil {
			return err
		}
		if err := u.audit("passkey.add", "account", string(who.Account), ""); err != nil {
			return err
		}
		return u.tellOwner(who.Account, "passkey_added")
	})
	if err == nil {
		err = refusal
	}
	return out, err
}

// RenamePasskey gives one of the actor's passkeys another name.
func (s *Security) RenamePasskey(ctx context.Context, who Actor, key, name string) error {
	if err := s.authorize(who, OpChangeSecurity); err != nil {
		return err
	}
	name, err := passkeyName(name)
	if err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		c, at, err := u.ownPasskey(key)
		if err != nil {
			return err
		}
		c.Passkeys = slices.Clone(c.Passkeys)
		c.Passkeys[at].Name = name
		return u.putCredential(&c)
	})
}

// RemovePasskey takes one of the actor's passkeys out of use.
func (s *Security) RemovePasskey(ctx context.Context, who Actor, key string) error {
	if err := s.mayChange(who); err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		c, at, err := u.ownPasskey(key)
		if err != nil {
			return err
		}
		c.Passkeys = slices.Delete(slices.Clone(c.Passkeys), at, at+1)
		if err := u.stillStrong(&c); err != nil {
			return err
		}
		if err := u.putCredential(&c); err != nil {
			return err
		}
		if err := u.audit("passkey.remove", "account", string(who.Account), ""); err != nil {
			return err
		}
		return u.tellOwner(who.Account, "passkey_removed")
	})
}

func (u *unit) ownPasskey(key string) (Credential, int, error) {
	c, err := u.credential(u.who.Account)
	if err != nil {
		return c, 0, err
	}
	at := slices.IndexFunc(c.Passkeys, func(k Passkey) bool { return k.ID == key })
	if at < 0 {
		return c, 0, notFound("passkey")
	}
	return c, at, nil
}

func passkeyName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > 60 || strings.ContainsFunc(name, isControl) {
		return "", invalid("/name", "1 to 60 characters")
	}
	return name, nil
}
