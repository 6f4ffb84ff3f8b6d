package store

import (
	"bytes"
	"errors"
	"fmt"
	"sort"
)

// Index is a second order over a collection's records. Make one with IndexBy,
// UniqueBy or IndexEach and give it to exactly one NewCollection; then it is
// immutable and may be used from any goroutine.
type Index[T any] struct {
	name   string
	keys   func(*T) []Key
	unique bool
	blind  bool
	bucket string // set by NewCollection
}

// IndexBy orders records by one key each; records may share a key. A record
// with the empty key is left out.
func IndexBy[T any](name string, key func(*T) Key) *Index[T] {
	return &Index[T]{name: name, keys: func(v *T) []Key { return []Key{key(v)} }}
}

// UniqueBy is IndexBy where no two records of a scope may share a key: Put says
// ErrDuplicate.
func UniqueBy[T any](name string, key func(*T) Key) *Index[T] {
	i := IndexBy(name, key)
	i.unique = true
	return i
}

// IndexEach files a record under each of several keys. A key given twice counts once.
func IndexEach[T any](name string, keys func(*T) []Key) *Index[T] {
	return &Index[T]{name: name, keys: keys}
}

// Blinded hides the keys of an index over personal values (email, phone): a
// sealed store keeps a keyed hash instead of the value. Such an index answers
// Find and Where for whole keys, and has no order to Range over. It returns i.
func (i *Index[T]) Blinded() *Index[T] {
	i.blind = true
	return i
}

// rows returns the index's row keys for a record, sorted and without repeats.
func (i *Index[T]) rows(tx Tx, scope, id string, v *T) ([][]byte, error) {
	var rows [][]byte
	for _, k := range i.keys(v) {
		if k == "" {
			continue
		}
		stored, err := i.stored(tx, scope, k)
		if err != nil {
			return nil, err
		}
		rows = append(rows, i.row(scope, id, stored))
	}
	sort.Slice(rows, func(a, b int) bool { return bytes.Compare(rows[a], rows[b]) < 0 })
	out := rows[:0]
	for n, r := range rows {
		if n == 0 || !bytes.Equal(r, rows[n-1]) {
			out = append(out, r)
		}
	}
	return out, nil
}

// stored is the form in which a key stands in the rows.
func (i *Index[T]) stored(tx Tx, scope string, k Key) (Key, error) {
	if !i.blind {
		return k, nil
	}
	s := tx.Sealer()
	if s == nil {
		return k, nil
	}
	blind, err := s.Blind(scope, i.bucket, k)
	if err != nil {
		return "", fmt.Errorf("blind %s: %w", i.bucket, err)
	}
	return blind, nil
}

func (i *Index[T]) row(scope, id string, k Key) []byte {
	row := Text(scope) + k
	if !i.unique {
		row = row.Text(id)
	}
	return []byte(row)
}

// update moves a record's rows from its old keys to its new ones.
func (i *Index[T]) update(tx Tx, collection, id string, was, now [][]byte) error {
	for _, row := range now {
		if contains(was, row) {
			continue
		}
		if i.unique {
			holder, _, err := tx.Get(i.bucket, row)
			if err == nil && string(holder) != id {
				return &DuplicateError{Collection: collection, Index: i.name, Holder: string(holder)}
			}
			if err != nil && !errors.Is(err, ErrNotFound) {
				return fmt.Errorf("index %s: %w", i.bucket, err)
			}
		}
		if _, err := tx.Put(i.bucket, row, []byte(id), Any); err != nil {
			return fmt.Errorf("index %s: %w", i.bucket, err)
		}
	}
	for _, row := range was {
		if contains(now, row) {
			continue
		}
		err := tx.Delete(i.bucket, row, Any)
		if errors.Is(err, ErrNotFound) {
			return fmt.Errorf("index %s: %w: record without row", i.bucket, ErrCorrupt)
		}
		if err != nil {
			return fmt.Errorf("index %s: %w", i.bucket, err)
		}
	}
	return nil
}

func contains(rows [][]byte, row []byte) bool {
	n := sort.Search(len(rows), func(n int) bool { return bytes.Compare(rows[n], row) >= 0 })
	return n < len(rows) && bytes.Equal(rows[n], row)
}
