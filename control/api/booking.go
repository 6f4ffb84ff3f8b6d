package api

import (
	"context"
	"strings"
	"time"

	"consilium/control"
)

// bookingRoutes are how a visit comes about, moves and is called off.
func (s *server) bookingRoutes() {
	const tag = "appointment"
	hold := op("holdSlot", post, "/holds", tag, "Keep a free time for some minutes while the rest is said; the held appointment is the hold")
	hold.DefaultStatus = 201
	add(s, signedIn, hold, s.hold)
	add(s, signedIn, op("releaseHold", post, "/appointments/{id}/release", tag, "Give a held time back"), s.changed((*control.Appointments).Release))
	add(s, signedIn, op("settleAppointment", post, "/appointments/{id}/settle", tag, "Book what awaits its payment by the clinic's waiver"), s.settle)
	add(s, signedIn, op("rescheduleAppointment", post, "/appointments/{id}/reschedule", tag, "Move a visit: the new time is taken before the old one is free. Answers with the new appointment"), s.reschedule)
	add(s, signedIn, op("getCancellation", get, "/appointments/{id}/cancellation", tag, "What it would mean for the patient to cancel now"), s.cancellation)
	follow := op("bookFollowUp", post, "/appointments/{id}/follow-up", tag, "The visit after a consultation, at the free time nearest to the wish; a patient gets it held")
	follow.DefaultStatus = 201
	add(s, signedIn, follow, s.followUp)
	add(s, signedIn, op("suggestFollowUp", get, "/appointments/{id}/follow-up", tag, "The free time that a follow-up would be booked at now"), s.suggestFollowUp)
	add(s, signedIn, op("getCalendarFile", get, "/appointments/{id}/calendar.ics", tag, "The visit as a file for the viewer's own calendar"), s.calendarFile)
	add(s, signedIn, op("beginChat", post, "/appointments/{id}/begin", tag, "Begin a consultation in writing; the patient may come at any time"), s.changed((*control.Appointments).Begin))
	add(s, signedIn, op("switchModality", put, "/appointments/{id}/modality", tag, "Hold the consultation another way, also while it goes on"), s.switchModality)
	add(s, signedIn, op("reportError", post, "/appointments/{id}/error", tag, "Report an entry that was never meant; another person strikes it out"), s.withReason((*control.Appointments).ReportError))
	add(s, signedIn, op("approveError", post, "/appointments/{id}/error/approve", tag, "Strike out what another person reported"), s.changed((*control.Appointments).ApproveError))
	add(s, signedIn, op("refuteError", post, "/appointments/{id}/error/refute", tag, "Drop a report"), s.changed((*control.Appointments).RefuteError))
}

// changing is any of control's changes of one appointment.
type changing func(*control.Appointments, context.Context, control.Actor, control.AppointmentID) (control.AppointmentView, error)

func (s *server) changed(do changing) handler[Change, versioned[Appointment]] {
	return func(ctx context.Context, who control.Actor, in *Change) (*versioned[Appointment], error) {
		given, err := s.given(in)
		if err != nil {
			return nil, err
		}
		v, err := do(given, ctx, who, control.AppointmentID(in.ID))
		return appointmentAnswer(who, &v), err
	}
}

func (s *server) hold(ctx context.Context, who control.Actor, in *bookInput) (*versioned[Appointment], error) {
	v, err := s.ctl.Appointments.Hold(ctx, who, in.booking())
	return appointmentAnswer(who, &v), err
}

type settleInput struct {
	Change
	Body Waiver
}

func (s *server) settle(ctx context.Context, who control.Actor, in *settleInput) (*versioned[Appointment], error) {
	given, err := s.given(&in.Change)
	if err != nil {
		return nil, err
	}
	v, err := given.Settle(ctx, who, control.AppointmentID(in.ID), in.Body.WaiverReason)
	return appointmentAnswer(who, &v), err
}

type rescheduleInput struct {
	Change
	Body Rescheduling
}

func (s *server) reschedule(ctx context.Context, who control.Actor, in *rescheduleInput) (*versioned[Appointment], error) {
	given, err := s.given(&in.Change)
	if err != nil {
		return nil, err
	}
	v, err := given.Reschedule(ctx, who, control.AppointmentID(in.ID), control.Move{
		Start: in.Body.Start, Practitioner: control.PractitionerID(in.Body.PractitionerID), Reason: in.Body.Reason,
	})
	return appointmentAnswer(who, &v), err
}

func (s *server) cancellation(ctx context.Context, who control.Actor, in *ByID) (*answer[Cancellation], error) {
	v, err := s.ctl.Appointments.Terms(ctx, who, control.AppointmentID(in.ID))
	if err != nil {
		return nil, err
	}
	out := Cancellation{RefundPercent: v.Percent, Fee: Money(v.Fee), MoveUntil: v.MoveUntil, Steps: stepsOf(v.Steps)}
	if !v.Until.IsZero() {
		out.Until = &v.Until
	}
	return &answer[Cancellation]{out}, nil
}

func stepsOf(all control.CancelPolicy) []CancellationStep {
	out := make([]CancellationStep, len(all))
	for i, t := range all {
		out[i] = CancellationStep{BeforeMin: int(t.Before / time.Minute), RefundPercent: t.Refund}
	}
	return out
}

type followUpInput struct {
	ByID
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"200" doc:"Makes a repeated request safe"`
	Body           FollowUp
}

func (s *server) followUp(ctx context.Context, who control.Actor, in *followUpInput) (*versioned[Appointment], error) {
	v, err := s.ctl.Appointments.Given(0, in.IdempotencyKey).FollowUp(ctx, who, control.AppointmentID(in.ID), control.FollowUp{
		Service: control.ServiceID(in.Body.ServiceID), Days: in.Body.Days, Waiver: strings.TrimSpace(in.Body.WaiverReason),
		Start: in.Body.Start,
	})
	return appointmentAnswer(who, &v), err
}

// calendarFile is an answer that a calendar program opens.
type calendarFile struct {
	Type        string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

func (s *server) calendarFile(ctx context.Context, who control.Actor, in *ByID) (*calendarFile, error) {
	ics, err := s.ctl.Appointments.ICS(ctx, who, control.AppointmentID(in.ID))
	if err != nil {
		return nil, err
	}
	return &calendarFile{"text/calendar; charset=utf-8", `attachment; filename="visit.ics"`, ics}, nil
}

type suggestInput struct {
	ByID
	ServiceID string `query:"serviceId" maxLength:"64" doc:"Default: the same service"`
	Days      int    `query:"days" minimum:"0" maximum:"366" doc:"About so many days after the consultation; default 14"`
}

func (s *server) suggestFollowUp(ctx context.Context, who control.Actor, in *suggestInput) (*answer[Slot], error) {
	v, err := s.ctl.Appointments.SuggestFollowUp(ctx, who, control.AppointmentID(in.ID), control.FollowUp{
		Service: control.ServiceID(in.ServiceID), Days: in.Days,
	})
	if err != nil {
		return nil, err
	}
	return &answer[Slot]{Slot{PractitionerID: string(v.Practitioner), Start: v.Start, End: v.End}}, nil
}

type modalityInput struct {
	Change
	Body ModalityChoice
}

func (s *server) switchModality(ctx context.Context, who control.Actor, in *modalityInput) (*versioned[Appointment], error) {
	given, err := s.given(&in.Change)
	if err != nil {
		return nil, err
	}
	v, err := given.SwitchModality(ctx, who, control.AppointmentID(in.ID), control.Modality(in.Body.Modality))
	return appointmentAnswer(who, &v), err
}
