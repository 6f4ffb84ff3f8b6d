package control

import (
	"slices"
	"time"

	"consilium/store"
)

// Modality is how a consultation is held.
type Modality string

// The modalities.
const (
	ModalityChat  Modality = "chat"
	ModalityAudio Modality = "audio"
	ModalityVideo Modality = "video"
)

// maxDuration bounds a service, so that a search for overlaps knows how far back
// a neighbour may have begun.
const maxDuration = 8 * time.Hour

// Service is what the clinic sells: a consultation of some length and price.
type Service struct {
	store.Revised
	ID         ServiceID
	Name       Text
	Duration   time.Duration
	Price      Money
	Modalities []Modality
	Active     bool
}

// modality returns the wished one if the service has it, or its first for none.
func (s *Service) modality(wish Modality) (Modality, error) {
	if wish == "" && len(s.Modalities) > 0 {
		return s.Modalities[0], nil
	}
	if !slices.Contains(s.Modalities, wish) {
		return "", invalid("/modality", "the service is not given that way")
	}
	return wish, nil
}

func (u *unit) service(id ServiceID) (Service, error) {
	v, _, err := u.t.services.Get(u, u.scope, string(id))
	return v, missing(err, "service")
}
