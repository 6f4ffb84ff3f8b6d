package bwe

import "time"

const (
	competeWindow = 500 * time.Millisecond
	// competeWindows in a row that a queue stayed though this flow gave way.
	competeWindows = 3
	// competeOver is the queue under which the rival has gone.
	competeOver = 20 * time.Millisecond
	// competeBackoff is the share that remains after a loss beside a rival.
	competeBackoff = 0.7
)

// rivalry finds out that the queue is another's: a flow that fills it until it
// overflows, as TCP does, and does not heed delay. Giving way to such a flow only
// ends at nothing, so beside it the estimate follows losses, as the rival's does.
type rivalry struct {
	active bool

	watching bool
	since    time.Duration
	queue    time.Duration
	bits     float64
	count    int
	calm     time.Duration // when the queue was last seen high while active
}

// watch takes the state after each feedback: the present queue, the estimate and
// whether the queue would make it give way.
func (r *rivalry) watch(now, queue time.Duration, bits float64, overused bool) {
	if r.active {
		if queue > competeOver {
			r.calm = now
		} else if now-r.calm > competeWindow {
			*r = rivalry{}
		}
		return
	}
	if queue < competeOver {
		r.watching, r.count = false, 0
		return
	}
	if !r.watching {
		if overused {
			r.watching, r.since, r.queue, r.bits = true, now, queue, bits
		}
		return
	}
	if now-r.since < competeWindow {
		return
	}
	if bits < 0.95*r.bits && queue > r.queue-10*time.Millisecond {
		r.count++
	} else if queue < r.queue-10*time.Millisecond {
		r.count = 0
	}
	r.since, r.queue = now, queue
	if r.count >= competeWindows {
		*r = rivalry{active: true, calm: now}
	}
}
