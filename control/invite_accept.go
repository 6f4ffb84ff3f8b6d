package control

import (
	"context"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"time"

	"consilium/control/auth"
	"consilium/control/notify"
	"consilium/internal/id"
	"consilium/store"
)

// Limits of accepting an invitation.
const (
	inviteCodes  = 6 // of one link; then it must be sent again
	codeEvery    = 30 * time.Second
	inviteProofs = 30 * time.Minute // to fill in the form after the right code
)

// InviteOffer is what the page of an invitation shows.
type InviteOffer struct {
	Clinic   Clinic
	Doctor   Practitioner
	Address  string // masked
	Channel  notify.Channel
	Name     string // as the doctor typed it
	Locale   string
	Expires  time.Time
	Consents []ConsentNeed
}

// InviteAnswer is what a person says of themselves when they accept.
type InviteAnswer struct {
	Name      string
	BirthDate string
	Sex       string
	Locale    string
	Consents  []ConsentAnswer
	From      string // network address
	Agent     string // User-Agent of the browser
}

// Accepted is the outcome of accepting: signed in, or the desk is to decide.
type Accepted struct {
	SignedIn
	Review bool
}

// inClinicOf runs fn as the server for the clinic that a token names.
func inClinicOf(token string, fn func(Actor) error) error {
	clinic, ok := clinicOfToken(token)
	if !ok {
		return badLink()
	}
	return fn(System(clinic))
}

// Offer returns what an invitation is about. Its link stays unused.
func (s *Invites) Offer(ctx context.Context, token string) (InviteOffer, error) {
	var out InviteOffer
	err := inClinicOf(token, func(sys Actor) error {
		return s.view(ctx, sys, func(u *unit) error {
			v, err := u.inviteByToken(token)
			if err != nil {
				return err
			}
			out = InviteOffer{Address: notify.Mask(v.Address), Channel: v.Channel, Name: v.Name, Locale: v.Locale, Expires: v.Expires}
			if out.Clinic, err = u.clinic(); err != nil {
				return err
			}
			if out.Doctor, err = u.practitioner(v.Practitioner); err != nil {
				return err
			}
			for _, n := range out.Clinic.Jurisdiction.Consents {
				if len(n.Kinds) == 0 {
					out.Consents = append(out.Consents, n)
				}
			}
			return nil
		})
	})
	return out, err
}

// SendCode sends a code to the address that the invitation went to: who holds the
// link must also read that mail or that telephone.
func (s *Invites) SendCode(ctx context.Context, token string) error {
	return inClinicOf(token, func(sys Actor) error {
		// A wrong link takes no turn at the store's writer.
		err := s.view(ctx, sys, func(u *unit) error {
			_, err := u.inviteByToken(token)
			return err
		})
		if err != nil {
			return err
		}
		return s.update(ctx, sys, func(u *unit) error {
			v, err := u.inviteByToken(token)
			if err != nil {
				return err
			}
			if v.Codes >= inviteCodes || u.now.Before(v.CodeSent.Add(codeEvery)) {
				return fail(CodeTooMany, "a code was sent a moment ago: wait a little")
			}
			challenge, code := auth.NewChallenge(v.bound(), u.now)
			v.Challenge, v.CodeSent, v.Proof = challenge, u.now, ""
			v.Codes++
			if _, err := u.t.invites.Put(u, u.scope, &v, v.Rev); err != nil {
				return err
			}
			return u.send(v.recipient(), MsgCode, map[string]string{"code": code})
		})
	})
}

// bound is what a code of this invitation confirms, and nothing else.
func (v *Invite) bound() string { return "invitation " + string(v.ID) + " " + v.Token }

// Verify takes the code and returns a proof that the form is sent with.
func (s *Invites) Verify(ctx context.Context, token, code string) (proof string, err error) {
	proof = id.Secret()
	err = inClinicOf(token, func(sys Actor) error {
		err := s.view(ctx, sys, func(u *unit) error {
			_, err := u.inviteByToken(token)
			return err
		})
		if err != nil {
			return err
		}
		var wrong error
		err = s.update(ctx, sys, func(u *unit) error {
			v, err := u.inviteByToken(token)
			if err != nil {
				return err
			}
			// A wrong try is written down too: that is what makes tries count.
			wrong = v.Challenge.Try(v.bound(), code, u.now)
			if wrong == nil {
				v.Proof, v.ProofUntil = hashToken(proof), u.now.Add(inviteProofs)
			}
			_, err = u.t.invites.Put(u, u.scope, &v, v.Rev)
			return err
		})
		if err != nil {
			return err
		}
		switch {
		case errors.Is(wrong, auth.ErrCodeWrong):
			return &Error{Code: CodeWrongCode, Message: "this is not the code", Field: "/code"}
		case wrong != nil:
			return &Error{Code: CodeSpentCode, Message: "this code can't be used any more; ask for a new one", Field: "/code"}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return proof, nil
}

// Accept makes the person who was invited a patient of the doctor and signs them
// in: card, account, consents and the tie to the doctor arise in one transaction.
// Somebody who has a card already gets no second one; where that is not certain,
// the desk decides.
func (s *Invites) Accept(ctx context.Context, token, proof string, in InviteAnswer) (Accepted, error) {
	var out Accepted
	clinic, ok := clinicOfToken(token)
	if !ok {
		return out, badLink()
	}
	in.Name = strings.Join(strings.Fields(in.Name), " ")
	if err := in.validate(s.clock()); err != nil {
		return out, err
	}
	secret, account := newToken(clinic), AccountID(id.New())
	err := s.update(ctx, System(clinic), func(u *unit) error {
		out = Accepted{}
		v, err := u.inviteByToken(token)
		if err != nil {
			return err
		}
		if v.Proof == "" || !u.now.Before(v.ProofUntil) || subtle.ConstantTimeCompare([]byte(v.Proof), []byte(hashToken(proof))) != 1 {
			return fail(CodeSpentCode, "ask for a new code")
		}
		if err := u.allConsents(in.Consents); err != nil {
			return err
		}
		v.Proof, v.Token, v.Answered = "", "", u.now
		known, unsure, err := u.sameAs(&v, &in)
		if err != nil {
			return err
		}
		if unsure {
			out.Review = true
			return u.leaveToDesk(&v, &in, known)
		}
		me, err := u.becomePatient(&v, &in, known, account)
		if err != nil {
			return err
		}
		if err := u.answerConsents(me.Patient, me.ID, in.Locale, in.Consents, in.From); err != nil {
			return err
		}
		out.SignedIn, err = u.openSession(&me, LinkVisit, secret, in.Agent)
		return err
	})
	return out, err
}

func (in *InviteAnswer) validate(now time.Time) error {
	if err := checkName(in.Name); err != nil {
		return err
	}
	born, err := time.Parse(time.DateOnly, in.BirthDate)
	if err != nil || born.After(now) || born.Before(now.AddDate(-130, 0, 0)) {
		return invalid("/birthDate", "a day of the past, as 1980-12-31")
	}
	switch in.Sex {
	case "female", "male", "other", "unknown":
	default:
		return invalid("/sex", "female, male, other or unknown")
	}
	return nil
}

// allConsents reports whether everything that the clinic needs for any service is
// agreed to. What only some services need is asked for before those.
func (u *unit) allConsents(answers []ConsentAnswer) error {
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	for _, n := range clinic.Jurisdiction.Consents {
		if n.Required && len(n.Kinds) == 0 && !slices.Contains(answers, ConsentAnswer{n.ID, n.Version, true}) {
			return &Error{Code: CodeConsentNeeded, Message: "read and agree to the clinic's documents first", Field: "/consents"}
		}
	}
	return nil
}

// sameAs finds the card that the person may have already. It is theirs for
// certain when name, birth date and contact agree, or when the desk said so. It
// is unsure when two of the three agree, other than a family's shared contact.
func (u *unit) sameAs(v *Invite, in *InviteAnswer) (known PatientID, unsure bool, err error) {
	if v.Decided {
		return v.Match, false, nil
	}
	name := foldName(in.Name)
	for a, err := range u.t.accounts.Where(u, u.scope, u.t.accountsByLogin, store.Text(v.Address)) {
		if err != nil {
			return "", false, err
		}
		if a.Role != RolePatient || a.Closed {
			continue
		}
		p, err := u.patient(a.Patient)
		if err != nil {
			return "", false, err
		}
		sameName, sameDay := foldName(p.Name) == name, p.BirthDate == in.BirthDate
		if sameName && sameDay {
			return p.ID, false, nil
		}
		if sameName || sameDay {
			known, unsure = p.ID, true
		}
	}
	if unsure {
		return known, true, nil
	}
	twin, err := store.First(u.t.patients.Where(u, u.scope, u.t.patientsByIdentity, identityKey(in.Name, in.BirthDate)))
	if errors.Is(err, store.ErrNotFound) {
		return "", false, nil
	}
	return twin.ID, err == nil, err
}

// foldName is a name without what people write differently.
func foldName(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.Join(strings.Fields(name), " ")), "ё", "е")
}

func identityKey(name, birthDate string) store.Key {
	return store.Text(foldName(name)).Text(birthDate)
}

// leaveToDesk keeps what the person said until the desk has decided.
func (u *unit) leaveToDesk(v *Invite, in *InviteAnswer, match PatientID) error {
	v.State, v.Match = InviteReview, match
	v.Given = inviteGiven{in.Name, in.BirthDate, in.Sex}
	if _, err := u.t.invites.Put(u, u.scope, v, v.Rev); err != nil {
		return err
	}
	u.announceInvite(v)
	return u.audit("patient.invite.review", "invitation", string(v.ID), "")
}

// becomePatient makes the account of who accepted, with a card of their own or
// the one they had.
func (u *unit) becomePatient(v *Invite, in *InviteAnswer, known PatientID, account AccountID) (Account, error) {
	me := Account{ID: account, Role: RolePatient, Name: in.Name, Locale: in.Locale, Patient: v.Patient}
	card := Patient{ID: v.Patient, Account: account, Name: in.Name, BirthDate: in.BirthDate, Sex: in.Sex}
	if known != "" {
		var err error
		if card, err = u.patient(known); err != nil {
			return me, err
		}
		if me, err = u.account(card.Account); err != nil {
			return me, err
		}
		v.Patient, v.Known = known, true
	}
	if card.Attending == "" {
		card.Attending = v.Practitioner
	}
	if v.Channel == notify.Email && (me.Email == "" || v.Decided) {
		me.Email, card.Email = v.Address, v.Address
	}
	if v.Channel == notify.SMS && (me.Phone == "" || v.Decided) {
		me.Phone, card.Phone = v.Address, v.Address
	}
	if _, err := u.t.patients.Put(u, u.scope, &card, card.Rev); err != nil {
		return me, err
	}
	if _, err := u.t.accounts.Put(u, u.scope, &me, me.Rev); err != nil {
		return me, err
	}
	v.State = InviteAccepted
	if _, err := u.t.invites.Put(u, u.scope, v, v.Rev); err != nil {
		return me, err
	}
	u.announceInvite(v)
	u.tell("patient", string(card.ID), card.Rev, "clinic:"+u.scope, "practitioner:"+string(v.Practitioner))
	note := "new"
	if known != "" {
		note = "known"
	}
	return me, u.record(AuditEvent{Actor: me.ID, Role: RolePatient, Action: "patient.invite.accept", Kind: "patient", Object: string(card.ID), Note: note})
}
