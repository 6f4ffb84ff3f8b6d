package grant

import (
	"errors"
	"time"
)

// Kind says what a grant opens.
type Kind string

// The kinds of grant.
const (
	Live Kind = "live" // a live socket and its topics
	Room Kind = "room" // one room
)

// MaxLife is the longest a grant may be valid.
const MaxLife = time.Minute

// Errors that Redeem and Sign return; test with errors.Is.
var (
	ErrMalformed = errors.New("grant is malformed")
	ErrForged    = errors.New("grant is not signed by this server")
	ErrExpired   = errors.New("grant has expired")
	ErrUsed      = errors.New("grant was used before")
	ErrBusy      = errors.New("too many grants are being redeemed")
	ErrLife      = errors.New("grant would live too long")
)

// Grant is what its bearer may do, as decided by the clinic's rules.
type Grant struct {
	// ID makes the grant single-use; Sign sets it.
	ID string `json:"id"`
	// Kind says which of the fields below count.
	Kind Kind `json:"kind"`
	// Clinic is the clinic's id.
	Clinic string `json:"clinic"`
	// Subject is the participant's identity: stable for a person in a room.
	Subject string `json:"sub"`
	// Session is the login session, so that its end can end what the grant opened.
	Session string `json:"ses"`
	// Name is shown to the others in the room.
	Name string `json:"name,omitempty"`
	// Role is practitioner, patient, guest, clinic_admin, registrar or accountant.
	Role string `json:"role"`
	// Room is the room's id, for Kind Room.
	Room string `json:"room,omitempty"`
	// Lobby makes the bearer wait until admitted.
	Lobby bool `json:"lobby,omitempty"`
	// Publish lets the bearer send audio and video.
	Publish bool `json:"pub,omitempty"`
	// Topics are the live topics, for Kind Live.
	Topics []string `json:"topics,omitempty"`
	// Issued is when the grant was signed; Sign sets it. Grants signed before an
	// eviction, a room's end or a sign-out no longer count after it.
	Issued time.Time `json:"iat"`
	// Expires is at most MaxLife after Issued. Zero means MaxLife.
	Expires time.Time `json:"exp"`
}

// Staff reports whether the bearer works for the clinic.
func (g Grant) Staff() bool {
	return g.Role != "patient" && g.Role != "guest"
}
