package blobfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"consilium/store"
)

// Sweep implements store.Blobs. A file whose header can't be read stays: it is
// damaged, and somebody should see it.
func (f *FS) Sweep(ctx context.Context, minAge time.Duration, live func(scope, id string) (bool, error)) (int, error) {
	oldest := f.now().Add(-max(minAge, store.OrphanAge))
	n := 0
	err := filepath.WalkDir(f.root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || entry.IsDir() {
			return ignoreMissing(err)
		}
		gone, err := f.sweep(path, entry, oldest, live)
		if gone {
			n++
		}
		return err
	})
	if err != nil {
		return n, fmt.Errorf("sweep files: %w", err)
	}
	return n, nil
}

func (f *FS) sweep(path string, entry fs.DirEntry, oldest time.Time, live func(scope, id string) (bool, error)) (bool, error) {
	info, err := entry.Info()
	if err != nil {
		return false, ignoreMissing(err)
	}
	id := entry.Name()
	if !info.ModTime().Before(oldest) || !info.Mode().IsRegular() || !store.ValidBlobID(id) {
		return false, nil
	}
	if filepath.Base(filepath.Dir(path)) == tmp {
		return true, os.Remove(path)
	}
	file, h, err := f.open(id)
	if errors.Is(err, store.ErrCorrupt) || errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := file.Close(); err != nil {
		return false, err
	}
	known, err := live(h.scope, id)
	if err != nil || known {
		return false, err
	}
	return true, f.remove(path)
}
