package calendar

import (
	"testing"
	"time"
	_ "time/tzdata"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// zones change their clocks at different hours, by an hour or half of one, in
// the other half of the year, at midnight, once only, or not at all.
func zones() []string {
	return []string{
		"Europe/Moscow", "Europe/Berlin", "Europe/London", "America/New_York", "America/Sao_Paulo", "America/Santiago",
		"Australia/Lord_Howe", "Australia/Sydney", "Asia/Kolkata", "Africa/Cairo", "Asia/Beirut", "Pacific/Auckland",
	}
}

func TestChangesOfTheClockInBerlin(t *testing.T) {
	berlin := zone(t, "Europe/Berlin")
	every := []time.Weekday{0, 1, 2, 3, 4, 5, 6}
	for _, c := range []struct {
		name     string
		day      string
		from, to string
		want     time.Duration
	}{
		{"an ordinary night", "2026-03-28", "01:00", "05:00", 4 * time.Hour},
		{"the hour that is skipped", "2026-03-29", "01:00", "05:00", 3 * time.Hour},
		{"within what is skipped", "2026-03-29", "02:10", "02:50", 0},
		{"the hour that is repeated", "2026-10-25", "01:00", "05:00", 5 * time.Hour},
		{"within what is repeated", "2026-10-25", "02:15", "02:30", 30 * time.Minute},
	} {
		t.Run(c.name, func(t *testing.T) {
			day, err := time.ParseInLocation(time.DateOnly, c.day, berlin)
			if err != nil {
				t.Fatal(err)
			}
			from, _ := ParseClock(c.from)
			to, _ := ParseClock(c.to)
			r := &Rules{Weekly: []Rule{{Days: every, Window: Window{from, to}}}}
			var got time.Duration
			for _, i := range r.Expand(berlin, day, day.AddDate(0, 0, 1)) {
				got += i.End.Sub(i.Start)
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func TestValidation(t *testing.T) {
	monday := []time.Weekday{time.Monday}
	day := Date{2026, 11, 25}
	for name, r := range map[string]Rules{
		"no day":                 {Weekly: []Rule{{Window: Window{540, 600}}}},
		"no such day":            {Weekly: []Rule{{Days: []time.Weekday{7}, Window: Window{540, 600}}}},
		"ends before it begins":  {Weekly: []Rule{{Days: monday, Window: Window{600, 540}}}},
		"past midnight":          {Weekly: []Rule{{Days: monday, Window: Window{600, 1441}}}},
		"until before since":     {Weekly: []Rule{{Days: monday, Window: Window{540, 600}, Since: day.Next(), Until: day}}},
		"exception without days": {Exceptions: []Exception{{}}},
		"exception backwards":    {Exceptions: []Exception{{First: day.Next(), Last: day}}},
		"exception's bad window": {Exceptions: []Exception{{First: day, Last: day, Windows: []Window{{0, 0}}}}},
	} {
		if r.Validate() == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	good := Rules{
		Weekly:     []Rule{{Days: monday, Window: Window{0, EndOfDay}, Since: day, Until: day}},
		Exceptions: []Exception{{First: day, Last: day}},
	}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
	for _, s := range []string{"", "9:00", "09:60", "24:01", "25:00", "-1:00", "09.00", "09:0x"} {
		if _, err := ParseClock(s); err == nil {
			t.Errorf("clock %q accepted", s)
		}
	}
	if c, err := ParseClock("24:00"); err != nil || c != EndOfDay || c.String() != "24:00" {
		t.Errorf("24:00: %v %v", c, err)
	}
}

// BenchmarkSlotsOf50DoctorsFor30Days computes what a clinic offers; the store's
// share is in control's BenchmarkSlots.
func BenchmarkSlotsOf50DoctorsFor30Days(b *testing.B) {
	loc := zone(b, "Europe/Berlin")
	from := time.Date(2026, 3, 15, 0, 0, 0, 0, loc)
	weekdays := []time.Weekday{1, 2, 3, 4, 5}
	rules := &Rules{Weekly: []Rule{{Days: weekdays, Window: Window{540, 780}}, {Days: weekdays, Window: Window{840, 1080}}}}
	var busy []Interval
	for day := range 30 {
		for visit := range 8 {
			start := from.AddDate(0, 0, day).Add(time.Duration(9*60+visit*45) * time.Minute)
			busy = append(busy, Interval{start, start.Add(30 * time.Minute)})
		}
	}
	q := Query{Rules: rules, Zone: loc, From: from, To: from.AddDate(0, 0, 30), Length: 30 * time.Minute, Step: 15 * time.Minute, Busy: busy}
	b.ReportAllocs()
	for b.Loop() {
		for range 50 {
			Slots(q)
		}
	}
}
