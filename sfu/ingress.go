package sfu

import (
	"errors"
	"sync"
	"time"

	"consilium/sfu/internal/codec"
	"consilium/sfu/internal/crypt"
	"consilium/sfu/internal/packetcache"
	"consilium/sfu/internal/rtp"
	"consilium/sfu/internal/twcc"
	"consilium/sfu/internal/udp"
)

// maxStreams bounds the sources one client may send.
const maxStreams = 32

// ingress is the receiving half of a transport: it opens packets and finds out
// which uplink they belong to. The shard that the client's packets come to
// takes mu for each packet; there is hardly ever anyone else to wait for.
type ingress struct {
	t *transport

	mu      sync.Mutex // guards what follows; taken before any egress's
	opener  *crypt.Opener
	streams []stream // by source; few, so a search in order is fastest
	formats [128]format
	ids     rtp.IDs
	tracks  []*Track // of the sections the client sends on
	arrived *twcc.Recorder
	rate    bucket // of video

	feedbackAt      time.Duration // when the last transport feedback left
	reportAt        time.Duration // when the last receiver report left
	packets, octets uint64
}

// stream is one synchronisation source of the client.
type stream struct {
	ssrc uint32
	rtx  bool
	up   *uplink
}

// format is what a payload type of the client carries.
type format struct {
	codec codec.Codec
	rtx   uint8 // for retransmissions the payload type they repeat
	nack  bool
}

// negotiated takes the client's numbers.
func (in *ingress) negotiated(ids rtp.IDs, formats [128]format) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.ids, in.formats = ids, formats
	if in.arrived == nil && ids.ID(rtp.ExtTWCC) != 0 {
		in.arrived = new(twcc.Recorder)
	}
}

// media takes an SRTP packet; what is to be forwarded waits in the outbox until
// it settles. It reports whether the packet was kept, so that its buffer is no longer
// the reader's.
func (t *transport) media(out *outbox, p *packetcache.Packet, from udp.Addr) bool {
	in, c := &t.in, &t.sfu.counters
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.opener == nil || len(p.Data) < rtp.FixedSize {
		c.unknown.Add(1)
		return false
	}
	st := in.find(rtp.SSRC(p.Data))
	if st != nil && !st.up.track.open.Load() && !st.up.glance(rtp.Seq(p.Data)) {
		c.muted.Add(1)
		t.alive(p.Arrival, from)
		// Its arrival is told all the same: what is not heard of counts as lost,
		// and the client would slow down for it.
		if err := p.Header.Parse(p.Data); err == nil || errors.Is(err, rtp.ErrPadding) {
			in.note(p)
			in.feedback(out, p.Arrival)
		}
		return false
	}
	// What is over the bound is neither opened nor told to have arrived, which slows an
	// honest client down. Sound is too small to be worth holding up.
	if (st == nil || st.up.track.video()) && !in.rate.take(len(p.Data), p.Arrival) {
		c.capped.Add(1)
		return false
	}
	data, err := in.opener.RTP(p.Data)
	if err != nil {
		c.refused(err)
		return false
	}
	t.alive(p.Arrival, from)
	in.packets++
	in.octets += uint64(len(data))
	p.Data = data
	if p.Header.Parse(data) != nil {
		c.bad.Add(1)
		return false
	}
	in.note(p)
	if st == nil {
		out.settle() // what waits is numbered as the source so far
		if st = in.bind(&p.Header, data); st == nil {
			c.unknown.Add(1)
			return false
		}
	}
	arrival := p.Arrival // p may be in other hands after this
	kept := in.accept(out, st, p)
	in.feedback(out, arrival)
	return kept
}

// note records when a packet with a transport-wide number arrived.
func (in *ingress) note(p *packetcache.Packet) {
	if in.arrived == nil {
		return
	}
	if x := p.Header.Extension(p.Data, in.ids.ID(rtp.ExtTWCC)); len(x) == 2 {
		in.arrived.Record(uint16(x[0])<<8|uint16(x[1]), p.Arrival)
	}
}

// alive notes a sign of life on the path in use.
func (t *transport) alive(at time.Duration, from udp.Addr) {
	if to := t.out.to.Load(); to != nil && *to == from {
		t.heard.Store(int64(at))
	}
}

// accept hands an opened packet to its uplink. The caller holds mu.
func (in *ingress) accept(out *outbox, st *stream, p *packetcache.Packet) bool {
	h, up := &p.Header, st.up
	f := &in.formats[h.PayloadType]
	if st.rtx || f.rtx != 0 {
		if f.rtx == 0 {
			return false
		}
		original := f.rtx
		data, ok := rtp.UnwrapRTX(p.Data, h, up.ssrc, original)
		if !ok || up.ssrc == 0 {
			return false // padding, which only probes
		}
		p.Data = data
		if h.Parse(data) != nil {
			in.t.sfu.counters.bad.Add(1)
			return false
		}
		f = &in.formats[original]
	}
	if f.codec == codec.Unknown || f.codec.Video() != up.track.video() {
		in.t.sfu.counters.unknown.Add(1)
		return false
	}
	return up.receive(out, p, f, &in.ids, st.rtx)
}

func (in *ingress) find(ssrc uint32) *stream {
	for i := range in.streams {
		if in.streams[i].ssrc == ssrc {
			return &in.streams[i]
		}
	}
	return nil
}

// bind finds the uplink of a source not seen before, by the identifiers in its
// header extensions or, without them, by its payload type when only one track
// can be meant. The caller holds mu.
func (in *ingress) bind(h *rtp.Header, data []byte) *stream {
	f := &in.formats[h.PayloadType]
	rtx := f.rtx != 0
	kind := f.codec
	if rtx {
		kind = in.formats[f.rtx].codec
	}
	if kind == codec.Unknown {
		return nil
	}
	mid := h.Extension(data, in.ids.ID(rtp.ExtMID))
	rid := h.Extension(data, in.ids.ID(rtp.ExtRID))
	if rtx {
		if r := h.Extension(data, in.ids.ID(rtp.ExtRepairedRID)); r != nil {
			rid = r
		}
	}
	var found *Track
	for _, t := range in.tracks {
		if mid != nil {
			if t.mid == string(mid) {
				found = t
			}
			continue
		}
		if t.video() == kind.Video() {
			if found != nil {
				return nil // several could be meant: wait for a packet that says
			}
			found = t
		}
	}
	if found == nil {
		return nil
	}
	up := found.layer(rid)
	if up == nil {
		return nil
	}
	return in.attach(h.SSRC, rtx, up)
}

// attach notes the source of an uplink, in place of the one it had. The caller
// holds mu.
func (in *ingress) attach(ssrc uint32, rtx bool, up *uplink) *stream {
	if ssrc == 0 {
		return nil
	}
	for i := range in.streams {
		st := &in.streams[i]
		if st.up == up && st.rtx == rtx {
			if !rtx {
				up.renew(ssrc)
			}
			st.ssrc = ssrc
			return st
		}
	}
	if len(in.streams) >= maxStreams {
		return nil
	}
	if !rtx {
		up.renew(ssrc)
	}
	in.streams = append(in.streams, stream{ssrc, rtx, up})
	return &in.streams[len(in.streams)-1]
}

// detach forgets the sources of a track. The caller holds mu.
func (in *ingress) detach(t *Track) {
	keep := in.streams[:0]
	for _, st := range in.streams {
		if st.up.track != t {
			keep = append(keep, st)
		}
	}
	clear(in.streams[len(keep):])
	in.streams = keep
	tracks := make([]*Track, 0, len(in.tracks))
	for _, x := range in.tracks {
		if x != t {
			tracks = append(tracks, x)
		}
	}
	in.tracks = tracks
}

func (in *ingress) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.opener = nil
	for _, t := range in.tracks {
		t.drain()
	}
	in.streams, in.tracks = nil, nil
}
