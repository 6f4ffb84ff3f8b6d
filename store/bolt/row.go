package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"go.etcd.io/bbolt"

	"consilium/store"
)

// A row's value on disk: its version, 8 bytes big-endian; a CRC-32C over bucket,
// key, version and value, 4 bytes; the value. bbolt itself has no sums over its
// pages: a byte that the disk changed, in a key as in a value, would be served.
const rowHead = 8 + 4

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func packRow(bucket string, key []byte, version uint64, value []byte) []byte {
	row := make([]byte, 0, rowHead+len(value))
	row = binary.BigEndian.AppendUint64(row, version)
	row = binary.BigEndian.AppendUint32(row, rowSum(bucket, key, row, value))
	return append(row, value...)
}

// unpackRow copies a row out of the file's pages.
func unpackRow(bucket string, key, row []byte) (store.Item, error) {
	if len(row) < rowHead {
		return store.Item{}, fmt.Errorf("%w: row of %d bytes", store.ErrCorrupt, len(row))
	}
	if binary.BigEndian.Uint32(row[8:]) != rowSum(bucket, key, row[:8], row[rowHead:]) {
		return store.Item{}, fmt.Errorf("%w: row's sum is wrong", store.ErrCorrupt)
	}
	value := make([]byte, len(row)-rowHead)
	copy(value, row[rowHead:])
	return store.Item{Key: bytes.Clone(key), Value: value, Version: binary.BigEndian.Uint64(row)}, nil
}

func rowSum(bucket string, key, version, value []byte) uint32 {
	sum := crc32.Update(0, castagnoli, []byte(bucket))
	sum = crc32.Update(sum, castagnoli, binary.AppendUvarint([]byte{0}, uint64(len(key))))
	sum = crc32.Update(sum, castagnoli, key)
	sum = crc32.Update(sum, castagnoli, version)
	return crc32.Update(sum, castagnoli, value)
}

// lookup finds a row. It believes that a key isn't there only when the rows on
// both sides of its place are sound and the key lies between them: it may stand
// there with a changed byte, or a changed page may have led the search astray.
func lookup(b *bbolt.Bucket, bucket string, key []byte) (store.Item, error) {
	if b == nil {
		return store.Item{}, store.ErrNotFound
	}
	if row := b.Get(key); row != nil {
		return unpackRow(bucket, key, row)
	}
	c := b.Cursor()
	k, row := c.Seek(key)
	if err := beside(bucket, key, k, row, 1); err != nil {
		return store.Item{}, err
	}
	if k != nil {
		k, row = c.Prev()
	} else {
		k, row = c.Last()
	}
	if err := beside(bucket, key, k, row, -1); err != nil {
		return store.Item{}, err
	}
	return store.Item{}, store.ErrNotFound
}

// beside checks a row that should lie behind a place (1) or before it (-1). There
// may be none.
func beside(bucket string, at, key, row []byte, side int) error {
	if key == nil {
		return nil
	}
	if bytes.Compare(key, at) != side {
		return errDisorder
	}
	_, err := unpackRow(bucket, key, row)
	return err
}

var errDisorder = fmt.Errorf("%w: keys out of order", store.ErrCorrupt)
