package signaling

import (
	"cmp"
	"slices"
	"sync"
)

// recentChat is how many broadcast messages a room remembers, so that a repeated post
// isn't told twice.
const recentChat = 256

// room is the people of one consultation who are connected.
type room struct {
	// Static.
	id     string
	server *Server

	// entry is held for the whole of a join, an admission and a chat post: a newcomer's
	// history and the messages that follow it have neither gap nor overlap.
	entry  sync.Mutex
	recent []string // ids of broadcast messages; guarded by entry

	claims int // joins under way; guarded by server.mu

	mu      sync.Mutex // guards the following fields
	members map[string]*member
}

func newRoom(s *Server, id string) *room {
	return &room{id: id, server: s, members: make(map[string]*member)}
}

// member returns who is in the room by that identity, or nil.
func (r *room) member(identity string) *member {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.members[identity]
}

// admitted reports whether that identity is in the room and beyond its lobby.
func (r *room) admitted(identity string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := r.members[identity]
	return m != nil && !m.lobby
}

// enter puts m into the room, in place of an older presence of the same person, tells
// the others, and answers the join on c. It returns who was replaced. It refuses when
// the room has closed or the person was removed since the grant was signed.
func (r *room) enter(m *member, c *conn, j *Joined) (old *member, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.server.barred(m.grant); err != nil {
		return nil, err
	}
	if !m.session.enter(m) {
		return nil, refuse(CodeRevoked, "the session has ended")
	}
	old = r.members[m.grant.Subject]
	r.members[m.grant.Subject] = m
	for _, o := range r.members {
		if o == m {
			continue
		}
		switch was, is := old != nil && visibleLocked(o, old), visibleLocked(o, m); {
		case is && !was:
			o.emit(encode(&ParticipantJoined{EventHead{Type: "participant_joined"}, m.wireLocked()}))
		case is && was:
			o.emit(encode(&ParticipantChanged{EventHead{Type: "participant_changed"}, m.wireLocked()}))
		case was:
			o.emit(encode(&ParticipantLeft{EventHead{Type: "participant_left"}, m.grant.Subject}))
		}
	}
	j.Room, j.Self, j.Lobby = r.id, m.wireLocked(), m.lobby
	j.Participants = r.rosterLocked(m)
	m.answer(c, j)
	return old, nil
}

// admit lets m out of the lobby with the given history and tells everybody.
func (r *room) admit(m *member, history []Message) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.members[m.grant.Subject] != m {
		return false
	}
	sawBefore := make(map[*member]bool)
	for _, o := range r.members {
		sawBefore[o] = visibleLocked(o, m)
	}
	m.lobby = false
	for _, o := range r.members {
		switch {
		case o == m:
		case sawBefore[o]:
			o.emit(encode(&ParticipantChanged{EventHead{Type: "participant_changed"}, m.wireLocked()}))
		case visibleLocked(o, m):
			o.emit(encode(&ParticipantJoined{EventHead{Type: "participant_joined"}, m.wireLocked()}))
		}
	}
	m.admit(&Admitted{
		EventHead:    EventHead{Type: "admitted"},
		Participants: r.rosterLocked(m),
		Chat:         history,
	})
	return true
}

// drop takes m out of the room, tells it the reason ("" for its own leave) and tells
// the others. It reports whether m was in the room.
func (r *room) drop(m *member, reason string) bool {
	var last []byte
	if reason != "" {
		last = encode(&Removed{EventHead{Type: "removed"}, reason})
	}
	return r.remove(m, last)
}

func (r *room) remove(m *member, last []byte) bool {
	alive := m.bury(last)
	present := r.take(m)
	m.session.exit(m)
	if m.media != nil && alive {
		m.media.Close()
	}
	if present {
		r.server.tell(func(o Observer) { o.Left(r.id, m.grant.Subject) })
		r.server.sweepRoom(r)
	}
	return present
}

func (r *room) take(m *member) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.members[m.grant.Subject] != m {
		return false
	}
	delete(r.members, m.grant.Subject)
	for _, o := range r.members {
		if visibleLocked(o, m) {
			o.emit(encode(&ParticipantLeft{EventHead{Type: "participant_left"}, m.grant.Subject}))
		}
	}
	return true
}

// mediaChanged tells the others and the observer about m's media transport.
func (r *room) mediaChanged(m *member, before, state string) {
	r.mu.Lock()
	present := r.members[m.grant.Subject] == m
	if present {
		for _, o := range r.members {
			if o != m && visibleLocked(o, m) {
				o.emit(encode(&ParticipantChanged{EventHead{Type: "participant_changed"}, m.wireLocked()}))
			}
		}
	}
	r.mu.Unlock()
	if !present {
		return
	}
	switch {
	case before == "connected" && state != "connected":
		r.server.tell(func(o Observer) { o.MediaLost(r.id, m.grant.Subject) })
	case before != "new" && state == "connected":
		r.server.tell(func(o Observer) { o.MediaBack(r.id, m.grant.Subject) })
	}
}

// broadcast sends a chat message to everybody beyond the lobby, once. The caller
// holds entry.
func (r *room) broadcast(msg Message) {
	if slices.Contains(r.recent, msg.ID) {
		return
	}
	if len(r.recent) == recentChat {
		r.recent = append(r.recent[:0], r.recent[1:]...)
	}
	r.recent = append(r.recent, msg.ID)
	event := encode(&ChatPosted{EventHead{Type: "chat"}, msg})
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.members {
		if !m.lobby {
			m.emit(event)
		}
	}
}

// everybody returns the present members.
func (r *room) everybody() []*member {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]*member, 0, len(r.members))
	for _, m := range r.members {
		out = append(out, m)
	}
	return out
}

// roster lists everybody for the server's own use, by name.
func (r *room) roster() []Member {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := make([]Member, 0, len(r.members))
	for _, m := range r.members {
		out = append(out, Member{
			Identity: m.grant.Subject, Name: m.grant.Name, Role: m.grant.Role,
			Lobby: m.lobby, Media: m.mediaState(),
		})
	}
	slices.SortFunc(out, func(a, b Member) int { return cmp.Compare(a.Identity, b.Identity) })
	return out
}

// rosterLocked lists the others that m may see. It needs room.mu.
func (r *room) rosterLocked(m *member) []Participant {
	out := []Participant{}
	for _, o := range r.members {
		if o != m && visibleLocked(m, o) {
			out = append(out, o.wireLocked())
		}
	}
	slices.SortFunc(out, func(a, b Participant) int { return cmp.Compare(a.Identity, b.Identity) })
	return out
}

// visibleLocked reports whether viewer may know that m is there: nobody in the lobby
// sees anybody, and only staff see who waits. It needs room.mu.
func visibleLocked(viewer, m *member) bool {
	return !viewer.lobby && (!m.lobby || viewer.staffLocked())
}

// wireLocked describes m to a client. It needs room.mu.
func (m *member) wireLocked() Participant {
	return Participant{
		Identity: m.grant.Subject, Name: m.grant.Name, Role: m.grant.Role,
		Lobby: m.lobby, Media: m.mediaState(),
	}
}
