package blobfs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"consilium/store"
	"consilium/store/internal/disk"
)

// Dir is the folder of files within the data folder.
const Dir = "files"

// The folder holds <first two characters of the id>/<id> and tmp/<id> for files
// that are being written.
const tmp = "tmp"

// FS keeps files under DIR/files. It has no state but the folder, so several may
// be open on one.
type FS struct {
	root    string
	now     func() time.Time
	reserve int64
}

// Option changes how Open sets up an FS.
type Option func(*FS)

// Clock sets the clock that Sweep measures ages with, time.Now by default.
func Clock(now func() time.Time) Option { return func(f *FS) { f.now = now } }

// Reserve sets how many bytes must stay free on the disk, 64 MiB by default:
// below that Put says ErrNoSpace.
func Reserve(bytes int64) Option { return func(f *FS) { f.reserve = bytes } }

// Open opens the folder of files in a data folder, which it creates when it
// isn't there.
func Open(dir string, options ...Option) (*FS, error) {
	f := &FS{root: filepath.Join(dir, Dir), now: time.Now, reserve: 64 << 20}
	for _, o := range options {
		o(f)
	}
	if err := disk.MakeDir(filepath.Join(f.root, tmp)); err != nil {
		return nil, fmt.Errorf("open files: %w", err)
	}
	return f, nil
}

var _ store.Blobs = (*FS)(nil)

// Put implements store.Blobs: temporary file, fsync, rename, fsync of the folder.
func (f *FS) Put(ctx context.Context, scope, owner string, r io.Reader) (store.Blob, error) {
	blob, err := f.put(ctx, scope, owner, r)
	if err != nil {
		return store.Blob{}, fmt.Errorf("put file: %w", disk.Refusal(err))
	}
	return blob, nil
}

func (f *FS) put(ctx context.Context, scope, _ string, r io.Reader) (store.Blob, error) {
	if scope == "" || len(scope) > maxScope {
		return store.Blob{}, fmt.Errorf("%w: scope of %d bytes", store.ErrInvalid, len(scope))
	}
	if err := disk.Room(f.root, f.reserve); err != nil {
		return store.Blob{}, err
	}
	blob := store.Blob{ID: store.NewBlobID()}
	temp := filepath.Join(f.root, tmp, blob.ID)
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return store.Blob{}, err
	}
	sum := sha256.New()
	blob.Size, err = write(ctx, file, header{scope: scope}, io.TeeReader(r, sum))
	if err == nil {
		err = f.settle(temp, blob.ID)
	}
	if err != nil {
		return store.Blob{}, errors.Join(err, ignoreMissing(os.Remove(temp)))
	}
	blob.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return blob, nil
}

// write fills, syncs and closes a file.
func write(ctx context.Context, file *os.File, h header, r io.Reader) (size int64, err error) {
	_, err = file.Write(h.encode())
	if err == nil {
		size, err = io.Copy(file, stopping{ctx, r})
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = file.Sync()
	}
	return size, errors.Join(err, file.Close())
}

// settle gives a finished file its name, durably.
func (f *FS) settle(temp, id string) error {
	path := f.path(id)
	if err := disk.MakeDir(filepath.Dir(path)); err != nil {
		return err
	}
	return disk.Replace(temp, path)
}

// Open implements store.Blobs.
func (f *FS) Open(ctx context.Context, scope, id string) (io.ReadSeekCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	file, h, err := f.open(id)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	if h.scope != scope {
		return nil, errors.Join(fmt.Errorf("open file: %w", store.ErrNotFound), file.Close())
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open file: %w", err), file.Close())
	}
	return content{SectionReader: io.NewSectionReader(file, h.size, info.Size()-h.size), file: file}, nil
}

// open opens a file and reads its header.
func (f *FS) open(id string) (*os.File, header, error) {
	if !store.ValidBlobID(id) {
		return nil, header{}, store.ErrNotFound
	}
	file, err := os.Open(f.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, header{}, store.ErrNotFound
	}
	if err != nil {
		return nil, header{}, err
	}
	h, err := readHeader(file)
	if err != nil {
		return nil, header{}, errors.Join(err, file.Close())
	}
	return file, h, nil
}

// Delete implements store.Blobs.
func (f *FS) Delete(ctx context.Context, scope, id string) error {
	file, err := f.Open(ctx, scope, id)
	if err != nil {
		return fmt.Errorf("delete file: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("delete file: %w", err)
	}
	return f.remove(f.path(id))
}

func (f *FS) remove(path string) error {
	err := os.Remove(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("delete file: %w", store.ErrNotFound)
	}
	if err == nil {
		err = disk.SyncDir(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("delete file: %w", err)
	}
	return nil
}

func (f *FS) path(id string) string { return filepath.Join(f.root, id[:2], id) }

// content is an open file behind its header.
type content struct {
	*io.SectionReader
	file *os.File
}

func (c content) Close() error { return c.file.Close() }

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
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
