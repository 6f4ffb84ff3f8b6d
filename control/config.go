package control

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"consilium/control/triage"
)

// Config holds what an operator may set about the clinic's rules.
type Config struct {
	// Demo allows signing in by the links that SeedDemo makes.
	Demo bool
	// PublicURL is scheme, host and port at which people reach the server; links in
	// messages begin with it.
	PublicURL string
	// MailFrom is the address that mails come from, without a name: the organizer of the
	// visits in people's calendars.
	MailFrom string

	SessionIdleStaff   time.Duration // a staff session unused for so long ends
	SessionIdlePatient time.Duration // the same for patients and guests
	SessionAbsolute    time.Duration // every session ends after so long

	CheckInEarly time.Duration // how long before the start patient and doctor may come in
	JoinLate     time.Duration // how long after the end of a booked visit they still may
	NoShowAfter  time.Duration // how long after the start a doctor may record a no-show
	LobbyAbsence time.Duration // a patient gone from the waiting room for so long is no longer waiting
	GuestLinkTTL time.Duration // life of a guest's link after the visit's planned end

	Queue triage.Rules // of calls for help at once

	MaxUpload int64 // bytes of one file
	MaxGuests int   // guests of one consultation
}

// DefaultConfig returns the values that a clinic can start with.
func DefaultConfig() Config {
	return Config{
		PublicURL:          "http://localhost:8080",
		MailFrom:           "noreply@localhost",
		SessionIdleStaff:   30 * time.Minute,
		SessionIdlePatient: 4 * time.Hour,
		SessionAbsolute:    12 * time.Hour,
		CheckInEarly:       15 * time.Minute,
		JoinLate:           time.Hour,
		NoShowAfter:        10 * time.Minute,
		LobbyAbsence:       45 * time.Second,
		GuestLinkTTL:       2 * time.Hour,
		Queue:              triage.DefaultRules(),
		MaxUpload:          50 << 20,
		MaxGuests:          5,
	}
}

// host is PublicURL's, without a port.
func (c Config) host() string {
	if u, err := url.Parse(c.PublicURL); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "localhost"
}

// Validate names every field whose value can't work.
func (c Config) Validate() error {
	var errs []error
	positive := func(name string, d time.Duration) {
		if d <= 0 {
			errs = append(errs, fmt.Errorf("%s: must be positive, is %s", name, d))
		}
	}
	positive("SessionIdleStaff", c.SessionIdleStaff)
	positive("SessionIdlePatient", c.SessionIdlePatient)
	positive("SessionAbsolute", c.SessionAbsolute)
	positive("CheckInEarly", c.CheckInEarly)
	positive("JoinLate", c.JoinLate)
	positive("NoShowAfter", c.NoShowAfter)
	positive("LobbyAbsence", c.LobbyAbsence)
	positive("GuestLinkTTL", c.GuestLinkTTL)
	if c.MaxUpload <= 0 {
		errs = append(errs, fmt.Errorf("MaxUpload: must be positive, is %d", c.MaxUpload))
	}
	if c.MaxGuests < 0 {
		errs = append(errs, fmt.Errorf("MaxGuests: must not be negative, is %d", c.MaxGuests))
	}
	return errors.Join(errs...)
}
