package keyring

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"

	"consilium/store"
)

// Ring is an open set of keys. Its methods may be called from any goroutine.
type Ring struct {
	db     store.DB
	tables tables
	id     string

	turn sync.RWMutex // held in each transaction; for writing while the KEK changes
	kek  KEK

	mu     sync.Mutex // guards the caches; never held over a transaction
	keys   map[dataGeneration]*store.DataKey
	newest map[scopeOwner]*store.DataKey
	blinds map[string][]byte
	gone   map[scopeOwner]bool // destroyed since the ring was opened
}

type (
	scopeOwner     struct{ scope, owner string }
	dataGeneration struct {
		scopeOwner
		generation uint64
	}
)

// maxCached bounds the unwrapped data keys in memory; above it all are dropped
// and unwrapped anew when they are needed.
const maxCached = 20_000

var _ store.Keys = (*Ring)(nil)

// Create makes a new ring under a KEK in an empty store.
func Create(ctx context.Context, db store.DB, kek KEK) (*Ring, error) {
	r := newRing(db, kek)
	r.id = store.NewBlobID()
	row := ringRow{ID: ringID, Ring: r.id, KEK: kek.ID()}
	var err error
	if row.Check, err = kek.secret.wrap(checkAD(r.id), []byte(checkText)); err == nil {
		err = db.Update(ctx, func(tx store.Tx) error {
			_, err := r.tables.ring.Put(tx, store.Global, &row, 0)
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("create key ring: %w", err)
	}
	return r, nil
}

// Open opens the ring of a store. A store without one, and a KEK that isn't the
// ring's, is ErrKey. A rotation that was cut off is finished.
func Open(ctx context.Context, db store.DB, kek KEK) (*Ring, error) {
	r := newRing(db, kek)
	var scopes []string
	err := db.View(ctx, func(tx store.Tx) error {
		row, _, err := r.tables.ring.Get(tx, store.Global, ringID)
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("%w: there is no key ring", store.ErrKey)
		}
		if err != nil {
			return err
		}
		if row.KEK != kek.ID() {
			return fmt.Errorf("%w: the key ring is locked with key %s, the key file holds key %s", store.ErrKey, row.KEK, kek.ID())
		}
		if text, err := kek.secret.unwrap(checkAD(row.Ring), row.Check); err != nil || string(text) != checkText {
			return fmt.Errorf("%w: the key ring's check value", store.ErrCorrupt)
		}
		r.id = row.Ring
		scopes, err = r.rotating(tx)
		return err
	})
	for _, scope := range scopes {
		if err == nil {
			err = r.finish(ctx, scope)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open key ring: %w", err)
	}
	return r, nil
}

func newRing(db store.DB, kek KEK) *Ring {
	return &Ring{
		db: db, tables: newTables(), kek: kek,
		keys:   make(map[dataGeneration]*store.DataKey),
		newest: make(map[scopeOwner]*store.DataKey),
		blinds: make(map[string][]byte),
		gone:   make(map[scopeOwner]bool),
	}
}

// ID implements store.Keys.
func (r *Ring) ID() string { return r.id }

// Current implements store.Keys.
func (r *Ring) Current(ctx context.Context, scope, owner string) (*store.DataKey, error) {
	who := scopeOwner{scope, owner}
	r.mu.Lock()
	key := r.newest[who]
	r.mu.Unlock()
	if key != nil {
		return key, nil
	}
	key, err := r.load(ctx, who, 0)
	if errors.Is(err, store.ErrKey) {
		key, err = r.add(ctx, who, false)
	}
	if err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	return key, nil
}

// Lookup implements store.Keys.
func (r *Ring) Lookup(ctx context.Context, scope, owner string, generation uint64) (*store.DataKey, error) {
	if generation == 0 {
		return nil, fmt.Errorf("data key: %w: generation 0", store.ErrKey)
	}
	who := scopeOwner{scope, owner}
	r.mu.Lock()
	key := r.keys[dataGeneration{who, generation}]
	r.mu.Unlock()
	if key != nil {
		return key, nil
	}
	key, err := r.load(ctx, who, generation)
	if err != nil {
		return nil, fmt.Errorf("data key: %w", err)
	}
	return key, nil
}

// Renew makes a new key for what an owner will write from now on. What is
// written stays under the old one.
func (r *Ring) Renew(ctx context.Context, scope, owner string) error {
	if _, err := r.add(ctx, scopeOwner{scope, owner}, true); err != nil {
		return fmt.Errorf("renew data key: %w", err)
	}
	return nil
}

// load unwraps a generation of an owner's key; 0 is the newest.
func (r *Ring) load(ctx context.Context, who scopeOwner, generation uint64) (*store.DataKey, error) {
	var row dataRow
	var key *store.DataKey
	err := r.view(ctx, func(tx store.Tx) (err error) {
		if row, err = r.tables.find(tx, who, kindData, generation); err == nil {
			key, err = r.open(tx, who.scope, row)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	r.keep(who, key, generation == 0)
	return key, nil
}

// add makes an owner's first key, or the next one. Somebody else may have made
// the first in the meantime: then that is it.
func (r *Ring) add(ctx context.Context, who scopeOwner, renew bool) (*store.DataKey, error) {
	var key *store.DataKey
	err := r.update(ctx, func(tx store.Tx) error {
		row, err := r.tables.find(tx, who, kindData, 0)
		if err == nil && !renew {
			key, err = r.open(tx, who.scope, row)
			return err
		}
		if err != nil && !errors.Is(err, store.ErrKey) {
			return err
		}
		secret, err := r.insert(tx, who, kindData, row.Generation+1)
		if err != nil {
			return err
		}
		key, err = store.NewDataKey(who.owner, row.Generation+1, secret)
		return err
	})
	if err != nil {
		return nil, err
	}
	r.keep(who, key, true)
	return key, nil
}

func (r *Ring) keep(who scopeOwner, key *store.DataKey, newest bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone[who] {
		return
	}
	if len(r.keys) >= maxCached {
		clear(r.keys)
		clear(r.newest)
	}
	r.keys[dataGeneration{who, key.Generation}] = key
	if newest {
		r.newest[who] = key
	}
}

// Blinding implements store.Keys.
func (r *Ring) Blinding(ctx context.Context, scope string) ([]byte, error) {
	r.mu.Lock()
	secret := r.blinds[scope]
	r.mu.Unlock()
	if secret != nil {
		return secret, nil
	}
	who := scopeOwner{scope: scope}
	get := func(tx store.Tx) error {
		row, err := r.tables.find(tx, who, kindBlind, 0)
		if err == nil {
			secret, err = r.unwrap(tx, scope, row)
		}
		return err
	}
	err := r.view(ctx, get)
	if errors.Is(err, store.ErrKey) {
		err = r.update(ctx, func(tx store.Tx) error {
			err := get(tx)
			if errors.Is(err, store.ErrKey) {
				secret, err = r.insert(tx, who, kindBlind, 1)
			}
			return err
		})
	}
	if err != nil {
		return nil, fmt.Errorf("blinding secret: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.blinds[scope] = secret
	return secret, nil
}

// insert makes a secret and stores it wrapped under the scope's newest key.
func (r *Ring) insert(tx store.Tx, who scopeOwner, kind string, generation uint64) ([]byte, error) {
	under, err := r.newestScope(tx, who.scope)
	if err != nil {
		return nil, err
	}
	secret := make([]byte, 32)
	rand.Read(secret) // never fails
	row := newDataRow(kind, who.owner, generation)
	if err := r.wrap(tx, who.scope, &row, secret, under); err != nil {
		return nil, err
	}
	_, err = r.tables.data.Put(tx, who.scope, &row, 0)
	return secret, err
}

func (r *Ring) view(ctx context.Context, fn func(store.Tx) error) error {
	return aside(func() error {
		r.turn.RLock()
		defer r.turn.RUnlock()
		return r.db.View(ctx, fn)
	})
}

func (r *Ring) update(ctx context.Context, fn func(store.Tx) error) error {
	return aside(func() error {
		r.turn.RLock()
		defer r.turn.RUnlock()
		return r.db.Update(ctx, fn)
	})
}

// aside runs fn on a goroutine of its own and waits for it: the caller may be
// inside a transaction of the store that the ring seals, and a goroutine has one
// at a time.
func aside(fn func() error) error {
	done := make(chan error, 1)
	go func() { done <- fn() }()
	return <-done
}
