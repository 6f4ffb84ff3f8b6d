package twcc

import (
	"encoding/binary"
	"errors"
	"time"
)

// ErrMalformed says that a feedback packet contradicts itself.
var ErrMalformed = errors.New("twcc: malformed feedback")

// Reader walks the packet statuses of one feedback packet without copying it.
type Reader struct {
	Base      uint16 // number of the first packet
	Count     uint16 // how many packets the feedback covers
	Reference uint32 // 24 bits, in units of 64 ms of the receiver's clock
	Feedback  uint8  // running number of feedback packets

	chunks []byte
	deltas []byte
	left   int // statuses still to come

	chunk     uint16
	inChunk   int // statuses left in chunk
	at        time.Duration
	next      uint16
	twoBits   bool
	runLength bool
}

// Open checks feedback packet b, an RTCP packet of type 205 and format 15 with its
// header, and prepares r to walk it.
func (r *Reader) Open(b []byte) error {
	if len(b) < headerSize || b[0]>>6 != 2 || b[0]&0x1f != 15 || b[1] != 205 {
		return ErrMalformed
	}
	n := 4 * (int(binary.BigEndian.Uint16(b[2:])) + 1)
	if n < headerSize || n > len(b) {
		return ErrMalformed
	}
	b = b[:n]
	if b[0]&0x20 != 0 {
		pad := int(b[n-1])
		if pad == 0 || pad > n-headerSize {
			return ErrMalformed
		}
		b = b[:n-pad]
	}
	*r = Reader{
		Base:      binary.BigEndian.Uint16(b[12:]),
		Count:     binary.BigEndian.Uint16(b[14:]),
		Reference: uint32(b[16])<<16 | uint32(b[17])<<8 | uint32(b[18]),
		Feedback:  b[19],
	}
	// A first walk over the chunks finds where the deltas begin and that there are
	// as many as the chunks say.
	body := b[headerSize:]
	r.start(body, nil)
	bytes := 0
	for {
		symbol, ok := r.symbol()
		if !ok {
			break
		}
		switch symbol {
		case smallDelta:
			bytes++
		case largeDelta:
			bytes += 2
		case 3:
			return ErrMalformed
		}
	}
	if r.left > 0 || bytes > len(r.chunks) {
		return ErrMalformed
	}
	r.start(body, r.chunks[:bytes])
	return nil
}

// Next returns the next packet's number, whether it was received, and when by the
// receiver's clock (counted from Reference 0).
func (r *Reader) Next() (seq uint16, received bool, at time.Duration, ok bool) {
	symbol, ok := r.symbol()
	if !ok {
		return 0, false, 0, false
	}
	seq = r.next
	r.next++
	switch symbol {
	case smallDelta:
		r.at += time.Duration(r.deltas[0]) * deltaUnit
		r.deltas = r.deltas[1:]
	case largeDelta:
		r.at += time.Duration(int16(binary.BigEndian.Uint16(r.deltas))) * deltaUnit
		r.deltas = r.deltas[2:]
	default:
		return seq, false, 0, true
	}
	return seq, true, r.at, true
}

func (r *Reader) start(chunks, deltas []byte) {
	r.chunks, r.deltas = chunks, deltas
	r.left, r.inChunk, r.next = int(r.Count), 0, r.Base
	r.at = time.Duration(r.Reference) * referenceUnit
}

func (r *Reader) symbol() (uint8, bool) {
	if r.left == 0 {
		return 0, false
	}
	if r.inChunk == 0 {
		if len(r.chunks) < 2 {
			return 0, false
		}
		r.chunk = binary.BigEndian.Uint16(r.chunks)
		r.chunks = r.chunks[2:]
		r.runLength, r.twoBits = r.chunk&0x8000 == 0, r.chunk&0x4000 != 0
		switch {
		case r.runLength:
			if r.inChunk = int(r.chunk & 0x1fff); r.inChunk == 0 {
				return 0, false
			}
		case r.twoBits:
			r.inChunk = 7
		default:
			r.inChunk = 14
		}
	}
	r.inChunk--
	r.left--
	switch {
	case r.runLength:
		return uint8(r.chunk >> 13 & 0x03), true
	case r.twoBits:
		return uint8(r.chunk >> (2 * r.inChunk) & 0x03), true
	default:
		return uint8(r.chunk >> r.inChunk & 0x01), true
	}
}
