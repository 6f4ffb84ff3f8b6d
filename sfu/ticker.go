package sfu

import (
	"time"
)

const (
	// tickEvery is the pace of all that time alone brings about. What media brings
	// about happens when packets come.
	tickEvery = 100 * time.Millisecond
	// calmTicks is how many ticks pass between two looks at a calm room, in which
	// only paths want attention: 300 ms, about what ICE asks for. A machine that is woken
	// ten times a second for nothing spends more on waking than on all of its silent
	// participants.
	calmTicks = 3
	// calmAfter is how long a room stays lively after media or a change.
	calmAfter = 5 * time.Second
)

// stir makes a room lively: somebody comes, or something is about to begin.
func (r *Room) stir() {
	r.stirred.Store(int64(r.sfu.now()))
	select {
	case r.sfu.stirred <- struct{}{}:
	default:
	}
}

// lively reports whether media came or something began lately. The caller holds mu.
func (r *Room) lively(now time.Duration) bool {
	since := now - calmAfter
	if time.Duration(r.stirred.Load()) > since {
		return true
	}
	for _, p := range r.people {
		if t := p.transport.Load(); t != nil && time.Duration(t.heard.Load()) > since {
			return true
		}
	}
	return false
}

// tick drives paths, choices and speakers until the server stops: every tickEvery while a
// room is lively, seldom while all are calm, not at all without rooms.
func (s *SFU) tick(out *outbox) {
	timer := time.NewTimer(tickEvery)
	defer timer.Stop()
	var rooms []*Room
	steps := 1 // until the next round; 0 without rooms
	for round := 0; ; {
		select {
		case <-s.stop:
			return
		case <-timer.C:
		case <-s.stirred:
			if steps == 1 {
				continue
			}
		}
		s.counters.ticks.Add(1)
		s.aside.collect(out)
		s.mu.Lock()
		for _, r := range s.rooms {
			rooms = append(rooms, r)
		}
		s.mu.Unlock()
		steps = 0
		if len(rooms) > 0 {
			steps = calmTicks - round%calmTicks
		}
		for _, r := range rooms {
			if r.tick(out, round) {
				steps = 1
			}
		}
		clear(rooms)
		rooms = rooms[:0]
		out.Flush()
		round += steps
		timer.Stop()
		if steps > 0 {
			timer.Reset(time.Duration(steps) * tickEvery)
		}
	}
}

// tick does what is due in one room, and reports whether it is lively. A fault in it
// costs one participant its place, or the room this round.
func (r *Room) tick(out *outbox, round int) (lively bool) {
	defer r.sfu.survive(nil)
	r.mu.Lock()
	defer r.mu.Unlock()
	now, wall := r.sfu.now(), time.Now()
	lively = r.lively(now)
	if !lively && round%calmTicks != 0 {
		return false
	}
	for _, p := range r.people {
		if t := p.transport.Load(); t != nil {
			r.tickOne(p, t, out, round, lively, now, wall)
		}
	}
	if round%speakersEvery == 0 {
		r.speakers(now)
	}
	return lively
}

// tickOne does what is due for one participant. The caller holds mu.
func (r *Room) tickOne(p *Participant, t *transport, out *outbox, round int, lively bool, now time.Duration, wall time.Time) {
	defer r.sfu.survive(t)
	if !lively || round%2 == 0 {
		t.tick(out, wall)
	}
	if !lively || round%2 != 0 {
		r.allocate(p, now)
	}
	for _, d := range p.slots {
		if u, urgent := d.awaited(); u != nil && d.shown.open.Load() {
			u.want(out, now, urgent)
		}
	}
	if round%restrictEvery == 0 {
		r.restrict(p, out)
	}
	if round%speakersEvery == 0 {
		r.wish(p)
		for _, t := range p.tracks {
			t.remember()
		}
	}
}
