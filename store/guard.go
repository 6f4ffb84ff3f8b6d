package store

import (
	"bytes"
	"runtime"
	"strconv"
	"sync"
)

// Guard notices a transaction that is opened inside another one by the same
// goroutine. Engines use it to answer ErrNested where they would otherwise wait
// for themselves for ever. The zero Guard is ready.
type Guard struct{ inside sync.Map }

// Enter marks the calling goroutine as inside a transaction. When it already
// is, Enter returns ErrNested; otherwise the caller calls leave when done.
func (g *Guard) Enter() (leave func(), err error) {
	id := goroutine()
	if _, nested := g.inside.LoadOrStore(id, struct{}{}); nested {
		return nil, ErrNested
	}
	return func() { g.inside.Delete(id) }, nil
}

// goroutine returns the calling goroutine's number from its stack header,
// "goroutine 7 [running]:". The runtime offers no other way, and a context
// can't serve: fn gets none to pass on.
func goroutine() uint64 {
	var buf [64]byte
	header := buf[:runtime.Stack(buf[:], false)]
	header = bytes.TrimPrefix(header, []byte("goroutine "))
	if i := bytes.IndexByte(header, ' '); i > 0 {
		header = header[:i]
	}
	id, _ := strconv.ParseUint(string(header), 10, 64)
	return id
}
