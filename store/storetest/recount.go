package storetest

import (
	"errors"
	"fmt"
	"testing"

	"consilium/store"
)

// recounts brings counts to a collection that was written without them, or whose counts
// are wrong, in small pieces that are cut off again and again.
func recounts(t *testing.T, db store.DB) {
	plain := store.NewCollection("recounted", func(v *visit) string { return v.ID })
	byDoctor := store.TallyEach("doctor", func(v *visit) []store.Key { return []store.Key{store.Text(v.Doctor)} })
	byTag := store.TallyEach("tag", func(v *visit) []store.Key { return []store.Key{store.Text(fmt.Sprint(v.Tags))} })
	counted := store.NewCollection("recounted", func(v *visit) string { return v.ID }).Tallied(byDoctor, byTag)
	for i := range 23 {
		update(t, db, func(tx store.Tx) error {
			v := visit{ID: name("v", i), Doctor: name("d", i%3)}
			_, err := plain.Put(tx, []string{"a", "b"}[i%2], &v, 0)
			return err
		})
	}
	update(t, db, func(tx store.Tx) error { // counts from nowhere
		for i := range 11 {
			if _, err := tx.Put("recounted#doctor", []byte(store.Text("a").Text(name("d", i))), []byte("7"), store.Any); err != nil {
				return err
			}
		}
		return nil
	})
	turns := 0
	for cursor, first := []byte(nil), true; first || cursor != nil; first = false {
		if turns++; turns > 60 {
			t.Fatal("the recount does not come to an end")
		}
		err := db.Update(within(t), func(tx store.Tx) error { // cut off before its commit
			_, err := counted.Recount(tx, cursor, 4)
			return errors.Join(err, errCut)
		})
		expect(t, "cut off", err, errCut)
		var next []byte
		update(t, db, func(tx store.Tx) (err error) {
			next, err = counted.Recount(tx, cursor, 4)
			return err
		})
		cursor = next
	}
	holds := func(what string, want map[string]string) {
		t.Helper()
		view(t, db, func(tx store.Tx) error {
			for scope, want := range want {
				got := ""
				for c, err := range counted.Counts(tx, scope, byDoctor, "", "") {
					if err != nil {
						return err
					}
					doctor, _, _ := c.Key.CutText()
					got += fmt.Sprint(doctor, ":", c.N, " ")
				}
				if got != want {
					t.Errorf("%s: scope %s counts %q, want %q", what, scope, got, want)
				}
			}
			return nil
		})
	}
	d := func(i int) string { return name("d", i) }
	holds("recounted", map[string]string{
		"a": fmt.Sprint(d(0), ":4 ", d(1), ":4 ", d(2), ":4 "), "b": fmt.Sprint(d(0), ":4 ", d(1), ":4 ", d(2), ":3 "),
	})
	// From then on they go with the records.
	update(t, db, func(tx store.Tx) error {
		if err := counted.Delete(tx, "b", name("v", 1), store.Any); err != nil {
			return err
		}
		v := visit{ID: name("v", 0), Doctor: d(2)}
		_, err := counted.Put(tx, "a", &v, store.Any)
		return err
	})
	holds("changed", map[string]string{
		"a": fmt.Sprint(d(0), ":3 ", d(1), ":4 ", d(2), ":5 "), "b": fmt.Sprint(d(0), ":4 ", d(1), ":3 ", d(2), ":3 "),
	})
}
