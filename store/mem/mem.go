package mem

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"
	"time"

	"consilium/store"
)

// DB is a store in memory. Views run on an immutable snapshot beside the one writer.
type DB struct {
	once bool
	turn chan struct{} // holds a token while somebody writes

	now    atomic.Pointer[snapshot]
	closed atomic.Bool
}

// Option changes how Open builds a DB.
type Option func(*DB)

// Once runs every function once only.
func Once() Option { return func(d *DB) { d.once = true } }

// Open returns an empty store. By default every function given to View and
// Update runs twice: the first run's writes are thrown away.
func Open(options ...Option) *DB {
	d := &DB{turn: make(chan struct{}, 1)}
	for _, o := range options {
		o(d)
	}
	d.now.Store(&snapshot{})
	return d
}

var _ store.DB = (*DB)(nil)

// View implements store.DB.
func (d *DB) View(ctx context.Context, fn func(store.Tx) error) error {
	leave, err := store.Enter()
	if err != nil {
		return fmt.Errorf("view: %w", err)
	}
	defer leave()
	if err := ctx.Err(); err != nil {
		return err
	}
	if d.closed.Load() {
		return fmt.Errorf("view: %w", store.ErrClosed)
	}
	snap := d.now.Load()
	return d.run(func() error {
		tx := store.NewReadSet(snap, time.Time{})
		defer tx.Close()
		return fn(tx)
	})
}

// Update implements store.DB.
func (d *DB) Update(ctx context.Context, fn func(store.Tx) error) error {
	leave, err := store.Enter()
	if err != nil {
		return fmt.Errorf("update: %w", err)
	}
	defer leave()
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-d.turn }()
	if d.closed.Load() {
		return fmt.Errorf("update: %w", store.ErrClosed)
	}
	snap := d.now.Load()
	var tx *store.WriteSet
	if err := d.run(func() error {
		tx = store.NewWriteSet(snap, snap.version+1)
		defer tx.Close()
		return fn(tx)
	}); err != nil {
		return err
	}
	d.now.Store(snap.with(tx))
	return nil
}

// run calls fn as often as the store is set to; the last result counts.
func (d *DB) run(fn func() error) error {
	if !d.once {
		_ = fn()
	}
	return fn()
}

// Close implements store.DB. What was stored is gone.
func (d *DB) Close() error {
	d.turn <- struct{}{}
	defer func() { <-d.turn }()
	d.closed.Store(true)
	d.now.Store(&snapshot{})
	return nil
}

// snapshot is one immutable state: rows by bucket, in key order.
type snapshot struct {
	version uint64
	buckets map[string][]store.Item
}

// with returns the state after tx. Only the buckets it wrote to are copied.
func (s *snapshot) with(tx *store.WriteSet) *snapshot {
	next := &snapshot{version: s.version + 1, buckets: make(map[string][]store.Item, len(s.buckets))}
	for name, rows := range s.buckets {
		next.buckets[name] = rows
	}
	written := make(map[string][]*store.Change)
	for c := range tx.Changes() {
		written[c.Bucket] = append(written[c.Bucket], c)
	}
	for name, changes := range written {
		next.buckets[name] = merge(s.buckets[name], changes)
	}
	return next
}

// merge applies changes, in key order, to rows.
func merge(rows []store.Item, changes []*store.Change) []store.Item {
	out := make([]store.Item, 0, len(rows)+len(changes))
	for _, c := range changes {
		at, exists := search(rows, c.Key)
		out = append(out, rows[:at]...)
		if rows = rows[at:]; exists {
			rows = rows[1:]
		}
		if !c.Deleted {
			out = append(out, c.Item)
		}
	}
	return append(out, rows...)
}

func search(rows []store.Item, key []byte) (int, bool) {
	return slices.BinarySearchFunc(rows, key, func(row store.Item, key []byte) int {
		return bytes.Compare(row.Key, key)
	})
}

// Get implements store.Reader.
func (s *snapshot) Get(bucket string, key []byte) ([]byte, uint64, error) {
	rows := s.buckets[bucket]
	at, ok := search(rows, key)
	if !ok {
		return nil, 0, store.ErrNotFound
	}
	return bytes.Clone(rows[at].Value), rows[at].Version, nil
}

// Scan implements store.Reader.
func (s *snapshot) Scan(bucket string, from, to []byte) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		for _, row := range s.within(bucket, from, to) {
			if !yield(clone(row), nil) {
				return
			}
		}
	}
}

// ScanBack implements store.Reader.
func (s *snapshot) ScanBack(bucket string, from, to []byte) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		for _, row := range slices.Backward(s.within(bucket, from, to)) {
			if !yield(clone(row), nil) {
				return
			}
		}
	}
}

func (s *snapshot) within(bucket string, from, to []byte) []store.Item {
	rows := s.buckets[bucket]
	lo, _ := search(rows, from)
	hi := len(rows)
	if len(to) > 0 {
		hi, _ = search(rows, to)
	}
	return rows[lo:max(lo, hi)]
}

func clone(row store.Item) store.Item {
	return store.Item{Key: bytes.Clone(row.Key), Value: bytes.Clone(row.Value), Version: row.Version}
}
