package storetest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"consilium/store"
)

// tallies puts, moves and deletes records at random and holds the counts against
// counting anew; a transaction that fails must count nothing.
func tallies(t *testing.T, db store.DB) {
	byTag := store.TallyEach("tag", func(v *visit) []store.Key {
		keys := []store.Key{store.Text("").Text(v.Doctor), ""}
		for _, tag := range v.Tags {
			keys = append(keys, store.Text(tag).Text(v.Doctor))
		}
		return keys
	})
	visits := store.NewCollection("tallied", func(v *visit) string { return v.ID }).Tallied(byTag)
	random := rand.New(rand.NewPCG(5, 6))
	model := map[string]visit{}
	for range 60 {
		var next map[string]visit
		fails := random.IntN(5) == 0
		var steps []visit
		for range 1 + random.IntN(4) {
			v := visit{ID: fmt.Sprint("v", random.IntN(12)), Doctor: fmt.Sprint("d", random.IntN(3))}
			for range random.IntN(4) { // with repeats
				v.Tags = append(v.Tags, fmt.Sprint("t", random.IntN(3)))
			}
			steps = append(steps, v)
		}
		remove := random.IntN(3) == 0
		err := db.Update(within(t), func(tx store.Tx) error {
			next = maps.Clone(model)
			for _, v := range steps {
				_, there := next[v.ID]
				if remove && there {
					delete(next, v.ID)
					if err := visits.Delete(tx, clinic, v.ID, store.Any); err != nil {
						return err
					}
					continue
				}
				next[v.ID] = v
				if _, err := visits.Put(tx, clinic, &v, store.Any); err != nil {
					return err
				}
			}
			if fails {
				return errRefused
			}
			return nil
		})
		if fails {
			expect(t, "update", err, errRefused)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		model = next
		view(t, db, func(tx store.Tx) error {
			want := map[store.Key]int64{}
			for v, err := range visits.List(tx, clinic) {
				if err != nil {
					return err
				}
				seen := map[string]bool{"": true}
				want[store.Text("").Text(v.Doctor)]++
				for _, tag := range v.Tags {
					if !seen[tag] {
						want[store.Text(tag).Text(v.Doctor)]++
					}
					seen[tag] = true
				}
			}
			got := map[store.Key]int64{}
			for c, err := range visits.Counts(tx, clinic, byTag, "", "") {
				if err != nil {
					return err
				}
				got[c.Key] = c.N
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("counts %v, want %v", got, want)
			}
			return nil
		})
	}
	update(t, db, func(tx store.Tx) error {
		v := visit{ID: "x", Doctor: "d", Tags: []string{"range"}}
		_, err := visits.Put(tx, "other", &v, 0)
		return err
	})
	view(t, db, func(tx store.Tx) error {
		n := 0
		from := store.Text("range")
		for c, err := range visits.Counts(tx, "other", byTag, from, from.End()) {
			if err != nil {
				return err
			}
			tag, rest, ok := c.Key.CutText()
			doctor, end, ok2 := rest.CutText()
			if !ok || !ok2 || tag != "range" || doctor != "d" || end != "" || c.N != 1 {
				t.Errorf("key %q %q %q, %d", tag, doctor, end, c.N)
			}
			n++
		}
		if n != 1 {
			t.Errorf("%d counts in the range, want 1", n)
		}
		for _, err := range visits.Counts(tx, "", byTag, "", "") {
			expect(t, "empty scope", err, store.ErrInvalid)
		}
		for _, err := range newSchema().visits.Counts(tx, clinic, nil, "", "") {
			expect(t, "no tally of the collection", err, store.ErrInvalid)
		}
		return nil
	})
	update(t, db, func(tx store.Tx) error { // a count that was changed is not believed
		_, err := tx.Put("tallied#tag", []byte(store.Text("other")+store.Text("range").Text("d")), []byte("x"), store.Any)
		return err
	})
	view(t, db, func(tx store.Tx) error {
		for _, err := range visits.Counts(tx, "other", byTag, "", "") {
			if err != nil {
				expect(t, "a broken count", err, store.ErrCorrupt)
				return nil
			}
		}
		t.Error("a broken count was believed")
		return nil
	})
}
