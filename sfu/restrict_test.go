package sfu

import (
	"testing"
	"time"

	"consilium/sfu/internal/rtcp"
)

// TestRestrict lets a subscriber's path lose packets and expects the publisher
// to be held back, and freed again.
func TestRestrict(t *testing.T) {
	s := server(t)
	w := newWire(t)
	a := join(t, s, clientOptions{identity: "a"})
	b := join(t, s, clientOptions{identity: "b", settings: w.over})
	until(t, "b sees a", b.hears("a", SourceCamera))
	limit := func() int64 {
		r := a.p.room
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, x := range a.p.tracks {
			if x.source == SourceCamera {
				return x.limit
			}
		}
		return 0
	}
	lose := every(4)
	w.lose.Store(&lose)
	until(t, "a is held back", func() bool { return limit() > 0 })
	if l := limit(); l < restrictLeast || l > 5_000_000 {
		t.Errorf("held to %d bit/s", l)
	}
	none := func([]byte) bool { return false }
	w.lose.Store(&none)
	for deadline := time.Now().Add(20 * time.Second); limit() > 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a is not freed")
		}
	}
}

func TestRateIsReadable(t *testing.T) {
	b := rtcp.AppendREMB(nil, 1, 2, 250_000)
	w := rtcp.Packets{Rest: b}
	var p rtcp.Packet
	if !w.Next(&p) {
		t.Fatal(w.Err)
	}
	if got, ok := p.REMB(); !ok || got < 249_000 || got > 250_000 {
		t.Errorf("%d %v", got, ok)
	}
}
