package floor

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"github.com/pion/stun/v4"

	"consilium/internal/id"
)

// Server forwards media on one socket.
type Server struct {
	conn     *net.UDPConn
	identity *identity
	done     sync.WaitGroup

	mu     sync.Mutex // guards what follows; never held for a packet
	rooms  map[string]*room
	ufrags map[string]*member
	closed bool

	// Owned by run.
	addrs  map[netip.AddrPort]*member
	header rtp.Header // saves an allocation for each packet
}

// room is its members, replaced whole when one comes or goes.
type room struct {
	members atomic.Pointer[[]*member]
}

type member struct {
	name       string
	room       *room
	ufrag, pwd string // ours
	addr       atomic.Pointer[netip.AddrPort]
	pipe       atomic.Pointer[pipe]
	ready      atomic.Bool // in and out are set

	in, out *srtp.Context // owned by run once ready
}

// New listens on addr ("127.0.0.1:0").
func New(addr string) (*Server, error) {
	to, err := net.ResolveUDPAddr("udp", addr)
	if err != nil {
		return nil, fmt.Errorf("floor: %w", err)
	}
	conn, err := net.ListenUDP("udp", to)
	if err != nil {
		return nil, fmt.Errorf("floor: %w", err)
	}
	_ = conn.SetReadBuffer(4 << 20)
	_ = conn.SetWriteBuffer(4 << 20)
	who, err := newIdentity()
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	s := &Server{conn: conn, identity: who, rooms: map[string]*room{}, ufrags: map[string]*member{}, addrs: map[netip.AddrPort]*member{}}
	s.done.Go(s.run)
	return s, nil
}

// Close ends the server.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	for _, m := range s.ufrags {
		m.hangUp()
	}
	s.mu.Unlock()
	err := s.conn.Close()
	s.done.Wait()
	if err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	return nil
}

// enter puts somebody into a room and returns the answer.
func (s *Server) enter(name, in string) (string, error) {
	m := &member{name: name, ufrag: id.New()[:8], pwd: id.New()}
	p := newPipe(m, s.conn)
	m.pipe.Store(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return "", net.ErrClosed
	}
	r := s.rooms[in]
	if r == nil {
		r = &room{}
		r.members.Store(&[]*member{})
		s.rooms[in] = r
	}
	m.room = r
	all := append(append([]*member(nil), *r.members.Load()...), m)
	r.members.Store(&all)
	s.ufrags[m.ufrag] = m
	s.done.Go(func() { s.handshake(m, p) })
	at := s.conn.LocalAddr().(*net.UDPAddr).AddrPort()
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=ice-lite\r\na=fingerprint:%s\r\na=setup:passive\r\n"+
		"a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=candidate:1 1 udp 2130706431 %s %d typ host\r\n",
		s.identity.fingerprint, m.ufrag, m.pwd, at.Addr().Unmap(), at.Port()), nil
}

// leave takes somebody out of a room.
func (s *Server) leave(name, in string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.rooms[in]
	if r == nil {
		return
	}
	var rest []*member
	for _, m := range *r.members.Load() {
		if m.name != name {
			rest = append(rest, m)
			continue
		}
		m.hangUp()
		delete(s.ufrags, m.ufrag)
	}
	r.members.Store(&rest)
	if len(rest) == 0 {
		delete(s.rooms, in)
	}
}

func (m *member) hangUp() {
	if p := m.pipe.Swap(nil); p != nil {
		p.close()
	}
}

// run is the whole packet path.
func (s *Server) run() {
	buf, sealed := make([]byte, 2048), make([]byte, 2048)
	for {
		n, from, err := s.conn.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || n < 2 {
			continue
		}
		b := buf[:n]
		m := s.addrs[from]
		switch {
		case b[0] <= 3:
			s.stun(b, from)
		case m == nil:
		case b[0] >= 20 && b[0] <= 63:
			if p := m.pipe.Load(); p != nil {
				p.push(b)
			}
		case b[0]&0xc0 == 0x80 && (b[1] < 192 || b[1] > 223) && m.ready.Load():
			s.forward(m, b, sealed)
		}
	}
}

// forward opens a packet once and seals it for each of the others.
func (s *Server) forward(m *member, b, sealed []byte) {
	open, err := m.in.DecryptRTP(b[:0], b, &s.header)
	if err != nil {
		return
	}
	for _, to := range *m.room.members.Load() {
		if to == m || !to.ready.Load() {
			continue
		}
		out, err := to.out.EncryptRTP(sealed[:0], open, &s.header)
		if err != nil {
			continue
		}
		_, _ = s.conn.WriteToUDPAddrPort(out, *to.addr.Load())
	}
}

// stun answers a check; its sender's address is the member's from then on.
func (s *Server) stun(b []byte, from netip.AddrPort) {
	q := &stun.Message{Raw: append([]byte(nil), b...)}
	if q.Decode() != nil || q.Type != stun.BindingRequest {
		return
	}
	var user stun.Username
	if user.GetFrom(q) != nil {
		return
	}
	ours := user.String()
	for i := range ours {
		if ours[i] == ':' {
			ours = ours[:i]
			break
		}
	}
	s.mu.Lock()
	m := s.ufrags[ours]
	s.mu.Unlock()
	if m == nil || stun.NewShortTermIntegrity(m.pwd).Check(q) != nil {
		return
	}
	s.addrs[from] = m
	m.addr.Store(&from)
	r, err := stun.Build(stun.NewTransactionIDSetter(q.TransactionID), stun.BindingSuccess,
		&stun.XORMappedAddress{IP: from.Addr().Unmap().AsSlice(), Port: int(from.Port())}, stun.NewShortTermIntegrity(m.pwd), stun.Fingerprint)
	if err == nil {
		_, _ = s.conn.WriteToUDPAddrPort(r.Raw, from)
	}
}
