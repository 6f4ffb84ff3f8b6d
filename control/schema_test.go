package control

import (
	"context"
	"testing"

	"consilium/store"
)

// TestSchemaGivesPatientsTheirLogins runs the steps over accounts as an older program
// wrote them, twice, as after a cut.
func TestSchemaGivesPatientsTheirLogins(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	patient := w.actor("patient")
	must(t, w.update(ctx, System(w.demo.clinic.ID), func(u *unit) error {
		a, err := u.account(patient.Account)
		if err != nil {
			return err
		}
		a.Email, a.Phone = "", ""
		_, err = u.t.accounts.Put(u, u.scope, &a, a.Rev)
		return err
	}))
	for range 2 {
		for _, step := range Schema() {
			var cursor []byte
			for first := true; first || cursor != nil; first = false {
				var next []byte
				must(t, w.db.Update(ctx, func(tx store.Tx) (err error) {
					next, err = step.Run(tx, cursor)
					return err
				}))
				cursor = next
			}
		}
	}
	must(t, w.view(ctx, System(w.demo.clinic.ID), func(u *unit) error {
		for _, login := range []string{"sokolov@example.org", "+79000000178"} {
			found := 0
			for a, err := range u.t.accounts.Where(u, u.scope, u.t.accountsByLogin, store.Text(login)) {
				if err != nil {
					return err
				}
				if a.ID == patient.Account {
					found++
				}
			}
			if found != 1 {
				t.Errorf("%s finds the account %d times", login, found)
			}
		}
		return nil
	}))
}
