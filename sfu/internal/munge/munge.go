package munge

import (
	"time"

	"consilium/sfu/internal/codec"
	"consilium/sfu/internal/rtp"
)

// In is what a Rewriter needs to know of a packet from the publisher.
type In struct {
	// Ext is the extended sequence number within its source.
	Ext uint64
	// Timestamp is the RTP timestamp within its source.
	Timestamp uint32
	// Arrival is the time since a start common to all calls.
	Arrival time.Duration
	// Frame is nil when the payload carries no VP8 numbering.
	Frame *codec.Frame
}

// Out is what the subscriber's copy of the packet has to say.
type Out struct {
	Timestamp uint32
	Seq       uint16
	// PictureID and TL0 are for codec.AppendVP8.
	PictureID uint16
	TL0       uint8
}

// Place states of a source packet in the gap map.
const (
	unknown  uint8 = iota
	reserved       // not seen yet: its number is kept for it
	sent
	dropped
)

type place struct {
	in, out uint16
	pidOff  uint16
	tl0Off  uint8
	state   uint8
}

// Rewriter maps the numbers of a publisher's packets to those of one subscriber.
type Rewriter struct {
	places []place // by source sequence number: the gap map
	rate   uint32  // timestamp ticks a second

	started bool
	high    uint64        // highest Ext of the present source
	off     uint16        // out = in − off
	tsOff   uint32        // out = in + tsOff
	lastSeq uint16        // highest number given out
	lastTS  uint32        // timestamp of the newest packet given out
	lastAt  time.Duration // its arrival

	pidOff  uint16 // out = in − pidOff modulo 2^15
	tl0Off  uint8
	lastPID uint16 // newest picture given out, our numbering
	lastTL0 uint8
	inPID   uint16 // newest picture sent or dropped, the source's numbering
	hasPID  bool
}

// New returns a Rewriter whose first packet gets sequence number first. The gap
// map reaches back size packets (rounded up to a power of two); clockRate is in
// ticks a second.
func New(first uint16, size int, clockRate uint32) *Rewriter {
	n := 1
	for n < size {
		n <<= 1
	}
	return &Rewriter{places: make([]place, n), rate: clockRate, lastSeq: first - 1}
}

// Started reports whether a packet has been given out.
func (r *Rewriter) Started() bool { return r.started }

// LastSeq is the highest sequence number given out.
func (r *Rewriter) LastSeq() uint16 { return r.lastSeq }

// LastTimestamp is the timestamp of the newest packet given out.
func (r *Rewriter) LastTimestamp() uint32 { return r.lastTS }

// TimestampOffset is what is added to timestamps of the present source; sender
// reports to the subscriber add it too.
func (r *Rewriter) TimestampOffset() uint32 { return r.tsOff }

// Switch makes the source of in the present one and forwards in as its first
// packet. prev, when known, is in's timestamp expressed in the clock of the source
// played before (rtcp.Clock gives it from two sources' sender reports), which
// keeps pictures and lip-sync exact; otherwise the time between arrivals is used.
// The very first packet keeps its own timestamp.
func (r *Rewriter) Switch(in *In, prev uint32, known bool) Out {
	for i := range r.places {
		r.places[i].state = unknown
	}
	seq := r.lastSeq + 1
	if !r.started {
		r.started = true
		r.tsOff = 0
	} else {
		elapsed := uint32(max(in.Arrival-r.lastAt, 0) * time.Duration(r.rate) / time.Second)
		guess := r.lastTS + max(elapsed, 1)
		ts := prev + r.tsOff
		// Reports may be stale or wrong: they are believed within a second.
		if !known || uint32(ts-guess+r.rate) > 2*r.rate {
			ts = guess
		}
		if !rtp.NewerTimestamp(ts, r.lastTS) {
			ts = r.lastTS + 1
		}
		r.tsOff = ts - in.Timestamp
	}
	r.off = uint16(in.Ext) - seq
	r.high = in.Ext
	if f := in.Frame; f != nil {
		if r.hasPID {
			r.pidOff = f.PictureID - (r.lastPID + 1)
			r.tl0Off = f.TL0 - (r.lastTL0 + 1)
		}
		r.hasPID, r.inPID = true, f.PictureID
	}
	return r.give(in, seq, r.place(in.Ext, seq, sent))
}

// Forward maps a packet of the present source. It returns false for a packet that
// was sent before, belongs to a dropped one's place, or is too old to have a place.
func (r *Rewriter) Forward(in *In) (Out, bool) {
	if !r.started {
		return r.Switch(in, 0, false), true
	}
	if in.Ext > r.high {
		r.advance(in.Ext)
		seq := uint16(in.Ext) - r.off
		if f := in.Frame; f != nil && newerPicture(f, r.inPID) {
			r.inPID = f.PictureID
		}
		return r.give(in, seq, r.place(in.Ext, seq, sent)), true
	}
	p := &r.places[in.Ext&uint64(len(r.places)-1)]
	if p.state != reserved || p.in != uint16(in.Ext) {
		return Out{}, false
	}
	p.state = sent
	return r.give(in, p.out, p), true
}

// Drop takes a packet of the present source out of the subscriber's numbering. A
// frame must be dropped whole. Dropping a packet that came late leaves its place
// empty: the subscriber has counted it already.
func (r *Rewriter) Drop(in *In) {
	if !r.started {
		return
	}
	if in.Ext <= r.high {
		p := &r.places[in.Ext&uint64(len(r.places)-1)]
		if p.state == reserved && p.in == uint16(in.Ext) {
			p.state = dropped
		}
		return
	}
	r.advance(in.Ext)
	r.place(in.Ext, uint16(in.Ext)-r.off, dropped)
	r.off++
	if f := in.Frame; f != nil && f.PictureIDBits > 0 && newerPicture(f, r.inPID) {
		r.inPID = f.PictureID
		r.pidOff++
		if f.HasTL0 && f.Temporal == 0 {
			r.tl0Off++
		}
	}
}

// Pad takes the next number for a packet of padding, to be sent only between
// frames (after a packet whose marker was set). It returns false before the first
// packet.
func (r *Rewriter) Pad() (Out, bool) {
	if !r.started {
		return Out{}, false
	}
	r.lastSeq++
	r.off--
	return Out{Seq: r.lastSeq, Timestamp: r.lastTS}, true
}

// advance reserves numbers for the packets missing between high and ext.
func (r *Rewriter) advance(ext uint64) {
	from := r.high + 1
	if n := uint64(len(r.places)); ext-from > n {
		from = ext - n
	}
	for e := from; e < ext; e++ {
		r.place(e, uint16(e)-r.off, reserved)
	}
	r.high = ext
}

func (r *Rewriter) place(ext uint64, out uint16, state uint8) *place {
	p := &r.places[ext&uint64(len(r.places)-1)]
	*p = place{in: uint16(ext), out: out, pidOff: r.pidOff, tl0Off: r.tl0Off, state: state}
	return p
}

func (r *Rewriter) give(in *In, seq uint16, p *place) Out {
	out := Out{Seq: seq, Timestamp: in.Timestamp + r.tsOff}
	if f := in.Frame; f != nil {
		out.PictureID = (f.PictureID - p.pidOff) & 0x7fff
		if f.PictureIDBits == 7 {
			out.PictureID = r.widen(f.PictureID, p.pidOff)
		}
		out.TL0 = f.TL0 - p.tl0Off
	}
	if rtp.Newer(seq, r.lastSeq) {
		r.lastSeq, r.lastTS, r.lastAt = seq, out.Timestamp, in.Arrival
		r.lastPID, r.lastTL0 = out.PictureID, out.TL0
	}
	return out
}

// widen continues a source's 7-bit picture id in our 15 bits: of all numbers that
// agree with it modulo 128 it takes the one nearest to the last given out.
func (r *Rewriter) widen(id, off uint16) uint16 {
	low := (id - off) & 0x7f
	diff := (low - r.lastPID) & 0x7f
	if diff >= 64 { // older than the last
		return (r.lastPID - (128 - diff)) & 0x7fff
	}
	return (r.lastPID + diff) & 0x7fff
}

// newerPicture reports whether the picture of f comes after the one numbered id.
func newerPicture(f *codec.Frame, id uint16) bool {
	mask := uint16(1)<<f.PictureIDBits - 1
	diff := (f.PictureID - id) & mask
	return diff != 0 && diff <= mask/2
}
