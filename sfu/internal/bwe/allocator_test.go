package bwe

import (
	"math/rand/v2"
	"testing"
	"time"

	"consilium/sfu/internal/layer"
)

// camera is a track of three simulcast streams with three temporal layers each.
func camera(priority int) *Track {
	t := &Track{Limit: layer.Layer{Spatial: 2, Temporal: 3}, Current: layer.Paused, Priority: priority}
	for i, top := range []int64{150_000, 500_000, 1_500_000} {
		t.Bits[i] = [MaxTemporal]int64{top * 5 / 10, top * 7 / 10, top, 0}
	}
	return t
}

func at(spatial, temporal int8) layer.Layer { return layer.Layer{Spatial: spatial, Temporal: temporal} }

// settle allocates for ten seconds at a constant estimate.
func settle(a *Allocator, from time.Duration, estimate, audio int64, tracks ...*Track) time.Duration {
	for now := from; now < from+10*s; now += 100 * ms {
		a.Allocate(now, estimate, audio, tracks)
	}
	return from + 10*s
}

func TestAllocate(t *testing.T) {
	const audio = 50_000
	for _, c := range []struct {
		name     string
		estimate int64
		tracks   []*Track
		want     []layer.Layer
	}{
		{"room for all", 5_000_000, []*Track{camera(0), camera(0)}, []layer.Layer{at(2, 2), at(2, 2)}},
		{"lowest layers for all before upgrades", 280_000, []*Track{camera(1), camera(0)}, []layer.Layer{at(0, 1), at(0, 0)}},
		{"priority is upgraded first", 1_200_000, []*Track{camera(0), camera(5)}, []layer.Layer{at(1, 0), at(2, 0)}},
		{"audio alone", 60_000, []*Track{camera(0)}, []layer.Layer{layer.Paused}},
		{"less than audio", 20_000, []*Track{camera(0)}, []layer.Layer{layer.Paused}},
		{"one of two is paused", 150_000, []*Track{camera(0), camera(1)}, []layer.Layer{layer.Paused, at(0, 0)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var a Allocator
			settle(&a, 0, c.estimate, audio, c.tracks...)
			for i, tr := range c.tracks {
				if tr.Current != c.want[i] {
					t.Errorf("track %d at %+v, want %+v", i, tr.Current, c.want[i])
				}
			}
		})
	}
}

func TestDowngradeIsImmediateAndTemporalFirst(t *testing.T) {
	var a Allocator
	tr := camera(0)
	now := settle(&a, 0, 3_000_000, 50_000, tr)
	if tr.Current != at(2, 2) {
		t.Fatalf("%+v", tr.Current)
	}
	for _, c := range []struct {
		estimate int64
		want     layer.Layer
	}{{1_500_000, at(2, 1)}, {1_000_000, at(2, 0)}, {700_000, at(1, 2)}, {100_000, layer.Paused}} {
		if a.Allocate(now, c.estimate, 50_000, []*Track{tr}); tr.Current != c.want {
			t.Fatalf("at %d: %+v, want %+v", c.estimate, tr.Current, c.want)
		}
	}
	a.Allocate(now+ms, 3_000_000, 50_000, []*Track{tr})
	if tr.Current != at(0, 0) {
		t.Fatalf("a picture must come back at once, and no more than one: %+v", tr.Current)
	}
	a.Allocate(now+2*s, 3_000_000, 50_000, []*Track{tr})
	if tr.Current != at(0, 0) {
		t.Fatal("upgraded too soon after a downgrade")
	}
	if settle(&a, now+2*s, 3_000_000, 50_000, tr); tr.Current != at(2, 2) {
		t.Fatalf("never came back: %+v", tr.Current)
	}
}

// TestNewcomer brings a track into a path that others fill.
func TestNewcomer(t *testing.T) {
	screen := func() *Track {
		t := &Track{Limit: at(0, 3), Current: layer.Paused, Priority: 1}
		t.Bits[0] = [MaxTemporal]int64{900_000, 0, 0, 0}
		return t
	}
	for _, c := range []struct {
		name     string
		estimate int64
		comes    *Track
		others   []layer.Layer // before
		then     []layer.Layer // of the others, at once
		shown    bool
	}{
		{"another camera", 1_400_000, camera(0), []layer.Layer{at(2, 0), at(1, 2)}, []layer.Layer{at(1, 2), at(1, 2)}, true},
		{"a screen, for which cameras get smaller", 1_800_000, screen(), []layer.Layer{at(2, 0), at(1, 2)}, []layer.Layer{at(1, 1), at(1, 1)}, true},
		{"a screen, for which a camera is paused", 1_100_000, screen(), []layer.Layer{at(1, 1), at(1, 1)}, []layer.Layer{at(0, 0), layer.Paused}, true},
		{"a screen that cannot fit", 900_000, screen(), []layer.Layer{at(1, 1), at(1, 1)}, []layer.Layer{at(1, 1), at(1, 1)}, false},
		{"a camera where all have the least", 170_000, camera(0), []layer.Layer{at(0, 0), at(0, 0)}, []layer.Layer{at(0, 0), at(0, 0)}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var a Allocator
			x, y := camera(0), camera(0)
			x.Current, y.Current = c.others[0], c.others[1]
			a.Allocate(time.Minute, c.estimate, 0, []*Track{x, y, c.comes})
			if x.Current != c.then[0] || y.Current != c.then[1] || (c.comes.Current != layer.Paused) != c.shown {
				t.Errorf("others at %+v and %+v, the newcomer at %+v", x.Current, y.Current, c.comes.Current)
			}
		})
	}
}

func TestLimitAndMissingLayers(t *testing.T) {
	var a Allocator
	tr := camera(0)
	now := settle(&a, 0, 5_000_000, 0, tr)
	tr.Limit = at(1, 3) // the tile shrank
	if a.Allocate(now, 5_000_000, 0, []*Track{tr}); tr.Current != at(1, 2) {
		t.Fatalf("%+v", tr.Current)
	}
	tr.Bits[1] = [MaxTemporal]int64{} // the publisher dropped a stream
	if a.Allocate(now, 5_000_000, 0, []*Track{tr}); tr.Current.Spatial != 0 {
		t.Fatalf("%+v", tr.Current)
	}
	tr.Limit = layer.Paused
	if a.Allocate(now, 5_000_000, 0, []*Track{tr}); tr.Current != layer.Paused {
		t.Fatalf("%+v", tr.Current)
	}
}

func TestDesired(t *testing.T) {
	var a Allocator
	tr := camera(0)
	if got := a.Allocate(0, 300_000, 50_000, []*Track{tr}); got != 1_722_222 {
		t.Fatalf("desired %d", got)
	}
}

// TestAllocationProperties: never over the estimate unless all is paused, and at a
// constant estimate nothing changes after it has settled.
func TestAllocationProperties(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 5))
		var a Allocator
		tracks := []*Track{camera(rng.IntN(3)), camera(rng.IntN(3)), camera(rng.IntN(3))}
		now := time.Duration(0)
		for range 40 {
			estimate := int64(rng.IntN(6_000_000))
			audio := int64(rng.IntN(100_000))
			var before [3]layer.Layer
			for i := range 120 {
				now += 100 * ms
				a.Allocate(now, estimate, audio, tracks)
				total := audio
				for _, tr := range tracks {
					total += tr.bits(tr.Current)
				}
				if total > max(estimate, audio) {
					t.Fatalf("seed %d: %d allocated of %d", seed, total, estimate)
				}
				for k, tr := range tracks {
					if i > 80 && before[k] != tr.Current {
						t.Fatalf("seed %d: flaps at a constant estimate", seed)
					}
					before[k] = tr.Current
				}
			}
		}
	}
}

func TestAllocateAllocatesNothing(t *testing.T) {
	var a Allocator
	tracks := []*Track{camera(0), camera(1), camera(2)}
	now := time.Duration(0)
	if n := testing.AllocsPerRun(100, func() {
		now += 100 * ms
		a.Allocate(now, 2_000_000+int64(now%1000), 50_000, tracks)
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}
