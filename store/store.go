package store

import (
	"context"
	"iter"
	"math"
)

// Any as an expected revision means: whatever is there, or nothing.
const Any uint64 = math.MaxUint64

// Global is the scope of records that belong to no clinic (accounts, the list
// of clinics). An empty scope is refused, so that a forgotten clinic id can't
// become a record that everybody shares.
const Global = "_"

// Limits that hold for every engine. Files belong in Blobs.
const (
	MaxKey     = 4 << 10  // bytes of one key, scope included
	MaxValue   = 1 << 20  // bytes of one encoded value
	MaxTxBytes = 16 << 20 // bytes of keys and values written by one transaction
	MaxTxRows  = 20_000   // rows written by one transaction, index rows included
)

// DB is an ordered key-value store with serializable transactions. Its methods
// may be called from any goroutine.
type DB interface {
	// View runs fn on a consistent snapshot. It sees everything that was
	// acknowledged before View was called. fn must be quick: engines cap a
	// view's life (ErrTooLong).
	View(ctx context.Context, fn func(Tx) error) error
	// Update runs fn and makes its writes durable before it returns nil. An
	// error or panic of fn undoes all of fn's writes and nobody else's. ctx is
	// honoured until fn starts; after that the outcome is awaited and reported
	// as it is. fn may run more than once and must have no effect but its writes.
	Update(ctx context.Context, fn func(Tx) error) error
	// Close waits for running transactions. Later calls get ErrClosed.
	Close() error
}

// Tx is one transaction. It belongs to the goroutine that runs fn and is over
// when fn returns. Slices it returns are copies that the caller owns; slices
// given to it are copied.
type Tx interface {
	Reader
	// Put writes a value. ifVersion is the version the row must have now: Any
	// for no check, 0 for "must not exist". It returns the row's new version.
	Put(bucket string, key, value []byte, ifVersion uint64) (version uint64, err error)
	// Delete removes a row that must exist (ErrNotFound) at ifVersion (ErrConflict).
	Delete(bucket string, key []byte, ifVersion uint64) error
	// Sealer returns what seals the values of this transaction, nil in a store that
	// isn't sealed. It is a method so that a type which embeds a Tx can't lose it.
	Sealer() Sealer
}

// Reader is the reading half of a Tx, and what an engine gives as its snapshot.
type Reader interface {
	// Get returns a row's value and version, or ErrNotFound.
	Get(bucket string, key []byte) (value []byte, version uint64, err error)
	// Scan yields the rows with from <= key < to in key order. An empty from is
	// the start, an empty to the end of the bucket. The scan sees the transaction
	// as it was when the loop began; the loop's body may write.
	Scan(bucket string, from, to []byte) iter.Seq2[Item, error]
	// ScanBack yields the same rows in reverse order.
	ScanBack(bucket string, from, to []byte) iter.Seq2[Item, error]
}

// Item is one row. Versions grow: a row's version is the number of the
// transaction that wrote it, so a deleted and recreated row never gets an old
// version again.
type Item struct {
	Key     []byte
	Value   []byte
	Version uint64
}
