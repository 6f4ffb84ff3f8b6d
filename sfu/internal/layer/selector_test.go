package layer

import (
	"math/rand/v2"
	"testing"
	"time"

	"consilium/sfu/internal/codec"
)

// frame describes one frame of a script, of one packet.
type frame struct {
	stream   int8
	ts       uint32
	tid      uint8
	key      bool
	sync     bool
	target   *Layer // set before the frame
	want     Verdict
	keyframe int8 // stream a key frame is wanted of afterwards, −1 none
}

func to(spatial, temporal int8) *Layer { return &Layer{spatial, temporal} }

func TestSimulcast(t *testing.T) {
	for _, c := range []struct {
		name   string
		frames []frame
	}{
		{"paused passes nothing", []frame{{0, 1, 0, true, false, nil, Ignore, -1}}},
		{"begins at a key frame", []frame{
			{0, 1, 0, false, false, to(0, 7), Ignore, 0},
			{0, 2, 0, true, false, nil, Switch, -1},
			{0, 3, 0, false, false, nil, Forward, -1},
		}},
		{"a lower stream is better than none", []frame{
			{2, 1, 0, false, false, to(2, 7), Ignore, 2},
			{0, 1, 0, true, false, nil, Switch, 2},
			{1, 2, 0, true, false, nil, Ignore, 2}, // a second step would cost another key frame
			{0, 2, 0, false, false, nil, Forward, 2},
			{2, 3, 0, true, false, nil, Switch, -1},
			{0, 3, 0, false, false, nil, Ignore, -1},
		}},
		{"up only at the target's key frame while the old plays", []frame{
			{0, 1, 0, true, false, to(0, 7), Switch, -1},
			{2, 1, 0, false, false, to(2, 7), Ignore, 2},
			{0, 2, 2, false, false, nil, Forward, 2},
			{2, 500, 0, true, false, nil, Switch, -1},
			{0, 3, 0, true, false, nil, Ignore, -1},
			{2, 501, 1, false, false, nil, Forward, -1},
		}},
		{"down thins out, then switches at a key frame", []frame{
			{2, 1, 0, true, false, to(2, 7), Switch, -1},
			{2, 2, 2, false, false, to(0, 7), Drop, 0},
			{2, 3, 1, false, false, nil, Drop, 0},
			{2, 4, 0, false, false, nil, Forward, 0},
			{0, 900, 0, true, false, nil, Switch, -1},
			{2, 5, 0, false, false, nil, Ignore, -1},
			{0, 901, 2, false, false, nil, Forward, -1},
		}},
		{"temporal down at once, up at a sync frame", []frame{
			{0, 1, 0, true, false, to(0, 2), Switch, -1},
			{0, 2, 2, false, false, to(0, 1), Drop, -1},
			{0, 3, 1, false, false, nil, Forward, -1},
			{0, 4, 2, false, false, to(0, 2), Drop, -1},
			{0, 5, 0, false, false, nil, Forward, -1},
			{0, 6, 2, false, true, nil, Forward, -1},
			{0, 7, 2, false, false, nil, Forward, -1},
		}},
		{"a key frame lifts the frame rate", []frame{
			{0, 1, 0, true, false, to(0, 0), Switch, -1},
			{0, 2, 1, false, false, to(0, 7), Drop, -1},
			{0, 3, 0, true, false, nil, Forward, -1},
			{0, 4, 2, false, false, nil, Forward, -1},
		}},
		{"pause and resume", []frame{
			{0, 1, 0, true, false, to(0, 7), Switch, -1},
			{0, 1, 0, false, false, to(-1, 0), Forward, -1}, // the frame is finished
			{0, 2, 0, false, false, nil, Ignore, -1},
			{0, 3, 0, true, false, nil, Ignore, -1},
			{0, 4, 0, false, false, to(0, 7), Ignore, 0},
			{0, 5, 0, true, false, nil, Switch, -1},
		}},
		{"a repaired key frame is not switched to", []frame{
			{0, 1, 0, true, false, to(0, 7), Switch, -1},
			{1, 5, 0, false, false, to(1, 7), Ignore, 1}, // the rest of a key frame
			{1, 5, 0, true, false, nil, Ignore, 1},       // its first packet
			{1, 6, 0, false, false, nil, Ignore, 1},
			{1, 7, 0, true, false, nil, Switch, -1},
		}},
		{"a stream that began anew is", []frame{
			{0, 1, 0, true, false, to(0, 7), Switch, -1},
			{1, 4_000_000_000, 0, false, false, to(1, 7), Ignore, 1},
			{1, 3_000_000_000, 0, true, false, nil, Switch, -1},
		}},
		{"late packets are the gap map's affair", []frame{
			{0, 10, 0, true, false, to(0, 0), Switch, -1},
			{0, 12, 0, false, false, nil, Forward, -1},
			{0, 11, 2, false, false, nil, Forward, -1},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := New()
			for i, f := range c.frames {
				if f.target != nil {
					s.SetTarget(*f.target)
				}
				got := s.Select(&Packet{
					Frame:  &codec.Frame{Start: true, Key: f.key, Temporal: f.tid, Sync: f.sync},
					Stream: f.stream, Timestamp: f.ts,
				})
				if got.Verdict != f.want {
					t.Fatalf("frame %d: %d, want %d", i, got.Verdict, f.want)
				}
				stream, needed := s.Keyframe()
				if !needed {
					stream = -1
				}
				if stream != f.keyframe {
					t.Fatalf("frame %d: key frame of %d is wanted, not of %d", i, stream, f.keyframe)
				}
			}
		})
	}
}

func TestFrameIsPassedWhole(t *testing.T) {
	s := New()
	s.SetTarget(Layer{0, 7})
	pass := func(ts uint32, tid uint8, key, start bool) Verdict {
		return s.Select(&Packet{Timestamp: ts, Frame: &codec.Frame{Start: start, Key: key, Temporal: tid}}).Verdict
	}
	if pass(1, 0, true, true) != Switch {
		t.Fatal("key frame")
	}
	if pass(2, 2, false, true) != Forward {
		t.Fatal("frame")
	}
	s.SetTarget(Layer{0, 0}) // in the middle of a frame
	if pass(2, 2, false, false) != Forward {
		t.Fatal("the rest of a frame was dropped")
	}
	if pass(3, 2, false, true) != Drop || pass(3, 2, false, false) != Drop {
		t.Fatal("next frame")
	}
}

func TestScalable(t *testing.T) {
	type packet struct {
		ts       uint32
		sid, tid uint8
		key      bool
		inter    bool
		target   *Layer
		want     Verdict
		marker   bool
	}
	for _, c := range []struct {
		name    string
		packets []packet
	}{
		{"marker ends the highest layer passed", []packet{
			{1, 0, 0, true, false, to(1, 7), Switch, false},
			{1, 1, 0, false, false, nil, Forward, true},
			{1, 2, 0, false, false, nil, Drop, false},
			{2, 0, 0, false, true, nil, Forward, false},
			{2, 1, 0, false, true, nil, Forward, true},
			{2, 2, 0, false, true, nil, Drop, false},
		}},
		{"down at the next picture", []packet{
			{1, 0, 0, true, false, to(2, 7), Switch, false},
			{1, 1, 0, false, false, to(0, 7), Forward, false},
			{1, 2, 0, false, false, nil, Forward, true},
			{2, 0, 0, false, true, nil, Forward, true},
			{2, 1, 0, false, true, nil, Drop, false},
		}},
		{"up at a layer that does not look back", []packet{
			{1, 0, 0, true, false, to(0, 7), Switch, true},
			{1, 1, 0, false, false, nil, Drop, false},
			{2, 0, 0, false, true, to(1, 7), Forward, true},
			{2, 1, 0, false, true, nil, Drop, false},
			{3, 0, 0, false, true, nil, Forward, true},
			{3, 1, 0, false, false, nil, Forward, true},
			{4, 0, 0, false, true, nil, Forward, false},
			{4, 1, 0, false, true, nil, Forward, true},
		}},
		{"temporal layers", []packet{
			{1, 0, 0, true, false, to(0, 0), Switch, true},
			{2, 0, 1, false, true, nil, Drop, false},
			{3, 0, 0, false, true, nil, Forward, true},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := NewScalable()
			for i, p := range c.packets {
				if p.target != nil {
					s.SetTarget(*p.target)
				}
				got := s.Select(&Packet{Timestamp: p.ts, Frame: &codec.Frame{
					Start: true, End: true, Key: p.key, Inter: p.inter, Spatial: p.sid, Temporal: p.tid,
				}})
				if got.Verdict != p.want || got.Marker != p.marker {
					t.Fatalf("packet %d: %+v, want %d %v", i, got, p.want, p.marker)
				}
			}
		})
	}
}

func TestStarved(t *testing.T) {
	s := New()
	if s.Starved(time.Hour, time.Second) {
		t.Fatal("starved before anything was wanted")
	}
	s.SetTarget(Layer{0, 7})
	s.Select(&Packet{Frame: &codec.Frame{Key: true}, Arrival: time.Second})
	if s.Starved(2*time.Second, 2*time.Second) || !s.Starved(4*time.Second, 2*time.Second) {
		t.Fatal("watchdog")
	}
	s.SetTarget(Paused)
	if s.Starved(time.Hour, time.Second) {
		t.Fatal("a paused subscriber is not starved")
	}
}

// TestNeverStuck flips targets at random over three streams that answer requests
// for key frames after a while; the selector must reach every target, and whatever
// it passes must be decodable.
func TestNeverStuck(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 9))
		s := New()
		var wantKey [3]int
		decoding := int8(-1)
		for ts := uint32(1); ts < 3000; ts++ {
			if ts%60 == 1 {
				s.SetTarget(Layer{int8(rng.IntN(3)), int8(rng.IntN(3))})
			}
			if stream, needed := s.Keyframe(); needed && wantKey[stream] == 0 {
				wantKey[stream] = 1 + rng.IntN(10)
			}
			for stream := range int8(3) {
				key := false
				if wantKey[stream] > 0 {
					wantKey[stream]--
					key = wantKey[stream] == 0
				}
				tid := []uint8{0, 2, 1, 2}[ts%4]
				if key {
					tid = 0
				}
				switch d := s.Select(&Packet{Stream: stream, Timestamp: ts, Frame: &codec.Frame{Start: true, Key: key, Temporal: tid, Sync: ts%8 < 4}}); d.Verdict {
				case Switch:
					if !key {
						t.Fatal("switched where no decoder can begin")
					}
					decoding = stream
				case Forward:
					if stream != decoding {
						t.Fatal("passed a stream it did not switch to")
					}
				}
			}
			if ts%60 == 59 && s.Current() != s.Target() {
				t.Fatalf("seed %d at %d: at %+v, not at %+v", seed, ts, s.Current(), s.Target())
			}
		}
	}
}

func TestSelectAllocatesNothing(t *testing.T) {
	s := New()
	s.SetTarget(Layer{0, 1})
	f := codec.Frame{Key: true}
	ts := uint32(0)
	if n := testing.AllocsPerRun(500, func() {
		ts++
		f.Key, f.Temporal = ts == 1, uint8(ts%3)
		s.Select(&Packet{Frame: &f, Timestamp: ts})
	}); n != 0 {
		t.Fatalf("%v allocations per packet", n)
	}
}

func BenchmarkSelect(b *testing.B) {
	s := New()
	s.SetTarget(Layer{0, 7})
	f := codec.Frame{Key: true}
	p := Packet{Frame: &f}
	b.ReportAllocs()
	for b.Loop() {
		p.Timestamp++
		s.Select(&p)
	}
}
