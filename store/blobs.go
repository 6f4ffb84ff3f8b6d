package store

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"io"
	"time"
)

// Blobs keeps files beside the database. A file is written first, then the
// record that names it is committed; a file whose record never came is an
// orphan, which Sweep removes. Its methods may be called from any goroutine.
type Blobs interface {
	// Put stores all of r and returns when it is durable. owner names whose data
	// key seals the file in a sealed store, "" for the scope's.
	Put(ctx context.Context, scope, owner string, r io.Reader) (Blob, error)
	// Open returns a file's content from its start, or ErrNotFound, also when
	// the file belongs to another scope. The caller closes it.
	Open(ctx context.Context, scope, id string) (io.ReadSeekCloser, error)
	// Delete removes a file. One that isn't there is ErrNotFound.
	Delete(ctx context.Context, scope, id string) error
	// Sweep removes the files older than minAge, at least OrphanAge, that live
	// doesn't know, and unfinished uploads. It returns how many went.
	Sweep(ctx context.Context, minAge time.Duration, live func(scope, id string) (bool, error)) (int, error)
}

// OrphanAge is the youngest age at which a file without a record may be swept:
// far longer than any request that is still about to commit its record.
const OrphanAge = 24 * time.Hour

// Blob describes a stored file. SHA256 is lower-case hex over the content.
type Blob struct {
	ID     string `json:"id"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// crockford is Crockford's base32 alphabet in lower case.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

var blobIDs = base32.NewEncoding(crockford).WithPadding(base32.NoPadding)

// NewBlobID returns a random id of 128 bits, 26 characters. For engines.
func NewBlobID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the process instead
	return blobIDs.EncodeToString(b[:])
}

// ValidBlobID tells whether id could have come from NewBlobID: it then holds no
// character that means anything to a file system.
func ValidBlobID(id string) bool {
	b, err := blobIDs.DecodeString(id)
	return err == nil && len(b) == 16
}
