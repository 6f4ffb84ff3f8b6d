package control

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"
)

// CheckIn records that the patient has come.
func (s *Appointments) CheckIn(ctx context.Context, who Actor, id AppointmentID) (AppointmentView, error) {
	return s.do(ctx, who, OpCheckIn, id, ActCheckIn, input{})
}

// Leave takes the patient out of the waiting room.
func (s *Appointments) Leave(ctx context.Context, who Actor, id AppointmentID) (AppointmentView, error) {
	return s.do(ctx, who, OpLeave, id, ActLeave, input{})
}

// Cancel ends a visit before it began; staff give a reason.
func (s *Appointments) Cancel(ctx context.Context, who Actor, id AppointmentID, reason string) (AppointmentView, error) {
	return s.do(ctx, who, OpCancel, id, ActCancel, input{reason: reason})
}

// Decline refuses a request with a reason.
func (s *Appointments) Decline(ctx context.Context, who Actor, id AppointmentID, reason string) (AppointmentView, error) {
	return s.do(ctx, who, OpDecline, id, ActDecline, input{reason: reason})
}

// NoShow records that the patient did not come.
func (s *Appointments) NoShow(ctx context.Context, who Actor, id AppointmentID) (AppointmentView, error) {
	return s.do(ctx, who, OpNoShow, id, ActNoShow, input{})
}

// Confirm books a hold or a patient's request. A patient confirms only their own
// hold, of what needs no payment beforehand.
func (s *Appointments) Confirm(ctx context.Context, who Actor, id AppointmentID, waiver string) (AppointmentView, error) {
	return s.do(ctx, who, OpConfirm, id, ActConfirm, input{waiver: waiver})
}

// Details are what a patient says when they confirm a hold.
type Details struct {
	Complaint string
	Modality  Modality
	Waiver    string // by staff: why it is not paid beforehand
}

// Complete ends a hold in the way that its price asks for: booked at once, on to the
// payment, or, where the clinic takes no payment online, asked of the clinic.
func (s *Appointments) Complete(ctx context.Context, who Actor, id AppointmentID, d Details) (AppointmentView, error) {
	in := input{waiver: d.Waiver, complaint: strings.TrimSpace(d.Complaint), modality: d.Modality}
	if utf8.RuneCountInString(in.complaint) > 2000 {
		return AppointmentView{}, invalid("/complaint", "at most 2000 characters")
	}
	return s.act(ctx, who, OpConfirm, id, in, func(u *unit, a *Appointment) Action {
		if a.Status == Held && !u.onHold(a) {
			return ActExpire // refused with the reason that counts
		}
		for _, act := range []Action{ActConfirm, ActPay, ActRequest} {
			if slices.Contains(u.actions(a), act) {
				return act
			}
		}
		return ActConfirm
	})
}

// Release gives a held slot back.
func (s *Appointments) Release(ctx context.Context, who Actor, id AppointmentID) (AppointmentView, error) {
	return s.do(ctx, who, OpRelease, id, ActRelease, input{})
}

// Settle books what waits for its payment: by the clinic's waiver.
func (s *Appointments) Settle(ctx context.Context, who Actor, id AppointmentID, waiver string) (AppointmentView, error) {
	return s.do(ctx, who, OpSettle, id, ActSettle, input{waiver: waiver})
}

// Begin opens a consultation in writing, to which the patient may come at any time.
func (s *Appointments) Begin(ctx context.Context, who Actor, id AppointmentID) (AppointmentView, error) {
	return s.do(ctx, who, OpBegin, id, ActBegin, input{})
}

// SwitchModality changes how the consultation is held, also while it goes on.
func (s *Appointments) SwitchModality(ctx context.Context, who Actor, id AppointmentID, to Modality) (AppointmentView, error) {
	return s.do(ctx, who, OpSwitchModality, id, ActSwitch, input{modality: to})
}

// ReportError is the first half of striking out an entry that was never meant.
func (s *Appointments) ReportError(ctx context.Context, who Actor, id AppointmentID, reason string) (AppointmentView, error) {
	return s.do(ctx, who, OpReportError, id, ActReportError, input{reason: reason})
}

// ApproveError is the second half, by another person.
func (s *Appointments) ApproveError(ctx context.Context, who Actor, id AppointmentID) (AppointmentView, error) {
	return s.do(ctx, who, OpApproveError, id, ActApproveError, input{})
}

// RefuteError drops a report.
func (s *Appointments) RefuteError(ctx context.Context, who Actor, id AppointmentID) (AppointmentView, error) {
	return s.do(ctx, who, OpApproveError, id, ActRefuteError, input{})
}

// do takes an appointment along the edge of an action and shows the outcome.
func (s *Appointments) do(ctx context.Context, who Actor, op Operation, id AppointmentID, act Action, in input) (AppointmentView, error) {
	return s.act(ctx, who, op, id, in, func(*unit, *Appointment) Action { return act })
}

func (s *Appointments) act(ctx context.Context, who Actor, op Operation, id AppointmentID, in input, choose func(*unit, *Appointment) Action) (AppointmentView, error) {
	if err := s.authorize(who, op); err != nil {
		return AppointmentView{}, err
	}
	in.reason, in.waiver = strings.TrimSpace(in.reason), strings.TrimSpace(in.waiver)
	switch {
	case utf8.RuneCountInString(in.reason) > 500:
		return AppointmentView{}, invalid("/reason", "at most 500 characters")
	case utf8.RuneCountInString(in.waiver) > 500:
		return AppointmentView{}, invalid("/waiverReason", "at most 500 characters")
	}
	body := []string{string(id), in.reason, in.waiver, in.complaint, string(in.modality)}
	return s.once(ctx, who, s.key, string(op), body, func(u *unit) (*Appointment, error) {
		a, err := u.appointment(id)
		if err != nil {
			return nil, err
		}
		if err := s.current(&a); err != nil {
			return nil, err
		}
		return &a, u.transit(&a, choose(u, &a), &in)
	})
}

// current refuses a change of an appointment that is not what the caller saw.
func (s *Appointments) current(a *Appointment) error {
	if s.version != 0 && a.Rev != s.version {
		return fail(CodeVersionStale, "the visit was changed elsewhere meanwhile; load it again")
	}
	return nil
}
