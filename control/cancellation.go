package control

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// cancelSteps are the service's policy, or the usual one. Below the last step nothing
// is given back.
func (s *Service) cancelSteps() CancelPolicy {
	steps := slices.Clone(s.Cancel)
	if len(steps) == 0 {
		steps = DefaultCancelPolicy()
	}
	slices.SortFunc(steps, func(a, b CancelStep) int { return cmp.Compare(b.Before, a.Before) })
	return steps
}

// CancelTerms are what it means to cancel now, and from when on it means something
// else. Fee is what the patient pays or does not get back.
type CancelTerms struct {
	Percent   int // of the price that is given back
	Fee       Money
	Until     time.Time // zero when nothing changes any more
	Steps     CancelPolicy
	MoveUntil time.Time // until then the patient may move the visit
}

// refundPercent is what a cancellation gives back at a time, and when that ends.
func refundPercent(steps CancelPolicy, start, now time.Time) (percent int, until time.Time) {
	for _, t := range steps {
		if end := start.Add(-t.Before); !now.After(end) {
			return t.Refund, end
		}
	}
	return 0, time.Time{}
}

// cancelTerms computes what it means for the patient to cancel now. A visit that
// the clinic gives for nothing costs nothing to cancel.
func (u *unit) cancelTerms(a *Appointment) (CancelTerms, error) {
	service, err := u.service(a.Service)
	if err != nil {
		return CancelTerms{}, err
	}
	out := CancelTerms{Steps: service.cancelSteps(), Fee: Money{0, a.Price.Currency}}
	out.Percent, out.Until = refundPercent(out.Steps, a.Start, u.now)
	out.MoveUntil = moveUntil(out.Steps, a.Start)
	if a.owes() {
		out.Fee.Minor = a.Price.Minor - a.Price.Minor*int64(out.Percent)/100
	}
	return out, nil
}

// moveUntil is the patient's cutoff for moving a visit: the end of the last line
// that gives something back.
func moveUntil(steps CancelPolicy, start time.Time) time.Time {
	out := start
	for _, t := range steps {
		if t.Refund > 0 {
			out = start.Add(-t.Before)
		}
	}
	return out
}

// mayMove is the guard of a patient who moves a visit.
func (u *unit) mayMove(a *Appointment) bool {
	service, err := u.service(a.Service)
	return err == nil && !u.now.After(moveUntil(service.cancelSteps(), a.Start))
}

// Terms returns what it would mean for the patient to cancel the visit now.
func (s *Appointments) Terms(ctx context.Context, who Actor, id AppointmentID) (CancelTerms, error) {
	var out CancelTerms
	if err := s.authorize(who, OpReadAppointment); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) error {
		a, err := u.appointment(id)
		if err != nil {
			return err
		}
		out, err = u.cancelTerms(&a)
		return err
	})
	return out, err
}
