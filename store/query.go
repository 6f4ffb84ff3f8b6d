package store

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// Find returns the first record whose key begins with the parts of key, or
// ErrNotFound; on a unique index with a whole key that is the only one.
func (c *Collection[T]) Find(tx Tx, scope string, index *Index[T], key Key) (T, uint64, error) {
	var none T
	for f, err := range c.scan(tx, scope, index, key, key.End(), false) {
		if err != nil {
			return none, 0, err
		}
		return f.value, f.rev, nil
	}
	return none, 0, c.wrap("find", ErrNotFound)
}

// Where yields the records whose key begins with the parts of key, in index
// order. On a blinded index key is a whole key.
func (c *Collection[T]) Where(tx Tx, scope string, index *Index[T], key Key) iter.Seq2[T, error] {
	return values(c.scan(tx, scope, index, key, key.End(), false))
}

// Range yields the records with from <= key < to in index order. An empty from
// is the start, an empty to the end of the scope.
func (c *Collection[T]) Range(tx Tx, scope string, index *Index[T], from, to Key) iter.Seq2[T, error] {
	return values(c.scan(tx, scope, index, from, to, false))
}

// RangeBack yields what Range does in reverse order: the newest first where the
// index ends in a time.
func (c *Collection[T]) RangeBack(tx Tx, scope string, index *Index[T], from, to Key) iter.Seq2[T, error] {
	return values(c.scan(tx, scope, index, from, to, true))
}

// Pointer is an index row: the key under which a record stands, and its id.
type Pointer struct {
	Key Key
	ID  string
}

// Pointers yields the rows of an index with from <= key < to, in order, and loads no
// record: an index whose keys hold all that an answer needs answers for many records at
// the cost of a walk. Rows are not sealed and outlive a record's erasure. What is decided
// by them is checked against the records first.
func (c *Collection[T]) Pointers(tx Tx, scope string, index *Index[T], from, to Key) iter.Seq2[Pointer, error] {
	return func(yield func(Pointer, error) bool) {
		lo, hi, err := c.bounds(tx, scope, index, from, to)
		if err == nil && index.blind {
			err = fmt.Errorf("%w: a blinded index tells no keys", ErrInvalid)
		}
		if err != nil {
			yield(Pointer{}, c.wrap("query", err))
			return
		}
		prefix := len(Text(scope))
		for item, err := range tx.Scan(index.bucket, lo, hi) {
			if err != nil {
				yield(Pointer{}, c.wrap("query", err))
				return
			}
			p := Pointer{ID: string(item.Value)}
			end := len(item.Key)
			if !index.unique { // the id makes the row's key unique
				end -= len(item.Value) + bytes.Count(item.Value, []byte{0}) + 2
			}
			if end < prefix {
				yield(Pointer{}, c.wrap("query", ErrCorrupt))
				return
			}
			p.Key = Key(item.Key[prefix:end])
			if !yield(p, nil) {
				return
			}
		}
	}
}

// First returns what a list or query yields first, or ErrNotFound.
func First[T any](seq iter.Seq2[T, error]) (first T, err error) {
	err = ErrNotFound
	seq(func(v T, e error) bool {
		first, err = v, e
		return false
	})
	return first, err
}

type found[T any] struct {
	value T
	rev   uint64
}

func values[T any](seq iter.Seq2[found[T], error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for f, err := range seq {
			if !yield(f.value, err) {
				return
			}
		}
	}
}

func (c *Collection[T]) scan(tx Tx, scope string, index *Index[T], from, to Key, back bool) iter.Seq2[found[T], error] {
	return func(yield func(found[T], error) bool) {
		from, to, err := c.bounds(tx, scope, index, from, to)
		if err != nil {
			yield(found[T]{}, c.wrap("query", err))
			return
		}
		rows := tx.Scan
		if back {
			rows = tx.ScanBack
		}
		for item, err := range rows(index.bucket, from, to) {
			if err != nil {
				yield(found[T]{}, c.wrap("query", err))
				return
			}
			f, err := c.follow(tx, scope, index, item)
			if errors.Is(err, ErrErased) {
				continue
			}
			if !yield(f, err) {
				return
			}
		}
	}
}

// bounds turns keys of an index into row keys within the scope.
func (c *Collection[T]) bounds(tx Tx, scope string, index *Index[T], from, to Key) (lo, hi []byte, err error) {
	if scope == "" {
		return nil, nil, fmt.Errorf("%w: empty scope", ErrInvalid)
	}
	if !slices.Contains(c.indexes, index) {
		return nil, nil, fmt.Errorf("%w: index of another collection", ErrInvalid)
	}
	prefix := Text(scope)
	if index.blind {
		if from == "" || to != from.End() {
			return nil, nil, fmt.Errorf("%w: a blinded index has no order", ErrInvalid)
		}
		blind, err := index.stored(tx, scope, from)
		if err != nil {
			return nil, nil, err
		}
		from, to = blind, blind.End()
	}
	lo, hi = []byte(prefix+from), []byte(prefix+to)
	if to == "" {
		hi = []byte(prefix.End())
	}
	return lo, hi, nil
}

// follow loads the record that an index row points to, and makes sure that the
// record agrees: rows aren't sealed, so a changed one must not be believed.
func (c *Collection[T]) follow(tx Tx, scope string, index *Index[T], row Item) (found[T], error) {
	id := string(row.Value)
	v, rev, err := c.Get(tx, scope, id)
	if errors.Is(err, ErrNotFound) || errors.Is(err, ErrInvalid) {
		return found[T]{}, fmt.Errorf("query %s: %w: row without record", index.bucket, ErrCorrupt)
	}
	if err != nil {
		return found[T]{}, err
	}
	rows, err := index.rows(tx, scope, id, &v)
	if err != nil {
		return found[T]{}, err
	}
	if !contains(rows, row.Key) {
		return found[T]{}, fmt.Errorf("query %s: %w: row does not match its record", index.bucket, ErrCorrupt)
	}
	return found[T]{value: v, rev: rev}, nil
}
