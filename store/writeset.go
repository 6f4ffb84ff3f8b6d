package store

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"
)

// WriteSet is a Tx for engines: it collects one function's writes in memory
// over a snapshot that stays as it is, so that dropping the WriteSet undoes
// them and nothing else. It belongs to one goroutine at a time.
type WriteSet struct {
	base     Reader
	version  uint64
	readOnly bool
	deadline time.Time
	over     bool

	buckets map[string]*changes
	bytes   int
	rows    int
}

// Change is one row to write, or to remove when Deleted.
type Change struct {
	Item
	Bucket  string
	Deleted bool
}

type changes struct {
	rows   map[string]*Change
	sorted []*Change // rows in key order; nil when rows has grown since
}

var _ Tx = (*WriteSet)(nil)

// NewWriteSet starts a transaction over base. All its writes get version, which
// must be higher than any version in base.
func NewWriteSet(base Reader, version uint64) *WriteSet {
	return &WriteSet{base: base, version: version, buckets: make(map[string]*changes)}
}

// NewReadSet starts a read-only transaction over base. From deadline on every
// call says ErrTooLong; the zero time is no deadline.
func NewReadSet(base Reader, deadline time.Time) *WriteSet {
	return &WriteSet{base: base, readOnly: true, deadline: deadline}
}

// Close ends the transaction: further calls say ErrDone.
func (w *WriteSet) Close() { w.over = true }

// Changes yields what was written, by bucket and key. The slices are shared.
func (w *WriteSet) Changes() iter.Seq[*Change] {
	return func(yield func(*Change) bool) {
		names := make([]string, 0, len(w.buckets))
		for name := range w.buckets {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names {
			for _, c := range w.buckets[name].inOrder() {
				if !yield(c) {
					return
				}
			}
		}
	}
}

// Empty tells whether nothing was written.
func (w *WriteSet) Empty() bool { return len(w.buckets) == 0 }

// Get implements Tx.
func (w *WriteSet) Get(bucket string, key []byte) ([]byte, uint64, error) {
	if err := w.check(bucket, key); err != nil {
		return nil, 0, err
	}
	item, err := w.get(bucket, key)
	if err != nil {
		return nil, 0, err
	}
	return bytes.Clone(item.Value), item.Version, nil
}

func (w *WriteSet) get(bucket string, key []byte) (Item, error) {
	if own, ok := w.buckets[bucket]; ok {
		if c, ok := own.rows[string(key)]; ok {
			if c.Deleted {
				return Item{}, ErrNotFound
			}
			return c.Item, nil
		}
	}
	value, version, err := w.base.Get(bucket, key)
	return Item{Key: key, Value: value, Version: version}, err
}

// Sealer implements Tx: an engine keeps what it is given.
func (w *WriteSet) Sealer() Sealer { return nil }

// Put implements Tx.
func (w *WriteSet) Put(bucket string, key, value []byte, ifVersion uint64) (uint64, error) {
	if err := w.writable(bucket, key); err != nil {
		return 0, err
	}
	if len(value) > MaxValue {
		return 0, fmt.Errorf("%w: value of %d bytes, limit %d", ErrTooLarge, len(value), MaxValue)
	}
	if ifVersion != Any {
		now, err := w.get(bucket, key)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return 0, err
		}
		if now.Version != ifVersion {
			return 0, ErrConflict
		}
	}
	item := Item{Key: bytes.Clone(key), Value: append([]byte{}, value...), Version: w.version}
	return w.version, w.record(&Change{Item: item, Bucket: bucket})
}

// Delete implements Tx.
func (w *WriteSet) Delete(bucket string, key []byte, ifVersion uint64) error {
	if err := w.writable(bucket, key); err != nil {
		return err
	}
	now, err := w.get(bucket, key)
	if err != nil {
		return err
	}
	if ifVersion != Any && now.Version != ifVersion {
		return ErrConflict
	}
	return w.record(&Change{Item: Item{Key: bytes.Clone(key)}, Bucket: bucket, Deleted: true})
}

func (w *WriteSet) check(bucket string, key []byte) error {
	if err := w.alive(); err != nil {
		return err
	}
	if err := validBucket(bucket); err != nil {
		return err
	}
	if len(key) == 0 {
		return fmt.Errorf("%w: empty key", ErrInvalid)
	}
	if len(key) > MaxKey {
		return fmt.Errorf("%w: key of %d bytes, limit %d", ErrTooLarge, len(key), MaxKey)
	}
	return nil
}

// validBucket keeps names short, and those that begin with a dot to the engines.
func validBucket(bucket string) error {
	if bucket == "" || bucket[0] == '.' || len(bucket) > 255 {
		return fmt.Errorf("%w: bucket %q", ErrInvalid, bucket)
	}
	return nil
}

func (w *WriteSet) writable(bucket string, key []byte) error {
	if err := w.check(bucket, key); err != nil {
		return err
	}
	if w.readOnly {
		return ErrReadOnly
	}
	return nil
}

func (w *WriteSet) alive() error {
	if w.over {
		return ErrDone
	}
	if !w.deadline.IsZero() && time.Now().After(w.deadline) {
		return ErrTooLong
	}
	return nil
}

func (w *WriteSet) record(c *Change) error {
	w.rows++
	w.bytes += len(c.Key) + len(c.Value)
	if w.rows > MaxTxRows || w.bytes > MaxTxBytes {
		return fmt.Errorf("%w: transaction of %d rows, %d bytes", ErrTooLarge, w.rows, w.bytes)
	}
	own, ok := w.buckets[c.Bucket]
	if !ok {
		own = &changes{rows: make(map[string]*Change)}
		w.buckets[c.Bucket] = own
	}
	own.rows[string(c.Key)] = c
	own.sorted = nil
	return nil
}

// Scan implements Tx.
func (w *WriteSet) Scan(bucket string, from, to []byte) iter.Seq2[Item, error] {
	return w.scan(bucket, from, to, false)
}

// ScanBack implements Tx.
func (w *WriteSet) ScanBack(bucket string, from, to []byte) iter.Seq2[Item, error] {
	return w.scan(bucket, from, to, true)
}

// scan merges the snapshot's rows with the transaction's own, which win. Both
// are in scan order; own rows are the ones there were when the loop began.
func (w *WriteSet) scan(bucket string, from, to []byte, back bool) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		// The snapshot behind an ended transaction is gone.
		err := w.alive()
		if err == nil {
			err = validBucket(bucket)
		}
		if err != nil {
			yield(Item{}, err)
			return
		}
		own := w.within(bucket, from, to, back)
		emit := func(c *Change) bool {
			own = own[1:]
			if c.Deleted {
				return true
			}
			return yield(Item{Key: bytes.Clone(c.Key), Value: bytes.Clone(c.Value), Version: c.Version}, nil)
		}
		rows := w.base.Scan
		if back {
			rows = w.base.ScanBack
		}
		for item, err := range rows(bucket, from, to) {
			if err == nil {
				err = w.alive()
			}
			if err != nil {
				yield(Item{}, err)
				return
			}
			for len(own) > 0 && before(own[0].Key, item.Key, back) {
				if !emit(own[0]) {
					return
				}
			}
			if len(own) > 0 && bytes.Equal(own[0].Key, item.Key) {
				if !emit(own[0]) {
					return
				}
				continue
			}
			if !yield(item, nil) {
				return
			}
		}
		for len(own) > 0 {
			if !emit(own[0]) {
				return
			}
		}
	}
}

func before(a, b []byte, back bool) bool {
	if back {
		a, b = b, a
	}
	return bytes.Compare(a, b) < 0
}

func (w *WriteSet) within(bucket string, from, to []byte, back bool) []*Change {
	own, ok := w.buckets[bucket]
	if !ok {
		return nil
	}
	var in []*Change
	for _, c := range own.inOrder() {
		if bytes.Compare(c.Key, from) >= 0 && (len(to) == 0 || bytes.Compare(c.Key, to) < 0) {
			in = append(in, c)
		}
	}
	if back {
		slices.Reverse(in)
	}
	return in
}

func (c *changes) inOrder() []*Change {
	if c.sorted == nil {
		c.sorted = make([]*Change, 0, len(c.rows))
		for _, row := range c.rows {
			c.sorted = append(c.sorted, row)
		}
		slices.SortFunc(c.sorted, func(a, b *Change) int {
			return bytes.Compare(a.Key, b.Key)
		})
	}
	return c.sorted
}
