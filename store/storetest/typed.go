package storetest

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"

	"consilium/store"
)

// visit is the record of the suite.
type visit struct {
	store.Revised
	ID     string
	Doctor string
	Email  string
	Tags   []string
	Start  time.Time
}

type schema struct {
	visits   *store.Collection[visit]
	byStart  *store.Index[visit]
	byDoctor *store.Index[visit]
	byEmail  *store.Index[visit]
	byTag    *store.Index[visit]
}

func newSchema() schema {
	s := schema{
		byStart:  store.IndexBy("start", func(v *visit) store.Key { return store.Time(v.Start) }),
		byDoctor: store.IndexBy("doctor", func(v *visit) store.Key { return store.Text(v.Doctor).Time(v.Start) }),
		byEmail: store.UniqueBy("email", func(v *visit) store.Key {
			if v.Email == "" {
				return ""
			}
			return store.Text(v.Email)
		}).Blinded(),
		byTag: store.IndexEach("tag", func(v *visit) []store.Key {
			var keys []store.Key
			for _, tag := range v.Tags {
				keys = append(keys, store.Text(tag))
			}
			return keys
		}),
	}
	s.visits = store.NewCollection("visit", func(v *visit) string { return v.ID },
		s.byStart, s.byDoctor, s.byEmail, s.byTag).OwnedBy(func(v *visit) string { return v.Doctor })
	return s
}

const clinic = "clinic"

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// ids joins what a query yields, "id id id".
func ids(seq iter.Seq2[visit, error]) string {
	var out []string
	for v, err := range seq {
		if err != nil {
			return "error: " + err.Error()
		}
		if v.Rev == 0 {
			return v.ID + " without a revision"
		}
		out = append(out, v.ID)
	}
	return strings.Join(out, " ")
}

func putVisits(t *testing.T, db store.DB, s schema, scope string, visits ...visit) {
	t.Helper()
	update(t, db, func(tx store.Tx) error {
		for _, v := range visits {
			if _, err := s.visits.Put(tx, scope, &v, store.Any); err != nil {
				return err
			}
		}
		return nil
	})
}

func collection(t *testing.T, db store.DB) {
	s := newSchema()
	want := visit{ID: "v1", Doctor: "d1", Email: "a@b", Tags: []string{"x"}, Start: noon.Add(123456789)}
	var rev uint64
	update(t, db, func(tx store.Tx) (err error) {
		v := want
		rev, err = s.visits.Put(tx, clinic, &v, 0)
		if v.Rev != rev {
			t.Errorf("put filled Rev with %d, not %d", v.Rev, rev)
		}
		return err
	})
	view(t, db, func(tx store.Tx) error {
		got, r, err := s.visits.Get(tx, clinic, "v1")
		if err != nil {
			return err
		}
		want.Rev = rev
		if fmt.Sprint(got) != fmt.Sprint(want) || r != rev {
			t.Errorf("got %v at %d, want %v at %d", got, r, want, rev)
		}
		for id, want := range map[string]bool{"v1": true, "v2": false} {
			if there, err := s.visits.Has(tx, clinic, id); there != want || err != nil {
				t.Errorf("has %s: %v, %v", id, there, err)
			}
		}
		_, _, err = s.visits.Get(tx, clinic, "v2")
		expect(t, "get", err, store.ErrNotFound)
		_, _, err = s.visits.Get(tx, "", "v1")
		expect(t, "empty scope", err, store.ErrInvalid)
		_, _, err = s.visits.Get(tx, clinic, "")
		expect(t, "empty id", err, store.ErrInvalid)
		if got := ids(s.visits.List(tx, "")); !strings.Contains(got, store.ErrInvalid.Error()) {
			t.Errorf("list of the empty scope: %s", got)
		}
		return nil
	})
	update(t, db, func(tx store.Tx) error { return s.visits.Delete(tx, clinic, "v1", rev) })
	view(t, db, func(tx store.Tx) error {
		for _, i := range []string{"visit", "visit/start", "visit/doctor", "visit/email", "visit/tag"} {
			if left, err := keys(tx.Scan(i, nil, nil)); left != "" || err != nil {
				t.Errorf("%s keeps %q, %v", i, left, err)
			}
		}
		return nil
	})
}

func collectionConflicts(t *testing.T, db store.DB) {
	s := newSchema()
	putVisits(t, db, s, clinic, visit{ID: "v", Doctor: "d", Start: noon})
	update(t, db, func(tx store.Tx) error {
		v, rev, err := s.visits.Get(tx, clinic, "v")
		if err != nil {
			return err
		}
		moved := v
		moved.Doctor = "e"
		for _, wrong := range []uint64{0, rev + 1, rev - 1} {
			if wrong == rev {
				continue
			}
			_, err = s.visits.Put(tx, clinic, &moved, wrong)
			expect(t, "put at a wrong revision", err, store.ErrConflict)
			if wrong != 0 {
				expect(t, "delete", s.visits.Delete(tx, clinic, "v", wrong), store.ErrConflict)
			}
		}
		_, err = s.visits.Put(tx, clinic, &visit{ID: "new"}, 5)
		expect(t, "put of a missing record at a revision", err, store.ErrConflict)
		expect(t, "delete of a missing record", s.visits.Delete(tx, clinic, "new", store.Any), store.ErrNotFound)
		// A refused write moved no index row, even when its caller goes on.
		if got := ids(s.visits.Where(tx, clinic, s.byDoctor, store.Text("d"))); got != "v" {
			t.Errorf("index after refused writes: %q", got)
		}
		_, err = s.visits.Put(tx, clinic, &moved, rev)
		return err
	})
}

func uniqueIndex(t *testing.T, db store.DB) {
	s := newSchema()
	putVisits(t, db, s, clinic, visit{ID: "a", Email: "a@x"}, visit{ID: "b", Email: "b@x"}, visit{ID: "n1"}, visit{ID: "n2"})
	putVisits(t, db, s, "other", visit{ID: "a", Email: "a@x"})
	err := db.Update(within(t), func(tx store.Tx) error {
		_, err := s.visits.Put(tx, clinic, &visit{ID: "b", Email: "a@x"}, store.Any)
		return err
	})
	expect(t, "second holder", err, store.ErrDuplicate)
	var dup *store.DuplicateError
	if !errors.As(err, &dup) || dup.Index != "email" || dup.Holder != "a" {
		t.Errorf("the error says %+v", dup)
	}
	update(t, db, func(tx store.Tx) error { // a key moves on within one transaction
		if _, err := s.visits.Put(tx, clinic, &visit{ID: "a", Email: "c@x"}, store.Any); err != nil {
			return err
		}
		_, err := s.visits.Put(tx, clinic, &visit{ID: "b", Email: "a@x"}, store.Any)
		return err
	})
	view(t, db, func(tx store.Tx) error {
		for email, want := range map[string]string{"a@x": "b", "c@x": "a"} {
			v, rev, err := s.visits.Find(tx, clinic, s.byEmail, store.Text(email))
			if err != nil || v.ID != want || rev != v.Rev {
				t.Errorf("%s: %q, %v", email, v.ID, err)
			}
		}
		_, _, err := s.visits.Find(tx, clinic, s.byEmail, store.Text("b@x"))
		expect(t, "key that is free", err, store.ErrNotFound)
		got := ids(s.visits.Range(tx, clinic, s.byEmail, store.Text("a"), store.Text("z")))
		if !strings.Contains(got, store.ErrInvalid.Error()) {
			t.Errorf("range over a blinded index: %s", got)
		}
		return nil
	})
}

func indexRanges(t *testing.T, db store.DB) {
	s := newSchema()
	at := func(h int) time.Time { return noon.Add(time.Duration(h) * time.Hour) }
	putVisits(t, db, s, clinic,
		visit{ID: "e", Doctor: "d1", Start: at(0)}, visit{ID: "d", Doctor: "d1", Start: at(1)},
		visit{ID: "c", Doctor: "d2", Start: at(2)}, visit{ID: "b", Doctor: "d1", Start: at(3)},
		visit{ID: "a", Doctor: "d1", Start: at(3)}, visit{ID: "old", Doctor: "d11", Start: time.Date(1931, 1, 1, 0, 0, 0, 1, time.UTC)},
		visit{ID: "zero", Doctor: "d\x00", Start: time.Time{}})
	putVisits(t, db, s, "clinic2", visit{ID: "x", Doctor: "d1", Start: at(1)})
	view(t, db, func(tx store.Tx) error {
		d1 := store.Text("d1")
		cases := []struct {
			name string
			seq  iter.Seq2[visit, error]
			want string
		}{
			{"all by time", s.visits.Range(tx, clinic, s.byStart, "", ""), "zero old e d c a b"},
			{"all back", s.visits.RangeBack(tx, clinic, s.byStart, "", ""), "b a c d e old zero"},
			{"half-open", s.visits.Range(tx, clinic, s.byStart, store.Time(at(1)), store.Time(at(3))), "d c"},
			{"from", s.visits.Range(tx, clinic, s.byStart, store.Time(at(2)), ""), "c a b"},
			{"to, back", s.visits.RangeBack(tx, clinic, s.byStart, "", store.Time(at(1))), "e old zero"},
			{"prefix", s.visits.Where(tx, clinic, s.byDoctor, d1), "e d a b"},
			{"prefix and range", s.visits.Range(tx, clinic, s.byDoctor, d1.Time(at(1)), d1.Time(at(3))), "d"},
			{"prefix back", s.visits.RangeBack(tx, clinic, s.byDoctor, d1, d1.End()), "b a d e"},
			{"not a prefix of a longer text", s.visits.Where(tx, clinic, s.byDoctor, store.Text("d")), ""},
			{"by id", s.visits.List(tx, clinic), "a b c d e old zero"},
			{"by id, next page", s.visits.ListAfter(tx, clinic, "c"), "d e old zero"},
			{"other scope", s.visits.Range(tx, "clinic2", s.byStart, "", ""), "x"},
			{"no scope's prefix", s.visits.Range(tx, "clini", s.byStart, "", ""), ""},
		}
		for _, c := range cases {
			if got := ids(c.seq); got != c.want {
				t.Errorf("%s: got %q, want %q", c.name, got, c.want)
			}
		}
		alien := newSchema()
		if got := ids(s.visits.Range(tx, clinic, alien.byStart, "", "")); !strings.Contains(got, store.ErrInvalid.Error()) {
			t.Errorf("index of another collection: %s", got)
		}
		return nil
	})
}

func multiIndex(t *testing.T, db store.DB) {
	s := newSchema()
	putVisits(t, db, s, clinic, visit{ID: "a", Tags: []string{"x", "y", "x"}}, visit{ID: "b", Tags: []string{"y"}})
	check := func(want map[string]string) {
		t.Helper()
		view(t, db, func(tx store.Tx) error {
			for tag, want := range want {
				if got := ids(s.visits.Where(tx, clinic, s.byTag, store.Text(tag))); got != want {
					t.Errorf("tag %s: got %q, want %q", tag, got, want)
				}
			}
			return nil
		})
	}
	check(map[string]string{"x": "a", "y": "a b", "z": ""})
	putVisits(t, db, s, clinic, visit{ID: "a", Tags: []string{"z"}})
	check(map[string]string{"x": "", "y": "b", "z": "a"})
}

func scopes(t *testing.T, db store.DB) {
	s := newSchema()
	want := []string{"a", "a\x00", "a\x00b", "ab", "b", store.Global}
	for _, scope := range want {
		putVisits(t, db, s, scope, visit{ID: "1"}, visit{ID: "2"})
	}
	slices.Sort(want)
	view(t, db, func(tx store.Tx) error {
		var got []string
		for scope, err := range s.visits.Scopes(tx) {
			if err != nil {
				return err
			}
			got = append(got, scope)
			if list := ids(s.visits.List(tx, scope)); list != "1 2" {
				t.Errorf("scope %q lists %q", scope, list)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		return nil
	})
}

func newerSchema(t *testing.T, db store.DB) {
	old := newSchema()
	next := newSchema()
	next.visits.Schema(2)
	putVisits(t, db, old, clinic, visit{ID: "old"})
	putVisits(t, db, next, clinic, visit{ID: "new"})
	view(t, db, func(tx store.Tx) error {
		_, _, err := old.visits.Get(tx, clinic, "new")
		expect(t, "record of a newer schema", err, store.ErrSchema)
		if got := ids(next.visits.List(tx, clinic)); got != "new old" {
			t.Errorf("the newer program lists %q", got)
		}
		return nil
	})
}

// brokenRows plants index rows that agree with no record: none may be believed.
func brokenRows(t *testing.T, db store.DB) {
	s := newSchema()
	putVisits(t, db, s, clinic, visit{ID: "v", Doctor: "d", Start: noon})
	update(t, db, func(tx store.Tx) error {
		key := store.Text(clinic).Text("e").Time(noon).Text("v")
		_, err := tx.Put("visit/doctor", []byte(key), []byte("v"), store.Any)
		return err
	})
	update(t, db, func(tx store.Tx) error {
		key := store.Text(clinic).Text("f").Time(noon).Text("gone")
		_, err := tx.Put("visit/doctor", []byte(key), []byte("gone"), store.Any)
		return err
	})
	view(t, db, func(tx store.Tx) error {
		for doctor, bad := range map[string]bool{"d": false, "e": true, "f": true} {
			_, _, err := s.visits.Find(tx, clinic, s.byDoctor, store.Text(doctor))
			if errors.Is(err, store.ErrCorrupt) != bad {
				t.Errorf("row of doctor %s: %v", doctor, err)
			}
		}
		return nil
	})
}
