package loadtest

import (
	"encoding/binary"
	"sync/atomic"
	"time"
)

// magic ends every packet of ours, after the time of sending: 12 bytes in all.
const (
	magic    = 0x436c5473 // "ClTs"
	stampLen = 12
	// keyEvery is how often a key frame is sent unasked.
	keyEvery = 3 * time.Second
	// history is how many packets can be sent again.
	history = 256
	// vp8Head is the VP8 descriptor with picture id, TL0PICIDX and temporal layer.
	vp8Head = 6
)

// stream is one RTP stream a participant sends.
type stream struct {
	// Static.
	video    bool
	rid      string
	ssrc     uint32
	rtx      uint32
	interval time.Duration // between frames; between packets of audio
	perFrame float64       // packets of a frame
	ticks    uint32        // of the timestamp in an interval
	head     []byte        // header and extensions
	number   int           // where the transport-wide number goes
	payload  []byte

	key atomic.Bool // a key frame is wanted

	// Owned by the pump.
	seq     uint16
	ts      uint32
	picture uint16
	tl0     uint8
	credit  float64
	keyAt   time.Duration
	next    time.Duration

	// Guarded by the link's mu.
	packets, octets uint32
	rtxSeq          uint16
	sent            [history][]byte
}

// newStream lays out a stream's packets once.
func newStream(video bool, mid, rid string, ssrc uint32, f Flow, fps int) *stream {
	s := &stream{video: video, rid: rid, ssrc: ssrc, rtx: ssrc + 1, seq: uint16(ssrc >> 3), ts: ssrc << 7, picture: uint16(ssrc) & 0x3fff}
	s.key.Store(true)
	s.interval = time.Second / time.Duration(f.PacketsPerSecond)
	s.perFrame, s.ticks = 1, uint32(48000/f.PacketsPerSecond)
	pt := byte(ptOpus)
	if video {
		pt = ptVP8
		s.interval, s.ticks = time.Second/time.Duration(fps), uint32(90000/fps)
		s.perFrame = float64(f.PacketsPerSecond) / float64(fps)
	}
	ext := appendElement(nil, extMID, []byte(mid))
	s.number = 16 + len(ext) + 1
	ext = appendElement(ext, extTWCC, []byte{0, 0})
	if !video {
		ext = appendElement(ext, extLevel, []byte{0x80 | 30})
	}
	if rid != "" {
		ext = appendElement(ext, extRID, []byte(rid))
	}
	for len(ext)%4 != 0 {
		ext = append(ext, 0)
	}
	s.head = append(s.head, 0x90, pt, 0, 0, 0, 0, 0, 0)
	s.head = binary.BigEndian.AppendUint32(s.head, ssrc)
	s.head = append(s.head, 0xbe, 0xde, 0, byte(len(ext)/4))
	s.head = append(s.head, ext...)
	s.payload = make([]byte, f.Bytes)
	for i := range s.payload {
		s.payload[i] = byte(i * 7)
	}
	return s
}

func appendElement(b []byte, id byte, data []byte) []byte {
	b = append(b, id<<4|byte(len(data)-1))
	return append(b, data...)
}

// frame writes the stream's next frame and gives each packet to send.
func (s *stream) frame(now time.Duration, send func(*stream, []byte, time.Duration)) {
	s.ts += s.ticks
	s.credit += s.perFrame
	n := int(s.credit)
	if n == 0 {
		return
	}
	s.credit -= float64(n)
	key := false
	if s.video {
		s.picture = (s.picture + 1) & 0x7fff
		s.tl0++
		if key = s.key.Swap(false) || now-s.keyAt > keyEvery; key {
			s.keyAt = now
		}
	}
	for i := range n {
		b := make([]byte, 0, len(s.head)+len(s.payload))
		b = append(append(b, s.head...), s.payload...)
		s.seq++
		if !s.video || i == n-1 {
			b[1] |= 0x80
		}
		binary.BigEndian.PutUint16(b[2:], s.seq)
		binary.BigEndian.PutUint32(b[4:], s.ts)
		if s.video {
			s.vp8(b[len(s.head):], i == 0, key)
		}
		stamp(b, now)
		send(s, b, now)
	}
}

// vp8 writes the descriptor, and on a frame's first packet the frame tag that tells
// a key frame.
func (s *stream) vp8(p []byte, first, key bool) {
	p[0] = 0x80
	if first {
		p[0] |= 0x10
	}
	p[1] = 0xe0
	binary.BigEndian.PutUint16(p[2:], 0x8000|s.picture)
	p[4], p[5] = s.tl0, 0
	if !first {
		return
	}
	p[vp8Head] = 0x01
	if key {
		copy(p[vp8Head:], []byte{0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01})
	}
}

func stamp(b []byte, now time.Duration) {
	end := b[len(b)-stampLen:]
	binary.BigEndian.PutUint64(end, uint64(now))
	binary.BigEndian.PutUint32(end[8:], magic)
}

// stamped reads when a payload was sent.
func stamped(p []byte) (time.Duration, bool) {
	if len(p) < stampLen || binary.BigEndian.Uint32(p[len(p)-4:]) != magic {
		return 0, false
	}
	return time.Duration(binary.BigEndian.Uint64(p[len(p)-stampLen:])), true
}
