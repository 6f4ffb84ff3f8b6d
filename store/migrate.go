package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
)

// Step brings the data from schema To-1 to schema To.
type Step struct {
	To   uint64
	Name string
	// Run does a bounded piece of the work in one transaction and returns where
	// to go on; nil means the step is done. cursor is nil at the start. After a
	// crash Run goes on from the last cursor that was committed.
	Run func(tx Tx, cursor []byte) (next []byte, err error)
}

// Rows of the schema, in a bucket of its own.
const schemaBucket = "sys"

var (
	schemaKey = []byte("schema")        // uvarint
	cursorKey = []byte("schema/cursor") // of the step in progress; empty = at its start
	backupKey = []byte("schema/backup") // there once the backup before this migration was made
)

// Migrate brings a store to the last step's schema; without steps that is 1. A
// fresh store gets the number at once. Steps are numbered 2, 3, … without gaps.
// backup runs before the first step that is due and again only for a later
// migration; when it fails nothing is changed. A store with a higher schema is
// refused with ErrSchema. A migration that was cut off goes on where it stopped.
func Migrate(ctx context.Context, db DB, steps []Step, backup func(ctx context.Context, from, to uint64) error) error {
	to := uint64(1)
	for _, s := range steps {
		if to++; s.To != to {
			return fmt.Errorf("migrate: %w: step %q leads to %d, not %d", ErrInvalid, s.Name, s.To, to)
		}
	}
	from, err := schema(ctx, db, to)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	if from > to {
		return fmt.Errorf("migrate: %w: the data has schema %d, this program knows %d", ErrSchema, from, to)
	}
	if from == to {
		return nil
	}
	if err := backupOnce(ctx, db, from, to, backup); err != nil {
		return fmt.Errorf("back up before migrating to schema %d: %w", to, err)
	}
	for _, s := range steps[from-1:] {
		if err := s.run(ctx, db, s.To == to); err != nil {
			return fmt.Errorf("migrate to schema %d, %s: %w", s.To, s.Name, err)
		}
	}
	return nil
}

// schema reads the store's schema; a fresh store gets the newest.
func schema(ctx context.Context, db DB, newest uint64) (uint64, error) {
	var now uint64
	err := db.Update(ctx, func(tx Tx) error {
		if err := mustBeSealed(tx); err != nil {
			return err
		}
		raw, _, err := tx.Get(schemaBucket, schemaKey)
		if errors.Is(err, ErrNotFound) {
			now = newest
			return putSchema(tx, newest)
		}
		if err != nil {
			return err
		}
		n, size := binary.Uvarint(raw)
		if size <= 0 || n == 0 {
			return fmt.Errorf("%w: schema number", ErrCorrupt)
		}
		now = n
		return nil
	})
	return now, err
}

func putSchema(tx Tx, n uint64) error {
	_, err := tx.Put(schemaBucket, schemaKey, binary.AppendUvarint(nil, n), Any)
	return err
}

func backupOnce(ctx context.Context, db DB, from, to uint64, backup func(context.Context, uint64, uint64) error) error {
	var done bool
	err := db.View(ctx, func(tx Tx) error {
		_, _, err := tx.Get(schemaBucket, backupKey)
		done = err == nil
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	})
	if err != nil || done || backup == nil {
		return err
	}
	if err := backup(ctx, from, to); err != nil {
		return err
	}
	return db.Update(ctx, func(tx Tx) error {
		_, err := tx.Put(schemaBucket, backupKey, nil, Any)
		return err
	})
}

// run repeats a step until it is done. Its work and its cursor are committed together.
func (s Step) run(ctx context.Context, db DB, last bool) error {
	for {
		var done bool
		err := db.Update(ctx, func(tx Tx) error {
			cursor, _, err := tx.Get(schemaBucket, cursorKey)
			if err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
			if len(cursor) == 0 {
				cursor = nil
			}
			next, err := s.Run(tx, cursor)
			if err != nil {
				return err
			}
			if done = next == nil; done {
				return s.finish(tx, last)
			}
			_, err = tx.Put(schemaBucket, cursorKey, next, Any)
			return err
		})
		if err != nil || done {
			return err
		}
	}
}

func (s Step) finish(tx Tx, last bool) error {
	keys := [][]byte{cursorKey}
	if last {
		keys = append(keys, backupKey)
	}
	for _, key := range keys {
		if err := tx.Delete(schemaBucket, key, Any); err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	return putSchema(tx, s.To)
}

// Rewrite is the usual body of a Step: it loads up to limit records of all
// scopes from cursor on, lets change alter them, and writes them back with all
// their index rows, so that it also fills an index that is new. It returns the
// cursor to go on from, nil at the end. Erased records are passed over. change must
// be idempotent.
func (c *Collection[T]) Rewrite(tx Tx, cursor []byte, limit int, change func(scope string, v *T) error) (next []byte, err error) {
	for item, err := range tx.Scan(c.name, cursor, nil) {
		if err != nil {
			return nil, c.wrap("rewrite", err)
		}
		if limit == 0 {
			return item.Key, nil
		}
		limit--
		if err := c.rewrite(tx, item, change); err != nil {
			return nil, c.wrap("rewrite", err)
		}
	}
	return nil, nil
}

// The phases of Recount, which lead its cursors.
const (
	recountDrop  = 'd'
	recountCount = 'c'
)

// Recount is the body of a Step for data that has no counts, or cannot be sure of them: it
// drops all counts of the collection and counts its records anew, up to limit rows in one
// transaction. It returns the cursor to go on from, nil at the end. What is committed
// together with its cursor is counted once. Erased records can't be read and are not
// counted.
func (c *Collection[T]) Recount(tx Tx, cursor []byte, limit int) (next []byte, err error) {
	if len(cursor) == 0 || cursor[0] == recountDrop {
		for _, t := range c.tallies {
			dropped, err := t.drop(tx, limit)
			if err != nil {
				return nil, c.wrap("recount", err)
			}
			if dropped == limit { // there may be more
				return []byte{recountDrop}, nil
			}
			limit -= dropped
		}
		return []byte{recountCount}, nil
	}
	for item, err := range tx.Scan(c.name, cursor[1:], nil) {
		if err != nil {
			return nil, c.wrap("recount", err)
		}
		if limit == 0 {
			return append([]byte{recountCount}, item.Key...), nil
		}
		limit--
		scope, _, ok := textPrefix(item.Key)
		if !ok {
			return nil, c.wrap("recount", ErrCorrupt)
		}
		v, err := c.load(tx, place{bucket: c.name, key: item.Key, scope: scope, schema: c.schema}, item.Value, item.Version)
		if errors.Is(err, ErrErased) {
			continue
		}
		if err != nil {
			return nil, c.wrap("recount", err)
		}
		if err := c.recount(tx, scope, nil, &v); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (c *Collection[T]) rewrite(tx Tx, item Item, change func(string, *T) error) error {
	scope, _, ok := textPrefix(item.Key)
	if !ok {
		return ErrCorrupt
	}
	p := place{bucket: c.name, key: item.Key, scope: scope, schema: c.schema}
	v, err := c.load(tx, p, item.Value, item.Version)
	if errors.Is(err, ErrErased) {
		return nil
	}
	if err != nil {
		return err
	}
	id := c.id(&v)
	for _, i := range c.indexes {
		was, err := i.rows(tx, scope, id, &v)
		if err != nil {
			return err
		}
		for _, row := range was {
			if err := tx.Delete(i.bucket, row, Any); err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
		}
	}
	before := v
	if err := change(scope, &v); err != nil {
		return err
	}
	if err := c.recount(tx, scope, &before, &v); err != nil {
		return err
	}
	if c.id(&v) != id {
		return fmt.Errorf("%w: a record's id can't change", ErrInvalid)
	}
	for _, i := range c.indexes {
		now, err := i.rows(tx, scope, id, &v)
		if err != nil {
			return err
		}
		if err := i.update(tx, c.name, id, nil, now); err != nil {
			return err
		}
	}
	_, err = c.save(tx, p, &v, item.Version)
	return err
}
