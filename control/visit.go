package control

import (
	"context"
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

// do takes an appointment along one edge and shows the outcome.
func (s *Appointments) do(ctx context.Context, who Actor, op Operation, id AppointmentID, act Action, in input) (AppointmentView, error) {
	var out AppointmentView
	if err := s.authorize(who, op); err != nil {
		return out, err
	}
	in.reason, in.waiver = strings.TrimSpace(in.reason), strings.TrimSpace(in.waiver)
	if utf8.RuneCountInString(in.reason) > 500 {
		return out, invalid("/reason", "at most 500 characters")
	}
	err := s.update(ctx, who, func(u *unit) error {
		a, err := u.appointment(id)
		if err != nil {
			return err
		}
		if err := u.transit(&a, act, &in); err != nil {
			return err
		}
		out, err = u.show(&a)
		return err
	})
	return out, err
}
