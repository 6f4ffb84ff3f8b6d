package signaling

import "errors"

// Code is the stable name of a refusal.
type Code string

// Codes of Error replies; docs/protocol.md says what a client does about each.
const (
	CodeMalformed    Code = "malformed"
	CodeUnknownType  Code = "unknown_type"
	CodeInvalid      Code = "invalid"
	CodeVersion      Code = "unsupported_version"
	CodeHelloFirst   Code = "hello_first"
	CodeHelloTwice   Code = "already_greeted"
	CodeGrantInvalid Code = "grant_invalid"
	CodeGrantExpired Code = "grant_expired"
	CodeGrantUsed    Code = "grant_used"
	CodeGrantKind    Code = "grant_wrong_kind"
	CodeGrantRoom    Code = "grant_wrong_room"
	CodeGrantPerson  Code = "grant_wrong_person"
	CodeRevoked      Code = "revoked"
	CodeResume       Code = "resume_failed"
	CodeNotJoined    Code = "not_joined"
	CodeJoinedOther  Code = "already_joined"
	CodeInLobby      Code = "in_lobby"
	CodeBadSDP       Code = "bad_sdp"
	CodeForbidden    Code = "forbidden"
	CodeUnknownTrack Code = "unknown_source"
	CodeRoomFull     Code = "room_full"
	CodeRoomClosed   Code = "room_closed"
	CodeRate         Code = "rate_limited"
	CodeBusy         Code = "busy"
	CodeUnavailable  Code = "unavailable"
	CodeInternal     Code = "internal"
)

// Close codes of the WebSocket beyond RFC 6455's own.
const (
	CloseHello      = 4001 // no valid hello in time
	CloseSuperseded = 4002 // another socket resumed this session
	CloseRevoked    = 4003 // signed out, or access withdrawn
	CloseFlood      = 4008 // messages kept coming faster than the limit
	CloseSlow       = 4009 // the client didn't read fast enough
)

// Close codes of RFC 6455 §7.4.1.
const (
	closeNormal    = 1000
	closeGoingAway = 1001
	closeInternal  = 1011
)

// Errors that callers of Server branch on.
var (
	// ErrNoMember reports an identity that isn't in the room.
	ErrNoMember = errors.New("nobody of that identity is in the room")
	// ErrChatRefused, wrapped by Chat.Post, reports a message that the clinic's
	// rules refuse; its text isn't shown to the client.
	ErrChatRefused = errors.New("message refused")
)

// refusal is an error that the client is told about.
type refusal struct {
	code Code
	text string
}

func (r *refusal) Error() string { return string(r.code) + ": " + r.text }

func refuse(code Code, text string) error { return &refusal{code: code, text: text} }
