package codec

// REDBlock is one block of a redundant audio payload (RFC 2198). Data aliases
// the payload.
type REDBlock struct {
	Data []byte
	// Offset is how far the block's timestamp lies before the packet's; 0 for the
	// primary block.
	Offset      uint32
	PayloadType uint8
}

// MaxRED is the number of blocks ParseRED reads: Chromium sends two, three help
// against bursts, more do not fit a packet.
const MaxRED = 8

// ParseRED splits redundant payload p into blocks, the primary last, and returns
// how many there are. It returns ErrShort when the block headers don't agree with
// the payload's length or are too many.
func ParseRED(p []byte, blocks *[MaxRED]REDBlock) (int, error) {
	n, total := 0, 0
	var length [MaxRED]int
	for {
		if len(p) < 1 || n == MaxRED {
			return 0, ErrShort
		}
		if p[0]&0x80 == 0 { // the primary's header is one byte
			blocks[n] = REDBlock{PayloadType: p[0] & 0x7f}
			p = p[1:]
			break
		}
		if len(p) < 4 {
			return 0, ErrShort
		}
		blocks[n] = REDBlock{PayloadType: p[0] & 0x7f, Offset: uint32(p[1])<<6 | uint32(p[2]>>2)}
		length[n] = int(p[2]&0x03)<<8 | int(p[3])
		total += length[n]
		p = p[4:]
		n++
	}
	if total > len(p) {
		return 0, ErrShort
	}
	for i := range n {
		blocks[i].Data = p[:length[i]]
		p = p[length[i]:]
	}
	blocks[n].Data = p
	return n + 1, nil
}

// AppendRED appends blocks, the primary last, as one redundant payload to dst.
// A redundant block is left out when it is empty, longer than 1023 bytes or
// further back than the 14-bit offset reaches.
func AppendRED(dst []byte, blocks []REDBlock) []byte {
	if len(blocks) == 0 {
		return dst
	}
	last := len(blocks) - 1
	for _, b := range blocks[:last] {
		if fitsRED(b) {
			dst = append(dst, 0x80|b.PayloadType, byte(b.Offset>>6), byte(b.Offset<<2)|byte(len(b.Data)>>8), byte(len(b.Data)))
		}
	}
	dst = append(dst, blocks[last].PayloadType&0x7f)
	for _, b := range blocks[:last] {
		if fitsRED(b) {
			dst = append(dst, b.Data...)
		}
	}
	return append(dst, blocks[last].Data...)
}

func fitsRED(b REDBlock) bool {
	return len(b.Data) > 0 && len(b.Data) < 1<<10 && b.Offset > 0 && b.Offset < 1<<14
}
