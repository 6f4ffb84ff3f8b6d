package store

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
)

// Tally keeps the number of a collection's records under keys of theirs, so that
// a count costs what its answer is long, however many records there are. Give it
// to exactly one collection by Tallied; then it is immutable and may be used from
// any goroutine.
//
// A count tells how many there were and not who: it outlives a record's erasure.
type Tally[T any] struct {
	name   string
	keys   func(*T) []Key
	bucket string // set by Tallied
}

// TallyEach counts records under each of several keys. A key given twice counts
// once, the empty key not at all.
func TallyEach[T any](name string, keys func(*T) []Key) *Tally[T] {
	return &Tally[T]{name: name, keys: keys}
}

// Tallied has the collection keep counts. It returns c.
func (c *Collection[T]) Tallied(tallies ...*Tally[T]) *Collection[T] {
	for _, t := range tallies {
		t.bucket = c.name + "#" + t.name
	}
	c.tallies = tallies
	return c
}

// Count is how many records a tally has under a key.
type Count struct {
	Key Key
	N   int64
}

// Counts yields the counts with from <= key < to in key order; zeros are left
// out. An empty from is the start, an empty to the end of the scope.
func (c *Collection[T]) Counts(tx Tx, scope string, t *Tally[T], from, to Key) iter.Seq2[Count, error] {
	return func(yield func(Count, error) bool) {
		if scope == "" || !slices.Contains(c.tallies, t) {
			yield(Count{}, c.wrap("count", fmt.Errorf("%w: empty scope, or a tally of another collection", ErrInvalid)))
			return
		}
		prefix := Text(scope)
		hi := prefix + to
		if to == "" {
			hi = prefix.End()
		}
		for item, err := range tx.Scan(t.bucket, []byte(prefix+from), []byte(hi)) {
			if err != nil {
				yield(Count{}, c.wrap("count", err))
				return
			}
			n, err := parseCount(item.Value)
			if err != nil {
				yield(Count{}, c.wrap("count", err))
				return
			}
			if !yield(Count{Key(item.Key[len(prefix):]), n}, nil) {
				return
			}
		}
	}
}

// CutText takes the first text part off a key. It is false for a key that does
// not begin with one.
func (k Key) CutText() (text string, rest Key, ok bool) {
	text, tail, ok := textPrefix([]byte(k))
	return text, Key(tail), ok
}

// recount moves a record from its old keys to its new ones; nil is no record.
func (c *Collection[T]) recount(tx Tx, scope string, old, now *T) error {
	for _, t := range c.tallies {
		was, is := t.of(old), t.of(now)
		for _, k := range was {
			if !slices.Contains(is, k) {
				if err := t.add(tx, scope, k, -1); err != nil {
					return c.wrap("count", err)
				}
			}
		}
		for _, k := range is {
			if !slices.Contains(was, k) {
				if err := t.add(tx, scope, k, 1); err != nil {
					return c.wrap("count", err)
				}
			}
		}
	}
	return nil
}

// of are a record's keys, each once.
func (t *Tally[T]) of(v *T) []Key {
	if v == nil {
		return nil
	}
	var out []Key
	for _, k := range t.keys(v) {
		if k != "" && !slices.Contains(out, k) {
			out = append(out, k)
		}
	}
	return out
}

func (t *Tally[T]) add(tx Tx, scope string, k Key, by int64) error {
	row := []byte(Text(scope) + k)
	n := int64(0)
	raw, _, err := tx.Get(t.bucket, row)
	if err == nil {
		n, err = parseCount(raw)
	}
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	switch n += by; {
	case n < 0:
		return fmt.Errorf("%w: %s counts less than nothing", ErrCorrupt, t.bucket)
	case n == 0:
		return tx.Delete(t.bucket, row, Any)
	}
	// Digits, so that no count looks like a sealed value.
	_, err = tx.Put(t.bucket, row, strconv.AppendInt(nil, n, 10), Any)
	return err
}

// drop deletes up to limit counts and returns how many it deleted.
func (t *Tally[T]) drop(tx Tx, limit int) (int, error) {
	var rows [][]byte
	for item, err := range tx.Scan(t.bucket, nil, nil) {
		if err != nil {
			return 0, err
		}
		if len(rows) == limit {
			break
		}
		rows = append(rows, slices.Clone(item.Key))
	}
	for _, row := range rows {
		if err := tx.Delete(t.bucket, row, Any); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

func parseCount(raw []byte) (int64, error) {
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%w: no count", ErrCorrupt)
	}
	return n, nil
}
