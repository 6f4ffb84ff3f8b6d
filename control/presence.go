package control

import (
	"maps"
	"slices"
	"sync"
)

// presence remembers who is in which room now, as the live side tells it. It is
// memory only: after a restart every room is empty, and so are the rooms.
type presence struct {
	mu    sync.Mutex // guards the following fields
	rooms map[string]map[string]person
	gone  map[string]bool // rooms whose patient left
	moved map[string]bool // rooms where somebody came or went, not looked at since
	poke  chan struct{}   // one slot: moved has something
}

type person struct {
	role  Role
	lobby bool
	lost  bool // their media is interrupted
}

func newPresence() *presence {
	return &presence{rooms: map[string]map[string]person{}, gone: map[string]bool{}, moved: map[string]bool{}, poke: make(chan struct{}, 1)}
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
	p.stir(room)
}

func (p *presence) leave(room, identity string) {
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
		p.gone[room] = true
	}
	p.stir(room)
}

func (p *presence) media(room, identity string, lost bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v, ok := p.rooms[room][identity]; ok {
		v.lost = lost
		p.rooms[room][identity] = v
		p.stir(room)
	}
}

// missing marks a room whose patient is expected and not there.
func (p *presence) missing(room string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone[room] = true
	p.stir(room)
}

// forget drops what is known of a room that is closed for good.
func (p *presence) forget(room string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.gone, room)
}

// left reports whether a room's patient was there and is gone.
func (p *presence) left(room string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.gone[room]
}

// connected reports whether somebody of a role is in a room, with a working line.
func (p *presence) connected(room string, role Role) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range p.rooms[room] {
		if v.role == role && !v.lost {
			return true
		}
	}
	return false
}

// again marks a room to be looked at.
func (p *presence) again(room string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stir(room)
}

// stir marks a room to be looked at. The caller holds mu.
func (p *presence) stir(room string) {
	p.moved[room] = true
	poke(p.poke)
}

// take returns the rooms to be looked at.
func (p *presence) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	rooms := slices.Sorted(maps.Keys(p.moved))
	clear(p.moved)
	return rooms
}

// Joined is told by the live side that a person entered a room or its waiting
// room. Like all of these it does not block.
func (c *Control) Joined(room, identity, role string, lobby bool) {
	c.presence.join(room, identity, person{role: Role(role), lobby: lobby})
}

// Left is told that a person is out of a room.
func (c *Control) Left(room, identity string) {
	c.presence.leave(room, identity)
}

// MediaLost is told that a person's media stopped arriving.
func (c *Control) MediaLost(room, identity string) {
	c.presence.media(room, identity, true)
}

// MediaBack is told that it arrives again.
func (c *Control) MediaBack(room, identity string) {
	c.presence.media(room, identity, false)
}
