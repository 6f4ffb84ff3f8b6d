package nack

import (
	"slices"
	"testing"
	"time"
)

const ms = time.Millisecond

func TestGenerator(t *testing.T) {
	type due struct {
		at   time.Duration
		want []uint16
	}
	for _, c := range []struct {
		name    string
		receive []uint16
		rtt     time.Duration
		due     []due
		overrun bool
	}{
		{"nothing lost", []uint16{1, 2, 3}, 0, []due{{0, nil}}, false},
		{"one gap", []uint16{1, 3}, 0, []due{{0, []uint16{2}}, {10 * ms, nil}, {20 * ms, []uint16{2}}}, false},
		{"gap over the wrap", []uint16{65534, 1}, 0, []due{{0, []uint16{65535, 0}}}, false},
		{"late packet is no longer missing", []uint16{1, 4, 2}, 0, []due{{0, []uint16{3}}}, false},
		{"spacing follows the round trip", []uint16{1, 3}, 100 * ms, []due{{0, []uint16{2}}, {100 * ms, nil}, {125 * ms, []uint16{2}}, {200 * ms, nil}}, false},
		{"given up after a second", []uint16{1, 3}, 0, []due{{0, []uint16{2}}, {1001 * ms, nil}}, true},
		{"an outage asks for a key frame", []uint16{1, 1000}, 0, []due{{0, nil}}, true},
		{"duplicates", []uint16{5, 5, 4, 5}, 0, []due{{0, nil}}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var g Generator
			for _, s := range c.receive {
				g.Receive(s, 0)
			}
			for _, d := range c.due {
				if got := g.Due(d.at, c.rtt, nil); !slices.Equal(got, d.want) {
					t.Fatalf("at %v: %v, want %v", d.at, got, d.want)
				}
			}
			if got := g.Overrun(); got != c.overrun {
				t.Fatalf("overrun %v", got)
			}
			if g.Overrun() {
				t.Fatal("overrun is reported twice")
			}
		})
	}
}

func TestGeneratorAsksBoundedTimes(t *testing.T) {
	var g Generator
	g.Receive(1, 0)
	g.Receive(3, 0)
	asked := 0
	for now := time.Duration(0); now < 5*time.Second; now += 10 * ms {
		asked += len(g.Due(now, 0, nil))
	}
	if asked == 0 || asked > maxTries || g.Missing() != 0 || !g.Overrun() {
		t.Fatalf("asked %d times, %d missing", asked, g.Missing())
	}
}

func TestGeneratorIsBounded(t *testing.T) {
	var g Generator
	for s := 0; s < 60000; s += 3 {
		g.Receive(uint16(s), 0)
	}
	if g.Missing() > maxMissing || cap(g.list) > maxMissing {
		t.Fatalf("%d missing in room for %d", g.Missing(), cap(g.list))
	}
	if g.Lost() != 2*19999 {
		t.Fatalf("lost %d", g.Lost())
	}
	got := g.Due(0, 0, nil)
	if !slices.IsSorted(got) || got[len(got)-1] != 59996 {
		t.Fatalf("the newest gaps are not kept: %v", got)
	}
	g.Forget(59990)
	if got := g.Missing(); got != 5 {
		t.Fatalf("%d missing after Forget", got)
	}
}

func TestGeneratorReordering(t *testing.T) {
	var g Generator
	g.SetReordering(15 * ms)
	g.Receive(1, 0)
	g.Receive(3, 0)
	if got := g.Due(10*ms, 0, nil); got != nil {
		t.Fatalf("asked for %v too early", got)
	}
	if !g.Receive(2, 12*ms) || g.Receive(2, 13*ms) || g.Recovered() != 1 {
		t.Fatal("recovery is not counted once")
	}
	if got := g.Due(20*ms, 0, nil); got != nil {
		t.Fatalf("asked for %v that had come", got)
	}
}

func TestResponder(t *testing.T) {
	r := NewResponder(8)
	for s := range uint16(12) {
		r.Sent(Sent{Seq: 65530 + s, Original: s, Timestamp: uint32(s)}, 0)
	}
	for _, c := range []struct {
		name string
		seq  uint16
		at   time.Duration
		ok   bool
	}{
		{"forgotten", 65530, 10 * ms, false},
		{"never sent", 100, 10 * ms, false},
		{"first request", 0, 10 * ms, true},
		{"crossed with the copy", 0, 40 * ms, false},
		{"after a round trip", 0, 60 * ms, true},
		{"third", 0, 120 * ms, true},
		{"fourth", 0, 180 * ms, true},
		{"fifth", 0, 240 * ms, true},
		{"too often", 0, 500 * ms, false},
	} {
		got, ok := r.Request(c.seq, c.at, 50*ms)
		if ok != c.ok || ok && got.Seq != c.seq {
			t.Fatalf("%s: %+v %v", c.name, got, ok)
		}
	}
	r.Reset()
	if _, ok := r.Request(3, 0, 0); ok {
		t.Fatal("answered after Reset")
	}
}

func TestNothingAllocates(t *testing.T) {
	var g Generator
	g.Receive(0, 0)
	r := NewResponder(64)
	dst := make([]uint16, 0, 16)
	seq, now := uint16(0), time.Duration(0)
	if n := testing.AllocsPerRun(1000, func() {
		seq += 2
		now += ms
		g.Receive(seq, now)
		dst = g.Due(now, 0, dst[:0])
		g.Receive(seq-1, now)
		r.Sent(Sent{Seq: seq}, now)
		r.Request(seq, now, 0)
	}); n != 0 {
		t.Fatalf("%v allocations per packet", n)
	}
}

func BenchmarkReceive(b *testing.B) {
	var g Generator
	seq := uint16(0)
	b.ReportAllocs()
	for b.Loop() {
		seq++
		g.Receive(seq, 0)
	}
}

func BenchmarkSent(b *testing.B) {
	r := NewResponder(512)
	s := Sent{}
	b.ReportAllocs()
	for b.Loop() {
		s.Seq++
		r.Sent(s, 0)
	}
}
