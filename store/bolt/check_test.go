package bolt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.etcd.io/bbolt"

	"consilium/store"
	"consilium/store/bolt"
)

// fill writes and deletes at random, so that the file has branches, inline
// buckets, overflow pages and free pages.
func fill(t *testing.T, db store.DB, rounds int) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, uint64(rounds)))
	for i := range rounds {
		err := db.Update(context.Background(), func(tx store.Tx) error {
			for range 200 {
				bucket := fmt.Sprint("bucket", rng.IntN(3))
				value := bytes.Repeat([]byte{byte(i)}, rng.IntN(300))
				if _, err := tx.Put(bucket, []byte(fmt.Sprint(rng.IntN(4000))), value, store.Any); err != nil {
					return err
				}
				err := tx.Delete(bucket, []byte(fmt.Sprint(rng.IntN(4000))), store.Any)
				if err != nil && !errors.Is(err, store.ErrNotFound) {
					return err
				}
			}
			if _, err := tx.Put("small", []byte("a"), nil, store.Any); err != nil {
				return err
			}
			_, err := tx.Put("big", []byte(fmt.Sprint(i%3)), make([]byte, 50_000), store.Any)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func countRows(t *testing.T, db *bolt.DB) (rows int) {
	t.Helper()
	names, err := db.Buckets(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(context.Background(), func(tx store.Tx) error {
		rows = 0
		for _, name := range names {
			for _, err := range tx.Scan(name, nil, nil) {
				if err != nil {
					return err
				}
				rows++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestCheckSoundFile(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	for _, rounds := range []int{0, 1, 10, 30} {
		fill(t, db, rounds)
		report, err := db.Check(context.Background())
		if err != nil || report.Err() != nil {
			t.Fatalf("after %d rounds: %v, %q", rounds, err, report.Problems)
		}
		const engineRows = 2
		if want := countRows(t, db) + engineRows; report.Rows != want {
			t.Errorf("after %d rounds: %d rows, want %d", rounds, report.Rows, want)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	report, err := bolt.CheckFile(context.Background(), dir)
	if err != nil || report.Err() != nil || report.Free == 0 || report.Buckets != 6 {
		t.Errorf("closed file: %+v, %v", report, err)
	}
	theirs, err := bbolt.Open(filepath.Join(dir, bolt.FileName), 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	err = theirs.View(func(tx *bbolt.Tx) error {
		for err := range tx.Check() {
			t.Errorf("bbolt's own check: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestCheckBesideWriters runs checks while others write: no false alarm.
func TestCheckBesideWriters(t *testing.T) {
	db := open(t, t.TempDir())
	done := make(chan struct{})
	go func() {
		defer close(done)
		fill(t, db, 15)
	}()
	for running := true; running; {
		report, err := db.Check(context.Background())
		if err != nil || report.Err() != nil {
			t.Fatalf("%v, %q", err, report.Problems)
		}
		select {
		case <-done:
			running = false
		default:
		}
	}
}

func TestMetaPageDamaged(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, bolt.FileName)
	db := open(t, dir)
	fill(t, db, 5)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, 8, 16, 20, 24, 32, 48, 56, 64, 72, 79} { // in the meta behind the page's head
		for page := range 2 {
			bad := bytes.Clone(good)
			bad[page*os.Getpagesize()+at] ^= 4
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			db, err := bolt.Open(dir)
			if err == nil {
				db.Close()
			}
			if !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("page %d, byte %d: %v", page, at, err)
			}
			report, err := bolt.CheckFile(context.Background(), dir)
			if err != nil || report.Err() == nil {
				t.Errorf("page %d, byte %d: the check says %q, %v", page, at, report.Problems, err)
			}
		}
	}
}

func TestSnapshot(t *testing.T) {
	db := open(t, t.TempDir())
	fill(t, db, 10)
	rows := countRows(t, db)
	copied := t.TempDir()
	f, err := os.Create(filepath.Join(copied, bolt.FileName))
	if err != nil {
		t.Fatal(err)
	}
	size, err := db.Snapshot(context.Background(), f)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(f.Name()); err != nil || info.Size() != size {
		t.Errorf("said %d bytes, wrote %v, %v", size, info, err)
	}
	report, err := bolt.CheckFile(context.Background(), copied)
	if err != nil || report.Err() != nil {
		t.Errorf("the copy: %v, %q", err, report.Problems)
	}
	if got := countRows(t, open(t, copied)); got != rows {
		t.Errorf("the copy has %d rows of %d", got, rows)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := db.Snapshot(ctx, &bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestCompact(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	fill(t, db, 30)
	for i := range 3 {
		err := db.Update(context.Background(), func(tx store.Tx) error {
			return tx.Delete("big", []byte(fmt.Sprint(i)), store.Any)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	rows := countRows(t, db)
	if _, _, err := bolt.Compact(context.Background(), dir); !errors.Is(err, bolt.ErrInUse) {
		t.Errorf("compact of an open store: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	before, after, err := bolt.Compact(context.Background(), dir)
	if err != nil || after >= before {
		t.Fatalf("from %d to %d bytes, %v", before, after, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
	db = open(t, dir)
	if got := countRows(t, db); got != rows {
		t.Errorf("%d rows of %d are left", got, rows)
	}
	if err := put(db, "a", "1"); err != nil {
		t.Errorf("write after compacting: %v", err)
	}
}

func TestCompactRefusesDamage(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, bolt.FileName)
	db := open(t, dir)
	if err := put(db, "marker", strings.Repeat("marked", 1000)); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[bytes.Index(raw, []byte("marked"))] ^= 1
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := bolt.Compact(context.Background(), dir); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("compact of a damaged file: %v", err)
	}
	if now, err := os.ReadFile(path); err != nil || !bytes.Equal(now, raw) {
		t.Errorf("the damaged file was touched, %v", err)
	}
}

func TestScrub(t *testing.T) {
	dir := t.TempDir()
	db := open(t, dir)
	secret := strings.Repeat("very secret ", 100)
	fill(t, db, 3)
	if err := put(db, "a", secret); err != nil {
		t.Fatal(err)
	}
	if err := put(db, "a", "open"); err != nil {
		t.Fatal(err)
	}
	inFile := func() bool {
		raw, err := os.ReadFile(filepath.Join(dir, bolt.FileName))
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(raw, []byte("very secret very secret"))
	}
	if !inFile() {
		t.Log("the overwritten value is gone without a scrub")
	}
	fill(t, db, 2)
	rows := countRows(t, db)
	if err := db.Scrub(context.Background()); err != nil {
		t.Fatal(err)
	}
	if inFile() {
		t.Error("the overwritten value is still in the file")
	}
	report, err := db.Check(context.Background())
	if err != nil || report.Err() != nil || countRows(t, db) != rows {
		t.Errorf("after the scrub: %v, %q", err, report.Problems)
	}
	fill(t, db, 3)
}
