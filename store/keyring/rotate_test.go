package keyring_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"consilium/store"
	"consilium/store/blobfs"
	"consilium/store/bolt"
	"consilium/store/keyring"
	"consilium/store/mem"
)

func TestRotate(t *testing.T) {
	rings, data, notes := mem.Open(), mem.Open(), newNotes()
	old, next := keyring.NewKEK(), keyring.NewKEK()
	ring, err := keyring.Create(ctx, rings, old)
	if err != nil {
		t.Fatal(err)
	}
	db := seal(t, data, ring)
	for i := range 5 {
		putNote(t, db, notes, note{ID: fmt.Sprint(i), Patient: fmt.Sprint("p", i), Email: fmt.Sprint(i), Text: "text"})
	}
	if err := ring.Rotate(ctx, next); err != nil {
		t.Fatal(err)
	}
	putNote(t, db, notes, note{ID: "5", Patient: "p5", Email: "5", Text: "text"})
	_, err = keyring.Open(ctx, rings, old)
	expect(t, "open with the old key", err, store.ErrKey)
	again, err := keyring.Open(ctx, rings, next)
	if err != nil {
		t.Fatal(err)
	}
	for _, ring := range []*keyring.Ring{ring, again} {
		db := seal(t, data, ring)
		for i := range 6 {
			if n, err := getNote(db, notes, fmt.Sprint(i)); n.Text != "text" || err != nil {
				t.Errorf("note %d: %q, %v", i, n.Text, err)
			}
			err := db.View(ctx, func(tx store.Tx) error {
				_, _, err := notes.Find(tx, "clinic", notes.byEmail, store.Text(fmt.Sprint(i)))
				return err
			})
			if err != nil {
				t.Errorf("note %d by its blinded index: %v", i, err)
			}
		}
	}
}

func TestRotateFile(t *testing.T) {
	open := func(t *testing.T, path string, rings store.DB) *keyring.Ring {
		t.Helper()
		ring, err := keyring.OpenFile(ctx, rings, path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ring.Lookup(ctx, "clinic", "p", 1); err != nil {
			t.Errorf("key of p: %v", err)
		}
		if _, err := os.Stat(path + ".next"); !os.IsNotExist(err) {
			t.Errorf("next key file: %v", err)
		}
		return ring
	}
	cases := map[string]func(t *testing.T, path string, ring *keyring.Ring) error{
		"whole": func(_ *testing.T, path string, ring *keyring.Ring) error { return ring.RotateFile(ctx, path) },
		"cut off before the ring was locked anew": func(_ *testing.T, path string, _ *keyring.Ring) error {
			return keyring.WriteKEK(path+".next", keyring.NewKEK())
		},
		"cut off before the file was replaced": func(_ *testing.T, path string, ring *keyring.Ring) error {
			next := keyring.NewKEK()
			return errors.Join(keyring.WriteKEK(path+".next", next), ring.Rotate(ctx, next))
		},
		"cut off while the next key was written": func(_ *testing.T, path string, ring *keyring.Ring) error {
			return errors.Join(os.WriteFile(path+".next", []byte("consilium-key-1 half"), 0o600), ring.RotateFile(ctx, path))
		},
		"twice": func(_ *testing.T, path string, ring *keyring.Ring) error {
			return errors.Join(ring.RotateFile(ctx, path), ring.RotateFile(ctx, path))
		},
	}
	for name, rotate := range cases {
		t.Run(name, func(t *testing.T) {
			path, rings := filepath.Join(t.TempDir(), "key"), mem.Open()
			kek := keyring.NewKEK()
			if err := keyring.WriteKEK(path, kek); err != nil {
				t.Fatal(err)
			}
			ring, err := keyring.Create(ctx, rings, kek)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := ring.Current(ctx, "clinic", "p"); err != nil {
				t.Fatal(err)
			}
			if err := rotate(t, path, ring); err != nil {
				t.Fatal(err)
			}
			open(t, path, rings)
			open(t, path, rings)
		})
	}
}

func TestCreateFile(t *testing.T) {
	cases := map[string]func(path string, rings store.DB) error{
		"anew": func(string, store.DB) error { return nil },
		"cut off in the key": func(path string, _ store.DB) error {
			return os.WriteFile(path+".next", []byte("consilium-key-1 half"), 0o600)
		},
		"cut off before the ring": func(path string, _ store.DB) error { return keyring.WriteKEK(path+".next", keyring.NewKEK()) },
		"cut off before the name": func(path string, rings store.DB) error {
			kek := keyring.NewKEK()
			_, err := keyring.Create(ctx, rings, kek)
			return errors.Join(err, keyring.WriteKEK(path+".next", kek))
		},
	}
	for name, before := range cases {
		t.Run(name, func(t *testing.T) {
			path, rings := filepath.Join(t.TempDir(), "key"), mem.Open()
			if err := before(path, rings); err != nil {
				t.Fatal(err)
			}
			ring, err := keyring.CreateFile(ctx, rings, path)
			if err != nil {
				t.Fatal(err)
			}
			again, err := keyring.OpenFile(ctx, rings, path)
			if err != nil || again.ID() != ring.ID() {
				t.Errorf("opened again: %v", err)
			}
			_, err = keyring.CreateFile(ctx, mem.Open(), path)
			expect(t, "create over a key file", err, fs.ErrExist)
		})
	}
	rings := mem.Open()
	create(t, rings)
	_, err := keyring.CreateFile(ctx, rings, filepath.Join(t.TempDir(), "key"))
	expect(t, "create over a ring whose key is lost", err, store.ErrConflict)
}

// failing lets so many updates through and then none.
type failing struct {
	store.DB
	left int
}

var errCut = errors.New("cut off")

func (f *failing) Update(ctx context.Context, fn func(store.Tx) error) error {
	if f.left--; f.left < 0 {
		return errCut
	}
	return f.DB.Update(ctx, fn)
}

// TestRotateScopeCutOff cuts a scope's rotation off at each of its transactions;
// opening the ring finishes it, and no key is lost.
func TestRotateScopeCutOff(t *testing.T) {
	const owners = 600 // two transactions' worth
	for cut := range 4 {
		rings, kek := mem.Open(mem.Once()), keyring.NewKEK()
		db := &failing{DB: rings, left: 1 << 30}
		ring, err := keyring.Create(ctx, db, kek)
		if err != nil {
			t.Fatal(err)
		}
		secrets := make(map[string][]byte)
		for i := range owners {
			key, err := ring.Current(ctx, "clinic", fmt.Sprint(i))
			if err != nil {
				t.Fatal(err)
			}
			if secrets[fmt.Sprint(i)], err = key.Derive("test", nil); err != nil {
				t.Fatal(err)
			}
		}
		db.left = cut
		expect(t, "rotation", ring.RotateScope(ctx, "clinic"), errCut)
		ring, err = keyring.Open(ctx, rings, kek)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		for owner, want := range secrets {
			key, err := ring.Current(ctx, "clinic", owner)
			if err != nil {
				t.Fatalf("cut at %d: %v", cut, err)
			}
			if got, err := key.Derive("test", nil); err != nil || !bytes.Equal(got, want) {
				t.Errorf("cut at %d: another key for %s, %v", cut, owner, err)
			}
		}
		if n := count(t, rings, "scope"); n != 1 {
			t.Errorf("cut at %d: %d scope keys are left", cut, n)
		}
	}
}

func count(t *testing.T, db store.DB, bucket string) (n int) {
	t.Helper()
	err := db.View(ctx, func(tx store.Tx) error {
		n = 0
		for _, err := range tx.Scan(bucket, nil, nil) {
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestDestroy(t *testing.T) {
	ringDir, notes := t.TempDir(), newNotes()
	rings := openBolt(t, ringDir)
	kek := keyring.NewKEK()
	ring, err := keyring.Create(ctx, rings, kek)
	if err != nil {
		t.Fatal(err)
	}
	db := seal(t, openBolt(t, t.TempDir()), ring)
	files, err := blobfs.Open(t.TempDir(), blobfs.Sealed(ring))
	if err != nil {
		t.Fatal(err)
	}
	var blobs []store.Blob
	for _, patient := range []string{"keep", "erase"} {
		for i := range 3 {
			id := fmt.Sprint(patient, i)
			putNote(t, db, notes, note{ID: id, Patient: patient, Email: id, Text: "text"})
		}
		blob, err := files.Put(ctx, "clinic", patient, strings.NewReader("file"))
		if err != nil {
			t.Fatal(err)
		}
		blobs = append(blobs, blob)
	}
	wrapped := wrappedKeys(t, rings)
	if err := ring.Destroy(ctx, "clinic", "erase"); err != nil {
		t.Fatal(err)
	}
	expect(t, "destroy a scope's own key", ring.Destroy(ctx, "clinic", ""), store.ErrInvalid)
	again, err := keyring.Open(ctx, rings, kek)
	if err != nil {
		t.Fatal(err)
	}
	for _, keys := range []*keyring.Ring{ring, again} {
		_, err := keys.Current(ctx, "clinic", "erase")
		expect(t, "new key", err, store.ErrErased)
		_, err = keys.Lookup(ctx, "clinic", "erase", 1)
		expect(t, "old key", err, store.ErrErased)
		expect(t, "renewed key", keys.Renew(ctx, "clinic", "erase"), store.ErrErased)
		if _, err := keys.Lookup(ctx, "clinic", "keep", 1); err != nil {
			t.Errorf("another owner's key: %v", err)
		}
	}
	erased(t, db, notes)
	_, err = files.Open(ctx, "clinic", blobs[1].ID)
	expect(t, "file", err, store.ErrErased)
	if err := files.Delete(ctx, "clinic", blobs[1].ID); err != nil {
		t.Errorf("delete an erased file: %v", err)
	}
	f, err := files.Open(ctx, "clinic", blobs[0].ID)
	if err != nil {
		t.Errorf("another owner's file: %v", err)
	} else if err := f.Close(); err != nil {
		t.Error(err)
	}
	raw, err := os.ReadFile(filepath.Join(ringDir, bolt.FileName))
	if err != nil {
		t.Fatal(err)
	}
	for what, key := range wrapped {
		if bytes.Contains(raw, key) {
			t.Errorf("the file of the ring still holds %s as it was wrapped before", what)
		}
	}
}

// erased checks what the erased patient's three notes look like and removes them.
func erased(t *testing.T, db store.DB, notes notes) {
	t.Helper()
	_, err := getNote(db, notes, "erase0")
	expect(t, "get", err, store.ErrErased)
	list := func() (ids string) {
		err := db.View(ctx, func(tx store.Tx) error {
			ids = ""
			for n, err := range notes.List(tx, "clinic") {
				if err != nil {
					return err
				}
				ids += n.ID + " "
			}
			for n, err := range notes.Where(tx, "clinic", notes.byPatient, store.Text("erase")) {
				if err != nil {
					return err
				}
				ids += "found " + n.ID
			}
			return nil
		})
		if err != nil {
			t.Errorf("list: %v", err)
		}
		return ids
	}
	if got := list(); got != "keep0 keep1 keep2 " {
		t.Errorf("lists give %q", got)
	}
	err = db.Update(ctx, func(tx store.Tx) error {
		_, err := notes.Put(tx, "clinic", &note{ID: "new", Patient: "erase"}, 0)
		return err
	})
	expect(t, "put", err, store.ErrErased)
	err = db.Update(ctx, func(tx store.Tx) error { return notes.Delete(tx, "clinic", "erase1", store.Any) })
	if err != nil {
		t.Errorf("delete: %v", err)
	}
	var n int
	err = db.Update(ctx, func(tx store.Tx) (err error) {
		n, err = notes.Purge(tx, "clinic", 100)
		return err
	})
	if n != 2 || err != nil {
		t.Errorf("purged %d, %v", n, err)
	}
	for bucket, want := range map[string]int{"note": 3, "note/patient": 3, "note/email": 3} {
		if got := count(t, db, bucket); got != want {
			t.Errorf("%s has %d rows, want %d", bucket, got, want)
		}
	}
	if got := list(); got != "keep0 keep1 keep2 " {
		t.Errorf("after the purge lists give %q", got)
	}
}

// wrappedKeys reads all wrapped keys as they stand in the ring.
func wrappedKeys(t *testing.T, rings store.DB) map[string][]byte {
	t.Helper()
	type row struct {
		ID      string
		Wrapped []byte
	}
	out := make(map[string][]byte)
	err := rings.View(ctx, func(tx store.Tx) error {
		for _, bucket := range []string{"scope", "data"} {
			rows := store.NewCollection(bucket, func(r *row) string { return r.ID })
			for r, err := range rows.List(tx, "clinic") {
				if err != nil {
					return err
				}
				out[bucket+" "+r.ID] = []byte(base64.StdEncoding.EncodeToString(r.Wrapped)) // as in JSON
			}
		}
		return nil
	})
	if err != nil || len(out) < 4 {
		t.Fatalf("%d wrapped keys, %v", len(out), err)
	}
	return out
}
