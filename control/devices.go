package control

import (
	"cmp"
	"context"
	"slices"

	"consilium/store"
)

// Sessions returns the actor's open sessions, the last used first.
func (s *Security) Sessions(ctx context.Context, who Actor) ([]Session, error) {
	if err := s.authorize(who, OpListSessions); err != nil {
		return nil, err
	}
	var out []Session
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		for v, err := range u.t.sessions.Where(u, u.scope, u.t.sessionsByAccount, store.Text(string(who.Account))) {
			if err != nil {
				return err
			}
			if u.now.Before(v.Expires) {
				out = append(out, v)
			}
		}
		return nil
	})
	slices.SortFunc(out, func(a, b Session) int { return cmp.Or(b.LastSeen.Compare(a.LastSeen), cmp.Compare(a.ID, b.ID)) })
	return out, err
}

// EndSession ends one of the actor's sessions, on its open sockets too.
func (s *Security) EndSession(ctx context.Context, who Actor, id SessionID) error {
	if err := s.authorize(who, OpEndSession); err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		v, _, err := u.t.sessions.Get(u, u.scope, string(id))
		if err != nil {
			return missing(err, "session")
		}
		if v.Account != who.Account {
			return notFound("session")
		}
		if err := u.endSession(id); err != nil {
			return err
		}
		return u.audit("session.end", "account", string(who.Account), "other")
	})
}

// EndSessions signs the actor out everywhere, here too, and forgets the devices that were
// known.
func (s *Security) EndSessions(ctx context.Context, who Actor) error {
	if err := s.authorize(who, OpEndSession); err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		if err := u.endSessionsOf(who.Account); err != nil {
			return err
		}
		c, err := u.credential(who.Account)
		if err != nil {
			return err
		}
		if len(c.Devices) > 0 {
			c.Devices = nil
			if err := u.putCredential(&c); err != nil {
				return err
			}
		}
		return u.audit("session.end", "account", string(who.Account), "all")
	})
}
