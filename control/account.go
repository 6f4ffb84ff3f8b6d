package control

import (
	"context"
	"slices"
	"time"

	"consilium/control/notify"
	"consilium/store"
)

// Account is a login. Its id is the person's identity in a room.
type Account struct {
	store.Revised
	ID           AccountID
	Role         Role
	Name         string
	Locale       string
	Practitioner PractitionerID // for RolePractitioner
	Patient      PatientID      // for RolePatient
	Encounter    EncounterID    // for RoleGuest
	Relation     string         // for RoleGuest: interpreter, relative, colleague, other
	Email        string         // where codes and news go, in lower case; "" for none
	Phone        string         // the same, like +79991234567
	Invited      time.Time      // staff: when the invitation went out; zero once they have chosen how to sign in
	Closed       bool           // may not sign in any more
	Channel      notify.Channel // patients: how they wish to be written to; "" for the usual
}

// logins are what an account's owner may type to sign in. Members of a family may share
// one, so it finds accounts and names none.
func (a *Account) logins() []store.Key {
	var out []store.Key
	for _, login := range []string{a.Email, a.Phone} {
		if login != "" {
			out = append(out, store.Text(login))
		}
	}
	return out
}

func (u *unit) account(id AccountID) (Account, error) {
	v, _, err := u.t.accounts.Get(u, u.scope, string(id))
	return v, missing(err, "account")
}

// Profile is the viewer as a page wants to know them.
type Profile struct {
	Actor      Actor
	PersonID   string // practitioner, patient or account
	Locale     string // the account's own setting
	Clinic     Clinic
	Encounter  EncounterID // a patient's or guest's visit
	VisitAppID AppointmentID
}

// Profile returns who the actor is.
func (s *Sessions) Profile(ctx context.Context, who Actor) (Profile, error) {
	out := Profile{Actor: who}
	if err := s.authorize(who, OpReadMe); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) (err error) {
		if out.Clinic, err = u.clinic(); err != nil {
			return err
		}
		if who.Token != "" { // a system has no account
			out.PersonID, out.Locale = string(who.Account), who.Locale
			return nil
		}
		account, err := u.account(who.Account)
		if err != nil {
			return err
		}
		out.Locale = account.Locale
		switch who.Role {
		case RolePractitioner:
			out.PersonID = string(who.Practitioner)
		case RolePatient:
			out.PersonID = string(who.Patient)
			visit, err := u.visitOf(who)
			if err != nil {
				return err
			}
			if visit != nil {
				out.VisitAppID, out.Encounter = visit.ID, visit.Encounter
			}
		case RoleGuest:
			out.PersonID = string(who.Account)
			e, err := u.encounter(who.Encounter)
			if err != nil {
				return err
			}
			out.VisitAppID, out.Encounter = e.Appointment, e.ID
		default:
			out.PersonID = string(who.Account)
		}
		return nil
	})
	return out, err
}

// SetLocale changes the language that the actor's account is spoken to in.
func (s *Sessions) SetLocale(ctx context.Context, who Actor, locale string) error {
	if err := s.authorize(who, OpUpdateMe); err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		clinic, err := u.clinic()
		if err != nil {
			return err
		}
		if !slices.Contains(clinic.Languages, locale) {
			return invalid("/locale", "the clinic does not speak this language")
		}
		account, err := u.account(who.Account)
		if err != nil {
			return err
		}
		account.Locale = locale
		_, err = u.t.accounts.Put(u, u.scope, &account, account.Rev)
		return err
	})
}
