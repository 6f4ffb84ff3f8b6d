package sfu

// Source says what a published track shows or carries.
type Source string

// The sources a participant can publish, at most one track of each.
const (
	SourceMicrophone  Source = "microphone"
	SourceCamera      Source = "camera"
	SourceScreen      Source = "screen"
	SourceScreenAudio Source = "screen-audio"
)

// Valid reports whether s is one of the known sources.
func (s Source) Valid() bool {
	switch s {
	case SourceMicrophone, SourceCamera, SourceScreen, SourceScreenAudio:
		return true
	}
	return false
}

// Kind returns "audio" or "video".
func (s Source) Kind() string {
	if s == SourceMicrophone || s == SourceScreenAudio {
		return KindAudio
	}
	return KindVideo
}

// The kinds of a track or slot.
const (
	KindAudio = "audio"
	KindVideo = "video"
)

// TrackMeta is what an offer's sender says about one media section it sends on.
type TrackMeta struct {
	Mid    string // a=mid of the media section
	Source Source
	Muted  bool // published, but nothing of it is forwarded
}

// TrackInfo describes a track to the other participants of its room.
type TrackInfo struct {
	ID          string
	Participant string // identity of the publisher
	Kind        string // "audio" or "video"
	Source      Source
	Muted       bool
}

// Slot is a media section a participant receives on. A track is put on a slot
// and taken off it without renegotiation.
type Slot struct {
	Mid   string
	Kind  string
	Track string // id of the track now on it, "" when free
}

// Speaker is a participant whose voice is heard now.
type Speaker struct {
	Participant string
	Level       uint8 // 0 silent … 127 loudest (RFC 6464's scale, turned around)
}

// LayerWish tells a publisher which simulcast layers somebody wants.
type LayerWish struct {
	Mid  string
	Rids []string // wanted now; the others may be paused
}

// Media states reported by Events.Media.
const (
	MediaConnected    = "connected"    // media can flow
	MediaDisconnected = "disconnected" // nothing heard for Config.DisconnectAfter
	MediaFailed       = "failed"       // consent is gone; only a new offer helps
)

// Events tells one participant's client what happens in its room.
//
// The methods are called from the server's goroutines, one at a time and in
// order for each participant, with no lock held; they must not block.
type Events interface {
	// TrackAdded, TrackChanged and TrackRemoved tell about tracks of others.
	TrackAdded(TrackInfo)
	TrackChanged(TrackInfo)
	TrackRemoved(id string)
	// Slots gives the whole assignment after each change.
	Slots([]Slot)
	// Negotiate asks the client to offer again with that many more receive slots.
	Negotiate(needAudio, needVideo int)
	// Media reports the transport's state, one of the Media constants.
	Media(state string)
	// Speakers gives the present speakers, loudest first; at most 4 times a second.
	Speakers([]Speaker)
	// Layers tells a publisher which simulcast layers are wanted.
	Layers([]LayerWish)
}

// Removal reasons reported by RemovedEvents.
const (
	RemovedReplaced = "replaced" // the same identity joined again
	RemovedClosed   = "closed"   // Participant.Close or Room.Close
)

// RemovedEvents is what Events may implement too, to learn that the server has
// removed the participant. No event follows Removed.
type RemovedEvents interface {
	Removed(reason string)
}

// JoinOptions says who joins a room and what they may do there.
type JoinOptions struct {
	Identity string // stable per person in a room; joining again takes over
	Lobby    bool   // connected, but nothing sent or received until Admit
	Publish  bool   // may send media
	Events   Events // required
}
