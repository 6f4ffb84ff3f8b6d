package sfu

import (
	"slices"

	"consilium/sfu/internal/bwe"
	"consilium/sfu/internal/layer"
)

// This file puts tracks on slots. All of it runs under Room.mu.

// publish makes a track of an admitted participant known and forwarded.
func (r *Room) publish(t *Track) {
	t.open.Store(!t.muted)
	info := t.info()
	for _, q := range r.people {
		if q != t.owner && !q.lobby {
			q.tell(func(e Events) { e.TrackAdded(info) })
		}
	}
}

// withdraw ends a track.
func (r *Room) withdraw(t *Track) {
	t.open.Store(false)
	for _, d := range slices.Clone(*t.downs.Load()) {
		r.free(d)
	}
	for _, q := range r.people {
		delete(q.views, t.id)
	}
	if t.owner.lobby {
		return
	}
	for _, q := range r.people {
		if q != t.owner && !q.lobby {
			q.tell(func(e Events) { e.TrackRemoved(t.id) })
		}
	}
}

// has reports whether somebody publishes a track.
func (r *Room) has(track string) bool {
	return slices.ContainsFunc(r.people, func(p *Participant) bool {
		return slices.ContainsFunc(p.tracks, func(t *Track) bool { return t.id == track })
	})
}

// mute changes whether a track is forwarded.
func (r *Room) mute(t *Track, muted bool) {
	if t.muted == muted {
		return
	}
	t.muted = muted
	t.open.Store(!muted && !t.owner.lobby)
	if !t.owner.lobby {
		info := t.info()
		for _, q := range r.people {
			if q != t.owner && !q.lobby {
				q.tell(func(e Events) { e.TrackChanged(info) })
			}
		}
	}
	if !muted {
		for _, d := range *t.downs.Load() {
			d.resume()
			d.askKeyframe(true)
		}
	}
}

// free takes the track off a slot.
func (r *Room) free(d *downlink) {
	if d.shown == nil {
		return
	}
	d.shown.detach(d)
	d.shown, d.view = nil, view{}
	d.play(nil)
	d.owner.slotsChanged = true
}

// show puts a track on a slot.
func (r *Room) show(d *downlink, t *Track) {
	d.shown, d.view = t, d.owner.views[t.id]
	d.share = bwe.Track{Current: layer.Paused}
	d.play(t)
	t.attach(d)
	d.owner.slotsChanged = true
	r.choose(d, r.sfu.now())
	d.askKeyframe(true)
}

// assignAll fills free slots with tracks nobody shows yet, tells the changes and
// asks clients for more slots where they lack.
func (r *Room) assignAll() {
	for _, p := range r.people {
		if !p.lobby {
			r.assign(p)
		}
		r.tellSlots(p)
	}
}

func (r *Room) assign(p *Participant) {
	if p.transport.Load() == nil {
		return
	}
	var unmet [2]int
	for _, q := range r.people {
		if q == p || q.lobby {
			continue
		}
		for _, t := range q.tracks {
			if slices.ContainsFunc(p.slots, func(d *downlink) bool { return d.shown == t }) {
				continue
			}
			d, able := r.slotFor(p, t)
			switch {
			case d != nil:
				r.show(d, t)
			case able && t.video():
				unmet[1]++
			case able:
				unmet[0]++
			}
		}
	}
	if unmet != p.unmet && unmet != [2]int{} {
		p.tell(func(e Events) { e.Negotiate(unmet[0], unmet[1]) })
	}
	p.unmet = unmet
}

// slotFor finds a free slot for a track: best the one paired with the slot that
// already plays the same person, so that voice and picture stay in step. able
// is false when no slot could play the track's codec.
func (r *Room) slotFor(p *Participant, t *Track) (best *downlink, able bool) {
	able = !slices.ContainsFunc(p.slots, func(d *downlink) bool { return d.kind == t.source.Kind() })
	twin := -1
	for _, d := range p.slots {
		if d.shown != nil && d.shown.owner == t.owner && d.shown.source.pairs(t.source) {
			twin = d.pair
		}
	}
	taken := func(pair int) bool {
		return slices.ContainsFunc(p.slots, func(d *downlink) bool { return d.pair == pair && d.shown != nil })
	}
	score := -1
	for _, d := range p.slots {
		if d.kind != t.source.Kind() || !d.plays(t) {
			continue
		}
		able = true
		if d.shown != nil {
			continue
		}
		s := 0
		switch {
		case d.pair == twin:
			s = 2
		case !taken(d.pair):
			s = 1
		}
		if s > score {
			best, score = d, s
		}
	}
	return best, able
}

// pairs reports sources that play in step.
func (s Source) pairs(o Source) bool {
	screen := func(x Source) bool { return x == SourceScreen || x == SourceScreenAudio }
	return screen(s) == screen(o)
}

// tellSlots tells a participant its assignment if it changed.
func (r *Room) tellSlots(p *Participant) {
	if !p.slotsChanged || p.gone {
		return
	}
	p.slotsChanged = false
	list := make([]Slot, len(p.slots))
	for i, d := range p.slots {
		list[i] = Slot{Mid: d.mid, Kind: d.kind}
		if d.shown != nil {
			list[i].Track = d.shown.id
		}
	}
	p.tell(func(e Events) { e.Slots(list) })
}
