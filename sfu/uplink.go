package sfu

import (
	"sync"
	"sync/atomic"
	"time"

	"consilium/sfu/internal/bwe"
	"consilium/sfu/internal/codec"
	"consilium/sfu/internal/nack"
	"consilium/sfu/internal/packetcache"
	"consilium/sfu/internal/rtcp"
	"consilium/sfu/internal/rtp"
)

// What is kept of a stream for resending: the count bounds a burst, the age the
// memory of a steady one. The age follows the slowest subscriber's round trip.
const (
	cachePackets = 512
	cacheAgeMin  = 250 * time.Millisecond
	cacheAgeMax  = time.Second
	// glanceEvery is how many numbers of a muted stream pass unopened before one
	// packet is opened again, so that the cipher's rollover counter keeps step.
	glanceEvery = 4096
)

// uplink is one received stream: a track, or one simulcast layer of it. All but
// what is atomic or said otherwise is guarded by the publisher's ingress.mu.
type uplink struct {
	track *Track
	index int    // in track.layers
	rid   string // "" without simulcast

	ssrc      uint32 // now is its copy for others
	seq       rtp.Unwrapper
	opened    uint16 // sequence number last opened, once begun
	begun     bool
	reception rtcp.Reception
	missing   nack.Generator
	nacks     bool
	nackAt    time.Duration

	now    atomic.Uint32
	cache  atomic.Pointer[packetcache.Cache]
	codec  atomic.Uint32
	seenAt atomic.Int64  // arrival of the newest packet
	height atomic.Uint32 // of the picture in pixels, 0 when unknown
	meter  meter

	clockMu sync.Mutex // a leaf
	clock   rtcp.Clock

	keyMu sync.Mutex // a leaf
	key   rtcp.Keyframe
}

// renew begins a new source: nothing of the old one's numbers holds.
func (u *uplink) renew(ssrc uint32) {
	if u.ssrc == ssrc {
		return
	}
	u.ssrc, u.begun = ssrc, false
	u.now.Store(ssrc)
	u.seq, u.reception = rtp.Unwrapper{}, rtcp.Reception{}
	u.missing.Reset()
	if c := u.cache.Load(); c != nil {
		c.Clear()
	}
	u.clockMu.Lock()
	u.clock = rtcp.Clock{}
	u.clockMu.Unlock()
	for _, d := range *u.track.downs.Load() {
		d.renewed(u)
	}
}

// source returns the stream's source, 0 before its first packet.
func (u *uplink) source() uint32 { return u.now.Load() }

// glance notes a packet of a closed track that will not be forwarded, and
// reports whether it is time to open one all the same.
func (u *uplink) glance(seq uint16) bool {
	d := seq - u.opened
	return !u.begun || d >= glanceEvery && d < 1<<15
}

// receive takes an opened packet and gives it to the outbox to forward. It reports
// whether the packet's reference was passed on.
func (u *uplink) receive(out *outbox, p *packetcache.Packet, f *format, ids *rtp.IDs, repaired bool) bool {
	h, t := &p.Header, u.track
	u.opened, u.begun = h.Seq, true
	if !repaired {
		u.reception.Receive(h.Seq, h.Timestamp, t.rate(), p.Arrival)
	}
	if !t.open.Load() {
		u.missing.Reset()
		return false
	}
	p.Ext = u.seq.Unwrap(h.Seq)
	u.codec.Store(uint32(f.codec))
	u.seenAt.Store(int64(p.Arrival))
	if u.nacks = f.nack; u.nacks {
		u.missing.Receive(h.Seq, p.Arrival)
	}
	counters := &t.owner.room.sfu.counters
	if codec.Parse(f.codec, h.Payload(p.Data), &p.Frame) != nil {
		if h.PayloadLen() > 0 {
			counters.bad.Add(1)
			return false
		}
		p.Frame = codec.Frame{} // only padding
	}
	u.meter.add(p.Arrival, len(p.Data), p.Frame.Temporal)
	switch {
	case !t.video():
		p.Level = 127
		if x := h.Extension(p.Data, ids.ID(rtp.ExtAudioLevel)); len(x) > 0 {
			p.Level = x[0]
			t.voice.hear(x[0]&0x7f, p.Arrival)
		}
	case p.Frame.Key:
		if p.Frame.Height != 0 {
			u.height.Store(uint32(min(p.Frame.Width, p.Frame.Height)))
		}
		u.keyMu.Lock()
		u.key.Arrived(p.Arrival)
		u.keyMu.Unlock()
	}
	if !u.nacks {
		out.forward(u, f.codec, p.Retain())
		return false
	}
	c := u.cache.Load()
	if c == nil {
		c = packetcache.NewCache(cachePackets, cacheAgeMin)
		u.cache.Store(c)
	}
	p = t.owner.room.sfu.pool.Compact(p)
	if c.Put(p) {
		out.forward(u, f.codec, p)
	} else {
		p.Release()
	}
	return true
}

// remember sets how long packets are kept: for three round trips of the slowest
// subscriber, so that two attempts to repair can succeed.
func (u *uplink) remember(rtt time.Duration) {
	if c := u.cache.Load(); c != nil {
		c.SetMaxAge(min(max(3*rtt+100*time.Millisecond, cacheAgeMin), cacheAgeMax))
	}
}

func (u *uplink) drain() {
	if c := u.cache.Load(); c != nil {
		c.Clear()
	}
}

// present returns the publisher's wall clock and the stream's timestamp now.
func (u *uplink) present(now time.Duration) (rtcp.NTP, uint32, bool) {
	u.clockMu.Lock()
	defer u.clockMu.Unlock()
	return u.clock.Now(now)
}

// align expresses a timestamp of this layer in the clock of another.
func (u *uplink) align(ts uint32, other *uplink) (uint32, bool) {
	u.clockMu.Lock()
	mine := u.clock
	u.clockMu.Unlock()
	other.clockMu.Lock()
	defer other.clockMu.Unlock()
	return mine.Align(ts, &other.clock)
}

// activeWithin is how lately a packet of a simulcast layer must have come for
// the layer to be worth choosing.
const activeWithin = 300 * time.Millisecond

// active reports whether packets come steadily: a browser that is short of
// bandwidth begins a layer and drops it again at once.
func (u *uplink) active(now time.Duration) bool {
	return now-time.Duration(u.seenAt.Load()) < activeWithin && u.meter.bits(bwe.MaxTemporal-1) > 0
}

// meterWindow is the time over which a stream's rate is measured.
const meterWindow = 500 * time.Millisecond

// meter measures a stream's rate by temporal layer. Adding is guarded like the
// uplink; reading is not.
type meter struct {
	from  time.Duration
	bytes [bwe.MaxTemporal]int
	bps   [bwe.MaxTemporal]atomic.Int64 // each with the layers below it
}

func (m *meter) add(now time.Duration, n int, temporal uint8) {
	if d := now - m.from; d >= meterWindow {
		sum := int64(0)
		for i := range m.bytes {
			sum += int64(m.bytes[i])
			rate := int64(0) // after a pause: a new beginning, to be proved anew
			if m.from != 0 && d < 2*meterWindow {
				rate = sum * 8 * int64(time.Second) / int64(d)
				if old := m.bps[i].Load(); old > 0 {
					rate = old + (rate-old)/3 // a key frame is no change of rate
				}
			}
			m.bps[i].Store(rate)
			m.bytes[i] = 0
		}
		m.from = now
	}
	m.bytes[min(temporal, bwe.MaxTemporal-1)] += n
}

// bits returns the rate in bit/s of a temporal layer and those below, 0 while
// it is not known.
func (m *meter) bits(temporal int) int64 { return m.bps[temporal].Load() }
