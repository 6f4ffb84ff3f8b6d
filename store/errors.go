package store

import (
	"errors"
	"fmt"
)

// Errors a caller may branch on with errors.Is. All that comes from this
// package and its engines wraps one of them, or is the caller's own.
var (
	// ErrNotFound: no record has this key.
	ErrNotFound = errors.New("store: not found")
	// ErrConflict: the record is not at the revision the caller expected.
	ErrConflict = errors.New("store: conflict")
	// ErrDuplicate: another record already holds this key of a unique index.
	// The error is a *DuplicateError.
	ErrDuplicate = errors.New("store: duplicate")
	// ErrReadOnly: a write in a View, or a store whose medium refuses writes.
	ErrReadOnly = errors.New("store: read only")
	// ErrNoSpace: the disk is full, or its reserve would be used up. Reads go on.
	ErrNoSpace = errors.New("store: no space left")
	// ErrTooLarge: a key, a value or a whole transaction is over its limit.
	ErrTooLarge = errors.New("store: too large")
	// ErrTooLong: a View stayed open longer than the engine allows.
	ErrTooLong = errors.New("store: view open too long")
	// ErrInvalid: an empty scope, bucket or id, or an index of another collection.
	ErrInvalid = errors.New("store: invalid argument")
	// ErrNested: a transaction was opened inside another one, of this or another
	// store, by the same goroutine.
	ErrNested = errors.New("store: transaction inside a transaction")
	// ErrDone: a Tx was used after its function had returned.
	ErrDone = errors.New("store: transaction is over")
	// ErrClosed: the store is closed.
	ErrClosed = errors.New("store: closed")
	// ErrCorrupt: what is stored is not what was written.
	ErrCorrupt = errors.New("store: corrupt")
	// ErrKey: the key that would open this isn't there, or is another one.
	ErrKey = errors.New("store: wrong or missing key")
	// ErrErased: the key that would open this was destroyed on purpose.
	ErrErased = errors.New("store: erased")
	// ErrSchema: the data was written by a newer version of the program.
	ErrSchema = errors.New("store: newer schema")
)

// DuplicateError says which unique index refused a record, and who holds the key.
type DuplicateError struct {
	Collection string
	Index      string
	Holder     string // id of the record that holds the key
}

func (e *DuplicateError) Error() string {
	return fmt.Sprintf("%v: %s by %s", ErrDuplicate, e.Collection, e.Index)
}

// Is makes errors.Is(err, ErrDuplicate) true.
func (e *DuplicateError) Is(target error) bool { return target == ErrDuplicate }
