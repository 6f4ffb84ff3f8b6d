package bolt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"

	"consilium/store"
)

// bbolt's file in short: pages of one size; pages 0 and 1 hold the meta of the
// last two commits, each with a sum; the rest is a tree of buckets and a list of
// free pages. Numbers are in the order of the machine that wrote the file, on all
// that we build for little-endian. See bbolt/internal/common.
const (
	pageHead   = 16 // id 8, flags 2, count 2, overflow 4
	metaSize   = 64 // up to the sum
	boltMagic  = 0xED0CDAED
	boltFormat = 2
	metaPage   = 0x04
)

// meta is one commit's entry to the file.
type meta struct {
	pageSize int64
	root     uint64 // page of the root bucket
	freelist uint64 // page of the list of free pages
	pages    uint64 // all below may be in use
	txid     uint64
}

// ErrOlderState: one of the file's two meta pages is damaged. If that was the
// newer one, the last commit is missing from what can still be read.
var ErrOlderState = errors.New("a meta page is damaged, the newest commit may be missing")

// newestMeta reads both meta pages. When one is damaged it returns the other
// with ErrOlderState.
func newestMeta(r io.ReaderAt) (meta, error) {
	first, err := readMeta(r, 0)
	if err != nil {
		// Where the second page begins depends on the size of pages, which the
		// first would tell.
		for size := int64(1 << 10); size <= 64<<10; size *= 2 {
			if second, secondErr := readMeta(r, size); secondErr == nil && second.pageSize == size {
				return second, fmt.Errorf("%w: %w", store.ErrCorrupt, ErrOlderState)
			}
		}
		return meta{}, fmt.Errorf("%w: %w", store.ErrCorrupt, err)
	}
	second, err := readMeta(r, first.pageSize)
	if err != nil {
		return first, fmt.Errorf("%w: %w", store.ErrCorrupt, ErrOlderState)
	}
	if second.txid > first.txid {
		return second, nil
	}
	return first, nil
}

func readMeta(r io.ReaderAt, at int64) (meta, error) {
	raw := make([]byte, pageHead+metaSize)
	if _, err := r.ReadAt(raw, at); err != nil {
		return meta{}, fmt.Errorf("read meta page: %w", err)
	}
	le := binary.LittleEndian
	if id := le.Uint64(raw); (id == 0) != (at == 0) || id > 1 || le.Uint16(raw[8:]) != metaPage {
		return meta{}, errors.New("not a meta page")
	}
	raw = raw[pageHead:]
	sum := fnv.New64a()
	sum.Write(raw[:metaSize-8])
	m := meta{
		pageSize: int64(le.Uint32(raw[8:])), root: le.Uint64(raw[16:]), freelist: le.Uint64(raw[32:]),
		pages: le.Uint64(raw[40:]), txid: le.Uint64(raw[48:]),
	}
	switch {
	case le.Uint32(raw) != boltMagic || le.Uint32(raw[4:]) != boltFormat:
		return meta{}, errors.New("not a database's meta page")
	case le.Uint64(raw[56:]) != sum.Sum64():
		return meta{}, errors.New("meta page's sum is wrong")
	case m.pageSize < 1<<10 || m.pageSize > 64<<10 || m.root >= m.pages || m.freelist >= m.pages:
		return meta{}, errors.New("meta page makes no sense")
	}
	return m, nil
}

// checkMetas refuses a file with a damaged meta page: bbolt would silently go
// back to the commit before. A power cut doesn't damage one, as it lies within
// one sector.
func checkMetas(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	_, err = newestMeta(f)
	return errors.Join(err, f.Close())
}
