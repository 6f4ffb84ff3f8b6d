package bwe

import (
	"slices"
	"time"

	"consilium/sfu/internal/layer"
)

const (
	// MaxSpatial and MaxTemporal bound the layers a Track describes.
	MaxSpatial  = 3
	MaxTemporal = 4

	// upgradeShare of the estimate may be filled by an upgrade; what runs already
	// may use all of it.
	upgradeShare = 0.9
	// upgradeHold is how long after a downgrade, and how long after the estimate
	// first sufficed, an upgrade waits.
	upgradeHold  = 3 * time.Second
	upgradeAfter = 300 * time.Millisecond
)

// Track is one video track wanted by a subscriber.
type Track struct {
	// Bits is the rate of each layer together with those below it in its spatial
	// layer, as measured over the last second; 0 for a layer the publisher does not
	// send.
	Bits [MaxSpatial][MaxTemporal]int64
	// Limit is the highest layer the subscriber has use for (its tile's size);
	// layer.Paused for a track that is not shown.
	Limit layer.Layer
	// Current is the layer allocated last, layer.Paused at first.
	Current layer.Layer
	// Priority decides who is upgraded first and paused last: a shared screen
	// before the speaker before the others.
	Priority int

	next layer.Layer
}

// Allocator divides a subscriber's estimate among its tracks. The zero value is
// ready.
type Allocator struct {
	lastDown  time.Duration
	downs     bool
	fitsSince time.Duration
	fitting   bool
	order     []*Track
}

// Allocate sets Current of each track so that they and audio, both in bits a
// second, fit the estimate, and returns the rate that everything wanted would
// need, for Estimator.SetDesired. Downgrades are immediate: temporal layers first,
// of the lowest priority first, and a track is paused only when even its lowest
// layer does not fit. Upgrades wait until they have fitted for a while, and longer
// after a downgrade.
func (a *Allocator) Allocate(now time.Duration, estimate, audio int64, tracks []*Track) (desired int64) {
	a.order = append(a.order[:0], tracks...)
	slices.SortStableFunc(a.order, func(x, y *Track) int { return y.Priority - x.Priority })
	budget := max(estimate-audio, 0)
	a.shrink(now, budget)
	a.grow(now, int64(upgradeShare*float64(estimate))-audio)
	desired = audio
	for _, t := range a.order {
		best := t.best()
		if best.Spatial >= 0 {
			desired += t.Bits[best.Spatial][best.Temporal]
		}
	}
	return int64(float64(desired) / upgradeShare)
}

// shrink takes layers away until the tracks fit budget.
func (a *Allocator) shrink(now time.Duration, budget int64) {
	total := int64(0)
	for _, t := range a.order {
		t.clamp()
		total += t.bits(t.Current)
	}
	for total > budget {
		t := a.victim()
		if t == nil {
			return
		}
		total -= t.bits(t.Current)
		t.Current = t.below(t.Current)
		total += t.bits(t.Current)
		a.lastDown, a.downs = now, true
	}
}

// victim is the track that loses a layer next: among the lowest in priority that
// still have more than their lowest layer, the one with most; only then is one
// paused.
func (a *Allocator) victim() *Track {
	for _, pause := range []bool{false, true} {
		for i := len(a.order) - 1; i >= 0; i-- {
			t := a.order[i]
			if t.Current.Spatial < 0 || !pause && t.below(t.Current).Spatial < 0 {
				continue
			}
			most := t
			for j := i - 1; j >= 0 && a.order[j].Priority == t.Priority; j-- {
				o := a.order[j]
				if o.bits(o.Current) > most.bits(most.Current) && (pause || o.below(o.Current).Spatial >= 0) {
					most = o
				}
			}
			return most
		}
	}
	return nil
}

// grow gives layers while they fit budget: first every track its lowest, for which others
// give up their higher ones, then upgrades in turn by priority.
func (a *Allocator) grow(now time.Duration, budget int64) {
	total := int64(0)
	for _, t := range a.order {
		t.next = t.Current
		total += t.bits(t.Current)
	}
	for _, t := range a.order { // a picture for everybody needs no hysteresis
		l := t.above(t.next)
		if t.next.Spatial >= 0 || l.Spatial < 0 {
			continue
		}
		if lack := total + t.bits(l) - budget; lack > 0 {
			freed := a.makeRoom(t, lack)
			if freed == 0 {
				continue
			}
			total -= freed
			a.lastDown, a.downs = now, true
		}
		total += t.bits(l)
		t.next, t.Current = l, l
	}
	more := false
	for _, t := range a.order {
		for t.next.Spatial >= 0 {
			l := t.above(t.next)
			if l == t.next || total-t.bits(t.next)+t.bits(l) > budget {
				break
			}
			total += t.bits(l) - t.bits(t.next)
			t.next = l
			more = true
		}
	}
	if !more {
		a.fitting = false
		return
	}
	if !a.fitting {
		a.fitting, a.fitsSince = true, now
	}
	if now-a.fitsSince < upgradeAfter || a.downs && now-a.lastDown < upgradeHold {
		return
	}
	a.fitting = false
	for _, t := range a.order {
		t.Current = t.next
	}
}

// makeRoom takes layers from others for the first picture of t, until lack bits are free,
// and returns how many that are; 0, and nothing is changed, when it cannot be enough.
// Nobody of the same priority is paused for it.
func (a *Allocator) makeRoom(t *Track, lack int64) (freed int64) {
	for freed < lack {
		v := a.giver(t)
		if v == nil {
			for _, o := range a.order {
				o.next = o.Current
			}
			return 0
		}
		freed += v.bits(v.next)
		v.next = v.below(v.next)
		freed -= v.bits(v.next)
	}
	for _, o := range a.order {
		o.Current = o.next
	}
	return freed
}

// giver is the track that gives up a layer for the first picture of t: of those no more
// important that have more than their lowest, the one with most; then one that matters
// less and has its lowest.
func (a *Allocator) giver(t *Track) *Track {
	var most, least *Track
	for _, o := range a.order {
		switch {
		case o == t || o.next.Spatial < 0 || o.Priority > t.Priority:
		case o.below(o.next).Spatial >= 0:
			if most == nil || o.bits(o.next) > most.bits(most.next) {
				most = o
			}
		case o.Priority < t.Priority:
			least = o // the last in order matters least
		}
	}
	if most != nil {
		return most
	}
	return least
}

func (t *Track) bits(l layer.Layer) int64 {
	if l.Spatial < 0 {
		return 0
	}
	return t.Bits[l.Spatial][l.Temporal]
}

// clamp brings Current within what is wanted and sent.
func (t *Track) clamp() {
	if t.Limit.Spatial < 0 {
		t.Current = layer.Paused
		return
	}
	for t.Current.Spatial >= 0 && (t.exceeds(t.Current) || t.bits(t.Current) == 0) {
		t.Current = t.below(t.Current)
	}
}

func (t *Track) exceeds(l layer.Layer) bool {
	return l.Spatial > min(t.Limit.Spatial, MaxSpatial-1) || l.Temporal > min(t.Limit.Temporal, MaxTemporal-1)
}

// below is the next lower layer that is sent: a lower frame rate before a smaller
// picture, Paused under the lowest.
func (t *Track) below(l layer.Layer) layer.Layer {
	if l.Spatial < 0 {
		return layer.Paused
	}
	for s, top := l.Spatial, l.Temporal-1; s >= 0; s-- {
		for k := min(top, MaxTemporal-1); k >= 0; k-- {
			if c := (layer.Layer{Spatial: s, Temporal: k}); t.bits(c) > 0 && t.bits(c) < t.bits(l) && !t.exceeds(c) {
				return c
			}
		}
		top = MaxTemporal - 1
	}
	return layer.Paused
}

// above is the next higher layer that is sent and wanted, l itself at the top.
func (t *Track) above(l layer.Layer) layer.Layer {
	if t.Limit.Spatial < 0 {
		return l
	}
	from := l.Temporal + 1
	for s := max(l.Spatial, 0); s < MaxSpatial; s++ {
		if s != l.Spatial {
			from = 0
		}
		for k := from; k < MaxTemporal; k++ {
			if c := (layer.Layer{Spatial: s, Temporal: k}); t.bits(c) > t.bits(l) && !t.exceeds(c) {
				return c
			}
		}
	}
	return l
}

func (t *Track) best() layer.Layer {
	l := t.Current
	for {
		next := t.above(l)
		if next == l {
			return l
		}
		l = next
	}
}
