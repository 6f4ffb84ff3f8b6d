package sfu

import (
	"time"
)

// tickEvery is the pace of all that time alone brings about. What media brings
// about happens when packets come.
const tickEvery = 100 * time.Millisecond

// tick drives paths, choices and speakers until the server stops.
func (s *SFU) tick(out *outbox) {
	t := time.NewTicker(tickEvery)
	defer t.Stop()
	var rooms []*Room
	for round := 0; ; round++ {
		select {
		case <-s.stop:
			return
		case <-t.C:
		}
		s.mu.Lock()
		for _, r := range s.rooms {
			rooms = append(rooms, r)
		}
		s.mu.Unlock()
		for _, r := range rooms {
			r.tick(out, round)
		}
		clear(rooms)
		rooms = rooms[:0]
		out.Flush()
	}
}

// tick does what is due in one room. A fault in it costs one participant its
// place, or the room this round.
func (r *Room) tick(out *outbox, round int) {
	defer r.sfu.survive(nil)
	r.mu.Lock()
	defer r.mu.Unlock()
	now, wall := r.sfu.now(), time.Now()
	for _, p := range r.people {
		if t := p.transport.Load(); t != nil {
			r.tickOne(p, t, out, round, now, wall)
		}
	}
	if round%speakersEvery == 0 {
		r.speakers(now)
	}
}

// tickOne does what is due for one participant. The caller holds mu.
func (r *Room) tickOne(p *Participant, t *transport, out *outbox, round int, now time.Duration, wall time.Time) {
	defer r.sfu.survive(t)
	if round%2 == 0 {
		t.tick(out, wall)
	} else {
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
