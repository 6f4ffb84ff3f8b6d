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

// tick does what is due in one room.
func (r *Room) tick(out *outbox, round int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now, wall := r.sfu.now(), time.Now()
	for _, p := range r.people {
		t := p.transport.Load()
		if t == nil {
			continue
		}
		func() {
			defer r.sfu.survive(t)
			if round%2 == 0 {
				t.tick(out, wall)
			}
			r.allocate(p, now)
			for _, d := range p.slots {
				if u, urgent := d.awaited(); u != nil && d.shown.open.Load() {
					u.want(out, now, urgent)
				}
			}
		}()
	}
	if round%restrictEvery == 0 {
		for _, p := range r.people {
			r.restrict(p, out)
		}
	}
	if round%speakersEvery == 0 {
		r.speakers(now)
		for _, p := range r.people {
			r.wish(p)
			for _, t := range p.tracks {
				t.remember()
			}
		}
	}
}
