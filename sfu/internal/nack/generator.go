package nack

import (
	"time"

	"consilium/sfu/internal/rtp"
)

const (
	// maxMissing bounds the packets asked for at once: more lost than this is an
	// outage, for which a key frame is cheaper than all its packets.
	maxMissing = 256
	// maxTries is how often one packet is asked for.
	maxTries = 10
	// maxWait is how long a packet is worth asking for: a decoder has long shown
	// something else by then.
	maxWait = time.Second
	// minSpacing keeps requests apart where the round trip is unknown or tiny.
	minSpacing = 20 * time.Millisecond
)

type missing struct {
	since time.Duration
	asked time.Duration
	seq   uint16
	tries uint8
}

// Generator keeps the list of packets missing from one stream. The zero value is
// ready.
type Generator struct {
	list    []missing // in order of sequence
	high    uint16
	started bool
	overrun bool

	lost      uint64
	recovered uint64
	reorder   time.Duration
}

// SetReordering sets how long a gap may stay open before it is asked for. 0, the
// default, asks at the next Due: a duplicate costs less than a late picture.
func (g *Generator) SetReordering(d time.Duration) { g.reorder = d }

// Receive notes that seq arrived. It reports whether the packet fills a gap that
// had been noticed.
func (g *Generator) Receive(seq uint16, now time.Duration) (recovered bool) {
	if !g.started {
		g.started, g.high = true, seq
		if g.list == nil {
			g.list = make([]missing, 0, maxMissing)
		}
		return false
	}
	if seq == g.high {
		return false
	}
	if !rtp.Newer(seq, g.high) {
		return g.fill(seq)
	}
	gap := int(seq-g.high) - 1
	g.lost += uint64(gap)
	if gap > maxMissing {
		g.list, g.overrun = g.list[:0], true
	} else if gap > 0 {
		if over := len(g.list) + gap - maxMissing; over > 0 {
			g.list = append(g.list[:0], g.list[over:]...)
			g.overrun = true
		}
		for s := g.high + 1; s != seq; s++ {
			g.list = append(g.list, missing{seq: s, since: now})
		}
	}
	g.high = seq
	return false
}

func (g *Generator) fill(seq uint16) bool {
	for i := range g.list {
		if g.list[i].seq == seq {
			g.list = append(g.list[:i], g.list[i+1:]...)
			g.recovered++
			return true
		}
	}
	return false
}

// Due appends to dst the numbers to ask for now, in order, and returns it. rtt is
// the round trip to the publisher, 0 when unknown; a packet is asked for again
// after a round trip and a quarter, and each time somewhat later.
func (g *Generator) Due(now, rtt time.Duration, dst []uint16) []uint16 {
	if len(g.list) == 0 {
		return dst
	}
	base := max(rtt+rtt/4, minSpacing)
	kept := g.list[:0]
	for _, m := range g.list {
		if m.tries >= maxTries || now-m.since > maxWait {
			g.overrun = true // given up: only a key frame mends the picture
			continue
		}
		spacing := base + base*time.Duration(max(m.tries, 1)-1)/4
		switch {
		case m.tries == 0 && now-m.since < g.reorder:
		case m.tries == 0 || now-m.asked >= spacing:
			m.asked = now
			m.tries++
			dst = append(dst, m.seq)
		}
		kept = append(kept, m)
	}
	g.list = kept
	return dst
}

// Overrun reports, once, that packets were given up, so that a key frame is needed.
func (g *Generator) Overrun() bool {
	over := g.overrun
	g.overrun = false
	return over
}

// Reset forgets what is missing, as after a key frame was received or the stream
// began anew.
func (g *Generator) Reset() { g.list, g.started, g.overrun = g.list[:0], false, false }

// Forget drops what is missing before seq, as when a key frame begins there.
func (g *Generator) Forget(seq uint16) {
	kept := g.list[:0]
	for _, m := range g.list {
		if !rtp.Newer(seq, m.seq) {
			kept = append(kept, m)
		}
	}
	g.list = kept
}

// Missing is the number of packets presently missing.
func (g *Generator) Missing() int { return len(g.list) }

// Lost counts the packets that left a gap.
func (g *Generator) Lost() uint64 { return g.lost }

// Recovered counts the packets that filled a gap.
func (g *Generator) Recovered() uint64 { return g.recovered }
