package turn

import (
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pion/stun/v4"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// testSecret is long enough for New.
var testSecret = []byte("0123456789abcdef0123456789abcdef")

// startServer runs a relay on loopback whose one allowed peer is an echo
// socket; change adjusts its configuration.
func startServer(t *testing.T, change func(*Config)) (*Server, netip.AddrPort) {
	t.Helper()
	return startServerAt(t, time.Now, change)
}

// clock is a time that tests set.
type clock struct{ unix atomic.Int64 }

func (c *clock) now() time.Time { return time.Unix(c.unix.Load(), 0) }

func startServerAt(t *testing.T, now func() time.Time, change func(*Config)) (*Server, netip.AddrPort) {
	t.Helper()
	peer := echoPeer(t)
	cfg := DefaultConfig()
	cfg.ListenUDP, cfg.ListenTCP = "127.0.0.1:0", "127.0.0.1:0"
	cfg.RelayAddress = loopback
	cfg.AllowPeer = func(p netip.AddrPort) bool { return p == peer }
	if change != nil {
		change(&cfg)
	}
	s, err := start(cfg, testSecret, slog.New(slog.DiscardHandler), now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s, peer
}

// echoPeer answers every datagram with itself until the test ends.
func echoPeer(t *testing.T) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 2048)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			_, _ = conn.WriteTo(buf[:n], from)
		}
	}()
	t.Cleanup(func() { _ = conn.Close(); <-done })
	at, _ := addrPort(conn.LocalAddr())
	return at
}

// rawClient sends single STUN requests and shows the reply as it came, which
// a real client library hides.
type rawClient struct {
	t       *testing.T
	conn    net.Conn
	stream  bool
	user    string
	key     []byte
	nonce   string
	timeout time.Duration
}

// dial connects to the server's UDP or TCP listener with fresh credentials.
func dial(t *testing.T, s *Server, network, identity string) *rawClient {
	t.Helper()
	addr := s.Addresses().UDP
	if network == "tcp" {
		addr = s.Addresses().TCP
	}
	conn, err := net.Dial(network, addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	c := &rawClient{t: t, conn: conn, stream: network == "tcp", timeout: 5 * time.Second}
	cred := s.Issue(identity)
	c.use(cred.Username, cred.Credential)
	return c
}

func (c *rawClient) use(user, password string) {
	c.user, c.key = user, integrityKey(user, "consilium", password)
}

// do performs one request, fetching a nonce first when it has none. It returns
// nil when no reply comes.
func (c *rawClient) do(method stun.Method, attrs ...stun.Setter) *stun.Message {
	c.t.Helper()
	if c.nonce == "" {
		reply := c.roundTrip(stun.TransactionID, stun.NewType(method, stun.ClassRequest))
		var nonce stun.Nonce
		if reply == nil || nonce.GetFrom(reply) != nil {
			c.t.Fatalf("no nonce in the answer to an unauthenticated request: %v", reply)
		}
		c.nonce = nonce.String()
	}
	all := append([]stun.Setter{stun.TransactionID, stun.NewType(method, stun.ClassRequest)}, attrs...)
	all = append(all, stun.NewUsername(c.user), stun.NewRealm("consilium"), stun.NewNonce(c.nonce),
		stun.MessageIntegrity(c.key))
	return c.roundTrip(all...)
}

func (c *rawClient) roundTrip(attrs ...stun.Setter) *stun.Message {
	c.t.Helper()
	msg, err := stun.Build(attrs...)
	if err != nil {
		c.t.Fatal(err)
	}
	// Over UDP a request is sent again until it is answered (RFC 8489 §6.2.1): a full
	// socket buffer loses datagrams also on loopback. The same transaction is answered
	// once, so late answers to earlier tries are passed over.
	deadline := time.Now().Add(c.timeout)
	for rto := 500 * time.Millisecond; ; rto *= 2 {
		if _, err := c.conn.Write(msg.Raw); err != nil {
			return nil
		}
		until := time.Now().Add(rto)
		if c.stream || until.After(deadline) {
			until = deadline
		}
		for {
			m := c.read(until)
			if m == nil {
				break
			}
			if m.TransactionID == msg.TransactionID {
				return m
			}
		}
		if c.stream || !time.Now().Before(deadline) {
			return nil
		}
	}
}

// read returns the next STUN message, nil at the deadline or the end.
func (c *rawClient) read(deadline time.Time) *stun.Message {
	_ = c.conn.SetReadDeadline(deadline)
	buf := make([]byte, 2048)
	n, err := 0, error(nil)
	if c.stream {
		if _, err = io.ReadFull(c.conn, buf[:20]); err == nil {
			n = 20 + int(binary.BigEndian.Uint16(buf[2:]))
			_, err = io.ReadFull(c.conn, buf[20:n])
		}
	} else {
		n, err = c.conn.Read(buf)
	}
	if err != nil {
		return nil
	}
	m := &stun.Message{Raw: append([]byte(nil), buf[:n]...)}
	if m.Decode() != nil {
		return nil
	}
	return m
}

// code returns the error code of a reply: 0 for success, -1 for none.
func (c *rawClient) code(m *stun.Message) int {
	if m == nil {
		return -1
	}
	if m.Type.Class == stun.ClassSuccessResponse {
		return 0
	}
	var code stun.ErrorCodeAttribute
	if code.GetFrom(m) != nil {
		return -1
	}
	return int(code.Code)
}

// signed reports whether a reply carries a valid message integrity.
func (c *rawClient) signed(m *stun.Message) bool {
	return stun.MessageIntegrity(c.key).Check(m) == nil
}

func (c *rawClient) allocate() int {
	c.t.Helper()
	return c.code(c.do(stun.MethodAllocate, transport(17)))
}

// transport is a REQUESTED-TRANSPORT attribute.
type transport byte

func (p transport) AddTo(m *stun.Message) error {
	m.Add(stun.AttrRequestedTransport, []byte{byte(p), 0, 0, 0})
	return nil
}

// lifetime is a LIFETIME attribute in seconds.
type lifetime uint32

func (l lifetime) AddTo(m *stun.Message) error {
	m.Add(stun.AttrLifetime, binary.BigEndian.AppendUint32(nil, uint32(l)))
	return nil
}

// channel is a CHANNEL-NUMBER attribute.
type channel uint16

func (n channel) AddTo(m *stun.Message) error {
	m.Add(stun.AttrChannelNumber, append(binary.BigEndian.AppendUint16(nil, uint16(n)), 0, 0))
	return nil
}

// family is a REQUESTED-ADDRESS-FAMILY attribute.
type family byte

func (f family) AddTo(m *stun.Message) error {
	m.Add(stun.AttrRequestedAddressFamily, []byte{byte(f), 0, 0, 0})
	return nil
}

// xorPeer is an XOR-PEER-ADDRESS attribute that keeps the family it is given,
// mapped addresses included.
type xorPeer netip.AddrPort

func (p xorPeer) AddTo(m *stun.Message) error {
	ap := netip.AddrPort(p)
	ip, fam := ap.Addr().AsSlice(), byte(1)
	if ap.Addr().Is6() {
		fam = 2
	}
	v := binary.BigEndian.AppendUint16([]byte{0, fam}, ap.Port()^0x2112)
	mask := append([]byte{0x21, 0x12, 0xa4, 0x42}, m.TransactionID[:]...)
	for i, b := range ip {
		v = append(v, b^mask[i])
	}
	m.Add(stun.AttrXORPeerAddress, v)
	return nil
}

// eventually polls until ok holds, at most for ten seconds.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not within 10 s: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
