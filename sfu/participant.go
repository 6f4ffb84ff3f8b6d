package sfu

// Participant is one person's device in a room.
type Participant struct {
	room *Room
	opts JoinOptions
}

// Offer answers a client's whole offer: its first one, one with more or fewer
// media sections, or one that restarts ICE. tracks describes each section the
// client sends on. A refused offer changes nothing; ErrBadSDP names the line.
func (p *Participant) Offer(sdp string, tracks []TrackMeta) (answer string, err error) {
	return "", ErrClosed
}

// Admit lets a participant out of the lobby.
func (p *Participant) Admit() {}

// SetMuted stops or resumes forwarding of one published source.
func (p *Participant) SetMuted(source Source, muted bool) error { return nil }

// SetView says how large the participant shows a track, in pixels, and whether
// it is on screen at all; the server sends the smallest layer that fills it.
// maxHeight 0 means any height.
func (p *Participant) SetView(track string, maxHeight int, visible bool) {}

// RequestKeyframe asks the publisher of a track for a key frame.
func (p *Participant) RequestKeyframe(track string) {}

// Stats returns the participant's counters.
func (p *Participant) Stats() ParticipantStats { return ParticipantStats{} }

// Close removes the participant from its room and frees its transport.
func (p *Participant) Close() {}
