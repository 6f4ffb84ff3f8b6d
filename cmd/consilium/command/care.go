package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"consilium/store"
	"consilium/store/backup"
	"consilium/store/blobfs"
	"consilium/store/bolt"
	"consilium/store/keyring"
)

// This file is what an operator does to keep the data safe. Each works on an open
// storage: that of the running server, which admin.go lets other commands reach, or one
// that the command has opened itself.

// backupRequest names the two files of a backup, to be kept apart.
type backupRequest struct {
	Data string `json:"data"`
	Keys string `json:"keys"`
}

// backupResult is what was written.
type backupResult struct {
	Data backupFile `json:"data"`
	Keys backupFile `json:"keys"`
}

type backupFile struct {
	File    string    `json:"file"`
	Key     string    `json:"key"` // id of the key that opens it
	Created time.Time `json:"created"`
	Bytes   int64     `json:"bytes"`
	Parts   int       `json:"parts"`
}

func describe(file string, m backup.Manifest) backupFile {
	return backupFile{File: file, Key: m.KEK, Created: m.Created, Bytes: m.Bytes, Parts: len(m.Parts)}
}

// backup writes both files while the server goes on. The keys come second, so that they
// open everything that is in the data.
func (s *storage) backup(ctx context.Context, req backupRequest) (backupResult, error) {
	if !filepath.IsAbs(req.Data) || !filepath.IsAbs(req.Keys) || req.Data == req.Keys {
		return backupResult{}, errors.New("a backup needs two different files, with their whole paths")
	}
	kek, err := keyring.ReadKEK(s.file)
	if err != nil {
		return backupResult{}, err
	}
	data, err := backup.Data(ctx, req.Data, kek, time.Now().UTC(), s.raw, s.blobs)
	if err != nil {
		return backupResult{}, err
	}
	keys, err := backup.Keys(ctx, req.Keys, kek, time.Now().UTC(), s.keys)
	if err != nil {
		return backupResult{}, err
	}
	return backupResult{Data: describe(req.Data, data), Keys: describe(req.Keys, keys)}, nil
}

// checkResult is what a check of everything found.
type checkResult struct {
	Database bolt.Report      `json:"database"`
	Keys     bolt.Report      `json:"keys"`
	Seals    store.SealReport `json:"seals"`
	Files    blobfs.Report    `json:"files"`
}

func (r checkResult) err() error {
	return errors.Join(r.Database.Err(), r.Keys.Err(), r.Seals.Err(), r.Files.Err())
}

// check reads everything: each page, each sum, each seal and each file.
func (s *storage) check(ctx context.Context, _ struct{}) (r checkResult, err error) {
	if r.Database, err = s.raw.Check(ctx); err != nil {
		return r, err
	}
	if r.Keys, err = s.keys.Check(ctx); err != nil {
		return r, err
	}
	buckets, err := s.raw.Buckets(ctx)
	if err != nil {
		return r, err
	}
	if r.Seals, err = store.CheckSeals(ctx, s.db, buckets); err != nil {
		return r, err
	}
	r.Files, err = s.blobs.Check(ctx)
	return r, err
}

// rotateResult names the key that opens the ring from now on.
type rotateResult struct {
	File string `json:"file"`
	Key  string `json:"key"`
}

// rotate locks the ring with a new key. Records and files stay as they are.
func (s *storage) rotate(ctx context.Context, _ struct{}) (rotateResult, error) {
	if err := s.ring.RotateFile(ctx, s.file); err != nil {
		return rotateResult{}, err
	}
	kek, err := keyring.ReadKEK(s.file)
	if err != nil {
		return rotateResult{}, fmt.Errorf("read the new key: %w", err)
	}
	return rotateResult{File: s.file, Key: kek.ID()}, nil
}

// clinicKeys names the clinic whose key is to be changed, or was.
type clinicKeys struct {
	Clinic string `json:"clinic"`
}

// rotateClinic gives a clinic a new key: it wraps those of the clinic's patients anew, and
// the old one is destroyed. Records and files stay as they are.
func (s *storage) rotateClinic(ctx context.Context, in clinicKeys) (clinicKeys, error) {
	err := s.ring.RotateScope(ctx, in.Clinic)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		err = fmt.Errorf("there is no clinic %q here: consilium clinic list has their ids", in.Clinic)
	}
	return in, err
}
