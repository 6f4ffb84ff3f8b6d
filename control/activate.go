package control

import (
	"time"

	"consilium/store"
)

// activateLife is how long a new member of staff has to choose how they sign in.
const activateLife = 72 * time.Hour

// inviteToActivate gives an account a fresh link by which its owner chooses how they will
// sign in, and takes the links back that it had before. The path is what comes after the
// server's public address.
func (u *unit) inviteToActivate(a *Account) (path string, err error) {
	if err := u.dropLinks(a.ID, LinkActivate); err != nil {
		return "", err
	}
	token := newToken(ClinicID(u.scope))
	if err := u.putLink(token, SignInLink{Kind: LinkActivate, Account: a.ID, Expires: u.now.Add(activateLife)}); err != nil {
		return "", err
	}
	return "/activate#" + token, u.audit("account.invite", "account", string(a.ID), "")
}

// dropLinks takes back an account's links of one kind.
func (u *unit) dropLinks(account AccountID, kind LinkKind) error {
	var ids []string
	for v, err := range u.t.links.Where(u, u.scope, u.t.linksByAccount, linkKey(account, kind)) {
		if err != nil {
			return err
		}
		ids = append(ids, v.ID)
	}
	for _, id := range ids {
		if err := u.t.links.Delete(u, u.scope, id, store.Any); err != nil {
			return err
		}
	}
	return nil
}

func linkKey(account AccountID, kind LinkKind) store.Key {
	return store.Text(string(account)).Text(string(kind))
}
