package codec

// parseAV1 reads the aggregation header of the AV1 RTP payload format §4.4 and
// the header of the first OBU. Layers are in that header only when the stream is
// scalable; the dependency descriptor extension tells more where it is present.
func parseAV1(p []byte, f *Frame) error {
	if len(p) < 2 {
		return ErrShort
	}
	agg := p[0]
	continued := agg&0x80 != 0 // Z: the first element continues an OBU
	count := agg >> 4 & 0x03   // W: number of elements, 0 when each has its length
	f.Key = agg&0x08 != 0      // N: a new coded video sequence begins
	f.Start = f.Key
	if continued {
		if f.Key {
			return ErrShort // §4.4 forbids N with Z
		}
		return nil
	}
	i := 1
	if count != 1 {
		_, n := leb128(p[i:])
		if n == 0 {
			return ErrShort
		}
		i += n
	}
	if len(p) <= i {
		return ErrShort
	}
	obu := p[i]
	if obu&0x04 != 0 { // extension
		if len(p) <= i+1 {
			return ErrShort
		}
		f.Temporal, f.Spatial = p[i+1]>>5, p[i+1]>>3&0x03
	}
	// A frame begins with a frame OBU (6), a frame header (3), or what may stand
	// before one: a temporal delimiter (2), a sequence header (1), metadata (5).
	switch obu >> 3 & 0x0f {
	case 1, 2, 3, 5, 6:
		f.Start = true
	}
	return nil
}

// leb128 reads a little-endian base-128 number of at most four bytes and returns
// it with its length, which is 0 when it does not end.
func leb128(p []byte) (value uint32, n int) {
	for i := 0; i < len(p) && i < 4; i++ {
		value |= uint32(p[i]&0x7f) << (7 * i)
		if p[i]&0x80 == 0 {
			return value, i + 1
		}
	}
	return 0, 0
}
