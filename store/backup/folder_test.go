package backup_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"consilium/store"
	"consilium/store/blobfs"
	"consilium/store/bolt"
	"consilium/store/keyring"
)

var ctx = context.Background()

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// folder is a sealed data folder with its keys, as a server has them open.
type folder struct {
	dir   string // holds data and keys
	kek   keyring.KEK
	raw   *bolt.DB
	keys  *bolt.DB
	ring  *keyring.Ring
	db    store.DB
	files *blobfs.FS
}

func dataDir(dir string) string { return filepath.Join(dir, "data") }
func keysDir(dir string) string { return filepath.Join(dir, "keys") }

// openFolder opens what is there, or makes it anew.
func openFolder(dir string, kek keyring.KEK) (_ *folder, err error) {
	f := &folder{dir: dir, kek: kek}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.close())
		}
	}()
	if f.keys, err = bolt.Open(keysDir(dir), bolt.Reserve(0)); err != nil {
		return f, err
	}
	if f.ring, err = keyring.Open(ctx, f.keys, kek); errors.Is(err, store.ErrKey) {
		f.ring, err = keyring.Create(ctx, f.keys, kek)
	}
	if err != nil {
		return f, err
	}
	if f.raw, err = bolt.Open(dataDir(dir), bolt.Reserve(0)); err != nil {
		return f, err
	}
	if f.db, err = store.Seal(ctx, f.raw, f.ring); err != nil {
		return f, err
	}
	f.files, err = blobfs.Open(dataDir(dir), blobfs.Sealed(f.ring), blobfs.Reserve(0))
	return f, err
}

func (f *folder) close() error {
	var errs []error
	for _, db := range []*bolt.DB{f.raw, f.keys} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

func newFolder(t testing.TB) *folder {
	t.Helper()
	f, err := openFolder(t.TempDir(), keyring.NewKEK())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.close() })
	return f
}

// note is a record of the folder; canary stands in every personal value.
type note struct {
	ID, Patient, Email, Text string
	At                       time.Time
	File                     store.Blob
}

const (
	clinic = "clinic"
	canary = "Ivan Petrov, born 1931"
)

type schema struct {
	notes     *store.Collection[note]
	byPatient *store.Index[note]
	byEmail   *store.Index[note]
	numbers   *store.Sequence
	journal   *store.Log[note]
}

func newSchema() schema {
	s := schema{
		byPatient: store.IndexBy("patient", func(n *note) store.Key { return store.Text(n.Patient).Time(n.At) }),
		byEmail:   store.UniqueBy("email", func(n *note) store.Key { return store.Text(n.Email) }).Blinded(),
		numbers:   store.NewSequence("number"),
		journal:   store.NewLog[note]("journal"),
	}
	s.notes = store.NewCollection("note", func(n *note) string { return n.ID }, s.byPatient, s.byEmail).
		OwnedBy(func(n *note) string { return n.Patient })
	return s
}

func (f *folder) fill(t testing.TB, from, to int) {
	t.Helper()
	s := newSchema()
	for i := from; i < to; i++ {
		n := note{
			ID: fmt.Sprintf("note%04d", i), Patient: fmt.Sprint("patient", i%7), Email: fmt.Sprintf("%s %d", canary, i),
			Text: strings.Repeat(canary+" ", 1+i%9), At: noon.Add(time.Duration(i) * time.Minute),
		}
		if i%20 == 0 {
			var err error
			n.File, err = f.files.Put(ctx, clinic, n.Patient, strings.NewReader(strings.Repeat(canary, 50*i)))
			if err != nil {
				t.Errorf("fill: %v", err)
				return
			}
		}
		err := f.db.Update(ctx, func(tx store.Tx) error {
			if _, err := s.notes.Put(tx, clinic, &n, 0); err != nil {
				return err
			}
			if _, err := s.journal.Append(tx, clinic, &n); err != nil {
				return err
			}
			_, err := s.numbers.Next(tx, clinic)
			return err
		})
		if err != nil {
			t.Errorf("fill: %v", err)
			return
		}
	}
}

// answer is what a question to the folder got.
type answer struct {
	text string
	err  error
}

// ask puts every question that a server could, in a fixed order.
func (f *folder) ask(notes int) map[string]answer {
	s, out := newSchema(), make(map[string]answer)
	view := func(question string, fn func(tx store.Tx, say func(...any)) error) {
		var b strings.Builder
		err := f.db.View(ctx, func(tx store.Tx) error {
			b.Reset()
			return fn(tx, func(a ...any) { fmt.Fprintln(&b, a...) })
		})
		out[question] = answer{b.String(), err}
	}
	for i := range notes {
		id := fmt.Sprintf("note%04d", i)
		view("get "+id, func(tx store.Tx, say func(...any)) error {
			n, _, err := s.notes.Get(tx, clinic, id)
			say(n)
			if err == nil && n.File.ID != "" {
				content, err := f.content(n.File.ID)
				say(content)
				return err
			}
			return err
		})
		view("find "+id, func(tx store.Tx, say func(...any)) error {
			n, _, err := s.notes.Find(tx, clinic, s.byEmail, store.Text(fmt.Sprintf("%s %d", canary, i)))
			say(n)
			return err
		})
	}
	view("list", func(tx store.Tx, say func(...any)) error {
		for n, err := range s.notes.List(tx, clinic) {
			if err != nil {
				return err
			}
			say(n)
		}
		return nil
	})
	for p := range 7 {
		view(fmt.Sprint("of patient ", p), func(tx store.Tx, say func(...any)) error {
			for n, err := range s.notes.Where(tx, clinic, s.byPatient, store.Text(fmt.Sprint("patient", p))) {
				if err != nil {
					return err
				}
				say(n.ID)
			}
			return nil
		})
	}
	view("journal", func(tx store.Tx, say func(...any)) error {
		for e, err := range s.journal.Range(tx, clinic, 0, 0) {
			if err != nil {
				return err
			}
			say(e)
		}
		return nil
	})
	view("number", func(tx store.Tx, say func(...any)) error {
		n, err := s.numbers.Last(tx, clinic)
		say(n)
		return err
	})
	return out
}

func (f *folder) content(id string) (string, error) {
	file, err := f.files.Open(ctx, clinic, id)
	if err != nil {
		return "", err
	}
	raw, err := io.ReadAll(file)
	return string(raw), errors.Join(err, file.Close())
}

// checks runs all checks and returns what they found.
func (f *folder) checks() error {
	report, err := f.raw.Check(ctx)
	if err = errors.Join(err, report.Err()); err != nil {
		return err
	}
	if report, err = f.keys.Check(ctx); err != nil || report.Err() != nil {
		return errors.Join(err, report.Err())
	}
	buckets, err := f.raw.Buckets(ctx)
	if err != nil {
		return err
	}
	seals, err := store.CheckSeals(ctx, f.db, buckets)
	if err = errors.Join(err, seals.Err()); err != nil {
		return err
	}
	files, err := f.files.Check(ctx)
	return errors.Join(err, files.Err())
}

// same fails the test where two folders answer differently, or with an error.
func same(t *testing.T, got, want map[string]answer) {
	t.Helper()
	for question, w := range want {
		if g := got[question]; g.err != nil || w.err != nil || g.text != w.text {
			t.Errorf("%s: got %d bytes, %v, want %d bytes, %v", question, len(g.text), g.err, len(w.text), w.err)
		}
	}
}

func contains(t *testing.T, path string, raw []byte) {
	t.Helper()
	for _, secret := range []string{canary, "Petrov"} {
		if bytes.Contains(raw, []byte(secret)) {
			t.Errorf("%s shows %q", path, secret)
		}
	}
}
