package udp

// The bounds of one batch. The arena holds a full receive batch fanned out
// several times; when it is full the batch goes out early.
const (
	batchPackets = 512
	batchArena   = 512 << 10
)

// Batch gathers datagrams and sends them together. One goroutine uses it.
//
// Datagrams to one destination leave in the order of Add; between destinations
// there is no order.
type Batch struct {
	s     *Socket
	epoch uint64

	arena []byte
	used  int

	packets []outgoing
	dests   []destination

	kernel kernelBatch
}

type outgoing struct {
	off, n int32
	next   int32 // of the same destination, -1 at the end
	keep   bool
}

type destination struct {
	addr       Addr
	head, tail int32
}

// NewBatch returns an empty batch for a socket.
func (s *Socket) NewBatch() *Batch {
	b := &Batch{
		s:       s,
		epoch:   1,
		arena:   make([]byte, batchArena),
		packets: make([]outgoing, 0, batchPackets),
		dests:   make([]destination, 0, batchPackets),
	}
	b.kernel.init()
	return b
}

// Buffer returns room for one datagram of up to MaxDatagram bytes. What is
// written there is sent if Add follows before the next Buffer.
func (b *Batch) Buffer() []byte {
	if len(b.arena)-b.used < MaxDatagram || len(b.packets) == batchPackets {
		b.Flush()
	}
	return b.arena[b.used : b.used+MaxDatagram : b.used+MaxDatagram]
}

// Add queues the first n bytes of the last Buffer for a destination, whose
// Queue for this batch is q. keep marks what a full socket must not drop.
func (b *Batch) Add(q *Queue, to Addr, n int, keep bool) {
	i := int32(len(b.packets))
	b.packets = append(b.packets, outgoing{off: int32(b.used), n: int32(n), next: -1, keep: keep})
	b.used += n
	if q.epoch == b.epoch && b.dests[q.index].addr == to {
		d := &b.dests[q.index]
		b.packets[d.tail].next = i
		d.tail = i
		return
	}
	q.epoch, q.index = b.epoch, int32(len(b.dests))
	b.dests = append(b.dests, destination{addr: to, head: i, tail: i})
}

// Len returns how many datagrams wait.
func (b *Batch) Len() int { return len(b.packets) }

// Flush sends all that waits. Datagrams that could not be sent are counted and
// dropped; the expendable ones first when the socket is full.
func (b *Batch) Flush() {
	if len(b.packets) == 0 {
		return
	}
	b.send()
	b.epoch++
	b.used = 0
	b.packets = b.packets[:0]
	b.dests = b.dests[:0]
}

// Discard forgets all that waits, for measuring what gathering costs alone.
func (b *Batch) Discard() {
	b.epoch++
	b.used = 0
	b.packets = b.packets[:0]
	b.dests = b.dests[:0]
}
