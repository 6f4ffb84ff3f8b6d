package blobfs

import (
	"context"
	"crypto/rand"
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
	"consilium/store/internal/stream"
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
	keys    store.Keys // nil: files are kept as they are
}

// Option changes how Open sets up an FS.
type Option func(*FS)

// Clock sets the clock that Sweep measures ages with, time.Now by default.
func Clock(now func() time.Time) Option { return func(f *FS) { f.now = now } }

// Reserve sets how many bytes must stay free on the disk, 64 MiB by default:
// below that Put says ErrNoSpace.
func Reserve(bytes int64) Option { return func(f *FS) { f.reserve = bytes } }

// Sealed encrypts files with the owners' data keys. Files that aren't sealed are
// refused then.
func Sealed(keys store.Keys) Option { return func(f *FS) { f.keys = keys } }

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

func (f *FS) put(ctx context.Context, scope, owner string, r io.Reader) (store.Blob, error) {
	if scope == "" || len(scope) > maxName || len(owner) > maxName {
		return store.Blob{}, fmt.Errorf("%w: scope of %d bytes, owner of %d", store.ErrInvalid, len(scope), len(owner))
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
	blob.Size, err = f.fill(ctx, file, scope, owner, blob.ID, io.TeeReader(stopping{ctx, r}, sum))
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = f.settle(temp, blob.ID)
	}
	if err != nil {
		return store.Blob{}, errors.Join(err, ignoreMissing(os.Remove(temp)))
	}
	blob.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return blob, nil
}

// fill writes header and content.
func (f *FS) fill(ctx context.Context, file *os.File, scope, owner, id string, r io.Reader) (size int64, err error) {
	h := header{scope: scope}
	if f.keys == nil {
		if _, err := file.Write(h.encode()); err != nil {
			return 0, err
		}
		return io.Copy(file, r)
	}
	key, err := f.keys.Current(ctx, scope, owner)
	if err != nil {
		return 0, err
	}
	h.sealed, h.owner, h.generation, h.salt = true, owner, key.Generation, make([]byte, saltSize)
	rand.Read(h.salt) // never fails
	secret, err := key.Derive(h.purpose(id), h.salt)
	if err != nil {
		return 0, err
	}
	if _, err := file.Write(h.encode()); err != nil {
		return 0, err
	}
	w, err := stream.NewWriter(file, secret)
	if err != nil {
		return 0, err
	}
	if size, err = io.Copy(w, r); err != nil {
		return size, err
	}
	return size, w.Close()
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
	content, err := f.content(ctx, file, h, id)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open file: %w", err), file.Close())
	}
	return opened{ReadSeeker: content, file: file}, nil
}

// content reads what follows the header.
func (f *FS) content(ctx context.Context, file *os.File, h header, id string) (io.ReadSeeker, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	start := int64(len(h.encode()))
	section := io.NewSectionReader(file, start, info.Size()-start)
	switch {
	case !h.sealed && f.keys == nil:
		return section, nil
	case !h.sealed:
		return nil, fmt.Errorf("%w: the file isn't sealed", store.ErrCorrupt)
	case f.keys == nil:
		return nil, fmt.Errorf("%w: the file is sealed, and no keys are given", store.ErrKey)
	}
	key, err := f.keys.Lookup(ctx, h.scope, h.owner, h.generation)
	if err != nil {
		return nil, err
	}
	secret, err := key.Derive(h.purpose(id), h.salt)
	if err != nil {
		return nil, err
	}
	return stream.NewSection(section, section.Size(), secret)
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

// Delete implements store.Blobs. It needs no key: what is erased can be removed.
func (f *FS) Delete(ctx context.Context, scope, id string) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("delete file: %w", err)
	}
	file, h, err := f.open(id)
	if err == nil {
		err = file.Close()
	}
	if err == nil && h.scope != scope {
		err = store.ErrNotFound
	}
	if err != nil {
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

// opened is an open file behind its header.
type opened struct {
	io.ReadSeeker
	file *os.File
}

func (o opened) Close() error { return o.file.Close() }

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
