package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// DataKey encrypts the values of one owner within a scope. It is immutable and
// may be used from any goroutine.
type DataKey struct {
	Owner      string // "" = the scope itself
	Generation uint64 // an owner may have had several keys; the newest seals
	secret     []byte
	aead       cipher.AEAD // AES-256-GCM; puts a random 96-bit nonce before the text
}

// NewDataKey makes a key of 32 secret bytes, which it keeps.
func NewDataKey(owner string, generation uint64, secret []byte) (*DataKey, error) {
	if len(secret) != 32 {
		return nil, fmt.Errorf("%w: data key of %d bytes", ErrInvalid, len(secret))
	}
	aead, err := NewAEAD(secret)
	if err != nil {
		return nil, err
	}
	return &DataKey{Owner: owner, Generation: generation, secret: secret, aead: aead}, nil
}

// NewAEAD is AES-256-GCM that makes its own random nonces and puts each before
// its text: Seal and Open take a nil nonce.
func NewAEAD(secret []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// Derive returns a key of 32 bytes for one purpose, a file for instance. Equal
// arguments give equal keys.
func (k *DataKey) Derive(purpose string, salt []byte) ([]byte, error) {
	return hkdf.Key(sha256.New, k.secret, salt, purpose, 32)
}

// Keys finds data keys. Its methods may be called from any goroutine, also
// inside a transaction.
type Keys interface {
	// ID names the set of keys, so that data is not opened with another one's.
	ID() string
	// Current returns the key that seals new values of an owner. It makes one,
	// durably, for an owner that has none. An owner whose keys were destroyed
	// gets ErrErased.
	Current(ctx context.Context, scope, owner string) (*DataKey, error)
	// Lookup returns the key of a generation: ErrErased when it was destroyed,
	// ErrKey when there never was one.
	Lookup(ctx context.Context, scope, owner string, generation uint64) (*DataKey, error)
	// Blinding returns the scope's secret for blinded indexes, made at first use.
	Blinding(ctx context.Context, scope string) ([]byte, error)
}

// sealedKey holds the ID of the Keys that a store is sealed with.
var sealedKey = []byte("sealed")

// Seal returns db with everything that collections, sequences and logs write
// sealed under keys. db must be empty or have been sealed with the same keys:
// otherwise it says ErrKey. Closing the result closes db.
func Seal(ctx context.Context, db DB, keys Keys) (DB, error) {
	err := db.Update(ctx, func(tx Tx) error {
		id, _, err := tx.Get(schemaBucket, sealedKey)
		switch {
		case err == nil && string(id) != keys.ID():
			return fmt.Errorf("%w: the data is sealed with key ring %s, this is key ring %s", ErrKey, id, keys.ID())
		case err == nil:
			return nil
		case !errors.Is(err, ErrNotFound):
			return err
		}
		for item, err := range tx.Scan(schemaBucket, nil, nil) {
			if err != nil {
				return err
			}
			return fmt.Errorf("%w: the store holds data that isn't sealed (%s)", ErrKey, item.Key)
		}
		_, err = tx.Put(schemaBucket, sealedKey, []byte(keys.ID()), 0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("seal store: %w", err)
	}
	return &sealedDB{db: db, keys: keys}, nil
}

// mustBeSealed refuses to use a sealed store without its keys.
func mustBeSealed(tx Tx) error {
	if tx.Sealer() != nil {
		return nil
	}
	id, _, err := tx.Get(schemaBucket, sealedKey)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("%w: the data is sealed with key ring %s, and no keys are given", ErrKey, id)
	}
	return err
}

type sealedDB struct {
	db   DB
	keys Keys
}

func (d *sealedDB) View(ctx context.Context, fn func(Tx) error) error {
	return d.db.View(ctx, func(tx Tx) error { return fn(sealedTx{Tx: tx, ctx: ctx, keys: d.keys}) })
}

func (d *sealedDB) Update(ctx context.Context, fn func(Tx) error) error {
	return d.db.Update(ctx, func(tx Tx) error { return fn(sealedTx{Tx: tx, ctx: ctx, keys: d.keys}) })
}

func (d *sealedDB) Close() error { return d.db.Close() }

// sealedTx is a Tx and its own Sealer. It keeps the context of its View or Update,
// whose life it shares.
type sealedTx struct {
	Tx
	ctx  context.Context
	keys Keys
}

var (
	_ Tx     = sealedTx{}
	_ Sealer = sealedTx{}
)

// Sealer implements Tx.
func (t sealedTx) Sealer() Sealer { return t }

// Seal implements Sealer: the key's generation and owner, then nonce and text.
// What stands before the text is authenticated with it.
func (t sealedTx) Seal(scope, owner string, ad, plain []byte) ([]byte, error) {
	key, err := t.keys.Current(t.ctx, scope, owner)
	if err != nil {
		return nil, err
	}
	head := binary.AppendUvarint(nil, key.Generation)
	head = binary.AppendUvarint(head, uint64(len(owner)))
	head = append(head, owner...)
	return key.aead.Seal(head, nil, plain, append(ad, head...)), nil
}

// Open implements Sealer.
func (t sealedTx) Open(scope string, ad, sealed []byte) ([]byte, error) {
	generation, n := binary.Uvarint(sealed)
	if n <= 0 {
		return nil, fmt.Errorf("%w: no key generation", ErrCorrupt)
	}
	length, m := binary.Uvarint(sealed[n:])
	if m <= 0 || length > uint64(len(sealed)-n-m) {
		return nil, fmt.Errorf("%w: no key owner", ErrCorrupt)
	}
	end := n + m + int(length)
	key, err := t.keys.Lookup(t.ctx, scope, string(sealed[n+m:end]), generation)
	if err != nil {
		return nil, err
	}
	plain, err := key.aead.Open(nil, nil, sealed[end:], append(ad, sealed[:end]...))
	if err != nil {
		return nil, fmt.Errorf("%w: the seal is broken", ErrCorrupt)
	}
	return plain, nil
}

// Blind implements Sealer with HMAC-SHA-256 under the scope's secret.
func (t sealedTx) Blind(scope, index string, key Key) (Key, error) {
	secret, err := t.keys.Blinding(t.ctx, scope)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(Text(index) + key))
	return Key(mac.Sum(nil)), nil
}
