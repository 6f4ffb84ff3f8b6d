package control

import (
	"slices"
	"time"
)

// Action is what somebody does to an appointment; pages show the possible ones.
type Action string

// The actions. A page shows what Actions lists and knows nothing of the table.
const (
	ActRequest  Action = "request"
	ActBook     Action = "book"
	ActConfirm  Action = "confirm"
	ActCheckIn  Action = "check_in"
	ActJoin     Action = "join"
	ActLeave    Action = "leave"
	ActAdmit    Action = "admit"
	ActFinish   Action = "finish"
	ActWrite    Action = "write"
	ActSign     Action = "sign"
	ActOpenCard Action = "open_card"
	ActCancel   Action = "cancel"
	ActDecline  Action = "decline"
	ActNoShow   Action = "no_show"
	ActAskNow   Action = "ask_now"
	ActAccept   Action = "accept"
	ActCallBack Action = "call_back"
)

// Edge is one row of the state table. Where From and To are the same, the action
// is allowed and the status stays. What has no row is refused.
type Edge struct {
	From, To Status // From is "" for the beginning
	Act      Action
	Who      []Party
	Guard    Guard
	Effect   Effect
}

// Guard is a condition of an edge, beyond status and party.
type Guard struct {
	Name string // what must hold, with the default configuration's times; "" for none
	// open says whether the edge can be taken now, whatever the input; it
	// decides what a page offers. nil is always.
	open func(*unit, *Appointment) bool
	// check judges the input as well. nil takes any.
	check func(*unit, *Appointment, *input) error
}

// Effect is what an edge does in its own transaction besides changing the status
// and writing the audit event.
type Effect struct {
	Name string
	do   func(*unit, *Appointment, *input) error
}

// input is what an action came with.
type input struct {
	reason string     // cancel, decline
	waiver string     // book, confirm
	call   *Emergency // ask_now: the fresh place in the queue
}

// Edges is the state table: the single source of what may happen to an
// appointment, of every list of actions, and of docs/appointments.md.
func Edges() []Edge {
	patient, doctor := []Party{PartyPatient}, []Party{PartyDoctor}
	staff := []Party{PartyDoctor, PartyAdmin, PartyDesk}

	inWindow := Guard{Name: "it is between 15 min before the start and 1 h after the end", open: (*unit).inWindow}
	withReason := Guard{Name: "a reason is given", check: (*unit).hasReason}
	licensed := Guard{Name: "the doctor's licence holds", check: (*unit).licensed}
	slotFree := Guard{Name: "the slot is ahead and free for doctor and patient; the doctor is licensed; the price is waived with a reason or zero", check: (*unit).slotFree}
	offered := Guard{Name: "the time is one of the free slots that the clinic offers the patient", check: (*unit).offered}
	absent := Guard{Name: "10 min have passed since the start and the patient is not in the room", open: (*unit).patientAbsent}
	complete := Guard{Name: "the mandatory sections are filled", check: (*unit).isComplete}
	knocked := Guard{Name: "somebody waits to be let in", open: (*unit).someoneWaits}
	gone := Guard{Name: "the patient has been out of the room for 45 s", open: (*unit).patientAbsentNow}

	canAsk := Guard{Name: "the clinic gives the service at once, and it is free or paid afterwards by the clinic's policy", check: (*unit).canAsk}
	wasOffered := Guard{Name: "the doctor was offered it, nobody else has taken it, and the doctor is licensed and in no other consultation", check: (*unit).wasOffered}
	waitedLong := Guard{Name: "30 min have passed since the patient asked", check: (*unit).waitedLong}

	plan := Effect{Name: "the encounter is planned", do: (*unit).planEncounter}
	openRoom := Effect{Name: "the encounter begins", do: (*unit).beginEncounter}
	closeRoom := Effect{Name: "the room closes, guests' access ends, the conclusion is drafted", do: (*unit).endEncounter}
	shut := Effect{Name: "the room closes, guests' access ends", do: (*unit).shutRoom}

	joinQueue := Effect{Name: "doctors on duty are offered it: 3 at a time for 30 s, all at 60 s, the duty contact at 120 s", do: (*unit).joinQueue}
	takeCall := Effect{Name: "the doctor becomes the visit's; the encounter begins with both let in; other offers end; the price waits", do: (*unit).takeCall}
	leaveQueue := Effect{Name: "all offers of it end", do: (*unit).leaveQueue}
	callBack := Effect{Name: "all offers of it end; the duty contact is asked to call the patient", do: (*unit).callBack}

	return []Edge{
		{"", Requested, ActRequest, patient, offered, Effect{}},
		{"", Booked, ActBook, staff, slotFree, plan},

		{Requested, Booked, ActConfirm, staff, slotFree, plan},
		{Requested, Declined, ActDecline, staff, withReason, Effect{}},
		{Requested, Withdrawn, ActCancel, patient, Guard{}, Effect{}},

		{"", Queued, ActAskNow, patient, canAsk, joinQueue},
		{Queued, InProgress, ActAccept, doctor, wasOffered, takeCall},
		{Queued, Withdrawn, ActCancel, patient, Guard{}, leaveQueue},
		{Queued, Declined, ActDecline, []Party{PartyAdmin, PartyDesk}, withReason, leaveQueue},
		{Queued, Expired, ActCallBack, []Party{PartySystem}, waitedLong, callBack},

		{Booked, Waiting, ActCheckIn, patient, inWindow, Effect{}},
		{Booked, Waiting, ActJoin, patient, inWindow, Effect{}},
		{Booked, Booked, ActJoin, []Party{PartyDoctor, PartyGuest}, inWindow, Effect{}},
		{Booked, Booked, ActAdmit, doctor, knocked, Effect{}},
		{Booked, Cancelled, ActCancel, patient, Guard{}, shut},
		{Booked, CancelledClinic, ActCancel, staff, withReason, shut},
		{Booked, NoShow, ActNoShow, doctor, absent, shut},

		{Waiting, Waiting, ActJoin, []Party{PartyPatient, PartyDoctor, PartyGuest}, Guard{}, Effect{}},
		{Waiting, Booked, ActLeave, patient, Guard{}, Effect{}},
		{Waiting, Booked, ActLeave, []Party{PartySystem}, gone, Effect{}},
		{Waiting, InProgress, ActAdmit, doctor, licensed, openRoom},
		{Waiting, Waiting, ActOpenCard, doctor, Guard{}, Effect{}},
		{Waiting, CancelledClinic, ActCancel, staff, withReason, shut},
		{Waiting, NoShow, ActNoShow, doctor, absent, shut},

		{InProgress, InProgress, ActJoin, []Party{PartyPatient, PartyDoctor, PartyGuest}, Guard{}, Effect{}},
		{InProgress, InProgress, ActAdmit, doctor, knocked, Effect{}},
		{InProgress, InProgress, ActOpenCard, doctor, Guard{}, Effect{}},
		{InProgress, InProgress, ActWrite, doctor, Guard{}, Effect{}},
		{InProgress, Documenting, ActFinish, doctor, Guard{}, closeRoom},

		{Documenting, Documenting, ActOpenCard, doctor, Guard{}, Effect{}},
		{Documenting, Documenting, ActWrite, doctor, Guard{}, Effect{}},
		{Documenting, Completed, ActSign, doctor, complete, Effect{Name: "the signed PDF is in the card; the doctor's access to it ends"}},
	}
}

// edge finds the row for an action of a party in a status.
func (c *core) edge(from Status, act Action, who Party) (Edge, bool) {
	for _, e := range c.edges {
		if e.From == from && e.Act == act && slices.Contains(e.Who, who) {
			return e, true
		}
	}
	return Edge{}, false
}

// actions lists what the unit's actor may do to the appointment now, in the
// table's order.
func (u *unit) actions(a *Appointment) []Action {
	out := []Action{}
	party := u.who.partyTo(a)
	for _, e := range u.edges {
		if e.From != a.Status || !slices.Contains(e.Who, party) || slices.Contains(out, e.Act) {
			continue
		}
		if e.Guard.open == nil || e.Guard.open(u, a) {
			out = append(out, e.Act)
		}
	}
	return out
}

// permit finds the edge for an action of the unit's actor and checks its guard.
func (u *unit) permit(a *Appointment, act Action, in *input) (Edge, error) {
	party := u.who.partyTo(a)
	if party == "" {
		return Edge{}, notFound("appointment")
	}
	e, ok := u.edge(a.Status, act, party)
	if !ok {
		return e, fail(CodeTransitionRefused, "%s is not possible while the visit is %s", act, statusName(a.Status))
	}
	if e.Guard.open != nil && !e.Guard.open(u, a) {
		return e, fail(CodeTransitionRefused, "%s is possible only when %s", act, e.Guard.Name)
	}
	if e.Guard.check != nil {
		if err := e.Guard.check(u, a, in); err != nil {
			return e, err
		}
	}
	return e, nil
}

func statusName(s Status) string {
	if s == "" {
		return "not there yet"
	}
	return string(s)
}

// transit takes the appointment along the edge for an action: status, effect,
// audit and news are one transaction. An action whose edge stays changes nothing.
func (u *unit) transit(a *Appointment, act Action, in *input) error {
	e, err := u.permit(a, act, in)
	if err != nil {
		return err
	}
	if e.From == e.To {
		return nil
	}
	a.Status, a.Since = e.To, u.now
	if in.reason != "" {
		a.Reason = in.reason
	}
	if e.Effect.do != nil {
		if err := e.Effect.do(u, a, in); err != nil {
			return err
		}
	}
	if _, err := u.t.appointments.Put(u, u.scope, a, a.Rev); err != nil {
		return err
	}
	if err := u.follow(a, e); err != nil {
		return err
	}
	u.announce(a)
	return u.record(AuditEvent{
		Actor: u.who.Account, Role: u.who.Role, Action: "appointment." + string(act),
		Kind: "appointment", Object: string(a.ID), From: e.From, To: e.To,
	})
}

// announce tells every page that shows the appointment.
func (u *unit) announce(a *Appointment) {
	u.tell("appointment", string(a.ID), a.Rev, u.topicsOf(a)...)
}

func (u *unit) inWindow(a *Appointment) bool {
	return !u.now.Before(a.Start.Add(-u.cfg.CheckInEarly)) && u.now.Before(a.End.Add(u.cfg.JoinLate))
}

func (u *unit) hasReason(_ *Appointment, in *input) error {
	if in.reason == "" {
		return invalid("/reason", "say why")
	}
	return nil
}

func (u *unit) isAhead(a *Appointment, _ *input) error {
	if a.Start.Before(u.now.Add(-bookingGrace)) {
		return invalid("/start", "this time has passed")
	}
	return nil
}

func (u *unit) patientAbsent(a *Appointment) bool {
	return !u.now.Before(a.Start.Add(u.cfg.NoShowAfter)) && u.patientAbsentNow(a)
}

func (u *unit) patientAbsentNow(a *Appointment) bool {
	return !u.presence.role(string(a.Encounter), RolePatient)
}

func (u *unit) someoneWaits(a *Appointment) bool { return u.presence.lobby(string(a.Encounter)) }

// bookingGrace lets a visit be booked that begins now, typed a moment ago.
const bookingGrace = 5 * time.Minute
