package control

import (
	"time"

	"consilium/control/notify"
	"consilium/internal/id"
)

// advance says what an attempt asks for next, and begins the session when it asks for
// nothing more.
func (u *unit) advance(a *attempt, c Caller) (Step, error) {
	out := Step{Expires: a.Expires, At: StepFirst}
	if a.First == "" {
		return out, nil
	}
	if a.Account == "" && len(a.People) == 1 {
		a.Account = a.People[0]
	}
	if a.Account == "" {
		out.At = StepPerson
		for _, id := range a.People {
			account, err := u.account(id)
			if err != nil {
				return out, err
			}
			out.People = append(out.People, PersonChoice{ID: id, Name: account.Name, Role: account.Role})
		}
		return out, nil
	}
	account, err := u.account(a.Account)
	if err != nil {
		return out, err
	}
	if account.Closed {
		return out, overAttempt()
	}
	cred, err := u.credential(a.Account)
	if err != nil {
		return out, err
	}
	if a.Second == "" && needsSecond(a.First, &account, &cred) {
		out.At = StepSecond
		out.Second, err = u.secondsOf(a)
		return out, err
	}
	out.At = StepDone
	out.Done, err = u.startSession(a, &account, &cred, c)
	return out, err
}

// needsSecond: a passkey whose owner was verified is two factors. Staff always show two.
// A patient shows a second when they have set one up; a password alone is never enough
// for a card, a code sent to the clinic's own address for them is.
func needsSecond(first Factor, a *Account, c *Credential) bool {
	switch {
	case first == FactorPasskey:
		return false
	case a.Role.Staff():
		return true
	}
	return first == FactorPassword || c.strong()
}

// secondsOf lists the second factors that an attempt may go on with. They are of another
// kind than the first. Who has an authenticator or a passkey is not asked for less:
// recovery codes are for the day when they are lost.
func (u *unit) secondsOf(a *attempt) ([]SecondChoice, error) {
	account, err := u.account(a.Account)
	if err != nil {
		return nil, err
	}
	c, err := u.credential(a.Account)
	if err != nil {
		return nil, err
	}
	var out []SecondChoice
	if len(c.Passkeys) > 0 && u.passkeys != nil {
		out = append(out, SecondChoice{Factor: FactorPasskey})
	}
	if c.App != nil {
		out = append(out, SecondChoice{Factor: FactorApp})
	}
	if c.strong() {
		if len(c.Recovery.Digests) > 0 {
			out = append(out, SecondChoice{Factor: FactorRecovery})
		}
		return out, nil
	}
	if a.First == FactorCode {
		if c.Password != "" {
			out = append(out, SecondChoice{Factor: FactorPassword})
		}
		return out, nil
	}
	if account.Email != "" {
		out = append(out, SecondChoice{FactorCode, notify.Email, notify.Mask(account.Email)})
	}
	if account.Phone != "" {
		out = append(out, SecondChoice{FactorCode, notify.SMS, notify.Mask(account.Phone)})
	}
	return out, nil
}

// startSession opens a session under a new secret and ends the one that it replaces, so
// that nothing known before the sign-in is worth anything after it.
func (u *unit) startSession(a *attempt, account *Account, cred *Credential, c Caller) (*SignedIn, error) {
	clinic := ClinicID(u.scope)
	secret, device := newToken(clinic), c.Device
	if len(device) != len(id.Secret()) {
		device = id.Secret()
	}
	session := Session{
		ID: SessionID(hashToken(secret)), Account: account.ID, Role: account.Role, Kind: LinkSignIn, Device: deviceName(c.Agent),
		Strong: cred.strong(), Proved: u.now, Created: u.now, LastSeen: u.now, Expires: u.now.Add(u.cfg.SessionAbsolute),
	}
	if _, err := u.t.sessions.Put(u, u.scope, &session, 0); err != nil {
		return nil, err
	}
	if old, ok := clinicOfToken(c.Session); ok && old == clinic {
		if err := u.endSession(SessionID(hashToken(c.Session))); err != nil {
			return nil, err
		}
	}
	cred.remember(hashToken(device), u.now)
	if err := u.putCredential(cred); err != nil {
		return nil, err
	}
	note := string(a.First)
	if a.Second != "" {
		note += "+" + string(a.Second)
	}
	out := &SignedIn{Token: secret, Expires: session.Expires, Device: device, Bearer: a.Bearer, Actor: actorOf(clinic, account, &session)}
	var err error
	if out.Actor, err = u.rights(out.Actor, &session); err != nil {
		return nil, err
	}
	return out, u.record(AuditEvent{Actor: account.ID, Role: account.Role, Action: "session.start", Kind: "account", Object: string(account.ID), Note: note})
}

// freshFor is how long after a sign-in its owner may change what they sign in with.
const freshFor = 15 * time.Minute

// rights fills in what a session's age and origin let its actor do.
func (u *unit) rights(who Actor, s *Session) (Actor, error) {
	who.Fresh = !s.Proved.IsZero() && u.now.Sub(s.Proved) < freshFor
	who.Activating = s.Kind == LinkActivate
	who.Enrol = who.Activating
	if s.Kind == LinkSignIn && s.Role.Staff() && !s.Strong {
		clinic, err := u.clinic()
		if err != nil {
			return who, err
		}
		who.Enrol = clinic.Settings.RequireStrong
	}
	return who, nil
}
