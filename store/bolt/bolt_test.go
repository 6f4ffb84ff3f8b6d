package bolt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"consilium/store"
	"consilium/store/bolt"
	"consilium/store/storetest"
)

func TestDB(t *testing.T) {
	storetest.RunDB(t, func(t *testing.T) store.DB { return open(t, t.TempDir()) })
}

// TestDBWithoutGroups runs the suite with a commit for each function.
func TestDBWithoutGroups(t *testing.T) {
	storetest.RunDB(t, func(t *testing.T) store.DB { return open(t, t.TempDir(), bolt.Group(1, 0)) })
}

func open(t *testing.T, dir string, options ...bolt.Option) *bolt.DB {
	t.Helper()
	db, err := bolt.Open(dir, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

func put(db store.DB, key, value string) error {
	return db.Update(context.Background(), func(tx store.Tx) error {
		_, err := tx.Put("things", []byte(key), []byte(value), store.Any)
		return err
	})
}

func get(db store.DB, key string) (value string, version uint64, err error) {
	err = db.View(context.Background(), func(tx store.Tx) error {
		var raw []byte
		raw, version, err = tx.Get("things", []byte(key))
		value = string(raw)
		return err
	})
	return value, version, err
}

func TestReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	var last uint64
	for i := range 3 {
		db, err := bolt.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			if value, _, err := get(db, "a"); value != fmt.Sprint(i-1) || err != nil {
				t.Errorf("opening %d finds %q, %v", i, value, err)
			}
		}
		if err := put(db, "a", fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
		_, version, err := get(db, "a")
		if err != nil || version <= last {
			t.Errorf("version %d after %d, %v", version, last, err)
		}
		last = version
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "consilium.db"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("database file: %v, %v", info, err)
	}
}

func TestSecondOpening(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	_, err := bolt.Open(dir)
	if !errors.Is(err, bolt.ErrInUse) || !strings.Contains(err.Error(), "another process") || !strings.Contains(err.Error(), dir) {
		t.Errorf("second opening: %v", err)
	}
}

func TestAlienFile(t *testing.T) {
	for name, content := range map[string]string{
		"text": strings.Repeat("this is not a database\n", 1000), "short": "x", "zeroes": string(make([]byte, 64<<10)),
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, bolt.FileName), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := bolt.Open(dir)
		if err == nil {
			db.Close()
			t.Errorf("%s: opened", name)
		}
	}
}

func TestViewLimit(t *testing.T) {
	db := open(t, t.TempDir(), bolt.ViewLimit(time.Millisecond))
	if err := put(db, "a", "1"); err != nil {
		t.Fatal(err)
	}
	err := db.View(context.Background(), func(tx store.Tx) error {
		deadline := time.Now().Add(10 * time.Second)
		for time.Now().Before(deadline) {
			for _, err := range tx.Scan("things", nil, nil) {
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if !errors.Is(err, store.ErrTooLong) {
		t.Errorf("a view without end: %v", err)
	}
}

func TestReserve(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	if err := put(db, "a", "1"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = open(t, dir, bolt.Reserve(1<<62))
	if err := put(db, "a", "2"); !errors.Is(err, store.ErrNoSpace) {
		t.Errorf("write below the reserve: %v", err)
	}
	if value, _, err := get(db, "a"); value != "1" || err != nil {
		t.Errorf("read below the reserve: %q, %v", value, err)
	}
}

// TestGroupsShareCommits holds the writer in one function while others queue
// up: they are then acknowledged together, in far fewer commits than functions.
func TestGroupsShareCommits(t *testing.T) {
	db := open(t, t.TempDir())
	const writers = 50
	held, release := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		err := db.Update(context.Background(), func(tx store.Tx) error {
			close(held)
			<-release
			return nil
		})
		if err != nil {
			t.Errorf("first: %v", err)
		}
	})
	<-held
	for i := range writers {
		group.Go(func() {
			if err := put(db, fmt.Sprint(i), "x"); err != nil {
				t.Errorf("put: %v", err)
			}
		})
	}
	before := db.Commits()
	close(release)
	group.Wait()
	if n := db.Commits() - before; n > writers/2 {
		t.Errorf("%d commits for %d functions", n, writers)
	}
	for i := range writers {
		if value, _, err := get(db, fmt.Sprint(i)); value != "x" || err != nil {
			t.Errorf("key %d: %q, %v", i, value, err)
		}
	}
}
