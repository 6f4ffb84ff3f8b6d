package twcc

import (
	"time"

	"consilium/sfu/internal/rtp"
)

// Class is the kind of an outgoing packet, as far as the estimator cares.
type Class uint8

// Classes of packets.
const (
	Media  Class = iota
	Audio        // reserved before all else
	Resend       // a retransmission
	Probe        // sent to find out what the link carries
)

// Result is what became of one packet.
type Result struct {
	// Sent is when it was sent, Received when it arrived by the subscriber's clock;
	// only differences of Received mean anything. Received is 0 when Lost.
	Sent     time.Duration
	Received time.Duration
	// Ext is the extended transport-wide number.
	Ext  uint64
	Size uint16 // bytes on the wire, as given to Next
	// Cluster is the probe cluster of a Probe, as given to Next.
	Cluster uint8
	Class   Class
	Lost    bool
}

const (
	inFlight uint8 = iota + 1
	reportedLost
	reportedReceived
)

type sent struct {
	at      time.Duration
	ext     uint64
	size    uint16
	cluster uint8
	class   Class
	state   uint8
}

// Sender numbers outgoing packets and remembers them until feedback comes.
type Sender struct {
	ring      []sent // by ext modulo its length
	next      uint64
	acked     uint64 // highest number reported received
	reference uint32 // the last one unwrapped
	refBase   time.Duration
	haveRef   bool
	lastCount uint8
	missed    uint64
	haveCount bool
}

// NewSender returns a Sender that remembers size packets, rounded up to a power of
// two: at least those sent in a round trip and two intervals of feedback.
func NewSender(size int) *Sender {
	n := 1
	for n < size {
		n <<= 1
	}
	return &Sender{ring: make([]sent, n), next: 1 << 16}
}

// Next returns the transport-wide number of a packet of size bytes that is sent
// now. Cluster names the probe cluster of a Probe, else 0.
func (s *Sender) Next(now time.Duration, size int, class Class, cluster uint8) uint16 {
	ext := s.next
	s.next++
	s.ring[ext&uint64(len(s.ring)-1)] = sent{at: now, ext: ext, size: uint16(min(size, 0xffff)), cluster: cluster, class: class, state: inFlight}
	return uint16(ext)
}

// Feedback reads feedback packet b and appends to dst a Result for each packet
// newly known to be received or lost, in order of sending. A packet once told lost
// may be told received later. Numbers never sent are ignored.
func (s *Sender) Feedback(b []byte, dst []Result) ([]Result, error) {
	var r Reader
	if err := r.Open(b); err != nil {
		return dst, err
	}
	if s.haveCount {
		s.missed += uint64(uint8(r.Feedback - s.lastCount - 1))
	}
	s.lastCount, s.haveCount = r.Feedback, true
	shift := s.unwrapReference(r.Reference)
	for {
		seq, received, at, ok := r.Next()
		if !ok {
			return dst, nil
		}
		ext := s.near(seq)
		rec := &s.ring[ext&uint64(len(s.ring)-1)]
		if rec.ext != ext || rec.state == 0 || rec.state == reportedReceived || !received && rec.state == reportedLost {
			continue
		}
		res := Result{Ext: ext, Sent: rec.at, Size: rec.size, Cluster: rec.cluster, Class: rec.class, Lost: !received}
		if received {
			res.Received = at + shift
			rec.state = reportedReceived
			s.acked = max(s.acked, ext)
		} else {
			rec.state = reportedLost
		}
		dst = append(dst, res)
	}
}

// InFlight is the number of bytes sent after the last packet reported received: a
// bound on what the link may hold. It looks at no more packets than the Sender
// remembers.
func (s *Sender) InFlight() int {
	total := 0
	from := max(s.acked+1, s.next-min(s.next, uint64(len(s.ring))))
	for ext := from; ext < s.next; ext++ {
		if rec := s.ring[ext&uint64(len(s.ring)-1)]; rec.ext == ext && rec.state == inFlight {
			total += int(rec.size)
		}
	}
	return total
}

// Missed counts the feedback packets that were lost themselves.
func (s *Sender) Missed() uint64 { return s.missed }

func (s *Sender) near(seq uint16) uint64 {
	last := s.next - 1
	if rtp.Newer(seq, uint16(last)) {
		return 0 // not sent yet
	}
	return last - uint64(uint16(last)-seq)
}

// unwrapReference follows the 24-bit reference over its wrap (every 12 days) and
// returns what to add to the times of a Reader.
func (s *Sender) unwrapReference(ref uint32) time.Duration {
	const cycle = 1 << 24
	if s.haveRef {
		switch diff := int32(ref) - int32(s.reference); {
		case diff < -cycle/2:
			s.refBase += cycle * referenceUnit
		case diff > cycle/2:
			s.refBase -= cycle * referenceUnit
		}
	}
	s.reference, s.haveRef = ref, true
	return s.refBase
}
