package control

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"consilium/control/auth"
	"consilium/control/passkey"
	"consilium/store"
)

// Credential is what an account's owner signs in with. It stands apart from the account,
// so that reading who somebody is never reads how they prove it.
type Credential struct {
	store.Revised
	Account     AccountID
	Password    string // argon2id in PHC form; "" for none
	PasswordSet time.Time
	App         *auth.Authenticator // nil for none
	Passkeys    []Passkey
	Recovery    auth.Recovery
	Devices     []knownDevice // signed in from before, the latest last
	Pending     *enrolment    // a factor on its way in
}

// Passkey is one key of a person, with the name that they gave it.
type Passkey struct {
	ID      string // for the API
	Name    string
	Created time.Time
	Used    time.Time // zero for never
	Key     passkey.Key
}

// knownDevice is a browser that an account was signed in with. It keeps tries of its own, so
// that strangers who guess at the account do not lock its owner out.
type knownDevice struct {
	Hash string
	Seen time.Time
}

// enrolment is a factor that its owner has been shown and has not yet proved to have.
type enrolment struct {
	App     *auth.Authenticator
	Passkey []byte // the ceremony's pending half
	Expires time.Time
}

// Limits of credentials.
const (
	maxPasskeys   = 10
	maxDevices    = 10
	deviceLife    = 365 * 24 * time.Hour
	enrolmentLife = 15 * time.Minute
)

// credential returns an account's credential; a new, empty one when there is none.
func (u *unit) credential(account AccountID) (Credential, error) {
	v, _, err := u.t.credentials.Get(u, u.scope, string(account))
	if errors.Is(err, store.ErrNotFound) {
		return Credential{Account: account}, nil
	}
	return v, err
}

func (u *unit) putCredential(c *Credential) error {
	rev, err := u.t.credentials.Put(u, u.scope, c, c.Rev)
	c.Rev = rev
	return err
}

// strong reports whether there is a factor that a thief of mailbox and telephone lacks.
func (c *Credential) strong() bool { return c.App != nil || len(c.Passkeys) > 0 }

// knows reports whether a device with this hash signed in before.
func (c *Credential) knows(hash string, now time.Time) bool {
	return hash != "" && slices.ContainsFunc(c.Devices, func(d knownDevice) bool {
		return d.Hash == hash && now.Sub(d.Seen) < deviceLife
	})
}

// remember notes a device; the one that was longest not seen makes room.
func (c *Credential) remember(hash string, now time.Time) {
	kept := slices.DeleteFunc(slices.Clone(c.Devices), func(d knownDevice) bool { return d.Hash == hash })
	kept = append(kept, knownDevice{hash, now})
	c.Devices = kept[max(0, len(kept)-maxDevices):]
}

// person is the account as its passkeys know it. The handle leads back to the account and
// tells an outsider nothing: both ids are random.
func (c *Credential) person(a *Account, clinic *Clinic) passkey.Person {
	p := passkey.Person{Handle: handleOf(clinic.ID, a.ID), Name: a.login(), Full: a.Name, Clinic: clinic.Name.In(a.Locale, clinic.Language())}
	if p.Name == "" {
		p.Name = a.Name
	}
	for _, k := range c.Passkeys {
		p.Keys = append(p.Keys, k.Key)
	}
	return p
}

// used notes a passkey's new state.
func (c *Credential) used(key passkey.Key, now time.Time) {
	c.Passkeys = slices.Clone(c.Passkeys)
	for i := range c.Passkeys {
		if bytes.Equal(c.Passkeys[i].Key.ID, key.ID) {
			c.Passkeys[i].Key, c.Passkeys[i].Used = key, now
		}
	}
}

func handleOf(clinic ClinicID, account AccountID) []byte {
	return []byte(string(clinic) + "." + string(account))
}

func accountOfHandle(clinic ClinicID, handle []byte) (AccountID, bool) {
	account, ok := bytes.CutPrefix(handle, []byte(string(clinic)+"."))
	return AccountID(account), ok
}

// login is what the account's owner is most likely to type.
func (a *Account) login() string {
	if a.Email != "" {
		return a.Email
	}
	return a.Phone
}
