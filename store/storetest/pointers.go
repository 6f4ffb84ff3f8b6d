package storetest

import (
	"testing"
	"time"

	"consilium/store"
)

// pointers walks index rows without their records.
func pointers(t *testing.T, db store.DB) {
	at := time.Date(2026, 11, 25, 9, 0, 0, 7, time.UTC)
	byDoctor := store.IndexBy("doctor", func(v *visit) store.Key { return store.Text(v.Doctor).Time(v.Start) })
	byEmail := store.UniqueBy("mail", func(v *visit) store.Key { return store.Text(v.Email) })
	hidden := store.IndexBy("hidden", func(v *visit) store.Key { return store.Text(v.Email) }).Blinded()
	visits := store.NewCollection("pointed", func(v *visit) string { return v.ID }, byDoctor, byEmail, hidden)
	ids := []string{"a", "b\x00", "\x00\x00c", "d"}
	update(t, db, func(tx store.Tx) error {
		for i, id := range ids {
			v := visit{ID: id, Doctor: "d\x00", Email: id + "@", Start: at.Add(time.Duration(i) * time.Hour)}
			if _, err := visits.Put(tx, clinic, &v, 0); err != nil {
				return err
			}
		}
		v := visit{ID: "other", Doctor: "d\x00", Email: "x", Start: at}
		_, err := visits.Put(tx, "other", &v, 0)
		return err
	})
	view(t, db, func(tx store.Tx) error {
		n := 0
		k := store.Text("d\x00")
		for p, err := range visits.Pointers(tx, clinic, byDoctor, k.Time(at), k.Time(at.Add(3*time.Hour))) {
			if err != nil {
				return err
			}
			doctor, rest, ok := p.Key.CutText()
			start, rest, whole := rest.CutTime()
			if p.ID != ids[n] || doctor != "d\x00" || !ok || !whole || rest != "" || !start.Equal(at.Add(time.Duration(n)*time.Hour)) {
				t.Errorf("row %d: %q %q %v %q", n, p.ID, doctor, start, rest)
			}
			n++
		}
		if n != 3 {
			t.Errorf("%d rows in the range, want 3", n)
		}
		n = 0
		for p, err := range visits.Pointers(tx, clinic, byEmail, "", "") {
			if err != nil {
				return err
			}
			if email, rest, ok := p.Key.CutText(); email != p.ID+"@" || rest != "" || !ok {
				t.Errorf("unique row of %q: %q %q", p.ID, email, rest)
			}
			n++
		}
		if n != len(ids) {
			t.Errorf("%d unique rows, want %d", n, len(ids))
		}
		for _, err := range visits.Pointers(tx, clinic, hidden, store.Text("a@"), store.Text("a@").End()) {
			expect(t, "a blinded index", err, store.ErrInvalid)
		}
		for _, err := range visits.Pointers(tx, "", byDoctor, "", "") {
			expect(t, "empty scope", err, store.ErrInvalid)
		}
		if _, _, ok := store.Key("short").CutTime(); ok {
			t.Error("a time was cut from a short key")
		}
		for _, at := range []time.Time{at, time.Unix(0, 0).UTC(), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), at.AddDate(900, 0, 0)} {
			if got, rest, ok := store.Time(at).Text("x").CutTime(); !ok || !got.Equal(at) || rest != store.Text("x") {
				t.Errorf("%v was cut as %v", at, got)
			}
		}
		return nil
	})
}
