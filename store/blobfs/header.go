package blobfs

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"consilium/store"
)

// A file begins with "CBF", one byte that says how the content is written, and
// the scope's length as a uvarint with the scope. The content follows.
const (
	magic       = "CBF"
	formatPlain = 1
)

const maxScope = 255

type header struct {
	scope string
	size  int64 // bytes before the content
}

func (h header) encode() []byte {
	b := append([]byte(magic), formatPlain)
	b = binary.AppendUvarint(b, uint64(len(h.scope)))
	return append(b, h.scope...)
}

func readHeader(r io.Reader) (header, error) {
	buf := bufio.NewReaderSize(r, 1024)
	var start [len(magic) + 1]byte
	if _, err := io.ReadFull(buf, start[:]); err != nil {
		return header{}, fmt.Errorf("%w: file's header: %w", store.ErrCorrupt, err)
	}
	if string(start[:len(magic)]) != magic || start[len(magic)] != formatPlain {
		return header{}, fmt.Errorf("%w: file's header: format %x", store.ErrCorrupt, start)
	}
	n, err := binary.ReadUvarint(buf)
	if err != nil || n == 0 || n > maxScope {
		return header{}, fmt.Errorf("%w: file's header: scope of %d bytes", store.ErrCorrupt, n)
	}
	scope := make([]byte, n)
	if _, err := io.ReadFull(buf, scope); err != nil {
		return header{}, fmt.Errorf("%w: file's header: %w", store.ErrCorrupt, err)
	}
	h := header{scope: string(scope)}
	h.size = int64(len(h.encode()))
	return h, nil
}
