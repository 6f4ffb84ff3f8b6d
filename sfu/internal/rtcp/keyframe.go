package rtcp

import "time"

const (
	// minKeyframeInterval bounds what one publisher is asked for: encoders spend a
	// second's bits on a key frame.
	minKeyframeInterval = 500 * time.Millisecond
	// minKeyframeRepeat is the least wait before a request is repeated.
	minKeyframeRepeat = 200 * time.Millisecond
)

// Keyframe decides when to ask the publisher of one stream for a key frame. The
// zero value is ready.
type Keyframe struct {
	asked   time.Duration
	arrived time.Duration
	wanted  bool
	urgent  bool
	pending bool // asked and not yet arrived
	seen    bool // arrived is set
}

// Want notes that a subscriber needs a key frame. Urgent marks one that has no
// picture at all, as after joining or admitting: it does not wait out the interval
// between key frames.
func (k *Keyframe) Want(urgent bool) {
	k.wanted = true
	k.urgent = k.urgent || urgent
}

// Arrived notes that a key frame began. It serves all who wanted one.
func (k *Keyframe) Arrived(now time.Duration) {
	*k = Keyframe{asked: k.asked, arrived: now, seen: true}
}

// Due reports whether to send a request now; call it right after Want and on a
// timer. A request that got no answer is repeated after a round trip, and at least
// after 200 ms.
func (k *Keyframe) Due(now, rtt time.Duration) bool {
	if !k.wanted {
		return false
	}
	switch {
	case k.pending:
		if now-k.asked < max(rtt+rtt/2, minKeyframeRepeat) {
			return false
		}
	case k.urgent:
	case k.seen && now-k.arrived < minKeyframeInterval:
		return false
	}
	k.asked, k.pending = now, true
	return true
}
