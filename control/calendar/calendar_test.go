package calendar

import (
	"math/rand/v2"
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

// allowed is the independent reference: the sentence of doc.go, minute by minute.
func allowed(r *Rules, at time.Time) bool {
	day := DateOf(at)
	minute := Clock(at.Hour()*60 + at.Minute())
	for _, w := range r.On(day) {
		if w.From <= minute && minute < w.To {
			return true
		}
	}
	return false
}

// TestExpandAgainstTheClockOnTheWall compares with the reference at every minute
// around every change of the clock in 12 zones over 3 years, and on other days.
func TestExpandAgainstTheClockOnTheWall(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range zones() {
		t.Run(name, func(t *testing.T) {
			loc := zone(t, name)
			for _, day := range interestingDays(loc, random) {
				rules := randomRules(random, DateOf(day))
				from, to := day.Add(-30*time.Hour), day.Add(54*time.Hour)
				compare(t, rules, loc, from, to)
			}
		})
	}
}

// interestingDays are those of each change of the offset from 2025 to 2027, and
// a few more.
func interestingDays(loc *time.Location, random *rand.Rand) []time.Time {
	first, last := time.Date(2025, 1, 1, 0, 0, 0, 0, loc), time.Date(2028, 1, 1, 0, 0, 0, 0, loc)
	var out []time.Time
	for at := first; at.Before(last); {
		_, end := at.ZoneBounds()
		if end.IsZero() || !end.Before(last) {
			break
		}
		y, m, d := end.In(loc).Date()
		for range 3 { // three sets of rules per change
			out = append(out, time.Date(y, m, d, 0, 0, 0, 0, loc))
		}
		at = end.In(loc)
	}
	for range 4 {
		out = append(out, first.AddDate(0, 0, random.IntN(3*365)))
	}
	return out
}

func randomRules(random *rand.Rand, about Date) *Rules {
	window := func() Window {
		from := random.IntN(24 * 60)
		return Window{Clock(from), Clock(from + 1 + random.IntN(24*60-from))}
	}
	r := &Rules{}
	for range 1 + random.IntN(3) {
		rule := Rule{Window: window()}
		for d := time.Sunday; d <= time.Saturday; d++ {
			if random.IntN(3) > 0 {
				rule.Days = append(rule.Days, d)
			}
		}
		if random.IntN(4) == 0 {
			rule.Since = about
		}
		if random.IntN(4) == 0 {
			rule.Until = about
		}
		r.Weekly = append(r.Weekly, rule)
	}
	if random.IntN(3) == 0 {
		e := Exception{First: about, Last: about}
		for range random.IntN(3) {
			e.Windows = append(e.Windows, window())
		}
		r.Exceptions = append(r.Exceptions, e)
	}
	return r
}

func compare(t *testing.T, rules *Rules, loc *time.Location, from, to time.Time) {
	t.Helper()
	got := rules.Expand(loc, from, to)
	for i := range got {
		if !got[i].Start.Before(got[i].End) || (i > 0 && !got[i-1].End.Before(got[i].Start)) {
			t.Fatalf("intervals out of order or touching: %v", got)
		}
	}
	n := 0
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		for n < len(got) && !at.Before(got[n].End) {
			n++
		}
		in := n < len(got) && !at.Before(got[n].Start)
		if want := allowed(rules, at.In(loc)); in != want {
			t.Fatalf("%s: available %v, want %v; rules %+v; got %v", at.In(loc), in, want, rules, got)
		}
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

// TestSlotsAgainstReference compares with trying every step of every window.
func TestSlotsAgainstReference(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		loc := zone(t, zones()[random.IntN(len(zones()))])
		days := interestingDays(loc, random)
		day := days[random.IntN(len(days))]
		q := Query{
			Rules: randomRules(random, DateOf(day)), Zone: loc, From: day.Add(time.Duration(random.IntN(600)) * time.Minute), To: day.Add(40 * time.Hour),
			Length: time.Duration(10+random.IntN(50)) * time.Minute, Step: time.Duration(5+random.IntN(25)) * time.Minute,
			Buffer: time.Duration(random.IntN(15)) * time.Minute,
		}
		for range random.IntN(8) {
			start := day.Add(time.Duration(random.IntN(40*60)) * time.Minute)
			q.Busy = append(q.Busy, Interval{start, start.Add(time.Duration(10+random.IntN(60)) * time.Minute)})
		}
		fullDay := DateOf(day.AddDate(0, 0, 1))
		q.Full = func(d Date) bool { return d == fullDay }
		got := map[time.Time]bool{}
		for _, s := range Slots(q) {
			if s.End.Sub(s.Start) != q.Length {
				t.Fatalf("a slot of %s", s.End.Sub(s.Start))
			}
			got[s.Start.UTC()] = true
		}
		want := 0
		for _, w := range q.Rules.Expand(loc, stepsFrom(q.From, loc), q.To) {
			for s := w.Start; s.Before(w.End); s = s.Add(q.Step) {
				if !free(q, w, s) {
					continue
				}
				want++
				if !got[s.UTC()] {
					t.Fatalf("%s is free and not offered", s)
				}
			}
		}
		if len(got) != want {
			t.Fatalf("%d offered, %d free", len(got), want)
		}
	}
}

func free(q Query, w Interval, start time.Time) bool {
	end := start.Add(q.Length)
	if start.Before(q.From) || end.After(w.End) || q.Full(DateOf(start.In(q.Zone))) {
		return false
	}
	for _, b := range q.Busy {
		if start.Before(b.End.Add(q.Buffer)) && b.Start.Add(-q.Buffer).Before(end) {
			return false
		}
	}
	return true
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
