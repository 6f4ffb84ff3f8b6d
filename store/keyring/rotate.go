package keyring

import (
	"context"
	"fmt"

	"consilium/store"
)

// rewrapped is how many data keys one transaction moves to a new scope key.
const rewrapped = 500

// scrubber is an engine that can overwrite what it doesn't use any more.
type scrubber interface {
	Scrub(ctx context.Context) error
}

// Rotate locks the ring with another KEK. Only the scopes' keys are wrapped
// anew; records and files stay as they are. Afterwards the old KEK opens
// nothing but older copies of the ring.
func (r *Ring) Rotate(ctx context.Context, next KEK) error {
	r.turn.Lock()
	defer r.turn.Unlock()
	err := r.db.Update(ctx, func(tx store.Tx) error {
		for scope, err := range r.tables.scopes.Scopes(tx) {
			if err != nil {
				return err
			}
			if err := r.rewrapScope(tx, scope, next); err != nil {
				return err
			}
		}
		row, rev, err := r.tables.ring.Get(tx, store.Global, ringID)
		if err != nil {
			return err
		}
		row.KEK = next.ID()
		if row.Check, err = next.secret.wrap(checkAD(r.id), []byte(checkText)); err != nil {
			return err
		}
		_, err = r.tables.ring.Put(tx, store.Global, &row, rev)
		return err
	})
	if err != nil {
		return fmt.Errorf("rotate key: %w", err)
	}
	r.kek = next
	return r.scrub(ctx)
}

func (r *Ring) rewrapScope(tx store.Tx, scope string, next KEK) error {
	for row, err := range r.tables.scopes.List(tx, scope) {
		if err != nil {
			return err
		}
		ad := scopeAD(r.id, scope, row.Generation)
		secret, err := r.kek.secret.unwrap(ad, row.Wrapped)
		if err != nil {
			return err
		}
		if row.Wrapped, err = next.secret.wrap(ad, secret); err != nil {
			return err
		}
		if _, err := r.tables.scopes.Put(tx, scope, &row, store.Any); err != nil {
			return err
		}
	}
	return nil
}

// RotateScope gives a scope a new key, wraps all its data keys anew and destroys
// the old one. A scope that has no key yet is ErrNotFound.
func (r *Ring) RotateScope(ctx context.Context, scope string) error {
	err := r.update(ctx, func(tx store.Tx) error {
		if _, err := store.First(r.tables.scopes.List(tx, scope)); err != nil {
			return err
		}
		return r.begin(tx, scope)
	})
	if err == nil {
		err = r.finish(ctx, scope)
	}
	if err != nil {
		return fmt.Errorf("rotate scope key: %w", err)
	}
	return nil
}

// begin adds a scope's next key. From then on finish has work to do, also after
// a crash.
func (r *Ring) begin(tx store.Tx, scope string) error {
	newest, err := r.newestScope(tx, scope)
	if err != nil {
		return err
	}
	return r.addScope(tx, scope, newest+1)
}

// Destroy makes everything unreadable that is sealed with an owner's keys, for
// good: the keys go, and the scope's key that wrapped them goes too, so that what
// the disk still holds of them opens no more. Copies of the ring made before are
// to be destroyed by whoever keeps them. An owner without a key gets the mark too.
func (r *Ring) Destroy(ctx context.Context, scope, owner string) error {
	if owner == "" {
		return fmt.Errorf("destroy data key: %w: a scope's own key", store.ErrInvalid)
	}
	r.forget(scopeOwner{scope, owner})
	err := r.update(ctx, func(tx store.Tx) error {
		if err := r.mark(tx, scope, owner); err != nil {
			return err
		}
		return r.begin(tx, scope)
	})
	if err == nil {
		err = r.finish(ctx, scope)
	}
	if err != nil {
		return fmt.Errorf("destroy data key: %w", err)
	}
	return nil
}

// mark leaves of an owner's keys only that they were destroyed.
func (r *Ring) mark(tx store.Tx, scope, owner string) error {
	n := 0
	for row, err := range r.tables.data.Where(tx, scope, r.tables.byOwner, store.Text(kindData).Text(owner)) {
		if err != nil {
			return err
		}
		row.Under, row.Wrapped = 0, nil
		if _, err := r.tables.data.Put(tx, scope, &row, store.Any); err != nil {
			return err
		}
		n++
	}
	if n > 0 {
		return nil
	}
	row := newDataRow(kindData, owner, 1)
	_, err := r.tables.data.Put(tx, scope, &row, 0)
	return err
}

// forget takes an owner's keys out of the caches and keeps out those that are
// being loaded.
func (r *Ring) forget(who scopeOwner) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone[who] = true
	delete(r.newest, who)
	for k := range r.keys {
		if k.scopeOwner == who {
			delete(r.keys, k)
		}
	}
}

// rotating lists the scopes that have more than one key: their rotation was cut off.
func (r *Ring) rotating(tx store.Tx) (scopes []string, err error) {
	for scope, err := range r.tables.scopes.Scopes(tx) {
		if err != nil {
			return nil, err
		}
		n := 0
		for _, err := range r.tables.scopes.List(tx, scope) {
			if err != nil {
				return nil, err
			}
			n++
		}
		if n > 1 {
			scopes = append(scopes, scope)
		}
	}
	return scopes, nil
}

// finish moves a scope's data keys to its newest key, some at a time, and removes
// the older keys when nothing is left under them. What the disk still holds of
// removed rows is overwritten.
func (r *Ring) finish(ctx context.Context, scope string) error {
	for done := false; !done; {
		err := r.update(ctx, func(tx store.Tx) error {
			newest, err := r.newestScope(tx, scope)
			if err != nil {
				return err
			}
			moved, err := r.move(tx, scope, newest)
			if done = moved == 0; err != nil || !done {
				return err
			}
			return r.dropOld(tx, scope, newest)
		})
		if err != nil {
			return err
		}
	}
	return r.scrub(ctx)
}

func (r *Ring) move(tx store.Tx, scope string, newest uint64) (int, error) {
	n := 0
	for row, err := range r.tables.data.Range(tx, scope, r.tables.byUnder, "", store.Number(int64(newest))) {
		if err != nil {
			return n, err
		}
		if n == rewrapped {
			break
		}
		secret, err := r.unwrap(tx, scope, row)
		if err != nil {
			return n, err
		}
		if err := r.wrap(tx, scope, &row, secret, newest); err != nil {
			return n, err
		}
		if _, err := r.tables.data.Put(tx, scope, &row, store.Any); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (r *Ring) dropOld(tx store.Tx, scope string, newest uint64) error {
	for row, err := range r.tables.scopes.List(tx, scope) {
		if err != nil {
			return err
		}
		if row.Generation == newest {
			continue
		}
		if err := r.tables.scopes.Delete(tx, scope, row.ID, store.Any); err != nil {
			return err
		}
	}
	return nil
}

// scrub overwrites what is left of removed keys on the disk.
func (r *Ring) scrub(ctx context.Context) error {
	s, ok := r.db.(scrubber)
	if !ok {
		return nil
	}
	if err := s.Scrub(ctx); err != nil {
		return fmt.Errorf("scrub key ring: %w", err)
	}
	return nil
}
