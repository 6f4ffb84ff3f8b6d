package sfu

import "sync/atomic"

// counters are the server's own; those of sockets are kept there.
type counters struct {
	forwarded, retransmits, nacks, keyframes   atomic.Uint64
	muted, unknown, forged, replayed, bad      atomic.Uint64
	budget, badSTUN, handshakes, badHandshakes atomic.Uint64
	panics                                     atomic.Uint64
}
