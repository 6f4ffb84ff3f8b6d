package control

import (
	"context"
	"fmt"
	"time"
	_ "time/tzdata" // zones on machines that have none

	"consilium/store"
)

// Clinic is an organisation on this server. Every other record belongs to one.
type Clinic struct {
	store.Revised
	ID           ClinicID
	Slug         string // its name in commands and addresses: a-z, 0-9 and hyphens
	Name         Text
	Zone         string // IANA
	Currency     string // ISO 4217
	Languages    []string
	Accent       string // CSS colour
	Address      Text
	Phone        string
	Licence      string
	Logo         Logo
	Jurisdiction Jurisdiction
	Settings     Settings
	Suspended    time.Time // since when nobody signs in; zero while the clinic is open
	Demo         bool      // made by SeedDemo
	PaysOnline   bool      // patients pay when they book; set once billing has a provider
}

// Language is the clinic's first language: the fallback of its texts.
func (c *Clinic) Language() string {
	if len(c.Languages) == 0 {
		return "en"
	}
	return c.Languages[0]
}

// Location is the clinic's time zone.
func (c *Clinic) Location() (*time.Location, error) {
	loc, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil, fmt.Errorf("clinic's zone: %w", err)
	}
	return loc, nil
}

// open refuses what a suspended clinic does not do.
func (c *Clinic) open() error {
	if !c.Suspended.IsZero() {
		return fail(CodeSuspended, "this clinic is closed at the moment")
	}
	return nil
}

// Clinics is about clinics as a whole.
type Clinics struct{ *core }

// Get returns the actor's clinic.
func (s *Clinics) Get(ctx context.Context, who Actor) (Clinic, error) {
	var out Clinic
	if err := s.authorize(who, OpReadMe); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) (err error) {
		out, err = u.clinic()
		return err
	})
	return out, err
}

// Services returns the services that can be booked, by id.
func (s *Clinics) Services(ctx context.Context, who Actor) ([]Service, error) {
	if err := s.authorize(who, OpReadClinic); err != nil {
		return nil, err
	}
	var out []Service
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		for v, err := range u.t.services.List(u, u.scope) {
			if err != nil {
				return err
			}
			if v.Active {
				out = append(out, v)
			}
		}
		return nil
	})
	return out, err
}

// Practitioners returns the clinic's doctors, by id.
func (s *Clinics) Practitioners(ctx context.Context, who Actor) ([]Practitioner, error) {
	if err := s.authorize(who, OpReadClinic); err != nil {
		return nil, err
	}
	var out []Practitioner
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		for v, err := range u.t.practitioners.List(u, u.scope) {
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

func (u *unit) clinic() (Clinic, error) {
	v, _, err := u.t.clinics.Get(u, store.Global, u.scope)
	return v, missing(err, "clinic")
}

// roomPlace says which clinic a room belongs to: the live side knows rooms only.
type roomPlace struct {
	Encounter EncounterID
	Clinic    ClinicID
}

// clinicOf finds the clinic of a room.
func (c *core) clinicOf(ctx context.Context, room string) (ClinicID, error) {
	var at roomPlace
	err := c.db.View(ctx, func(tx store.Tx) (err error) {
		at, _, err = c.t.rooms.Get(tx, store.Global, room)
		return err
	})
	return at.Clinic, storeError(missing(err, "room"))
}
