package api

import (
	"time"
)

func (s *server) appointmentRoutes() {
	const tag = "appointment"
	add(s, signedIn, op("listAppointments", get, "/appointments", tag, "The viewer's appointments, by start"), s.listAppointments)
	add(s, signedIn, op("getAppointment", get, "/appointments/{id}", tag, "One appointment"), s.getAppointment)
	book := op("bookAppointment", post, "/appointments", tag, "Book a visit for a patient")
	book.DefaultStatus = 201
	add(s, signedIn, book, s.bookAppointment)
	add(s, signedIn, op("checkInAppointment", post, "/appointments/{id}/check-in", tag, "The patient has come: booked → waiting"), s.checkIn)
	add(s, signedIn, op("leaveAppointment", post, "/appointments/{id}/leave", tag, "The patient leaves the waiting room: waiting → booked"), s.leave)
	add(s, signedIn, op("cancelAppointment", post, "/appointments/{id}/cancel", tag, "Cancel by patient or clinic"), s.cancel)
	add(s, signedIn, op("declineAppointment", post, "/appointments/{id}/decline", tag, "Refuse a request, with a reason"), s.decline)
	add(s, signedIn, op("markNoShow", post, "/appointments/{id}/no-show", tag, "Record that the patient did not come"), s.noShow)
}

type listAppointmentsInput struct {
	From           time.Time `query:"from" doc:"Ending after this; default: start of today in the clinic's zone"`
	To             time.Time `query:"to" doc:"Starting before this; default: a week after from"`
	PractitionerID string    `query:"practitionerId" maxLength:"64"`
	PatientID      string    `query:"patientId" maxLength:"64"`
	Status         []string  `query:"status" maxItems:"21" doc:"Only these statuses, comma-separated" enum:"requested,held,queued,awaiting_payment,booked,waiting,in_progress,interrupted,documenting,completed,amended,rescheduled,cancelled,cancelled_clinic,withdrawn,declined,expired,no_show,provider_no_show,failed,entered_in_error"`
	Limit          int       `query:"limit" minimum:"1" maximum:"200" default:"100"`
	Cursor         string    `query:"cursor" maxLength:"300"`
}

type bookInput struct {
	IdempotencyKey string `header:"Idempotency-Key" maxLength:"200" doc:"Makes a repeated request safe: the same key and body get the same answer for a week"`
	Body           Booking
}

type reasonInput struct {
	ByID
	Body Reason
}
