package calendar

import (
	"slices"
	"time"
)

// Interval is a stretch of time: Start inclusive, End exclusive.
type Interval struct {
	Start, End time.Time
}

// Overlaps reports whether two intervals share time.
func (i Interval) Overlaps(j Interval) bool { return i.Start.Before(j.End) && j.Start.Before(i.End) }

// Expand returns the time between from and to in which the rules allow work, in
// order, joined where windows meet.
func (r *Rules) Expand(zone *time.Location, from, to time.Time) []Interval {
	var out []Interval
	if !from.Before(to) {
		return nil
	}
	last := DateOf(to.In(zone))
	for d := DateOf(from.In(zone)); d.Compare(last) <= 0; d = d.Next() {
		windows := r.On(d)
		if len(windows) == 0 {
			continue
		}
		for _, part := range stretches(d, zone) {
			for _, w := range windows {
				out = append(out, part.cut(d, w)...)
			}
		}
	}
	return clip(join(out), from, to)
}

// stretch is a part of a day in which the zone's offset stays the same.
type stretch struct {
	Interval
	offset time.Duration // east of UTC
}

// stretches returns the parts of a day on the wall: one, or more when the offset
// changes in it. A date that the zone skipped altogether has none.
func stretches(d Date, zone *time.Location) []stretch {
	// Every instant of the date lies within this range, whatever the offset.
	at := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Add(-26 * time.Hour)
	end := at.Add(76 * time.Hour)
	var out []stretch
	for at.Before(end) {
		local := at.In(zone)
		_, seconds := local.Zone()
		_, until := local.ZoneBounds()
		if until.IsZero() || until.After(end) {
			until = end
		}
		s := stretch{offset: time.Duration(seconds) * time.Second}
		midnight := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Add(-s.offset)
		s.Start, s.End = latest(at, midnight), earliest(until, midnight.Add(24*time.Hour))
		if s.Start.Before(s.End) {
			out = append(out, s)
		}
		at = until
	}
	return out
}

// cut returns the part of the stretch in which the wall shows the window.
func (s stretch) cut(d Date, w Window) []Interval {
	midnight := time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Add(-s.offset)
	i := Interval{
		latest(s.Start, midnight.Add(time.Duration(w.From)*time.Minute)),
		earliest(s.End, midnight.Add(time.Duration(w.To)*time.Minute)),
	}
	if !i.Start.Before(i.End) {
		return nil
	}
	return []Interval{i}
}

// join sorts intervals and melts those that touch or overlap.
func join(all []Interval) []Interval {
	slices.SortFunc(all, func(a, b Interval) int { return a.Start.Compare(b.Start) })
	var out []Interval
	for _, i := range all {
		if n := len(out); n > 0 && !i.Start.After(out[n-1].End) {
			out[n-1].End = latest(out[n-1].End, i.End)
			continue
		}
		out = append(out, i)
	}
	return out
}

func clip(all []Interval, from, to time.Time) []Interval {
	var out []Interval
	for _, i := range all {
		i.Start, i.End = latest(i.Start, from), earliest(i.End, to)
		if i.Start.Before(i.End) {
			out = append(out, i)
		}
	}
	return out
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earliest(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
