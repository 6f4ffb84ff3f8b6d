package udp

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"
)

func listen(t testing.TB, at string, o Options) *Socket {
	t.Helper()
	s, err := Listen(netip.MustParseAddrPort(at), o)
	if err != nil {
		t.Skipf("no socket at %s: %v", at, err)
	}
	t.Cleanup(func() { s.Shut(); _ = s.Close() })
	return s
}

// TestBatch sends runs that can and cannot be offloaded to two destinations and
// expects each datagram whole and in its destination's order.
func TestBatch(t *testing.T) {
	for _, tc := range []struct {
		name, server, client string
		offload              bool
	}{
		{"four", "127.0.0.1:0", "127.0.0.1:0", true},
		{"four, one call each", "127.0.0.1:0", "127.0.0.1:0", false},
		{"six", "[::1]:0", "[::1]:0", true},
		{"four through a dual socket", "[::]:0", "127.0.0.1:0", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := listen(t, tc.server, Options{Offload: tc.offload, SendBuffer: 1 << 20})
			var clients [2]*net.UDPConn
			var queues [2]Queue
			for i := range clients {
				c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort(tc.client)))
				if err != nil {
					t.Skip(err)
				}
				t.Cleanup(func() { _ = c.Close() })
				clients[i] = c
			}
			sizes := []int{1150, 1150, 1150, 80, 1150, 80, 80, 700, 1150}
			b := s.NewBatch()
			for round := range 2 {
				for i, n := range sizes {
					for c := range clients {
						copy(b.Buffer(), payload(round, i, c, n))
						b.Add(&queues[c], FromAddrPort(clients[c].LocalAddr().(*net.UDPAddr).AddrPort()), n, false)
					}
				}
				b.Flush()
				for c, conn := range clients {
					_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
					buf := make([]byte, 2000)
					for i, n := range sizes {
						got, err := conn.Read(buf)
						if err != nil {
							t.Fatal(err)
						}
						if want := payload(round, i, c, n); !bytes.Equal(buf[:got], want) {
							t.Fatalf("round %d client %d datagram %d: got %d bytes %q", round, c, i, got, buf[:8])
						}
					}
				}
			}
			if got := s.Counters.PacketsOut.Load(); got != uint64(2*2*len(sizes)) {
				t.Errorf("counted %d datagrams out", got)
			}
			if tc.offload && s.Offload() && s.Counters.Segments.Load() == 0 {
				t.Error("no run was offloaded")
			}
		})
	}
}

func payload(round, i, c, n int) []byte {
	p := bytes.Repeat([]byte{byte(i)}, n)
	copy(p, fmt.Sprintf("%d/%d/%d", round, c, i))
	return p
}

func TestReader(t *testing.T) {
	s := listen(t, "127.0.0.1:0", Options{})
	r := s.NewReader(4)
	for i := range r.Size() {
		r.SetBuffer(i, make([]byte, 100))
	}
	c, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(s.LocalAddr()))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	from := FromAddrPort(c.LocalAddr().(*net.UDPAddr).AddrPort())
	for _, n := range []int{1, 60, 100, 101} {
		if _, err := c.Write(make([]byte, n)); err != nil {
			t.Fatal(err)
		}
	}
	want := []int{1, 60, 100, 0} // the last does not fit and is told by length 0
	done := make(chan error)
	go func() {
		done <- r.Run(func(n int) {
			for i := range n {
				got, addr := r.Datagram(i)
				if len(want) == 0 || got != want[0] || addr != from {
					t.Errorf("got %d bytes from %v, want %v from %v", got, addr, want, from)
					continue
				}
				want = want[1:]
			}
			if len(want) == 0 {
				s.Shut()
			}
		})
	}()
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Fatalf("run after shut: %v", err)
	}
	if err := r.Run(func(int) {}); !errors.Is(err, ErrClosed) {
		t.Fatalf("run of a shut socket: %v", err)
	}
}

// TestShutWakes ends a wait in which nothing comes.
func TestShutWakes(t *testing.T) {
	s := listen(t, "127.0.0.1:0", Options{})
	r := s.NewReader(1)
	r.SetBuffer(0, make([]byte, 100))
	done := make(chan error)
	go func() { done <- r.Run(func(int) {}) }()
	s.Shut()
	if err := <-done; !errors.Is(err, ErrClosed) {
		t.Fatal(err)
	}
}

func TestNoAllocations(t *testing.T) {
	s := listen(t, "127.0.0.1:0", Options{Offload: true})
	sink := listen(t, "127.0.0.1:0", Options{})
	to := FromAddrPort(sink.LocalAddr())
	b := s.NewBatch()
	var q Queue
	if n := testing.AllocsPerRun(50, func() {
		for range 20 {
			copy(b.Buffer(), "media")
			b.Add(&q, to, 900, false)
		}
		b.Flush()
	}); n != 0 {
		t.Errorf("a batch allocates %v times", n)
	}
}
