package store

import (
	"errors"
	"fmt"
	"iter"
)

// Revised is embedded in a record type that wants to know its own revision:
// every read fills Rev, also in lists. It is not stored.
type Revised struct {
	Rev uint64 `json:"-"`
}

// SetRev is called by the collection.
func (r *Revised) SetRev(rev uint64) { r.Rev = rev }

// Collection is a set of records of one type, each under an id that is unique
// within its scope. It is immutable and may be used from any goroutine.
type Collection[T any] struct {
	name    string
	id      func(*T) string
	owner   func(*T) string
	schema  uint64
	indexes []*Index[T]
	tallies []*Tally[T]
}

// NewCollection names a collection; the name is its bucket on disk and never
// changes. id returns a record's id.
func NewCollection[T any](name string, id func(*T) string, indexes ...*Index[T]) *Collection[T] {
	for _, i := range indexes {
		i.bucket = name + "/" + i.name
	}
	return &Collection[T]{name: name, id: id, schema: 1, indexes: indexes}
}

// OwnedBy names whose data key seals a record in a sealed store, for instance
// the patient's id. Without it, or where it returns "", the scope's key does.
// Destroying that key makes the record unreadable for good. It returns c.
func (c *Collection[T]) OwnedBy(owner func(*T) string) *Collection[T] {
	c.owner = owner
	return c
}

// Schema sets the number written with every record, 1 by default. Records with
// a higher number are refused with ErrSchema. It returns c.
func (c *Collection[T]) Schema(n uint64) *Collection[T] {
	c.schema = n
	return c
}

// Name is the collection's bucket.
func (c *Collection[T]) Name() string { return c.name }

// Get returns a record and its revision, or ErrNotFound.
func (c *Collection[T]) Get(tx Tx, scope, id string) (T, uint64, error) {
	var v T
	p, err := c.place(scope, id)
	if err != nil {
		return v, 0, err
	}
	raw, rev, err := tx.Get(c.name, p.key)
	if err != nil {
		return v, 0, c.wrap("get", err)
	}
	v, err = c.load(tx, p, raw, rev)
	return v, rev, err
}

// Has tells whether a record exists.
func (c *Collection[T]) Has(tx Tx, scope, id string) (bool, error) {
	p, err := c.place(scope, id)
	if err != nil {
		return false, err
	}
	_, _, err = tx.Get(c.name, p.key)
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Put writes a record and its index rows and returns its new revision. ifRev is
// the revision it must have now: 0 for a new record, Any for no check.
func (c *Collection[T]) Put(tx Tx, scope string, v *T, ifRev uint64) (uint64, error) {
	id := c.id(v)
	p, err := c.place(scope, id)
	if err != nil {
		return 0, err
	}
	old, err := c.current(tx, p, ifRev)
	if err == nil && old == nil && ifRev != Any && ifRev != 0 {
		err = ErrConflict
	}
	if err != nil {
		return 0, c.wrap("put", err)
	}
	for _, i := range c.indexes {
		var was [][]byte
		if old != nil {
			if was, err = i.rows(tx, scope, id, old); err != nil {
				return 0, err
			}
		}
		now, err := i.rows(tx, scope, id, v)
		if err != nil {
			return 0, err
		}
		if err := i.update(tx, c.name, id, was, now); err != nil {
			return 0, err
		}
	}
	if err := c.recount(tx, scope, old, v); err != nil {
		return 0, err
	}
	return c.save(tx, p, v, ifRev)
}

// save writes the record itself.
func (c *Collection[T]) save(tx Tx, p place, v *T, ifRev uint64) (uint64, error) {
	if c.owner != nil {
		p.owner = c.owner(v)
	}
	raw, err := encode(tx, p, v)
	if err != nil {
		return 0, err
	}
	rev, err := tx.Put(c.name, p.key, raw, ifRev)
	if err != nil {
		return 0, c.wrap("put", err)
	}
	if r, ok := any(v).(interface{ SetRev(uint64) }); ok {
		r.SetRev(rev)
	}
	return rev, nil
}

// Delete removes a record and its index rows. The record must exist.
func (c *Collection[T]) Delete(tx Tx, scope, id string, ifRev uint64) error {
	p, err := c.place(scope, id)
	if err != nil {
		return err
	}
	old, err := c.current(tx, p, ifRev)
	switch {
	case errors.Is(err, ErrErased):
		if err := c.forget(tx, scope, map[string]bool{id: true}); err != nil {
			return err
		}
		return tx.Delete(c.name, p.key, ifRev)
	case err != nil:
		return c.wrap("delete", err)
	case old == nil:
		return c.wrap("delete", ErrNotFound)
	}
	for _, i := range c.indexes {
		was, err := i.rows(tx, scope, id, old)
		if err != nil {
			return err
		}
		if err := i.update(tx, c.name, id, was, nil); err != nil {
			return err
		}
	}
	if err := c.recount(tx, scope, old, nil); err != nil {
		return err
	}
	if err := tx.Delete(c.name, p.key, ifRev); err != nil {
		return c.wrap("delete", err)
	}
	return nil
}

// current loads the record that a write replaces, nil when there is none, after
// checking its revision: index rows must not move when the write will be refused.
func (c *Collection[T]) current(tx Tx, p place, ifRev uint64) (*T, error) {
	raw, rev, err := tx.Get(c.name, p.key)
	switch {
	case errors.Is(err, ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, err
	case ifRev != Any && ifRev != rev:
		return nil, ErrConflict
	}
	v, err := c.load(tx, p, raw, rev)
	if err != nil {
		return nil, err
	}
	return &v, nil
}

// List yields the records of a scope in the order of their ids.
func (c *Collection[T]) List(tx Tx, scope string) iter.Seq2[T, error] {
	return c.ListAfter(tx, scope, "")
}

// ListAfter is List for the ids that sort after the given one: the next page.
func (c *Collection[T]) ListAfter(tx Tx, scope, after string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		if scope == "" {
			yield(none, c.wrap("list", fmt.Errorf("%w: empty scope", ErrInvalid)))
			return
		}
		prefix := Text(scope)
		from := prefix
		if after != "" {
			from = prefix.Text(after).End()
		}
		for item, err := range tx.Scan(c.name, []byte(from), []byte(prefix.End())) {
			if err != nil {
				yield(none, c.wrap("list", err))
				return
			}
			p := place{bucket: c.name, key: item.Key, scope: scope, schema: c.schema}
			v, err := c.load(tx, p, item.Value, item.Version)
			if errors.Is(err, ErrErased) {
				continue
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// Scopes yields the scopes that hold at least one record.
func (c *Collection[T]) Scopes(tx Tx) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		var from []byte
		for {
			found := false
			for item, err := range tx.Scan(c.name, from, nil) {
				if err != nil {
					yield("", c.wrap("list scopes", err))
					return
				}
				scope, _, ok := textPrefix(item.Key)
				if !ok {
					yield("", c.wrap("list scopes", ErrCorrupt))
					return
				}
				if !yield(scope, nil) {
					return
				}
				from, found = []byte(Text(scope).End()), true
				break
			}
			if !found {
				return
			}
		}
	}
}

func (c *Collection[T]) place(scope, id string) (place, error) {
	if scope == "" || id == "" {
		return place{}, fmt.Errorf("%s: %w: empty scope or id", c.name, ErrInvalid)
	}
	return place{bucket: c.name, key: []byte(Text(scope).Text(id)), scope: scope, schema: c.schema}, nil
}

func (c *Collection[T]) load(tx Tx, p place, raw []byte, rev uint64) (T, error) {
	var v T
	if err := decode(tx, p, raw, &v); err != nil {
		return v, err
	}
	if want := []byte(Text(p.scope).Text(c.id(&v))); string(want) != string(p.key) {
		return v, fmt.Errorf("decode %s: %w: id is not the key", c.name, ErrCorrupt)
	}
	if r, ok := any(&v).(interface{ SetRev(uint64) }); ok {
		r.SetRev(rev)
	}
	return v, nil
}

func (c *Collection[T]) wrap(what string, err error) error {
	return fmt.Errorf("%s %s: %w", what, c.name, err)
}
