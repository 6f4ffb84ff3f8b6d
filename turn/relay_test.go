package turn

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"net"
	"net/netip"
	"testing"
	"time"

	pionturn "github.com/pion/turn/v5"
)

// selfSigned is a certificate for loopback.
func selfSigned(t *testing.T) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{loopback.AsSlice()},
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// TestRelay sends through the relay with Pion's client over every transport.
func TestRelay(t *testing.T) {
	s, peer := startServer(t, func(c *Config) {
		c.ListenTLS, c.TLSConfig = "127.0.0.1:0", selfSigned(t)
	})
	at := s.Addresses()
	for _, tc := range []struct {
		name   string
		server netip.AddrPort
		open   func() (net.PacketConn, error)
	}{
		{"UDP", at.UDP, func() (net.PacketConn, error) { return net.ListenPacket("udp4", "127.0.0.1:0") }},
		{"TCP", at.TCP, func() (net.PacketConn, error) {
			c, err := net.Dial("tcp", at.TCP.String())
			return pionturn.NewSTUNConn(c), err
		}},
		{"TLS", at.TLS, func() (net.PacketConn, error) {
			c, err := tls.Dial("tcp", at.TLS.String(), &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // own certificate
			return pionturn.NewSTUNConn(c), err
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			conn, err := tc.open()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			cred := s.Issue("alice-" + tc.name)
			client, err := pionturn.NewClient(&pionturn.ClientConfig{
				TURNServerAddr: tc.server.String(), Conn: conn,
				Username: cred.Username, Password: cred.Credential, Realm: "consilium",
				LoggerFactory: &pionLog{warnings: &s.counters.warnings},
			})
			if err != nil {
				t.Fatal(err)
			}
			defer client.Close()
			if err := client.Listen(); err != nil {
				t.Fatal(err)
			}
			relayed, err := client.Allocate()
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = relayed.Close() }()
			if got := relayed.LocalAddr().(*net.UDPAddr).AddrPort().Addr(); got != loopback {
				t.Errorf("relayed address is %v", got)
			}
			_ = relayed.SetDeadline(time.Now().Add(5 * time.Second))
			buf := make([]byte, 2048)
			for _, size := range []int{20, 201, 1200} {
				want := make([]byte, size)
				_, _ = rand.Read(want)
				if _, err := relayed.WriteTo(want, net.UDPAddrFromAddrPort(peer)); err != nil {
					t.Fatal(err)
				}
				n, from, err := relayed.ReadFrom(buf)
				if err != nil {
					t.Fatalf("echo of %d bytes: %v", size, err)
				}
				if string(buf[:n]) != string(want) || from.String() != peer.String() {
					t.Errorf("echo of %d bytes came as %d bytes from %v", size, n, from)
				}
			}
		})
	}
	eventually(t, "all allocations released", func() bool { return s.Stats().Allocations == 0 })
	if st := s.Stats(); st.AllocationsTotal != 3 || st.BytesToPeers == 0 || st.BytesFromPeers != st.BytesToPeers {
		t.Errorf("stats: %+v", st)
	}
}

// TestURLs shows the order and the forms of the listeners' URIs.
func TestURLs(t *testing.T) {
	s, _ := startServer(t, func(c *Config) { c.Host = "turn.example.org"; c.ListenTCP = "" })
	got := s.Issue("x").URLs
	want := "turn:turn.example.org:" + port(s.Addresses().UDP) + "?transport=udp"
	if len(got) != 1 || got[0] != want {
		t.Errorf("URLs = %v, want [%s]", got, want)
	}
	v6 := &Server{cfg: Config{RelayAddress: netip.MustParseAddr("2001:db8::1")}, udp: &datagramConn{}}
	v6.addresses.UDP = netip.MustParseAddrPort("[::]:3478")
	if got := v6.urls(); got[0] != "turn:[2001:db8::1]:3478?transport=udp" {
		t.Errorf("IPv6 URL = %v", got)
	}
}

func port(a netip.AddrPort) string {
	_, p, _ := net.SplitHostPort(a.String())
	return p
}

// TestClose ends with an allocation and a silent connection open.
func TestClose(t *testing.T) {
	s, _ := startServer(t, nil)
	if code := dial(t, s, "tcp", "alice").allocate(); code != 0 {
		t.Fatalf("allocate: %d", code)
	}
	if code := dial(t, s, "udp", "bob").allocate(); code != 0 {
		t.Fatalf("allocate: %d", code)
	}
	dial(t, s, "tcp", "silent")
	eventually(t, "three clients", func() bool { st := s.Stats(); return st.Allocations == 2 && st.Connections == 2 })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if st := s.Stats(); st.Allocations != 0 || st.Connections != 0 {
		t.Errorf("after Close: %+v", st)
	}
}

func TestConfigValidate(t *testing.T) {
	if err := DefaultConfig().Validate(); err != nil {
		t.Errorf("the default does not validate: %v", err)
	}
	for name, change := range map[string]func(*Config){
		"no listener":   func(c *Config) { c.ListenUDP, c.ListenTCP = "", "" },
		"bad address":   func(c *Config) { c.ListenTCP = "3478" },
		"long TTL":      func(c *Config) { c.CredentialTTL = time.Hour },
		"no realm":      func(c *Config) { c.Realm = "" },
		"zero quota":    func(c *Config) { c.AllocationsPerIdentity = 0 },
		"zero deadline": func(c *Config) { c.UnauthenticatedTimeout = 0 },
	} {
		c := DefaultConfig()
		if change(&c); c.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
