package control

import (
	"context"
	"sync"

	"consilium/store"
)

// flakyBlobs fails to delete a number of times.
type flakyBlobs struct {
	store.Blobs
	mu       sync.Mutex // guards the following fields
	failures int
	tried    int
}

func (b *flakyBlobs) Delete(ctx context.Context, scope, id string) error {
	b.mu.Lock()
	b.tried++
	fails := b.tried <= b.failures
	b.mu.Unlock()
	if fails {
		return errFlaky
	}
	return b.Blobs.Delete(ctx, scope, id)
}

func (b *flakyBlobs) calls() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tried
}
