package keyring

import (
	"crypto/rand"
	"errors"
	"fmt"

	"consilium/store"
)

// ringRow says whose ring it is and lets a wrong KEK be told.
type ringRow struct {
	ID    string
	Ring  string
	KEK   string // ID of the KEK that wraps the scopes' keys
	Check []byte // checkText wrapped under the KEK
}

const (
	ringID    = "ring"
	checkText = "consilium key ring"
)

// scopeRow is a scope's key wrapped under the KEK. There is one generation of
// it but for the time of a rotation.
type scopeRow struct {
	ID         string
	Generation uint64
	Wrapped    []byte
}

// dataRow is an owner's data key, or a scope's blinding secret, wrapped under a
// scope's key.
type dataRow struct {
	ID         string
	Kind       string
	Owner      string
	Generation uint64
	Under      uint64 // generation of the scope's key; 0 when destroyed
	Wrapped    []byte // nothing when destroyed
}

const (
	kindData  = "data"
	kindBlind = "blind"
)

func newDataRow(kind, owner string, generation uint64) dataRow {
	return dataRow{ID: fmt.Sprintf("%s/%s/%d", kind, owner, generation), Kind: kind, Owner: owner, Generation: generation}
}

type tables struct {
	ring    *store.Collection[ringRow]
	scopes  *store.Collection[scopeRow]
	byAge   *store.Index[scopeRow]
	data    *store.Collection[dataRow]
	byOwner *store.Index[dataRow]
	byUnder *store.Index[dataRow]
}

func newTables() tables {
	t := tables{
		byAge: store.IndexBy("age", func(s *scopeRow) store.Key { return store.Number(int64(s.Generation)) }),
		byOwner: store.IndexBy("owner", func(d *dataRow) store.Key {
			return store.Text(d.Kind).Text(d.Owner).Number(int64(d.Generation))
		}),
		byUnder: store.IndexBy("under", func(d *dataRow) store.Key {
			if d.Under == 0 {
				return ""
			}
			return store.Number(int64(d.Under))
		}),
	}
	t.ring = store.NewCollection("ring", func(r *ringRow) string { return r.ID })
	t.scopes = store.NewCollection("scope", func(s *scopeRow) string { return s.ID }, t.byAge)
	t.data = store.NewCollection("data", func(d *dataRow) string { return d.ID }, t.byOwner, t.byUnder)
	return t
}

// find returns a generation of an owner's key, 0 for the newest: ErrKey when
// there is none, ErrErased when it was destroyed.
func (t tables) find(tx store.Tx, who scopeOwner, kind string, generation uint64) (dataRow, error) {
	prefix := store.Text(kind).Text(who.owner)
	from, to := prefix, prefix.End()
	if generation != 0 {
		from = prefix.Number(int64(generation))
		to = from.End()
	}
	row, err := store.First(t.data.RangeBack(tx, who.scope, t.byOwner, from, to))
	if errors.Is(err, store.ErrNotFound) {
		return dataRow{}, fmt.Errorf("%w: generation %d", store.ErrKey, generation)
	}
	if err == nil && row.Under == 0 {
		err = store.ErrErased
	}
	return row, err
}

// newestScope returns the generation of a scope's newest key, and makes the
// first one.
func (r *Ring) newestScope(tx store.Tx, scope string) (uint64, error) {
	row, err := store.First(r.tables.scopes.RangeBack(tx, scope, r.tables.byAge, "", ""))
	if errors.Is(err, store.ErrNotFound) {
		return 1, r.addScope(tx, scope, 1)
	}
	return row.Generation, err
}

func (r *Ring) addScope(tx store.Tx, scope string, generation uint64) error {
	secret := make([]byte, 32)
	rand.Read(secret) // never fails
	row := scopeRow{ID: fmt.Sprint(generation), Generation: generation}
	var err error
	if row.Wrapped, err = r.kek.secret.wrap(scopeAD(r.id, scope, generation), secret); err != nil {
		return err
	}
	_, err = r.tables.scopes.Put(tx, scope, &row, 0)
	return err
}

// What is authenticated with a wrapped key: it can't be passed off as another one.
func checkAD(ring string) []byte { return []byte(store.Text("check").Text(ring)) }

func scopeAD(ring, scope string, generation uint64) []byte {
	return []byte(store.Text("scope").Text(ring).Text(scope).Number(int64(generation)))
}

func dataAD(ring, scope string, row dataRow) []byte {
	return []byte(store.Text("data").Text(ring).Text(scope).Text(row.ID).Number(int64(row.Under)))
}

// wrap puts a secret into a row under a generation of its scope's key.
func (r *Ring) wrap(tx store.Tx, scope string, row *dataRow, secret []byte, under uint64) error {
	key, err := r.scopeKey(tx, scope, under)
	if err != nil {
		return err
	}
	row.Under = under
	row.Wrapped, err = key.wrap(dataAD(r.id, scope, *row), secret)
	return err
}

// unwrap returns a row's secret.
func (r *Ring) unwrap(tx store.Tx, scope string, row dataRow) ([]byte, error) {
	key, err := r.scopeKey(tx, scope, row.Under)
	if err != nil {
		return nil, err
	}
	return key.unwrap(dataAD(r.id, scope, row), row.Wrapped)
}

func (r *Ring) open(tx store.Tx, scope string, row dataRow) (*store.DataKey, error) {
	secret, err := r.unwrap(tx, scope, row)
	if err != nil {
		return nil, err
	}
	return store.NewDataKey(row.Owner, row.Generation, secret)
}

// scopeKey unwraps a scope's key.
func (r *Ring) scopeKey(tx store.Tx, scope string, generation uint64) (wrapKey, error) {
	row, _, err := r.tables.scopes.Get(tx, scope, fmt.Sprint(generation))
	if errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("%w: scope key %d", store.ErrKey, generation)
	}
	if err != nil {
		return nil, err
	}
	return r.kek.secret.unwrap(scopeAD(r.id, scope, generation), row.Wrapped)
}
