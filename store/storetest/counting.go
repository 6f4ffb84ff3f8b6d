package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"consilium/store"
)

func sequence(t *testing.T, db store.DB) {
	invoices := store.NewSequence("invoice")
	next := func(scope string, fail bool) (n uint64) {
		err := db.Update(within(t), func(tx store.Tx) (err error) {
			if n, err = invoices.Next(tx, scope); err == nil && fail {
				err = errRefused
			}
			return err
		})
		if (err != nil) != fail {
			t.Fatalf("next: %v", err)
		}
		return n
	}
	next("a", false)
	next("a", true)
	if n := next("a", false); n != 2 {
		t.Errorf("after a failure: %d, want 2", n)
	}
	if n := next("b", false); n != 1 {
		t.Errorf("another scope begins with %d", n)
	}
	update(t, db, func(tx store.Tx) error {
		for want := uint64(3); want < 6; want++ {
			if n, err := invoices.Next(tx, "a"); n != want || err != nil {
				t.Errorf("got %d, want %d, %v", n, want, err)
			}
		}
		if n, err := invoices.Last(tx, "a"); n != 5 || err != nil {
			t.Errorf("last: %d, %v", n, err)
		}
		if n, err := invoices.Last(tx, "c"); n != 0 || err != nil {
			t.Errorf("last of a fresh scope: %d, %v", n, err)
		}
		_, err := invoices.Next(tx, "")
		expect(t, "empty scope", err, store.ErrInvalid)
		return nil
	})
}

func logEntries(t *testing.T, db store.DB) {
	type event struct{ What string }
	events := store.NewLog[event]("event")
	for i := range 300 { // past one byte of the number
		update(t, db, func(tx store.Tx) error {
			n, err := events.Append(tx, clinic, &event{What: fmt.Sprint(i + 1)})
			if n != uint64(i+1) {
				t.Errorf("entry %d got number %d", i+1, n)
			}
			return err
		})
	}
	update(t, db, func(tx store.Tx) error {
		_, err := events.Append(tx, "other", &event{What: "other"})
		return err
	})
	count := func(tx store.Tx, from, to uint64) (first, last uint64, n int) {
		for e, err := range events.Range(tx, clinic, from, to) {
			if err != nil || e.Value.What != fmt.Sprint(e.N) {
				t.Errorf("entry %d: %+v, %v", e.N, e.Value, err)
			}
			if n++; n == 1 {
				first = e.N
			}
			last = e.N
		}
		return first, last, n
	}
	view(t, db, func(tx store.Tx) error {
		for _, c := range [][5]uint64{{0, 0, 1, 300, 300}, {255, 258, 255, 257, 3}, {300, 0, 300, 300, 1}, {301, 0, 0, 0, 0}} {
			if first, last, n := count(tx, c[0], c[1]); first != c[2] || last != c[3] || uint64(n) != c[4] {
				t.Errorf("range %d-%d: %d-%d, %d entries", c[0], c[1], first, last, n)
			}
		}
		if e, err := events.Get(tx, clinic, 256); e.What != "256" || err != nil {
			t.Errorf("get: %+v, %v", e, err)
		}
		_, err := events.Get(tx, clinic, 301)
		expect(t, "get of the next", err, store.ErrNotFound)
		return nil
	})
	total := 0
	for {
		var n int
		update(t, db, func(tx store.Tx) (err error) {
			n, err = events.Trim(tx, clinic, 291, 100)
			return err
		})
		if total += n; n == 0 {
			break
		}
	}
	view(t, db, func(tx store.Tx) error {
		first, last, n := count(tx, 0, 0)
		if total != 290 || first != 291 || last != 300 || n != 10 {
			t.Errorf("after trimming %d: %d-%d, %d entries", total, first, last, n)
		}
		if n, err := events.Last(tx, clinic); n != 300 || err != nil {
			t.Errorf("last: %d, %v", n, err)
		}
		return nil
	})
}

var errCut = errors.New("cut off")

func migrations(t *testing.T, db store.DB) {
	ctx := within(t)
	s := newSchema()
	if err := store.Migrate(ctx, db, nil, nil); err != nil {
		t.Fatalf("fresh store: %v", err)
	}
	const records = 25
	for i := range records {
		putVisits(t, db, s, []string{"a", "b"}[i%2], visit{ID: name("v", i), Doctor: "d"})
	}
	backups := 0
	seen := make(map[string]bool) // cursors of one attempt, which is cut off at the third
	backup := func(_ context.Context, from, to uint64) error {
		if backups++; from != 1 || to != 3 {
			t.Errorf("backup before %d to %d", from, to)
		}
		return nil
	}
	next := newSchema()
	next.byTag = store.IndexEach("label", func(v *visit) []store.Key {
		var keys []store.Key
		for _, tag := range v.Tags {
			keys = append(keys, store.Text(tag))
		}
		return keys
	})
	next.visits = store.NewCollection("visit", func(v *visit) string { return v.ID },
		next.byStart, next.byDoctor, next.byEmail, next.byTag)
	steps := []store.Step{
		{To: 2, Name: "give every visit a tag", Run: func(tx store.Tx, cursor []byte) ([]byte, error) {
			if seen[string(cursor)] = true; len(seen) > 2 {
				return nil, errCut
			}
			return next.visits.Rewrite(tx, cursor, 4, func(scope string, v *visit) error {
				v.Tags = []string{"in " + scope}
				return nil
			})
		}},
		{To: 3, Name: "nothing", Run: func(store.Tx, []byte) ([]byte, error) { return nil, nil }},
	}
	err := store.Migrate(ctx, db, steps, func(context.Context, uint64, uint64) error { return errRefused })
	expect(t, "failed backup", err, errRefused)
	if len(seen) != 0 {
		t.Error("a step ran though the backup had failed")
	}
	for tries := 0; ; tries++ {
		err := store.Migrate(ctx, db, steps, backup)
		if err == nil {
			break
		}
		if !errors.Is(err, errCut) || tries > records {
			t.Fatalf("migrate: %v", err)
		}
		clear(seen)
	}
	if backups != 1 {
		t.Errorf("%d backups", backups)
	}
	view(t, db, func(tx store.Tx) error {
		for i, scope := range []string{"a", "b"} {
			n := 0
			for _, err := range next.visits.Where(tx, scope, next.byTag, store.Text("in "+scope)) {
				if err != nil {
					return err
				}
				n++
			}
			if want := (records + 1 - i) / 2; n != want {
				t.Errorf("scope %s: %d of %d records have the tag", scope, n, want)
			}
		}
		return nil
	})
	if err := store.Migrate(ctx, db, steps, backup); err != nil || backups != 1 {
		t.Errorf("second migration: %v, %d backups", err, backups)
	}
	expect(t, "older program", store.Migrate(ctx, db, nil, nil), store.ErrSchema)
	expect(t, "gap in the steps", store.Migrate(ctx, db, steps[1:], nil), store.ErrInvalid)
}
