package sfu

import (
	"errors"
	"slices"
	"sync"
	"time"

	"consilium/sfu/internal/packetcache"
	"consilium/sfu/internal/rtp"
	"consilium/sfu/internal/udp"
)

// shard is one socket and the goroutine that reads it. What comes from one
// address always comes to the same shard: the kernel chooses by both ends of the path.
type shard struct {
	sfu    *SFU
	socket *udp.Socket
	out    *outbox

	// Owned by run.
	reader  *udp.Reader
	packets []*packetcache.Packet // the buffer of each place of reader
	found   []*transport

	mu    sync.Mutex // guards tuples; a leaf
	peers map[udp.Addr]*transport
}

func newShard(s *SFU, socket *udp.Socket, id int) *shard {
	sh := &shard{
		sfu:    s,
		socket: socket,
		out:    newOutbox(socket.NewBatch(), id),
		reader: socket.NewReader(s.cfg.Batch),
		peers:  make(map[udp.Addr]*transport),
	}
	sh.packets = make([]*packetcache.Packet, sh.reader.Size())
	sh.found = make([]*transport, sh.reader.Size())
	for i := range sh.packets {
		sh.refill(i)
	}
	return sh
}

// refill gives a place of the reader a fresh buffer.
func (sh *shard) refill(i int) {
	p := sh.sfu.pool.Get()
	sh.packets[i] = p
	sh.reader.SetBuffer(i, p.Buffer())
}

// What a wide fan-out gathers before it is sent: sealing for many takes so long
// that the rest of a frame has come meanwhile, and longer runs are cheaper. To
// few subscribers nothing ever waits.
const (
	gatherFrom   = 6   // datagrams out for each in, from which on it looks for more
	gatherUntil  = 256 // datagrams that are enough
	gatherRounds = 4
)

// run reads until the socket is shut. All that a batch causes to be sent leaves
// at its end in one call.
func (sh *shard) run() {
	err := sh.reader.Run(func(n int) {
		for round := 0; n > 0; round++ {
			sh.batch(n)
			if out := sh.out.Len(); out < gatherFrom*n || out > gatherUntil || round == gatherRounds {
				break
			}
			var err error
			if n, err = sh.reader.TryRead(); err != nil {
				break // the reader meets it again and says so
			}
		}
		sh.out.Flush()
		sh.sfu.aside.collect(sh.out)
	})
	if !errors.Is(err, udp.ErrClosed) {
		sh.sfu.log.Error("media socket cannot be read", "error", err)
	}
	for _, p := range sh.packets {
		p.Release()
	}
}

// batch handles the n datagrams of the last read.
func (sh *shard) batch(n int) {
	now := sh.sfu.now()
	sh.find(sh.reader, n, sh.found)
	for i := range n {
		size, from := sh.reader.Datagram(i)
		sh.datagram(i, sh.found[i], from, size, now)
		sh.found[i] = nil
	}
	sh.out.settle() // the next read takes the buffers back
}

// find fills in whose the n datagrams of a read are, where found does not say yet.
func (sh *shard) find(r *udp.Reader, n int, found []*transport) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for i := range n {
		if _, from := r.Datagram(i); found[i] == nil {
			found[i] = sh.peers[from]
		}
	}
}

// datagram handles one datagram. A panic in it costs the sender its place in
// the room, and nobody else anything.
func (sh *shard) datagram(i int, t *transport, from udp.Addr, size int, now time.Duration) {
	defer sh.sfu.survive(t)
	b := sh.packets[i].Buffer()[:size]
	switch kind := rtp.Classify(b); {
	case kind == rtp.STUN:
		sh.stun(t, b, from)
	case t == nil:
		sh.sfu.counters.unknown.Add(1)
	case kind == rtp.RTP:
		p := sh.packets[i]
		p.Data, p.Arrival = b, now
		if t.media(sh.out, p, from) {
			sh.refill(i)
		}
	case kind == rtp.RTCP:
		t.control(sh.out, b, from, now)
	case kind == rtp.DTLS:
		t.handshake(b)
	default:
		sh.sfu.counters.unknown.Add(1)
	}
}

// stun gives a message to the transport it names; an address that proves to
// belong to a transport is its from then on.
func (sh *shard) stun(t *transport, b []byte, from udp.Addr) {
	if named := sh.sfu.byUfrag(b); named != nil {
		t = named
	}
	if t == nil {
		sh.sfu.counters.unknown.Add(1)
		return
	}
	if t.stun(sh, b, from) {
		sh.mu.Lock()
		// A client with a new transport may keep its address.
		crowded := false
		if old := sh.peers[from]; old != t {
			sh.peers[from] = t
			if old != nil {
				old.addresses.Add(-1)
			}
			crowded = t.addresses.Add(1) > maxAddresses
		}
		sh.mu.Unlock()
		if crowded {
			sh.prune(t)
		}
	}
}

// maxAddresses is how many addresses a client may have been seen at before those
// its paths no longer use are forgotten.
const maxAddresses = 32

// prune forgets the addresses that a transport has no path of any more.
func (sh *shard) prune(t *transport) {
	var old []udp.Addr
	sh.mu.Lock()
	for a, p := range sh.peers {
		if p == t {
			old = append(old, a)
		}
	}
	sh.mu.Unlock()
	old = slices.DeleteFunc(old, t.knows)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for _, a := range old {
		if sh.peers[a] == t {
			delete(sh.peers, a)
			t.addresses.Add(-1)
		}
	}
}

// forget removes all addresses of a transport.
func (sh *shard) forget(t *transport) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for a, p := range sh.peers {
		if p == t {
			delete(sh.peers, a)
		}
	}
}
