package signaling

import (
	"slices"
	"sync"

	"consilium/internal/grant"
	"consilium/sfu"
)

// maxEarly bounds the events kept for a member whose joined reply isn't out yet.
const maxEarly = 64

// member is a session's presence in a room. It is the media server's Events for it.
type member struct {
	// Static.
	room    *room
	session *session
	grant   grant.Grant
	media   MediaParticipant // set before the member is in room.members

	// Guarded by room.mu.
	lobby bool

	mu       sync.Mutex // guards the following fields
	answered bool       // the joined reply is out: events may follow
	waiting  bool       // in the lobby: events about others are held back
	dead     bool       // out of the room: no more events
	state    string     // of the media transport
	early    [][]byte
	tracks   []Track
	slots    []Slot
}

var (
	_ sfu.Events        = (*member)(nil)
	_ sfu.RemovedEvents = (*member)(nil)
)

func newMember(r *room, s *session, g grant.Grant, lobby bool) *member {
	return &member{
		room: r, session: s, grant: g, lobby: lobby, waiting: lobby,
		state: "new", tracks: []Track{}, slots: []Slot{},
	}
}

// staff reports whether the member sees who waits in the lobby. It needs room.mu.
func (m *member) staffLocked() bool { return m.grant.Staff() && !m.lobby }

// emit sends an event to this member, after its joined reply.
func (m *member) emit(event []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.emitLocked(event)
}

func (m *member) emitLocked(event []byte) {
	switch {
	case m.dead:
	case m.answered:
		m.session.emit(event)
	case len(m.early) < maxEarly:
		m.early = append(m.early, event)
	}
}

// answer sends the joined reply to c, then the events that came before it.
func (m *member) answer(c *conn, j *Joined) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.waiting {
		j.Tracks, j.Slots = slices.Clone(m.tracks), slices.Clone(m.slots)
	}
	j.Self.Media = m.state
	c.send(encode(j))
	m.answered = true
	for _, e := range m.early {
		m.session.emit(e)
	}
	m.early = nil
}

// admit ends the wait: the admitted event carries what is in the room now.
func (m *member) admit(a *Admitted) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a.Tracks, a.Slots = slices.Clone(m.tracks), slices.Clone(m.slots)
	m.waiting = false
	m.emitLocked(encode(a))
}

// bury stops all further events, after a last one if there is any. It reports whether
// the member was alive.
func (m *member) bury(last []byte) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.dead {
		return false
	}
	if last != nil {
		m.emitLocked(last)
	}
	m.dead = true
	return true
}

// mediaState returns the state of the member's media transport.
func (m *member) mediaState() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.state
}

// TrackAdded implements sfu.Events.
func (m *member) TrackAdded(info sfu.TrackInfo) {
	t := wireTrack(info)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.indexLocked(t.ID) >= 0 {
		return
	}
	m.tracks = append(m.tracks, t)
	if m.answered && !m.waiting {
		m.emitLocked(encode(&TrackAdded{EventHead{Type: "track_added"}, t}))
	}
}

// TrackChanged implements sfu.Events.
func (m *member) TrackChanged(info sfu.TrackInfo) {
	t := wireTrack(info)
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.indexLocked(t.ID)
	if i < 0 {
		return
	}
	m.tracks[i] = t
	if m.answered && !m.waiting {
		m.emitLocked(encode(&TrackChanged{EventHead{Type: "track_changed"}, t}))
	}
}

// TrackRemoved implements sfu.Events.
func (m *member) TrackRemoved(track string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.indexLocked(track)
	if i < 0 {
		return
	}
	m.tracks = slices.Delete(m.tracks, i, i+1)
	if m.answered && !m.waiting {
		m.emitLocked(encode(&TrackRemoved{EventHead{Type: "track_removed"}, track}))
	}
}

func (m *member) indexLocked(track string) int {
	return slices.IndexFunc(m.tracks, func(t Track) bool { return t.ID == track })
}

// Slots implements sfu.Events.
func (m *member) Slots(slots []sfu.Slot) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.slots = wireSlots(slots)
	if m.answered && !m.waiting {
		m.emitLocked(encode(&Slots{EventHead{Type: "slots"}, m.slots}))
	}
}

// Negotiate implements sfu.Events.
func (m *member) Negotiate(needAudio, needVideo int) {
	m.emit(encode(&Negotiate{EventHead{Type: "negotiate"}, needAudio, needVideo}))
}

// Layers implements sfu.Events.
func (m *member) Layers(wishes []sfu.LayerWish) {
	m.emit(encode(&LayersWanted{EventHead{Type: "layers"}, wireLayers(wishes)}))
}

// Speakers implements sfu.Events.
func (m *member) Speakers(speakers []sfu.Speaker) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.answered && !m.waiting && !m.dead {
		m.session.hint(encode(&Speakers{EventHead{Type: "speakers"}, wireSpeakers(speakers)}))
	}
}

// Media implements sfu.Events.
func (m *member) Media(state string) {
	m.mu.Lock()
	if m.dead || m.state == state {
		m.mu.Unlock()
		return
	}
	before := m.state
	m.state = state
	m.emitLocked(encode(&Media{EventHead{Type: "media"}, state}))
	m.mu.Unlock()
	m.room.mediaChanged(m, before, state)
}

// Removed implements sfu.RemovedEvents.
func (m *member) Removed(reason string) {
	// A newer join that has the place now settles with this one itself; see conn.join.
	if reason != sfu.RemovedReplaced {
		m.room.drop(m, ReasonMedia)
	}
}
