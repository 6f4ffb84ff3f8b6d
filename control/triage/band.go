package triage

import (
	"cmp"
	"slices"
	"time"
)

// Band is how urgent a call is, from 1, which comes first, to 3.
type Band int

// The bands.
const (
	Danger   Band = 1 // a sign of danger to life
	Pressing Band = 2
	Usual    Band = 3
)

// bandWorth is how much waiting outweighs one band: nobody waits for ever behind
// newcomers who are worse off.
const bandWorth = 10 * time.Minute

// At returns the band that a call counts as after waiting: one up for each ten
// minutes.
func (b Band) At(waited time.Duration) Band {
	return max(Danger, b-Band(waited/bandWorth))
}

// Call is somebody who waits for help.
type Call struct {
	ID        string
	Asked     time.Time
	Band      Band
	Needs     Needs
	Offers    []Offer
	Escalated bool // the duty contact has been told
}

// before orders calls by who is helped first.
func (c *Call) before(other *Call, now time.Time) int {
	return cmp.Or(
		cmp.Compare(c.Band.At(now.Sub(c.Asked)), other.Band.At(now.Sub(other.Asked))),
		c.Asked.Compare(other.Asked),
		cmp.Compare(c.ID, other.ID),
	)
}

// Order returns the positions in calls, by who is helped first.
func Order(calls []Call, now time.Time) []int {
	out := make([]int, len(calls))
	for i := range out {
		out[i] = i
	}
	slices.SortFunc(out, func(a, b int) int { return calls[a].before(&calls[b], now) })
	return out
}
