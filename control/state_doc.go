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

What the party "system" does, the server does by its own clock. The moments stand in
the store: they outlive a stop, and each is taken once, by the transaction that finds
it still due, also when the machine's clock is set. After a start everybody has 45 s to
come back before it is judged who is in a room.

Whenever a time ahead is given back, it is offered to the waiting list. In the demo's
clinic nobody sits and waits, so there no-shows are recorded only an hour after the end.

## The patient's side

A booking is a service, a doctor or whoever is free first, a day and a time. Pressing a
time keeps it: the page counts down, says what is to be paid and what a cancellation
would cost, and books with the next press. Of two who press at once one keeps the time;
the other reads so and sees what is free now. A time that ran out is anybody's again,
what was chosen and written stays on the page. How long times are kept is set by
` + "`booking.hold` and `booking.offer`" + ` in the configuration.

What the press leads to is the service's: without a price, or when it may be paid later,
the visit is booked; where the clinic takes payments online it waits for the payment;
else the clinic is asked and confirms.

- **Moving** takes the new time before the old one is free, so that a lost race changes
  nothing. Patients may move a visit as long as cancelling it gives something back.
- **Cancelling** says its cost before it is pressed: the terms are steps, so many hours
  before the start so much of the price is given back; below the last step nothing.
- **Waiting**: who finds no time joins the list for some days, for a doctor or any. A time
  that is given back is kept for the first whom it suits and told by email or SMS; not
  taken in time, it goes to the next, and the patient stays on the list.
- **What did not take place** is told in plain words. A patient who did not come pays from
  the second time on; a doctor who did not come, and a line that was lost for good before
  5 min had been talked, cost nothing. The message's link leads to another time for a day.
- **The next visit** is suggested after a consultation: the same hour, about two weeks on.
  The doctor books it with one press, the patient keeps it with one.

## The states

` + "```mermaid\nstateDiagram-v2\n")
	for _, e := range Edges() {
		if e.From == e.To || e.To == EnteredInError {
			continue // the latter leads there from almost everywhere
		}
		from := string(e.From)
		if from == "" {
			from = "[*]"
		}
		fmt.Fprintf(&b, "    %s --> %s: %s (%s)\n", from, e.To, e.Act, parties(e.Who))
	}
	b.WriteString("```\n\n## Changes of state\n\n| from | to | action | who | only if | with it |\n|---|---|---|---|---|---|\n")
	for _, row := range rows(func(e Edge) bool { return e.From != e.To }) {
		e := row.Edge
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", row.from, e.To, e.Act, parties(e.Who), e.Guard.Name, e.Effect.Name)
	}
	b.WriteString("\n## What a state allows without changing it\n\n| state | action | who | only if | with it |\n|---|---|---|---|---|\n")
	for _, row := range rows(func(e Edge) bool { return e.From == e.To }) {
		e := row.Edge
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", row.from, e.Act, parties(e.Who), e.Guard.Name, e.Effect.Name)
	}
	b.WriteString("\n## All states\n\n| state | its time is taken | the doctor sees the card |\n|---|---|---|\n")
	for _, s := range Statuses() {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", s, tick(s.Busy()), tick(s.GivesAccess()))
	}
	return b.String()
}

// docRow is rows of the table that differ only in where they begin.
type docRow struct {
	Edge
	from string
}

func rows(pick func(Edge) bool) []docRow {
	var out []docRow
	at := map[string]int{}
	for _, e := range Edges() {
		if !pick(e) {
			continue
		}
		from, to := string(e.From), string(e.To)
		if from == "" {
			from = "(none)"
		}
		if e.From == e.To {
			to = ""
		}
		key := fmt.Sprint(to, e.Act, e.Who, e.Guard.Name, e.Effect.Name)
		if i, ok := at[key]; ok {
			out[i].from += ", " + from
			continue
		}
		at[key] = len(out)
		out = append(out, docRow{e, from})
	}
	return out
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
