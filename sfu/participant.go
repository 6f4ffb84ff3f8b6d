package sfu

import (
	"fmt"
	"sync"
	"sync/atomic"

	"consilium/sfu/internal/bwe"
)

// Participant is one person's device in a room. Its methods may be called from
// any goroutine.
type Participant struct {
	room     *Room
	identity string
	events   Events
	publish  bool

	offering  sync.Mutex // one offer at a time; taken before Room.mu
	transport atomic.Pointer[transport]
	session   uint64 // of answers, with their version; guarded by offering
	version   uint64

	removed atomic.Bool // no more events

	// Guarded by Room.mu.
	lobby  bool
	gone   bool
	tracks []*Track
	slots  []*downlink
	views  map[string]view // by track, also of tracks that have no slot yet
	unmet  [2]int          // receive slots last asked for, audio and video
	wishes string          // layers last wished for

	slotsChanged bool
	shares       bwe.Allocator
}

// Admit lets a participant out of the lobby.
func (p *Participant) Admit() {
	r := p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	if !p.lobby || p.gone {
		return
	}
	p.lobby = false
	r.tellTracks(p, nil)
	for _, t := range p.tracks {
		r.publish(t)
	}
	r.assignAll()
}

// SetMuted stops or resumes forwarding of one published source.
func (p *Participant) SetMuted(source Source, muted bool) error {
	r := p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, t := range p.tracks {
		if t.source == source {
			r.mute(t, muted)
			return nil
		}
	}
	return fmt.Errorf("mute %q: %w", source, ErrUnknownSource)
}

// SetView says how large the participant shows a track, in pixels, and whether
// it is on screen at all; the server sends the smallest layer that fills it.
// maxHeight 0 means any height.
func (p *Participant) SetView(track string, maxHeight int, visible bool) {
	r := p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	v := view{maxHeight: max(0, maxHeight), hidden: !visible}
	if p.gone || !r.has(track) {
		return
	}
	if p.views == nil {
		p.views = make(map[string]view)
	}
	p.views[track] = v
	for _, d := range p.slots {
		if d.shown != nil && d.shown.id == track && d.video() {
			d.view = v
			r.choose(d, r.sfu.now())
		}
	}
}

// RequestKeyframe asks the publisher of a track for a key frame.
func (p *Participant) RequestKeyframe(track string) {
	r := p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range p.slots {
		if d.shown != nil && d.shown.id == track {
			d.askKeyframe(false)
		}
	}
}

// wantKeyframes asks for key frames of all that the participant sees, as its
// media begins to flow.
func (p *Participant) wantKeyframes() {
	r := p.room
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, d := range p.slots {
		d.askKeyframe(true)
	}
}

// Stats returns the participant's counters.
func (p *Participant) Stats() ParticipantStats {
	t := p.transport.Load()
	if t == nil {
		return ParticipantStats{}
	}
	return t.stats()
}

// Close removes the participant from its room, frees its transport and waits
// for what ran on its behalf.
func (p *Participant) Close() { p.leave(RemovedClosed) }

func (p *Participant) leave(reason string) {
	if !p.room.remove(p) {
		return
	}
	if e, ok := p.events.(RemovedEvents); ok {
		p.room.sfu.post(p, func() {
			if !p.removed.Swap(true) {
				e.Removed(reason)
			}
		})
	} else {
		p.removed.Store(true)
	}
	p.offering.Lock()
	defer p.offering.Unlock()
	if t := p.transport.Swap(nil); t != nil {
		t.close()
	}
}

// tell queues an event. It may be called with any lock held.
func (p *Participant) tell(f func(Events)) {
	p.room.sfu.post(p, func() {
		if !p.removed.Load() {
			f(p.events)
		}
	})
}

// view is how a client shows a track.
type view struct {
	maxHeight int // 0 any
	hidden    bool
}
