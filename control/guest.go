package control

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"consilium/internal/id"
)

// Invitation is a guest's link. Token is shown once.
type Invitation struct {
	Token   string
	Account AccountID
	Expires time.Time
}

// InviteGuest makes a link by which a third person enters this consultation, and
// nothing else, until it is over.
func (s *Encounters) InviteGuest(ctx context.Context, who Actor, encounter EncounterID, name, relation string) (Invitation, error) {
	var out Invitation
	if err := s.authorize(who, OpInviteGuest); err != nil {
		return out, err
	}
	name = strings.TrimSpace(name)
	if name == "" || utf8.RuneCountInString(name) > 120 || strings.ContainsFunc(name, isControl) {
		return out, invalid("/name", "1 to 120 characters")
	}
	switch relation {
	case "interpreter", "relative", "colleague", "other":
	default:
		return out, invalid("/relation", "interpreter, relative, colleague or other")
	}
	token, account := newToken(who.Clinic), AccountID(id.New())
	err := s.update(ctx, who, func(u *unit) error {
		e, a, err := u.meeting(encounter)
		if err != nil {
			return err
		}
		if u.who.partyTo(&a) != PartyDoctor {
			return fail(CodeDenied, "the consultation's own doctor invites guests")
		}
		switch a.Status {
		case Booked, Waiting, InProgress, Interrupted:
		default:
			return fail(CodeTransitionRefused, "guests are invited before or during the consultation")
		}
		clinic, err := u.clinic()
		if err != nil {
			return err
		}
		most := s.cfg.MaxGuests
		if clinic.Settings.MaxGuests != nil {
			most = *clinic.Settings.MaxGuests
		}
		if e.guests() >= most {
			return fail(CodeTooMany, "at most %d guests", most)
		}
		guest := Account{ID: account, Role: RoleGuest, Name: name, Locale: clinic.Language(), Encounter: encounter, Relation: relation}
		if _, err := u.t.accounts.Put(u, u.scope, &guest, 0); err != nil {
			return err
		}
		expires := a.End
		if expires.Before(u.now) {
			expires = u.now
		}
		expires = expires.Add(s.cfg.GuestLinkTTL)
		if err := u.putLink(token, SignInLink{Kind: LinkGuest, Account: account, Appointment: a.ID, Expires: expires}); err != nil {
			return err
		}
		e.Participants = append(e.Participants, Participant{Account: account, Role: RoleGuest, Relation: relation, Name: name})
		if _, err := u.t.encounters.Put(u, u.scope, &e, e.Rev); err != nil {
			return err
		}
		out = Invitation{token, account, expires}
		u.tell("encounter", string(encounter), e.Rev, u.topicsOf(&a)...)
		return u.audit("encounter.invite", "account", string(account), relation)
	})
	return out, err
}

func (e *Encounter) guests() int {
	n := 0
	for _, p := range e.Participants {
		if p.Role == RoleGuest {
			n++
		}
	}
	return n
}

// closeGuest ends everything a guest could do: no new sessions, none of the old.
func (u *unit) closeGuest(id AccountID) error {
	guest, err := u.account(id)
	if err != nil {
		return err
	}
	guest.Closed = true
	if _, err := u.t.accounts.Put(u, u.scope, &guest, guest.Rev); err != nil {
		return err
	}
	return u.endSessionsOf(id)
}

// isControl reports whether r is a control character or one that hides text or
// turns its direction.
func isControl(r rune) bool {
	return r < 0x20 || (r >= 0x7f && r < 0xa0) || (r >= 0x200b && r <= 0x200f) ||
		(r >= 0x2028 && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069) || r == 0xfeff
}
