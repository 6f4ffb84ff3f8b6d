package udp

import (
	"net"
	"net/netip"
	"testing"
	"time"
)

// TestListenAll divides what comes to one port: each sender has one socket, and all
// sockets have some.
func TestListenAll(t *testing.T) {
	all, err := ListenAll(netip.MustParseAddrPort("127.0.0.1:0"), 3, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		defer func() { s.Shut(); _ = s.Close() }()
	}
	const senders, each = 60, 5
	for range senders {
		c, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(all[0].LocalAddr()))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		for range each {
			if _, err := c.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
		}
	}
	owner, got := map[Addr]int{}, 0
	for i, s := range all {
		r := s.NewReader(8)
		for j := range r.Size() {
			r.SetBuffer(j, make([]byte, 10))
		}
		mine := 0
		for deadline := time.Now().Add(time.Second); time.Now().Before(deadline); {
			n, err := r.TryRead()
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break // loopback delivers before the writer's call returns
			}
			for j := range n {
				_, from := r.Datagram(j)
				if o, known := owner[from]; known && o != i {
					t.Errorf("%v came to sockets %d and %d", from, o, i)
				}
				owner[from] = i
			}
			mine += n
		}
		if mine == 0 {
			t.Errorf("nothing came to socket %d of %d", i, len(all))
		}
		got += mine
	}
	if got != senders*each {
		t.Errorf("%d datagrams of %d came", got, senders*each)
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
