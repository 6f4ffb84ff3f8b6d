package store

import (
	"errors"
	"fmt"
)

// A record whose data key was destroyed is erased: nobody can read it again.
// Get says ErrErased; lists and queries pass over it; Delete and Purge remove
// what is left of it.

// Purge removes up to limit erased records of a scope and their index rows, and
// says how many it removed: call it again in a new transaction until it says 0.
func (c *Collection[T]) Purge(tx Tx, scope string, limit int) (int, error) {
	if scope == "" {
		return 0, c.wrap("purge", fmt.Errorf("%w: empty scope", ErrInvalid))
	}
	erased := make(map[string]bool)
	prefix := Text(scope)
	for item, err := range tx.Scan(c.name, []byte(prefix), []byte(prefix.End())) {
		if err != nil {
			return 0, c.wrap("purge", err)
		}
		if len(erased) == limit {
			break
		}
		p := place{bucket: c.name, key: item.Key, scope: scope, schema: c.schema}
		if _, err := c.load(tx, p, item.Value, item.Version); !errors.Is(err, ErrErased) {
			continue // a damaged record isn't ours to remove
		}
		id, _, ok := textPrefix(item.Key[len(prefix):])
		if !ok {
			return 0, c.wrap("purge", ErrCorrupt)
		}
		erased[id] = true
		if err := tx.Delete(c.name, item.Key, item.Version); err != nil {
			return 0, c.wrap("purge", err)
		}
	}
	if len(erased) == 0 {
		return 0, nil
	}
	return len(erased), c.forget(tx, scope, erased)
}

// forget removes the index rows of records that can't tell their keys any more.
func (c *Collection[T]) forget(tx Tx, scope string, ids map[string]bool) error {
	prefix := Text(scope)
	for _, i := range c.indexes {
		for item, err := range tx.Scan(i.bucket, []byte(prefix), []byte(prefix.End())) {
			if err != nil {
				return c.wrap("forget", err)
			}
			if !ids[string(item.Value)] {
				continue
			}
			if err := tx.Delete(i.bucket, item.Key, item.Version); err != nil {
				return c.wrap("forget", err)
			}
		}
	}
	return nil
}
