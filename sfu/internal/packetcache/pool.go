package packetcache

import (
	"sync"
	"sync/atomic"
	"time"

	"consilium/sfu/internal/codec"
	"consilium/sfu/internal/rtp"
)

const (
	// BufferSize is the room for one datagram in bytes: more than any path MTU
	// carries, and a size class of the Go allocator.
	BufferSize = 1536
	// SmallSize is the room of a compacted packet, enough for most audio.
	SmallSize = 256

	// minFree packets of each size are kept for reuse however few are in use.
	minFree = 64
)

// Packet is one received RTP packet with what was read from it.
type Packet struct {
	// Data is the packet's bytes, a part of Buffer.
	Data []byte
	// Ext is the extended sequence number in the publisher's stream.
	Ext uint64
	// Arrival is when the packet was received.
	Arrival time.Duration
	Header  rtp.Header
	Frame   codec.Frame
	// Level is how loud the sound in it is, as RFC 6464 has it.
	Level byte

	buf  []byte
	pool *Pool
	refs atomic.Int32
}

// Buffer is the whole room of the packet, for receiving into.
func (p *Packet) Buffer() []byte { return p.buf }

// Payload is the packet's payload without padding.
func (p *Packet) Payload() []byte { return p.Header.Payload(p.Data) }

// Retain adds a reference and returns p.
func (p *Packet) Retain() *Packet {
	p.refs.Add(1)
	return p
}

// Release drops a reference; the last one returns the packet to its pool, after
// which it must not be touched.
func (p *Packet) Release() {
	switch n := p.refs.Add(-1); {
	case n == 0:
		p.pool.put(p)
	case n < 0:
		// Putting it back a second time would give one buffer two owners, and one
		// person's media could reach another's call.
		p.pool.leaked.Add(1)
	}
}

// Pool hands out packets and takes them back. The zero value is ready. It keeps
// at most about half as many free packets as are in use, so that a busy hour does
// not hold its memory for ever.
type Pool struct {
	inUse  atomic.Int64
	leaked atomic.Int64

	mu    sync.Mutex
	large []*Packet // guarded by mu
	small []*Packet // guarded by mu
}

// Get returns a packet of BufferSize with one reference. Data is empty, the other
// fields are what their last owner left.
func (l *Pool) Get() *Packet { return l.get(&l.large, BufferSize) }

// Compact returns p, or, when its Data fits a small buffer, a copy of p in one
// and releases p. The result has one reference. It must be called before anyone
// else has a reference.
func (l *Pool) Compact(p *Packet) *Packet {
	if len(p.Data) > SmallSize || len(p.buf) == SmallSize {
		return p
	}
	q := l.get(&l.small, SmallSize)
	q.Data = q.buf[:copy(q.buf, p.Data)]
	q.Ext, q.Arrival, q.Header, q.Frame, q.Level = p.Ext, p.Arrival, p.Header, p.Frame, p.Level
	p.Release()
	return q
}

// InUse is the number of packets handed out and not yet back.
func (l *Pool) InUse() int64 { return l.inUse.Load() }

// Leaked counts packets released more often than they were retained: a fault in
// the caller that must stay 0.
func (l *Pool) Leaked() int64 { return l.leaked.Load() }

func (l *Pool) get(list *[]*Packet, size int) *Packet {
	l.inUse.Add(1)
	l.mu.Lock()
	var p *Packet
	if n := len(*list); n > 0 {
		p = (*list)[n-1]
		(*list)[n-1] = nil
		*list = (*list)[:n-1]
	}
	l.mu.Unlock()
	if p == nil {
		p = &Packet{buf: make([]byte, size), pool: l}
	}
	p.Data = p.buf[:0]
	p.refs.Store(1)
	return p
}

func (l *Pool) put(p *Packet) {
	inUse := l.inUse.Add(-1)
	list := &l.large
	if len(p.buf) == SmallSize {
		list = &l.small
	}
	l.mu.Lock()
	if n := len(*list); n < minFree || int64(n) < inUse/2 {
		*list = append(*list, p)
	}
	l.mu.Unlock()
}
