package control

import (
	"context"
	"slices"
	"time"

	"consilium/internal/id"
)

// ServiceInput is what an administrator tells about a service.
type ServiceInput struct {
	Name       Text
	Duration   time.Duration
	Price      int64 // in minor units of the clinic's currency
	Modalities []Modality
	Kind       ServiceKind
	Cancel     CancelPolicy
	Active     bool
	PayLater   bool
}

// AllServices returns every service of the clinic, also those that can't be booked.
func (s *Clinics) AllServices(ctx context.Context, who Actor) ([]Service, error) {
	if err := s.authorize(who, OpListServices); err != nil {
		return nil, err
	}
	var out []Service
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		for v, err := range u.t.services.List(u, u.scope) {
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// AddService makes a service.
func (s *Clinics) AddService(ctx context.Context, who Actor, in ServiceInput) (Service, error) {
	return s.setService(ctx, who, ServiceID(id.New()), in, 0)
}

// SetService changes a service; visits already booked keep their price and length.
// version is that of the service that was edited.
func (s *Clinics) SetService(ctx context.Context, who Actor, service ServiceID, in ServiceInput, version uint64) (Service, error) {
	if version == 0 {
		return Service{}, fail(CodeVersionStale, "this version is not the current one")
	}
	return s.setService(ctx, who, service, in, version)
}

func (s *Clinics) setService(ctx context.Context, who Actor, service ServiceID, in ServiceInput, version uint64) (Service, error) {
	var out Service
	if err := s.authorize(who, OpSetService); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		v, action := Service{ID: service}, "service.add"
		if version > 0 {
			var err error
			if v, err = u.service(service); err != nil {
				return err
			}
			if v.Rev != version {
				return fail(CodeVersionStale, "the service was changed elsewhere meanwhile; load it again")
			}
			action = "service.set"
		}
		clinic, err := u.clinic()
		if err != nil {
			return err
		}
		v.Name, v.Duration, v.Price = in.Name, in.Duration, Money{in.Price, clinic.Currency}
		v.Modalities, v.Kind, v.Cancel, v.Active = in.Modalities, in.Kind, in.Cancel, in.Active
		v.PayLater = in.PayLater
		if err := v.validate(&clinic); err != nil {
			return err
		}
		if _, err := u.t.services.Put(u, u.scope, &v, version); err != nil {
			return err
		}
		out = v
		u.tell("service", string(v.ID), v.Rev, "clinic:"+u.scope)
		return u.audit(action, "service", string(v.ID), "")
	})
	return out, err
}

// maxPrice bounds a price, in minor units.
const maxPrice = 1e11

func (s *Service) validate(clinic *Clinic) error {
	if err := s.Name.validate("/name", clinic.Languages, 120, true); err != nil {
		return err
	}
	switch {
	case s.Duration < 5*time.Minute || s.Duration > maxDuration || s.Duration%(5*time.Minute) != 0:
		return invalid("/durationMin", "5 minutes to 8 hours, in steps of 5")
	case s.Price.Minor < 0 || s.Price.Minor > maxPrice:
		return invalid("/priceMinor", "from 0 on")
	case len(s.Modalities) == 0:
		return invalid("/modalities", "at least one")
	case !slices.Contains(ServiceKinds(), s.LawKind()):
		return invalid("/kind", "no such kind")
	}
	for i, m := range s.Modalities {
		if !slices.Contains([]Modality{ModalityChat, ModalityAudio, ModalityVideo}, m) || slices.Contains(s.Modalities[:i], m) {
			return invalid("/modalities", "chat, audio, video, each once")
		}
	}
	if rule := clinic.Jurisdiction.Rule(s.LawKind()); s.Active && rule.Allow == AllowNo {
		return fail(CodeServiceForbidden, "this kind of service may not be given remotely")
	}
	return s.Cancel.validate()
}

// validate wants steps from early to late, each giving back less.
func (p CancelPolicy) validate() error {
	if len(p) > 10 {
		return invalid("/cancelPolicy", "at most 10 steps")
	}
	for i, step := range p {
		switch {
		case step.Before < 0 || step.Before > 90*24*time.Hour:
			return invalid("/cancelPolicy", "0 hours to 90 days before the start")
		case step.Refund < 0 || step.Refund > 100:
			return invalid("/cancelPolicy", "0 to 100 per cent")
		case i > 0 && (step.Before >= p[i-1].Before || step.Refund > p[i-1].Refund):
			return invalid("/cancelPolicy", "the later the cancellation, the less is given back")
		}
	}
	return nil
}
