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
	Kind       ServiceKind  // to the law; "" is a consultation
	Cancel     CancelPolicy // what a patient who cancels gets back; empty is the usual
	Active     bool
	Urgent     bool // patients may ask for it now; it is not booked ahead by them
	PayLater   bool // patients may book it and pay afterwards
}

// LawKind is what the service is to the law.
func (s *Service) LawKind() ServiceKind {
	if s.Kind == "" {
		return KindConsultation
	}
	return s.Kind
}

// CancelStep says what part of the price a patient gets back who cancels at least
// so long before the start.
type CancelStep struct {
	Before time.Duration
	Refund int // per cent
}

// CancelPolicy are steps, the earliest cancellation first.
type CancelPolicy []CancelStep

// DefaultCancelPolicy is what holds when the clinic did not decide otherwise.
func DefaultCancelPolicy() CancelPolicy {
	return CancelPolicy{{24 * time.Hour, 100}, {2 * time.Hour, 50}, {0, 0}}
}

// Refund returns how much of the price a patient gets back, in per cent, who
// cancels so long before the start.
func (s *Service) Refund(ahead time.Duration) int {
	policy := s.Cancel
	if len(policy) == 0 {
		policy = DefaultCancelPolicy()
	}
	for _, step := range policy {
		if ahead >= step.Before {
			return step.Refund
		}
	}
	return 0
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

// Booking says what a patient's confirmation of a held time leads to: instant,
// request or payment.
func (s *Service) Booking(clinic *Clinic) string {
	switch {
	case s.Price.Minor == 0 || s.PayLater:
		return "instant"
	case clinic.PaysOnline:
		return "payment"
	}
	return "request"
}

// modalityMissing reports whether the service is not given that way.
func (s *Service) modalityMissing(m Modality) bool {
	return m != "" && !slices.Contains(s.Modalities, m)
}

func (u *unit) service(id ServiceID) (Service, error) {
	v, _, err := u.t.services.Get(u, u.scope, string(id))
	return v, missing(err, "service")
}
