package signaling

import (
	"crypto/subtle"
	"sync"
	"time"

	"consilium/internal/grant"
	"consilium/internal/id"
)

// session is what a device has opened with hello. It outlives its socket for the
// resume window, and its room membership and media live on with it.
//
// Lock order: server.mu, room.entry, room.mu, member.mu, session.mu, outbox.mu. No
// call into the media server, the chat or the observer is made with a lock other than
// room.entry held.
type session struct {
	// Static.
	id      string
	secret  string
	clinic  string
	subject string
	login   string
	topics  []string

	mu     sync.Mutex // guards the following fields
	seq    uint64
	ring   ring
	conn   *conn // nil while the socket is lost
	member *member
	ended  bool
	lost   time.Time // when the socket was lost
	window time.Duration
}

func newSession(cfg Config, g grant.Grant) *session {
	return &session{
		id:      id.New(),
		secret:  id.Secret(),
		clinic:  g.Clinic,
		subject: g.Subject,
		login:   g.Session,
		topics:  g.Topics,
		ring:    newRing(cfg.RingEvents, cfg.RingBytes),
	}
}

// emit numbers an encoded event, keeps it for a resume and sends it when there is a
// socket.
func (s *session) emit(event []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.seq++
	b := numbered(event, s.seq)
	s.ring.add(b)
	if s.conn != nil {
		s.conn.send(b)
	}
}

// hint sends an event that may be lost: it has no seq and isn't kept.
func (s *session) hint(event []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil && !s.ended {
		s.conn.hint(event)
	}
}

// attach gives a fresh session its first socket and welcomes it.
func (s *session) attach(c *conn, hello uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = c
	c.send(s.welcomeLocked(c, hello, false))
}

// resume gives the session a new socket: welcome, then the events after seq, then what
// follows. It returns the socket that is superseded, if there is one. The secret is
// compared in constant time.
func (s *session) resume(c *conn, hello uint64, from ResumeFrom) (old *conn, ok bool) {
	if subtle.ConstantTimeCompare([]byte(s.secret), []byte(from.Secret)) != 1 {
		return nil, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, false
	}
	missed, ok := s.ring.since(from.Seq)
	if !ok {
		return nil, false
	}
	old, s.conn = s.conn, c
	s.lost = time.Time{}
	c.send(s.welcomeLocked(c, hello, true))
	for _, b := range missed {
		c.send(b)
	}
	return old, true
}

func (s *session) welcomeLocked(c *conn, hello uint64, resumed bool) []byte {
	return encode(&Welcome{
		Head:         Head{Type: "welcome", ID: hello},
		V:            Version,
		Session:      s.id,
		Secret:       s.secret,
		Seq:          s.seq,
		Resumed:      resumed,
		HeartbeatSec: int(c.server.cfg.Heartbeat / time.Second),
	})
}

// detach notes that c is gone, unless another socket has taken its place. The session
// then lives for window.
func (s *session) detach(c *conn, now time.Time, window time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == c {
		s.conn = nil
		s.lost = now
		s.window = window
	}
}

// overdue reports whether the socket has been lost for longer than its window.
func (s *session) overdue(now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn == nil && !s.lost.IsZero() && now.Sub(s.lost) >= s.window
}

// owns reports whether c is the session's present socket.
func (s *session) owns(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn == c
}

// joined returns the session's present membership, or nil.
func (s *session) joined() *member {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.member
}

// enter makes m the session's membership; false when the session has ended.
func (s *session) enter(m *member) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	s.member = m
	return true
}

// exit forgets the membership m.
func (s *session) exit(m *member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.member == m {
		s.member = nil
	}
}

// end makes the session dead: it can't be resumed and gets no more events. It returns
// its last socket and membership.
func (s *session) end() (*conn, *member) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, m := s.conn, s.member
	s.ended, s.conn, s.member = true, nil, nil
	return c, m
}
