package command

import (
	"context"
	"sync"
	"time"

	"consilium/store"
)

// writeCheckEvery spaces the writes that /readyz asks for: whoever asks more often gets
// the last answer.
const writeCheckEvery = 5 * time.Second

// writeCheck proves that the store takes a write by making one.
type writeCheck struct {
	db store.DB

	mu      sync.Mutex // guards the following
	checked time.Time
	err     error
}

func newWriteCheck(db store.DB) *writeCheck { return &writeCheck{db: db} }

// check returns why the store takes no write, or nil.
func (w *writeCheck) check() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if now.Sub(w.checked) < writeCheckEvery {
		return w.err
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeCheckEvery)
	defer cancel()
	w.err = w.db.Update(ctx, func(tx store.Tx) error {
		_, err := tx.Put("health", []byte("checked"), []byte(now.UTC().Format(time.RFC3339)), store.Any)
		return err
	})
	w.checked = now
	return w.err
}
