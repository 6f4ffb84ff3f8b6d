package control

import (
	"time"

	"consilium/control/calendar"
)

// Settings are what a clinic's administrator decides.
type Settings struct {
	// RequireStrong: the staff's second factor is an authenticator app or a passkey,
	// not a code by mail or SMS.
	RequireStrong bool
	Quiet         Quiet
	StaffIdle     time.Duration // a staff session unused for so long ends; 0 for the server's
	MaxGuests     *int          // guests of one consultation; nil for the server's
}

// Limits of the settings.
const (
	minStaffIdle  = 5 * time.Minute
	maxStaffIdle  = 4 * time.Hour
	maxGuestLimit = 20
)

func (s *Settings) validate() error {
	switch {
	case s.StaffIdle != 0 && (s.StaffIdle < minStaffIdle || s.StaffIdle > maxStaffIdle):
		return invalid("/settings/staffIdleMin", "5 to 240 minutes, or 0 for the server's")
	case s.MaxGuests != nil && (*s.MaxGuests < 0 || *s.MaxGuests > maxGuestLimit):
		return invalid("/settings/maxGuests", "0 to %d", maxGuestLimit)
	}
	return s.Quiet.validate()
}

// Quiet are the hours, by the clinic's clock, in which no message goes out that can
// wait. They may go over midnight; the same time twice is none.
type Quiet struct {
	From, To calendar.Clock
}

func (q Quiet) validate() error {
	const day = 24 * 60
	if q.From < 0 || q.From >= day || q.To < 0 || q.To >= day {
		return invalid("/settings/quiet", "times of a day, like 21:00 and 08:00")
	}
	return nil
}

// DefaultQuiet are the quiet hours of a clinic that has not chosen its own.
func DefaultQuiet() Quiet { return Quiet{From: 22 * 60, To: 8 * 60} }

// Since returns when the quiet hours that at is in began; zero when it is in none.
func (q Quiet) Since(at time.Time, zone *time.Location) time.Time {
	if q.Until(at, zone).Equal(at) {
		return time.Time{}
	}
	local := at.In(zone)
	y, m, d := local.Date()
	if calendar.Clock(local.Hour()*60+local.Minute()) < q.From { // it began before midnight
		d--
	}
	return time.Date(y, m, d, int(q.From)/60, int(q.From)%60, 0, 0, zone)
}

// Until returns when a message that can wait may go out: at itself, or the end of
// the quiet hours that at is in.
func (q Quiet) Until(at time.Time, zone *time.Location) time.Time {
	if q.From == q.To {
		return at
	}
	local := at.In(zone)
	now := calendar.Clock(local.Hour()*60 + local.Minute())
	days := 0
	switch {
	case q.From < q.To:
		if now < q.From || now >= q.To {
			return at
		}
	case now >= q.From: // before midnight
		days = 1
	case now >= q.To:
		return at
	}
	y, m, d := local.Date()
	end := time.Date(y, m, d+days, int(q.To)/60, int(q.To)%60, 0, 0, zone)
	if !end.After(at) { // the clock was set back in between
		return at
	}
	return end
}
