package sfu

import (
	"errors"
	"sync/atomic"

	"consilium/sfu/internal/crypt"
)

// counters are the server's own; those of sockets are kept there.
type counters struct {
	forwarded, retransmits, nacks, keyframes   atomic.Uint64
	muted, unknown, forged, replayed, bad      atomic.Uint64
	capped                                     atomic.Uint64
	budget, badSTUN, handshakes, badHandshakes atomic.Uint64
	panics, ticks                              atomic.Uint64
}

// refused counts a packet that could not be opened.
func (c *counters) refused(err error) {
	switch {
	case errors.Is(err, crypt.ErrForged):
		c.forged.Add(1)
	case errors.Is(err, crypt.ErrCrowd):
		c.capped.Add(1)
	default:
		c.replayed.Add(1)
	}
}
