package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"consilium/store"
	"consilium/store/blobfs"
	"consilium/store/bolt"
	"consilium/store/keyring"
)

// DrillReport is what a drill found and how long it took.
type DrillReport struct {
	Created time.Time     `json:"created"` // of the backup
	Age     time.Duration `json:"age"`     // what would be lost if the server were gone now
	Restore time.Duration `json:"restore"` // until a server could start again
	Check   time.Duration `json:"check"`   // of everything that was restored

	Database bolt.Report      `json:"database"`
	Seals    store.SealReport `json:"seals"`
	Files    blobfs.Report    `json:"files"`
}

// Err is nil when the backup proved good.
func (r DrillReport) Err() error {
	return errors.Join(r.Database.Err(), r.Seals.Err(), r.Files.Err())
}

// Drill proves a backup: it restores data and keys into scratch, a folder that is
// empty or not there and that it empties again, opens them as a server would, and
// reads all of it. keys is the backup of the key ring, "" when the data isn't
// sealed. now is what Age is measured to. A backup that can't be opened is an
// error; damage inside it is in the report.
func Drill(ctx context.Context, data, keys string, kek keyring.KEK, scratch string, now time.Time) (r DrillReport, err error) {
	dataDir, keysDir := filepath.Join(scratch, "data"), filepath.Join(scratch, "keys")
	defer func() { err = errors.Join(err, os.RemoveAll(dataDir), os.RemoveAll(keysDir)) }()
	start := time.Now()
	m, err := Restore(ctx, data, dataDir, kek)
	if err == nil && keys != "" {
		_, err = Restore(ctx, keys, keysDir, kek)
	}
	if err != nil {
		return r, err
	}
	r.Created, r.Age, r.Restore = m.Created, now.Sub(m.Created), time.Since(start)
	start = time.Now()
	if err := r.open(ctx, dataDir, keysDir, keys != "", kek); err != nil {
		return r, fmt.Errorf("open what was restored: %w", err)
	}
	r.Check = time.Since(start)
	return r, nil
}

// open opens the restored folders and reads everything.
func (r *DrillReport) open(ctx context.Context, dataDir, keysDir string, sealed bool, kek keyring.KEK) (err error) {
	db, err := bolt.Open(dataDir, bolt.Reserve(0))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if r.Database, err = db.Check(ctx); err != nil {
		return err
	}
	if !sealed {
		files, err := blobfs.Open(dataDir)
		if err != nil {
			return err
		}
		r.Files, err = files.Check(ctx)
		return err
	}
	ringDB, err := bolt.Open(keysDir, bolt.Reserve(0))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ringDB.Close()) }()
	ring, err := keyring.Open(ctx, ringDB, kek)
	if err != nil {
		return err
	}
	secure, err := store.Seal(ctx, db, ring)
	if err != nil {
		return err
	}
	buckets, err := db.Buckets(ctx)
	if err != nil {
		return err
	}
	if r.Seals, err = store.CheckSeals(ctx, secure, buckets); err != nil {
		return err
	}
	files, err := blobfs.Open(dataDir, blobfs.Sealed(ring))
	if err != nil {
		return err
	}
	r.Files, err = files.Check(ctx)
	return err
}
