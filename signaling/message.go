package signaling

import "time"

// Version is the protocol's version, Subprotocol the WebSocket subprotocol that names it.
const (
	Version     = 1
	Subprotocol = "consilium.v1"
)

// Head opens every request and reply.
type Head struct {
	Type string `json:"type"`
	// ID is the client's number of the request; a reply repeats it.
	ID uint64 `json:"id,omitempty"`
}

// EventHead opens every event.
type EventHead struct {
	Type string `json:"type"`
	// Seq numbers the session's events from 1 without gaps; events that aren't
	// kept for a resume have none.
	Seq uint64 `json:"seq,omitempty"`
}

// Requests, from client to server.
type (
	// Hello opens or resumes a session; exactly one of Grant and Resume is set.
	Hello struct {
		Head
		V      int         `json:"v"`
		Grant  string      `json:"grant,omitempty"`
		Resume *ResumeFrom `json:"resume,omitempty"`
	}

	// ResumeFrom names the session to resume and the last event the client has.
	ResumeFrom struct {
		Session string `json:"session"`
		Secret  string `json:"secret"`
		Seq     uint64 `json:"seq"`
	}

	// Join enters the grant's room. SDP is the client's first offer, if it has one.
	Join struct {
		Head
		Grant  string      `json:"grant"`
		Room   string      `json:"room,omitempty"`
		SDP    string      `json:"sdp,omitempty"`
		Tracks []TrackMeta `json:"tracks,omitempty"`
	}

	// TrackMeta says what an offer sends on one media section.
	TrackMeta struct {
		Mid    string `json:"mid"`
		Source string `json:"source"`
		Muted  bool   `json:"muted"`
	}

	// Offer renegotiates: other tracks, more slots or an ICE restart.
	Offer struct {
		Head
		SDP    string      `json:"sdp"`
		Tracks []TrackMeta `json:"tracks,omitempty"`
	}

	// Candidate is accepted for clients that trickle, and ignored: the server
	// learns a client's address from its connectivity checks.
	Candidate struct {
		Head
		Candidate string `json:"candidate"`
		Mid       string `json:"mid,omitempty"`
	}

	// Mute stops or resumes forwarding of one of the client's own sources.
	Mute struct {
		Head
		Source string `json:"source"`
		Muted  bool   `json:"muted"`
	}

	// View says how large a track is shown: Height in pixels, 0 for any.
	View struct {
		Head
		Track   string `json:"track"`
		Height  int    `json:"height"`
		Visible bool   `json:"visible"`
	}

	// Keyframe asks for a key frame of a track.
	Keyframe struct {
		Head
		Track string `json:"track"`
	}

	// PostChat writes a message; ClientID makes repeating it harmless.
	PostChat struct {
		Head
		ClientID string `json:"clientId"`
		Text     string `json:"text"`
	}

	// Leave leaves the room; the session stays.
	Leave struct{ Head }

	// Ping asks for an OK.
	Ping struct{ Head }
)

// Replies, from server to client.
type (
	// Welcome answers Hello.
	Welcome struct {
		Head
		V            int    `json:"v"`
		Session      string `json:"session"`
		Secret       string `json:"secret"`
		Seq          uint64 `json:"seq"`
		Resumed      bool   `json:"resumed"`
		HeartbeatSec int    `json:"heartbeatSec"`
	}

	// Joined answers Join.
	Joined struct {
		Head
		Room         string        `json:"room"`
		Self         Participant   `json:"self"`
		Lobby        bool          `json:"lobby"`
		Participants []Participant `json:"participants"`
		Tracks       []Track       `json:"tracks"`
		Slots        []Slot        `json:"slots"`
		Chat         []Message     `json:"chat"`
		SDP          string        `json:"sdp,omitempty"`
	}

	// Answer answers Offer.
	Answer struct {
		Head
		SDP string `json:"sdp"`
	}

	// OK answers every other request. Seq and Message are set for PostChat.
	OK struct {
		Head
		Seq     uint64 `json:"seq,omitempty"`
		Message string `json:"message,omitempty"`
	}

	// Error answers a request that was refused, or a message that is none.
	Error struct {
		Head
		Code    Code   `json:"code"`
		Message string `json:"message"`
	}
)

// Things that replies and events tell about.
type (
	// Participant is a person in the room.
	Participant struct {
		Identity string `json:"identity"`
		Name     string `json:"name"`
		Role     string `json:"role"`
		// Lobby is true for somebody who waits to be admitted; only staff see them.
		Lobby bool `json:"lobby"`
		// Media is new, connected, disconnected or failed.
		Media string `json:"media"`
	}

	// Track is something a participant publishes.
	Track struct {
		ID          string `json:"id"`
		Participant string `json:"participant"`
		Kind        string `json:"kind"`
		Source      string `json:"source"`
		Muted       bool   `json:"muted"`
	}

	// Slot is a media section of the client's own connection and the track that
	// arrives on it, "" when none does.
	Slot struct {
		Mid   string `json:"mid"`
		Kind  string `json:"kind"`
		Track string `json:"track"`
	}

	// Speaker is a participant whose voice is heard now, 0 silent to 127 loudest.
	Speaker struct {
		Participant string `json:"participant"`
		Level       uint8  `json:"level"`
	}

	// Layers lists the simulcast layers of a media section that somebody wants.
	Layers struct {
		Mid  string   `json:"mid"`
		Rids []string `json:"rids"`
	}

	// Message is a line of the room's chat.
	Message struct {
		ID         string    `json:"id"`
		Seq        uint64    `json:"seq"`
		ClientID   string    `json:"clientId,omitempty"`
		Sender     string    `json:"sender"`
		SenderName string    `json:"senderName"`
		SenderRole string    `json:"senderRole"`
		At         time.Time `json:"at"`
		Text       string    `json:"text"`
		File       *File     `json:"file,omitempty"`
	}

	// File is a document posted to the chat; its bytes travel by HTTP.
	File struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		Mime string `json:"mime"`
		Size int64  `json:"size"`
	}
)

// Events, from server to client.
type (
	// ParticipantJoined tells about somebody new.
	ParticipantJoined struct {
		EventHead
		Participant Participant `json:"participant"`
	}

	// ParticipantChanged tells the new state of somebody known.
	ParticipantChanged struct {
		EventHead
		Participant Participant `json:"participant"`
	}

	// ParticipantLeft tells that somebody is gone.
	ParticipantLeft struct {
		EventHead
		Identity string `json:"identity"`
	}

	// TrackAdded tells about another's new track.
	TrackAdded struct {
		EventHead
		Track Track `json:"track"`
	}

	// TrackChanged tells the new state of another's track.
	TrackChanged struct {
		EventHead
		Track Track `json:"track"`
	}

	// TrackRemoved tells that another's track is gone.
	TrackRemoved struct {
		EventHead
		TrackID string `json:"trackId"`
	}

	// Slots gives the whole assignment of tracks to media sections.
	Slots struct {
		EventHead
		Slots []Slot `json:"slots"`
	}

	// Negotiate asks for an offer with that many more receive sections.
	Negotiate struct {
		EventHead
		Audio int `json:"audio"`
		Video int `json:"video"`
	}

	// Admitted ends the wait in the lobby.
	Admitted struct {
		EventHead
		Participants []Participant `json:"participants"`
		Tracks       []Track       `json:"tracks"`
		Slots        []Slot        `json:"slots"`
		Chat         []Message     `json:"chat"`
	}

	// Speakers lists who speaks now, loudest first. It has no Seq.
	Speakers struct {
		EventHead
		Speakers []Speaker `json:"speakers"`
	}

	// LayersWanted tells a publisher which simulcast layers to send.
	LayersWanted struct {
		EventHead
		Layers []Layers `json:"layers"`
	}

	// Media tells the state of the client's own media transport as the server sees it.
	Media struct {
		EventHead
		State string `json:"state"`
	}

	// ChatPosted brings a chat message.
	ChatPosted struct {
		EventHead
		Message Message `json:"message"`
	}

	// Live tells that a record changed; the client fetches it if it cares.
	Live struct {
		EventHead
		Topic   string `json:"topic"`
		Kind    string `json:"kind"`
		ID      string `json:"id"`
		Version uint64 `json:"version"`
	}

	// Removed tells that the client is out of its room: replaced, kicked or revoked.
	Removed struct {
		EventHead
		Reason string `json:"reason"`
	}

	// RoomClosed tells that the room has ended for everybody.
	RoomClosed struct {
		EventHead
		Reason string `json:"reason"`
	}

	// GoingAway tells that the server stops; come back after that many milliseconds.
	GoingAway struct {
		EventHead
		ReconnectAfterMs int `json:"reconnectAfterMs"`
	}
)

// Reasons of Removed.
const (
	ReasonReplaced = "replaced" // the same person joined from another device or page
	ReasonKicked   = "kicked"
	ReasonRevoked  = "revoked" // signed out, or access withdrawn
	ReasonMedia    = "media"   // the media server has let the client go; join again
)
