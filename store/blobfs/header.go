package blobfs

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"

	"consilium/store"
)

// A file begins with "CBF" and one byte that says how the content is written,
// then the scope as a length (uvarint) with its bytes. In a sealed file the data
// key's owner follows likewise, then its generation (uvarint) and a salt of 32
// bytes. The content follows: as it is, or as a stream whose key comes from the
// data key, the salt and all of this header, so that none of it can be changed.
const (
	magic        = "CBF"
	formatPlain  = 1
	formatSealed = 2
)

const (
	maxName  = 255 // bytes of a scope or owner
	saltSize = 32
)

type header struct {
	scope  string
	sealed bool

	// for a sealed file
	owner      string
	generation uint64
	salt       []byte
}

func (h header) encode() []byte {
	b := append([]byte(magic), formatPlain)
	b = binary.AppendUvarint(b, uint64(len(h.scope)))
	b = append(b, h.scope...)
	if !h.sealed {
		return b
	}
	b[len(magic)] = formatSealed
	b = binary.AppendUvarint(b, uint64(len(h.owner)))
	b = append(b, h.owner...)
	b = binary.AppendUvarint(b, h.generation)
	return append(b, h.salt...)
}

// purpose is what the file's key is derived for: this file, with this header.
func (h header) purpose(id string) string {
	return "consilium file " + id + " " + string(h.encode())
}

func readHeader(r io.Reader) (header, error) {
	h, err := parseHeader(bufio.NewReaderSize(r, 1024))
	if err != nil {
		return header{}, fmt.Errorf("%w: file's header: %w", store.ErrCorrupt, err)
	}
	return h, nil
}

func parseHeader(r *bufio.Reader) (h header, err error) {
	start := make([]byte, len(magic)+1)
	if _, err := io.ReadFull(r, start); err != nil {
		return h, err
	}
	format := start[len(magic)]
	if string(start[:len(magic)]) != magic || format != formatPlain && format != formatSealed {
		return h, fmt.Errorf("format %x", start)
	}
	if h.scope, err = readName(r); err != nil {
		return h, err
	}
	if h.scope == "" {
		return h, fmt.Errorf("no scope")
	}
	if h.sealed = format == formatSealed; !h.sealed {
		return h, nil
	}
	if h.owner, err = readName(r); err != nil {
		return h, err
	}
	if h.generation, err = binary.ReadUvarint(r); err != nil {
		return h, err
	}
	h.salt = make([]byte, saltSize)
	_, err = io.ReadFull(r, h.salt)
	return h, err
}

func readName(r *bufio.Reader) (string, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return "", err
	}
	if n > maxName {
		return "", fmt.Errorf("name of %d bytes", n)
	}
	name := make([]byte, n)
	_, err = io.ReadFull(r, name)
	return string(name), err
}
