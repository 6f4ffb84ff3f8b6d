package signaling

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Request is a decoded message of a client: one of *Hello, *Join, *Offer, *Candidate,
// *Mute, *View, *Keyframe, *PostChat, *Leave, *Ping.
type Request interface {
	head() *Head
	valid() error
}

func (h *Head) head() *Head { return h }

// request makes the empty request of each type.
func request(kind string) Request {
	switch kind {
	case "hello":
		return &Hello{}
	case "join":
		return &Join{}
	case "offer":
		return &Offer{}
	case "candidate":
		return &Candidate{}
	case "mute":
		return &Mute{}
	case "view":
		return &View{}
	case "keyframe":
		return &Keyframe{}
	case "chat":
		return &PostChat{}
	case "leave":
		return &Leave{}
	case "ping":
		return &Ping{}
	}
	return nil
}

// serverMessage makes the empty reply or event of each type.
func serverMessage(kind string) any {
	switch kind {
	case "welcome":
		return &Welcome{}
	case "joined":
		return &Joined{}
	case "answer":
		return &Answer{}
	case "ok":
		return &OK{}
	case "error":
		return &Error{}
	case "participant_joined":
		return &ParticipantJoined{}
	case "participant_changed":
		return &ParticipantChanged{}
	case "participant_left":
		return &ParticipantLeft{}
	case "track_added":
		return &TrackAdded{}
	case "track_changed":
		return &TrackChanged{}
	case "track_removed":
		return &TrackRemoved{}
	case "slots":
		return &Slots{}
	case "negotiate":
		return &Negotiate{}
	case "admitted":
		return &Admitted{}
	case "speakers":
		return &Speakers{}
	case "layers":
		return &LayersWanted{}
	case "media":
		return &Media{}
	case "chat":
		return &ChatPosted{}
	case "live":
		return &Live{}
	case "removed":
		return &Removed{}
	case "room_closed":
		return &RoomClosed{}
	case "going_away":
		return &GoingAway{}
	}
	return nil
}

// DecodeRequest decodes and checks a client's message. On error the id is the
// request's when it could be read, so that the reply can name it.
func DecodeRequest(data []byte) (r Request, id uint64, err error) {
	var head Head
	if err := json.Unmarshal(data, &head); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) || !json.Valid(data) {
			return nil, 0, refuse(CodeMalformed, "the message is not valid JSON")
		}
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) && kind.Field == "" {
			return nil, 0, refuse(CodeMalformed, "the message is not a JSON object")
		}
		return nil, head.ID, refuse(CodeInvalid, "type must be a string and id a number from 1")
	}
	r = request(head.Type)
	if r == nil {
		return nil, head.ID, refuse(CodeUnknownType, "the type is not one of this protocol")
	}
	if err := json.Unmarshal(data, r); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			return nil, head.ID, refuse(CodeInvalid, "field "+kind.Field+" has the wrong type")
		}
		return nil, head.ID, refuse(CodeInvalid, "a field has the wrong type")
	}
	if head.ID == 0 {
		return nil, 0, refuse(CodeInvalid, "id must be a number from 1")
	}
	return r, head.ID, r.valid()
}

// DecodeServer decodes a reply or an event, as a client does: into a pointer to one
// of the message types of this package. An unknown type is an error a client ignores.
func DecodeServer(data []byte) (any, error) {
	var head struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, fmt.Errorf("decode message: %w", err)
	}
	m := serverMessage(head.Type)
	if m == nil {
		return nil, fmt.Errorf("decode message: unknown type %q", head.Type)
	}
	if err := json.Unmarshal(data, m); err != nil {
		return nil, fmt.Errorf("decode %s: %w", head.Type, err)
	}
	return m, nil
}

// encode returns a message as JSON. Its types hold nothing that can't be encoded.
func encode(m any) []byte {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	_ = e.Encode(m)
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}

// numbered puts a session's seq into an event that was encoded once for all.
func numbered(event []byte, seq uint64) []byte {
	out := make([]byte, 0, len(event)+28)
	out = append(out, `{"seq":`...)
	out = strconv.AppendUint(out, seq, 10)
	out = append(out, ',')
	return append(out, event[1:]...)
}

const (
	maxToken  = 8 << 10
	maxName   = 128 // ids and mids
	maxTracks = 16
	maxHeight = 1 << 14
)

func (m *Hello) valid() error {
	switch {
	case m.V != Version:
		return refuse(CodeVersion, "this server speaks version 1")
	case (m.Grant == "") == (m.Resume == nil):
		return refuse(CodeInvalid, "hello needs either grant or resume")
	case len(m.Grant) > maxToken:
		return refuse(CodeGrantInvalid, "the grant is malformed")
	case m.Resume != nil && (len(m.Resume.Session) > maxName || len(m.Resume.Secret) > maxName):
		return refuse(CodeResume, "no such session")
	}
	return nil
}

func (m *Join) valid() error {
	if m.Grant == "" {
		return refuse(CodeInvalid, "join needs a grant")
	}
	if m.SDP == "" {
		if len(m.Tracks) > 0 {
			return refuse(CodeInvalid, "tracks need an sdp")
		}
		return nil
	}
	return validOffer(m.SDP, m.Tracks)
}

func (m *Offer) valid() error { return validOffer(m.SDP, m.Tracks) }

func (m *Candidate) valid() error { return nil }

func (m *Mute) valid() error { return validSource(m.Source) }

func (m *View) valid() error {
	if m.Height < 0 || m.Height > maxHeight {
		return refuse(CodeInvalid, "height must be from 0 to 16384")
	}
	return validName("track", m.Track)
}

func (m *Keyframe) valid() error { return validName("track", m.Track) }

func (m *PostChat) valid() error {
	if strings.TrimSpace(m.Text) == "" {
		return refuse(CodeInvalid, "text is empty")
	}
	if !utf8.ValidString(m.Text) {
		return refuse(CodeInvalid, "text is not UTF-8")
	}
	return validName("clientId", m.ClientID)
}

func (m *Leave) valid() error { return nil }

func (m *Ping) valid() error { return nil }

func validName(field, s string) error {
	if s == "" || len(s) > maxName {
		return refuse(CodeInvalid, field+" must have 1 to 128 bytes")
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return refuse(CodeInvalid, field+" must be printable ASCII")
		}
	}
	return nil
}

func validSource(s string) error {
	switch s {
	case "microphone", "camera", "screen", "screen-audio":
		return nil
	}
	return refuse(CodeInvalid, "source must be microphone, camera, screen or screen-audio")
}

// validOffer turns away what is no offer at all before anything is changed; the media
// server reads it closely.
func validOffer(sdp string, tracks []TrackMeta) error {
	if !strings.HasPrefix(sdp, "v=0\r\n") && !strings.HasPrefix(sdp, "v=0\n") {
		return refuse(CodeBadSDP, "line 1: an offer begins with v=0")
	}
	for _, need := range []string{"\nm=", "\na=ice-ufrag:", "\na=ice-pwd:", "\na=fingerprint:"} {
		if !strings.Contains(sdp, need) {
			return refuse(CodeBadSDP, "the offer has no "+strings.TrimSpace(need)+" line")
		}
	}
	if len(tracks) > maxTracks {
		return refuse(CodeInvalid, "too many tracks")
	}
	for i, t := range tracks {
		if err := validSource(t.Source); err != nil {
			return err
		}
		if err := validName("mid", t.Mid); err != nil {
			return err
		}
		for _, other := range tracks[:i] {
			if other.Mid == t.Mid || other.Source == t.Source {
				return refuse(CodeInvalid, "two tracks have the same mid or source")
			}
		}
	}
	return nil
}
