package control

import (
	"context"
	"slices"
	"time"

	"consilium/control/calendar"
	"consilium/store"
)

// DayCount is how many visits of a day are in each status.
type DayCount struct {
	Day      calendar.Date
	Statuses map[Status]int
}

// CountFilter selects the visits that are counted. Empty fields select all.
type CountFilter struct {
	First, Last  calendar.Date // zero: the present month of the clinic
	Practitioner PractitionerID
	Service      ServiceID
	Modality     Modality
}

// maxCountDays bounds a count: a year and the weeks that its edges belong to.
const maxCountDays = 400

// everybody leads the keys of counts and of pending visits of the whole clinic;
// a doctor's own begin with the doctor's id.
const everybody = ""

// dayKeys files a visit under its day, for the clinic and for its doctor. The
// day is the one that was agreed (Wall), whatever becomes of the clinic's zone.
func (p *Appointment) dayKeys() []store.Key {
	of := func(whose string) store.Key {
		return store.Text(whose).Text(p.wallDay()).Text(string(p.Status)).Text(string(p.Service)).Text(string(p.Modality))
	}
	return []store.Key{of(everybody), of(string(p.Practitioner))}
}

// wallDay is the day of the visit on the clinic's wall, "2026-11-25".
func (p *Appointment) wallDay() string {
	if len(p.Wall) >= len(time.DateOnly) {
		return p.Wall[:len(time.DateOnly)]
	}
	return p.Start.UTC().Format(time.DateOnly)
}

// DayCounts counts the visits that the actor may see, day by day, without reading
// them: its cost grows with the days and the services, not with the visits. Days
// without visits are left out.
func (s *Appointments) DayCounts(ctx context.Context, who Actor, f CountFilter) ([]DayCount, error) {
	if err := s.authorize(who, OpCountDays); err != nil {
		return nil, err
	}
	var out []DayCount
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		whose, err := u.counted(f.Practitioner)
		if err != nil {
			return err
		}
		if err := u.defaultDays(&f); err != nil {
			return err
		}
		k := store.Text(whose)
		from, to := k.Text(f.First.String()), k.Text(f.Last.String()).End()
		for c, err := range u.t.appointments.Counts(u, u.scope, u.t.dayCounts, from, to) {
			if err != nil {
				return err
			}
			parts, err := cutTexts(c.Key, 5)
			if err != nil {
				return err
			}
			if !f.takes(parts[3], parts[4]) {
				continue
			}
			day, err := calendar.ParseDate(parts[1])
			if err != nil {
				return err
			}
			if n := len(out); n == 0 || out[n-1].Day != day {
				out = append(out, DayCount{day, map[Status]int{}})
			}
			out[len(out)-1].Statuses[Status(parts[2])] += int(c.N)
		}
		return nil
	})
	return out, err
}

// counted says whose counts the actor is shown: a doctor's own, or those that the
// clinic's staff ask for.
func (u *unit) counted(asked PractitionerID) (string, error) {
	if u.who.Role == RolePractitioner {
		if asked != "" && asked != u.who.Practitioner {
			return "", notFound("practitioner")
		}
		return string(u.who.Practitioner), nil
	}
	if asked == "" {
		return everybody, nil
	}
	_, err := u.practitioner(asked)
	return string(asked), err
}

func (f *CountFilter) takes(service, modality string) bool {
	return (f.Service == "" || string(f.Service) == service) && (f.Modality == "" || string(f.Modality) == modality)
}

func (u *unit) defaultDays(f *CountFilter) error {
	if f.First == (calendar.Date{}) {
		loc, err := u.location()
		if err != nil {
			return err
		}
		f.First = calendar.DateOf(u.now.In(loc))
		f.First.Day = 1
	}
	if f.Last == (calendar.Date{}) {
		f.Last = calendar.DateOf(time.Date(f.First.Year, f.First.Month+1, f.First.Day-1, 0, 0, 0, 0, time.UTC))
	}
	if f.Last.Compare(f.First) < 0 {
		return invalid("query/to", "must not be before from")
	}
	start := time.Date(f.First.Year, f.First.Month, f.First.Day, 0, 0, 0, 0, time.UTC)
	end := time.Date(f.Last.Year, f.Last.Month, f.Last.Day, 0, 0, 0, 0, time.UTC)
	if end.Sub(start) > maxCountDays*24*time.Hour {
		return invalid("query/to", "at most %d days after from", maxCountDays)
	}
	return nil
}

// location is the clinic's zone.
func (u *unit) location() (*time.Location, error) {
	clinic, err := u.clinic()
	if err != nil {
		return nil, err
	}
	return clinic.Location()
}

// cutTexts takes the n text parts of a key apart.
func cutTexts(k store.Key, n int) ([]string, error) {
	var parts []string
	for range n {
		text, rest, ok := k.CutText()
		if !ok {
			return nil, store.ErrCorrupt
		}
		parts, k = append(parts, text), rest
	}
	return parts, nil
}

// isPending reports whether somebody has yet to do something about a visit in
// this status; boards show these however old they are.
func (s Status) isPending() bool {
	return s == Booked || slices.Contains(waitingStatuses(), s)
}

// waitingStatuses are those in which somebody waits for the next step at once.
func waitingStatuses() []Status {
	return []Status{Requested, Held, Queued, AwaitingPayment, Waiting, InProgress, Interrupted, Documenting}
}
