package sfu

import "time"

// bucket bounds a rate over time: it fills with what may be sent and holds at most one
// second's worth. The zero value bounds nothing. It is guarded by whoever holds it.
type bucket struct {
	perSecond int64 // bytes
	level     int64
	at        time.Duration
}

// newBucket returns a full bucket for a rate in bit/s.
func newBucket(bps int) bucket { return bucket{perSecond: int64(bps) / 8, level: int64(bps) / 8} }

// take takes n bytes out, or reports that there are not so many.
func (b *bucket) take(n int, now time.Duration) bool {
	if b.perSecond == 0 {
		return true
	}
	if d := min(now-b.at, time.Second); d > 0 {
		// Less than a byte's worth of time stays for the next packet.
		if add := b.perSecond * int64(d) / int64(time.Second); add > 0 {
			b.level = min(b.level+add, b.perSecond)
			b.at = now
		}
	}
	if b.level < int64(n) {
		return false
	}
	b.level -= int64(n)
	return true
}
