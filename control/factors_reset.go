package control

import (
	"context"
	"fmt"
	"strings"

	"consilium/control/auth"
	"consilium/control/notify"
	"consilium/store"
)

// FactorsReset is what was taken from somebody who can't show their second factor any more.
type FactorsReset struct {
	Account  Account
	App      bool
	Passkeys int
	Recovery int    // codes
	Link     string // path by which a member of staff without a password chooses anew how to sign in
	Told     bool   // a message to the owner is on its way
}

// ResetFactors takes away a person's authenticator, passkeys, recovery codes and known
// devices, and ends their sessions: they sign in with what is left and set the rest up
// anew. The person, named by account id, email or telephone number, is told, so that a
// reset which was not theirs to ask for does not stay unnoticed.
func (s *Security) ResetFactors(ctx context.Context, who Actor, person string) (FactorsReset, error) {
	var out FactorsReset
	if err := s.authorize(who, OpResetFactors); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		account, err := u.person(person)
		if err != nil {
			return err
		}
		c, err := u.credential(account.ID)
		if err != nil {
			return err
		}
		if account.Closed {
			return fail(CodeTransitionRefused, "this person's access has ended")
		}
		if !c.strong() {
			return fail(CodeTransitionRefused, "this person has neither an authenticator nor a passkey: codes go to their address")
		}
		out = FactorsReset{Account: account, App: c.App != nil, Passkeys: len(c.Passkeys), Recovery: len(c.Recovery.Digests)}
		c.App, c.Passkeys, c.Recovery, c.Devices, c.Pending = nil, nil, auth.Recovery{}, nil, nil
		if err := u.putCredential(&c); err != nil {
			return err
		}
		if err := u.endSessionsOf(account.ID); err != nil {
			return err
		}
		if err := u.audit("factors.reset", "account", string(account.ID), string(account.Role)); err != nil {
			return err
		}
		if account.Role.Staff() && c.Password == "" {
			if out.Link, err = u.inviteStaff(&account); err != nil {
				return err
			}
		}
		out.Told = account.login() != ""
		return u.tellOwner(account.ID, "factors")
	})
	return out, err
}

// person finds an account by its id or by what its owner signs in with.
func (u *unit) person(ref string) (Account, error) {
	ref = strings.TrimSpace(ref)
	if !strings.ContainsAny(ref, "@+") {
		if account, err := u.account(AccountID(ref)); ErrorCode(err) != CodeNotFound {
			return account, err
		}
	}
	_, address, err := notify.ParseAddress(ref)
	if err != nil {
		return Account{}, notFound("person")
	}
	var found []Account
	for v, err := range u.t.accounts.Where(u, u.scope, u.t.accountsByLogin, store.Text(address)) {
		if err != nil {
			return Account{}, err
		}
		found = append(found, v)
	}
	switch len(found) {
	case 0:
		return Account{}, notFound("person")
	case 1:
		return found[0], nil
	}
	var ids []string
	for _, v := range found {
		ids = append(ids, fmt.Sprintf("%s (%s)", v.ID, v.Role))
	}
	return Account{}, invalid("/person", "several people share this address; name one by account: %s", strings.Join(ids, ", "))
}
