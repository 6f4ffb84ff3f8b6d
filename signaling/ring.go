package signaling

// ring keeps a session's latest events so that a resumed socket misses none. Its
// owner locks it.
type ring struct {
	maxEvents, maxBytes int
	events              [][]byte
	first               uint64 // seq of events[0]
	bytes               int
}

func newRing(maxEvents, maxBytes int) ring {
	return ring{maxEvents: maxEvents, maxBytes: maxBytes, first: 1}
}

// add keeps the event that follows the last one and forgets the oldest beyond the limits.
func (r *ring) add(b []byte) {
	r.events = append(r.events, b)
	r.bytes += len(b)
	drop := 0
	for len(r.events)-drop > r.maxEvents || (r.bytes > r.maxBytes && drop < len(r.events)) {
		r.bytes -= len(r.events[drop])
		drop++
	}
	if drop > 0 {
		clear(r.events[:drop])
		r.events = r.events[drop:]
		r.first += uint64(drop)
	}
}

// since returns the events after seq; false when some of them are forgotten or seq
// lies in the future.
func (r *ring) since(seq uint64) ([][]byte, bool) {
	next := r.first + uint64(len(r.events))
	if seq+1 < r.first || seq >= next {
		return nil, false
	}
	return r.events[seq+1-r.first:], true
}
