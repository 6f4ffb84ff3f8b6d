package udp

import (
	"errors"
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
