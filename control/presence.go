package control

import (
	"context"
	"sync"
	"time"
)

// presence remembers who is in which room now, as the live side tells it. It is
// memory only: after a restart every room is empty, and so are the rooms.
type presence struct {
	mu    sync.Mutex // guards the following fields
	rooms map[string]map[string]person
	gone  map[string]time.Time // rooms whose patient left, and when
	poke  chan struct{}        // one slot: gone has changed
}

type person struct {
	role  Role
	lobby bool
	lost  bool // their media is interrupted
}

func newPresence() *presence {
	return &presence{rooms: map[string]map[string]person{}, gone: map[string]time.Time{}, poke: make(chan struct{}, 1)}
}

// person reports whether an identity is in a room.
func (p *presence) person(room, identity string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.rooms[room][identity]
	return ok
}

// role reports whether somebody of a role is in a room.
func (p *presence) role(room string, role Role) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range p.rooms[room] {
		if v.role == role {
			return true
		}
	}
	return false
}

// lobby reports whether somebody waits to be let into a room.
func (p *presence) lobby(room string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range p.rooms[room] {
		if v.lobby {
			return true
		}
	}
	return false
}

// anywhere reports whether an identity is in any room.
func (p *presence) anywhere(identity string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, room := range p.rooms {
		if _, ok := room[identity]; ok {
			return true
		}
	}
	return false
}

func (p *presence) join(room, identity string, v person) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rooms[room] == nil {
		p.rooms[room] = map[string]person{}
	}
	p.rooms[room][identity] = v
	if v.role == RolePatient {
		delete(p.gone, room)
	}
}

func (p *presence) leave(room, identity string, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, ok := p.rooms[room][identity]
	if !ok {
		return
	}
	delete(p.rooms[room], identity)
	if len(p.rooms[room]) == 0 {
		delete(p.rooms, room)
	}
	if v.role == RolePatient {
		p.gone[room] = now
		p.nudge()
	}
}

func (p *presence) media(room, identity string, lost bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v, ok := p.rooms[room][identity]; ok {
		v.lost = lost
		p.rooms[room][identity] = v
	}
}

// missing marks a room whose patient is expected and not there.
func (p *presence) missing(room string, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone[room] = now
	p.nudge()
}

func (p *presence) nudge() {
	select {
	case p.poke <- struct{}{}:
	default: // already nudged
	}
}

// due takes the rooms whose patient left before the time given, and says when
// the next one comes due; zero for none.
func (p *presence) due(before time.Time) (rooms []string, next time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for room, at := range p.gone {
		switch {
		case !at.After(before):
			rooms = append(rooms, room)
			delete(p.gone, room)
		case next.IsZero() || at.Before(next):
			next = at
		}
	}
	return rooms, next
}

// Joined is told by the live side that a person entered a room or its waiting
// room. Like all of these it does not block.
func (c *Control) Joined(room, identity, role string, lobby bool) {
	c.presence.join(room, identity, person{role: Role(role), lobby: lobby})
}

// Left is told that a person is out of a room.
func (c *Control) Left(room, identity string) {
	c.presence.leave(room, identity, c.clock())
}

// MediaLost is told that a person's media stopped arriving.
func (c *Control) MediaLost(room, identity string) {
	c.presence.media(room, identity, true)
}

// MediaBack is told that it arrives again.
func (c *Control) MediaBack(room, identity string) {
	c.presence.media(room, identity, false)
}

// patientGone takes a visit out of waiting when its patient did not come back.
func (c *core) patientGone(ctx context.Context, room string) error {
	clinic, err := c.clinicOf(ctx, room)
	if ErrorCode(err) == CodeNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	err = c.update(ctx, System(clinic), func(u *unit) error {
		_, a, err := u.meeting(EncounterID(room))
		if err != nil || a.Status != Waiting {
			return err
		}
		return u.transit(&a, ActLeave, &input{})
	})
	if code := ErrorCode(err); code == CodeTransitionRefused || code == CodeNotFound {
		return nil // back already, or admitted meanwhile
	}
	return err
}
