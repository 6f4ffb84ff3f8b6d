package sfu

import (
	"sync"
	"sync/atomic"
	"time"

	"consilium/sfu/internal/crypt"
	"consilium/sfu/internal/rtp"
	"consilium/sfu/internal/twcc"
	"consilium/sfu/internal/udp"
)

// maxOutboxes bounds the goroutines that send through batches: the shards and
// the ticker.
const (
	maxShards   = 8
	maxOutboxes = maxShards + 1
)

// egress is the sending half of a transport: keys, transport-wide numbers, the
// layout of header extensions. Whoever forwards to the participant takes mu for
// one packet.
type egress struct {
	to     atomic.Pointer[udp.Addr] // selected path; nil sends nothing
	queues [maxOutboxes]udp.Queue   // each touched only by the outbox of its number

	mu      sync.Mutex // guards what follows; taken after any uplink's, a leaf but for caches
	sealer  *crypt.Sealer
	socket  *udp.Socket
	ssrc    uint32 // of what is said about the client's streams
	cname   string
	reduced bool // the client takes RTCP of reduced size (RFC 5506)
	slots   []*downlink
	used    map[uint32]bool // sources ever given to slots
	sent    *twcc.Sender
	results []twcc.Result // scratch
	pace    pace
	ids     rtp.IDs
	audio   layout
	video   layout

	packets, bytes uint64
}

// layout is the extension block of one kind of outgoing packet, with the places
// that change.
type layout struct {
	ext    rtp.Extensions
	number []byte // transport-wide sequence number, nil without
	level  []byte // audio level, nil without
}

func (l *layout) prepare(ids *rtp.IDs, audio bool) {
	l.ext.Reset()
	l.ext.Add(ids.ID(rtp.ExtTWCC), 2)
	l.level = nil
	if audio {
		l.ext.Add(ids.ID(rtp.ExtAudioLevel), 1)
		l.level = l.ext.Find(ids.ID(rtp.ExtAudioLevel))
	}
	l.number = l.ext.Find(ids.ID(rtp.ExtTWCC)) // last: numbers over 14 move what was added
}

// negotiated takes the client's extension numbers.
func (e *egress) negotiated(ids rtp.IDs, reduced bool, start int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ids, e.reduced = ids, reduced
	e.audio.prepare(&e.ids, true)
	e.video.prepare(&e.ids, false)
	if e.sent == nil && ids.ID(rtp.ExtTWCC) != 0 {
		e.sent = twcc.NewSender(sentMemory)
		e.pace.begin(start)
	}
}

// sentMemory is how many packets a subscriber's congestion control remembers: a
// round trip and two reports' time of a busy downlink.
const sentMemory = 512

// header writes the header of an outgoing media packet into b. size is the
// length of what follows it.
func (e *egress) header(b []byte, f rtp.Fixed, l *layout, size int, class twcc.Class, now time.Duration) []byte {
	if l.number != nil && e.sent != nil {
		total := rtp.FixedSize + l.ext.Size() + size + crypt.Overhead
		e.pace.est.Sent(now, total)
		n := e.sent.Next(now, total, class, 0)
		l.number[0], l.number[1] = byte(n>>8), byte(n)
	}
	return rtp.AppendHeader(b[:0], f, &l.ext)
}

// seal seals the packet p, which lies in the outbox's buffer, and queues it.
// The caller holds mu.
func (e *egress) seal(out *outbox, st *crypt.Stream, p []byte, seq uint16, to udp.Addr, keep bool) bool {
	q, err := st.Seal(p, seq)
	if err != nil {
		return false
	}
	out.Add(&e.queues[out.id], to, len(q), keep)
	e.packets++
	e.bytes += uint64(len(q))
	return true
}

// control seals a compound RTCP packet that lies in the outbox's buffer and
// queues it; without an outbox it is sent at once. The caller holds mu.
func (e *egress) control(out *outbox, p []byte) {
	to := e.to.Load()
	if e.sealer == nil || to == nil || len(p) == 0 {
		return
	}
	q, err := e.sealer.RTCP(p)
	if err != nil {
		return
	}
	if out == nil {
		// A request that cannot be sent is made again by whoever needs it.
		_ = e.socket.Write(q, *to)
		return
	}
	out.Add(&e.queues[out.id], *to, len(q), true)
}

// estimate returns the rate in bit/s the client is believed to take, or false
// when nothing is known, and whether the path shows real distress.
func (e *egress) estimate() (bps int64, suffers, known bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	bps, known = e.pace.bits()
	return bps, e.pace.suffers(), known
}

// desire tells the estimate what rate everything wanted would need.
func (e *egress) desire(bps int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pace.est != nil {
		e.pace.est.SetDesired(bps)
	}
}
