package turn

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

// readRetryDelay keeps a socket that fails every read from spinning a core.
const readRetryDelay = 10 * time.Millisecond

// datagramConn is the UDP listener's socket as Pion sees it: it remembers
// requests, corrects replies and limits what strangers are sent.
type datagramConn struct {
	net.PacketConn
	server *Server
	limit  *replyLimit
	ended  chan struct{} // closed when the read loop has seen the end
	once   sync.Once

	// last is owned by Pion's one read loop. Writes from relay goroutines
	// carry no error responses and do not touch it.
	last *request
}

// ReadFrom passes datagrams on. Errors other than the closed socket's end no
// read loop: one unlucky datagram must not stop the relay.
func (c *datagramConn) ReadFrom(p []byte) (int, net.Addr, error) {
	for {
		n, addr, err := c.PacketConn.ReadFrom(p)
		if errors.Is(err, net.ErrClosed) {
			c.once.Do(func() { close(c.ended) })
			return 0, nil, err
		}
		if err != nil {
			time.Sleep(readRetryDelay)
			continue
		}
		c.last = nil
		if r, ok := parseRequest(p[:n]); ok {
			c.last = &r
		}
		return n, addr, nil
	}
}

// WriteTo sends p, unless addr holds no allocation and its network has had
// its replies for this second; that is counted and looks like loss.
func (c *datagramConn) WriteTo(p []byte, addr net.Addr) (int, error) {
	if to, ok := addrPort(addr); ok && !c.server.flows.has(flowUDP(to)) && !c.limit.take(to.Addr()) {
		c.server.counters.repliesDropped.Add(1)
		return len(p), nil
	}
	out := p
	if classIsError(p) {
		out = c.last.correct(p, c.server.mint, c.server.cfg.Realm)
	}
	if _, err := c.PacketConn.WriteTo(out, addr); err != nil {
		return 0, err
	}
	return len(p), nil
}

// classIsError reports whether p is a STUN error response, which only the
// read loop sends.
func classIsError(p []byte) bool {
	return len(p) >= stunHeaderLen && p[0]&0xc0 == 0 && p[0]&1 == 1 && p[1]&0x10 != 0
}

// maxPrefixes bounds the memory of replyLimit; prefixes beyond it in the same
// second get nothing.
const maxPrefixes = 1 << 16

// replyLimit counts replies per client network and second.
type replyLimit struct {
	perSecond int
	now       func() time.Time

	mu     sync.Mutex
	second int64
	sent   map[netip.Prefix]int
}

func newReplyLimit(perSecond int, now func() time.Time) *replyLimit {
	return &replyLimit{perSecond: perSecond, now: now, sent: make(map[netip.Prefix]int)}
}

// take reports whether one more reply may go to addr's network.
func (l *replyLimit) take(addr netip.Addr) bool {
	bits := 64
	if addr = addr.Unmap(); addr.Is4() {
		bits = 24
	}
	prefix, err := addr.WithZone("").Prefix(bits)
	if err != nil {
		return false
	}
	second := l.now().Unix()
	l.mu.Lock()
	defer l.mu.Unlock()
	if second != l.second {
		l.second = second
		clear(l.sent)
	}
	n, known := l.sent[prefix]
	if n >= l.perSecond || !known && len(l.sent) >= maxPrefixes {
		return false
	}
	l.sent[prefix] = n + 1
	return true
}
