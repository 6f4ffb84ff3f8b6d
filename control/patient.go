package control

import (
	"cmp"
	"context"
	"slices"

	"consilium/store"
)

// Patient is a person with a card. The clinical parts of it are shown only
// through Patients.Card.
type Patient struct {
	store.Revised
	ID         PatientID
	Account    AccountID
	Name       string
	BirthDate  string // YYYY-MM-DD: a date has no zone
	Sex        string // female, male, other, unknown
	Phone      string
	Email      string
	Attending  PractitionerID
	Allergies  Text
	Conditions Text // chronic conditions
	Medicines  Text // taken regularly
}

// Patients is about patients and their cards.
type Patients struct{ *core }

// PatientName is all that a list of patients shows.
type PatientName struct {
	ID        PatientID
	Name      string
	Attending PractitionerID
	Doctor    string // the attending doctor's name
}

// List returns the names of the clinic's patients, by name.
func (s *Patients) List(ctx context.Context, who Actor) ([]PatientName, error) {
	if err := s.authorize(who, OpListPatients); err != nil {
		return nil, err
	}
	var out []PatientName
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		doctors := map[PractitionerID]Practitioner{}
		for v, err := range u.t.patients.List(u, u.scope) {
			if err != nil {
				return err
			}
			name := PatientName{ID: v.ID, Name: v.Name, Attending: v.Attending}
			if v.Attending != "" {
				doctor, err := once(doctors, v.Attending, u.practitioner)
				if err != nil {
					return err
				}
				name.Doctor = doctor.Name
			}
			out = append(out, name)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b PatientName) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return out, err
}

func (u *unit) patient(id PatientID) (Patient, error) {
	v, _, err := u.t.patients.Get(u, u.scope, string(id))
	return v, missing(err, "patient")
}
