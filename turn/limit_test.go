package turn

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/stun/v4"
)

// TestQuota (T6): four allocations per identity, then 486; another identity
// is not affected, and a place is free again when one ends.
func TestQuota(t *testing.T) {
	s, _ := startServer(t, nil)
	var clients []*rawClient
	for i := range 4 {
		network := []string{"udp", "tcp"}[i%2]
		c := dial(t, s, network, "alice")
		if code := c.allocate(); code != 0 {
			t.Fatalf("allocation %d: %d", i+1, code)
		}
		clients = append(clients, c)
	}
	fifth := dial(t, s, "tcp", "alice")
	if code := fifth.allocate(); code != 486 {
		t.Errorf("fifth allocation: %d, want 486", code)
	}
	if code := dial(t, s, "udp", "bob").allocate(); code != 0 {
		t.Errorf("bob: %d", code)
	}
	if code := clients[0].code(clients[0].do(stun.MethodRefresh, lifetime(0))); code != 0 {
		t.Fatalf("release: %d", code)
	}
	eventually(t, "a free place", func() bool { return fifth.allocate() == 0 })
}

// TestMaxAllocations: the total is bounded whoever asks.
func TestMaxAllocations(t *testing.T) {
	s, _ := startServer(t, func(c *Config) { c.MaxAllocations = 2 })
	for i, want := range []int{0, 0, 508} {
		if code := dial(t, s, "udp", string(rune('a'+i))).allocate(); code != want {
			t.Errorf("allocation %d: %d, want %d", i+1, code, want)
		}
	}
}

// TestCredentials (T7): what was not issued, was changed, has expired or was
// revoked does not allocate.
func TestCredentials(t *testing.T) {
	s, _ := startServer(t, func(c *Config) { c.RepliesPerSecond = 100 })
	good := s.Issue("alice")
	expired, expiredPassword := "1700000000:alice", s.mint.password("1700000000:alice")
	for _, tc := range []struct {
		name, user, password string
		want                 int
	}{
		{"issued", good.Username, good.Credential, 0},
		{"wrong password", good.Username, "guess", 401},
		{"other identity", good.Username + "2", good.Credential, 401},
		{"expired", expired, expiredPassword, 401},
		{"no expiry", "alice", s.mint.password("alice"), 401},
		{"odd number", "+99999999999:alice", s.mint.password("+99999999999:alice"), 401},
	} {
		c := dial(t, s, "udp", "nobody")
		c.use(tc.user, tc.password)
		if code := c.allocate(); code != tc.want {
			t.Errorf("%s: %d, want %d", tc.name, code, tc.want)
		}
	}
	if ttl := time.Until(good.Expires); ttl > maxCredentialTTL || ttl < time.Minute {
		t.Errorf("credentials live for %v", ttl)
	}
}

// TestRefreshAfterExpiry: expiry stops new allocations, not a running visit.
func TestRefreshAfterExpiry(t *testing.T) {
	var at clock
	at.unix.Store(1_800_000_000)
	s, peer := startServerAt(t, at.now, nil)
	c := dial(t, s, "udp", "alice")
	if code := c.allocate(); code != 0 {
		t.Fatalf("allocate: %d", code)
	}
	at.unix.Add(3600)
	if code := c.code(c.do(stun.MethodRefresh, lifetime(600))); code != 0 {
		t.Errorf("refresh after expiry: %d", code)
	}
	if code := c.code(c.do(stun.MethodCreatePermission, xorPeer(peer))); code != 0 {
		t.Errorf("permission after expiry: %d", code)
	}
	late := dial(t, s, "udp", "bob")
	late.use(c.user, s.mint.password(c.user))
	if code := late.allocate(); code != 401 {
		t.Errorf("allocate after expiry: %d, want 401", code)
	}
}

// TestRevoke ends allocations and credentials at once; new credentials work.
func TestRevoke(t *testing.T) {
	s, peer := startServer(t, nil)
	udp, tcp := dial(t, s, "udp", "alice"), dial(t, s, "tcp", "alice")
	bob := dial(t, s, "udp", "bob")
	for _, c := range []*rawClient{udp, tcp, bob} {
		if code := c.allocate(); code != 0 {
			t.Fatalf("allocate: %d", code)
		}
	}
	s.Revoke("alice")
	if st := s.Stats(); st.Allocations != 1 || st.Connections != 0 {
		t.Errorf("after Revoke: %+v", st)
	}
	if code := udp.code(udp.do(stun.MethodRefresh, lifetime(600))); code != 401 {
		t.Errorf("refresh: %d, want 401", code)
	}
	if code := udp.allocate(); code != 401 {
		t.Errorf("allocate: %d, want 401", code)
	}
	if code := bob.code(bob.do(stun.MethodCreatePermission, xorPeer(peer))); code != 0 {
		t.Errorf("bob was hit: %d", code)
	}
	fresh := s.Issue("alice")
	again := dial(t, s, "udp", "alice")
	again.use(fresh.Username, fresh.Credential)
	if code := again.allocate(); code != 0 {
		t.Errorf("credentials issued after Revoke: %d", code)
	}
	s.Revoke("alice")
	if code := again.allocate(); code != 401 {
		t.Errorf("second Revoke: %d, want 401", code)
	}
}

// TestReplyLimit (T8): strangers get at most ten replies a second per network,
// and never many times what they sent.
func TestReplyLimit(t *testing.T) {
	var at clock
	at.unix.Store(1_800_000_000)
	s, _ := startServerAt(t, at.now, nil)
	c := dial(t, s, "udp", "x")
	for range 100 {
		msg := stun.MustBuild(stun.TransactionID, stun.NewType(stun.MethodAllocate, stun.ClassRequest))
		if _, err := c.conn.Write(msg.Raw); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "90 dropped", func() bool { return s.Stats().RepliesDropped == 90 })
	out := 0
	for range 10 {
		m := c.read(time.Now().Add(c.timeout))
		if c.code(m) != 401 {
			t.Fatalf("reply: %v", m)
		}
		out += len(m.Raw)
	}
	if factor := float64(out) / 10 / 20; factor > 5 {
		t.Errorf("a reply is %.1f times its request", factor)
	}
	for addr, want := range map[string]bool{"127.0.0.77": false, "127.0.1.1": true, "2001:db8::1": true} {
		if got := s.udp.limit.take(netip.MustParseAddr(addr)); got != want {
			t.Errorf("another reply to %s: %v", addr, got)
		}
	}
}

// TestPendingConnections (T10): silent connections are closed at the deadline,
// one address cannot take all places, and an allocation lifts the deadline.
func TestPendingConnections(t *testing.T) {
	s, peer := startServer(t, func(c *Config) {
		c.UnauthenticatedTimeout = 300 * time.Millisecond
		c.MaxPendingPerAddress = 8
	})
	good := dial(t, s, "tcp", "alice")
	if code := good.allocate(); code != 0 {
		t.Fatalf("allocate: %d", code)
	}
	var silent []net.Conn
	for range 20 {
		conn, err := net.Dial("tcp", s.Addresses().TCP.String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		silent = append(silent, conn)
	}
	eventually(t, "12 refused", func() bool { return s.Stats().ConnectionsRefused == 12 })
	for _, conn := range silent {
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			t.Error("a silent connection was answered")
		} else if ne, ok := err.(net.Error); ok && ne.Timeout() {
			t.Error("a silent connection is still open")
		}
	}
	if code := good.code(good.do(stun.MethodCreatePermission, xorPeer(peer))); code != 0 {
		t.Errorf("the connection with an allocation did not survive: %d", code)
	}
	good.do(stun.MethodRefresh, lifetime(0))
	eventually(t, "closed when its allocation is gone", func() bool { return s.Stats().Connections == 0 })
}

// TestOldestGoes: at the cap, a newcomer takes the place of whoever has been
// silent longest.
func TestOldestGoes(t *testing.T) {
	s, _ := startServer(t, func(c *Config) { c.MaxPending = 4 })
	first := dial(t, s, "tcp", "first")
	eventually(t, "first accepted", func() bool { return s.Stats().Pending == 1 })
	for range 4 {
		dial(t, s, "tcp", "other")
	}
	_ = first.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := first.conn.Read(make([]byte, 1)); err == nil {
		t.Error("the first was answered")
	}
	eventually(t, "four stay", func() bool { return s.Stats().Connections == 4 })
}
