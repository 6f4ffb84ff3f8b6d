package blobfs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"path/filepath"
	"time"

	"consilium/store"
)

// List yields the ids of all files, in order.
func (f *FS) List(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		err := filepath.WalkDir(f.root, func(name string, entry fs.DirEntry, err error) error {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return ignoreMissing(err)
			}
			if entry.IsDir() && entry.Name() == tmp {
				return fs.SkipDir
			}
			if !entry.Type().IsRegular() || !store.ValidBlobID(entry.Name()) {
				return nil
			}
			if !yield(entry.Name(), nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield("", fmt.Errorf("list files: %w", err))
		}
	}
}

// Name is a file's path within the data folder, with slashes.
func Name(id string) string { return path.Join(Dir, id[:2], id) }

// Raw opens a file as it lies on the disk, header and seal included, for a
// backup. The caller closes it.
func (f *FS) Raw(id string) (io.ReadCloser, error) {
	if !store.ValidBlobID(id) {
		return nil, fmt.Errorf("open file: %w", store.ErrNotFound)
	}
	file, err := os.Open(f.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open file: %w", store.ErrNotFound)
	}
	return file, err
}

// Report is what a check of the files found.
type Report struct {
	Files    int           `json:"files"`
	Erased   int           `json:"erased"`
	Bytes    int64         `json:"bytes"` // of content
	Took     time.Duration `json:"took"`
	Problems []string      `json:"problems"` // at most 100; they name ids
}

// Err is nil when no problem was found, otherwise ErrCorrupt with the first one.
func (r Report) Err() error {
	if len(r.Problems) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %d files, the first: %s", store.ErrCorrupt, len(r.Problems), r.Problems[0])
}

// Check reads every file to its end. In a folder that isn't sealed it can tell
// only that files can be read.
func (f *FS) Check(ctx context.Context) (Report, error) {
	start := time.Now()
	var r Report
	for id, err := range f.List(ctx) {
		if err != nil {
			return r, err
		}
		size, err := f.check(ctx, id)
		switch {
		case ctx.Err() != nil:
			return r, fmt.Errorf("check files: %w", ctx.Err())
		case errors.Is(err, store.ErrNotFound): // deleted meanwhile
			continue
		case errors.Is(err, store.ErrErased):
			r.Erased++
		case err != nil && len(r.Problems) < 100:
			r.Problems = append(r.Problems, fmt.Sprintf("%s: %v", id, err))
		}
		r.Files++
		r.Bytes += size
	}
	r.Took = time.Since(start)
	return r, nil
}

func (f *FS) check(ctx context.Context, id string) (size int64, err error) {
	file, h, err := f.open(id)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	content, err := f.content(ctx, file, h, id)
	if err != nil {
		return 0, err
	}
	return io.Copy(io.Discard, stopping{ctx, content})
}
