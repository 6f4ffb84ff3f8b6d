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
	begin := func(c *bbolt.Cursor) (k, v []byte, err error) {
		if len(from) == 0 {
			k, v = c.First()
			return k, v, nil
		}
		if k, _ = c.Seek(from); k == nil {
			k, v = c.Last()
		} else {
			k, v = c.Prev()
		}
		if err := beside(bucket, from, k, v, -1); err != nil {
			return nil, nil, err
		}
		k, v = c.Seek(from)
		return k, v, nil
	}
	return s.walk(bucket, begin, (*bbolt.Cursor).Next, func(key, prior []byte) verdict {
		switch {
		case prior != nil && bytes.Compare(key, prior) <= 0, bytes.Compare(key, from) < 0:
			return disorder
		case len(to) > 0 && bytes.Compare(key, to) >= 0:
			return end
		}
		return take
	})
}

// ScanBack implements store.Reader.
func (s snapshot) ScanBack(bucket string, from, to []byte) iter.Seq2[store.Item, error] {
	begin := func(c *bbolt.Cursor) (k, v []byte, err error) {
		if len(to) > 0 {
			k, v = c.Seek(to)
		}
		if k == nil { // no bound, or nothing behind it
			k, v = c.Last()
			return k, v, nil
		}
		if !bytes.Equal(k, to) {
			if err := beside(bucket, to, k, v, 1); err != nil {
				return nil, nil, err
			}
		}
		k, v = c.Prev()
		return k, v, nil
	}
	return s.walk(bucket, begin, (*bbolt.Cursor).Prev, func(key, prior []byte) verdict {
		switch {
		case prior != nil && bytes.Compare(key, prior) >= 0, len(to) > 0 && bytes.Compare(key, to) >= 0:
			return disorder
		case bytes.Compare(key, from) < 0:
			return end
		}
		return take
	})
}

// verdict says what to do with a key that a cursor came upon.
type verdict int

const (
	take     verdict = iota
	end              // past the range
	disorder         // not in key order: the page is damaged
)

// walk steps through a bucket. Nothing but stepping and parsing is guarded: a
// panic of the loop's body is not ours. The row that ends a scan is parsed too:
// its key counts only when it is sound.
func (s snapshot) walk(
	bucket string,
	begin func(*bbolt.Cursor) (key, value []byte, err error),
	next func(*bbolt.Cursor) (key, value []byte),
	judge func(key, prior []byte) verdict,
) iter.Seq2[store.Item, error] {
	return func(yield func(store.Item, error) bool) {
		var c *bbolt.Cursor
		var prior []byte
		step := func() (item store.Item, v verdict, err error) {
			var key, value []byte
			if c != nil {
				key, value = next(c)
			} else if b := s.tx.Bucket([]byte(bucket)); b != nil {
				c = b.Cursor()
				key, value, err = begin(c)
			}
			if err != nil || key == nil {
				return item, end, err
			}
			if v = judge(key, prior); v == disorder {
				return item, v, errDisorder
			}
			item, err = unpackRow(bucket, key, value)
			prior = item.Key
			return item, v, err
		}
		for {
			var item store.Item
			var v verdict
			var err error
			damaged := guarded(func() { item, v, err = step() })
			if err = cmp.Or(damaged, err); err != nil {
				yield(store.Item{}, fmt.Errorf("scan %s: %w", bucket, err))
				return
			}
			if v == end || !yield(item, nil) {
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
