package bolt

import (
	"errors"
	"fmt"

	berrors "go.etcd.io/bbolt/errors"

	"consilium/store"
	"consilium/store/internal/disk"
)

// refusal turns an error of bbolt or of the operating system into one that
// callers know. Unknown ones stay as they are.
func refusal(err error) error {
	switch {
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return store.ErrClosed
	case errors.Is(err, berrors.ErrMaxSizeReached):
		return fmt.Errorf("%w: %w", store.ErrNoSpace, err)
	}
	return disk.Refusal(err)
}
