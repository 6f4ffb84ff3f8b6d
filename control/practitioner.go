package control

import (
	"slices"
	"time"

	"consilium/store"
)

// Practitioner is a doctor. Only the clinic registers doctors.
type Practitioner struct {
	store.Revised
	ID             PractitionerID
	Account        AccountID
	Name           string
	Specialty      Text
	LicenceNo      string
	LicenceExpires time.Time
	Languages      []string
	Services       []ServiceID
	Closed         bool // works here no more
}

// Bookable says why the doctor can't be booked for a service that ends at end,
// or nil.
func (p *Practitioner) Bookable(service ServiceID, end time.Time) error {
	if p.Closed {
		return fail(CodeUnbookable, "this doctor does not work here any more")
	}
	if !slices.Contains(p.Services, service) {
		return fail(CodeUnbookable, "this doctor does not give this service")
	}
	if !end.Before(p.LicenceExpires) {
		return fail(CodeUnbookable, "the doctor's licence has expired by then")
	}
	return nil
}

// licensed is the guard of what only a doctor with a good licence begins.
func (u *unit) licensed(a *Appointment, _ *input) error {
	doctor, err := u.practitioner(a.Practitioner)
	if err != nil {
		return err
	}
	if !u.now.Before(doctor.LicenceExpires) {
		return fail(CodeUnbookable, "the doctor's licence has expired")
	}
	return nil
}

func (u *unit) practitioner(id PractitionerID) (Practitioner, error) {
	v, _, err := u.t.practitioners.Get(u, u.scope, string(id))
	return v, missing(err, "practitioner")
}
