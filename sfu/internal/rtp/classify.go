package rtp

// Kind is the protocol of a datagram on a shared port.
type Kind uint8

// The protocols of RFC 7983 that arrive on a media port.
const (
	Unknown Kind = iota
	STUN
	DTLS
	RTP
	RTCP
)

// Classify tells the protocol of datagram b by its first two bytes (RFC 7983
// §7, RFC 5761 §4). It says nothing about the rest of the datagram.
func Classify(b []byte) Kind {
	if len(b) < 2 {
		return Unknown
	}
	switch c := b[0]; {
	case c <= 3:
		return STUN
	case c >= 20 && c <= 63:
		return DTLS
	case c >= 128 && c <= 191:
		if b[1] >= 192 && b[1] <= 223 {
			return RTCP
		}
		return RTP
	}
	return Unknown
}
