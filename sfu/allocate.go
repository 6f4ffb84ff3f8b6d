package sfu

import (
	"slices"
	"strings"
	"time"

	"consilium/sfu/internal/bwe"
	"consilium/sfu/internal/layer"
)

// guess is the rate in bit/s and the height in pixels a layer is taken to have
// until it is seen, counted from the best layer down.
var guess = [bwe.MaxSpatial]struct {
	rate   int64
	height int
}{{1_500_000, 720}, {500_000, 360}, {150_000, 180}}

func (u *uplink) rank() int { return min(len(u.track.layers)-1-u.index, len(guess)-1) }

func (u *uplink) pixels() int {
	if h := int(u.height.Load()); h > 0 {
		return h
	}
	return guess[u.rank()].height
}

// cap returns the smallest layer of a track that fills a view.
func (v view) cap(t *Track) int {
	top := len(t.layers) - 1
	if v.maxHeight == 0 {
		return top
	}
	for i := range top {
		// A layer a little smaller than its place looks no worse.
		if t.layers[i].pixels()*5/4 >= v.maxHeight {
			return i
		}
	}
	return top
}

// choose aims a slot anew after its view or track changed. The caller holds mu.
func (r *Room) choose(d *downlink, now time.Duration) {
	if !d.video() {
		d.aim(layer.Layer{})
		return
	}
	r.allocate(d.owner, now)
}

// allocate shares what a participant's path carries out among its video slots.
// The caller holds mu.
func (r *Room) allocate(p *Participant, now time.Duration) {
	t := p.transport.Load()
	if t == nil {
		return
	}
	var list [32]*bwe.Track
	tracks := list[:0]
	audio := int64(0)
	estimate, suffers, known := t.out.estimate()
	if !known {
		estimate = 1 << 40
	}
	for _, d := range p.slots {
		switch {
		case d.shown == nil:
		case !d.video():
			audio += max(d.shown.layers[0].meter.bits(bwe.MaxTemporal-1)*5/4, audioReserve)
		case len(tracks) < cap(tracks):
			tracks = append(tracks, &d.share)
		}
	}
	if len(tracks) == 0 {
		return
	}
	if !suffers {
		// Everybody's smallest picture, until the path proves too narrow for it.
		estimate = max(estimate, audio+int64(len(tracks))*guess[len(guess)-1].rate*5/4)
	}
	single := int64(0)
	for _, d := range p.slots {
		if d.shown != nil && d.video() && !d.view.hidden && len(d.shown.layers) == 1 {
			single++
		}
	}
	for _, d := range p.slots {
		if d.shown != nil && d.video() {
			d.describe(estimate/max(single, 1), now)
		}
	}
	t.out.desire(p.shares.Allocate(now, estimate, audio, tracks))
	for _, d := range p.slots {
		if d.shown == nil || !d.video() {
			continue
		}
		d.wanted = int(d.share.Limit.Spatial)
		if known {
			d.wanted = min(d.wanted, d.affordable(estimate-audio))
		}
		l := d.share.Current
		if l.Spatial >= 0 && l.Temporal == d.shown.topTemporal(int(l.Spatial)) {
			l.Temporal = layer.MaxTemporal // whatever higher layer comes is welcome
		}
		if d.aim(l) {
			d.askKeyframe(false)
		}
	}
}

// audioReserve is the least rate in bit/s kept free for each voice: Opus with
// headers. A louder or redundant one is measured.
const audioReserve = 40_000

// describe tells the allocator what the slot's track offers and what of it the client has
// use for. fair is the estimate's share of each track that comes in one size.
func (d *downlink) describe(fair int64, now time.Duration) {
	t, s := d.shown, &d.share
	s.Bits = [bwe.MaxSpatial][bwe.MaxTemporal]int64{}
	s.Limit = layer.Layer{Spatial: int8(d.view.cap(t)), Temporal: bwe.MaxTemporal - 1}
	s.Priority = 0
	if t.source == SourceScreen {
		s.Priority = 1
	}
	if d.view.hidden || !t.open.Load() {
		s.Limit = layer.Paused
	}
	alive := slices.ContainsFunc(t.layers, func(u *uplink) bool { return u.active(now) })
	for i, u := range t.layers {
		switch {
		case u.active(now):
			for k := range bwe.MaxTemporal {
				s.Bits[i][k] = u.meter.bits(k)
			}
		case len(t.layers) == 1 || !alive && i <= int(max(s.Limit.Spatial, 0)):
			s.Bits[i][0] = int64(guess[u.rank()].rate)
		}
	}
	if len(t.layers) == 1 {
		// There is no smaller picture to fall back to: it is shown as long as the
		// path could carry a small one, and thinned if it can be.
		ceiling := max(fair*3/5, guess[2].rate)
		for k := range bwe.MaxTemporal {
			s.Bits[0][k] = min(s.Bits[0][k], ceiling)
		}
	}
	if alive && s.Limit.Spatial >= 0 && len(t.layers) > 1 {
		// When nothing as small as wanted comes, the smallest that comes will do.
		low := slices.IndexFunc(t.layers, func(u *uplink) bool { return u.active(now) })
		s.Limit.Spatial = max(s.Limit.Spatial, int8(low))
	}
}

// affordable returns the highest layer that would fit alone, sent or not: what
// the publisher should send if anybody is to see it.
func (d *downlink) affordable(budget int64) int {
	t := d.shown
	for i := len(t.layers) - 1; i > 0; i-- {
		rate := t.layers[i].meter.bits(bwe.MaxTemporal - 1)
		if rate == 0 {
			rate = guess[t.layers[i].rank()].rate
		}
		if rate <= budget {
			return i
		}
	}
	return 0
}

// topTemporal returns the highest temporal layer seen of a layer.
func (t *Track) topTemporal(spatial int) int8 {
	u := t.layers[min(spatial, len(t.layers)-1)]
	top := 0
	for k := 1; k < bwe.MaxTemporal; k++ {
		if u.meter.bits(k) > u.meter.bits(top) {
			top = k
		}
	}
	return int8(top)
}

// wish tells a publisher which simulcast layers somebody wants. The caller
// holds mu.
func (r *Room) wish(p *Participant) {
	var list []LayerWish
	var key strings.Builder
	for _, t := range p.tracks {
		if len(t.layers) < 2 || t.layers[0].rid == "" {
			continue
		}
		w := LayerWish{Mid: t.mid, Rids: []string{}}
		for i, u := range t.layers {
			if slices.ContainsFunc(*t.downs.Load(), func(d *downlink) bool { return d.wanted == i || d.playing() == u }) {
				w.Rids = append(w.Rids, u.rid)
			}
		}
		list = append(list, w)
		key.WriteString(w.Mid + "=" + strings.Join(w.Rids, ",") + ";")
	}
	if len(list) == 0 || key.String() == p.wishes {
		return
	}
	p.wishes = key.String()
	p.tell(func(e Events) { e.Layers(list) })
}
