package control

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"consilium/control/auth"
	"consilium/control/notify"
	"consilium/internal/id"
	"consilium/store"
)

// Limits of inviting.
const (
	inviteLife   = 7 * 24 * time.Hour
	inviteKept   = 90 * 24 * time.Hour // how long one that is over stays in the list
	invitesBurst = 20                  // of one doctor at once; then one each inviteEvery
	inviteEvery  = 3 * time.Minute
	toBurst      = 3 // to one destination at once; then one each toEvery
	toEvery      = 20 * time.Minute
)

// InviteState is what has become of an invitation.
type InviteState string

// The states of an invitation.
const (
	InviteOpen     InviteState = "open"
	InviteExpired  InviteState = "expired" // never stored: an open one whose time has passed
	InviteReview   InviteState = "review"  // answered; the desk is to say whether this is a known patient
	InviteAccepted InviteState = "accepted"
	InviteRevoked  InviteState = "revoked"
)

// Invite is a doctor's invitation of one person to become their patient. What it
// holds is sealed as the future patient's, so that it goes with them.
type Invite struct {
	store.Revised
	ID           InviteID
	Practitioner PractitionerID
	By           AccountID
	Channel      notify.Channel
	Address      string
	Name         string // as the doctor typed it; the patient says their own
	Locale       string
	State        InviteState
	Created      time.Time
	Sent         time.Time
	Sends        int
	Expires      time.Time
	Answered     time.Time
	Token        string    // hash of the link's secret; "" once it opens nothing
	Patient      PatientID // who will arise, or has arisen, by it
	Known        bool      // the person had a card already: nobody new arose

	Codes      int // sent for this link
	CodeSent   time.Time
	Challenge  auth.Challenge
	Proof      string // hash of what the page got for the right code
	ProofUntil time.Time

	Given   inviteGiven // what the person said, while the desk looks at it
	Match   PatientID   // the card that it may belong to
	Decided bool        // the desk has said: Match is right, or nobody for a new card
}

// inviteGiven is who somebody says they are.
type inviteGiven struct{ Name, BirthDate, Sex string }

// state is the invitation's state at a time.
func (v *Invite) state(now time.Time) InviteState {
	if v.State == InviteOpen && !now.Before(v.Expires) {
		return InviteExpired
	}
	return v.State
}

// Invites is about inviting patients.
type Invites struct{ *core }

// Invitee is whom to invite.
type Invitee struct {
	Contact      string // email address or telephone number, as typed
	Name         string // "" for unknown
	Practitioner PractitionerID
	Locale       string // "" for the clinic's
}

// InviteView is an invitation as its list shows it.
type InviteView struct {
	Invite
	Practitioner Practitioner
	State        InviteState
	PatientName  string // of who accepted
	MatchName    string // of whose card it may be
	Repeated     bool   // the person was invited already: this sent it again
}

// Send invites a person to become the patient of a doctor. Whoever is invited
// already by the same doctor gets a new link in place of the old one.
func (s *Invites) Send(ctx context.Context, who Actor, in Invitee) (InviteView, error) {
	var out InviteView
	if err := s.authorize(who, OpInvitePatient); err != nil {
		return out, err
	}
	channel, address, err := notify.ParseAddress(in.Contact)
	if err != nil {
		return out, invalid("/contact", "an email address, or a telephone number like +7 900 000-00-00")
	}
	if in.Name = strings.TrimSpace(in.Name); in.Name != "" {
		if err := checkName(in.Name); err != nil {
			return out, err
		}
	}
	if who.Role == RolePractitioner {
		if in.Practitioner != "" && in.Practitioner != who.Practitioner {
			return out, fail(CodeDenied, "doctors invite their own patients")
		}
		in.Practitioner = who.Practitioner
	}
	if err := s.view(ctx, who, func(u *unit) error { return u.mayInvite(in.Practitioner, in.Locale) }); err != nil {
		return out, err
	}
	if err := s.throttle(who, in.Practitioner, address); err != nil {
		return out, err
	}
	token := newToken(who.Clinic)
	fresh := Invite{
		ID: InviteID(id.New()), Practitioner: in.Practitioner, By: who.Account, Channel: channel, Address: address,
		Name: in.Name, Locale: in.Locale, State: InviteOpen, Patient: PatientID(id.New()),
	}
	err = s.update(ctx, who, func(u *unit) error {
		v := fresh
		v.Created = u.now
		known, err := u.openInvite(in.Practitioner, address)
		if err != nil {
			return err
		}
		if known != nil {
			v = *known
			if in.Name != "" {
				v.Name = in.Name
			}
		}
		if err := u.sendInvite(&v, token); err != nil {
			return err
		}
		out, err = u.showInvite(&v)
		out.Repeated = known != nil
		return err
	})
	return out, err
}

func (u *unit) mayInvite(doctor PractitionerID, locale string) error {
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	if locale != "" && !slices.Contains(clinic.Languages, locale) {
		return invalid("/locale", "the clinic does not speak this language")
	}
	if doctor == "" {
		return invalid("/practitionerId", "say whose patient it will be")
	}
	v, err := u.practitioner(doctor)
	if ErrorCode(err) == CodeNotFound {
		return invalid("/practitionerId", "no such doctor")
	}
	if err != nil {
		return err
	}
	if !u.now.Before(v.LicenceExpires) {
		return fail(CodeUnbookable, "the doctor's licence has expired")
	}
	return nil
}

// throttle bounds what one doctor sends, and what one person is sent by all.
func (s *Invites) throttle(who Actor, doctor PractitionerID, address string) error {
	now := s.clock()
	if _, ok := s.inviters.Take(string(who.Clinic)+"/"+string(doctor), now); !ok {
		return fail(CodeTooMany, "too many invitations at once: wait a little")
	}
	if _, ok := s.invited.Take(string(who.Clinic)+"/"+address, now); !ok {
		return fail(CodeTooMany, "this person was invited several times just now: wait a little")
	}
	return nil
}

// sendInvite gives an invitation a new link and sends it; the old one is void.
func (u *unit) sendInvite(v *Invite, token string) error {
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	doctor, err := u.practitioner(v.Practitioner)
	if err != nil {
		return err
	}
	if v.Locale == "" {
		v.Locale = clinic.Language()
	}
	v.State, v.Sent, v.Expires, v.Token = InviteOpen, u.now, u.now.Add(inviteLife), hashToken(token)
	v.Sends++
	v.Codes, v.Challenge, v.Proof = 0, auth.Challenge{}, ""
	if _, err := u.t.invites.Put(u, u.scope, v, v.Rev); err != nil {
		return err
	}
	until, err := u.day(v.Expires)
	if err != nil {
		return err
	}
	err = u.send(v.recipient(), MsgInvitation, map[string]string{
		"from": doctor.Name, "until": until, "link": "/invite#" + token,
	})
	if err != nil {
		return err
	}
	u.announceInvite(v)
	return u.audit("patient.invite", "invitation", string(v.ID), string(v.Channel))
}

// day is a date as the clinic's people write it.
func (u *unit) day(t time.Time) (string, error) {
	clinic, err := u.clinic()
	if err != nil {
		return "", err
	}
	loc, err := clinic.Location()
	if err != nil {
		return "", err
	}
	return t.In(loc).Format("02.01.2006 15:04"), nil
}

func (u *unit) announceInvite(v *Invite) {
	u.tell("invitation", string(v.ID), v.Rev, "clinic:"+u.scope, "practitioner:"+string(v.Practitioner))
}

// openInvite finds the doctor's invitation to an address that is still to be
// answered, or whose time has passed.
func (u *unit) openInvite(doctor PractitionerID, address string) (*Invite, error) {
	for v, err := range u.t.invites.Where(u, u.scope, u.t.invitesByAddress, store.Text(address)) {
		if err != nil {
			return nil, err
		}
		if v.Practitioner == doctor && v.State == InviteOpen {
			return &v, nil
		}
	}
	return nil, nil
}

// List returns invitations, the newest first: a doctor's own, the whole clinic's
// for the desk and the administration.
func (s *Invites) List(ctx context.Context, who Actor) ([]InviteView, error) {
	if err := s.authorize(who, OpListInvites); err != nil {
		return nil, err
	}
	var out []InviteView
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		for v, err := range u.t.invites.List(u, u.scope) {
			if err != nil {
				return err
			}
			if who.Role == RolePractitioner && v.Practitioner != who.Practitioner {
				continue
			}
			shown, err := u.showInvite(&v)
			if err != nil {
				return err
			}
			out = append(out, shown)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b InviteView) int { return b.Sent.Compare(a.Sent) })
	return out, err
}

func (u *unit) showInvite(v *Invite) (InviteView, error) {
	out := InviteView{Invite: *v, State: v.state(u.now)}
	var err error
	if out.Practitioner, err = u.practitioner(v.Practitioner); err != nil {
		return out, err
	}
	if v.State == InviteReview && v.Match != "" {
		p, err := u.patient(v.Match)
		if err != nil && ErrorCode(err) != CodeNotFound {
			return out, err
		}
		out.MatchName = p.Name
	}
	if v.State == InviteAccepted {
		p, err := u.patient(v.Patient)
		if err != nil && ErrorCode(err) != CodeNotFound {
			return out, err
		}
		out.PatientName = p.Name
	}
	return out, nil
}

// invite loads an invitation that is the actor's business.
func (u *unit) invite(v InviteID) (Invite, error) {
	out, _, err := u.t.invites.Get(u, u.scope, string(v))
	if err != nil {
		return out, missing(err, "invitation")
	}
	if u.who.Role == RolePractitioner && out.Practitioner != u.who.Practitioner {
		return Invite{}, notFound("invitation")
	}
	return out, nil
}

// Resend sends an invitation that is still open, or has run out, with a new link.
func (s *Invites) Resend(ctx context.Context, who Actor, invite InviteID) (InviteView, error) {
	var out InviteView
	if err := s.authorize(who, OpInvitePatient); err != nil {
		return out, err
	}
	var known Invite
	err := s.view(ctx, who, func(u *unit) (err error) {
		if known, err = u.invite(invite); err == nil && known.State != InviteOpen {
			err = fail(CodeTransitionRefused, "only an open invitation can be sent again")
		}
		if err == nil {
			err = u.mayInvite(known.Practitioner, "")
		}
		return err
	})
	if err != nil {
		return out, err
	}
	if err := s.throttle(who, known.Practitioner, known.Address); err != nil {
		return out, err
	}
	token := newToken(who.Clinic)
	err = s.update(ctx, who, func(u *unit) error {
		v, err := u.invite(invite)
		if err != nil {
			return err
		}
		if v.State != InviteOpen {
			return fail(CodeTransitionRefused, "only an open invitation can be sent again")
		}
		if err := u.sendInvite(&v, token); err != nil {
			return err
		}
		out, err = u.showInvite(&v)
		return err
	})
	return out, err
}

// Revoke takes an invitation back: its link opens nothing any more.
func (s *Invites) Revoke(ctx context.Context, who Actor, invite InviteID) (InviteView, error) {
	var out InviteView
	if err := s.authorize(who, OpInvitePatient); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		v, err := u.invite(invite)
		if err != nil {
			return err
		}
		if v.State != InviteOpen && v.State != InviteReview {
			return fail(CodeTransitionRefused, "this invitation is over")
		}
		v.State, v.Token, v.Proof, v.Given = InviteRevoked, "", "", inviteGiven{}
		if _, err := u.t.invites.Put(u, u.scope, &v, v.Rev); err != nil {
			return err
		}
		u.announceInvite(&v)
		if err := u.audit("patient.invite.revoke", "invitation", string(v.ID), ""); err != nil {
			return err
		}
		out, err = u.showInvite(&v)
		return err
	})
	return out, err
}

// Decide is the desk's answer about a person who may have a card already: same
// says that the card is theirs. Either way they get a new link, which then works.
func (s *Invites) Decide(ctx context.Context, who Actor, invite InviteID, same bool) (InviteView, error) {
	var out InviteView
	if err := s.authorize(who, OpDecideInvite); err != nil {
		return out, err
	}
	token := newToken(who.Clinic)
	err := s.update(ctx, who, func(u *unit) error {
		v, err := u.invite(invite)
		if err != nil {
			return err
		}
		if v.State != InviteReview {
			return fail(CodeTransitionRefused, "this invitation waits for no decision")
		}
		v.Decided, v.Given = true, inviteGiven{}
		note := "same"
		if !same {
			v.Match, note = "", "new"
		}
		if err := u.sendInvite(&v, token); err != nil {
			return err
		}
		if err := u.audit("patient.invite.decide", "invitation", string(v.ID), note); err != nil {
			return err
		}
		out, err = u.showInvite(&v)
		return err
	})
	return out, err
}

// inviteByToken returns the invitation that a link opens, or CodeLinkInvalid,
// alike for unknown, used, revoked and expired.
func (u *unit) inviteByToken(token string) (Invite, error) {
	v, _, err := u.t.invites.Find(u, u.scope, u.t.invitesByToken, store.Text(hashToken(token)))
	if errors.Is(err, store.ErrNotFound) || err == nil && v.state(u.now) != InviteOpen {
		return Invite{}, badLink()
	}
	if err != nil {
		return v, err
	}
	clinic, err := u.clinic()
	if err != nil {
		return v, err
	}
	return v, clinic.open()
}

func checkName(name string) error {
	if name == "" || utf8.RuneCountInString(name) > 120 || strings.ContainsFunc(name, isControl) {
		return invalid("/name", "1 to 120 characters")
	}
	return nil
}

// recipient is where the invitation goes: sealed as the future patient's.
func (v *Invite) recipient() Recipient {
	return Recipient{Channel: v.Channel, Address: v.Address, Locale: v.Locale, Patient: v.Patient}
}
