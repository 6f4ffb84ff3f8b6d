package disk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"consilium/store"
)

// MakeDir creates a folder and those above it, and makes their names durable.
func MakeDir(dir string) error {
	dir = filepath.Clean(dir)
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	parent := filepath.Dir(dir)
	if parent != dir {
		if err := MakeDir(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return SyncDir(parent)
}

// SyncDir makes the names in a folder durable: a new or renamed file survives a
// power cut only when its folder was synced too.
func SyncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return nil
}

// Replace gives a finished, synced and closed temporary file its name, durably,
// in place of what had that name.
func Replace(temp, path string) error {
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// Room refuses with ErrNoSpace when the disk that holds path has less than
// reserve bytes free. Where the disk can't be asked, the write itself will tell.
func Room(path string, reserve int64) error {
	free, ok := freeBytes(path)
	if ok && free < reserve {
		return fmt.Errorf("%w: %d MiB free, reserve %d MiB", store.ErrNoSpace, free>>20, reserve>>20)
	}
	return nil
}

// Refusal turns a full disk's error into ErrNoSpace, and that of one which can't
// be written into ErrReadOnly. Others stay as they are.
func Refusal(err error) error {
	switch {
	case err == nil, errors.Is(err, store.ErrNoSpace), errors.Is(err, store.ErrReadOnly):
		return err
	case says(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", store.ErrNoSpace, err)
	case says(err, syscall.EROFS), says(err, syscall.EIO), errors.Is(err, syscall.EPERM):
		return fmt.Errorf("%w: the medium refuses writes: %w", store.ErrReadOnly, err)
	}
	return err
}

// says also reads the text, because bbolt flattens some errors to it.
func says(err error, no syscall.Errno) bool {
	return errors.Is(err, no) || strings.Contains(err.Error(), no.Error())
}
