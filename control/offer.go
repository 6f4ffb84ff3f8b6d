package control

import (
	"context"
	"slices"
	"time"

	"consilium/control/triage"
	"consilium/store"
)

// Offer is a call for help put to one doctor. It keeps its id when it is made again.
type Offer struct {
	ID           string
	Practitioner PractitionerID
	Made, Until  time.Time
	State        triage.OfferState
	Chosen       bool // by the desk, not by the rounds
}

// OfferView is an offer as its doctor sees it: nothing about who the patient is.
type OfferView struct {
	Offer
	Emergency AppointmentID
	Band      triage.Band
	Asked     time.Time
	Left      time.Duration
	Language  string
	Service   Service
	Modality  Modality
}

// chosenLife is how long an offer by hand stands: the desk has usually called.
const chosenLife = 2 * time.Minute

func (e *Emergency) offer(to PractitionerID) *Offer {
	i := slices.IndexFunc(e.Offers, func(o Offer) bool { return o.Practitioner == to })
	if i < 0 {
		return nil
	}
	return &e.Offers[i]
}

// offerKeys and openTo are what emergencies are found by.
func (e *Emergency) offerKeys() []store.Key {
	var out []store.Key
	for _, o := range e.Offers {
		out = append(out, store.Text(o.ID))
	}
	return out
}

func (e *Emergency) openTo() []store.Key {
	var out []store.Key
	for _, o := range e.Offers {
		if o.State == triage.Open {
			out = append(out, store.Text(string(o.Practitioner)))
		}
	}
	return out
}

// Offers returns what is offered to the doctor now, the most urgent first.
func (s *Emergencies) Offers(ctx context.Context, who Actor) ([]OfferView, error) {
	var out []OfferView
	if err := s.authorize(who, OpAnswerOffer); err != nil {
		return nil, err
	}
	err := s.view(ctx, who, func(u *unit) error {
		out = []OfferView{}
		var calls []triage.Call
		var views []OfferView
		for e, err := range u.t.emergencies.Where(u, u.scope, u.t.offersTo, store.Text(string(who.Practitioner))) {
			if err != nil {
				return err
			}
			o := e.offer(who.Practitioner)
			if !u.now.Before(o.Until) {
				continue // about to be counted as missed
			}
			v := OfferView{Offer: *o, Emergency: e.ID, Band: e.Band.At(u.now.Sub(e.Asked)), Asked: e.Asked, Left: o.Until.Sub(u.now), Language: e.Needs.Language}
			a, _, err := u.t.appointments.Get(u, u.scope, string(e.ID))
			if err != nil {
				return err
			}
			if v.Service, err = u.service(a.Service); err != nil {
				return err
			}
			v.Modality = a.Modality
			calls, views = append(calls, e.call()), append(views, v)
		}
		for _, i := range triage.Order(calls, u.now) {
			out = append(out, views[i])
		}
		return nil
	})
	return out, err
}

// offeredCall loads the call of an offer that was made to the actor.
func (u *unit) offeredCall(offer string) (*Emergency, *Offer, error) {
	for e, err := range u.t.emergencies.Where(u, u.scope, u.t.offersByID, store.Text(offer)) {
		if err != nil {
			return nil, nil, err
		}
		if o := e.offer(u.who.Practitioner); o != nil && o.ID == offer {
			return &e, o, nil
		}
	}
	return nil, nil, notFound("offer")
}

// Accept makes the actor the doctor of the call and opens the room for both. Of all who
// try, one wins: who is first is decided by the store's order of transactions.
func (s *Emergencies) Accept(ctx context.Context, who Actor, offer string) (AppointmentView, error) {
	var out AppointmentView
	if err := s.authorize(who, OpAnswerOffer); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		e, _, err := u.offeredCall(offer)
		if err != nil {
			return err
		}
		a, _, err := u.t.appointments.Get(u, u.scope, string(e.ID))
		if err != nil {
			return missing(err, "appointment")
		}
		if e.Taken != who.Practitioner { // else the same answer twice
			if !e.Ended.IsZero() {
				return goneCall(e)
			}
			a.Practitioner = who.Practitioner
			if err := u.transit(&a, ActAccept, &input{}); err != nil {
				return err
			}
			if err := u.runQueue(); err != nil {
				return err
			}
		}
		out, err = u.show(&a)
		return err
	})
	return out, err
}

// goneCall says why an offer can't be accepted any more.
func goneCall(e *Emergency) error {
	if e.Taken != "" {
		return fail(CodeTaken, "another doctor has taken this call")
	}
	return fail(CodeOfferOver, "nobody waits for this call any more")
}

// wasOffered is the guard of accepting.
func (u *unit) wasOffered(a *Appointment, _ *input) error {
	e, err := u.emergency(a.ID)
	if err != nil {
		return err
	}
	if !e.Ended.IsZero() {
		return goneCall(e)
	}
	o := e.offer(a.Practitioner)
	// Who answers a moment late still helps, as long as nobody else does.
	if o == nil || o.State != triage.Open && o.State != triage.Missed {
		return fail(CodeOfferOver, "this call is not offered to you any more")
	}
	doctor, err := u.practitioner(a.Practitioner)
	if err != nil {
		return err
	}
	if err := doctor.Bookable(a.Service, u.now); err != nil {
		return err
	}
	if o.Chosen {
		return nil
	}
	k := store.Text(string(doctor.ID))
	for other, err := range u.t.appointments.Range(u, u.scope, u.t.byDoctor, k.Time(u.now.Add(-maxDuration)), k.Time(u.now.Add(soon))) {
		if err != nil {
			return err
		}
		if other.Status == InProgress && other.ID != a.ID {
			return fail(CodeOfferOver, "you are in another consultation")
		}
	}
	return nil
}

// takeCall is the effect of accepting: doctor and patient are let in, the consultation
// begins, and nobody else is offered the call.
func (u *unit) takeCall(a *Appointment, in *input) error {
	e, err := u.emergency(a.ID)
	if err != nil {
		return err
	}
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	loc, err := clinic.Location()
	if err != nil {
		return err
	}
	u.timeCall(a, &clinic, loc, a.End.Sub(a.Start))
	if a.Price.Minor > 0 {
		in.waiver = waiverPayLater
	}
	if err := u.planEncounter(a, in); err != nil {
		return err
	}
	err = u.changeEncounter(a.Encounter, func(v *Encounter) {
		v.StartedAt, v.ResumedAt = u.now, u.now
		for i := range v.Participants {
			v.Participants[i].Admitted = true
		}
	})
	if err != nil {
		return err
	}
	if err := u.present(a.Practitioner); err != nil {
		return err
	}
	e.Taken = a.Practitioner
	return u.endCall(e)
}

// waiverPayLater says why an emergency's price is not paid beforehand.
const waiverPayLater = "payLater: emergency"

// Turn is a doctor's no to one offer: the call goes on to others.
func (s *Emergencies) Turn(ctx context.Context, who Actor, offer string) error {
	if err := s.authorize(who, OpAnswerOffer); err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		e, o, err := u.offeredCall(offer)
		if err != nil {
			return err
		}
		if o.State == triage.Declined || o.State == triage.Over {
			return nil
		}
		o.State = triage.Declined
		if err := u.putCall(e); err != nil {
			return err
		}
		if err := u.present(who.Practitioner); err != nil {
			return err
		}
		if err := u.audit("offer.decline", "appointment", string(e.ID), ""); err != nil {
			return err
		}
		return u.runQueue()
	})
}

// Assign puts the call to a doctor of the desk's choice, also to one who is busy or off
// duty: the desk has spoken with them.
func (s *Emergencies) Assign(ctx context.Context, who Actor, id AppointmentID, to PractitionerID) (EmergencyView, error) {
	var out EmergencyView
	if err := s.authorize(who, OpAssignEmergency); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		e, err := u.ownCall(id)
		if err != nil {
			return err
		}
		if !e.Ended.IsZero() {
			return goneCall(e)
		}
		doctor, err := u.practitioner(to)
		if ErrorCode(err) == CodeNotFound {
			return invalid("/practitionerId", "no such doctor")
		}
		if err != nil {
			return err
		}
		if err := doctor.Bookable(ServiceID(e.Needs.Service), u.now); err != nil {
			return err
		}
		if err := u.makeOffer(e, to, chosenLife, true); err != nil {
			return err
		}
		if err := u.putCall(e); err != nil {
			return err
		}
		if err := u.audit("emergency.assign", "appointment", string(e.ID), ""); err != nil {
			return err
		}
		out, err = u.showCall(e)
		return err
	})
	return out, err
}
