package bolt

import (
	"encoding/binary"
	"fmt"
	"io"

	"consilium/store"
)

// Flags of a page and of a leaf's element.
const (
	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10

	bucketElement = 0x01
)

const elementSize = 16 // of a branch: pos 4, ksize 4, page 8; of a leaf: flags 4, pos 4, ksize 4, vsize 4

// page is a page as it lies in the file. It is read without trust: everything
// in it may be damaged.
type page struct {
	flags uint16
	count int
	body  []byte // after the head, overflow pages included
	span  uint64 // how many pages it takes
}

func damagedPage(id uint64, what string) error {
	return fmt.Errorf("%w: page %d: %s", store.ErrCorrupt, id, what)
}

func readPage(r io.ReaderAt, m meta, id uint64) (page, error) {
	if id < 2 || id >= m.pages {
		return page{}, damagedPage(id, "out of bounds")
	}
	head := make([]byte, pageHead)
	if _, err := r.ReadAt(head, int64(id)*m.pageSize); err != nil {
		return page{}, fmt.Errorf("read page %d: %w", id, err)
	}
	le := binary.LittleEndian
	span := uint64(le.Uint32(head[12:])) + 1
	if le.Uint64(head) != id {
		return page{}, damagedPage(id, "holds another number")
	}
	if span > m.pages-id {
		return page{}, damagedPage(id, "reaches out of bounds")
	}
	p := page{flags: le.Uint16(head[8:]), count: int(le.Uint16(head[10:])), span: span}
	p.body = make([]byte, int64(span)*m.pageSize-pageHead)
	if _, err := r.ReadAt(p.body, int64(id)*m.pageSize+pageHead); err != nil {
		return page{}, fmt.Errorf("read page %d: %w", id, err)
	}
	return p, nil
}

// inlinePage reads the page that a small bucket has inside its row.
func inlinePage(raw []byte) (page, bool) {
	if len(raw) < pageHead {
		return page{}, false
	}
	le := binary.LittleEndian
	return page{flags: le.Uint16(raw[8:]), count: int(le.Uint16(raw[10:])), body: raw[pageHead:]}, true
}

// leaf is an element of a leaf page.
type leaf struct {
	bucket     bool
	key, value []byte
}

func (p page) leaf(i int) (leaf, bool) {
	le := binary.LittleEndian
	at := i * elementSize
	if at+elementSize > len(p.body) {
		return leaf{}, false
	}
	e := p.body[at:]
	key, rest, ok := cut(p.body, at, le.Uint32(e[4:]), le.Uint32(e[8:]))
	if !ok || uint64(le.Uint32(e[12:])) > uint64(len(rest)) || le.Uint32(e) > bucketElement {
		return leaf{}, false
	}
	return leaf{bucket: le.Uint32(e) == bucketElement, key: key, value: rest[:le.Uint32(e[12:])]}, true
}

func (p page) branch(i int) (key []byte, child uint64, ok bool) {
	le := binary.LittleEndian
	at := i * elementSize
	if at+elementSize > len(p.body) {
		return nil, 0, false
	}
	e := p.body[at:]
	key, _, ok = cut(p.body, at, le.Uint32(e), le.Uint32(e[4:]))
	return key, le.Uint64(e[8:]), ok
}

// cut takes size bytes that begin pos bytes after an element's start.
func cut(body []byte, at int, pos, size uint32) (taken, rest []byte, ok bool) {
	from := uint64(at) + uint64(pos)
	if from > uint64(len(body)) || uint64(size) > uint64(len(body))-from {
		return nil, nil, false
	}
	return body[from : from+uint64(size)], body[from+uint64(size):], true
}

// free lists the pages of a freelist page.
func (p page) free() ([]uint64, bool) {
	le := binary.LittleEndian
	ids, n := p.body, uint64(p.count)
	if n == 0xFFFF { // then the first number is the count
		if len(ids) < 8 {
			return nil, false
		}
		n, ids = le.Uint64(ids), ids[8:]
	}
	if n > uint64(len(ids))/8 {
		return nil, false
	}
	out := make([]uint64, n)
	for i := range out {
		out[i] = le.Uint64(ids[i*8:])
	}
	return out, true
}
