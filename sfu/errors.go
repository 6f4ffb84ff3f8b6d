package sfu

import "errors"

// Errors that callers branch on. All are wrapped with what was tried.
var (
	// ErrBadSDP reports an offer that cannot be answered; the text names the line.
	ErrBadSDP = errors.New("bad sdp")
	// ErrClosed reports a call on a server, room or participant that is gone.
	ErrClosed = errors.New("closed")
	// ErrRoomFull reports a room that holds Config.MaxParticipants already.
	ErrRoomFull = errors.New("room is full")
	// ErrUnknownSource reports a source the participant does not publish.
	ErrUnknownSource = errors.New("unknown source")
	// ErrNotAllowed reports media from a participant who may not publish.
	ErrNotAllowed = errors.New("not allowed to publish")
)
