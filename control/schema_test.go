package control

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"consilium/control/calendar"
	"consilium/store"
	"consilium/store/mem"
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

// wiped removes buckets from a store, as if no program had written them yet.
func (w *world) wiped(t testing.TB, buckets ...string) (rows int) {
	t.Helper()
	must(t, w.db.Update(context.Background(), func(tx store.Tx) error {
		rows = 0
		for _, bucket := range buckets {
			var keys [][]byte
			for item, err := range tx.Scan(bucket, nil, nil) {
				if err != nil {
					return err
				}
				keys = append(keys, slices.Clone(item.Key))
			}
			for _, key := range keys {
				if err := tx.Delete(bucket, key, store.Any); err != nil {
					return err
				}
			}
			rows += len(keys)
		}
		return nil
	}))
	return rows
}

// TestSchemaCountsAndFilesVisits: the counts and indexes that a folder of an earlier program
// lacks, or has in part, are as if they had always been kept. Each transaction is tried and
// thrown away first, as by a kill.
func TestSchemaCountsAndFilesVisits(t *testing.T) {
	ctx := context.Background()
	db := mem.Open(mem.Once())
	t.Cleanup(func() { _ = db.Close() })
	w := newWorldOn(t, db)
	crowd(t, w, 3, 5, 30)
	requested, err := w.Appointments.Book(ctx, w.actor("belova"), w.booking("belova", noon.Add(24*time.Hour)))
	must(t, err)
	picture := func() string {
		admin := w.actor("admin")
		days, err := w.Appointments.DayCounts(ctx, admin, CountFilter{First: calendar.DateOf(noon.AddDate(0, 0, -10)), Last: calendar.DateOf(noon.AddDate(0, 0, 40))})
		must(t, err)
		board, err := w.Appointments.Board(ctx, admin, BoardFilter{})
		must(t, err)
		free, _, err := w.Schedules.Slots(ctx, w.actor("volkov"), SlotQuery{Service: "initial"})
		must(t, err)
		out := fmt.Sprintf("%v\n%v", days, free)
		for _, c := range board {
			out += fmt.Sprintf("\n%s %d:", c.Name, c.Count)
			for _, v := range c.Items {
				out += " " + string(v.ID)
			}
		}
		return out
	}
	before := picture()
	if rows := w.wiped(t, "appointment#day", "appointment#pending", "appointment/pending", "appointment/taken"); rows < 300 {
		t.Fatalf("only %d rows were there", rows)
	}
	if picture() == before {
		t.Fatal("the test sees no difference")
	}
	_, err = w.Appointments.Cancel(ctx, w.actor("admin"), w.due.ID, "x")
	if err == nil { // what the steps are for: counts that begin in the middle go wrong
		t.Error("a visit that was never counted was moved to another count")
	}
	// Somebody has written a visit with counts meanwhile.
	_, err = w.Appointments.Book(ctx, w.actor("belova"), w.booking("belova", noon.Add(28*time.Hour)))
	must(t, err)
	again, cut := errors.New("again"), 0
	for _, step := range Schema() {
		var cursor []byte
		for first := true; first || cursor != nil; first = false {
			err := w.db.Update(ctx, func(tx store.Tx) error {
				_, err := step.Run(tx, cursor)
				return cmp.Or(err, again)
			})
			if cut++; !errors.Is(err, again) {
				t.Fatal(err)
			}
			var next []byte
			must(t, w.db.Update(ctx, func(tx store.Tx) (err error) {
				next, err = step.Run(tx, cursor)
				return err
			}))
			cursor = next
		}
	}
	if cut < 8 {
		t.Errorf("the steps took only %d transactions", cut)
	}
	after := picture()
	known, err := w.Appointments.Board(ctx, w.actor("admin"), BoardFilter{})
	must(t, err)
	w.wiped(t, "appointment#day", "appointment#pending", "appointment/pending", "appointment/taken")
	for _, step := range Schema()[1:] { // and once more, from nothing: the same
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
	if picture() != after {
		t.Errorf("a second run gave\n%s\nafter\n%s", picture(), after)
	}
	if n := known[0].Count; !strings.Contains(before, fmt.Sprintf("requests %d:", n-1)) {
		t.Errorf("%d requests, before and without the new one:\n%s", n, before)
	}
	// Visits of before go on as any other.
	_, err = w.Appointments.Confirm(ctx, w.actor("registrar"), requested.ID, "paid at the desk")
	must(t, err)
	_, err = w.Appointments.Cancel(ctx, w.actor("admin"), w.due.ID, "x")
	must(t, err)
}

// TestSchemaFindsPatientsByIdentity: the index that an older folder lacks is filled, and a
// person who is invited is known by it.
func TestSchemaFindsPatientsByIdentity(t *testing.T) {
	ctx := context.Background()
	db := mem.Open(mem.Once())
	t.Cleanup(func() { _ = db.Close() })
	w := newWorldOn(t, db)
	if rows := w.wiped(t, "patient/identity"); rows == 0 {
		t.Fatal("no rows were there")
	}
	for _, step := range Schema() {
		var cursor []byte
		for first := true; first || cursor != nil; first = false {
			var next []byte
			must(t, db.Update(ctx, func(tx store.Tx) (err error) {
				next, err = step.Run(tx, cursor)
				return err
			}))
			cursor = next
		}
	}
	const address = "elsewhere@mail.example"
	_, token := w.invited(t, "doctor", address)
	in := w.me(t, w.actor("patient").Name, "1978-04-19")
	done, err := w.Invites.Accept(ctx, token, w.proven(t, token, address), in)
	must(t, err)
	if !done.Review {
		t.Error("nobody noticed that the person may have a card already")
	}
}
