package signaling

import "time"

// sweepEvery is how often sockets and sessions are looked over.
const sweepEvery = time.Second

// open makes a session for a greeting conn.
func (s *Server) open(sess *session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return refuse(CodeUnavailable, "the server is stopping")
	}
	if len(s.sessions) >= s.cfg.MaxSessions {
		return refuse(CodeBusy, "the server holds as many sessions as it may")
	}
	s.sessions[sess.id] = sess
	for _, t := range sess.topics {
		if s.topics[t] == nil {
			s.topics[t] = make(map[*session]struct{})
		}
		s.topics[t][sess] = struct{}{}
	}
	return nil
}

func (s *Server) session(id string) *session {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.sessions[id]
}

// endSession ends a session for good: it leaves its room and its socket is closed
// after what is queued. An empty reason tells its client nothing.
func (s *Server) endSession(sess *session, reason string, code int, why string) {
	if m := sess.joined(); m != nil {
		m.room.drop(m, reason)
	}
	c, m := sess.end()
	if m != nil {
		// It joined between the two steps.
		m.room.drop(m, "")
	}
	s.mu.Lock()
	delete(s.sessions, sess.id)
	for _, t := range sess.topics {
		delete(s.topics[t], sess)
		if len(s.topics[t]) == 0 {
			delete(s.topics, t)
		}
	}
	s.mu.Unlock()
	if c != nil {
		c.out.shut(code, why, false)
	}
}

// lookup returns the room of that id, or nil.
func (s *Server) lookup(id string) *room {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.rooms[id]
}

// claim returns the room of that id, making it when there is none. The room stays
// until release, even when nobody is in it.
func (s *Server) claim(id string) *room {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[id]
	if r == nil {
		r = newRoom(s, id)
		s.rooms[id] = r
	}
	r.claims++
	return r
}

// release gives up a claim.
func (s *Server) release(r *room) {
	s.mu.Lock()
	r.claims--
	s.mu.Unlock()
	s.sweepRoom(r)
}

// sweepRoom forgets a room that nobody is in.
func (s *Server) sweepRoom(r *room) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.members) == 0 && r.claims == 0 && s.rooms[r.id] == r {
		delete(s.rooms, r.id)
	}
}

// enlist counts a socket in, so that Shutdown waits for it, or says why not.
func (s *Server) enlist(c *conn) *problem {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.draining:
		return stopping
	case s.pending >= s.cfg.MaxPending:
		return crowded
	}
	s.conns[c] = struct{}{}
	s.pending++
	s.work.Add(1)
	return nil
}

// greeted notes that a socket has a session.
func (s *Server) greeted(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !c.greeted.Swap(true) {
		s.pending--
	}
}

func (s *Server) delist(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if !c.greeted.Load() {
		s.pending--
	}
	s.work.Done()
}

// sweep has silent clients pinged and ends sessions that nobody resumed in time, until the
// server stops.
func (s *Server) sweep() {
	tick := time.NewTicker(min(sweepEvery, s.cfg.Heartbeat/2))
	defer tick.Stop()
	for {
		select {
		case <-s.stop:
			return
		case now := <-tick.C:
			s.guarded("sweep", func() { s.sweepOnce(now) })
		}
	}
}

func (s *Server) sweepOnce(now time.Time) {
	s.mu.RLock()
	for c := range s.conns {
		c.beat(now)
	}
	var over []*session
	for _, sess := range s.sessions {
		if sess.overdue(now) {
			over = append(over, sess)
		}
	}
	s.mu.RUnlock()
	for _, sess := range over {
		s.counters.expired.Add(1)
		s.endSession(sess, "", CloseSuperseded, "expired")
	}
	s.bars.sweep(now)
}
