package sfu

import (
	"net"
	"net/netip"
	"testing"
)

// TestFeedbackWaitsAside: what subscribers tell of arrivals comes to the socket that wakes
// nobody, and all the same to their estimate.
func TestFeedbackWaitsAside(t *testing.T) {
	s := server(t)
	doctor, patient := join(t, s, clientOptions{identity: "doctor"}), join(t, s, clientOptions{identity: "patient"})
	until(t, "patient sees doctor", patient.hears("doctor", SourceCamera))
	until(t, "doctor sees patient", doctor.hears("patient", SourceCamera))
	for _, c := range []*client{doctor, patient} {
		out := &c.p.transport.Load().out
		until(t, "feedback is told to the estimate", func() bool {
			out.mu.Lock()
			defer out.mu.Unlock()
			return out.pace.est != nil && out.pace.est.AckedBits(s.now()) > 0
		})
	}
	if s.port.Aside == nil || s.port.Aside.Counters.PacketsIn.Load() == 0 {
		t.Error("nothing was put aside")
	}
}

// TestAsideTakesNoStranger: what is put aside and belongs to nobody is counted and does
// nothing.
func TestAsideTakesNoStranger(t *testing.T) {
	s := server(t)
	if s.aside == nil {
		t.Fatal("nothing is put aside")
	}
	w := newWire(t)
	before := s.Stats().DroppedUnknown
	for range 300 { // more than one collection takes
		if _, err := w.WriteTo([]byte{0x8f, 0xcd, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8}, net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), s.Addr().Port()))); err != nil {
			t.Fatal(err)
		}
	}
	b := newOutbox(s.shards[0].socket.NewBatch(), 7)
	until(t, "all are counted", func() bool {
		s.aside.collect(b)
		return s.Stats().DroppedUnknown == before+300
	})
}
