package nack

import "time"

// Sent is what a subscriber must remember of a packet to send it again.
type Sent struct {
	// Timestamp, Seq, PictureID and TL0 are what the packet went out with.
	Timestamp uint32
	Seq       uint16
	PictureID uint16
	TL0       uint8
	// Source tells which of the publisher's streams (simulcast layers) the packet
	// came from, and Original its sequence number there.
	Source   uint8
	Original uint16
}

const (
	// maxResends is how often one packet is sent again to one subscriber.
	maxResends = 5
	// minResendSpacing keeps a subscriber's repeated NACKs, which are often sent
	// within a millisecond, from doubling its load.
	minResendSpacing = 5 * time.Millisecond
)

type record struct {
	at      time.Duration // last sent
	sent    Sent
	resends uint8
	used    bool
}

// Responder remembers a subscriber's recent packets by their sequence number.
type Responder struct {
	ring []record
}

// NewResponder returns a Responder for size packets, rounded up to a power of two.
func NewResponder(size int) *Responder {
	n := 1
	for n < size {
		n <<= 1
	}
	return &Responder{ring: make([]record, n)}
}

// Sent notes that a packet was sent for the first time.
func (r *Responder) Sent(s Sent, now time.Duration) {
	r.ring[int(s.Seq)&(len(r.ring)-1)] = record{at: now, sent: s, used: true}
}

// Request answers a NACK for seq: the packet's record, and true when it is to be
// sent again now. It is false for a number never sent or forgotten, for one sent
// less than about a round trip ago (rtt, 0 when unknown), and for one sent again
// too often already. A true answer counts as a resend.
func (r *Responder) Request(seq uint16, now, rtt time.Duration) (Sent, bool) {
	rec := &r.ring[int(seq)&(len(r.ring)-1)]
	if !rec.used || rec.sent.Seq != seq || rec.resends >= maxResends {
		return Sent{}, false
	}
	// A request may have crossed with the copy sent last: until a round trip after
	// it the subscriber cannot have missed it. The first one cannot cross.
	if rec.resends > 0 && now-rec.at < max(rtt, minResendSpacing) {
		return Sent{}, false
	}
	rec.at = now
	rec.resends++
	return rec.sent, true
}

// Reset forgets all packets.
func (r *Responder) Reset() { clear(r.ring) }
