package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"consilium/store"
	"consilium/store/blobfs"
	"consilium/store/bolt"
	"consilium/store/internal/disk"
	"consilium/store/keyring"
)

// restoring is where a restore unpacks within the folder. What is found there
// later comes from one that was cut off.
const restoring = ".restoring"

// ErrNotEmpty: the folder to restore to holds something.
var ErrNotEmpty = errors.New("the folder is not empty")

// Restore unpacks a backup into a folder that is empty or not there. Parts get
// their places only after all of the backup was read and found right; the
// database comes last, so that a folder never looks whole before it is.
func Restore(ctx context.Context, path, dir string, kek keyring.KEK) (Manifest, error) {
	m, err := restore(ctx, path, dir, kek)
	if err != nil {
		return Manifest{}, fmt.Errorf("restore to %s: %w", dir, disk.Refusal(err))
	}
	return m, nil
}

func restore(ctx context.Context, path, dir string, kek keyring.KEK) (Manifest, error) {
	if err := disk.MakeDir(dir); err != nil {
		return Manifest{}, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return Manifest{}, err
	}
	for _, e := range entries {
		if e.Name() != restoring && e.Name() != "lost+found" {
			return Manifest{}, fmt.Errorf("%w: it holds %s", ErrNotEmpty, e.Name())
		}
	}
	work := filepath.Join(dir, restoring)
	if err := os.RemoveAll(work); err != nil {
		return Manifest{}, err
	}
	made := map[string]bool{} // folders that are there
	m, err := read(ctx, path, kek, func(name string, content io.Reader) error {
		if !belongs(name) {
			return fmt.Errorf("%w: not a part of a backup", store.ErrCorrupt)
		}
		return unpack(filepath.Join(work, filepath.FromSlash(name)), content, made)
	})
	if err == nil {
		err = disk.SyncTree(work)
	}
	if err != nil {
		return m, errors.Join(err, os.RemoveAll(work))
	}
	return m, place(work, dir)
}

// belongs tells whether a backup may hold a part of this name: it can then only
// land where it should.
func belongs(name string) bool {
	id := filepath.Base(name)
	return name == bolt.FileName || store.ValidBlobID(id) && name == blobfs.Name(id)
}

// unpack writes a part. The whole tree is synced at once, later.
func unpack(path string, content io.Reader, made map[string]bool) error {
	if dir := filepath.Dir(path); !made[dir] {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		made[dir] = true
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Close())
}

// place moves the parts to their places, the database last.
func place(work, dir string) error {
	for _, name := range []string{blobfs.Dir, bolt.FileName} {
		err := os.Rename(filepath.Join(work, name), filepath.Join(dir, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err := disk.SyncDir(dir); err != nil {
			return err
		}
	}
	if err := os.Remove(work); err != nil {
		return err
	}
	return disk.SyncDir(dir)
}
