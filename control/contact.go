package control

import (
	"context"

	"consilium/control/notify"
)

// Contact is how a patient is written to about their visits.
type Contact struct {
	Wish notify.Channel // what they chose; "" for the usual: email, else SMS
	Ways []Way
}

// Way is a channel that reaches the patient.
type Way struct {
	Channel notify.Channel
	To      string // the address, mostly hidden
	Works   bool   // the server sends this kind of message
}

// Contact returns how the patient is written to.
func (s *Sessions) Contact(ctx context.Context, who Actor) (Contact, error) {
	var out Contact
	if err := s.authorize(who, OpReadContact); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) (err error) {
		out, err = u.contact()
		return err
	})
	return out, err
}

// SetContact chooses how the patient is written to. A channel that the server does not
// send by, or that there is no address for, is no choice.
func (s *Sessions) SetContact(ctx context.Context, who Actor, wish notify.Channel) (Contact, error) {
	var out Contact
	if err := s.authorize(who, OpSetContact); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		known, err := u.contact()
		if err != nil {
			return err
		}
		possible := wish == ""
		for _, way := range known.Ways {
			possible = possible || way.Channel == wish && way.Works
		}
		if !possible {
			return invalid("/channel", "the clinic can't write to you that way")
		}
		account, err := u.account(who.Account)
		if err != nil {
			return err
		}
		account.Channel = wish
		if _, err := u.t.accounts.Put(u, u.scope, &account, account.Rev); err != nil {
			return err
		}
		if out, err = u.contact(); err != nil {
			return err
		}
		return u.audit("account.contact", "account", string(account.ID), string(wish))
	})
	return out, err
}

func (u *unit) contact() (Contact, error) {
	account, err := u.account(u.who.Account)
	if err != nil {
		return Contact{}, err
	}
	patient, err := u.patient(u.who.Patient)
	if err != nil {
		return Contact{}, err
	}
	out := Contact{Wish: account.Channel}
	for _, typed := range addresses(&account, &patient) {
		channel, address, err := notify.ParseAddress(typed)
		if err != nil || len(out.Ways) > 0 && out.Ways[len(out.Ways)-1].Channel == channel {
			continue
		}
		out.Ways = append(out.Ways, Way{channel, notify.Mask(address), u.carries(channel)})
	}
	return out, nil
}

// addresses are where a patient may be written to, the one that they wish first. Email
// comes before SMS unless they chose otherwise.
func addresses(account *Account, p *Patient) []string {
	mail, phone := []string{account.Email, p.Email}, []string{account.Phone, p.Phone}
	if account.Channel == notify.SMS {
		return append(phone, mail...)
	}
	return append(mail, phone...)
}
