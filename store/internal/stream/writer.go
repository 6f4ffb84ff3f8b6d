package stream

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"io"
)

// Chunk is the plain size of every chunk but the last.
const Chunk = 64 << 10

// sealed is the size of a whole chunk with its authentication tag.
const (
	tag    = 16
	sealed = Chunk + tag
)

// errKey: a key that isn't of 32 bytes.
var errKey = errors.New("stream: key of the wrong size")

func newAEAD(key []byte) (cipher.AEAD, error) {
	if len(key) != 32 {
		return nil, errKey
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// nonce is the chunk's number in 11 bytes and whether it is the last in one.
func nonce(n uint64, last bool) []byte {
	var b [12]byte
	binary.BigEndian.PutUint64(b[3:11], n)
	if last {
		b[11] = 1
	}
	return b[:]
}

// Writer encrypts what is written to it. Close writes the last chunk; without
// it the stream is incomplete, and is refused when it is read.
type Writer struct {
	w    io.Writer
	aead cipher.AEAD
	n    uint64
	buf  []byte // plain text not yet written, at most a chunk
	out  []byte
	err  error
}

// NewWriter encrypts to w with a key of 32 bytes. It doesn't close w.
func NewWriter(w io.Writer, key []byte) (*Writer, error) {
	aead, err := newAEAD(key)
	if err != nil {
		return nil, err
	}
	return &Writer{w: w, aead: aead, buf: make([]byte, 0, Chunk), out: make([]byte, 0, sealed)}, nil
}

// Write implements io.Writer.
func (w *Writer) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 && w.err == nil {
		// A full chunk waits until more comes: it may be the last.
		if len(w.buf) == Chunk {
			w.flush(false)
			continue
		}
		n := min(len(p), Chunk-len(w.buf))
		w.buf = append(w.buf, p[:n]...)
		p = p[n:]
		written += n
	}
	return written, w.err
}

// Close writes the last chunk.
func (w *Writer) Close() error {
	if w.err == nil {
		w.flush(true)
	}
	if w.err != nil {
		return w.err
	}
	w.err = errors.New("stream: closed")
	return nil
}

func (w *Writer) flush(last bool) {
	w.out = w.aead.Seal(w.out[:0], nonce(w.n, last), w.buf, nil)
	w.buf = w.buf[:0]
	w.n++
	_, w.err = w.w.Write(w.out)
}
