package signaling

import "sync/atomic"

// Stats counts what the server holds now and has done since it began.
type Stats struct {
	Connections, Sessions, Rooms, Members int // now

	Accepted       uint64 // sockets
	Refused        uint64 // upgrade requests turned away
	Messages       uint64 // from clients
	Errors         uint64 // error replies
	Resumed        uint64 // sessions resumed
	ResumeFailed   uint64 // resumes refused
	Expired        uint64 // sessions that nobody resumed in time
	SlowReaders    uint64 // sockets closed because they didn't read
	Flooders       uint64 // sockets closed because they sent too fast
	RateLimited    uint64 // messages refused for rate
	Panics         uint64 // sockets closed by a fault of the server
	HintsDropped   uint64 // speaker updates not sent to a busy socket
	ObserverMissed uint64 // news that the observer was too slow for
}

type counters struct {
	accepted, refused, messages, errors, resumed, resumeFailed, expired,
	slow, flooders, limited, panics, hints atomic.Uint64
}

// Stats returns the server's counters.
func (s *Server) Stats() Stats {
	st := Stats{
		Accepted:       s.counters.accepted.Load(),
		Refused:        s.counters.refused.Load(),
		Messages:       s.counters.messages.Load(),
		Errors:         s.counters.errors.Load(),
		Resumed:        s.counters.resumed.Load(),
		ResumeFailed:   s.counters.resumeFailed.Load(),
		Expired:        s.counters.expired.Load(),
		SlowReaders:    s.counters.slow.Load(),
		Flooders:       s.counters.flooders.Load(),
		RateLimited:    s.counters.limited.Load(),
		Panics:         s.counters.panics.Load(),
		HintsDropped:   s.counters.hints.Load(),
		ObserverMissed: s.news.lost(),
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	st.Connections, st.Sessions, st.Rooms = len(s.conns), len(s.sessions), len(s.rooms)
	for _, r := range s.rooms {
		r.mu.Lock()
		st.Members += len(r.members)
		r.mu.Unlock()
	}
	return st
}
