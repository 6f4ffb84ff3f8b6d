package sfu

import (
	"fmt"

	"consilium/sfu/internal/sdp"
)

// CheckOffer reports why an offer of that text and tracks could not be answered, as
// Participant.Offer would, without a participant: so that a join with a bad offer
// can be refused before it takes an older presence's place. publish is what
// JoinOptions.Publish would be.
func (s *SFU) CheckOffer(text string, tracks []TrackMeta, publish bool) error {
	o, err := sdp.Parse(text, s.cfg.MaxSections)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrBadSDP, err)
	}
	nobody := &Participant{room: &Room{sfu: s}, publish: publish}
	_, err = nobody.checkTracks(o, tracks)
	return err
}
