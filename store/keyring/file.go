package keyring

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"consilium/store"
	"consilium/store/internal/disk"
)

// nextFile holds a key that is about to become a key file's: it is on the disk
// before anything is locked with it.
func nextFile(path string) string { return path + ".next" }

// nextKEK returns the key in the next file, and makes it when there is none. One
// that isn't whole was never used.
func nextKEK(path string) (KEK, error) {
	kek, err := ReadKEK(nextFile(path))
	if err == nil {
		return kek, nil
	}
	if err := os.Remove(nextFile(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return KEK{}, fmt.Errorf("write key file: %w", err)
	}
	kek = NewKEK()
	return kek, WriteKEK(nextFile(path), kek)
}

// CreateFile makes a new ring in an empty store and the key file that opens it.
// It never replaces a key file. What a crash cuts off it finishes when it is
// called again.
func CreateFile(ctx context.Context, db store.DB, path string) (*Ring, error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("create key file %s: %w", path, errors.Join(err, fs.ErrExist))
	}
	kek, err := nextKEK(path)
	if err != nil {
		return nil, err
	}
	r, err := Open(ctx, db, kek)
	if errors.Is(err, store.ErrKey) {
		r, err = Create(ctx, db, kek)
	}
	if err != nil {
		return nil, err
	}
	if err := disk.Replace(nextFile(path), path); err != nil {
		return nil, fmt.Errorf("create key file: %w", err)
	}
	return r, nil
}

// RotateFile makes a new KEK, locks the ring with it and puts it into the key
// file. A crash on the way is mended by OpenFile.
func (r *Ring) RotateFile(ctx context.Context, path string) error {
	next, err := nextKEK(path)
	if err != nil {
		return err
	}
	if err := r.Rotate(ctx, next); err != nil {
		return err
	}
	if err := disk.Replace(nextFile(path), path); err != nil {
		return fmt.Errorf("rotate key: the new key is in %s: %w", nextFile(path), err)
	}
	return nil
}

// OpenFile opens a ring with the KEK of a file, also one whose rotation by
// RotateFile was cut off.
func OpenFile(ctx context.Context, db store.DB, path string) (*Ring, error) {
	kek, err := ReadKEK(path)
	if err != nil {
		return nil, err
	}
	r, err := Open(ctx, db, kek)
	if _, statErr := os.Stat(nextFile(path)); statErr != nil {
		return r, err
	}
	if err == nil { // the ring wasn't locked with the next key yet
		return r, errors.Join(os.Remove(nextFile(path)), disk.SyncDir(filepath.Dir(path)))
	}
	next, nextErr := ReadKEK(nextFile(path))
	if nextErr != nil {
		return nil, err
	}
	if r, nextErr = Open(ctx, db, next); nextErr != nil {
		return nil, err
	}
	if err := disk.Replace(nextFile(path), path); err != nil {
		return nil, fmt.Errorf("finish rotating the key: %w", err)
	}
	return r, nil
}
