package signaling

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"consilium/sfu"
)

// fakeMedia stands for the media server: it forwards nothing, but tells everybody
// about everybody's tracks as the real one does, in order and from other goroutines.
type fakeMedia struct {
	mu    sync.Mutex
	rooms map[string]map[string]*fakePart
	next  int
	work  sync.WaitGroup
}

func newFakeMedia() *fakeMedia {
	return &fakeMedia{rooms: make(map[string]map[string]*fakePart)}
}

type fakePart struct {
	media *fakeMedia
	room  string
	opts  sfu.JoinOptions
	calls chan func()

	// Guarded by media.mu.
	lobby    bool
	closed   bool
	tracks   []sfu.TrackInfo
	views    []string
	keys     []string
	admitted int
	closes   int
}

func (f *fakeMedia) Join(room string, o sfu.JoinOptions) (MediaParticipant, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.rooms[room] == nil {
		f.rooms[room] = make(map[string]*fakePart)
	}
	if old := f.rooms[room][o.Identity]; old != nil {
		old.removeLocked(sfu.RemovedReplaced)
	}
	p := &fakePart{
		media: f, room: room, opts: o, lobby: o.Lobby,
		calls: make(chan func(), 1024),
	}
	f.rooms[room][o.Identity] = p
	f.work.Go(func() {
		for call := range p.calls {
			call()
		}
	})
	if !p.lobby {
		p.meetLocked()
	}
	return p, nil
}

func (f *fakeMedia) CheckOffer(sdp string, tracks []sfu.TrackMeta, publish bool) error {
	switch {
	case strings.Contains(sdp, "a=rubbish"):
		return fmt.Errorf("%w: line 7: a=rubbish", sfu.ErrBadSDP)
	case !publish && len(tracks) > 0:
		return sfu.ErrNotAllowed
	}
	return nil
}

func (f *fakeMedia) CloseRoom(room string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.rooms[room] {
		p.removeLocked(sfu.RemovedClosed)
	}
}

// part returns who is in the media room by that identity.
func (f *fakeMedia) part(room, identity string) *fakePart {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.rooms[room][identity]
}

// settle waits until every event so far has been told.
func (f *fakeMedia) settle() {
	var told sync.WaitGroup
	f.mu.Lock()
	for _, room := range f.rooms {
		for _, p := range room {
			told.Add(1)
			p.calls <- told.Done
		}
	}
	f.mu.Unlock()
	told.Wait()
}

func (p *fakePart) eventLocked(f func(sfu.Events)) {
	if !p.closed {
		p.calls <- func() { f(p.opts.Events) }
	}
}

// meetLocked tells p about the others' tracks and the others about p's.
func (p *fakePart) meetLocked() {
	for _, o := range p.media.rooms[p.room] {
		if o == p || o.lobby {
			continue
		}
		for _, t := range o.tracks {
			p.eventLocked(func(e sfu.Events) { e.TrackAdded(t) })
		}
		for _, t := range p.tracks {
			o.eventLocked(func(e sfu.Events) { e.TrackAdded(t) })
		}
	}
	p.slotsLocked()
}

func (p *fakePart) slotsLocked() {
	for _, to := range p.media.rooms[p.room] {
		if to.lobby {
			continue
		}
		var slots []sfu.Slot
		for _, o := range p.media.rooms[p.room] {
			if o == to || o.lobby {
				continue
			}
			for _, t := range o.tracks {
				slots = append(slots, sfu.Slot{Mid: fmt.Sprint(len(slots)), Kind: t.Kind, Track: t.ID})
			}
		}
		to.eventLocked(func(e sfu.Events) { e.Slots(slots) })
	}
}

func (p *fakePart) Offer(sdp string, tracks []sfu.TrackMeta) (string, error) {
	p.media.mu.Lock()
	defer p.media.mu.Unlock()
	switch {
	case p.closed:
		return "", sfu.ErrClosed
	case strings.Contains(sdp, "a=panic"):
		panic("the fake was asked to")
	case strings.Contains(sdp, "a=late-rubbish"):
		return "", fmt.Errorf("%w: line 7: a=late-rubbish", sfu.ErrBadSDP)
	}
	if err := p.media.CheckOffer(sdp, tracks, p.opts.Publish); err != nil {
		return "", err
	}
	for _, m := range tracks {
		p.media.next++
		t := sfu.TrackInfo{
			ID: fmt.Sprintf("t%d", p.media.next), Participant: p.opts.Identity,
			Kind: m.Source.Kind(), Source: m.Source, Muted: m.Muted,
		}
		known := false
		for _, have := range p.tracks {
			known = known || have.Source == m.Source
		}
		if known {
			continue
		}
		p.tracks = append(p.tracks, t)
		if p.lobby {
			continue
		}
		for _, o := range p.media.rooms[p.room] {
			if o != p && !o.lobby {
				o.eventLocked(func(e sfu.Events) { e.TrackAdded(t) })
			}
		}
	}
	p.slotsLocked()
	return "v=0\r\nanswer to " + p.opts.Identity, nil
}

func (p *fakePart) Admit() {
	p.media.mu.Lock()
	defer p.media.mu.Unlock()
	p.admitted++
	if p.lobby {
		p.lobby = false
		p.meetLocked()
	}
}

func (p *fakePart) SetMuted(source sfu.Source, muted bool) error {
	p.media.mu.Lock()
	defer p.media.mu.Unlock()
	for i := range p.tracks {
		if p.tracks[i].Source != source {
			continue
		}
		p.tracks[i].Muted = muted
		t := p.tracks[i]
		for _, o := range p.media.rooms[p.room] {
			if o != p && !o.lobby && !p.lobby {
				o.eventLocked(func(e sfu.Events) { e.TrackChanged(t) })
			}
		}
		return nil
	}
	return sfu.ErrUnknownSource
}

func (p *fakePart) SetView(track string, maxHeight int, visible bool) {
	p.media.mu.Lock()
	defer p.media.mu.Unlock()
	p.views = append(p.views, fmt.Sprintf("%s/%d/%v", track, maxHeight, visible))
}

func (p *fakePart) RequestKeyframe(track string) {
	p.media.mu.Lock()
	defer p.media.mu.Unlock()
	p.keys = append(p.keys, track)
}

func (p *fakePart) Close() {
	p.media.mu.Lock()
	defer p.media.mu.Unlock()
	p.closes++
	p.removeLocked(sfu.RemovedClosed)
}

func (p *fakePart) removeLocked(reason string) {
	if p.closed {
		return
	}
	p.eventLocked(func(e sfu.Events) { e.(sfu.RemovedEvents).Removed(reason) })
	p.closed = true
	close(p.calls)
	if p.media.rooms[p.room][p.opts.Identity] == p {
		delete(p.media.rooms[p.room], p.opts.Identity)
	}
	for _, o := range p.media.rooms[p.room] {
		for _, t := range p.tracks {
			o.eventLocked(func(e sfu.Events) { e.TrackRemoved(t.ID) })
		}
	}
}

// event tells p's client something out of turn.
func (p *fakePart) event(f func(sfu.Events)) {
	p.media.mu.Lock()
	defer p.media.mu.Unlock()
	p.eventLocked(f)
}

// fakeChat keeps messages in memory, once per clientId.
type fakeChat struct {
	mu    sync.Mutex
	rooms map[string][]Message
	fail  error
}

func newFakeChat() *fakeChat { return &fakeChat{rooms: make(map[string][]Message)} }

func (f *fakeChat) Post(_ context.Context, room, identity, clientID, text string) (Message, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fail != nil {
		return Message{}, f.fail
	}
	for _, m := range f.rooms[room] {
		if m.ClientID == clientID && m.Sender == identity {
			return m, nil
		}
	}
	n := len(f.rooms[room]) + 1
	m := Message{
		ID: fmt.Sprintf("%s-m%d", room, n), Seq: uint64(n), ClientID: clientID, Sender: identity,
		SenderName: "name of " + identity, SenderRole: "patient",
		At: time.Date(2026, 3, 4, 5, 6, n%60, 0, time.UTC), Text: text,
	}
	f.rooms[room] = append(f.rooms[room], m)
	return m, nil
}

func (f *fakeChat) History(_ context.Context, room, _ string) ([]Message, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]Message(nil), f.rooms[room]...), f.fail
}

func (f *fakeChat) count(room string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.rooms[room])
}

// fakeObserver writes down what it is told.
type fakeObserver struct {
	mu  sync.Mutex
	log []string
}

func (f *fakeObserver) add(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(f.log, fmt.Sprintf(format, args...))
}

func (f *fakeObserver) Joined(room, identity, role string, lobby bool) {
	f.add("joined %s %s %s %v", room, identity, role, lobby)
}
func (f *fakeObserver) Left(room, identity string)      { f.add("left %s %s", room, identity) }
func (f *fakeObserver) MediaLost(room, identity string) { f.add("lost %s %s", room, identity) }
func (f *fakeObserver) MediaBack(room, identity string) { f.add("back %s %s", room, identity) }

func (f *fakeObserver) lines() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.log...)
}
