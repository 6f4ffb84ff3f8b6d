package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
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

// idempotent is the memory of a booking made with a key.
type idempotent struct {
	store.Revised
	ID          string // hash of account and key
	Body        string // hash of the booking
	Appointment AppointmentID
	At          time.Time
}

// idempotencyLife is how long a key is remembered.
const idempotencyLife = 7 * 24 * time.Hour

// Book makes a visit. Doctor and patient can't be booked twice for overlapping
// times: looking and writing is one transaction.
func (s *Appointments) Book(ctx context.Context, who Actor, b Booking) (AppointmentView, error) {
	var out AppointmentView
	if err := s.authorize(who, OpBook); err != nil {
		return out, err
	}
	if err := b.validate(); err != nil {
		return out, err
	}
	fresh := Appointment{ID: AppointmentID(id.New()), Encounter: EncounterID(id.New())}
	err := s.update(ctx, who, func(u *unit) error {
		known, err := u.repeated(&b)
		if err != nil {
			return err
		}
		if known != "" {
			a, err := u.appointment(known)
			if err != nil {
				return err
			}
			out, err = u.show(&a)
			return err
		}
		a := fresh
		if err := u.book(&a, &b); err != nil {
			return err
		}
		if err := u.remember(&b, a.ID); err != nil {
			return err
		}
		out, err = u.show(&a)
		return err
	})
	return out, err
}

// Confirm turns a patient's request into a booked visit.
func (s *Appointments) Confirm(ctx context.Context, who Actor, id AppointmentID, waiver string) (AppointmentView, error) {
	return s.do(ctx, who, OpConfirm, id, ActConfirm, input{waiver: waiver})
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
func (u *unit) book(a *Appointment, b *Booking) error {
	if u.who.Role == RolePatient && b.Patient != u.who.Patient {
		return notFound("patient")
	}
	if u.who.Role == RolePractitioner && b.Practitioner != u.who.Practitioner {
		return fail(CodeDenied, "doctors book their own visits")
	}
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
	a.Price, a.Complaint = service.Price, b.Complaint
	a.Rev = 0
	n, err := u.t.numbers.Next(u, u.scope+"/appointment/"+u.now.In(loc).Format("2006"))
	if err != nil {
		return err
	}
	a.No = fmt.Sprintf("%s-%06d", u.now.In(loc).Format("2006"), n)
	act := ActBook
	if u.who.Role == RolePatient {
		act = ActRequest
	}
	return u.transit(a, act, &input{waiver: b.Waiver})
}

// slotFree is the guard of everything that takes time from a doctor.
func (u *unit) slotFree(a *Appointment, in *input) error {
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
	if a.Price.Minor > 0 && in.waiver == "" {
		return &Error{Code: CodePaymentRequired, Message: "the service has a price: say why it is not paid beforehand", Field: "/waiverReason"}
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
// with a. Half-open intervals: one may begin when the other ends.
func (u *unit) overlaps(a *Appointment, index *store.Index[Appointment], of store.Key) (bool, error) {
	for other, err := range u.t.appointments.Range(u, u.scope, index, of.Time(a.Start.Add(-maxDuration)), of.Time(a.End)) {
		if err != nil {
			return false, err
		}
		if other.ID != a.ID && other.Status.Busy() && other.Start.Before(a.End) && a.Start.Before(other.End) {
			return true, nil
		}
	}
	return false, nil
}

// planEncounter is the effect of a booking: the room has a name from then on.
func (u *unit) planEncounter(a *Appointment, in *input) error {
	a.Waiver = in.waiver
	doctor, err := u.practitioner(a.Practitioner)
	if err != nil {
		return err
	}
	patient, err := u.patient(a.Patient)
	if err != nil {
		return err
	}
	e := Encounter{
		ID: a.Encounter, Appointment: a.ID, Patient: a.Patient, Practitioner: a.Practitioner,
		Participants: []Participant{
			{Account: doctor.Account, Role: RolePractitioner, Name: doctor.Name, Admitted: true},
			{Account: patient.Account, Role: RolePatient, Name: patient.Name},
		},
	}
	if _, err := u.t.encounters.Put(u, u.scope, &e, 0); err != nil {
		return err
	}
	_, err = u.t.rooms.Put(u, store.Global, &roomPlace{e.ID, u.who.Clinic}, 0)
	return err
}

// repeated returns the appointment that the same key made before, if any. The
// same key with another body is refused.
func (u *unit) repeated(b *Booking) (AppointmentID, error) {
	if b.Key == "" {
		return "", nil
	}
	known, _, err := u.t.idempotency.Get(u, u.scope, b.keyID(u.who))
	if errors.Is(err, store.ErrNotFound) || (err == nil && u.now.Sub(known.At) >= idempotencyLife) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if known.Body != b.body() {
		return "", fail(CodeIdempotencyReused, "this Idempotency-Key came before with another request")
	}
	return known.Appointment, nil
}

func (u *unit) remember(b *Booking, a AppointmentID) error {
	if b.Key == "" {
		return nil
	}
	_, err := u.t.idempotency.Put(u, u.scope, &idempotent{ID: b.keyID(u.who), Body: b.body(), Appointment: a, At: u.now}, store.Any)
	return err
}

func (b *Booking) keyID(who Actor) string {
	sum := sha256.Sum256([]byte(string(who.Account) + "\n" + b.Key))
	return hex.EncodeToString(sum[:])
}

func (b *Booking) body() string {
	same := *b
	same.Key, same.Start = "", b.Start.UTC()
	raw, err := json.Marshal(same)
	if err != nil { // a year beyond 9999: validate let it pass, nothing equals it
		return b.Start.String()
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
