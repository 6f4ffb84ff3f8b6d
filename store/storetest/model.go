package storetest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"consilium/store"
)

// againstModel does random operations on a collection and on a plain map side
// by side; after each transaction all queries must agree.
func againstModel(t *testing.T, db store.DB) {
	const seed = 20260504
	rng := rand.New(rand.NewPCG(seed, 1))
	s := newSchema()
	model := make(map[string]map[string]visit) // by scope and id
	for _, scope := range []string{"one", "two"} {
		model[scope] = make(map[string]visit)
	}
	for round := range 150 {
		ops := randomOps(rng)
		fail := rng.IntN(5) == 0
		var after map[string]map[string]visit
		err := db.Update(within(t), func(tx store.Tx) error {
			after = map[string]map[string]visit{"one": maps.Clone(model["one"]), "two": maps.Clone(model["two"])}
			for _, o := range ops {
				if err := o.apply(tx, s, after[o.scope]); err != nil {
					return fmt.Errorf("%+v: %w", o, err)
				}
			}
			if rng.IntN(10) == 0 {
				if err := agree(tx, s, after); err != nil { // the transaction sees its own writes
					return err
				}
			}
			if fail {
				return errRefused
			}
			return nil
		})
		if fail {
			expect(t, "failed transaction", err, errRefused)
		} else if err != nil {
			t.Fatalf("round %d: %v", round, err)
		} else {
			model = after
		}
		if round%5 == 0 || round == 149 {
			view(t, db, func(tx store.Tx) error { return agree(tx, s, model) })
		}
	}
}

type modelOp struct {
	scope  string
	delete bool
	visit  visit
}

func randomOps(rng *rand.Rand) []modelOp {
	ops := make([]modelOp, 1+rng.IntN(8))
	for i := range ops {
		v := visit{
			ID:     fmt.Sprintf("id%d", rng.IntN(40)),
			Doctor: fmt.Sprintf("d%d", rng.IntN(4)),
			Start:  noon.Add(time.Duration(rng.IntN(30)-15) * time.Hour),
		}
		if rng.IntN(2) == 0 {
			v.Email = fmt.Sprintf("%d@x", rng.IntN(20))
		}
		for range rng.IntN(4) {
			v.Tags = append(v.Tags, fmt.Sprintf("t%d", rng.IntN(5)))
		}
		ops[i] = modelOp{scope: []string{"one", "two"}[rng.IntN(2)], delete: rng.IntN(4) == 0, visit: v}
	}
	return ops
}

// apply does the operation on the store and on the model and compares the outcome.
func (o modelOp) apply(tx store.Tx, s schema, model map[string]visit) error {
	known, exists := model[o.visit.ID]
	if o.delete {
		err := s.visits.Delete(tx, o.scope, o.visit.ID, store.Any)
		if exists != (err == nil) {
			return fmt.Errorf("delete of %v: %w", known, err)
		}
		delete(model, o.visit.ID)
		return nil
	}
	taken := false
	for id, v := range model {
		taken = taken || o.visit.Email != "" && v.Email == o.visit.Email && id != o.visit.ID
	}
	// A Put that fails may leave rows of other indexes half moved, as its caller
	// is to give up the transaction. The model asks first.
	_, _, err := s.visits.Find(tx, o.scope, s.byEmail, store.Text(o.visit.Email))
	if taken && err != nil {
		return fmt.Errorf("holder of %s: %w", o.visit.Email, err)
	}
	if taken {
		return nil
	}
	rev := uint64(0)
	if exists {
		if _, rev, err = s.visits.Get(tx, o.scope, o.visit.ID); err != nil {
			return err
		}
	}
	v := o.visit
	if _, err := s.visits.Put(tx, o.scope, &v, rev); err != nil {
		return err
	}
	model[o.visit.ID] = o.visit
	return nil
}

// agree compares all queries with what the model says.
func agree(tx store.Tx, s schema, model map[string]map[string]visit) error {
	for scope, records := range model {
		all := slices.Collect(maps.Values(records))
		sorted := func(less func(a, b visit) int, keep func(visit) bool) string {
			var out []string
			slices.SortFunc(all, func(a, b visit) int {
				if c := less(a, b); c != 0 {
					return c
				}
				return strings.Compare(a.ID, b.ID)
			})
			for _, v := range all {
				if keep(v) {
					out = append(out, v.ID)
				}
			}
			return strings.Join(out, " ")
		}
		byTime := func(a, b visit) int { return a.Start.Compare(b.Start) }
		byID := func(visit, visit) int { return 0 }
		want := sorted(byID, func(visit) bool { return true })
		if got := ids(s.visits.List(tx, scope)); got != want {
			return fmt.Errorf("list: got %q, want %q", got, want)
		}
		want = sorted(byTime, func(v visit) bool { return !v.Start.Before(noon) })
		if got := ids(s.visits.Range(tx, scope, s.byStart, store.Time(noon), "")); got != want {
			return fmt.Errorf("by time: got %q, want %q", got, want)
		}
		for i := range 5 {
			doctor, tag := fmt.Sprintf("d%d", i), fmt.Sprintf("t%d", i)
			want = sorted(byTime, func(v visit) bool { return v.Doctor == doctor })
			if got := ids(s.visits.Where(tx, scope, s.byDoctor, store.Text(doctor))); got != want {
				return fmt.Errorf("by doctor: got %q, want %q", got, want)
			}
			want = sorted(byID, func(v visit) bool { return slices.Contains(v.Tags, tag) })
			if got := ids(s.visits.Where(tx, scope, s.byTag, store.Text(tag))); got != want {
				return fmt.Errorf("by tag: got %q, want %q", got, want)
			}
		}
		for i := range 20 {
			email := fmt.Sprintf("%d@x", i)
			want = sorted(byID, func(v visit) bool { return v.Email == email })
			if got := ids(s.visits.Where(tx, scope, s.byEmail, store.Text(email))); got != want {
				return fmt.Errorf("by email: got %q, want %q", got, want)
			}
		}
	}
	return nil
}
