package codec

// parseVP8 reads the payload descriptor of RFC 7741 §4.2 and the payload header
// of §4.3.
func parseVP8(p []byte, f *Frame) error {
	if len(p) < 1 {
		return ErrShort
	}
	first := p[0]
	f.Discardable = first&0x20 != 0
	f.Start = first&0x10 != 0 && first&0x07 == 0 // S, of partition 0
	i := 1
	if first&0x80 != 0 { // X
		if len(p) < 2 {
			return ErrShort
		}
		x := p[1]
		i = 2
		if x&0x80 != 0 { // I
			if len(p) <= i {
				return ErrShort
			}
			f.PictureIDBits = 7
			f.PictureID = uint16(p[i] & 0x7f)
			if p[i]&0x80 != 0 {
				if len(p) <= i+1 {
					return ErrShort
				}
				f.PictureIDBits = 15
				f.PictureID = f.PictureID<<8 | uint16(p[i+1])
				i++
			}
			i++
		}
		if x&0x40 != 0 { // L
			if len(p) <= i {
				return ErrShort
			}
			f.HasTL0, f.TL0 = true, p[i]
			i++
		}
		if x&0x30 != 0 { // T or K
			if len(p) <= i {
				return ErrShort
			}
			if x&0x20 != 0 {
				f.Temporal, f.Sync = p[i]>>6, p[i]&0x20 != 0
			}
			i++
		}
	}
	if len(p) <= i {
		return ErrShort
	}
	if f.Start && p[i]&0x01 == 0 { // P of the payload header: 0 is a key frame
		f.Key = true
		// Frame tag of 3 bytes, start code 9d 01 2a, then two 14-bit sizes (RFC 6386 §9.1).
		if h := p[i:]; len(h) >= 10 && h[3] == 0x9d && h[4] == 0x01 && h[5] == 0x2a {
			f.Width = uint16(h[6]) | uint16(h[7]&0x3f)<<8
			f.Height = uint16(h[8]) | uint16(h[9]&0x3f)<<8
		}
	}
	return nil
}

// AppendVP8 appends payload p, which Parse read into f, to dst with picture id
// and TL0PICIDX replaced, and returns it. Fields the payload does not carry are
// not added. A picture id is always written with 15 bits, because a subscriber's
// own numbering outgrows 7 bits when it passes from one layer to another; the
// payload may therefore grow by one byte.
func AppendVP8(dst, p []byte, f *Frame, pictureID uint16, tl0 uint8) []byte {
	if f.PictureIDBits == 0 && !f.HasTL0 {
		return append(dst, p...)
	}
	dst = append(dst, p[0], p[1])
	i := 2
	if f.PictureIDBits > 0 {
		dst = append(dst, 0x80|byte(pictureID>>8), byte(pictureID))
		i++
		if f.PictureIDBits == 15 {
			i++
		}
	}
	if f.HasTL0 {
		dst = append(dst, tl0)
		i++
	}
	return append(dst, p[i:]...)
}
