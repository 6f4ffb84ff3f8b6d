package sfu

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Room is a set of participants who see and hear each other.
type Room struct {
	id  string
	sfu *SFU

	stirred atomic.Int64 // when something last began, as time since the server's start

	mu      sync.Mutex     // guards what follows; taken before any transport's
	people  []*Participant // in order of joining
	closed  bool
	loudest []Speaker // last told
}

// Join lets a participant in. An earlier participant of the same identity is
// removed with reason "replaced". The caller must Close the participant.
func (r *Room) Join(o JoinOptions) (*Participant, error) {
	if o.Identity == "" || o.Events == nil {
		return nil, fmt.Errorf("join room: identity and events are required")
	}
	for {
		p, old, err := r.add(o)
		if err != nil {
			return nil, fmt.Errorf("join room: %w", err)
		}
		if p == nil {
			// The room was forgotten while its caller held it: take the new one.
			r = r.sfu.Room(r.id)
			continue
		}
		if old != nil {
			old.leave(RemovedReplaced)
		}
		return p, nil
	}
}

func (r *Room) add(o JoinOptions) (p, old *Participant, err error) {
	s := r.sfu
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, nil, ErrClosed
	}
	if s.rooms[r.id] != r {
		if s.rooms[r.id] != nil {
			return nil, nil, nil
		}
		s.rooms[r.id] = r
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, nil, ErrClosed
	}
	for _, q := range r.people {
		if q.identity == o.Identity {
			old = q
		}
	}
	if old == nil && len(r.people) >= s.cfg.MaxParticipants {
		return nil, nil, ErrRoomFull
	}
	p = &Participant{room: r, identity: o.Identity, events: o.Events, publish: o.Publish, lobby: o.Lobby}
	r.people = append(r.people, p)
	r.stir()
	if !p.lobby {
		r.tellTracks(p, old)
	}
	return p, old, nil
}

// tellTracks tells a participant about the tracks of all others but one. The
// caller holds mu.
func (r *Room) tellTracks(p, except *Participant) {
	for _, q := range r.people {
		if q == p || q == except || q.lobby {
			continue
		}
		for _, t := range q.tracks {
			info := t.info()
			p.tell(func(e Events) { e.TrackAdded(info) })
		}
	}
}

// Close removes everybody. Nobody can join a closed room; the server gives out
// a new one of the same id.
func (r *Room) Close() {
	r.sfu.mu.Lock()
	if r.sfu.rooms[r.id] == r {
		delete(r.sfu.rooms, r.id)
	}
	r.mu.Lock()
	r.closed = true
	people := slices.Clone(r.people)
	r.mu.Unlock()
	r.sfu.mu.Unlock()
	for _, p := range people {
		p.leave(RemovedClosed)
	}
}

// remove takes a participant out of the room, and the room out of the server
// when it was the last. It reports whether the participant was in.
func (r *Room) remove(p *Participant) bool {
	r.sfu.mu.Lock()
	defer r.sfu.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.Index(r.people, p)
	if i < 0 {
		return false
	}
	r.people = slices.Delete(r.people, i, i+1)
	for _, t := range p.tracks {
		r.withdraw(t)
	}
	for _, d := range p.slots {
		r.free(d)
	}
	p.tracks, p.slots, p.gone = nil, nil, true
	r.assignAll()
	if len(r.people) == 0 && r.sfu.rooms[r.id] == r {
		delete(r.sfu.rooms, r.id)
	}
	return true
}

// count returns how many people and tracks are in the room.
func (r *Room) count() (people, connected, tracks int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.people {
		people++
		tracks += len(p.tracks)
		if t := p.transport.Load(); t != nil && t.connected() {
			connected++
		}
	}
	return people, connected, tracks
}
