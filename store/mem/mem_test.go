package mem_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"consilium/store"
	"consilium/store/mem"
)

type visit struct {
	store.Revised
	ID, Doctor, Email string
	Start             time.Time
}

func TestCollectionOverMem(t *testing.T) {
	ctx, db := context.Background(), mem.Open()
	defer db.Close()
	byDoctor := store.IndexBy("doctor", func(v *visit) store.Key { return store.Text(v.Doctor).Time(v.Start) })
	byEmail := store.UniqueBy("email", func(v *visit) store.Key { return store.Text(v.Email) }).Blinded()
	visits := store.NewCollection("visit", func(v *visit) string { return v.ID }, byDoctor, byEmail)
	day := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

	err := db.Update(ctx, func(tx store.Tx) error {
		for i, id := range []string{"c", "a", "b"} {
			v := visit{ID: id, Doctor: "d1", Email: id + "@x", Start: day.Add(time.Duration(i) * time.Hour)}
			if _, err := visits.Put(tx, "clinic", &v, 0); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(ctx, func(tx store.Tx) error {
		got := ""
		for v, err := range visits.Range(tx, "clinic", byDoctor, store.Text("d1").Time(day), store.Text("d1").Time(day.Add(2*time.Hour))) {
			if err != nil {
				return err
			}
			if v.Rev == 0 {
				t.Error("Rev is not filled")
			}
			got += v.ID
		}
		if got != "ca" {
			t.Errorf("range gave %q", got)
		}
		v, _, err := visits.Find(tx, "clinic", byEmail, store.Text("b@x"))
		if err != nil || v.ID != "b" {
			t.Errorf("find gave %q, %v", v.ID, err)
		}
		_, _, err = visits.Find(tx, "other", byEmail, store.Text("b@x"))
		if !errors.Is(err, store.ErrNotFound) {
			t.Errorf("other clinic finds %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(ctx, func(tx store.Tx) error {
		_, err := visits.Put(tx, "clinic", &visit{ID: "z", Email: "a@x"}, 0)
		return err
	})
	if !errors.Is(err, store.ErrDuplicate) {
		t.Errorf("second holder of an email: %v", err)
	}
}
