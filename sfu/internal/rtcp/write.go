package rtcp

import "encoding/binary"

// MaxReports is how many report blocks one report carries (five bits of count).
const MaxReports = 31

// AppendSR appends a sender report with at most MaxReports blocks to dst.
func AppendSR(dst []byte, ssrc uint32, info SenderInfo, reports []Report) []byte {
	reports = reports[:min(len(reports), MaxReports)]
	dst = appendHeader(dst, TypeSR, uint8(len(reports)), 24+24*len(reports))
	dst = binary.BigEndian.AppendUint32(dst, ssrc)
	dst = binary.BigEndian.AppendUint64(dst, uint64(info.NTP))
	dst = binary.BigEndian.AppendUint32(dst, info.Timestamp)
	dst = binary.BigEndian.AppendUint32(dst, info.Packets)
	dst = binary.BigEndian.AppendUint32(dst, info.Octets)
	return appendReports(dst, reports)
}

// AppendRR appends a receiver report with at most MaxReports blocks to dst.
func AppendRR(dst []byte, ssrc uint32, reports []Report) []byte {
	reports = reports[:min(len(reports), MaxReports)]
	dst = appendHeader(dst, TypeRR, uint8(len(reports)), 4+24*len(reports))
	dst = binary.BigEndian.AppendUint32(dst, ssrc)
	return appendReports(dst, reports)
}

func appendReports(dst []byte, reports []Report) []byte {
	for i := range reports {
		r := &reports[i]
		dst = binary.BigEndian.AppendUint32(dst, r.SSRC)
		dst = binary.BigEndian.AppendUint32(dst, uint32(r.FractionLost)<<24|uint32(r.TotalLost)&0xffffff)
		dst = binary.BigEndian.AppendUint32(dst, r.HighestSeq)
		dst = binary.BigEndian.AppendUint32(dst, r.Jitter)
		dst = binary.BigEndian.AppendUint32(dst, r.LastSR)
		dst = binary.BigEndian.AppendUint32(dst, r.Delay)
	}
	return dst
}

// AppendSDES appends a source description with one canonical name, cut to 255
// bytes, to dst.
func AppendSDES(dst []byte, ssrc uint32, cname string) []byte {
	cname = cname[:min(len(cname), 255)]
	item := 2 + len(cname)
	pad := 4 - item%4 // at least one zero ends the list of items
	dst = appendHeader(dst, TypeSDES, 1, 4+item+pad)
	dst = binary.BigEndian.AppendUint32(dst, ssrc)
	dst = append(dst, 1, byte(len(cname)))
	dst = append(dst, cname...)
	return append(dst, make([]byte, 4)[:pad]...)
}

// AppendBYE appends a BYE of one source to dst.
func AppendBYE(dst []byte, ssrc uint32) []byte {
	dst = appendHeader(dst, TypeBYE, 1, 4)
	return binary.BigEndian.AppendUint32(dst, ssrc)
}

// AppendPLI appends a request for a key frame of media to dst.
func AppendPLI(dst []byte, sender, media uint32) []byte {
	return appendFeedback(dst, TypePayload, FormatPLI, sender, media, 0)
}

// AppendFIR appends a full intra request for media to dst; seq grows by one with
// each new request and stays the same when one is repeated.
func AppendFIR(dst []byte, sender, media uint32, seq uint8) []byte {
	dst = appendFeedback(dst, TypePayload, FormatFIR, sender, 0, 8)
	dst = binary.BigEndian.AppendUint32(dst, media)
	return append(dst, seq, 0, 0, 0)
}

// AppendNACK appends a NACK for seqs, in order of sequence, to dst; nothing when
// seqs is empty.
func AppendNACK(dst []byte, sender, media uint32, seqs []uint16) []byte {
	if len(seqs) == 0 {
		return dst
	}
	start := len(dst)
	dst = appendFeedback(dst, TypeTransport, FormatNACK, sender, media, 0)
	for i := 0; i < len(seqs); {
		first, mask := seqs[i], uint16(0)
		for i++; i < len(seqs) && seqs[i]-first-1 < 16; i++ {
			mask |= 1 << (seqs[i] - first - 1)
		}
		dst = append(dst, byte(first>>8), byte(first), byte(mask>>8), byte(mask))
	}
	binary.BigEndian.PutUint16(dst[start+2:], uint16((len(dst)-start)/4-1))
	return dst
}

// AppendREMB appends a receiver's estimate about media to dst.
func AppendREMB(dst []byte, sender, media uint32, bitsPerSecond uint64) []byte {
	exponent := 0
	for bitsPerSecond >= 1<<18 {
		bitsPerSecond >>= 1
		exponent++
	}
	dst = appendFeedback(dst, TypePayload, FormatAFB, sender, 0, 12)
	dst = append(dst, "REMB"...)
	dst = append(dst, 1, byte(exponent<<2)|byte(bitsPerSecond>>16), byte(bitsPerSecond>>8), byte(bitsPerSecond))
	return binary.BigEndian.AppendUint32(dst, media)
}

func appendFeedback(dst []byte, kind, format uint8, sender, media uint32, more int) []byte {
	dst = appendHeader(dst, kind, format, 8+more)
	dst = binary.BigEndian.AppendUint32(dst, sender)
	return binary.BigEndian.AppendUint32(dst, media)
}

func appendHeader(dst []byte, kind, count uint8, body int) []byte {
	return append(dst, 0x80|count, kind, byte(body/4>>8), byte(body/4))
}
