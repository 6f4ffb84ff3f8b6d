package rtcp

import (
	"time"

	"consilium/sfu/internal/rtp"
)

// Reception counts a received stream for report blocks (RFC 3550 §6.4.1, appendix
// A.3 and A.8). The zero value is ready.
type Reception struct {
	seq      rtp.Unwrapper
	first    uint64
	received uint64
	jitter   uint32 // timestamp units, scaled by 16
	transit  uint32
	started  bool

	lastExpected uint64 // at the last report
	lastReceived uint64
}

// Receive notes a packet of a stream of rate ticks a second. A retransmission must
// not be noted, so that losses are told though they are repaired; duplicates are
// the caller's to leave out.
func (r *Reception) Receive(seq uint16, timestamp, rate uint32, now time.Duration) {
	ext := r.seq.Unwrap(seq)
	arrival := uint32(uint64(now/time.Microsecond) * uint64(rate) / 1e6)
	transit := arrival - timestamp
	if !r.started {
		r.started, r.first, r.transit = true, ext, transit
	} else {
		d := int32(transit - r.transit)
		r.transit = transit
		if d < 0 {
			d = -d
		}
		// A jump of ten seconds is a new timeline, not jitter.
		if uint32(d) < 10*rate {
			r.jitter += uint32(d) - (r.jitter+8)>>4
		}
	}
	r.first = min(r.first, ext)
	r.received++
}

// Received is the number of packets noted.
func (r *Reception) Received() uint64 { return r.received }

// Lost is the number of packets missing between the first and the highest noted.
func (r *Reception) Lost() uint64 {
	expected := r.expected()
	return expected - min(r.received, expected)
}

// Jitter is the interarrival jitter in timestamp units.
func (r *Reception) Jitter() uint32 { return r.jitter >> 4 }

// Report makes the block for the next report. The fraction is of the packets
// expected since the last call.
func (r *Reception) Report(ssrc uint32, clock *Clock, now time.Duration) (Report, bool) {
	if !r.started {
		return Report{}, false
	}
	expected := r.expected()
	total := int64(expected) - int64(r.received)
	since, got := expected-r.lastExpected, r.received-r.lastReceived
	r.lastExpected, r.lastReceived = expected, r.received
	fraction := uint64(0)
	if since > got {
		fraction = min((since-got)<<8/since, 255)
	}
	out := Report{
		SSRC: ssrc, FractionLost: uint8(fraction), TotalLost: int32(max(min(total, 1<<23-1), -(1 << 23))),
		HighestSeq: uint32(r.seq.Highest() - 1<<16), Jitter: r.Jitter(),
	}
	if clock != nil {
		out.LastSR, out.Delay = clock.LastSR(now)
	}
	return out, true
}

func (r *Reception) expected() uint64 {
	if !r.started {
		return 0
	}
	return r.seq.Highest() - r.first + 1
}
