package rtp

import (
	"encoding/binary"
	"errors"
)

// FixedSize is the length in bytes of the header without CSRCs and extensions.
const FixedSize = 12

// Errors of Header.Parse. They carry no detail, because a packet from the
// network that is not RTP is counted, never logged.
var (
	ErrShort     = errors.New("rtp: packet ends inside its header")
	ErrVersion   = errors.New("rtp: version is not 2")
	ErrPadding   = errors.New("rtp: padding is longer than the payload")
	ErrExtension = errors.New("rtp: header extension is malformed")
)

// Profiles of the header extension (RFC 8285 §4.2, §4.3).
const (
	profileOneByte = 0xBEDE
	profileTwoByte = 0x1000 // the low four bits are application bits
)

// Header is what was read from one RTP packet. The offsets count bytes from the
// packet's start and stay valid for any copy of the same bytes.
type Header struct {
	SSRC        uint32
	Timestamp   uint32
	Seq         uint16
	ExtProfile  uint16 // meaningful when ExtLen > 0
	ExtOff      uint16 // first byte of the extension elements
	ExtLen      uint16 // length of all elements, 0 without extension
	PayloadOff  uint16
	PayloadEnd  uint16 // the padding begins here
	PayloadType uint8
	CSRCs       uint8
	PaddingLen  uint8
	Marker      bool
}

// Parse reads the header of packet b. On an error h is undefined.
func (h *Header) Parse(b []byte) error {
	if len(b) < FixedSize || len(b) > 0xffff {
		return ErrShort
	}
	if b[0]>>6 != 2 {
		return ErrVersion
	}
	h.CSRCs = b[0] & 0x0f
	h.Marker = b[1]&0x80 != 0
	h.PayloadType = b[1] & 0x7f
	h.Seq = binary.BigEndian.Uint16(b[2:])
	h.Timestamp = binary.BigEndian.Uint32(b[4:])
	h.SSRC = binary.BigEndian.Uint32(b[8:])
	off := FixedSize + 4*int(h.CSRCs)
	h.ExtOff, h.ExtLen, h.ExtProfile = 0, 0, 0
	if b[0]&0x10 != 0 {
		if len(b) < off+4 {
			return ErrShort
		}
		h.ExtProfile = binary.BigEndian.Uint16(b[off:])
		n := 4 * int(binary.BigEndian.Uint16(b[off+2:]))
		off += 4
		if len(b) < off+n {
			return ErrExtension
		}
		h.ExtOff, h.ExtLen = uint16(off), uint16(n)
		off += n
	}
	if len(b) < off {
		return ErrShort
	}
	end := len(b)
	h.PaddingLen = 0
	if b[0]&0x20 != 0 {
		h.PaddingLen = b[len(b)-1]
		if h.PaddingLen == 0 || off+int(h.PaddingLen) > len(b) {
			return ErrPadding
		}
		end -= int(h.PaddingLen)
	}
	h.PayloadOff, h.PayloadEnd = uint16(off), uint16(end)
	return nil
}

// Payload returns the payload of b without padding. It aliases b.
func (h *Header) Payload(b []byte) []byte { return b[h.PayloadOff:h.PayloadEnd] }

// PayloadLen is the length in bytes of the payload without padding; 0 marks a
// packet that only pads.
func (h *Header) PayloadLen() int { return int(h.PayloadEnd) - int(h.PayloadOff) }

// Seq reads the sequence number straight from packet b of at least FixedSize bytes.
func Seq(b []byte) uint16 { return binary.BigEndian.Uint16(b[2:]) }

// SSRC reads the synchronisation source straight from packet b of at least FixedSize bytes.
func SSRC(b []byte) uint32 { return binary.BigEndian.Uint32(b[8:]) }

// SetSeq rewrites the sequence number of packet b.
func SetSeq(b []byte, seq uint16) { binary.BigEndian.PutUint16(b[2:], seq) }

// SetTimestamp rewrites the timestamp of packet b.
func SetTimestamp(b []byte, ts uint32) { binary.BigEndian.PutUint32(b[4:], ts) }

// SetSSRC rewrites the synchronisation source of packet b.
func SetSSRC(b []byte, ssrc uint32) { binary.BigEndian.PutUint32(b[8:], ssrc) }

// SetPayloadType rewrites the payload type of packet b and keeps its marker.
func SetPayloadType(b []byte, pt uint8) { b[1] = b[1]&0x80 | pt&0x7f }

// SetMarker rewrites the marker bit of packet b.
func SetMarker(b []byte, on bool) {
	b[1] &= 0x7f
	if on {
		b[1] |= 0x80
	}
}

// Fixed holds the fields of a header to be written by AppendHeader.
type Fixed struct {
	SSRC        uint32
	Timestamp   uint32
	Seq         uint16
	PayloadType uint8
	Marker      bool
}

// AppendHeader appends a header with the given fields, no CSRCs, and the
// extension elements of ext (which may be nil) to dst and returns it. It
// allocates only when dst has too little capacity.
func AppendHeader(dst []byte, f Fixed, ext *Extensions) []byte {
	first, second := byte(0x80), f.PayloadType&0x7f
	if f.Marker {
		second |= 0x80
	}
	if ext != nil && ext.n > 0 {
		first |= 0x10
	}
	dst = append(dst, first, second, byte(f.Seq>>8), byte(f.Seq),
		byte(f.Timestamp>>24), byte(f.Timestamp>>16), byte(f.Timestamp>>8), byte(f.Timestamp),
		byte(f.SSRC>>24), byte(f.SSRC>>16), byte(f.SSRC>>8), byte(f.SSRC))
	if first&0x10 != 0 {
		dst = ext.append(dst)
	}
	return dst
}

// Pad grows packet b by n bytes of padding (RFC 3550 §5.1), n from 1 to 255, and
// returns it. A packet that has padding already is returned unchanged.
func Pad(b []byte, n int) []byte {
	if n < 1 || n > 255 || b[0]&0x20 != 0 {
		return b
	}
	b[0] |= 0x20
	for range n - 1 {
		b = append(b, 0)
	}
	return append(b, byte(n))
}
