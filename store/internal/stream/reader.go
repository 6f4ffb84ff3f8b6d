package stream

import (
	"bufio"
	"crypto/cipher"
	"errors"
	"fmt"
	"io"

	"consilium/store"
)

// Reader decrypts a stream in order.
type Reader struct {
	r     *bufio.Reader
	aead  cipher.AEAD
	n     uint64
	in    []byte
	plain []byte // decrypted, not yet read
	err   error
}

// NewReader decrypts r, which must end where the stream ends. A changed stream
// says ErrCorrupt; what was read before was as it was written.
func NewReader(r io.Reader, key []byte) (*Reader, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	return &Reader{r: bufio.NewReaderSize(r, sealed+1), aead: aead, in: make([]byte, sealed)}, nil
}

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	for len(r.plain) == 0 && r.err == nil {
		r.next()
	}
	if len(r.plain) == 0 {
		return 0, r.err
	}
	n := copy(p, r.plain)
	r.plain = r.plain[n:]
	return n, nil
}

func (r *Reader) next() {
	n, err := io.ReadFull(r.r, r.in)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		r.err = err
		return
	}
	last := err != nil
	if !last {
		_, err := r.r.Peek(1)
		if err != nil && !errors.Is(err, io.EOF) {
			r.err = err
			return
		}
		last = err != nil
	}
	if r.plain, r.err = open(r.aead, r.n, last, r.in[:n]); r.err == nil && last {
		r.err = io.EOF
	}
	r.n++
}

// open decrypts a chunk in place. Only a stream's sole chunk may be empty.
func open(aead cipher.AEAD, n uint64, last bool, chunk []byte) ([]byte, error) {
	plain, err := aead.Open(chunk[:0], nonce(n, last), chunk, nil)
	if err != nil || len(plain) == 0 && n > 0 {
		return nil, fmt.Errorf("%w: chunk %d", store.ErrCorrupt, n)
	}
	return plain, nil
}

// Section decrypts a stream of known size from any place.
type Section struct {
	r    io.ReaderAt
	aead cipher.AEAD
	size int64 // of the encrypted stream
	at   int64 // in the plain text

	held  int64 // number of the chunk in plain, -1 for none
	in    []byte
	plain []byte
}

// NewSection decrypts the first size bytes of r.
func NewSection(r io.ReaderAt, size int64, key []byte) (*Section, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	if size < tag || size%sealed > 0 && size%sealed < tag {
		return nil, fmt.Errorf("%w: stream of %d bytes", store.ErrCorrupt, size)
	}
	return &Section{r: r, aead: aead, size: size, held: -1, in: make([]byte, sealed)}, nil
}

func (s *Section) chunks() int64 { return (s.size + sealed - 1) / sealed }

// Size is the length of the plain text.
func (s *Section) Size() int64 { return s.size - s.chunks()*tag }

// Read implements io.Reader.
func (s *Section) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	// At the end the last chunk is still checked, so that a stream which was cut
	// short is never read to its end.
	n := min(s.at/Chunk, s.chunks()-1)
	if err := s.load(n); err != nil {
		return 0, err
	}
	if s.at >= s.Size() {
		return 0, io.EOF
	}
	read := copy(p, s.plain[s.at-n*Chunk:])
	s.at += int64(read)
	return read, nil
}

func (s *Section) load(n int64) error {
	if s.held == n {
		return nil
	}
	s.held = -1
	length := min(sealed, s.size-n*sealed)
	if read, err := s.r.ReadAt(s.in[:length], n*sealed); int64(read) < length {
		return fmt.Errorf("%w: chunk %d: %w", store.ErrCorrupt, n, err)
	}
	var err error
	if s.plain, err = open(s.aead, uint64(n), n == s.chunks()-1, s.in[:length]); err != nil {
		return err
	}
	s.held = n
	return nil
}

// Seek implements io.Seeker.
func (s *Section) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += s.at
	case io.SeekEnd:
		offset += s.Size()
	case io.SeekStart:
	default:
		return 0, fmt.Errorf("%w: seek from %d", store.ErrInvalid, whence)
	}
	if offset < 0 {
		return 0, fmt.Errorf("%w: seek to %d", store.ErrInvalid, offset)
	}
	s.at = offset
	return offset, nil
}
