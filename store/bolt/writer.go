package bolt

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"consilium/store"
	"consilium/store/internal/disk"
)

// The way of an Update: the caller offers an op; the writer takes it and lends
// it a WriteSet over the open bbolt transaction; fn runs on the caller's own
// goroutine, so that its panic unwinds where it belongs; the WriteSet comes back
// and is applied, or dropped. When no more ops are waiting the writer commits and
// tells all of them at once.

// errAgain sends a caller back to the queue: its batch failed, maybe by another
// one's fault.
var errAgain = errors.New("batch failed")

type op struct {
	lent chan *store.WriteSet // closed when there is nothing to lend
	back chan *store.WriteSet // nil when fn failed
	done chan error           // outcome of the commit; buffered
}

// Update implements store.DB.
func (d *DB) Update(ctx context.Context, fn func(store.Tx) error) error {
	leave, err := store.Enter()
	if err != nil {
		return fmt.Errorf("update: %w", err)
	}
	defer leave()
	for {
		err, fnErr := d.update(ctx, fn)
		switch {
		case errors.Is(err, errAgain):
		case fnErr != nil:
			return fnErr
		case err != nil:
			return fmt.Errorf("update: %w", err)
		default:
			return nil
		}
	}
}

// update takes one turn. The store's own error comes first, fn's second.
func (d *DB) update(ctx context.Context, fn func(store.Tx) error) (err, fnErr error) {
	if err := ctx.Err(); err != nil {
		return err, nil
	}
	o := &op{lent: make(chan *store.WriteSet), back: make(chan *store.WriteSet), done: make(chan error, 1)}
	select {
	case d.queue <- o:
	case <-ctx.Done():
		return ctx.Err(), nil
	case <-d.closing:
		return store.ErrClosed, nil
	}
	if ws, ok := <-o.lent; ok {
		fnErr = o.call(ws, fn)
	}
	// fn may have seen writes that share its commit, so its refusal too is told
	// only when those are durable.
	return <-o.done, fnErr
}

// call runs fn and hands its writes back whatever way it ends.
func (o *op) call(ws *store.WriteSet, fn func(store.Tx) error) (err error) {
	result := (*store.WriteSet)(nil)
	defer func() {
		ws.Close()
		o.back <- result
	}()
	if err := fn(ws); err != nil {
		return err
	}
	result = ws
	return nil
}

// writer is the state of the writer goroutine.
type writer struct {
	last   int           // ops in the last batch
	took   time.Duration // how long its commit took
	single int           // so many batches of one op are due
}

// batch is a set of ops that share one commit.
type batch struct {
	tx       *bbolt.Tx
	revision uint64
	ops      []*op
	bytes    int
	dirty    bool
	err      error // the bbolt transaction is spoilt
	deadline *time.Timer
}

// maxBatchBytes bounds the memory of one commit.
const maxBatchBytes = 2 * store.MaxTxBytes

func (d *DB) write() {
	defer close(d.stopped)
	for {
		select {
		case first := <-d.queue:
			d.group(first)
		case <-d.closing:
			return
		}
	}
}

// group commits first and what comes along.
func (d *DB) group(first *op) {
	b, err := d.begin()
	if err != nil {
		close(first.lent)
		first.done <- err
		return
	}
	for o := first; o != nil; o = d.another(b) {
		b.run(o)
	}
	if b.deadline != nil {
		b.deadline.Stop()
	}
	start := time.Now()
	err = b.commit()
	if err == nil && b.dirty {
		d.commits.Add(1)
	}
	d.w.took, d.w.last = time.Since(start), len(b.ops)
	if d.w.single > 0 {
		d.w.single--
	}
	if errors.Is(err, store.ErrCorrupt) && len(b.ops) > 1 {
		// One of them met a damaged page. Alone, the others may well succeed.
		d.w.single = len(b.ops)
		err = errAgain
	}
	for _, o := range b.ops {
		o.done <- err
	}
}

// another waits for the next op of a batch, nil when the batch is complete. The
// ones that are waiting are taken at once. More are awaited only where there
// have just been several: callers that were told together come back together.
func (d *DB) another(b *batch) *op {
	if b.err != nil || d.w.single > 0 || len(b.ops) >= d.options.maxBatch || b.bytes >= maxBatchBytes {
		return nil
	}
	select {
	case o := <-d.queue:
		return o
	default:
	}
	if len(b.ops) >= d.w.last || d.options.linger <= 0 {
		return nil
	}
	if b.deadline == nil {
		b.deadline = time.NewTimer(min(d.options.linger, d.w.took))
	}
	select {
	case o := <-d.queue:
		return o
	case <-b.deadline.C:
		return nil
	}
}

func (d *DB) begin() (*batch, error) {
	if err := disk.Room(d.path, d.options.reserve); err != nil {
		return nil, err
	}
	b := &batch{}
	err := guarded(func() {
		if b.tx, b.err = d.bolt.Begin(true); b.err == nil {
			b.revision, b.err = revision(b.tx)
		}
	})
	if err = errors.Join(err, b.err); err != nil {
		b.rollback()
		return nil, refusal(err)
	}
	return b, nil
}

// run lends the transaction to one op and applies what it wrote.
func (b *batch) run(o *op) {
	b.ops = append(b.ops, o)
	b.revision++
	o.lent <- store.NewWriteSet(snapshot{b.tx}, b.revision)
	ws := <-o.back
	if ws == nil || ws.Empty() {
		return
	}
	b.dirty = true
	if damaged := guarded(func() { b.err = b.apply(ws) }); damaged != nil {
		b.err = damaged
	}
}

// apply can't fail over what fn did, which the WriteSet has checked.
func (b *batch) apply(ws *store.WriteSet) error {
	var name string
	var bucket *bbolt.Bucket
	for c := range ws.Changes() {
		if bucket == nil || name != c.Bucket {
			var err error
			if bucket, err = b.tx.CreateBucketIfNotExists([]byte(c.Bucket)); err != nil {
				return err
			}
			name = c.Bucket
		}
		b.bytes += len(c.Key) + len(c.Value)
		if c.Deleted {
			if err := bucket.Delete(c.Key); err != nil {
				return err
			}
			continue
		}
		if err := bucket.Put(c.Key, packRow(c.Bucket, c.Key, c.Version, c.Value)); err != nil {
			return err
		}
	}
	return nil
}

// commit makes the batch durable, or undoes all of it.
func (b *batch) commit() error {
	if b.err == nil && !b.dirty {
		b.rollback()
		return nil
	}
	err := b.err
	if err == nil {
		damaged := guarded(func() {
			if err = setRevision(b.tx, b.revision); err == nil {
				err = b.tx.Commit()
			}
		})
		if damaged != nil {
			err = damaged
		}
	}
	if err != nil {
		b.rollback()
	}
	return refusal(err)
}

// rollback is harmless after a commit, also one that failed.
func (b *batch) rollback() {
	if b.tx != nil {
		_ = guarded(func() { _ = b.tx.Rollback() })
	}
}
