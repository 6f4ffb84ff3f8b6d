package udp

import (
	"net"
	"net/netip"
	"testing"
)

// TestPortDivides what comes to one port: each sender has one socket, and all sockets
// have some; what is to be put aside is, and nothing else.
func TestPortDivides(t *testing.T) {
	feedback := Match{Mask: 0xdfff, Value: 0x8fcd}
	for _, c := range []struct {
		name, listen, dial string
		sockets            int
		aside              Match
	}{
		{"one", "127.0.0.1:0", "127.0.0.1", 1, feedback},
		{"three", "127.0.0.1:0", "127.0.0.1", 3, feedback},
		{"IPv6", "[::1]:0", "::1", 3, feedback},
		{"both families, IPv4", "[::]:0", "127.0.0.1", 3, feedback},
		{"both families, IPv6", "[::]:0", "::1", 2, feedback},
		{"nothing aside", "127.0.0.1:0", "127.0.0.1", 3, Match{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := ListenPort(netip.MustParseAddrPort(c.listen), c.sockets, c.aside, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { p.Shut(); _ = p.Close() }()
			if len(p.Sockets) != c.sockets || (p.Aside != nil) != (c.aside != Match{}) {
				t.Fatalf("%d sockets, one aside: %v", len(p.Sockets), p.Aside != nil)
			}
			divides(t, p, netip.AddrPortFrom(netip.MustParseAddr(c.dial), p.Sockets[0].LocalAddr().Port()))
		})
	}
}

func divides(t *testing.T, p *Port, to netip.AddrPort) {
	const senders, each = 60, 6
	for range senders {
		c, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for i := range each {
			// A request for a key frame, one byte, media, and feedback with and without padding.
			b := []string{"\x81\xce\x00\x02", "x", "\x90\x60", "\x8f\xce", "\x8f\xcd\x00\x09", "\xaf\xcd\x00"}[i]
			if _, err := c.Write([]byte(b)); err != nil {
				t.Fatal(err)
			}
		}
	}
	const feedback = 2 * senders
	if p.Aside != nil {
		got := 0
		drain(t, p.Aside, func(b []byte, _ Addr) {
			if b[0]&0xdf != 0x8f || b[1] != 0xcd {
				t.Errorf("%x was put aside", b)
			}
			got++
		})
		if got != feedback {
			t.Errorf("%d of %d datagrams were put aside", got, feedback)
		}
	}
	owner, got := map[Addr]int{}, 0
	for i, s := range p.Sockets {
		mine := 0
		drain(t, s, func(b []byte, from Addr) {
			got++
			if len(b) == 1 && p.Aside != nil {
				return // too short for the program
			}
			if o, known := owner[from]; known && o != i {
				t.Errorf("%v came to sockets %d and %d", from, o, i)
			}
			owner[from] = i
			mine++
		})
		if mine == 0 {
			t.Errorf("nothing came to socket %d of %d", i, len(p.Sockets))
		}
	}
	want := senders * each
	if p.Aside != nil {
		want -= feedback
	}
	if got != want {
		t.Errorf("%d datagrams of %d came", got, want)
	}
}

// drain reads all that waits at a socket: loopback delivers before the writer's call
// returns.
func drain(t *testing.T, s *Socket, each func([]byte, Addr)) {
	t.Helper()
	r := s.NewReader(8)
	bufs := make([][]byte, r.Size())
	for i := range bufs {
		bufs[i] = make([]byte, 10)
		r.SetBuffer(i, bufs[i])
	}
	for {
		n, err := r.TryRead()
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
		for i := range n {
			size, from := r.Datagram(i)
			each(bufs[i][:size], from)
		}
	}
}

// TestShed: a full socket drops video and keeps sound, in order, and counts.
func TestShed(t *testing.T) {
	s := listen(t, "127.0.0.1:0", Options{})
	b := s.NewBatch()
	k := &b.kernel
	sizes, keep := []int{3, 1, 16, 1, 2}, []bool{false, true, false, true, false}
	var names [5]byte
	for i := range sizes {
		k.msgs[i].hdr.Name = &names[i]
		k.held[i] = sizes[i]
		k.keep[i] = keep[i]
	}
	end, lost := b.shed(0, len(sizes))
	if end != 2 || lost != 3+16+2 || s.Counters.DroppedFull.Load() != 21 {
		t.Fatalf("%d messages are left, %d datagrams lost, %d counted", end, lost, s.Counters.DroppedFull.Load())
	}
	for i, want := range []*byte{&names[1], &names[3]} {
		if k.msgs[i].hdr.Name != want || !k.keep[i] || k.held[i] != 1 {
			t.Errorf("message %d is not the sound", i)
		}
	}
}
