package twcc

import (
	"encoding/binary"
	"time"

	"consilium/sfu/internal/rtp"
)

const (
	// window is how many numbers back an arrival is remembered.
	window = 512
	// maxReport bounds the numbers one feedback covers, so that it fits a packet
	// even when every delta takes two bytes.
	maxReport = 400

	deltaUnit     = 250 * time.Microsecond
	referenceUnit = 64 * time.Millisecond

	headerSize = 20 // common RTCP header, two SSRCs, base, count, reference, feedback count
)

// Packet status symbols of the draft §3.1.1.
const (
	notReceived = 0
	smallDelta  = 1
	largeDelta  = 2
)

type arrival struct {
	ext uint64
	at  time.Duration
}

// Recorder remembers when packets arrived until feedback about them is built. The
// zero value is ready.
type Recorder struct {
	seq      rtp.Unwrapper
	arrivals [window]arrival // by ext modulo window
	base     uint64          // first number not yet reported
	pending  bool
	count    uint8 // of feedback packets
}

// Record notes the arrival of the packet with transport-wide number seq. A
// duplicate is ignored.
func (r *Recorder) Record(seq uint16, now time.Duration) {
	ext := r.seq.Unwrap(seq)
	high := r.seq.Highest()
	switch {
	case high-ext >= window:
		return
	case r.base == 0:
		r.base = ext
	case ext < r.base: // late: report again from here on
		r.base = ext
	}
	if high-r.base >= window {
		r.base = high - window + 1
	}
	a := &r.arrivals[ext%window]
	if a.ext == ext {
		return
	}
	*a = arrival{ext, now}
	r.pending = true
}

// Append appends to dst one feedback packet about all that arrived since the last,
// and returns it with whether there was anything to say. When the report is too
// long for one packet the rest follows at the next call, so call it until it
// returns false. sender is our SSRC, media any SSRC of the publisher's.
func (r *Recorder) Append(dst []byte, sender, media uint32) ([]byte, bool) {
	if !r.pending {
		return dst, false
	}
	end := r.seq.Highest() + 1
	for r.base < end && r.arrivals[r.base%window].ext != r.base {
		r.base++ // leading losses are told by the next report's base
	}
	if r.base >= end {
		r.pending = false
		return dst, false
	}
	first := r.arrivals[r.base%window].at
	reference := first / referenceUnit
	var symbols [maxReport]uint8
	var deltas [maxReport]int16
	last := reference * referenceUnit
	n, used := 0, 0
	for ext := r.base; ext < end && n < maxReport; ext++ {
		a := r.arrivals[ext%window]
		if a.ext != ext {
			symbols[n] = notReceived
			n++
			continue
		}
		delta := (a.at - last) / deltaUnit
		if delta != time.Duration(int16(delta)) {
			break // further apart than a delta can say: the next packet has a new reference
		}
		symbols[n] = largeDelta
		if delta >= 0 && delta <= 255 {
			symbols[n] = smallDelta
		}
		deltas[n] = int16(delta)
		last += delta * deltaUnit
		n++
		used = n
	}
	n = used // trailing losses may still arrive
	start := len(dst)
	dst = append(dst, 0x80|15, 205, 0, 0)
	dst = binary.BigEndian.AppendUint32(dst, sender)
	dst = binary.BigEndian.AppendUint32(dst, media)
	dst = binary.BigEndian.AppendUint16(dst, uint16(r.base))
	dst = binary.BigEndian.AppendUint16(dst, uint16(n))
	dst = append(dst, byte(reference>>16), byte(reference>>8), byte(reference), r.count)
	dst = appendChunks(dst, symbols[:n])
	for i, s := range symbols[:n] {
		switch s {
		case smallDelta:
			dst = append(dst, byte(deltas[i]))
		case largeDelta:
			dst = binary.BigEndian.AppendUint16(dst, uint16(deltas[i]))
		}
	}
	if pad := (4 - (len(dst)-start)%4) % 4; pad > 0 {
		dst[start] |= 0x20
		for range pad - 1 {
			dst = append(dst, 0)
		}
		dst = append(dst, byte(pad))
	}
	binary.BigEndian.PutUint16(dst[start+2:], uint16((len(dst)-start)/4-1))
	r.count++
	r.base += uint64(n)
	r.pending = r.base < end
	return dst, true
}

// appendChunks packs symbols into run-length and vector chunks, taking whichever
// covers more of what follows.
func appendChunks(dst []byte, symbols []uint8) []byte {
	for len(symbols) > 0 {
		run := 1
		for run < len(symbols) && symbols[run] == symbols[0] {
			run++
		}
		oneBit := 0
		for oneBit < len(symbols) && oneBit < 14 && symbols[oneBit] != largeDelta {
			oneBit++
		}
		vector, narrow := min(7, len(symbols)), oneBit == 14 || oneBit == len(symbols)
		if narrow {
			vector = oneBit
		}
		var chunk uint16
		switch {
		case run >= vector:
			chunk = uint16(symbols[0])<<13 | uint16(run)
			vector = run
		case narrow:
			chunk = 0x8000
			for i, s := range symbols[:vector] {
				chunk |= uint16(s) << (13 - i)
			}
		default:
			chunk = 0xc000
			for i, s := range symbols[:vector] {
				chunk |= uint16(s) << (12 - 2*i)
			}
		}
		dst = binary.BigEndian.AppendUint16(dst, chunk)
		symbols = symbols[vector:]
	}
	return dst
}
