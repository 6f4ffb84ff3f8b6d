package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"go.etcd.io/bbolt"

	"consilium/store"
)

// Scrub overwrites the pages that the file doesn't use any more with zeroes:
// what was deleted can't be read from it again. It waits for the views that are
// open, which may still read such pages; writers wait for it.
func (d *DB) Scrub(ctx context.Context) error {
	leave, err := store.Enter()
	if err != nil {
		return fmt.Errorf("scrub: %w", err)
	}
	defer leave()
	for {
		done, err := d.scrub()
		if err != nil {
			return fmt.Errorf("scrub: %w", refusal(err))
		}
		if done {
			break
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("scrub: %w", ctx.Err())
		case <-time.After(5 * time.Millisecond): // until the open views are closed
		}
	}
	// The older of the two meta pages still points to what was overwritten. One
	// more commit replaces it.
	err = d.bolt.Update(func(tx *bbolt.Tx) error {
		n, err := revision(tx)
		if err != nil {
			return err
		}
		return setRevision(tx, n+1)
	})
	if err != nil {
		return fmt.Errorf("scrub: %w", refusal(err))
	}
	return nil
}

// scrub overwrites once no view is open. While it holds the writer's lock a view
// that opens sees the newest state, which uses none of the free pages.
func (d *DB) scrub() (done bool, err error) {
	damaged := guarded(func() {
		var tx *bbolt.Tx
		if tx, err = d.bolt.Begin(true); err != nil {
			return
		}
		defer func() { err = errors.Join(err, tx.Rollback()) }()
		if d.bolt.Stats().OpenTxN > 0 {
			return
		}
		done, err = true, zeroFree(tx, d.path)
	})
	return done, errors.Join(damaged, err)
}

func zeroFree(tx *bbolt.Tx, path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	size := tx.DB().Info().PageSize
	zeroes := make([]byte, size)
	for id := 2; err == nil; id++ {
		page, pageErr := tx.Page(id)
		if page == nil {
			err = pageErr
			break
		}
		if page.Type == "free" {
			_, err = f.WriteAt(zeroes, int64(id)*int64(size))
		}
	}
	return errors.Join(err, f.Sync(), f.Close())
}
