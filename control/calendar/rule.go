package calendar

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Clock is a time of day on the wall, in minutes from midnight: 0 … 1440.
type Clock int

// EndOfDay is midnight as the end of a day.
const EndOfDay Clock = 24 * 60

// ParseClock reads "09:30"; "24:00" is the end of the day.
func ParseClock(s string) (Clock, error) {
	hours, minutes, ok := strings.Cut(s, ":")
	h, err := strconv.ParseUint(hours, 10, 8)
	m, err2 := strconv.ParseUint(minutes, 10, 8)
	if !ok || len(s) != 5 || len(hours) != 2 || err != nil || err2 != nil || m > 59 || h*60+m > uint64(EndOfDay) {
		return 0, fmt.Errorf("%q: want HH:MM", s)
	}
	return Clock(h*60 + m), nil
}

// String writes the clock as ParseClock reads it.
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", int(c)/60, int(c)%60) }

// Date is a day of the calendar, without a zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the date on the wall at t in t's zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// ParseDate reads "2026-11-25".
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q: want YYYY-MM-DD", s)
	}
	return DateOf(t), nil
}

// String writes the date as ParseDate reads it.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Next is the day after.
func (d Date) Next() Date { return DateOf(time.Date(d.Year, d.Month, d.Day+1, 0, 0, 0, 0, time.UTC)) }

// Weekday is the date's day of the week.
func (d Date) Weekday() time.Weekday {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Weekday()
}

// Compare orders dates.
func (d Date) Compare(e Date) int {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Compare(time.Date(e.Year, e.Month, e.Day, 0, 0, 0, 0, time.UTC))
}

// Window is a part of a day on the wall: From inclusive, To exclusive.
type Window struct {
	From, To Clock
}

// Validate says what is wrong with the window.
func (w Window) Validate() error {
	if w.From < 0 || w.To > EndOfDay || w.From >= w.To {
		return fmt.Errorf("window %s to %s: must end after it begins, within one day", w.From, w.To)
	}
	return nil
}

// Rule makes windows on some days of the week, between two dates.
type Rule struct {
	Days   []time.Weekday
	Window Window
	Since  Date // zero: always was
	Until  Date // last day; zero: for ever
}

// Validate says what is wrong with the rule.
func (r *Rule) Validate() error {
	if len(r.Days) == 0 {
		return errors.New("a rule needs a day of the week")
	}
	for _, d := range r.Days {
		if d < time.Sunday || d > time.Saturday {
			return fmt.Errorf("no weekday %d", d)
		}
	}
	if r.Since != (Date{}) && r.Until != (Date{}) && r.Until.Compare(r.Since) < 0 {
		return errors.New("a rule must not end before it begins")
	}
	return r.Window.Validate()
}

func (r *Rule) covers(d Date) bool {
	return slices.Contains(r.Days, d.Weekday()) &&
		(r.Since == (Date{}) || r.Since.Compare(d) <= 0) && (r.Until == (Date{}) || d.Compare(r.Until) <= 0)
}

// Exception replaces what the rules say for the days from First to Last. Without
// windows nobody works: a vacation.
type Exception struct {
	First, Last Date
	Windows     []Window
}

// Validate says what is wrong with the exception.
func (e *Exception) Validate() error {
	if e.First == (Date{}) || e.Last.Compare(e.First) < 0 {
		return errors.New("an exception needs a first day, and a last day not before it")
	}
	for _, w := range e.Windows {
		if err := w.Validate(); err != nil {
			return err
		}
	}
	return nil
}

// Rules say when somebody works. Where several exceptions cover a day, the last
// of them counts.
type Rules struct {
	Weekly     []Rule
	Exceptions []Exception
}

// Validate says what is wrong with the rules.
func (r *Rules) Validate() error {
	for i := range r.Weekly {
		if err := r.Weekly[i].Validate(); err != nil {
			return err
		}
	}
	for i := range r.Exceptions {
		if err := r.Exceptions[i].Validate(); err != nil {
			return err
		}
	}
	return nil
}

// On returns the windows of a day, in no order; they may overlap.
func (r *Rules) On(d Date) []Window {
	for i := len(r.Exceptions) - 1; i >= 0; i-- {
		if e := &r.Exceptions[i]; e.First.Compare(d) <= 0 && d.Compare(e.Last) <= 0 {
			return e.Windows
		}
	}
	var out []Window
	for i := range r.Weekly {
		if r.Weekly[i].covers(d) {
			out = append(out, r.Weekly[i].Window)
		}
	}
	return out
}
