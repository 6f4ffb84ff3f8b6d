package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// visitRow is a visit as `consilium appointments list --json` tells of it.
type visitRow struct {
	ID       string    `json:"id"`
	No       string    `json:"no"`
	Status   string    `json:"status"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	DoctorID string    `json:"doctorId"`
	Patient  string    `json:"patientId"`
}

// busy reports whether the visit takes its doctor's and its patient's time.
func (v *visitRow) busy() bool {
	return slices.Contains([]string{"held", "awaiting_payment", "booked", "waiting", "in_progress", "interrupted"}, v.Status)
}

// trailRow is an entry of a clinic's audit trail, as `consilium audit export` writes it.
type trailRow struct {
	N              uint64 `json:"n"`
	Role           string
	Action, Object string
}

// known is what the people of the test were told about visits: the statuses that each may
// be in by what was acknowledged, and by what was asked and not answered.
type known map[string][]string

// faults are all that is wrong with a calendar after a crash, once its timers have run:
// what was acknowledged and is not there, times that are taken twice, holds that nothing
// ends, timers that fired never or twice, numbers given twice.
func faults(told known, visits []visitRow, trail []trailRow) []string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	at := map[string]*visitRow{}
	numbers := map[string]string{}
	for i := range visits {
		v := &visits[i]
		at[v.ID] = v
		if other, ok := numbers[v.No]; ok {
			say("%s and %s both have the number %s", other, v.ID, v.No)
		}
		numbers[v.No] = v.ID
		if v.Status == "held" {
			say("%s is still held", v.ID)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(told)) {
		v := at[id]
		if v == nil {
			say("%s was acknowledged and is not there", id)
		} else if !slices.Contains(told[id], v.Status) {
			say("%s is %s, acknowledged was %s", id, v.Status, strings.Join(told[id], " or "))
		}
	}
	for _, whose := range []func(*visitRow) string{
		func(v *visitRow) string { return v.DoctorID },
		func(v *visitRow) string { return v.Patient },
	} {
		last := map[string]*visitRow{} // visits come by start
		for i := range visits {
			v := &visits[i]
			if !v.busy() {
				continue
			}
			if before := last[whose(v)]; before != nil && v.Start.Before(before.End) {
				say("%s and %s take the same time of %s", before.ID, v.ID, whose(v))
			}
			last[whose(v)] = v
		}
	}
	fired := map[string]int{}
	for _, e := range trail {
		if e.Action == "appointment.expire" && e.Role == "system" {
			fired[e.Object]++
		}
	}
	for i := range visits {
		want := 0
		if visits[i].Status == "expired" {
			want = 1
		}
		if n := fired[visits[i].ID]; n != want {
			say("the timer of %s, which is %s, fired %d times", visits[i].ID, visits[i].Status, n)
		}
		delete(fired, visits[i].ID)
	}
	for _, id := range slices.Sorted(maps.Keys(fired)) {
		say("a timer of %s fired, which is not there", id)
	}
	return out
}

// calendar reads all visits and the trail from a data folder, with the operator's commands.
func (s *server) calendar(from, to time.Time) (visits []visitRow, trail []trailRow) {
	s.t.Helper()
	var list struct {
		Visits []visitRow `json:"appointments"`
		More   bool       `json:"more"`
	}
	raw := s.command("appointments", "list", "--from="+from.Format(time.RFC3339), "--to="+to.Format(time.RFC3339), "--limit=10000", "--json")
	if err := json.Unmarshal(raw, &list); err != nil || list.More {
		s.t.Fatalf("the list of visits: %v, more %v", err, list.More)
	}
	for line := range strings.Lines(string(s.command("audit", "export", "--json"))) {
		var e trailRow
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			s.t.Fatalf("an entry of the trail: %v", err)
		}
		trail = append(trail, e)
	}
	return list.Visits, trail
}
