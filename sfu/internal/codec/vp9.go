package codec

// parseVP9 reads the payload descriptor of RFC 9628 §4.2.
func parseVP9(p []byte, f *Frame) error {
	if len(p) < 1 {
		return ErrShort
	}
	first := p[0]
	f.Inter = first&0x40 != 0
	f.Start = first&0x08 != 0
	f.End = first&0x04 != 0
	flexible := first&0x10 != 0
	i := 1
	if first&0x80 != 0 { // I
		if len(p) <= i {
			return ErrShort
		}
		f.PictureIDBits, f.PictureID = 7, uint16(p[i]&0x7f)
		if p[i]&0x80 != 0 {
			if len(p) <= i+1 {
				return ErrShort
			}
			f.PictureIDBits, f.PictureID = 15, f.PictureID<<8|uint16(p[i+1])
			i++
		}
		i++
	}
	if first&0x20 != 0 { // L
		if len(p) <= i {
			return ErrShort
		}
		f.Temporal, f.Sync = p[i]>>5, p[i]&0x10 != 0
		f.Spatial, f.LayerInter = p[i]>>1&0x07, p[i]&0x01 != 0
		i++
		if !flexible {
			if len(p) <= i {
				return ErrShort
			}
			f.HasTL0, f.TL0 = true, p[i]
			i++
		}
	}
	if flexible && f.Inter {
		for n := 0; ; n++ { // up to three reference indices, N says another follows
			if len(p) <= i || n == 3 {
				return ErrShort
			}
			i++
			if p[i-1]&0x01 == 0 {
				break
			}
		}
	}
	if first&0x02 != 0 { // V
		n, err := structureVP9(p[i:], f)
		if err != nil {
			return err
		}
		i += n
	}
	if len(p) <= i {
		return ErrShort
	}
	f.Key = f.Start && !f.Inter && f.Spatial == 0 && !f.LayerInter
	return nil
}

// structureVP9 reads a scalability structure and returns its length.
func structureVP9(p []byte, f *Frame) (int, error) {
	if len(p) < 1 {
		return 0, ErrShort
	}
	f.SpatialCount = p[0]>>5 + 1
	sizes, group := p[0]&0x10 != 0, p[0]&0x08 != 0
	i := 1
	if sizes {
		n := 4 * int(f.SpatialCount)
		if len(p) < i+n {
			return 0, ErrShort
		}
		i += n
		f.Width = uint16(p[i-4])<<8 | uint16(p[i-3])
		f.Height = uint16(p[i-2])<<8 | uint16(p[i-1])
	}
	if group {
		if len(p) <= i {
			return 0, ErrShort
		}
		n := int(p[i])
		i++
		for range n {
			if len(p) <= i {
				return 0, ErrShort
			}
			f.TemporalCount = max(f.TemporalCount, p[i]>>5+1)
			i += 1 + int(p[i]>>2&0x03)
		}
	}
	if len(p) < i {
		return 0, ErrShort
	}
	return i, nil
}
