package udp

import (
	"errors"
	"iter"
	"sync/atomic"
)

// Options sets up a Socket.
type Options struct {
	ReceiveBuffer int  // bytes; 0 keeps the system's
	SendBuffer    int  // bytes; 0 keeps the system's
	Offload       bool // try UDP_SEGMENT

	reusePort bool // several sockets share the port
	quiet     bool // the runtime's poller does not watch it
}

// Match picks datagrams by their first two bytes: those of which the bits of Mask are
// Value.
type Match struct{ Mask, Value uint16 }

// Port is the sockets bound to one UDP port.
type Port struct {
	// Sockets divide what comes by its source: what comes from one address always
	// comes to the same one.
	Sockets []*Socket
	// Aside takes the datagrams that were to be put aside, or is nil where the system
	// cannot tell them apart, and they come to Sockets with the rest. What comes here
	// wakes nobody: it is there for a Reader's TryRead.
	Aside *Socket
}

// all returns every socket of the port.
func (p *Port) all() []*Socket {
	if p.Aside == nil {
		return p.Sockets
	}
	return append(p.Sockets[:len(p.Sockets):len(p.Sockets)], p.Aside)
}

// Counters yields what each socket has counted.
func (p *Port) Counters() iter.Seq[*Counters] {
	return func(yield func(*Counters) bool) {
		for _, s := range p.all() {
			if !yield(&s.Counters) {
				return
			}
		}
	}
}

// Shut ends all reading from the port.
func (p *Port) Shut() {
	for _, s := range p.all() {
		s.Shut()
	}
}

// Close frees the port, under the conditions of [Socket.Close].
func (p *Port) Close() error {
	var errs []error
	for _, s := range p.all() {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// ErrClosed ends a Read after Close.
var ErrClosed = errors.New("udp: socket closed")

// MaxDatagram is the largest datagram a Batch takes, in bytes.
const MaxDatagram = 1600

// Counters are kept by a socket; all may be read at any time.
type Counters struct {
	PacketsIn, BytesIn   atomic.Uint64
	PacketsOut, BytesOut atomic.Uint64
	ReceiveCalls         atomic.Uint64
	SendCalls            atomic.Uint64
	Segments             atomic.Uint64 // datagrams that left inside an offloaded run
	DroppedFull          atomic.Uint64 // expendable datagrams a full socket refused
	SendErrors           atomic.Uint64 // datagrams the kernel refused for other reasons
}

// Queue marks a destination's place in one Batch. Each destination keeps one
// for each Batch it is sent to through; only the Batch touches it.
type Queue struct {
	epoch uint64
	index int32
}
