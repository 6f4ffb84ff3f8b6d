package munge

import (
	"math/rand/v2"
	"testing"
	"time"

	"consilium/sfu/internal/codec"
	"consilium/sfu/internal/rtp"
)

// step is one packet in a script: what comes and what must go out.
type step struct {
	do   string // switch, forward, drop, pad
	ext  uint64
	ts   uint32
	seq  int // expected, −1 for refused
	out  uint32
	at   time.Duration
	prev uint32 // given to Switch when not 0
}

const base = 1 << 16

func TestRewriter(t *testing.T) {
	for _, c := range []struct {
		name  string
		first uint16
		steps []step
	}{
		{"first packet keeps its timestamp", 100, []step{
			{"forward", base + 7, 5000, 100, 5000, 0, 0},
			{"forward", base + 8, 5000, 101, 5000, 0, 0},
		}},
		{"numbers wrap", 65535, []step{
			{"forward", base + 65534, 1, 65535, 1, 0, 0},
			{"forward", base + 65535, 1, 0, 1, 0, 0},
			{"forward", base + 65536, 1, 1, 1, 0, 0},
		}},
		{"dropped frames close up", 10, []step{
			{"forward", base + 1, 1, 10, 1, 0, 0},
			{"drop", base + 2, 2, 0, 0, 0, 0},
			{"drop", base + 3, 2, 0, 0, 0, 0},
			{"forward", base + 4, 3, 11, 3, 0, 0},
		}},
		{"lost packet keeps its number and comes late", 10, []step{
			{"forward", base + 1, 1, 10, 1, 0, 0},
			{"forward", base + 4, 2, 13, 2, 0, 0},
			{"drop", base + 5, 3, 0, 0, 0, 0},
			{"forward", base + 6, 4, 14, 4, 0, 0},
			{"forward", base + 3, 2, 12, 2, 0, 0},
			{"forward", base + 2, 1, 11, 1, 0, 0},
			{"forward", base + 2, 1, -1, 0, 0, 0}, // twice
			{"forward", base + 5, 3, -1, 0, 0, 0}, // was dropped
			{"drop", base + 2, 1, 0, 0, 0, 0},
			{"forward", base + 7, 5, 15, 5, 0, 0},
		}},
		{"late packet dropped leaves its place empty", 10, []step{
			{"forward", base + 1, 1, 10, 1, 0, 0},
			{"forward", base + 3, 2, 12, 2, 0, 0},
			{"drop", base + 2, 1, 0, 0, 0, 0},
			{"forward", base + 2, 1, -1, 0, 0, 0},
			{"forward", base + 4, 2, 13, 2, 0, 0},
		}},
		{"older than the map", 10, []step{
			{"forward", base + 100, 1, 10, 1, 0, 0},
			{"forward", base + 99, 1, -1, 0, 0, 0},
			{"forward", base + 100 + 500, 9, 510, 9, 0, 0},
			{"forward", base + 101, 1, -1, 0, 0, 0},
			{"forward", base + 100 + 499, 9, 509, 9, 0, 0},
		}},
		{"switch by arrival", 10, []step{
			{"forward", base + 1, 90000, 10, 90000, 0, 0},
			{"switch", base + 900, 7, 11, 90000 + 4500, 50 * time.Millisecond, 0},
			{"forward", base + 901, 7 + 3000, 12, 90000 + 7500, 80 * time.Millisecond, 0},
		}},
		{"switch by sender reports", 10, []step{
			{"forward", base + 1, 90000, 10, 90000, 0, 0},
			{"switch", base + 900, 7, 11, 93000, 50 * time.Millisecond, 93000},
		}},
		{"switch to the same instant still moves on", 10, []step{
			{"forward", base + 1, 90000, 10, 90000, 0, 0},
			{"switch", base + 900, 7, 11, 90001, 10 * time.Millisecond, 90000},
		}},
		{"reports far off are not believed", 10, []step{
			{"forward", base + 1, 90000, 10, 90000, 0, 0},
			{"switch", base + 900, 7, 11, 90000 + 900, 10 * time.Millisecond, 999999999},
		}},
		{"timestamp wraps at a switch", 10, []step{
			{"forward", base + 1, 0xffffff00, 10, 0xffffff00, 0, 0},
			{"switch", base + 900, 7, 11, 0xffffff00 + 900 - 1<<32, 10 * time.Millisecond, 0},
		}},
		{"padding takes numbers", 10, []step{
			{"forward", base + 1, 1, 10, 1, 0, 0},
			{"pad", 0, 0, 11, 1, 0, 0},
			{"pad", 0, 0, 12, 1, 0, 0},
			{"forward", base + 2, 2, 13, 2, 0, 0},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := New(c.first, 128, 90000)
			for i, s := range c.steps {
				in := &In{Ext: s.ext, Timestamp: s.ts, Arrival: s.at}
				var out Out
				ok := true
				switch s.do {
				case "switch":
					out = r.Switch(in, s.prev, s.prev != 0)
				case "forward":
					out, ok = r.Forward(in)
				case "pad":
					out, ok = r.Pad()
				case "drop":
					r.Drop(in)
					continue
				}
				if ok != (s.seq >= 0) {
					t.Fatalf("step %d: accepted %v", i, ok)
				}
				if ok && (int(out.Seq) != s.seq || out.Timestamp != s.out) {
					t.Fatalf("step %d: seq %d ts %d, want %d %d", i, out.Seq, out.Timestamp, s.seq, s.out)
				}
			}
		})
	}
}

func vp8(pid uint16, bits, tl0, tid uint8) *codec.Frame {
	return &codec.Frame{PictureID: pid, PictureIDBits: bits, HasTL0: true, TL0: tl0, Temporal: tid}
}

func TestVP8Numbering(t *testing.T) {
	r := New(0, 64, 90000)
	type p struct {
		do       string
		ext      uint64
		f        *codec.Frame
		pid      uint16
		tl0      uint8
		accepted bool
	}
	for i, s := range []p{
		{"forward", base + 1, vp8(32766, 15, 250, 0), 32766, 250, true},
		{"drop", base + 2, vp8(32767, 15, 250, 2), 0, 0, false},
		{"drop", base + 3, vp8(32767, 15, 250, 2), 0, 0, false}, // same picture
		{"forward", base + 4, vp8(0, 15, 251, 1), 32767, 251, true},
		{"forward", base + 6, vp8(2, 15, 252, 0), 1, 252, true}, // one lost
		{"drop", base + 7, vp8(3, 15, 252, 2), 0, 0, false},
		{"forward", base + 5, vp8(1, 15, 251, 0), 0, 251, true}, // it comes late
		{"drop", base + 8, vp8(4, 15, 253, 0), 0, 0, false},     // a base frame
		{"forward", base + 9, vp8(5, 15, 254, 0), 2, 253, true},
		{"switch", base + 500, vp8(9000, 15, 7, 0), 3, 254, true},
		{"forward", base + 501, vp8(9001, 15, 8, 0), 4, 255, true},
		{"switch", base + 3, vp8(126, 7, 100, 0), 5, 0, true}, // a source with 7 bits
		{"forward", base + 4, vp8(127, 7, 101, 0), 6, 1, true},
		{"drop", base + 5, vp8(0, 7, 101, 1), 0, 0, false},
		{"forward", base + 6, vp8(1, 7, 102, 0), 7, 2, true},
	} {
		in := &In{Ext: s.ext, Timestamp: uint32(i) * 3000, Frame: s.f}
		var out Out
		ok := false
		switch s.do {
		case "switch":
			out, ok = r.Switch(in, 0, false), true
		case "forward":
			out, ok = r.Forward(in)
		default:
			r.Drop(in)
		}
		if ok != s.accepted || out.PictureID != s.pid || out.TL0 != s.tl0 {
			t.Fatalf("step %d: picture %d tl0 %d (%v), want %d %d (%v)", i, out.PictureID, out.TL0, ok, s.pid, s.tl0, s.accepted)
		}
	}
}

func TestSevenBitsContinuePast127(t *testing.T) {
	r := New(0, 64, 90000)
	last := uint16(0)
	for i := range 1000 {
		f := vp8(uint16(i+100)&0x7f, 7, uint8(i), 0)
		out, ok := r.Forward(&In{Ext: base + uint64(i), Timestamp: uint32(i), Frame: f})
		if !ok || i > 0 && out.PictureID != (last+1)&0x7fff {
			t.Fatalf("picture %d follows %d", out.PictureID, last)
		}
		last = out.PictureID
	}
}

// TestProperties runs random loss, reordering, drops and switches, and checks what
// a subscriber may rely on: no number is given twice, numbers of in-order packets
// rise, and the only holes are packets that never came.
func TestProperties(t *testing.T) {
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 1))
		r := New(uint16(rng.Uint32()), 256, 90000)
		given := map[uint16]bool{}
		var high uint16
		lost, skipped, lateDropped := 0, 0, 0
		var late []In
		ext, ts := uint64(base+rng.IntN(1<<16)), rng.Uint32()
		total := 0
		give := func(out Out, newest bool) {
			if given[out.Seq] {
				t.Fatalf("seed %d: %d was given twice", seed, out.Seq)
			}
			given[out.Seq] = true
			if newest {
				if total > 0 && !rtp.Newer(out.Seq, high) {
					t.Fatalf("seed %d: %d follows %d", seed, out.Seq, high)
				}
				high = out.Seq
			}
			total++
		}
		first := true
		for i := range 3000 {
			ext++
			ts += 3000
			in := In{Ext: ext, Timestamp: ts, Arrival: time.Duration(i) * 33 * time.Millisecond}
			switch x := rng.IntN(100); {
			case first:
				give(r.Switch(&in, 0, false), true)
				first = false
			case x < 5:
				lost++
				late = append(late, in)
			case x < 25:
				r.Drop(&in)
			case x == 25:
				skipped += len(late) // those will not come any more
				late = late[:0]
				ext, ts = uint64(base+rng.IntN(1<<16)), rng.Uint32()
				in.Ext, in.Timestamp = ext, ts
				give(r.Switch(&in, 0, false), true)
			default:
				out, ok := r.Forward(&in)
				if !ok {
					t.Fatalf("seed %d: newest packet refused", seed)
				}
				give(out, true)
			}
			if len(late) > 0 && rng.IntN(4) == 0 && late[0].Ext < ext && r.high >= late[0].Ext {
				if rng.IntN(5) == 0 {
					r.Drop(&late[0])
					lateDropped++
				} else if out, ok := r.Forward(&late[0]); !ok {
					t.Fatalf("seed %d: late packet refused", seed)
				} else {
					give(out, false)
				}
				late = late[1:]
			}
		}
		holes := 0
		for s := range given {
			if !given[s+1] && s != high {
				holes++
			}
		}
		if max := lateDropped + skipped + len(late); holes > max {
			t.Fatalf("seed %d: %d holes, at most %d explained", seed, holes, max)
		}
	}
}

func TestForwardAllocatesNothing(t *testing.T) {
	r := New(0, 512, 90000)
	in := In{Ext: base, Frame: vp8(1, 15, 1, 0)}
	if n := testing.AllocsPerRun(1000, func() {
		in.Ext += 2
		r.Forward(&in)
		in.Ext--
		r.Forward(&in)
		in.Ext += 2
		r.Drop(&in)
	}); n != 0 {
		t.Fatalf("%v allocations per packet", n)
	}
}

func BenchmarkForward(b *testing.B) {
	r := New(0, 512, 90000)
	in := In{Ext: base, Frame: vp8(1, 15, 1, 0)}
	b.ReportAllocs()
	for b.Loop() {
		in.Ext++
		r.Forward(&in)
	}
}
