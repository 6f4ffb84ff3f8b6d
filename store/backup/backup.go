package backup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"consilium/store"
	"consilium/store/blobfs"
	"consilium/store/bolt"
	"consilium/store/internal/disk"
	"consilium/store/keyring"
)

// Snapshotter is a running database: a *bolt.DB.
type Snapshotter interface {
	Snapshot(ctx context.Context, w io.Writer) (int64, error)
}

var _ Snapshotter = (*bolt.DB)(nil)

// Data backs up a running server's database and files into a new file at path,
// under a KEK. at is the time that the manifest tells. The server goes on reading
// and writing; the backup holds the state of the database at its start, and at
// least the files that this state names. The file appears under its name only
// when it has been written, synced and read back. Back the keys up afterwards.
func Data(ctx context.Context, path string, kek keyring.KEK, at time.Time, db Snapshotter, files *blobfs.FS) (Manifest, error) {
	return write(ctx, path, KindData, kek, at, func(a *archive) error {
		if err := addDatabase(ctx, a, db); err != nil {
			return err
		}
		for id, err := range files.List(ctx) {
			if err == nil {
				err = addFile(ctx, a, files, id)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Keys backs up a running key ring. A backup of the data that was made before
// can be opened with it.
func Keys(ctx context.Context, path string, kek keyring.KEK, at time.Time, ring Snapshotter) (Manifest, error) {
	return write(ctx, path, KindKeys, kek, at, func(a *archive) error { return addDatabase(ctx, a, ring) })
}

func addDatabase(ctx context.Context, a *archive, db Snapshotter) error {
	return a.add(bolt.FileName, func(w io.Writer) error {
		_, err := db.Snapshot(ctx, w)
		return err
	})
}

// addFile copies a file as it is, sealed. One that was deleted since it was
// listed is left out.
func addFile(ctx context.Context, a *archive, files *blobfs.FS, id string) error {
	f, err := files.Raw(id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	err = a.add(blobfs.Name(id), func(w io.Writer) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		_, err := io.Copy(w, f)
		return err
	})
	return errors.Join(err, f.Close())
}

func write(ctx context.Context, path, kind string, kek keyring.KEK, at time.Time, fill func(*archive) error) (Manifest, error) {
	m, err := writeTemp(ctx, path, kind, kek, at, fill)
	if err != nil {
		return Manifest{}, fmt.Errorf("back up to %s: %w", path, disk.Refusal(err))
	}
	return m, nil
}

func writeTemp(ctx context.Context, path, kind string, kek keyring.KEK, at time.Time, fill func(*archive) error) (Manifest, error) {
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		return Manifest{}, errors.Join(err, os.ErrExist)
	}
	temp := path + ".part"
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return Manifest{}, err
	}
	buffered := bufio.NewWriterSize(f, block)
	a, err := newArchive(buffered, kind, kek, at)
	if err == nil {
		err = fill(a)
	}
	if err == nil {
		err = a.close()
	}
	if err = errors.Join(err, buffered.Flush()); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		_, err = Verify(ctx, temp, kek)
	}
	if err == nil {
		err = disk.Replace(temp, path)
	}
	if err != nil {
		return Manifest{}, errors.Join(err, ignoreMissing(os.Remove(temp)))
	}
	return a.manifest, nil
}

// Verify reads a backup to its end and compares it with its manifest.
func Verify(ctx context.Context, path string, kek keyring.KEK) (Manifest, error) {
	return read(ctx, path, kek, func(_ string, content io.Reader) error {
		_, err := io.Copy(io.Discard, content)
		return err
	})
}

func read(ctx context.Context, path string, kek keyring.KEK, accept func(string, io.Reader) error) (Manifest, error) {
	f, err := os.Open(path)
	if err != nil {
		return Manifest{}, fmt.Errorf("read backup: %w", err)
	}
	defer f.Close()
	m, err := readArchive(stopping{ctx, f}, kek, accept)
	if err != nil {
		return m, fmt.Errorf("read backup %s: %w", path, err)
	}
	return m, nil
}

// stopping ends a read when its context does.
type stopping struct {
	ctx context.Context
	r   io.Reader
}

func (s stopping) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
