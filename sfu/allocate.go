package sfu

import (
	"slices"
	"strings"
	"time"

	"consilium/sfu/internal/layer"
)

// guess is the rate in bit/s and the height in pixels a layer is taken to have
// until it is seen, counted from the best layer down.
var guess = [...]struct{ rate, height int }{{1_500_000, 720}, {500_000, 360}, {150_000, 180}, {80_000, 90}}

func (u *uplink) rank() int { return min(len(u.track.layers)-1-u.index, len(guess)-1) }

func (u *uplink) bitrate() int {
	if r := int(u.meter.bps.Load()); r > 0 {
		return r
	}
	return guess[u.rank()].rate
}

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

// allocate shares a participant's bandwidth out among its video slots: audio is
// taken off first, every picture gets its lowest layer, then each in turn the
// next better one that fits. The caller holds mu.
func (r *Room) allocate(p *Participant, now time.Duration) {
	t := p.transport.Load()
	if t == nil {
		return
	}
	budget := t.out.budget(now)
	var wants [32]struct{ level, cap int }
	n := 0
	for _, d := range p.slots {
		if !d.video() || d.shown == nil || n == len(wants) {
			continue
		}
		w := &wants[n]
		n++
		w.level, w.cap = 0, d.view.cap(d.shown)
		if d.view.hidden || !d.shown.open.Load() {
			w.level, w.cap = -1, -1
			continue
		}
		budget -= d.shown.layers[0].bitrate()
	}
	for more := true; more; {
		more = false
		i := 0
		for _, d := range p.slots {
			if !d.video() || d.shown == nil || i == n {
				continue
			}
			w := &wants[i]
			i++
			if w.level < 0 || w.level >= w.cap {
				continue
			}
			step := d.shown.layers[w.level+1].bitrate() - d.shown.layers[w.level].bitrate()
			if step <= budget {
				budget -= max(step, 0)
				w.level++
				more = true
			}
		}
	}
	i := 0
	for _, d := range p.slots {
		if !d.video() || d.shown == nil || i == n {
			continue
		}
		w := wants[i]
		i++
		d.wanted = w.level
		if w.level < 0 {
			d.aim(layer.Paused)
			continue
		}
		l := layer.Layer{Spatial: int8(d.shown.best(w.level, now)), Temporal: layer.MaxTemporal}
		if d.aim(l) {
			d.askKeyframe(false)
		}
	}
}

// best returns the highest layer up to want that packets come of, or the lowest
// of all that do, or want when none does.
func (t *Track) best(want int, now time.Duration) int {
	for i := want; i >= 0; i-- {
		if t.layers[i].active(now) {
			return i
		}
	}
	for i := want + 1; i < len(t.layers); i++ {
		if t.layers[i].active(now) {
			return i
		}
	}
	return want
}

// wish tells a publisher which simulcast layers somebody wants. The caller
// holds mu.
func (r *Room) wish(p *Participant, _ time.Duration) {
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
