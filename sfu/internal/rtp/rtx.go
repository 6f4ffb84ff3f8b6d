package rtp

import "encoding/binary"

// AppendRTX appends the payload of a retransmission (RFC 4588 §4) to dst, which
// holds the RTX header: the original sequence number, then the original payload.
func AppendRTX(dst []byte, originalSeq uint16, payload []byte) []byte {
	dst = append(dst, byte(originalSeq>>8), byte(originalSeq))
	return append(dst, payload...)
}

// UnwrapRTX turns retransmission b, already parsed into h, into the original
// packet and returns it; the result aliases b, begins two bytes later, and must
// be parsed anew. It returns false for a packet with no payload to unwrap, which
// is how a sender pads its RTX stream when probing.
func UnwrapRTX(b []byte, h *Header, ssrc uint32, payloadType uint8) ([]byte, bool) {
	if h.PayloadLen() < 2 {
		return nil, false
	}
	seq := binary.BigEndian.Uint16(b[h.PayloadOff:])
	copy(b[2:h.PayloadOff+2], b[:h.PayloadOff])
	b = b[2:]
	SetSeq(b, seq)
	SetSSRC(b, ssrc)
	SetPayloadType(b, payloadType)
	return b, true
}
