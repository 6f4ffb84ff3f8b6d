package control

import (
	"errors"

	"consilium/control/notify"
	"consilium/store"
)

// schemaPage is how many records one transaction of a step rewrites.
const schemaPage = 200

// Schema returns the steps that bring data of older programs to what this one
// expects, for store.Migrate. A step that has been released is never changed.
func Schema() []store.Step {
	t := newTables()
	return []store.Step{
		{To: 2, Name: "patients sign in with what their cards hold", Run: func(tx store.Tx, cursor []byte) ([]byte, error) {
			return t.accounts.Rewrite(tx, cursor, schemaPage, func(scope string, a *Account) error {
				return t.loginFromCard(tx, scope, a)
			})
		}},
		// The counts come first: what is then written again moves what is there.
		{To: 3, Name: "visits are counted by day and by what is to be done", Run: func(tx store.Tx, cursor []byte) ([]byte, error) {
			return t.appointments.Recount(tx, cursor, schemaPage)
		}},
		{To: 4, Name: "visits are filed under what is to be done", Run: func(tx store.Tx, cursor []byte) ([]byte, error) {
			return t.appointments.Rewrite(tx, cursor, schemaPage, func(string, *Appointment) error { return nil })
		}},
		{To: 5, Name: "patients are found by name and birth date", Run: func(tx store.Tx, cursor []byte) ([]byte, error) {
			return t.patients.Rewrite(tx, cursor, schemaPage, func(string, *Patient) error { return nil })
		}},
		// A patient's login is sealed as they are, so that it goes with them.
		{To: 6, Name: "patients' logins are sealed under their own keys", Run: func(tx store.Tx, cursor []byte) ([]byte, error) {
			return t.accounts.Rewrite(tx, cursor, schemaPage, func(string, *Account) error { return nil })
		}},
		{To: 7, Name: "visits are filed under the time that they take", Run: func(tx store.Tx, cursor []byte) ([]byte, error) {
			return t.appointments.Rewrite(tx, cursor, schemaPage, func(string, *Appointment) error { return nil })
		}},
	}
}

// loginFromCard gives a patient's account the addresses of the card, where the
// account has none and the card's can be understood.
func (t *tables) loginFromCard(tx store.Tx, scope string, a *Account) error {
	if a.Patient == "" || a.Email != "" || a.Phone != "" {
		return nil
	}
	card, _, err := t.patients.Get(tx, scope, string(a.Patient))
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrErased) {
		return nil
	}
	if err != nil {
		return err
	}
	if channel, address, err := notify.ParseAddress(card.Email); err == nil && channel == notify.Email {
		a.Email = address
	}
	if channel, number, err := notify.ParseAddress(card.Phone); err == nil && channel == notify.SMS {
		a.Phone = number
	}
	return nil
}
