package stream_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"consilium/store"
	"consilium/store/internal/stream"
)

func encrypt(t testing.TB, key, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := stream.NewWriter(&out, key)
	if err != nil {
		t.Fatal(err)
	}
	for rest := plain; len(rest) > 0; { // in uneven pieces
		n := min(len(rest), 10_007)
		if _, err := w.Write(rest[:n]); err != nil {
			t.Fatal(err)
		}
		rest = rest[n:]
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// both decrypts in order and by section; they must agree.
func both(t testing.TB, key, sealed []byte) ([]byte, error) {
	t.Helper()
	r, err := stream.NewReader(iotest.HalfReader(bytes.NewReader(sealed)), key)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	s, sectionErr := stream.NewSection(bytes.NewReader(sealed), int64(len(sealed)), key)
	var again []byte
	if sectionErr == nil {
		again, sectionErr = io.ReadAll(s)
	}
	if (err == nil) != (sectionErr == nil) || err == nil && !bytes.Equal(plain, again) {
		t.Errorf("in order: %d bytes, %v; by section: %d bytes, %v", len(plain), err, len(again), sectionErr)
	}
	return plain, err
}

func TestSizes(t *testing.T) {
	key, all := make([]byte, 32), make([]byte, 3*stream.Chunk)
	rand.Read(key)
	rand.Read(all)
	for _, size := range []int{0, 1, 16, stream.Chunk - 1, stream.Chunk, stream.Chunk + 1, 2*stream.Chunk - 16, 2 * stream.Chunk, 3 * stream.Chunk} {
		got, err := both(t, key, encrypt(t, key, all[:size]))
		if err != nil || !bytes.Equal(got, all[:size]) {
			t.Errorf("size %d: %d bytes, %v", size, len(got), err)
		}
	}
}

// Whatever is done to a stream, reading it to its end fails, and what was read
// before is a prefix of what was written.
func TestChanges(t *testing.T) {
	const sealed = stream.Chunk + 16
	key, plain := make([]byte, 32), make([]byte, 2*stream.Chunk+1000)
	rand.Read(key)
	rand.Read(plain)
	good := encrypt(t, key, plain)
	flip := func(at int) []byte {
		out := bytes.Clone(good)
		out[at] ^= 0x20
		return out
	}
	cases := map[string][]byte{
		"first byte": flip(0), "a byte of the second chunk": flip(sealed + 5), "last byte": flip(len(good) - 1),
		"nothing": {}, "less than a tag": good[:10], "cut within the last chunk": good[:len(good)-1],
		"cut to a tag": good[:2*sealed+16], "without the last chunk": good[:2*sealed], "the first chunk only": good[:sealed],
		"with a byte more": append(bytes.Clone(good), 0), "without the first chunk": good[sealed:],
		"chunks swapped": append(append(bytes.Clone(good[sealed:2*sealed]), good[:sealed]...), good[2*sealed:]...),
		"twice":          append(bytes.Clone(good), good...),
		"whole chunks, then an empty one": append(bytes.Clone(encrypt(t, key, plain[:stream.Chunk])),
			encrypt(t, key, nil)...),
	}
	for name, changed := range cases {
		got, err := both(t, key, changed)
		if !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
		if !bytes.HasPrefix(plain, got) {
			t.Errorf("%s: served %d bytes that were not written", name, len(got))
		}
	}
	if _, err := both(t, make([]byte, 32), good); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("another key: %v", err)
	}
	for _, size := range []int{0, 16, 31, 33} {
		if _, err := stream.NewWriter(io.Discard, make([]byte, size)); err == nil {
			t.Errorf("a key of %d bytes is taken", size)
		}
	}
}

func TestWriterErrors(t *testing.T) {
	w, err := stream.NewWriter(failingWriter{}, make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Write(make([]byte, 5*stream.Chunk))
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("write: %v", err)
	}
	if err := w.Close(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("close: %v", err)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func FuzzReader(f *testing.F) {
	key := make([]byte, 32)
	f.Add(encrypt(f, key, []byte("content")))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if got, err := both(t, key, sealed); err == nil && string(got) != "content" {
			t.Errorf("%x decrypts to %q", sealed, got)
		}
	})
}
