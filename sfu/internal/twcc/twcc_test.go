package twcc

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pion/rtcp"
)

const ms = time.Millisecond

// TestRoundTrip sends random traffic with loss, reordering and long silences
// through Recorder and Sender, with Pion's parser as the second opinion.
func TestRoundTrip(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 3))
		s := NewSender(4096)
		var r Recorder
		s.next += uint64(rng.IntN(1 << 16))
		received := map[uint64]time.Duration{}
		results := map[uint64]Result{}
		now := time.Duration(rng.Int64N(int64(200 * time.Second)))
		feedback := func() {
			for {
				b, ok := r.Append(nil, 1, 2)
				if !ok {
					return
				}
				if len(b) > 1200 || len(b)%4 != 0 {
					t.Fatalf("feedback of %d bytes", len(b))
				}
				var ref rtcp.TransportLayerCC
				if err := ref.Unmarshal(b); err != nil {
					t.Fatalf("Pion does not read it: %v", err)
				}
				res, err := s.Feedback(b, nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, x := range res {
					if old, seen := results[x.Ext]; seen && !old.Lost {
						t.Fatalf("%d is reported twice", x.Ext)
					}
					results[x.Ext] = x
				}
			}
		}
		type held struct {
			seq uint16
			ext uint64
			at  time.Duration
		}
		var late []held
		first := s.next
		for i := range 3000 {
			now += time.Duration(rng.IntN(8000)) * time.Microsecond
			if rng.IntN(800) == 0 {
				now += 9 * time.Second
			}
			ext := s.next
			seq := s.Next(now, 100+i%1000, Media, 0)
			switch x := rng.IntN(20); {
			case x == 0: // lost
			case x == 1:
				late = append(late, held{seq, ext, now + 20*ms})
			default:
				r.Record(seq, now+10*ms)
				received[ext] = now + 10*ms
			}
			for len(late) > 0 && now > late[0].at {
				r.Record(late[0].seq, now)
				if late[0].ext >= first {
					received[late[0].ext] = now
				}
				late = late[1:]
			}
			if i%20 == 19 {
				feedback()
			}
		}
		feedback()
		missing := 0
		for ext, at := range received {
			x, ok := results[ext]
			if !ok || x.Lost {
				missing++
				continue
			}
			if diff := x.Received - at; diff > deltaUnit || diff < -deltaUnit {
				t.Fatalf("seed %d: %d received at %v, told %v", seed, ext, at, x.Received)
			}
		}
		// A packet that comes before the first reported one is not reported.
		if missing > 2 {
			t.Fatalf("seed %d: %d arrivals were not reported", seed, missing)
		}
		for ext, x := range results {
			if _, ok := received[ext]; !ok && !x.Lost {
				t.Fatalf("seed %d: %d never arrived and is told received", seed, ext)
			}
		}
	}
}

func TestChunksReadBack(t *testing.T) {
	for _, c := range []struct {
		name    string
		symbols []uint8
		chunks  int
	}{
		{"one", []uint8{1}, 1},
		{"long run", make([]uint8, 300), 1},
		{"one bit vector", []uint8{1, 0, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 0, 1}, 1},
		{"two bit vector", []uint8{1, 2, 0, 1, 2, 0, 1}, 1},
		{"seven of one bit before a large delta", []uint8{1, 0, 1, 0, 1, 0, 1, 2, 2, 1}, 2},
		{"mixed", []uint8{1, 2, 0, 1, 2, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 2, 2}, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := appendChunks(nil, c.symbols)
			if len(b) > 2*c.chunks {
				t.Errorf("%d chunks, want %d", len(b)/2, c.chunks)
			}
			r := Reader{Count: uint16(len(c.symbols))}
			r.start(b, nil)
			for i, want := range c.symbols {
				if got, ok := r.symbol(); !ok || got != want {
					t.Fatalf("symbol %d is %d, want %d", i, got, want)
				}
			}
		})
	}
}

func TestFeedbackRefuses(t *testing.T) {
	var r Recorder
	r.Record(1, 0)
	r.Record(3, 70*ms)
	good, _ := r.Append(nil, 1, 2)
	for _, c := range []struct {
		name string
		edit func(b []byte) []byte
	}{
		{"empty", func([]byte) []byte { return nil }},
		{"cut header", func(b []byte) []byte { return b[:19] }},
		{"length beyond the end", func(b []byte) []byte { b[3] = 200; return b }},
		{"another format", func(b []byte) []byte { b[0] = 0x80 | 1; return b }},
		{"count beyond the chunks", func(b []byte) []byte { b[14] = 0xff; return b }},
		{"padding over the body", func(b []byte) []byte { b[0] |= 0x20; b[len(b)-1] = 200; return b }},
		{"empty run", func(b []byte) []byte { b[20], b[21] = 0, 0; return b }},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := NewSender(8).Feedback(c.edit(append([]byte(nil), good...)), nil); err == nil {
				t.Fatal("taken")
			}
		})
	}
}

func TestFeedbackAboutOthersPackets(t *testing.T) {
	s := NewSender(8)
	var r Recorder
	for seq := uint16(100); seq < 120; seq++ {
		r.Record(seq, time.Duration(seq)*ms)
	}
	b, _ := r.Append(nil, 1, 2)
	if res, err := s.Feedback(b, nil); err != nil || len(res) != 0 {
		t.Fatalf("%v %v", res, err)
	}
}

func TestReferenceWraps(t *testing.T) {
	s := NewSender(64)
	var r Recorder
	const cycle = (1 << 24) * referenceUnit
	now := time.Duration(cycle - 100*ms)
	var got []Result
	for range 6 {
		r.Record(s.Next(now, 1, Media, 0), now)
		b, ok := r.Append(nil, 1, 2)
		if !ok {
			t.Fatal("no feedback")
		}
		var err error
		if got, err = s.Feedback(b, got); err != nil {
			t.Fatal(err)
		}
		now += 50 * ms
	}
	for i := 1; i < len(got); i++ {
		if d := got[i].Received - got[i-1].Received; d != 50*ms {
			t.Fatalf("step %d is %v", i, d)
		}
	}
}

func TestMissedAndInFlight(t *testing.T) {
	s := NewSender(64)
	var r Recorder
	for i := range 4 {
		r.Record(s.Next(0, 100, Media, 0), 0)
		b, _ := r.Append(nil, 1, 2)
		if i == 1 {
			continue
		}
		if _, err := s.Feedback(b, nil); err != nil {
			t.Fatal(err)
		}
	}
	s.Next(0, 100, Media, 0)
	s.Next(0, 50, Media, 0)
	if s.Missed() != 1 || s.InFlight() != 150 {
		t.Fatalf("missed %d, in flight %d", s.Missed(), s.InFlight())
	}
}

func TestNothingAllocates(t *testing.T) {
	s := NewSender(1024)
	var r Recorder
	buf, res := make([]byte, 0, 1500), make([]Result, 0, 512)
	now := time.Duration(0)
	if n := testing.AllocsPerRun(500, func() {
		for range 20 {
			now += 6 * ms
			r.Record(s.Next(now, 1000, Media, 0), now+5*ms)
		}
		buf, _ = r.Append(buf[:0], 1, 2)
		var err error
		if res, err = s.Feedback(buf, res[:0]); err != nil || len(res) != 20 {
			t.Fatal(len(res), err)
		}
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func BenchmarkRecord(b *testing.B) {
	var r Recorder
	seq := uint16(0)
	b.ReportAllocs()
	for b.Loop() {
		seq++
		r.Record(seq, time.Duration(seq)*ms)
	}
}

func BenchmarkFeedback(b *testing.B) {
	s := NewSender(1024)
	var r Recorder
	buf, res := make([]byte, 0, 1500), make([]Result, 0, 512)
	now := time.Duration(0)
	b.ReportAllocs()
	for b.Loop() {
		for range 20 {
			now += 6 * ms
			r.Record(s.Next(now, 1000, Media, 0), now+5*ms)
		}
		buf, _ = r.Append(buf[:0], 1, 2)
		res, _ = s.Feedback(buf, res[:0])
	}
}

func FuzzFeedback(f *testing.F) {
	var r Recorder
	for seq := uint16(0); seq < 60; seq += 1 + seq%3 {
		r.Record(seq, time.Duration(seq)*7*ms)
	}
	b, _ := r.Append(nil, 1, 2)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		s := NewSender(256)
		for range 300 {
			s.Next(0, 1, Media, 0)
		}
		res, err := s.Feedback(b, nil)
		if err == nil && len(res) > 256 {
			t.Fatalf("%d results for 256 packets", len(res))
		}
	})
}
