package blobfs_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"consilium/store"
	"consilium/store/blobfs"
	"consilium/store/storetest"
)

func TestBlobs(t *testing.T) {
	storetest.RunBlobs(t, func(t *testing.T, now func() time.Time) store.Blobs {
		return open(t, t.TempDir(), blobfs.Clock(now))
	})
}

func open(t *testing.T, dir string, options ...blobfs.Option) *blobfs.FS {
	t.Helper()
	f, err := blobfs.Open(dir, options...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// files lists what lies in the folder of files.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(dir, blobfs.Dir), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestLayout(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	f := open(t, dir)
	blob, err := f.Put(context.Background(), "clinic", "", bytes.NewReader([]byte("content")))
	if err != nil {
		t.Fatal(err)
	}
	want := filepath.Join(dir, "files", blob.ID[:2], blob.ID)
	if got := files(t, dir); len(got) != 1 || got[0] != want {
		t.Errorf("the folder holds %q, want %q", got, want)
	}
	info, err := os.Stat(want)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestFailedPutLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	ctx, cancel := context.WithCancel(context.Background())
	r := readerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil })
	if _, err := f.Put(ctx, "clinic", "", r); !errors.Is(err, context.Canceled) {
		t.Errorf("put: %v", err)
	}
	if left := files(t, dir); len(left) != 0 {
		t.Errorf("left behind: %q", left)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestReserve(t *testing.T) {
	f := open(t, t.TempDir(), blobfs.Reserve(1<<62))
	if _, err := f.Put(context.Background(), "clinic", "", bytes.NewReader(nil)); !errors.Is(err, store.ErrNoSpace) {
		t.Errorf("put: %v", err)
	}
}

func TestDamagedHeader(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, blobfs.Clock(func() time.Time { return time.Now().Add(100 * time.Hour) }))
	blob, err := f.Put(context.Background(), "clinic", "", bytes.NewReader([]byte("content")))
	if err != nil {
		t.Fatal(err)
	}
	path := files(t, dir)[0]
	for name, content := range map[string]string{"empty": "", "short": "CB", "alien": "PDF-1.7 and more", "cut": "CBF\x01\x06cli", "no scope": "CBF\x01\x00"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Open(context.Background(), "clinic", blob.ID); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
	n, err := f.Sweep(context.Background(), 0, func(string, string) (bool, error) { return false, nil })
	if n != 0 || err != nil {
		t.Errorf("the sweep took %d damaged files, %v", n, err)
	}
}

func TestSweepTakesUnfinishedUploads(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, blobfs.Clock(func() time.Time { return time.Now().Add(25 * time.Hour) }))
	stale := filepath.Join(dir, blobfs.Dir, "tmp", store.NewBlobID())
	if err := os.WriteFile(stale, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	n, err := f.Sweep(context.Background(), 0, func(string, string) (bool, error) { return true, nil })
	if n != 1 || err != nil || len(files(t, dir)) != 0 {
		t.Errorf("swept %d, %v, left %q", n, err, files(t, dir))
	}
}
