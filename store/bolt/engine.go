package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"

	"go.etcd.io/bbolt"

	"consilium/store"
)

// engineBucket holds the engine's own rows; no Tx can name it.
const engineBucket = ".engine"

var (
	formatKey   = []byte("format")   // layout of rows and buckets, 8 bytes
	revisionKey = []byte("revision") // the highest version given, 8 bytes
)

// format is the layout that this package writes.
const format = 1

// errFresh: the file has no engine rows yet.
var errFresh = errors.New("fresh file")

// prepare writes the engine's rows into a new file and checks those of an old one.
func (d *DB) prepare() error {
	var err error
	damaged := guarded(func() {
		if err = d.bolt.View(checkFormat); errors.Is(err, errFresh) {
			err = d.bolt.Update(writeFormat)
		}
	})
	if damaged != nil {
		return damaged
	}
	return refusal(err)
}

func checkFormat(tx *bbolt.Tx) error {
	if tx.Bucket([]byte(engineBucket)) == nil {
		// A file with rows but without ours is damaged, or somebody else's.
		if name, _ := tx.Cursor().First(); name != nil {
			return fmt.Errorf("%w: not a store's file", store.ErrCorrupt)
		}
		return errFresh
	}
	n, err := engineNumber(tx, formatKey)
	if err != nil {
		return err
	}
	if n > format {
		return fmt.Errorf("%w: file format %d, known %d", store.ErrSchema, n, format)
	}
	if _, err = revision(tx); err != nil {
		return err
	}
	return tx.ForEach(firstRow)
}

// firstRow checks a bucket's first row, whose sum covers the bucket's name: with
// a changed name all of the bucket's rows would seem not to be there.
func firstRow(name []byte, b *bbolt.Bucket) error {
	if b == nil {
		return fmt.Errorf("%w: a row among the buckets", store.ErrCorrupt)
	}
	key, row := b.Cursor().First()
	if key == nil {
		return nil
	}
	if _, err := unpackRow(string(name), key, row); err != nil {
		return fmt.Errorf("bucket %s: %w", name, err)
	}
	return nil
}

func writeFormat(tx *bbolt.Tx) error {
	if _, err := tx.CreateBucket([]byte(engineBucket)); err != nil {
		return err
	}
	if err := setRevision(tx, 0); err != nil {
		return err
	}
	return putEngineNumber(tx, formatKey, format)
}

func revision(tx *bbolt.Tx) (uint64, error) { return engineNumber(tx, revisionKey) }

func setRevision(tx *bbolt.Tx, n uint64) error { return putEngineNumber(tx, revisionKey, n) }

func engineNumber(tx *bbolt.Tx, key []byte) (uint64, error) {
	item, err := lookup(tx.Bucket([]byte(engineBucket)), engineBucket, key)
	if err != nil || len(item.Value) != 8 {
		return 0, fmt.Errorf("%w: engine's %s", store.ErrCorrupt, key)
	}
	return binary.BigEndian.Uint64(item.Value), nil
}

func putEngineNumber(tx *bbolt.Tx, key []byte, n uint64) error {
	row := packRow(engineBucket, key, 0, binary.BigEndian.AppendUint64(nil, n))
	return tx.Bucket([]byte(engineBucket)).Put(key, row)
}
