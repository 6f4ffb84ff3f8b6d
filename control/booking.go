package control

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"consilium/internal/id"
	"consilium/store"
)

// Booking asks for a visit. When a patient asks, it becomes a request that the
// clinic confirms; when staff ask, it is booked at once.
type Booking struct {
	Patient      PatientID
	Practitioner PractitionerID
	Service      ServiceID
	Start        time.Time
	Modality     Modality // "" for the service's first
	Complaint    string
	Waiver       string       // why a priced service is not paid
	InPerson     *InPersonRef // the visit in person that the service builds on
	Key          string       // Idempotency-Key, "" for none
}

// Book makes a visit. Doctor and patient can't be booked twice for overlapping
// times: looking and writing is one transaction. A patient's is a request.
func (s *Appointments) Book(ctx context.Context, who Actor, b Booking) (AppointmentView, error) {
	act := ActBook
	if who.Role == RolePatient {
		act = ActRequest
	}
	return s.reserve(ctx, who, OpBook, act, b)
}

// Hold takes a free slot for a few minutes, while the patient or the one who books
// for them says the rest. The held appointment is the hold: Confirm makes it a
// visit, Release gives the time back, and so does the server when it runs out.
func (s *Appointments) Hold(ctx context.Context, who Actor, b Booking) (AppointmentView, error) {
	return s.reserve(ctx, who, OpHold, ActHold, b)
}

func (s *Appointments) reserve(ctx context.Context, who Actor, op Operation, act Action, b Booking) (AppointmentView, error) {
	if err := s.authorize(who, op); err != nil {
		return AppointmentView{}, err
	}
	if err := b.validate(); err != nil {
		return AppointmentView{}, err
	}
	key, body := b.Key, b
	body.Key, body.Start = "", b.Start.UTC()
	if key == "" {
		key = s.key
	}
	fresh := Appointment{ID: AppointmentID(id.New()), Encounter: EncounterID(id.New())}
	return s.once(ctx, who, key, string(act), body, func(u *unit) (*Appointment, error) {
		a := fresh
		return &a, u.book(&a, &b, act)
	})
}

func (b *Booking) validate() error {
	switch {
	case b.Start.IsZero():
		return invalid("/start", "say when")
	case !b.Start.Equal(b.Start.Truncate(time.Minute)):
		return invalid("/start", "must be a full minute")
	case utf8.RuneCountInString(b.Complaint) > 2000:
		return invalid("/complaint", "at most 2000 characters")
	case utf8.RuneCountInString(b.Waiver) > 500:
		return invalid("/waiverReason", "at most 500 characters")
	}
	return nil
}

// book fills in a fresh appointment and takes it along its first edge.
func (u *unit) book(a *Appointment, b *Booking, act Action) error {
	if u.who.Role == RolePatient && b.Patient != u.who.Patient {
		return notFound("patient")
	}
	if u.who.Role == RolePractitioner && b.Practitioner != u.who.Practitioner {
		return fail(CodeDenied, "doctors book their own visits")
	}
	if err := u.fill(a, b); err != nil {
		return err
	}
	return u.transit(a, act, &input{waiver: b.Waiver})
}

// fill makes a booking an appointment that has not begun its life.
func (u *unit) fill(a *Appointment, b *Booking) error {
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	loc, err := clinic.Location()
	if err != nil {
		return err
	}
	service, err := u.service(b.Service)
	if err != nil {
		return err
	}
	if err := clinic.open(); err != nil {
		return err
	}
	if err := b.InPerson.validate(u.now); err != nil {
		return err
	}
	if err := clinic.Jurisdiction.permit(&service, b.InPerson, u.who.Locale, clinic.Language()); err != nil {
		return err
	}
	a.InPerson = b.InPerson
	if !service.Active || service.Duration <= 0 || service.Duration > maxDuration {
		return fail(CodeUnbookable, "this service can't be booked")
	}
	if _, err := u.patient(b.Patient); err != nil {
		return err
	}
	doctor, err := u.practitioner(b.Practitioner)
	if err != nil {
		return err
	}
	if a.Modality, err = service.modality(b.Modality); err != nil {
		return err
	}
	a.Start, a.End = b.Start.UTC(), b.Start.UTC().Add(service.Duration)
	if err := doctor.Bookable(service.ID, a.End); err != nil {
		return err
	}
	a.Zone, a.Wall = clinic.Zone, b.Start.In(loc).Format("2006-01-02T15:04")
	a.Service, a.Practitioner, a.Patient = service.ID, doctor.ID, b.Patient
	a.Price, a.PayLater, a.Complaint = service.Price, service.PayLater, b.Complaint
	a.Rev = 0
	n, err := u.t.numbers.Next(u, u.scope+"/appointment/"+u.now.In(loc).Format("2006"))
	if err != nil {
		return err
	}
	a.No = fmt.Sprintf("%s-%06d", u.now.In(loc).Format("2006"), n)
	return nil
}

// slotFree is the guard of a booking by staff.
func (u *unit) slotFree(a *Appointment, in *input) error {
	if err := u.isFree(a, in); err != nil {
		return err
	}
	if a.Price.Minor > 0 && in.waiver == "" && !a.PayLater {
		return &Error{Code: CodePaymentRequired, Message: "the service has a price: say why it is not paid beforehand", Field: "/waiverReason"}
	}
	return nil
}

// isFree is the guard of everything that takes time from a doctor.
func (u *unit) isFree(a *Appointment, in *input) error {
	if err := u.isAhead(a, in); err != nil {
		return err
	}
	doctor, err := u.practitioner(a.Practitioner)
	if err != nil {
		return err
	}
	if err := doctor.Bookable(a.Service, a.End); err != nil {
		return err
	}
	k := store.Text(string(a.Practitioner))
	taken, err := u.overlaps(a, u.t.byDoctor, k)
	if err != nil {
		return err
	}
	if taken {
		return &Error{Code: CodeSlotTaken, Message: "the doctor is busy then", Field: "/start"}
	}
	k = store.Text(string(a.Patient))
	if taken, err = u.overlaps(a, u.t.byPatient, k); err != nil {
		return err
	}
	if taken {
		return &Error{Code: CodeSlotTaken, Message: "the patient has another visit then", Field: "/start"}
	}
	return nil
}

// overlaps reports whether a busy appointment of the same index key shares time
// with a. Half-open intervals: one may begin when the other ends. A visit that
// moves is not in its own way.
func (u *unit) overlaps(a *Appointment, index *store.Index[Appointment], of store.Key) (bool, error) {
	for other, err := range u.t.appointments.Range(u, u.scope, index, of.Time(a.Start.Add(-maxDuration)), of.Time(a.End)) {
		if err != nil {
			return false, err
		}
		if other.ID != a.ID && other.ID != a.Predecessor && other.Status.Busy() && other.Start.Before(a.End) && a.Start.Before(other.End) {
			return true, nil
		}
	}
	return false, nil
}
