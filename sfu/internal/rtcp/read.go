package rtcp

import (
	"encoding/binary"
	"errors"
)

// Packet types and feedback formats (RFC 3550 §12.1, RFC 4585 §6, RFC 5104 §4).
const (
	TypeSR        = 200
	TypeRR        = 201
	TypeSDES      = 202
	TypeBYE       = 203
	TypeTransport = 205 // feedback of the transport layer
	TypePayload   = 206 // feedback specific to the payload

	FormatNACK = 1  // of TypeTransport
	FormatTWCC = 15 // of TypeTransport
	FormatPLI  = 1  // of TypePayload
	FormatFIR  = 4  // of TypePayload
	FormatAFB  = 15 // of TypePayload: REMB
)

// ErrMalformed says that a compound packet's lengths don't add up. It carries no
// detail, because such packets are counted, never logged.
var ErrMalformed = errors.New("rtcp: malformed packet")

// Packet is one packet of a compound. Body aliases the compound.
type Packet struct {
	// Raw is the whole packet with its header, as twcc.Sender.Feedback wants it.
	Raw []byte
	// Body follows the four header bytes, without padding.
	Body []byte
	Type uint8
	// Count is the report or source count, or the feedback format.
	Count uint8
}

// Packets walks a compound packet. The zero value is over; start one with
// Packets{Rest: b}.
type Packets struct {
	// Rest is what has not been read.
	Rest []byte
	// Err is ErrMalformed when the walk ended before the end.
	Err error
}

// Next reads the next packet into p. Every packet it returns before an error was
// well formed on the outside.
func (w *Packets) Next(p *Packet) bool {
	b := w.Rest
	if len(b) == 0 {
		return false
	}
	w.Rest = nil
	if len(b) < 4 || b[0]>>6 != 2 {
		w.Err = ErrMalformed
		return false
	}
	n := 4 * (int(binary.BigEndian.Uint16(b[2:])) + 1)
	if n > len(b) {
		w.Err = ErrMalformed
		return false
	}
	end := n
	if b[0]&0x20 != 0 {
		pad := int(b[n-1])
		if pad == 0 || pad > n-4 {
			w.Err = ErrMalformed
			return false
		}
		end -= pad
	}
	*p = Packet{Raw: b[:n:n], Body: b[4:end:end], Type: b[1], Count: b[0] & 0x1f}
	w.Rest = b[n:]
	return true
}

// Sender is the SSRC of the packet's sender, 0 for a packet without one.
func (p *Packet) Sender() uint32 { return p.word(0) }

// Media is the SSRC a feedback packet is about.
func (p *Packet) Media() uint32 { return p.word(4) }

func (p *Packet) word(at int) uint32 {
	if len(p.Body) < at+4 {
		return 0
	}
	return binary.BigEndian.Uint32(p.Body[at:])
}

// SenderInfo is the part of a sender report about the sender.
type SenderInfo struct {
	NTP       NTP
	Timestamp uint32
	Packets   uint32
	Octets    uint32
}

// SenderInfo reads a sender report.
func (p *Packet) SenderInfo() (SenderInfo, bool) {
	if p.Type != TypeSR || len(p.Body) < 24 {
		return SenderInfo{}, false
	}
	return SenderInfo{
		NTP:       NTP(binary.BigEndian.Uint64(p.Body[4:])),
		Timestamp: p.word(12), Packets: p.word(16), Octets: p.word(20),
	}, true
}

// Report is one report block (RFC 3550 §6.4.1).
type Report struct {
	SSRC         uint32
	FractionLost uint8 // of 256
	TotalLost    int32 // 24 bits, signed
	HighestSeq   uint32
	Jitter       uint32 // in timestamp units
	LastSR       uint32 // middle 32 bits of the NTP time, 0 for none
	Delay        uint32 // since LastSR in 1/65536 s
}

// Reports appends the report blocks of a sender or receiver report to dst. A block
// the packet has no room for is left out.
func (p *Packet) Reports(dst []Report) []Report {
	at := 4
	switch p.Type {
	case TypeSR:
		at = 24
	case TypeRR:
	default:
		return dst
	}
	for range p.Count {
		if len(p.Body) < at+24 {
			break
		}
		lost := p.word(at + 4)
		dst = append(dst, Report{
			SSRC: p.word(at), FractionLost: uint8(lost >> 24), TotalLost: int32(lost<<8) >> 8,
			HighestSeq: p.word(at + 8), Jitter: p.word(at + 12), LastSR: p.word(at + 16), Delay: p.word(at + 20),
		})
		at += 24
	}
	return dst
}

// RoundTrip is the round trip that report r tells at its arrival now, or false
// when it answers no sender report or contradicts itself.
func (r *Report) RoundTrip(now NTP) (rtt NTP, ok bool) {
	if r.LastSR == 0 {
		return 0, false
	}
	diff := now.Middle() - r.LastSR - r.Delay
	if diff > 1<<31 {
		// Clock steps of a moment make the result slightly negative.
		if -diff < 1<<8 {
			return 0, true
		}
		return 0, false
	}
	return NTP(diff) << 16, true
}

// Nacks appends to dst the sequence numbers a NACK asks for, at most limit of
// them, so that one packet cannot ask for more than a cache holds.
func (p *Packet) Nacks(dst []uint16, limit int) []uint16 {
	if p.Type != TypeTransport || p.Count != FormatNACK {
		return dst
	}
	for at := 8; at+4 <= len(p.Body); at += 4 {
		seq, mask := binary.BigEndian.Uint16(p.Body[at:]), binary.BigEndian.Uint16(p.Body[at+2:])
		for i := 0; ; i++ {
			if limit == 0 {
				return dst
			}
			dst = append(dst, seq)
			limit--
			for mask&1 == 0 && mask != 0 {
				mask >>= 1
				seq++
			}
			if mask == 0 {
				break
			}
			mask >>= 1
			seq++
		}
	}
	return dst
}

// IsPLI reports whether p asks for a key frame of Media (RFC 4585 §6.3.1).
func (p *Packet) IsPLI() bool {
	return p.Type == TypePayload && p.Count == FormatPLI && len(p.Body) >= 8
}

// FIR is one entry of a full intra request (RFC 5104 §4.3.1).
type FIR struct {
	SSRC uint32
	Seq  uint8
}

// FIRs appends the entries of a full intra request to dst.
func (p *Packet) FIRs(dst []FIR) []FIR {
	if p.Type != TypePayload || p.Count != FormatFIR {
		return dst
	}
	for at := 8; at+8 <= len(p.Body); at += 8 {
		dst = append(dst, FIR{p.word(at), p.Body[at+4]})
	}
	return dst
}

// REMB reads a receiver's estimate in bits a second, which old clients send where
// TWCC was not negotiated (draft-alvestrand-rmcat-remb §2.2).
func (p *Packet) REMB() (bitsPerSecond uint64, ok bool) {
	b := p.Body
	if p.Type != TypePayload || p.Count != FormatAFB || len(b) < 16 || string(b[8:12]) != "REMB" {
		return 0, false
	}
	exponent, mantissa := b[13]>>2, uint64(b[13]&0x03)<<16|uint64(b[14])<<8|uint64(b[15])
	if exponent > 45 { // more than 63 bits
		return 0, false
	}
	return mantissa << exponent, true
}

// ByeSources appends the sources a BYE ends to dst.
func (p *Packet) ByeSources(dst []uint32) []uint32 {
	if p.Type != TypeBYE {
		return dst
	}
	for i := 0; i < int(p.Count) && 4*i+4 <= len(p.Body); i++ {
		dst = append(dst, p.word(4*i))
	}
	return dst
}
