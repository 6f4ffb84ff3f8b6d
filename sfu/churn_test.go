package sfu

import (
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"
)

// TestJoinsAndLeavesLeaveNothing brings clients in and out: some leave, some
// vanish, some never connect. CONSILIUM_SOAK sets how many; 2000 is the release
// test.
func TestJoinsAndLeavesLeaveNothing(t *testing.T) {
	cycles := 200
	if n, err := strconv.Atoi(os.Getenv("CONSILIUM_SOAK")); err == nil {
		cycles = n
	}
	s := server(t)
	stay := join(t, s, clientOptions{identity: "stay"})
	until(t, "connected", func() bool { return stay.state() == MediaConnected })
	once := func(i int) {
		c := newClient(t, s, "room", clientOptions{identity: "guest", audio: 1, video: 1, passing: true})
		c.publish(SourceCamera)
		if i%5 == 4 { // offers, and never comes
			of, err := c.pc.CreateOffer(nil)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.p.Offer(of.SDP, nil); err != nil {
				t.Fatal(err)
			}
		} else {
			c.offer(nil)
			until(t, "connected", func() bool { return c.state() == MediaConnected })
		}
		if i%2 == 0 {
			c.p.Close()
			_ = c.pc.Close()
		} else { // a takeover by the next cycle ends it
			_ = c.pc.Close()
		}
	}
	for i := range 3 {
		once(i)
	}
	s.Room("room").kick("guest")
	settle := func() (goroutines, files int, heap uint64) {
		// A handshake's goroutines linger on purpose; nothing else may.
		deadline := time.Now().Add(8 * time.Second)
		for last := -1; time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
			n := runtime.NumGoroutine()
			if n == last {
				break
			}
			last = n
		}
		list, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Skip("no /proc")
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return runtime.NumGoroutine(), len(list), m.HeapAlloc
	}
	g0, f0, h0 := settle()
	for i := range cycles {
		once(i)
	}
	s.Room("room").kick("guest")
	g1, f1, h1 := settle()
	t.Logf("%d goroutines, %d files, %d KiB of heap after %d cycles; %d, %d, %d before", g1, f1, h1>>10, cycles, g0, f0, h0>>10)
	if g1 > g0+10 || f1 > f0+5 {
		t.Errorf("%d goroutines and %d files after %d cycles, %d and %d before", g1, f1, cycles, g0, f0)
	}
	if h1 > h0+h0/2+8<<20 { // a leak of a client's 40 KiB shows from 400 cycles on
		t.Errorf("%d KiB of heap after %d cycles, %d before", h1>>10, cycles, h0>>10)
	}
	s.ufragMu.RLock()
	defer s.ufragMu.RUnlock()
	sh := s.shards[0]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if len(s.ufrags) != 1 || len(sh.peers) != 1 {
		t.Errorf("%d fragments and %d addresses are left of one client", len(s.ufrags), len(sh.peers))
	}
}

// kick closes a participant if it is there.
func (r *Room) kick(identity string) {
	r.mu.Lock()
	var p *Participant
	for _, q := range r.people {
		if q.identity == identity {
			p = q
		}
	}
	r.mu.Unlock()
	if p != nil {
		p.Close()
	}
}
