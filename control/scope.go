package control

import (
	"slices"
	"strings"
)

// Scopes are what a token of a clinic's own system may do: names from the table below with
// spaces between, in order.
type Scopes string

// scopes is the table of scope × operation. What an operation is not named here, no token
// may do, whoever made it: signing in, cards, consultations and what is said in them.
func scopes() map[string][]Operation {
	return map[string][]Operation{
		"clinic:read":        {OpReadClinic},
		"patients:read":      {OpListPatients},
		"patients:write":     {OpInvitePatient, OpListInvites},
		"appointments:read":  {OpListAppointments, OpReadAppointment, OpCountDays, OpReadBoard, OpReadWaitlist},
		"appointments:write": {OpBook, OpConfirm, OpCancel, OpDecline, OpHold, OpRelease, OpSettle, OpReschedule, OpJoinWaitlist, OpLeaveWaitlist},
		"schedule:read":      {OpReadSchedule, OpListSlots, OpListOutside},
		"schedule:write":     {OpSetSchedule},
		"emergencies:read":   {OpListEmergencies, OpReadEmergency},
		// Numbers without people.
		"reports:read": {OpCountDays},
	}
}

// ScopeNames lists the scopes that a token can have.
func ScopeNames() []string {
	var out []string
	for name := range scopes() {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func newScopes(names []string) (Scopes, error) {
	if len(names) == 0 {
		return "", invalid("/scopes", "at least one of: %s", strings.Join(ScopeNames(), ", "))
	}
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	for _, name := range names {
		if _, ok := scopes()[name]; !ok {
			return "", invalid("/scopes", "known scopes are: %s", strings.Join(ScopeNames(), ", "))
		}
	}
	return Scopes(strings.Join(names, " ")), nil
}

// Names are the scopes one by one.
func (s Scopes) Names() []string { return strings.Fields(string(s)) }

// allow reports whether one of the scopes covers an operation.
func (s Scopes) allow(op Operation) bool {
	table := scopes()
	return slices.ContainsFunc(s.Names(), func(name string) bool { return slices.Contains(table[name], op) })
}
