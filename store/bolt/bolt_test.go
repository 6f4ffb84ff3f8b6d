package bolt_test

import (
	"testing"

	"consilium/store"
	"consilium/store/bolt"
	"consilium/store/storetest"
)

func TestDB(t *testing.T) {
	storetest.RunDB(t, func(t *testing.T) store.DB {
		db, err := bolt.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		return db
	})
}
