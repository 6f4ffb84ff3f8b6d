package api

import (
	"context"
	"strconv"
	"strings"
	"time"

	"consilium/control"
)

func (s *server) appointmentRoutes() {
	const tag = "appointment"
	add(s, signedIn, op("listAppointments", get, "/appointments", tag, "The viewer's appointments, by start; a page may be short, and next alone says whether there is more"), s.listAppointments)
	add(s, signedIn, op("getAppointment", get, "/appointments/{id}", tag, "One appointment"), s.one(s.ctl.Appointments.Get))
	book := op("bookAppointment", post, "/appointments", tag, "Book a visit; a patient's own booking is a request that the clinic confirms")
	book.DefaultStatus = 201
	add(s, signedIn, book, s.bookAppointment)
	add(s, signedIn, op("confirmAppointment", post, "/appointments/{id}/confirm", tag, "Book what was held, or what a patient requested"), s.confirm)
	add(s, signedIn, op("checkInAppointment", post, "/appointments/{id}/check-in", tag, "The patient has come: booked → waiting"), s.one(s.ctl.Appointments.CheckIn))
	add(s, signedIn, op("leaveAppointment", post, "/appointments/{id}/leave", tag, "The patient leaves the waiting room: waiting → booked"), s.one(s.ctl.Appointments.Leave))
	add(s, signedIn, op("cancelAppointment", post, "/appointments/{id}/cancel", tag, "Cancel by patient or clinic"), s.withReason((*control.Appointments).Cancel))
	add(s, signedIn, op("declineAppointment", post, "/appointments/{id}/decline", tag, "Refuse a request, with a reason"), s.withReason((*control.Appointments).Decline))
	add(s, signedIn, op("markNoShow", post, "/appointments/{id}/no-show", tag, "Record that the patient did not come"), s.one(s.ctl.Appointments.NoShow))
}

type listAppointmentsInput struct {
	From           time.Time `query:"from" doc:"Ending after this; default: start of today in the clinic's zone"`
	To             time.Time `query:"to" doc:"Starting before this; default: a week after from"`
	PractitionerID string    `query:"practitionerId" maxLength:"64"`
	PatientID      string    `query:"patientId" maxLength:"64"`
	ServiceID      string    `query:"serviceId" maxLength:"64"`
	Modality       string    `query:"modality" maxLength:"16"`
	Status         []string  `query:"status" maxItems:"21" doc:"Only these statuses, comma-separated" enum:"requested,held,queued,awaiting_payment,booked,waiting,in_progress,interrupted,documenting,completed,amended,rescheduled,cancelled,cancelled_clinic,withdrawn,declined,expired,no_show,provider_no_show,failed,entered_in_error"`
	Limit          int       `query:"limit" minimum:"1" maximum:"200" default:"100"`
	Cursor         string    `query:"cursor" maxLength:"300"`
}

type bookInput struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"200" doc:"Makes a repeated request safe: the same key and body get the same answer for a week"`
	Body           Booking
}

// Change is the input of changes of one appointment.
type Change struct {
	ByID
	IfMatch        string `header:"If-Match" maxLength:"40" doc:"Version of the appointment that the decision was about; required"`
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"200" doc:"Makes a repeated request safe"`
}

// given are the appointments under the change's conditions.
func (s *server) given(in *Change) (*control.Appointments, error) {
	version, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	if version == 0 { // no appointment has it
		return nil, &control.Error{Code: control.CodeVersionStale, Message: "this version is not the current one"}
	}
	return s.ctl.Appointments.Given(version, in.IdempotencyKey), nil
}

type reasonInput struct {
	Change
	Body Reason
}

type confirmInput struct {
	Change
	Body Confirmation
}

// viewing is any of control's answers about one appointment.
type viewing func(ctx context.Context, who control.Actor, id control.AppointmentID) (control.AppointmentView, error)

func (s *server) one(do viewing) handler[ByID, versioned[Appointment]] {
	return func(ctx context.Context, who control.Actor, in *ByID) (*versioned[Appointment], error) {
		v, err := do(ctx, who, control.AppointmentID(in.ID))
		return appointmentAnswer(who, &v), err
	}
}

func (s *server) withReason(do func(*control.Appointments, context.Context, control.Actor, control.AppointmentID, string) (control.AppointmentView, error)) handler[reasonInput, versioned[Appointment]] {
	return func(ctx context.Context, who control.Actor, in *reasonInput) (*versioned[Appointment], error) {
		given, err := s.given(&in.Change)
		if err != nil {
			return nil, err
		}
		v, err := do(given, ctx, who, control.AppointmentID(in.ID), in.Body.Reason)
		return appointmentAnswer(who, &v), err
	}
}

func (s *server) confirm(ctx context.Context, who control.Actor, in *confirmInput) (*versioned[Appointment], error) {
	given, err := s.given(&in.Change)
	if err != nil {
		return nil, err
	}
	v, err := given.Complete(ctx, who, control.AppointmentID(in.ID), control.Details{
		Complaint: in.Body.Complaint, Modality: control.Modality(in.Body.Modality), Waiver: in.Body.WaiverReason,
	})
	return appointmentAnswer(who, &v), err
}

func (s *server) bookAppointment(ctx context.Context, who control.Actor, in *bookInput) (*versioned[Appointment], error) {
	v, err := s.ctl.Appointments.Book(ctx, who, in.booking())
	return appointmentAnswer(who, &v), err
}

func (in *bookInput) booking() control.Booking {
	b := in.Body
	return control.Booking{
		InPerson: (*control.InPersonRef)(b.InPerson),
		Patient:  control.PatientID(b.PatientID), Practitioner: control.PractitionerID(b.PractitionerID),
		Service: control.ServiceID(b.ServiceID), Start: b.Start, Modality: control.Modality(b.Modality),
		Complaint: strings.TrimSpace(b.Complaint), Waiver: strings.TrimSpace(b.WaiverReason), Key: in.IdempotencyKey,
	}
}

func (s *server) listAppointments(ctx context.Context, who control.Actor, in *listAppointmentsInput) (*answer[AppointmentList], error) {
	f := control.AppointmentFilter{
		From: in.From, To: in.To, Practitioner: control.PractitionerID(in.PractitionerID), Patient: control.PatientID(in.PatientID),
		Service: control.ServiceID(in.ServiceID), Modality: control.Modality(in.Modality), Limit: in.Limit, Cursor: in.Cursor,
	}
	for _, v := range in.Status {
		f.Statuses = append(f.Statuses, control.Status(v))
	}
	found, next, err := s.ctl.Appointments.List(ctx, who, f)
	if err != nil {
		return nil, err
	}
	out := AppointmentList{Items: []Appointment{}, Next: next}
	for i := range found {
		out.Items = append(out.Items, appointmentOf(who, &found[i]))
	}
	return &answer[AppointmentList]{out}, nil
}

func appointmentAnswer(who control.Actor, v *control.AppointmentView) *versioned[Appointment] {
	return &versioned[Appointment]{ETag: etag(v.Rev), Body: appointmentOf(who, v)}
}

func appointmentOf(who control.Actor, v *control.AppointmentView) Appointment {
	out := Appointment{
		ID: string(v.ID), No: v.No, Status: string(v.Status), Start: v.Start, End: v.End, Zone: v.Zone,
		Service: AppointmentService{
			ID: string(v.Service.ID), Name: v.Service.Name.In(who.Locale, ""), DurationMin: int(v.End.Sub(v.Start).Minutes()),
		},
		Modality: string(v.Modality), Price: Money(v.Price),
		Practitioner: AppointmentDoctor{
			ID: string(v.Practitioner.ID), Name: v.Practitioner.Name, Specialty: v.Practitioner.Specialty.In(who.Locale, ""),
		},
		Patient:     Ref{ID: string(v.Patient), Name: v.PatientName},
		EncounterID: string(v.Encounter), Since: v.Since, Actions: []string{}, Version: v.Rev, Reason: v.Reason,
		Sequence: v.Sequence, ThreadID: string(v.Thread()), RescheduledFrom: string(v.Predecessor), RescheduledTo: string(v.Successor),
		IntakeFilled: v.Filled, Offered: v.Wait != "" && v.Status == control.Held,
	}
	if v.InPerson != nil {
		out.InPerson = &InPersonRef{Date: v.InPerson.Date, Place: v.InPerson.Place}
	}
	switch v.Status {
	case control.Requested, control.Held, control.AwaitingPayment, control.Withdrawn, control.Declined, control.Expired:
		out.EncounterID = "" // planned by the booking
	}
	if v.Status == control.Held || v.Status == control.AwaitingPayment {
		out.HoldExpires = &v.HoldExpires
	}
	if v.Fee.Minor > 0 {
		fee := Money(v.Fee)
		out.Fee = &fee
	}
	if who.Role.Staff() {
		out.Attention, out.ErrorReason, out.WaiverReason = string(v.Attention), v.ErrorReason, v.Waiver
	}
	for _, a := range v.Actions {
		out.Actions = append(out.Actions, string(a))
	}
	return out
}

// etag is a version as HTTP writes it.
func etag(version uint64) string { return strconv.Quote(strconv.FormatUint(version, 10)) }

// ifMatch reads the version that an If-Match header names.
func ifMatch(header string) (uint64, error) {
	if header == "" {
		return 0, &control.Error{Code: control.CodeVersionRequired, Message: "send If-Match with the version that you edited"}
	}
	text := strings.Trim(strings.TrimPrefix(header, "W/"), `"`)
	version, err := strconv.ParseUint(text, 10, 64)
	if err != nil { // no version of ours: surely not the current one
		return 0, &control.Error{Code: control.CodeVersionStale, Message: "this version is not the current one"}
	}
	return version, nil
}
