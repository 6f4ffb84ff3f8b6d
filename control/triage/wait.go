package triage

import (
	"slices"
	"time"
)

// Outlook is how long somebody may have to wait still.
type Outlook struct {
	Known bool
	Wait  time.Duration
}

// fewest is how many calls must have been answered lately before a time is named.
const fewest = 3

// Team is who could take a call.
type Team struct {
	Free int         // doctors who could now
	Ends []time.Time // when the others are expected to have finished
}

// Estimate says how long a call has to wait still, or that nobody knows. recent are
// the waits of those whom a doctor took lately, ahead counts the calls that come before,
// and waited is how long this one has waited already.
//
// With a free doctor for everybody ahead it is what three of four lately waited at most.
// Otherwise a doctor has to finish first. A doctor who is late already ends at no known
// time, and neither does a wait that has outlasted what was usual.
func Estimate(recent []time.Duration, ahead int, team Team, waited time.Duration, now time.Time) Outlook {
	if len(recent) < fewest {
		return Outlook{}
	}
	sorted := slices.Clone(recent)
	slices.Sort(sorted)
	usual := sorted[(len(sorted)*3-1)/4]
	if ahead < team.Free {
		if waited >= usual {
			return Outlook{}
		}
		return Outlook{true, usual - waited}
	}
	ends := slices.Clone(team.Ends)
	slices.SortFunc(ends, time.Time.Compare)
	nth := ahead - team.Free
	if nth >= len(ends) || !ends[nth].After(now) || ends[0].Before(now) {
		return Outlook{}
	}
	return Outlook{true, ends[nth].Sub(now) + usual}
}
