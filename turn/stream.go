package turn

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	// writeTimeout ends a client that takes nothing off its connection.
	writeTimeout = 5 * time.Second
	// acceptRetryDelay is the pause after an accept that failed, usually for
	// want of file descriptors.
	acceptRetryDelay = 50 * time.Millisecond
)

var errBadFrame = errors.New("turn: not a TURN frame")

// streamListener accepts TCP connections for Pion: within the caps, under a
// deadline until they hold an allocation, and through TLS where configured.
type streamListener struct {
	net.Listener
	server *Server
	tls    *tls.Config // nil for plain TCP
	ended  chan struct{}
	once   sync.Once
}

// Accept returns the next connection that the caps admit. It fails only when
// the listener is closed, because Pion stops accepting at the first error.
func (l *streamListener) Accept() (net.Conn, error) {
	for {
		raw, err := l.Listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			l.once.Do(func() { close(l.ended) })
			return nil, err
		}
		if err != nil {
			time.Sleep(acceptRetryDelay)
			continue
		}
		if conn := l.server.streams.admit(raw, l.tls); conn != nil {
			return conn, nil
		}
	}
}

// streamConn is one client's TCP or TLS connection. Read returns one whole
// frame each time, so that a request can be remembered until its reply, a
// length that fits no frame ends the connection, and memory stays bounded.
type streamConn struct {
	net.Conn
	server *Server
	remote netip.AddrPort
	close  sync.Once

	// Owned by Pion's read loop for this connection.
	in   *bufio.Reader
	last *request

	// Guarded by streams.mu.
	pending bool
	timer   *time.Timer
}

// Read fills p with exactly one STUN message or ChannelData message.
func (c *streamConn) Read(p []byte) (int, error) {
	head, err := c.in.Peek(channelDataLen)
	if err != nil {
		return 0, err
	}
	n, ok := frameLen(head)
	if !ok || n > maxRequestLen || n > len(p) {
		c.server.counters.badFrames.Add(1)
		return 0, errBadFrame
	}
	if _, err := io.ReadFull(c.in, p[:n]); err != nil {
		return 0, err
	}
	c.last = nil
	if r, ok := parseRequest(p[:n]); ok {
		c.last = &r
	}
	return n, nil
}

// Write sends one message and gives up on a client that does not read.
func (c *streamConn) Write(p []byte) (int, error) {
	out := p
	if classIsError(p) {
		out = c.last.correct(p, c.server.mint, c.server.cfg.Realm)
	}
	if err := c.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return 0, err
	}
	if _, err := c.Conn.Write(out); err != nil {
		_ = c.Close() // half a frame would garble all that follow
		return 0, err
	}
	return len(p), nil
}

// Close ends the connection and gives its place back; it may be called often.
func (c *streamConn) Close() error {
	err := net.ErrClosed
	c.close.Do(func() {
		c.server.streams.remove(c)
		err = c.Conn.Close()
	})
	return err
}

// streams holds the open connections and keeps the caps.
type streams struct {
	server     *Server
	timeout    time.Duration
	max        int
	maxPerAddr int

	mu       sync.Mutex
	closed   bool
	conns    map[netip.AddrPort]*streamConn
	pendings []*streamConn // oldest first
	perAddr  map[netip.Addr]int
	gone     sync.WaitGroup
}

func newStreams(s *Server) *streams {
	return &streams{
		server: s, timeout: s.cfg.UnauthenticatedTimeout,
		max: s.cfg.MaxPending, maxPerAddr: s.cfg.MaxPendingPerAddress,
		conns: make(map[netip.AddrPort]*streamConn), perAddr: make(map[netip.Addr]int),
	}
}

// admit wraps raw, or closes it and returns nil when a cap is reached.
func (s *streams) admit(raw net.Conn, cfg *tls.Config) *streamConn {
	remote, ok := addrPort(raw.RemoteAddr())
	s.mu.Lock()
	if !ok || s.closed || s.perAddr[remote.Addr()] >= s.maxPerAddr || s.conns[remote] != nil {
		s.mu.Unlock()
		s.server.counters.connectionsRefused.Add(1)
		_ = raw.Close()
		return nil
	}
	c := &streamConn{Conn: raw, server: s.server, remote: remote}
	if cfg != nil {
		c.Conn = tls.Server(raw, cfg)
	}
	c.in = bufio.NewReaderSize(c.Conn, 2048)
	s.conns[remote] = c
	s.gone.Add(1)
	evicted := s.hold(c)
	s.mu.Unlock()
	if evicted != nil {
		s.server.counters.connectionsRefused.Add(1)
		_ = evicted.Close()
	}
	return c
}

// hold puts c under the deadline, with s.mu held. When that exceeds the cap it
// returns the connection that has waited longest, to be closed.
func (s *streams) hold(c *streamConn) (evicted *streamConn) {
	if len(s.pendings) >= s.max {
		evicted = s.pendings[0]
		s.unhold(evicted)
	}
	c.pending = true
	c.timer = time.AfterFunc(s.timeout, func() {
		s.server.counters.connectionsTimedOut.Add(1)
		_ = c.Close()
	})
	s.pendings = append(s.pendings, c)
	s.perAddr[c.remote.Addr()]++
	return evicted
}

// unhold lifts the deadline, with s.mu held.
func (s *streams) unhold(c *streamConn) {
	if !c.pending {
		return
	}
	c.pending = false
	c.timer.Stop()
	for i, p := range s.pendings {
		if p == c {
			s.pendings = append(s.pendings[:i], s.pendings[i+1:]...)
			break
		}
	}
	if s.perAddr[c.remote.Addr()]--; s.perAddr[c.remote.Addr()] <= 0 {
		delete(s.perAddr, c.remote.Addr())
	}
}

// allocated lifts the deadline of the connection from remote.
func (s *streams) allocated(remote netip.AddrPort) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.conns[remote]; c != nil {
		s.unhold(c)
	}
}

// released puts the connection from remote, whose allocation is gone, under
// the deadline again.
func (s *streams) released(remote netip.AddrPort) {
	s.mu.Lock()
	var evicted *streamConn
	if c := s.conns[remote]; c != nil && !c.pending && !s.closed {
		evicted = s.hold(c)
	}
	s.mu.Unlock()
	if evicted != nil {
		_ = evicted.Close()
	}
}

// end closes the connection from remote, if there is one.
func (s *streams) end(remote netip.AddrPort) {
	s.mu.Lock()
	c := s.conns[remote]
	s.mu.Unlock()
	if c != nil {
		_ = c.Close()
	}
}

// last returns the request that the connection from remote is answering. Only
// that connection's read loop may ask.
func (s *streams) last(remote netip.AddrPort) *request {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.conns[remote]; c != nil {
		return c.last
	}
	return nil
}

func (s *streams) remove(c *streamConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unhold(c)
	if s.conns[c.remote] == c {
		delete(s.conns, c.remote)
		s.gone.Done()
	}
}

// counts returns the open connections and those of them without allocation.
func (s *streams) counts() (open, pending int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns), len(s.pendings)
}

// shut closes all connections, refuses new ones and waits until all are gone.
func (s *streams) shut() {
	s.mu.Lock()
	s.closed = true
	all := make([]*streamConn, 0, len(s.conns))
	for _, c := range s.conns {
		all = append(all, c)
	}
	s.mu.Unlock()
	for _, c := range all {
		_ = c.Close()
	}
	s.gone.Wait()
}
