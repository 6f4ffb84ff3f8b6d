package bolt

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"

	"go.etcd.io/bbolt"

	"consilium/store"
)

// snapshot reads through a bbolt transaction. bbolt checks no sums, so every
// step into its pages is guarded.
type snapshot struct{ tx *bbolt.Tx }

var _ store.Reader = snapshot{}

// Get implements store.Reader.
func (s snapshot) Get(bucket string, key []byte) (value []byte, version uint64, err error) {
	damaged := guarded(func() {
		var item store.Item
		item, err = lookup(s.tx.Bucket([]byte(bucket)), bucket, key)
		value, version = item.Value, item.Version
	})
	if damaged != nil {
		err = damaged
	}
	if errors.Is(err, store.ErrCorrupt) {
		return nil, 0, fmt.Errorf("get from %s: %w", bucket, err)
	}
	return value, version, err
}

// Scan implements store.Reader.
func (s snapshot) Scan(bucket string, from, to []byte) iter.Seq2[store.Item, error] {
	begin := func(c *bbolt.Cursor) (k, v []byte) { return c.Seek(from) }
	return s.walk(bucket, begin, (*bbolt.Cursor).Next, func(key, prior []byte) verdict {
		switch {
		case len(to) > 0 && bytes.Compare(key, to) >= 0:
			return end
		case prior != nil && bytes.Compare(key, prior) <= 0:
			return disorder
		}
		return take
	})
}

// ScanBack implements store.Reader.
func (s snapshot) ScanBack(bucket string, from, to []byte) iter.Seq2[store.Item, error] {
	// Seeking the bound lands on it or behind it, one step outside the range.
	begin := func(c *bbolt.Cursor) (k, v []byte) {
		if len(to) > 0 {
			if k, v = c.Seek(to); k != nil {
				return k, v
			}
		}
		return c.Last()
	}
	return s.walk(bucket, begin, (*bbolt.Cursor).Prev, func(key, prior []byte) verdict {
		switch {
		case bytes.Compare(key, from) < 0:
			return end
		case prior != nil && bytes.Compare(key, prior) >= 0:
			return disorder
		case len(to) > 0 && bytes.Compare(key, to) >= 0:
			return skip
		}
		return take
	})
}

type step func(*bbolt.Cursor) (key, value []byte)

// verdict says what to do with a key that a cursor came upon.
type verdict int

const (
	take     verdict = iota
	skip             // not in the range, go on
	end              // past the range
	disorder         // not in key order: the page is damaged
)

// walk steps through a bucket. Nothing but stepping and parsing is guarded: a
// panic of the loop's body is not ours.
func (s snapshot) walk(bucket string, begin, next step, judge func(key, prior []byte) verdict) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		var c *bbolt.Cursor
		var prior []byte
		for {
			var item store.Item
			var v verdict
			var bad error
			damaged := guarded(func() {
				var key, value []byte
				if c != nil {
					key, value = next(c)
				} else if b := s.tx.Bucket([]byte(bucket)); b != nil {
					c = b.Cursor()
					key, value = begin(c)
				}
				if key == nil {
					v = end
					return
				}
				if v = judge(key, prior); v == take {
					item, bad = unpackRow(bucket, key, value)
				}
				prior = bytes.Clone(key)
			})
			if damaged == nil && v == disorder {
				damaged = fmt.Errorf("%w: keys out of order", store.ErrCorrupt)
			}
			if err := cmp.Or(damaged, bad); err != nil {
				yield(store.Item{}, fmt.Errorf("scan %s: %w", bucket, err))
				return
			}
			switch v {
			case end:
				return
			case skip:
				continue
			}
			if !yield(item, nil) {
				return
			}
		}
	}
}

// guarded runs fn, which walks bbolt's pages, and turns the panic or memory
// fault that a damaged page may cause into ErrCorrupt.
func guarded(fn func()) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", store.ErrCorrupt, p)
		}
	}()
	fn()
	return nil
}
