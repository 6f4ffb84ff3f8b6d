package codec

// NAL unit types of RFC 6184 §5.2 and ITU-T H.264 table 7-1.
const (
	nalSlice = 1
	nalIDR   = 5
	nalSEI   = 6
	nalSPS   = 7
	nalPPS   = 8
	nalAUD   = 9
	nalSTAPA = 24
	nalSTAPB = 25
	nalMTAP  = 26
	nalFUA   = 28
	nalFUB   = 29
)

// parseH264 looks at the NAL units of one packet. Senders put SPS and PPS before
// each IDR picture with the same timestamp, in one aggregate or in packets of
// their own; the first of them begins the key frame.
func parseH264(p []byte, f *Frame) error {
	if len(p) < 2 {
		return ErrShort
	}
	switch t := p[0] & 0x1f; t {
	case nalSTAPA:
		return parseSTAP(p[1:], f)
	case nalSTAPB, nalMTAP, nalMTAP + 1, nalFUB: // interleaved mode: no WebRTC sender has it
		f.Start = true
	case nalFUA:
		if len(p) < 3 {
			return ErrShort
		}
		f.Discardable = p[0]&0x60 == 0
		if p[1]&0x80 != 0 { // S: the unit's first fragment
			unitH264(p[1]&0x1f, p[2:], f)
		}
	default:
		f.Discardable = p[0]&0x60 == 0 && t == nalSlice
		unitH264(t, p[1:], f)
	}
	return nil
}

// parseSTAP reads the units of a single-time aggregation packet (RFC 6184 §5.7.1).
func parseSTAP(p []byte, f *Frame) error {
	if len(p) < 3 {
		return ErrShort
	}
	for len(p) >= 3 {
		n := int(p[0])<<8 | int(p[1])
		if n == 0 || n > len(p)-2 {
			return ErrShort
		}
		unitH264(p[2]&0x1f, p[3:2+n], f)
		p = p[2+n:]
	}
	return nil
}

// unitH264 takes note of one NAL unit that begins in the packet; body follows its
// one-byte header.
func unitH264(kind uint8, body []byte, f *Frame) {
	switch kind {
	case nalSPS:
		f.Start, f.Key = true, true
	case nalPPS, nalSEI, nalAUD:
		f.Start = true
	case nalSlice, nalIDR:
		// first_mb_in_slice is ue(v); its value 0, the picture's first slice, is
		// a single set bit.
		if len(body) > 0 && body[0]&0x80 != 0 {
			f.Start = true
			f.Key = f.Key || kind == nalIDR
		}
	}
}
