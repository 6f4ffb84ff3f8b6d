package sfu

import (
	"math"
	"sync"
	"sync/atomic"
	"time"

	"consilium/sfu/internal/packetcache"
	"consilium/sfu/internal/udp"
)

// feedback picks clients' transport-wide feedback: SRTCP hides neither the format in the
// first byte nor the type in the second; between them only the padding bit differs.
var feedback = udp.Match{Mask: 0xdfff, Value: 0x8fcd}

const (
	// collectEvery is how long feedback may wait, while media comes. It tells of packets
	// up to 100 ms old, so this changes nothing for the estimate.
	collectEvery = 10 * time.Millisecond
	// collectRounds bounds the reads of one collection, so that a flood of feedback does
	// not hold up the media.
	collectRounds = 8
)

// aside is where subscribers' feedback waits until somebody is awake anyway. Every
// subscriber sends it ten times a second, each at its own moment, so that most
// wake-ups of a large room would be for it alone, and a wake-up costs as much as
// forwarding several packets. What cannot wait (requests for lost packets and key frames)
// comes with the media.
type aside struct {
	sfu  *SFU
	next atomic.Int64 // when to look again, as time since the server's start

	mu      sync.Mutex // guards what follows; taken before any shard's or transport's
	reader  *udp.Reader
	buffers [][]byte
	found   []*transport
}

// newAside returns nil without a socket.
func newAside(s *SFU, socket *udp.Socket) *aside {
	if socket == nil {
		return nil
	}
	n := s.cfg.Batch
	a := &aside{sfu: s, reader: socket.NewReader(n), buffers: make([][]byte, n), found: make([]*transport, n)}
	for i := range a.buffers {
		a.buffers[i] = make([]byte, packetcache.BufferSize)
		a.reader.SetBuffer(i, a.buffers[i])
	}
	return a
}

// collect handles what waits, unless somebody did so just now or is at it.
func (a *aside) collect(out *outbox) {
	if a == nil {
		return
	}
	now := a.sfu.now()
	if int64(now) < a.next.Load() || !a.mu.TryLock() {
		return
	}
	defer a.mu.Unlock()
	a.next.Store(int64(now + collectEvery))
	for range collectRounds {
		n, err := a.reader.TryRead()
		if err != nil {
			a.next.Store(math.MaxInt64)
			a.sfu.log.Error("feedback cannot be read", "error", err)
			return
		}
		a.batch(out, n, now)
		if n < a.reader.Size() {
			break
		}
	}
	out.Flush()
}

// batch handles the n datagrams of the last read. The caller holds mu.
func (a *aside) batch(out *outbox, n int, now time.Duration) {
	for _, sh := range a.sfu.shards {
		sh.find(a.reader, n, a.found)
	}
	for i := range n {
		a.datagram(out, i, now)
		a.found[i] = nil
	}
}

// datagram handles one datagram. A panic in it costs the sender its place in the room.
func (a *aside) datagram(out *outbox, i int, now time.Duration) {
	t := a.found[i]
	defer a.sfu.survive(t)
	if t == nil {
		a.sfu.counters.unknown.Add(1)
		return
	}
	size, from := a.reader.Datagram(i)
	t.control(out, a.buffers[i][:size], from, now)
}
