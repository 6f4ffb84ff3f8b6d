package control

import (
	"fmt"
	"strings"
)

// StateDoc is docs/appointments.md, made from the state table: a test holds the
// file to it.
func StateDoc() string {
	var b strings.Builder
	b.WriteString(`# Appointments: states and what moves them

Made from the state table in control/appointment_state.go by
` + "`go test ./control -run StateDoc -update`" + `. What has no row here is refused with 409 ` + "`transition_refused`" + `.
Each row that changes the state is one transaction, which also writes the audit
event and makes every open page that shows the visit hear of it. Times are those of
the default configuration.

` + "```mermaid\nstateDiagram-v2\n")
	for _, e := range Edges() {
		if e.From == e.To {
			continue
		}
		from := string(e.From)
		if from == "" {
			from = "[*]"
		}
		fmt.Fprintf(&b, "    %s --> %s: %s (%s)\n", from, e.To, e.Act, parties(e.Who))
	}
	b.WriteString("```\n\n## Changes of state\n\n| from | to | action | who | only if | with it |\n|---|---|---|---|---|---|\n")
	for _, e := range Edges() {
		if e.From != e.To {
			from := string(e.From)
			if from == "" {
				from = "(none)"
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", from, e.To, e.Act, parties(e.Who), e.Guard.Name, e.Effect.Name)
		}
	}
	b.WriteString("\n## What a state allows without changing it\n\n| state | action | who | only if |\n|---|---|---|---|\n")
	for _, e := range Edges() {
		if e.From == e.To {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", e.From, e.Act, parties(e.Who), e.Guard.Name)
		}
	}
	b.WriteString("\n## All states\n\n| state | its time is taken | the doctor sees the card |\n|---|---|---|\n")
	for _, s := range Statuses() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s, tick(s.Busy()), tick(s.GivesAccess()))
	}
	return b.String()
}

func parties(who []Party) string {
	names := make([]string, len(who))
	for i, p := range who {
		names[i] = string(p)
	}
	return strings.Join(names, ", ")
}

func tick(b bool) string {
	if b {
		return "yes"
	}
	return ""
}
