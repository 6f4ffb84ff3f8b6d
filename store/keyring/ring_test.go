package keyring_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"consilium/store"
	"consilium/store/blobfs"
	"consilium/store/bolt"
	"consilium/store/keyring"
	"consilium/store/mem"
	"consilium/store/storetest"
)

var ctx = context.Background()

func create(t *testing.T, db store.DB) *keyring.Ring {
	t.Helper()
	ring, err := keyring.Create(ctx, db, keyring.NewKEK())
	if err != nil {
		t.Fatal(err)
	}
	return ring
}

func seal(t *testing.T, db store.DB, ring store.Keys) store.DB {
	t.Helper()
	sealed, err := store.Seal(ctx, db, ring)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

func openBolt(t *testing.T, dir string) *bolt.DB {
	t.Helper()
	db, err := bolt.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func expect(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// The suite runs over sealed stores too: nobody above can tell them apart.
func TestSealedDB(t *testing.T) {
	t.Run("mem", func(t *testing.T) {
		storetest.RunDB(t, func(t *testing.T) store.DB { return seal(t, mem.Open(), create(t, mem.Open())) })
	})
	t.Run("bolt", func(t *testing.T) {
		storetest.RunDB(t, func(t *testing.T) store.DB {
			return seal(t, openBolt(t, t.TempDir()), create(t, openBolt(t, t.TempDir())))
		})
	})
}

func TestSealedBlobs(t *testing.T) {
	storetest.RunBlobs(t, func(t *testing.T, now func() time.Time) store.Blobs {
		files, err := blobfs.Open(t.TempDir(), blobfs.Clock(now), blobfs.Sealed(create(t, mem.Open())))
		if err != nil {
			t.Fatal(err)
		}
		return files
	})
}

func TestKeysAreStable(t *testing.T) {
	db, kek := mem.Open(), keyring.NewKEK()
	ring, err := keyring.Create(ctx, db, kek)
	if err != nil {
		t.Fatal(err)
	}
	derived := func(ring *keyring.Ring, scope, owner string) string {
		t.Helper()
		key, err := ring.Current(ctx, scope, owner)
		if err != nil {
			t.Fatal(err)
		}
		secret, err := key.Derive("test", nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(secret)
	}
	seen := make(map[string]string)
	for _, scope := range []string{"a", "b"} {
		for _, owner := range []string{"", "p", "p/1", "p/1/1"} {
			secret := derived(ring, scope, owner)
			if who, taken := seen[secret]; taken {
				t.Errorf("%s/%s has the key of %s", scope, owner, who)
			}
			seen[secret] = scope + "/" + owner
		}
	}
	again, err := keyring.Open(ctx, db, kek)
	if err != nil || again.ID() != ring.ID() {
		t.Fatalf("opened ring %s again as %s, %v", ring.ID(), again.ID(), err)
	}
	for secret, who := range seen {
		var scope, owner string
		fmt.Sscanf(who, "%1s/%s", &scope, &owner)
		if derived(again, scope, owner) != secret {
			t.Errorf("%s has another key after opening the ring again", who)
		}
	}
	_, err = ring.Lookup(ctx, "a", "p", 2)
	expect(t, "generation that never was", err, store.ErrKey)
	_, err = ring.Lookup(ctx, "a", "nobody", 1)
	expect(t, "owner that never was", err, store.ErrKey)
	_, err = ring.Lookup(ctx, "a", "p", 0)
	expect(t, "generation 0", err, store.ErrKey)
}

func TestOneKeyForManyCallers(t *testing.T) {
	ring := create(t, mem.Open())
	keys := make([]*store.DataKey, 16)
	var group sync.WaitGroup
	for i := range keys {
		group.Go(func() {
			var err error
			if keys[i], err = ring.Current(ctx, "clinic", "patient"); err != nil {
				t.Errorf("key: %v", err)
			}
		})
	}
	group.Wait()
	want, err := keys[0].Derive("test", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if got, err := key.Derive("test", nil); err != nil || string(got) != string(want) || key.Generation != 1 {
			t.Errorf("another key, generation %d, %v", key.Generation, err)
		}
	}
}

func TestRenew(t *testing.T) {
	ring := create(t, mem.Open())
	db := seal(t, mem.Open(), ring)
	notes := newNotes()
	putNote(t, db, notes, note{ID: "old", Patient: "p", Text: "before"})
	if err := ring.Renew(ctx, "clinic", "p"); err != nil {
		t.Fatal(err)
	}
	putNote(t, db, notes, note{ID: "new", Patient: "p", Text: "after"})
	key, err := ring.Current(ctx, "clinic", "p")
	if err != nil || key.Generation != 2 {
		t.Errorf("generation %d, %v", key.Generation, err)
	}
	for id, want := range map[string]string{"old": "before", "new": "after"} {
		if n, err := getNote(db, notes, id); n.Text != want || err != nil {
			t.Errorf("%s: %q, %v", id, n.Text, err)
		}
	}
}

// note belongs to a patient, whose key seals it.
type note struct {
	ID, Patient, Email, Text string
}

type notes struct {
	*store.Collection[note]
	byPatient, byEmail *store.Index[note]
}

func newNotes() notes {
	n := notes{
		byPatient: store.IndexBy("patient", func(n *note) store.Key { return store.Text(n.Patient) }),
		byEmail: store.UniqueBy("email", func(n *note) store.Key {
			if n.Email == "" {
				return ""
			}
			return store.Text(n.Email)
		}).Blinded(),
	}
	n.Collection = store.NewCollection("note", func(n *note) string { return n.ID }, n.byPatient, n.byEmail).
		OwnedBy(func(n *note) string { return n.Patient })
	return n
}

func putNote(t *testing.T, db store.DB, notes notes, n note) {
	t.Helper()
	err := db.Update(ctx, func(tx store.Tx) error {
		_, err := notes.Put(tx, "clinic", &n, store.Any)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func getNote(db store.DB, notes notes, id string) (n note, err error) {
	err = db.View(ctx, func(tx store.Tx) error {
		var err error
		n, _, err = notes.Get(tx, "clinic", id)
		return err
	})
	return n, err
}
