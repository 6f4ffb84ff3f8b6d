package signaling

import "consilium/sfu"

// MediaServer is the media plane as signaling drives it. OverSFU makes one.
type MediaServer interface {
	// CheckOffer reports why an offer can't be answered, before anybody joins with it.
	CheckOffer(sdp string, tracks []sfu.TrackMeta, publish bool) error
	// Join lets a participant into the media room. An earlier participant of the
	// same identity is removed.
	Join(room string, o sfu.JoinOptions) (MediaParticipant, error)
	// CloseRoom removes everybody from the media room.
	CloseRoom(room string)
}

// MediaParticipant is one person's device in a media room.
type MediaParticipant interface {
	Offer(sdp string, tracks []sfu.TrackMeta) (answer string, err error)
	Admit()
	SetMuted(source sfu.Source, muted bool) error
	SetView(track string, maxHeight int, visible bool)
	RequestKeyframe(track string)
	Close()
}

var _ MediaParticipant = (*sfu.Participant)(nil)

// OverSFU returns the media server that s is.
func OverSFU(s *sfu.SFU) MediaServer { return overSFU{s} }

type overSFU struct{ sfu *sfu.SFU }

func (o overSFU) Join(room string, opts sfu.JoinOptions) (MediaParticipant, error) {
	p, err := o.sfu.Room(room).Join(opts)
	if err != nil {
		return nil, err
	}
	return p, nil
}

func (o overSFU) CheckOffer(sdp string, tracks []sfu.TrackMeta, publish bool) error {
	return o.sfu.CheckOffer(sdp, tracks, publish)
}

func (o overSFU) CloseRoom(room string) { o.sfu.Room(room).Close() }

func mediaTracks(in []TrackMeta) []sfu.TrackMeta {
	out := make([]sfu.TrackMeta, len(in))
	for i, t := range in {
		out[i] = sfu.TrackMeta{Mid: t.Mid, Source: sfu.Source(t.Source), Muted: t.Muted}
	}
	return out
}

func wireTrack(t sfu.TrackInfo) Track {
	return Track{
		ID: t.ID, Participant: t.Participant, Kind: t.Kind,
		Source: string(t.Source), Muted: t.Muted,
	}
}

func wireSlots(in []sfu.Slot) []Slot {
	out := make([]Slot, len(in))
	for i, s := range in {
		out[i] = Slot{Mid: s.Mid, Kind: s.Kind, Track: s.Track}
	}
	return out
}

func wireSpeakers(in []sfu.Speaker) []Speaker {
	out := make([]Speaker, len(in))
	for i, s := range in {
		out[i] = Speaker{Participant: s.Participant, Level: s.Level}
	}
	return out
}

func wireLayers(in []sfu.LayerWish) []Layers {
	out := make([]Layers, len(in))
	for i, l := range in {
		rids := l.Rids
		if rids == nil {
			rids = []string{}
		}
		out[i] = Layers{Mid: l.Mid, Rids: rids}
	}
	return out
}
