package bolt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"

	"consilium/store"
	"consilium/store/internal/disk"
)

// Snapshot writes the database file as it is now to w. Reading and writing go on
// meanwhile; pages freed since then are kept until it has ended.
func (d *DB) Snapshot(ctx context.Context, w io.Writer) (size int64, err error) {
	leave, err := store.Enter()
	if err != nil {
		return 0, fmt.Errorf("snapshot: %w", err)
	}
	defer leave()
	tx, err := d.bolt.Begin(false)
	if err != nil {
		return 0, fmt.Errorf("snapshot: %w", refusal(err))
	}
	defer func() { _ = tx.Rollback() }()
	if size, err = tx.WriteTo(stopping{ctx, w}); err != nil {
		return size, fmt.Errorf("snapshot: %w", cmp.Or(ctx.Err(), refusal(err))) // bbolt flattens errors
	}
	return size, nil
}

// stopping ends a copy when its context does.
type stopping struct {
	ctx context.Context
	w   io.Writer
}

func (s stopping) Write(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.w.Write(p)
}

// Buckets lists the store's buckets in order.
func (d *DB) Buckets(ctx context.Context) (names []string, err error) {
	leave, err := store.Enter()
	if err != nil {
		return nil, fmt.Errorf("list buckets: %w", err)
	}
	defer leave()
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("list buckets: %w", err)
	}
	damaged := guarded(func() {
		err = d.bolt.View(func(tx *bbolt.Tx) error {
			return tx.ForEach(func(name []byte, _ *bbolt.Bucket) error {
				if string(name) != engineBucket {
					names = append(names, string(name))
				}
				return nil
			})
		})
	})
	if err = errors.Join(damaged, err); err != nil {
		return nil, fmt.Errorf("list buckets: %w", refusal(err))
	}
	return names, nil
}

// compactTx bounds the bytes of one transaction while compacting.
const compactTx = 8 << 20

// Compact rewrites the database of a data folder that nobody has open without
// its free pages, and returns the file's size before and after. The old file is
// replaced only by one that was checked.
func Compact(ctx context.Context, dir string) (before, after int64, err error) {
	path := filepath.Join(dir, FileName)
	temp := path + ".compact"
	before, after, err = compact(ctx, path, temp)
	if err != nil {
		if removeErr := os.Remove(temp); removeErr != nil && !errors.Is(removeErr, os.ErrNotExist) {
			err = errors.Join(err, removeErr)
		}
		return before, after, fmt.Errorf("compact %s: %w", dir, disk.Refusal(err))
	}
	return before, after, nil
}

func compact(ctx context.Context, path, temp string) (before, after int64, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, 0, err
	}
	before = info.Size()
	if err := os.Remove(temp); err != nil && !errors.Is(err, os.ErrNotExist) {
		return before, 0, err
	}
	src, err := openFile(path, options{lockWait: time.Second})
	if err != nil {
		return before, 0, err
	}
	// The lock on the old file is held until the new one has its name.
	defer func() { err = errors.Join(err, src.Close()) }()
	report, err := CheckFile(ctx, filepath.Dir(path))
	if err = errors.Join(err, report.Err()); err != nil {
		return before, 0, err
	}
	dst, err := openFile(temp, options{lockWait: time.Second})
	if err != nil {
		return before, 0, err
	}
	damaged := guarded(func() { err = bbolt.Compact(dst, src, compactTx) })
	if err = errors.Join(damaged, err, dst.Sync(), dst.Close()); err != nil {
		return before, 0, err
	}
	f, err := os.Open(temp)
	if err != nil {
		return before, 0, err
	}
	defer f.Close()
	m, err := newestMeta(f)
	if err != nil {
		return before, 0, err
	}
	copied, err := check(ctx, f, m)
	if err = errors.Join(err, copied.Err()); err != nil {
		return before, 0, err
	}
	if copied.Rows != report.Rows || copied.Bytes != report.Bytes {
		return before, 0, fmt.Errorf("%w: the copy has %d rows of %d", store.ErrCorrupt, copied.Rows, report.Rows)
	}
	return before, int64(m.pages) * m.pageSize, disk.Replace(temp, path)
}
