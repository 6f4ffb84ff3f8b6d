package store

import (
	"encoding/binary"
	"fmt"
	"iter"
)

// Entry is one entry of a Log with its number.
type Entry[T any] struct {
	N     uint64
	Value T
}

// Log keeps entries under consecutive numbers from 1 within each scope, in the
// order of their transactions. Entries are never changed; Trim drops old ones.
type Log[T any] struct {
	bucket string
	next   *Sequence
	schema uint64
}

// NewLog names a log; the name is its bucket and never changes.
func NewLog[T any](name string) *Log[T] {
	return &Log[T]{bucket: name, next: NewSequence(name + "/next"), schema: 1}
}

// Append adds an entry and returns its number.
func (l *Log[T]) Append(tx Tx, scope string, v *T) (uint64, error) {
	n, err := l.next.Next(tx, scope)
	if err != nil {
		return 0, err
	}
	p := l.place(scope, n)
	raw, err := encode(tx, p, v)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Put(l.bucket, p.key, raw, 0); err != nil {
		return 0, fmt.Errorf("append %s: %w", l.bucket, err)
	}
	return n, nil
}

// Get returns entry n, or ErrNotFound.
func (l *Log[T]) Get(tx Tx, scope string, n uint64) (T, error) {
	var v T
	p := l.place(scope, n)
	raw, _, err := tx.Get(l.bucket, p.key)
	if err != nil {
		return v, fmt.Errorf("get %s %d: %w", l.bucket, n, err)
	}
	err = decode(tx, p, raw, &v)
	return v, err
}

// Last is the number of the newest entry ever appended, 0 before the first.
func (l *Log[T]) Last(tx Tx, scope string) (uint64, error) { return l.next.Last(tx, scope) }

// Range yields the entries with from <= N < to in order; to 0 is no bound.
// An entry that is missing between two others shows as a gap in N.
func (l *Log[T]) Range(tx Tx, scope string, from, to uint64) iter.Seq2[Entry[T], error] {
	return func(yield func(Entry[T], error) bool) {
		if scope == "" {
			yield(Entry[T]{}, fmt.Errorf("range %s: %w: empty scope", l.bucket, ErrInvalid))
			return
		}
		prefix := Text(scope)
		hi := []byte(prefix.End())
		if to != 0 {
			hi = l.place(scope, to).key
		}
		for item, err := range tx.Scan(l.bucket, l.place(scope, from).key, hi) {
			if err != nil {
				yield(Entry[T]{}, fmt.Errorf("range %s: %w", l.bucket, err))
				return
			}
			if !yield(l.load(tx, scope, item)) {
				return
			}
		}
	}
}

func (l *Log[T]) load(tx Tx, scope string, item Item) (Entry[T], error) {
	var e Entry[T]
	prefix := Text(scope)
	if len(item.Key) != len(prefix)+8 {
		return e, fmt.Errorf("range %s: %w: key of %d bytes", l.bucket, ErrCorrupt, len(item.Key))
	}
	e.N = binary.BigEndian.Uint64(item.Key[len(prefix):])
	err := decode(tx, l.place(scope, e.N), item.Value, &e.Value)
	return e, err
}

// Trim removes the entries below a number, at most limit of them, and says how
// many it removed: call it again in a new transaction until it says 0.
func (l *Log[T]) Trim(tx Tx, scope string, below uint64, limit int) (int, error) {
	if scope == "" {
		return 0, fmt.Errorf("trim %s: %w: empty scope", l.bucket, ErrInvalid)
	}
	n := 0
	for item, err := range tx.Scan(l.bucket, l.place(scope, 0).key, l.place(scope, below).key) {
		if err != nil {
			return n, fmt.Errorf("trim %s: %w", l.bucket, err)
		}
		if n == limit {
			break
		}
		if err := tx.Delete(l.bucket, item.Key, item.Version); err != nil {
			return n, fmt.Errorf("trim %s: %w", l.bucket, err)
		}
		n++
	}
	return n, nil
}

func (l *Log[T]) place(scope string, n uint64) place {
	key := binary.BigEndian.AppendUint64([]byte(Text(scope)), n)
	return place{bucket: l.bucket, key: key, scope: scope, schema: l.schema}
}
