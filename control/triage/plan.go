package triage

import (
	"cmp"
	"slices"
	"time"
)

// Rules are the times of a queue.
type Rules struct {
	AtOnce   int           // doctors who are offered a call at the same time at first
	Life     time.Duration // of one offer
	Widen    time.Duration // waiting after which all on duty are offered it, whatever they speak
	Escalate time.Duration // waiting after which the clinic's duty contact is told
	GiveUp   time.Duration // waiting after which the clinic calls back
}

// DefaultRules are three at a time for 30 s each, all at 60 s, the duty contact at
// 120 s, and a call back after half an hour.
func DefaultRules() Rules {
	return Rules{AtOnce: 3, Life: 30 * time.Second, Widen: time.Minute, Escalate: 2 * time.Minute, GiveUp: 30 * time.Minute}
}

// Needs is what a doctor must have to take a call.
type Needs struct {
	Service  string    // what the doctor gives
	Language string    // what the doctor speaks, until the call is widened
	Until    time.Time // the licence holds at least so long
}

// Doctor is somebody on duty.
type Doctor struct {
	ID          string
	Services    []string
	Languages   []string
	LicenceEnds time.Time
	Busy        bool      // in a consultation
	Soon        bool      // expected in one any minute: asked last
	Paused      bool      // asked whether they are still there
	LastOffer   time.Time // whoever was asked longest ago is asked first
}

// OfferState is what became of an offer.
type OfferState string

// The states of an offer.
const (
	Open     OfferState = "open"
	Declined OfferState = "declined"
	Missed   OfferState = "missed" // not answered in time; it may still be accepted
	Over     OfferState = "over"   // taken by another doctor, or withdrawn
)

// Offer is a call put to one doctor. The same doctor's later offer replaces it.
type Offer struct {
	To    string
	Until time.Time
	State OfferState
}

// Step is what is to be done about one call now.
type Step struct {
	Missed   []string // doctors who did not answer in time
	Offer    []string // doctors to offer it to
	Escalate bool     // tell the duty contact
	GiveUp   bool     // end the waiting: the clinic calls back
}

// Nothing reports whether the step changes nothing.
func (s *Step) Nothing() bool {
	return len(s.Missed) == 0 && len(s.Offer) == 0 && !s.Escalate && !s.GiveUp
}

// Can reports whether the doctor may take a call that needs this. The language is
// left out of it once the call is widened: help in another one is better than none.
func (d *Doctor) Can(n Needs, wide bool) bool {
	return slices.Contains(d.Services, n.Service) && n.Until.Before(d.LicenceEnds) &&
		(wide || n.Language == "" || slices.Contains(d.Languages, n.Language))
}

// Plan says what is to be done about each call now, and when to look again; zero for
// never. Doing it and planning again at the same time gives nothing to do.
//
// Calls are served in their order. A doctor holds one offer, and a second only from a
// call that comes before the first: the worst-off never wait for an answer to a milder
// call.
func Plan(r Rules, calls []Call, doctors []Doctor, now time.Time) (steps []Step, next time.Time) {
	steps = make([]Step, len(calls))
	look := func(at time.Time) {
		if at.After(now) && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	held := map[string]bool{} // by calls that come before
	for _, i := range Order(calls, now) {
		call, step := &calls[i], &steps[i]
		waited := now.Sub(call.Asked)
		if waited >= r.GiveUp {
			step.GiveUp = true
			continue
		}
		look(call.Asked.Add(r.Widen))
		look(call.Asked.Add(r.GiveUp))
		look(call.Asked.Add(r.Escalate))
		step.Escalate = !call.Escalated && waited >= r.Escalate
		wide := waited >= r.Widen
		open, known := 0, map[string]OfferState{}
		for _, o := range call.Offers {
			if o.State == Open && !o.Until.After(now) {
				o.State = Missed
				step.Missed = append(step.Missed, o.To)
			}
			known[o.To] = o.State
			if o.State == Open {
				open++
				look(o.Until)
			}
		}
		for _, d := range asked(call, doctors, wide, known, held) {
			if !wide && open >= r.AtOnce {
				break
			}
			step.Offer = append(step.Offer, d)
			known[d] = Open
			open++
			look(now.Add(r.Life))
		}
		for d, state := range known {
			if state == Open {
				held[d] = true
			}
		}
	}
	return steps, next
}

// asked lists the doctors who can be offered the call now, best first. Who declined is
// not asked again; who missed it is, after those who were not asked yet.
func asked(call *Call, doctors []Doctor, wide bool, known map[string]OfferState, held map[string]bool) []string {
	var fit []*Doctor
	for i := range doctors {
		d := &doctors[i]
		state, before := known[d.ID]
		if d.Busy || d.Paused || held[d.ID] || !d.Can(call.Needs, wide) || before && state != Missed {
			continue
		}
		fit = append(fit, d)
	}
	slices.SortFunc(fit, func(a, b *Doctor) int {
		return cmp.Or(order(known[a.ID] == Missed, known[b.ID] == Missed), order(a.Soon, b.Soon), order(!speaks(a, call), !speaks(b, call)), a.LastOffer.Compare(b.LastOffer), cmp.Compare(a.ID, b.ID))
	})
	out := make([]string, len(fit))
	for i, d := range fit {
		out[i] = d.ID
	}
	return out
}

func speaks(d *Doctor, call *Call) bool { return slices.Contains(d.Languages, call.Needs.Language) }

// order puts false before true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
