package turn

import (
	"encoding/binary"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/pion/stun/v4"
)

// cpuTime is what this process has used so far.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var ru syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &ru); err != nil {
		t.Fatal(err)
	}
	return time.Duration(ru.Utime.Nano() + ru.Stime.Nano())
}

// TestLengthOverflow (T1): lengths at the edge of 16 bits pinned a core for
// good in older versions of the library.
func TestLengthOverflow(t *testing.T) {
	s, _ := startServer(t, nil)
	var conns []net.Conn
	for i := range 50 {
		conn, err := net.Dial("tcp", s.Addresses().TCP.String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		head := []byte{0x40, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}
		if i%2 == 1 {
			head = append([]byte{0, 3, 0, 0, 0x21, 0x12, 0xa4, 0x42}, make([]byte, 12)...)
		}
		binary.BigEndian.PutUint16(head[2:], uint16(0xfff0+i%16))
		if _, err := conn.Write(head); err != nil {
			t.Fatal(err)
		}
		conns = append(conns, conn)
	}
	for i, conn := range conns {
		_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		if n, err := conn.Read(make([]byte, 64)); err == nil {
			t.Errorf("connection %d: answered with %d bytes", i, n)
		} else if ne, ok := err.(net.Error); ok && ne.Timeout() {
			t.Errorf("connection %d is still open after 10 s", i)
		}
	}
	eventually(t, "all closed", func() bool { return s.Stats().Connections == 0 })
	before := cpuTime(t)
	time.Sleep(500 * time.Millisecond)
	if used := cpuTime(t) - before; used > 100*time.Millisecond {
		t.Errorf("%v CPU in 500 ms of rest", used)
	}
}

// specialPeers (T2) is what an attacker asks for to reach inside.
var specialPeers = []string{
	"127.0.0.1", "127.1.2.3", "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "169.254.169.254",
	"172.16.0.1", "192.168.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "8.8.8.8",
	"::", "::1", "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::7f00:1", "2002:7f00:1::1",
	"fc00::1", "fec0::1", "fe80::1", "2001:db8::5efe:127.0.0.1", "2001:0:7f00:1::", "ff02::1", "2001:4860:4860::8888",
}

// TestForbiddenPeers (T2, T3): only the one allowed address and port is
// relayed to; everything else is refused, and a canary hears nothing.
func TestForbiddenPeers(t *testing.T) {
	canary, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = canary.Close() }()
	at, _ := addrPort(canary.LocalAddr())
	s, peer := startServer(t, nil)
	c := dial(t, s, "udp", "mallory")
	if code := c.allocate(); code != 0 {
		t.Fatalf("allocate: %d", code)
	}
	peers := []netip.AddrPort{s.Addresses().UDP, s.Addresses().TCP, netip.AddrPortFrom(peer.Addr(), peer.Port()+1)}
	for _, a := range specialPeers {
		peers = append(peers, netip.AddrPortFrom(netip.MustParseAddr(a), at.Port()))
	}
	for i, p := range peers {
		want := 403
		if p.Addr().Is6() && !p.Addr().Is4In6() {
			want = 443 // the allocation is IPv4: RFC 8656 §9.2 asks for this code first
		}
		for name, m := range map[string]*stun.Message{
			"CreatePermission": c.do(stun.MethodCreatePermission, xorPeer(p)),
			"ChannelBind":      c.do(stun.MethodChannelBind, channel(0x4000+i), xorPeer(p)),
		} {
			if got := c.code(m); got != want || !c.signed(m) {
				t.Errorf("%s %v: code %d, want %d and signed", name, p, got, want)
			}
		}
	}
	// With a permission for the allowed peer, other ports of its address stay
	// shut although a permission is per address.
	if code := c.code(c.do(stun.MethodCreatePermission, xorPeer(peer))); code != 0 {
		t.Fatalf("permission for the allowed peer: %d", code)
	}
	msg := stun.MustBuild(stun.TransactionID, stun.NewType(stun.MethodSend, stun.ClassIndication),
		xorPeer(at), stun.RawAttribute{Type: stun.AttrData, Value: []byte("knock")})
	refused := s.Stats().PacketsRefused
	if _, err := c.conn.Write(msg.Raw); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the Send indication is refused", func() bool { return s.Stats().PacketsRefused > refused })
	_ = canary.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, from, err := canary.ReadFrom(make([]byte, 64)); err == nil {
		t.Errorf("the canary heard %d bytes from %v", n, from)
	}
	if s.Stats().PeersRefused == 0 {
		t.Error("refusals are not counted")
	}
}

// TestForbiddenPeersIPv6 is the same list on an IPv6 allocation.
func TestForbiddenPeersIPv6(t *testing.T) {
	if conn, err := net.ListenPacket("udp6", "[::1]:0"); err != nil {
		t.Skip("no IPv6 loopback here")
	} else {
		_ = conn.Close()
	}
	s, _ := startServer(t, func(c *Config) { c.RelayAddress = netip.IPv6Loopback() })
	c := dial(t, s, "udp", "mallory")
	if code := c.code(c.do(stun.MethodAllocate, transport(17), family(2))); code != 0 {
		t.Fatalf("allocate: %d", code)
	}
	for _, a := range specialPeers {
		p := netip.AddrPortFrom(netip.MustParseAddr(a), 9)
		want := 403
		if p.Addr().Unmap().Is4() {
			want = 443
		}
		if got := c.code(c.do(stun.MethodCreatePermission, xorPeer(p))); got != want {
			t.Errorf("%v: code %d, want %d", p, got, want)
		}
	}
}

// TestPolicyForms checks the reductions without the network.
func TestPolicyForms(t *testing.T) {
	all := policy{allow: func(netip.AddrPort) bool { return true }}
	for addr, want := range map[string]bool{
		"127.0.0.1": true, "192.0.2.1": true, "::1": true, "2001:db8::1": true, "::ffff:192.0.2.1": true,
		"0.0.0.0": false, "0.1.2.3": false, "224.0.0.1": false, "255.255.255.255": false, "::": false,
		"::192.0.2.1": false, "64:ff9b::c000:201": false, "64:ff9b:1::1": false, "2002::1": false, "2001::1": false,
		"::ffff:0:192.0.2.1": false, "2001:db8::200:5efe:c000:201": false, "fec0::1": false, "ff02::1": false,
		"fe80::1%eth0": false,
	} {
		if got := all.permits(netip.AddrPortFrom(netip.MustParseAddr(addr), 5000)); got != want {
			t.Errorf("%s: permitted = %v", addr, got)
		}
	}
	if all.permits(netip.MustParseAddrPort("192.0.2.1:0")) {
		t.Error("port 0 is permitted")
	}
}

// TestTCPAllocation (T4): RFC 6062 is off, and said so.
func TestTCPAllocation(t *testing.T) {
	s, _ := startServer(t, nil)
	for _, network := range []string{"udp", "tcp"} {
		c := dial(t, s, network, "mallory")
		if m := c.do(stun.MethodAllocate, transport(protocolTCP)); c.code(m) != 442 || !c.signed(m) {
			t.Errorf("%s: code %d, want 442 and signed", network, c.code(m))
		}
	}
}

// TestForeignFiveTuple (T5): valid credentials give no power over another
// identity's allocation, even from its address.
func TestForeignFiveTuple(t *testing.T) {
	s, peer := startServer(t, nil)
	c := dial(t, s, "udp", "alice")
	if code := c.allocate(); code != 0 {
		t.Fatalf("allocate: %d", code)
	}
	alice := s.Issue("alice")
	mallory := s.Issue("mallory")
	c.use(mallory.Username, mallory.Credential)
	c.timeout = 100 * time.Millisecond
	if code := c.code(c.do(stun.MethodRefresh, lifetime(0))); code == 0 {
		t.Error("mallory's Refresh succeeded")
	}
	if code := c.code(c.do(stun.MethodCreatePermission, xorPeer(peer))); code == 0 {
		t.Error("mallory's CreatePermission succeeded")
	}
	c.use(alice.Username, alice.Credential)
	c.timeout = 5 * time.Second
	if code := c.code(c.do(stun.MethodRefresh, lifetime(600))); code != 0 {
		t.Errorf("alice's allocation is gone: %d", code)
	}
}

// TestJunk (T9): datagrams that are no TURN cost no reply.
func TestJunk(t *testing.T) {
	s, _ := startServer(t, nil)
	conn, err := net.Dial("udp", s.Addresses().UDP.String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for i := range 1000 {
		_, _ = conn.Write([]byte{byte(i), byte(i >> 8), 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
	}
	c := dial(t, s, "udp", "alice")
	if code := c.allocate(); code != 0 {
		t.Fatalf("allocate after junk: %d", code)
	}
	_ = conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := conn.Read(make([]byte, 64)); err == nil {
		t.Errorf("junk was answered with %d bytes", n)
	}
}
