package keyring_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"consilium/store"
	"consilium/store/keyring"
	"consilium/store/mem"
)

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	kek := keyring.NewKEK()
	if err := keyring.WriteKEK(path, kek); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v, %v", info, err)
	}
	if got, err := keyring.ReadKEK(path); err != nil || got.ID() != kek.ID() {
		t.Errorf("read key %s, wrote %s, %v", got.ID(), kek.ID(), err)
	}
	if err := keyring.WriteKEK(path, keyring.NewKEK()); err == nil {
		t.Error("a key file was replaced")
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	typo := []byte(string(good))
	typo[len("consilium-key-1 ")+3] ^= 1
	for name, content := range map[string]string{
		"empty": "", "cut": string(good[:30]), "typo": string(typo), "text": "my secret key\n", "without its id": strings.Join(strings.Fields(string(good))[:2], " "),
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := keyring.ReadKEK(path)
		expect(t, name, err, store.ErrKey)
		if err != nil && !strings.Contains(err.Error(), path) {
			t.Errorf("%s: the error does not name the file: %v", name, err)
		}
	}
	_, err = keyring.ReadKEK(path + "x")
	expect(t, "missing", err, store.ErrKey)
}

func TestWrongKey(t *testing.T) {
	db := mem.Open()
	_, err := keyring.Open(ctx, db, keyring.NewKEK())
	expect(t, "open without a ring", err, store.ErrKey)
	kek, other := keyring.NewKEK(), keyring.NewKEK()
	if _, err := keyring.Create(ctx, db, kek); err != nil {
		t.Fatal(err)
	}
	_, err = keyring.Create(ctx, db, kek)
	expect(t, "create where one is", err, store.ErrConflict)
	_, err = keyring.Open(ctx, db, other)
	expect(t, "open with another key", err, store.ErrKey)
	if err != nil && (!strings.Contains(err.Error(), kek.ID()) || !strings.Contains(err.Error(), other.ID())) {
		t.Errorf("the error names neither key: %v", err)
	}
}

func TestSealedOrNot(t *testing.T) {
	ring, other := create(t, mem.Open()), create(t, mem.Open())
	plain := mem.Open()
	if err := store.Migrate(ctx, plain, nil, nil); err != nil {
		t.Fatal(err)
	}
	_, err := store.Seal(ctx, plain, ring)
	expect(t, "seal a store that is in use", err, store.ErrKey)

	data := mem.Open()
	db := seal(t, data, ring)
	if err := store.Migrate(ctx, db, nil, nil); err != nil {
		t.Fatal(err)
	}
	putNote(t, db, newNotes(), note{ID: "n", Patient: "p"})
	seal(t, data, ring)
	_, err = store.Seal(ctx, data, other)
	expect(t, "another ring", err, store.ErrKey)
	if err != nil && (!strings.Contains(err.Error(), ring.ID()) || !strings.Contains(err.Error(), other.ID())) {
		t.Errorf("the error names neither ring: %v", err)
	}
	expect(t, "migrate without keys", store.Migrate(ctx, data, nil, nil), store.ErrKey)
	_, err = getNote(data, newNotes(), "n")
	expect(t, "read without keys", err, store.ErrKey)
}

// A value that isn't sealed, or was sealed for another place, isn't believed.
func TestPlantedValues(t *testing.T) {
	data, notes := mem.Open(), newNotes()
	db := seal(t, data, create(t, mem.Open()))
	putNote(t, db, notes, note{ID: "a", Patient: "p", Text: "true"})
	putNote(t, db, notes, note{ID: "b", Patient: "p", Text: "other"})
	read := func(id string) (raw []byte) {
		err := data.View(ctx, func(tx store.Tx) (err error) {
			raw, _, err = tx.Get("note", []byte(store.Text("clinic").Text(id)))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	own := read("a")
	for name, raw := range map[string][]byte{
		"plain": []byte("\x01\x01" + `{"ID":"a","Patient":"p","Text":"false"}`), "another record's": read("b"),
		"empty": {}, "cut": own[:len(own)-1], "longer": append(append([]byte{}, own...), 0), "head only": own[:4], "format": append([]byte{9}, own[1:]...),
	} {
		err := data.Update(ctx, func(tx store.Tx) error {
			_, err := tx.Put("note", []byte(store.Text("clinic").Text("a")), raw, store.Any)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		n, err := getNote(db, notes, "a")
		expect(t, name, err, store.ErrCorrupt)
		if n.Text != "" {
			t.Errorf("%s: served %q", name, n.Text)
		}
	}
}
