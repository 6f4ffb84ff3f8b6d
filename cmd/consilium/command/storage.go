package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"consilium/configs"
	"consilium/store"
	"consilium/store/blobfs"
	"consilium/store/bolt"
	"consilium/store/keyring"
)

// keyFile is the key that opens all others, within the folder of keys.
const keyFile = "key"

// storage is the data folder, opened: records and files, sealed under the keys of another
// folder. Whoever has a copy of the data folder alone reads nothing.
type storage struct {
	db    store.DB // raw, sealed
	raw   *bolt.DB
	blobs *blobfs.FS
	keys  *bolt.DB
	ring  *keyring.Ring
	file  string // of the key that opens the ring
}

// keysFolder returns the folder of keys: the operator's, or one beside the data folder.
func keysFolder(cfg configs.Config) string {
	if cfg.Keys != "" {
		return cfg.Keys
	}
	return filepath.Clean(cfg.Data) + "-keys"
}

// openStorage opens the data folder and its keys. It makes both at the first start, and
// never makes new keys for data that is already there. Data of an older program is brought
// up to date; that of a newer one is refused.
func openStorage(ctx context.Context, cfg configs.Config, log *slog.Logger) (*storage, error) {
	s, err := openSealed(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := s.upgrade(ctx, backupsFolder(cfg), log); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// openSealed opens data and keys as they are.
func openSealed(ctx context.Context, cfg configs.Config) (_ *storage, err error) {
	folder := keysFolder(cfg)
	isNew, err := isNew(cfg.Data, folder)
	if err != nil {
		return nil, err
	}
	var opened []func() error
	defer func() {
		if err == nil {
			return
		}
		for _, closeIt := range opened {
			err = errors.Join(err, closeIt())
		}
	}()
	keys, err := bolt.Open(folder)
	if err != nil {
		return nil, fmt.Errorf("open the keys: %w", err)
	}
	opened = append(opened, keys.Close)
	file := filepath.Join(folder, keyFile)
	ring, err := openRing(ctx, keys, file, isNew)
	if err != nil {
		return nil, err
	}
	raw, err := bolt.Open(cfg.Data)
	if err != nil {
		return nil, err
	}
	opened = append(opened, raw.Close)
	sealed, err := store.Seal(ctx, raw, ring)
	if err != nil {
		return nil, err
	}
	blobs, err := blobfs.Open(cfg.Data, blobfs.Sealed(ring))
	if err != nil {
		return nil, err
	}
	return &storage{db: sealed, raw: raw, blobs: blobs, keys: keys, ring: ring, file: file}, nil
}

// isNew reports whether there is neither data nor a key yet.
func isNew(data, keys string) (bool, error) {
	for _, name := range []string{filepath.Join(data, bolt.FileName), filepath.Join(keys, keyFile)} {
		_, err := os.Stat(name)
		if err == nil {
			return false, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return false, fmt.Errorf("look for data: %w", err)
		}
	}
	return true, nil
}

func openRing(ctx context.Context, db store.DB, file string, isNew bool) (*keyring.Ring, error) {
	if isNew {
		return keyring.CreateFile(ctx, db, file)
	}
	return keyring.OpenFile(ctx, db, file)
}

// shredder destroys keys of the ring, and what the disk holds of removed records.
type shredder struct{ *storage }

func (s shredder) Destroy(ctx context.Context, clinic, patient string) error {
	return s.ring.Destroy(ctx, clinic, patient)
}

func (s shredder) Scrub(ctx context.Context) error { return s.raw.Scrub(ctx) }

func (s *storage) close() error {
	return errors.Join(s.db.Close(), s.keys.Close())
}
