package mem_test

import (
	"context"
	"testing"
	"time"

	"consilium/store"
	"consilium/store/mem"
	"consilium/store/storetest"
)

func TestDB(t *testing.T) {
	storetest.RunDB(t, func(*testing.T) store.DB { return mem.Open() })
}

func TestDBOnce(t *testing.T) {
	storetest.RunDB(t, func(*testing.T) store.DB { return mem.Open(mem.Once()) })
}

func TestFunctionsRunTwice(t *testing.T) {
	db := mem.Open()
	updates, views := 0, 0
	if err := db.Update(context.Background(), func(store.Tx) error { updates++; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := db.View(context.Background(), func(store.Tx) error { views++; return nil }); err != nil {
		t.Fatal(err)
	}
	if updates != 2 || views != 2 {
		t.Errorf("ran %d and %d times", updates, views)
	}
}

func TestBlobs(t *testing.T) {
	storetest.RunBlobs(t, func(_ *testing.T, now func() time.Time) store.Blobs { return mem.OpenBlobs(now) })
}
