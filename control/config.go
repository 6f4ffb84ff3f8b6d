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

	HoldTTL        time.Duration // how long a slot is held for who is booking it
	HoldMax        time.Duration // and in all, while it is being paid
	OfferTTL       time.Duration // how long a freed slot is held for who waited for it
	NoShowWait     time.Duration // how long after the start the server judges who did not come
	MediaAbsence   time.Duration // a consultation that one of the two lost for so long is interrupted
	ResumeWithin   time.Duration // how long an interrupted one can be resumed
	ShortTalk      time.Duration // one that ends by itself after less talk has failed
	DesertedAfter  time.Duration // one that both have left for so long is over
	UnsignedRemind time.Duration // a doctor is reminded of an unsigned conclusion
	UnsignedAlert  time.Duration // and the clinic is told

	MaxUpload int64 // bytes of one file
	MaxGuests int   // guests of one consultation
	MaxHolds  int   // slots that a patient holds at a time
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
		HoldTTL:            10 * time.Minute,
		HoldMax:            20 * time.Minute,
		OfferTTL:           15 * time.Minute,
		NoShowWait:         15 * time.Minute,
		MediaAbsence:       30 * time.Second,
		ResumeWithin:       30 * time.Minute,
		ShortTalk:          5 * time.Minute,
		DesertedAfter:      10 * time.Minute,
		UnsignedRemind:     2 * time.Hour,
		UnsignedAlert:      24 * time.Hour,
		MaxUpload:          50 << 20,
		MaxGuests:          5,
		MaxHolds:           3,
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
	positive("HoldTTL", c.HoldTTL)
	positive("HoldMax", c.HoldMax)
	positive("OfferTTL", c.OfferTTL)
	positive("NoShowWait", c.NoShowWait)
	positive("MediaAbsence", c.MediaAbsence)
	positive("ResumeWithin", c.ResumeWithin)
	positive("ShortTalk", c.ShortTalk)
	positive("DesertedAfter", c.DesertedAfter)
	positive("UnsignedRemind", c.UnsignedRemind)
	positive("UnsignedAlert", c.UnsignedAlert)
	if c.MaxUpload <= 0 {
		errs = append(errs, fmt.Errorf("MaxUpload: must be positive, is %d", c.MaxUpload))
	}
	if c.MaxGuests < 0 {
		errs = append(errs, fmt.Errorf("MaxGuests: must not be negative, is %d", c.MaxGuests))
	}
	if c.MaxHolds < 1 {
		errs = append(errs, fmt.Errorf("MaxHolds: must be positive, is %d", c.MaxHolds))
	}
	return errors.Join(errs...)
}
