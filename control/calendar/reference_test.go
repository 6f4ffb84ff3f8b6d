package calendar

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// wall is the independent reference: the sentence of doc.go, minute by minute, in
// whole numbers. It knows no stretches, bounds or intervals, and asks the time
// package for one thing only: how far the zone is from UTC at a quarter of an hour.
type wall struct {
	first   int64   // minute of the Unix time at which the table begins
	offsets []int32 // minutes east of UTC, for each quarter of an hour from there
}

func newWall(loc *time.Location, from, to time.Time) *wall {
	w := &wall{first: from.Unix() / 60 / 15 * 15}
	for at := w.first; at < to.Unix()/60; at += 15 {
		_, seconds := time.Unix(at*60, 0).In(loc).Zone()
		w.offsets = append(w.offsets, int32(seconds/60))
	}
	return w
}

// at is the day, counted from 1 January 1970, and the minute of it that the
// clock on the wall shows during a minute of Unix time.
func (w *wall) at(minute int64) (day, clock int64) {
	local := minute + int64(w.offsets[(minute-w.first)/15])
	return local / 1440, local % 1440
}

// changes counts how often the clock was put forward and back.
func (w *wall) changes() (forward, back int) {
	for i := 1; i < len(w.offsets); i++ {
		switch {
		case w.offsets[i] > w.offsets[i-1]:
			forward++
		case w.offsets[i] < w.offsets[i-1]:
			back++
		}
	}
	return forward, back
}

// dayNumber counts from 1 January 1970, by the rule of leap years.
func dayNumber(d Date) int64 {
	n := int64(0)
	for y := 1970; y < d.Year; y++ {
		n += 365
		if leap(y) {
			n++
		}
	}
	lengths := []int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}
	if leap(d.Year) {
		lengths[1]++
	}
	for m := 1; m < int(d.Month); m++ {
		n += int64(lengths[m-1])
	}
	return n + int64(d.Day) - 1
}

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

// openMinutes is what the rules say about one day, drawn minute by minute.
func openMinutes(r *Rules, day int64) *[1440]bool {
	var open [1440]bool
	draw := func(w Window) {
		for m := w.From; m < w.To; m++ {
			open[m] = true
		}
	}
	last := -1
	for i, e := range r.Exceptions {
		if dayNumber(e.First) <= day && day <= dayNumber(e.Last) {
			last = i
		}
	}
	if last >= 0 {
		for _, w := range r.Exceptions[last].Windows {
			draw(w)
		}
		return &open
	}
	for _, rule := range r.Weekly {
		if rule.Since != (Date{}) && day < dayNumber(rule.Since) || rule.Until != (Date{}) && day > dayNumber(rule.Until) {
			continue
		}
		for _, wanted := range rule.Days {
			if (day+4)%7 == int64(wanted) { // 1 January 1970 was a Thursday
				draw(rule.Window)
			}
		}
	}
	return &open
}

// reference answers for one set of rules, remembering the days it has drawn.
type reference struct {
	*wall
	rules *Rules
	drawn map[int64]*[1440]bool
	day   int64 // the one asked about last
	last  *[1440]bool
}

func (r *reference) open(minute int64) bool {
	day, clock := r.at(minute)
	if r.last == nil || r.day != day {
		r.day, r.last = day, r.drawn[day]
	}
	if r.last == nil {
		r.last = openMinutes(r.rules, day)
		r.drawn[day] = r.last
	}
	return r.last[clock]
}

// TestEveryMinuteOfThreeYears compares Expand with the reference at every minute
// from 2025 to 2027 in 12 zones: each month has rules of its own, asked for in
// pieces that begin and end at odd moments, and each day on which a clock changes
// has ten more.
func TestEveryMinuteOfThreeYears(t *testing.T) {
	from, to := time.Date(2024, 12, 25, 0, 0, 0, 0, time.UTC), time.Date(2028, 1, 8, 0, 0, 0, 0, time.UTC)
	forward, back := 0, 0
	for n, name := range zones() {
		loc := zone(t, name)
		w := newWall(loc, from, to)
		f, b := w.changes()
		forward, back = forward+f, back+b
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(uint64(n), 7))
			for month := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC); month.Year() < 2028; month = month.AddDate(0, 1, 0) {
				rules := randomRules(random, DateOf(month.AddDate(0, 0, random.IntN(28))))
				end := month.AddDate(0, 1, 0)
				for at := month; at.Before(end); {
					next := earliest(end, at.Add(time.Duration(1+random.IntN(10*24*60))*time.Minute))
					compare(t, w, rules, loc, at, next)
					at = next
				}
			}
			for _, change := range changeDays(loc) {
				for range 10 {
					rules := randomRules(random, DateOf(change.In(loc)))
					compare(t, w, rules, loc, change.Add(-30*time.Hour), change.Add(54*time.Hour))
				}
			}
		})
	}
	// The figure says both days of change: a table of zones without any proves nothing.
	if forward < 24 || back < 24 {
		t.Errorf("clocks were put forward %d times and back %d times; too few to prove anything", forward, back)
	}
}

func compare(t *testing.T, w *wall, rules *Rules, loc *time.Location, from, to time.Time) {
	t.Helper()
	ref := reference{wall: w, rules: rules, drawn: map[int64]*[1440]bool{}}
	got := rules.Expand(loc, from, to)
	for i := range got {
		if !got[i].Start.Before(got[i].End) || (i > 0 && !got[i-1].End.Before(got[i].Start)) {
			t.Fatalf("intervals out of order or touching: %v", got)
		}
	}
	n, end := 0, to.Unix()/60
	var start, stop int64
	for minute := from.Unix() / 60; minute < end; minute++ {
		for n < len(got) && (stop == 0 || minute*60 >= stop) {
			if start, stop = got[n].Start.Unix(), got[n].End.Unix(); minute*60 >= stop {
				n++
				stop = 0
			}
		}
		in := n < len(got) && minute*60 >= start
		if want := ref.open(minute); in != want {
			t.Fatalf("%s: available %v, want %v; rules %+v", time.Unix(minute*60, 0).In(loc), in, want, rules)
		}
	}
}

// changeDays are the instants from 2025 to 2027 at which the offset changes.
func changeDays(loc *time.Location) []time.Time {
	var out []time.Time
	last := time.Date(2028, 1, 1, 0, 0, 0, 0, loc)
	for at := time.Date(2025, 1, 1, 0, 0, 0, 0, loc); ; {
		_, end := at.ZoneBounds()
		if end.IsZero() || !end.Before(last) {
			return out
		}
		out = append(out, end)
		at = end.In(loc)
	}
}

func randomRules(random *rand.Rand, about Date) *Rules {
	window := func() Window {
		if random.IntN(3) == 0 { // about the hours in which clocks change
			from := random.IntN(4 * 60)
			return Window{Clock(from), Clock(from + 1 + random.IntN(3*60))}
		}
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
	for range random.IntN(3) { // a vacation, or days of other hours; they may overlap
		e := Exception{First: about, Last: about}
		for range random.IntN(9) {
			e.Last = e.Last.Next()
		}
		for range random.IntN(3) {
			e.Windows = append(e.Windows, window())
		}
		r.Exceptions = append(r.Exceptions, e)
	}
	return r
}

// TestSlotsMinuteByMinute tries every minute as the beginning of a visit, in each
// zone around each change of its clock and on other days.
func TestSlotsMinuteByMinute(t *testing.T) {
	from, to := time.Date(2024, 12, 20, 0, 0, 0, 0, time.UTC), time.Date(2028, 1, 12, 0, 0, 0, 0, time.UTC)
	for n, name := range zones() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := zone(t, name)
			w := newWall(loc, from, to)
			random := rand.New(rand.NewPCG(uint64(n), 11))
			days := changeDays(loc)
			for range 6 {
				days = append(days, time.Date(2025, 1, 1+random.IntN(3*365-2), 0, 0, 0, 0, loc))
			}
			for _, day := range days {
				for range 4 {
					q := randomQuery(random, loc, day)
					if err := sameSlots(w, q); err != nil {
						t.Fatalf("%v; %+v, rules %+v", err, q, q.Rules)
					}
				}
			}
		})
	}
}

func randomQuery(random *rand.Rand, loc *time.Location, about time.Time) Query {
	minutes := func(n int) time.Duration { return time.Duration(n) * time.Minute }
	steps := []int{5, 10, 15, 20, 30, 60}
	q := Query{
		Rules: randomRules(random, DateOf(about.In(loc))), Zone: loc,
		From: about.Add(minutes(random.IntN(600) - 300)), To: about.Add(40 * time.Hour),
		Length: minutes(10 + random.IntN(50)), Step: minutes(steps[random.IntN(len(steps))]), Buffer: minutes(random.IntN(15)),
	}
	for range random.IntN(8) {
		start := about.Add(minutes(random.IntN(40 * 60)))
		q.Busy = append(q.Busy, Interval{start, start.Add(minutes(10 + random.IntN(60)))})
	}
	full := DateOf(about.In(loc)).Next()
	q.Full = func(d Date) bool { return d == full }
	return q
}

// sameSlots finds the free slots without intervals: a visit may begin at a minute
// that lies whole steps after its stretch of open minutes began, if each of its
// minutes is open and none, nor the buffer about them, is taken.
func sameSlots(w *wall, q Query) error {
	ref := reference{wall: w, rules: q.Rules, drawn: map[int64]*[1440]bool{}}
	length, step, buffer := int64(q.Length.Minutes()), int64(q.Step.Minutes()), int64(q.Buffer.Minutes())
	taken := map[int64]bool{}
	for _, b := range q.Busy {
		for m := b.Start.Unix()/60 - buffer; m < b.End.Unix()/60+buffer; m++ {
			taken[m] = true
		}
	}
	full := map[int64]bool{}
	for d, n := DateOf(q.From.Add(-48*time.Hour)), 0; n < 8; d, n = d.Next(), n+1 {
		full[dayNumber(d)] = q.Full(d)
	}
	// Windows of somebody who works round the clock have their steps from midnight
	// two days before, where the expansion begins.
	y, m, d := q.From.In(q.Zone).Date()
	origin := time.Date(y, m, d-2, 0, 0, 0, 0, q.Zone).Unix() / 60
	begun := int64(-1)
	want := map[int64]bool{}
	for minute := origin; minute+length <= q.To.Unix()/60; minute++ {
		if !ref.open(minute) {
			begun = -1
			continue
		}
		if begun < 0 {
			begun = minute
		}
		if minute < q.From.Unix()/60 || (minute-begun)%step != 0 {
			continue
		}
		day, _ := w.at(minute)
		fits := !full[day]
		for m := minute; m < minute+length && fits; m++ {
			fits = ref.open(m) && !taken[m]
		}
		if fits {
			want[minute] = true
		}
	}
	found := Slots(q)
	for _, s := range found {
		if s.End.Sub(s.Start) != q.Length {
			return fmt.Errorf("a slot of %s", s.End.Sub(s.Start))
		}
		if !want[s.Start.Unix()/60] {
			return fmt.Errorf("%s is offered and not free", s.Start.In(q.Zone))
		}
	}
	if len(found) != len(want) {
		return fmt.Errorf("%d offered, %d free", len(found), len(want))
	}
	return nil
}
