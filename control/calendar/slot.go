package calendar

import (
	"slices"
	"time"
)

// Query asks for the free slots of one person.
type Query struct {
	Rules    *Rules
	Zone     *time.Location
	From, To time.Time     // slots lie wholly within
	Length   time.Duration // of a slot
	// Step lies between the beginnings of slots, counted from the beginning of
	// a window. It divides a day, so that the slots of somebody who works round
	// the clock are the same whenever one asks.
	Step   time.Duration
	Buffer time.Duration // kept free between two visits
	Busy   []Interval    // taken already, in any order
	// Full says whether a day on the wall has no place left; nil for never.
	Full func(Date) bool
}

// Slots returns the free slots in order. They may overlap one another: each is a
// choice, and taking one takes those that it overlaps.
func Slots(q Query) []Interval {
	if q.Length <= 0 || q.Step <= 0 {
		return nil
	}
	busy := slices.Clone(q.Busy)
	for i := range busy {
		busy[i].Start, busy[i].End = busy[i].Start.Add(-q.Buffer), busy[i].End.Add(q.Buffer)
	}
	busy = join(busy)
	full := map[Date]bool{}
	next := 0 // the first of busy that may be in the way: both go forward in time
	windows := q.Rules.Expand(q.Zone, stepsFrom(q.From, q.Zone), q.To)
	most := 0
	for _, w := range windows {
		most += int(w.End.Sub(w.Start)/q.Step) + 1
	}
	out := make([]Interval, 0, most)
	for _, w := range windows {
		start := w.Start
		if late := q.From.Sub(start); late > 0 {
			start = start.Add((late + q.Step - 1) / q.Step * q.Step)
		}
		for ; !start.Add(q.Length).After(w.End); start = start.Add(q.Step) {
			slot := Interval{start, start.Add(q.Length)}
			for next < len(busy) && !busy[next].End.After(slot.Start) {
				next++
			}
			if next < len(busy) && busy[next].Overlaps(slot) {
				continue
			}
			if q.Full != nil {
				day := DateOf(start.In(q.Zone))
				is, known := full[day]
				if !known {
					is = q.Full(day)
					full[day] = is
				}
				if is {
					continue
				}
			}
			out = append(out, slot)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// stepsFrom is where windows are expanded from, so that one that began before
// the range keeps its steps: a midnight well before.
func stepsFrom(from time.Time, zone *time.Location) time.Time {
	y, m, d := from.In(zone).Date()
	return time.Date(y, m, d-2, 0, 0, 0, 0, zone)
}

// Covered reports whether one of the intervals, in order and joined as Expand
// returns them, holds the whole of a stretch of time.
func Covered(open []Interval, start, end time.Time) bool {
	n, _ := slices.BinarySearchFunc(open, start, func(i Interval, t time.Time) int {
		if i.End.After(t) {
			return 1
		}
		return -1
	})
	return n < len(open) && !open[n].Start.After(start) && !open[n].End.Before(end)
}
