package loadtest

import (
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
)

const (
	feedbackEvery = 100 * time.Millisecond
	reportEvery   = time.Second
	nackAfter     = 10 * time.Millisecond
	nackSpacing   = 60 * time.Millisecond
	maxMissing    = 256
	maxNackTries  = 8
)

// incoming is one stream as a participant receives it.
type incoming struct {
	first, high  uint64 // extended sequence numbers
	received     uint64 // each number once
	base, baseRx uint64 // high and received when the measurement began
	missing      map[uint16]*wanted
	lastSR       uint32
	lastSRAt     time.Duration
	reportHigh   uint64
	reportRx     uint64
}

type wanted struct {
	asked time.Duration
	since time.Duration
	tries int
}

// receiver takes what the server sends to one participant.
type receiver struct {
	clock    clock
	loss     float64
	rng      *rand.Rand
	feedback *twcc.Recorder
	repairs  map[uint32]uint32
	ssrc     uint32

	line int64 // bits a second, 0 for no limit

	// Owned by the link's reader.
	free       time.Duration // when the line is free again
	header     rtp.Header
	feedbackAt time.Duration
	reportAt   time.Duration

	mu      sync.Mutex // guards what follows
	streams map[uint32]*incoming
	first   time.Duration // arrival of the first packet, 0 before it
	latency histogram
	packets uint64 // media packets, repaired ones included
	bytes   uint64
	rtx     uint64 // retransmissions that filled a gap
	other   uint64 // padding and useless retransmissions
}

// lineQueue is how long a limited line lets packets wait before it drops them.
const lineQueue = 300 * time.Millisecond

// limited passes a packet of n bytes over the participant's line and returns when it
// comes out, or false when the line's queue is full. The moment is only reckoned with:
// nothing waits for it.
func (r *receiver) limited(n int, now time.Duration) (time.Duration, bool) {
	if r.line == 0 {
		return now, true
	}
	r.free = max(r.free, now)
	if r.free-now > lineQueue {
		return 0, false
	}
	r.free += time.Duration(int64(n) * 8 * int64(time.Second) / r.line)
	return r.free, true
}

// take counts an opened packet.
func (r *receiver) take(b []byte, h *rtp.Header, now time.Duration) {
	n := len(b)
	if h.Padding && n > 0 {
		n -= int(b[n-1])
	}
	head := h.MarshalSize()
	r.mu.Lock()
	defer r.mu.Unlock()
	if n <= head {
		r.other++
		return
	}
	payload := b[head:n]
	ssrc, seq, repaired := h.SSRC, h.SequenceNumber, false
	if h.PayloadType == ptRTX {
		media, ok := r.repairs[ssrc]
		if !ok || len(payload) < 2 {
			r.other++
			return
		}
		ssrc, seq, repaired = media, binary.BigEndian.Uint16(payload), true
	}
	s := r.streams[ssrc]
	if s == nil {
		if repaired {
			r.other++
			return
		}
		s = &incoming{first: 1<<16 + uint64(seq), missing: map[uint16]*wanted{}}
		s.high = s.first - 1
		s.base = s.high
		r.streams[ssrc] = s
	}
	if r.first == 0 {
		r.first = now
	}
	if !s.arrived(seq, now) {
		r.other++
		return
	}
	if repaired {
		r.rtx++
	}
	r.packets++
	r.bytes += uint64(len(b))
	if at, ok := stamped(payload); ok && !repaired {
		r.latency.add(now - at)
	}
}

// arrived notes a number and reports whether it is new.
func (s *incoming) arrived(seq uint16, now time.Duration) bool {
	ext := uint64(int64(s.high) + int64(int16(seq-uint16(s.high))))
	switch {
	case ext > s.high:
		if ext-s.high <= maxMissing {
			for e := s.high + 1; e < ext && len(s.missing) < maxMissing; e++ {
				s.missing[uint16(e)] = &wanted{since: now}
			}
		}
		s.high = ext
	case s.missing[seq] != nil:
		delete(s.missing, seq)
	default:
		return false
	}
	s.received++
	return true
}

// due returns what to ask for again.
func (s *incoming) due(now time.Duration) []uint16 {
	var list []uint16
	for seq, w := range s.missing {
		switch {
		case w.tries >= maxNackTries || now-w.since > time.Second:
			delete(s.missing, seq)
		case w.tries == 0 && now-w.since < nackAfter || w.tries > 0 && now-w.asked < nackSpacing:
		default:
			w.tries++
			w.asked = now
			list = append(list, seq)
		}
	}
	return list
}

// reply makes the RTCP that is due: feedback, requests, reports.
func (r *receiver) reply(now time.Duration) []rtcp.Packet {
	var out []rtcp.Packet
	if now-r.feedbackAt >= feedbackEvery {
		r.feedbackAt = now
		out = append(out, r.feedback.BuildFeedbackPacket()...)
	}
	report := now-r.reportAt >= reportEvery
	r.mu.Lock()
	defer r.mu.Unlock()
	var rr *rtcp.ReceiverReport
	if report {
		r.reportAt = now
		rr = &rtcp.ReceiverReport{SSRC: r.ssrc}
		out = append(out, rr)
	}
	for ssrc, s := range r.streams {
		if len(s.missing) > 0 {
			if list := s.due(now); len(list) > 0 {
				out = append(out, &rtcp.TransportLayerNack{SenderSSRC: r.ssrc, MediaSSRC: ssrc, Nacks: rtcp.NackPairsFromSequenceNumbers(list)})
			}
		}
		if report && len(rr.Reports) < 31 {
			rr.Reports = append(rr.Reports, s.report(ssrc, now))
		}
	}
	return out
}

func (s *incoming) report(ssrc uint32, now time.Duration) rtcp.ReceptionReport {
	expected, got := s.high-s.reportHigh, s.received-s.reportRx
	if s.reportHigh == 0 {
		expected = s.high - s.first + 1
	}
	s.reportHigh, s.reportRx = s.high, s.received
	out := rtcp.ReceptionReport{SSRC: ssrc, LastSequenceNumber: uint32(s.high - 1<<16), LastSenderReport: s.lastSR}
	if expected > got {
		out.FractionLost = uint8(min((expected-got)*256/expected, 255))
	}
	if total := s.high - s.first + 1; total > s.received {
		out.TotalLost = uint32(min(total-s.received, 1<<23-1))
	}
	if s.lastSR != 0 {
		out.Delay = uint32((now - s.lastSRAt) * 65536 / time.Second)
	}
	return out
}

// senderReport notes the server's clock for round trips.
func (r *receiver) senderReport(ssrc uint32, ntp uint64, now time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.streams[ssrc]; s != nil {
		s.lastSR, s.lastSRAt = uint32(ntp>>16), now
	}
}

// begin starts the measurement.
func (r *receiver) begin() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.latency = histogram{}
	r.packets, r.bytes, r.rtx, r.other = 0, 0, 0, 0
	for _, s := range r.streams {
		s.base, s.baseRx = s.high, s.received
	}
}

// received is what participants got during a measurement.
type received struct {
	packets, bytes, rtx, other uint64
	expected, lost             uint64
	streams                    int
}

// end adds the measurement's numbers to out and its latencies to h.
func (r *receiver) end(out *received, h *histogram) {
	r.mu.Lock()
	defer r.mu.Unlock()
	out.packets += r.packets
	out.bytes += r.bytes
	out.rtx += r.rtx
	out.other += r.other
	for _, s := range r.streams {
		expected, got := s.high-s.base, s.received-s.baseRx
		out.expected += expected
		if expected > got {
			out.lost += expected - got
		}
		if got > 0 {
			out.streams++
		}
	}
	h.merge(&r.latency)
}

// firstAt is when the first packet arrived, false before it.
func (r *receiver) firstAt() (time.Duration, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.first, r.first > 0
}
