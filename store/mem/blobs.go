package mem

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sync"
	"time"

	"consilium/store"
)

// Blobs keeps files in memory.
type Blobs struct {
	now func() time.Time

	mu    sync.Mutex
	files map[string]file
}

type file struct {
	scope   string
	content []byte
	at      time.Time
}

// OpenBlobs returns an empty file store. now is its clock; nil is time.Now.
func OpenBlobs(now func() time.Time) *Blobs {
	if now == nil {
		now = time.Now
	}
	return &Blobs{now: now, files: make(map[string]file)}
}

var _ store.Blobs = (*Blobs)(nil)

// Put implements store.Blobs.
func (b *Blobs) Put(ctx context.Context, scope, _ string, r io.Reader) (store.Blob, error) {
	if scope == "" {
		return store.Blob{}, fmt.Errorf("put file: %w: empty scope", store.ErrInvalid)
	}
	content, err := io.ReadAll(r)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return store.Blob{}, fmt.Errorf("put file: %w", err)
	}
	sum := sha256.Sum256(content)
	blob := store.Blob{ID: store.NewBlobID(), Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.files[blob.ID] = file{scope: scope, content: content, at: b.now()}
	return blob, nil
}

// Open implements store.Blobs.
func (b *Blobs) Open(ctx context.Context, scope, id string) (io.ReadSeekCloser, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	f, ok := b.files[id]
	if !ok || f.scope != scope {
		return nil, fmt.Errorf("open file: %w", store.ErrNotFound)
	}
	return content{bytes.NewReader(f.content)}, nil
}

// Delete implements store.Blobs.
func (b *Blobs) Delete(ctx context.Context, scope, id string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if f, ok := b.files[id]; !ok || f.scope != scope {
		return fmt.Errorf("delete file: %w", store.ErrNotFound)
	}
	delete(b.files, id)
	return nil
}

// Sweep implements store.Blobs.
func (b *Blobs) Sweep(ctx context.Context, minAge time.Duration, live func(scope, id string) (bool, error)) (int, error) {
	oldest := b.now().Add(-max(minAge, store.OrphanAge))
	b.mu.Lock()
	old := make(map[string]string)
	for id, f := range b.files {
		if f.at.Before(oldest) {
			old[id] = f.scope
		}
	}
	b.mu.Unlock()
	n := 0
	for id, scope := range old {
		known, err := live(scope, id)
		if err != nil {
			return n, fmt.Errorf("sweep files: %w", err)
		}
		if known {
			continue
		}
		if err := b.Delete(ctx, scope, id); err != nil {
			return n, fmt.Errorf("sweep files: %w", err)
		}
		n++
	}
	return n, nil
}

type content struct{ *bytes.Reader }

func (content) Close() error { return nil }
