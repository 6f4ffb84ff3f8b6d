package bolt

import (
	"errors"
	"fmt"
	"strings"
	"syscall"

	berrors "go.etcd.io/bbolt/errors"

	"consilium/store"
)

// refusal turns an error of bbolt or of the operating system into one that
// callers know. Unknown ones stay as they are.
func refusal(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, berrors.ErrDatabaseNotOpen):
		return store.ErrClosed
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, berrors.ErrMaxSizeReached),
		// bbolt flattens the errors of growing the file to text.
		strings.Contains(err.Error(), syscall.ENOSPC.Error()):
		return fmt.Errorf("%w: %w", store.ErrNoSpace, err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, syscall.EIO), errors.Is(err, syscall.EPERM),
		strings.Contains(err.Error(), syscall.EROFS.Error()), strings.Contains(err.Error(), syscall.EIO.Error()):
		return fmt.Errorf("%w: the medium refuses writes: %w", store.ErrReadOnly, err)
	}
	return err
}

// room refuses when the disk's free space is below the reserve. Where it can't
// be asked, the write itself will tell.
func room(path string, reserve int64) error {
	free, ok := freeBytes(path)
	if ok && free < reserve {
		return fmt.Errorf("%w: %d MiB free, reserve %d MiB", store.ErrNoSpace, free>>20, reserve>>20)
	}
	return nil
}
