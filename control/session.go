package control

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"consilium/store"
)

// Session is one signed-in device. Its id is the hash of the secret in the
// cookie, so that reading the store gives nobody a session.
type Session struct {
	store.Revised
	ID          SessionID
	Account     AccountID
	Role        Role
	Kind        LinkKind
	Appointment AppointmentID
	Device      string    // what its owner would call it: "Firefox, Windows"
	Strong      bool      // the account had an authenticator or a passkey
	Proved      time.Time // when its owner last showed all factors; zero for a link
	Created     time.Time
	LastSeen    time.Time
	Expires     time.Time // absolute
}

// seenEvery is how often a session's last use is written down: not on every
// request, as each writing is a durable transaction.
const seenEvery = time.Minute

// Sessions is about signing in and out.
type Sessions struct{ *core }

// SignedIn is a fresh session. Token is the cookie's value and is never seen again.
type SignedIn struct {
	Token   string
	Expires time.Time
	Actor   Actor
	Device  string // the secret by which this device is known next time; "" for no change
	Bearer  bool   // the caller asked for a token instead of a cookie
}

// SignIn opens a session with a link's token. A token of another kind, clinic or
// time answers CodeLinkInvalid, all alike.
func (s *Sessions) SignIn(ctx context.Context, kind LinkKind, token string) (SignedIn, error) {
	return s.SignInFrom(ctx, kind, token, Caller{})
}

// SignInFrom is SignIn by a device that is known a little.
func (s *Sessions) SignInFrom(ctx context.Context, kind LinkKind, token string, c Caller) (SignedIn, error) {
	var out SignedIn
	if kind == LinkDemo && !s.cfg.Demo {
		return out, notFound("path")
	}
	clinic, ok := clinicOfToken(token)
	if !ok {
		return out, badLink()
	}
	// A wrong link is turned away without a turn at the store's writer, which calls and
	// records need.
	err := s.view(ctx, System(clinic), func(u *unit) error {
		_, err := u.link(kind, token)
		return err
	})
	if err != nil {
		return out, err
	}
	secret := newToken(clinic)
	err = s.update(ctx, System(clinic), func(u *unit) error {
		link, err := u.link(kind, token)
		if err != nil {
			return err
		}
		place, err := u.clinic()
		if err != nil {
			return err
		}
		if err := place.open(); err != nil {
			return err
		}
		account, err := u.account(link.Account)
		if err != nil {
			return err
		}
		if account.Closed {
			return badLink()
		}
		session := Session{
			ID: SessionID(hashToken(secret)), Account: account.ID, Role: account.Role, Kind: kind,
			Appointment: link.Appointment, Device: deviceName(c.Agent),
			Created: u.now, LastSeen: u.now, Expires: u.now.Add(s.cfg.SessionAbsolute),
		}
		if kind == LinkActivate || kind == LinkDemo {
			session.Proved = u.now // the one is for setting up a sign-in, the other for looking around
		}
		if account.Role == RoleGuest && link.Expires.Before(session.Expires) {
			session.Expires = link.Expires
		}
		if _, err := u.t.sessions.Put(u, u.scope, &session, 0); err != nil {
			return err
		}
		out = SignedIn{Token: secret, Expires: session.Expires, Actor: actorOf(clinic, &account, &session)}
		if out.Actor, err = u.rights(out.Actor, &session); err != nil {
			return err
		}
		return u.record(AuditEvent{Actor: account.ID, Role: account.Role, Action: "session.start", Kind: "account", Object: string(account.ID), Note: string(kind)})
	})
	return out, err
}

// link returns the link of a token, or CodeLinkInvalid.
func (u *unit) link(kind LinkKind, token string) (SignInLink, error) {
	link, _, err := u.t.links.Get(u, u.scope, hashToken(token))
	if errors.Is(err, store.ErrNotFound) || err == nil && (link.Kind != kind || !u.now.Before(link.Expires)) {
		return link, badLink()
	}
	return link, err
}

func badLink() error {
	return fail(CodeLinkInvalid, "this link is unknown or has expired; ask the clinic for a new one")
}

func actorOf(clinic ClinicID, a *Account, s *Session) Actor {
	return Actor{
		Clinic: clinic, Account: a.ID, Session: s.ID, Role: a.Role,
		Practitioner: a.Practitioner, Patient: a.Patient, Encounter: a.Encounter,
		Appointment: s.Appointment, Name: a.Name, Locale: a.Locale,
	}
}

// Authenticate returns who a session's token belongs to, or CodeUnauthenticated.
func (s *Sessions) Authenticate(ctx context.Context, token string) (Actor, error) {
	var out Actor
	if strings.HasPrefix(token, tokenPrefix) {
		return s.authenticateToken(ctx, token)
	}
	clinic, ok := clinicOfToken(token)
	if !ok {
		return out, noSession()
	}
	touch := false
	err := s.view(ctx, System(clinic), func(u *unit) error {
		session, _, err := u.t.sessions.Get(u, u.scope, hashToken(token))
		if errors.Is(err, store.ErrNotFound) {
			return noSession()
		}
		if err != nil {
			return err
		}
		place, err := u.clinic()
		if err != nil {
			return err
		}
		if err := place.open(); err != nil {
			return err
		}
		if !u.now.Before(session.Expires) {
			return noSession()
		}
		if s.idle(&session, &place, u.now) && !s.presence.anywhere(string(session.Account)) {
			if kept, err := u.dutyKeeps(&session); err != nil || !kept {
				return cmp.Or(err, noSession())
			}
		}
		account, err := u.account(session.Account)
		if err != nil {
			return err
		}
		if account.Closed || account.Role != session.Role {
			return noSession()
		}
		if out, err = u.rights(actorOf(clinic, &account, &session), &session); err != nil {
			return err
		}
		touch = u.now.Sub(session.LastSeen) >= seenEvery
		return nil
	})
	if err != nil || !touch {
		return out, err
	}
	return out, s.touch(ctx, out)
}

func noSession() error { return fail(CodeUnauthenticated, "sign in first") }

// idle reports whether the session has been unused too long. A person in a room
// is using it, whatever their page asks meanwhile.
func (s *Sessions) idle(v *Session, clinic *Clinic, now time.Time) bool {
	limit := s.cfg.SessionIdlePatient
	if v.Role.Staff() {
		limit = s.cfg.SessionIdleStaff
		if clinic.Settings.StaffIdle > 0 {
			limit = clinic.Settings.StaffIdle
		}
	}
	return now.Sub(v.LastSeen) >= limit
}

// touch writes down that the session is in use.
func (s *Sessions) touch(ctx context.Context, who Actor) error {
	return s.update(ctx, who, func(u *unit) error {
		session, rev, err := u.t.sessions.Get(u, u.scope, string(who.Session))
		if errors.Is(err, store.ErrNotFound) {
			return noSession() // signed out in between
		}
		if err != nil {
			return err
		}
		session.LastSeen = u.now
		_, err = u.t.sessions.Put(u, u.scope, &session, rev)
		return err
	})
}

// SignOut ends the actor's session, here and on its open sockets.
func (s *Sessions) SignOut(ctx context.Context, who Actor) error {
	if err := s.authorize(who, OpSignOut); err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		if err := u.endSession(who.Session); err != nil {
			return err
		}
		return u.audit("session.end", "account", string(who.Account), "")
	})
}

// endSession deletes a session if it is still there and cuts what it opened.
func (u *unit) endSession(id SessionID) error {
	err := u.t.sessions.Delete(u, u.scope, string(id), store.Any)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	u.after = append(u.after, func(r Rooms) { r.RevokeSession(string(id)) })
	u.queueChanged = true // a doctor may be off duty by it
	return u.forgetDevices(id)
}

// endSessionsOf ends all sessions of an account.
func (u *unit) endSessionsOf(account AccountID) error { return u.endSessionsBut(account, "") }

// endSessionsBut ends all sessions of an account but one.
func (u *unit) endSessionsBut(account AccountID, but SessionID) error {
	var ids []SessionID
	for v, err := range u.t.sessions.Where(u, u.scope, u.t.sessionsByAccount, store.Text(string(account))) {
		if err != nil {
			return err
		}
		if v.ID != but {
			ids = append(ids, v.ID)
		}
	}
	for _, id := range ids {
		if err := u.endSession(id); err != nil {
			return err
		}
	}
	return nil
}
