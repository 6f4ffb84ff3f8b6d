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
	ActHold     Action = "hold"
	ActConfirm  Action = "confirm"
	ActPay      Action = "pay"
	ActSettle   Action = "settle"
	ActRelease  Action = "release"
	ActExpire   Action = "expire"
	ActCheckIn  Action = "check_in"
	ActJoin     Action = "join"
	ActLeave    Action = "leave"
	ActAdmit    Action = "admit"
	ActBegin    Action = "begin"
	ActFinish   Action = "finish"
	ActWrite    Action = "write"
	ActSign     Action = "sign"
	ActAmend    Action = "amend"
	ActOpenCard Action = "open_card"
	ActCancel   Action = "cancel"
	ActDecline  Action = "decline"
	ActNoShow   Action = "no_show"

	ActAskNow   Action = "ask_now"
	ActAccept   Action = "accept"
	ActCallBack Action = "call_back"

	ActReschedule     Action = "reschedule"
	ActFollowUp       Action = "follow_up"
	ActSwitch         Action = "switch_modality"
	ActProviderNoShow Action = "provider_no_show"
	ActInterrupt      Action = "interrupt"
	ActResume         Action = "resume"
	ActFail           Action = "fail"
	ActRemind         Action = "remind"
	ActEscalate       Action = "escalate"
	ActFillIn         Action = "fill_in"       // the intake
	ActReportError    Action = "report_error"  // first of the two who strike out an entry
	ActApproveError   Action = "approve_error" // second
	ActRefuteError    Action = "refute_error"
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
	// when says at what time the server takes the edge by itself; nil for never.
	when *Timer
}

// Effect is what an edge does in its own transaction besides changing the status
// and writing the audit event.
type Effect struct {
	Name string
	do   func(*unit, *Appointment, *input) error
}

// input is what an action came with.
type input struct {
	reason    string        // cancel, decline, reschedule
	waiver    string        // book, confirm, settle
	payment   string        // settle: what billing recorded
	complaint string        // confirm of a hold
	modality  Modality      // confirm of a hold, switch
	ttl       time.Duration // hold; 0 for the usual
	call      *Emergency    // ask_now: the fresh place in the queue
	moved     *Appointment  // reschedule: the visit whose place this takes
}

// Edges is the state table: the single source of what may happen to an
// appointment, of every list of actions, of every timer, and of
// docs/appointments.md.
func Edges() []Edge {
	patient, doctor, server := []Party{PartyPatient}, []Party{PartyDoctor}, []Party{PartySystem}
	staff := []Party{PartyDoctor, PartyAdmin, PartyDesk}
	desk := []Party{PartyAdmin, PartyDesk}
	booker := []Party{PartyPatient, PartyDoctor, PartyAdmin, PartyDesk}
	pair := []Party{PartyPatient, PartyDoctor}
	inRoom := []Party{PartyPatient, PartyDoctor, PartyColleague, PartyGuest}
	cardReaders := []Party{PartyDoctor, PartyColleague}
	g, do := newGuards(), newEffects()

	edges := []Edge{
		{"", Requested, ActRequest, patient, g.offered, Effect{}},
		{"", Held, ActHold, []Party{PartyPatient, PartySystem}, g.holdable, do.hold},
		{"", Held, ActHold, staff, g.free, do.hold},
		{"", Booked, ActBook, staff, g.slotFree, do.plan},
		{"", Booked, ActReschedule, booker, g.newTime, do.plan},

		{Requested, Held, ActHold, staff, g.free, do.hold},
		{Requested, Booked, ActConfirm, staff, g.slotFree, do.plan},
		{Requested, Declined, ActDecline, staff, g.withReason, Effect{}},
		{Requested, Withdrawn, ActCancel, patient, Guard{}, Effect{}},
		{Requested, Expired, ActExpire, server, g.started, Effect{}},
		{Requested, Requested, ActFillIn, patient, Guard{}, Effect{}},

		{"", Queued, ActAskNow, patient, g.canAsk, do.joinQueue},
		{Queued, InProgress, ActAccept, doctor, g.wasOffered, do.takeCall},
		{Queued, Withdrawn, ActCancel, patient, Guard{}, do.leaveQueue},
		{Queued, Declined, ActDecline, desk, g.withReason, do.leaveQueue},
		{Queued, Expired, ActCallBack, server, g.waitedLong, do.callBack},

		{Held, Booked, ActConfirm, patient, g.bookable, do.plan},
		{Held, Booked, ActConfirm, staff, g.slotFree, do.plan},
		{Held, Requested, ActRequest, patient, g.deskDecides, do.ask},
		{Held, AwaitingPayment, ActPay, patient, g.payable, do.extend},
		{Held, Withdrawn, ActRelease, booker, Guard{}, Effect{}},
		{Held, Declined, ActDecline, staff, g.withReason, Effect{}},
		{Held, Expired, ActExpire, server, g.holdOver, Effect{}},

		{AwaitingPayment, Booked, ActSettle, server, g.paid, do.plan},
		{AwaitingPayment, Booked, ActSettle, desk, g.waived, do.plan},
		{AwaitingPayment, Withdrawn, ActRelease, booker, Guard{}, Effect{}},
		{AwaitingPayment, Expired, ActExpire, server, g.holdOver, Effect{}},
		{AwaitingPayment, AwaitingPayment, ActFillIn, patient, Guard{}, Effect{}},

		{Booked, Waiting, ActCheckIn, patient, g.arrives, Effect{}},
		{Booked, Waiting, ActJoin, patient, g.arrives, Effect{}},
		{Booked, Booked, ActJoin, []Party{PartyDoctor, PartyColleague, PartyGuest}, g.inWindow, Effect{}},
		{Booked, Booked, ActAdmit, doctor, g.knocked, Effect{}},
		{Booked, InProgress, ActBegin, doctor, g.chat, do.begin},
		{Booked, Booked, ActSwitch, doctor, g.otherWay, do.switchTo},
		{Booked, Booked, ActFillIn, patient, Guard{}, Effect{}},
		{Booked, Rescheduled, ActReschedule, patient, g.beforeCutoff, do.move},
		{Booked, Rescheduled, ActReschedule, staff, Guard{}, do.move},
		{Booked, Cancelled, ActCancel, patient, Guard{}, do.cancel},
		{Booked, CancelledClinic, ActCancel, staff, g.withReason, do.shut},
		{Booked, NoShow, ActNoShow, doctor, g.absent, do.missed},
		{Booked, NoShow, ActNoShow, server, g.neverCame, do.missed},
		{Booked, ProviderNoShow, ActProviderNoShow, server, g.doctorAbsent, do.alert},

		{Waiting, Waiting, ActJoin, inRoom, Guard{}, Effect{}},
		{Waiting, Booked, ActLeave, patient, Guard{}, Effect{}},
		{Waiting, Booked, ActLeave, server, g.gone, Effect{}},
		{Waiting, InProgress, ActAdmit, doctor, g.licensed, do.begin},
		{Waiting, Waiting, ActOpenCard, cardReaders, Guard{}, Effect{}},
		{Waiting, Waiting, ActSwitch, doctor, g.otherWay, do.switchTo},
		{Waiting, Waiting, ActFillIn, patient, Guard{}, Effect{}},
		{Waiting, CancelledClinic, ActCancel, staff, g.withReason, do.shut},
		{Waiting, NoShow, ActNoShow, doctor, g.absent, do.missed},
		{Waiting, ProviderNoShow, ActProviderNoShow, server, g.doctorAbsent, do.alert},

		{InProgress, InProgress, ActJoin, inRoom, g.agreed, Effect{}},
		{InProgress, InProgress, ActAdmit, doctor, g.knocked, Effect{}},
		{InProgress, InProgress, ActOpenCard, cardReaders, Guard{}, Effect{}},
		{InProgress, InProgress, ActWrite, doctor, Guard{}, Effect{}},
		{InProgress, InProgress, ActSwitch, doctor, g.otherWay, do.switchTo},
		{InProgress, Interrupted, ActInterrupt, server, g.lost, do.pause},
		{InProgress, Documenting, ActFinish, doctor, Guard{}, do.end},
		{InProgress, Documenting, ActFinish, server, g.deserted, do.end},

		{Interrupted, Interrupted, ActJoin, inRoom, Guard{}, Effect{}},
		{Interrupted, Interrupted, ActAdmit, doctor, g.knocked, Effect{}},
		{Interrupted, Interrupted, ActOpenCard, cardReaders, Guard{}, Effect{}},
		{Interrupted, Interrupted, ActWrite, doctor, Guard{}, Effect{}},
		{Interrupted, Interrupted, ActSwitch, doctor, g.otherWay, do.switchTo},
		{Interrupted, InProgress, ActResume, server, g.reunited, do.resume},
		{Interrupted, Documenting, ActFinish, doctor, Guard{}, do.end},
		{Interrupted, Failed, ActFail, server, g.tooShort, do.shut},
		{Interrupted, Documenting, ActFinish, server, g.longEnough, do.end},

		{Documenting, Documenting, ActOpenCard, doctor, g.stillOpen, Effect{}},
		{Documenting, Documenting, ActWrite, doctor, Guard{}, Effect{}},
		{Documenting, Documenting, ActFollowUp, pair, Guard{}, Effect{}},
		{Documenting, Documenting, ActRemind, server, g.unsigned, do.remind},
		{Documenting, Documenting, ActEscalate, server, g.longUnsigned, do.escalate},
		{Documenting, Completed, ActSign, doctor, g.complete, Effect{Name: "the signed PDF is in the card; the doctor's access to it ends"}},

		{Completed, Completed, ActFollowUp, pair, Guard{}, Effect{}},
		{Completed, Amended, ActAmend, doctor, Guard{}, do.amend},
		{Amended, Amended, ActFollowUp, pair, Guard{}, Effect{}},
		{Amended, Amended, ActAmend, doctor, Guard{}, do.amend},
	}
	for _, from := range erroneous() {
		edges = append(
			edges,
			Edge{from, from, ActReportError, []Party{PartyAdmin}, g.reportable, do.report},
			Edge{from, from, ActRefuteError, desk, g.reported, do.refute},
			Edge{from, EnteredInError, ActApproveError, staff, g.secondPerson, do.strike},
		)
	}
	return edges
}

// erroneous lists what may turn out never to have been meant: all that is not
// completed.
func erroneous() []Status {
	return []Status{
		Requested, Held, AwaitingPayment, Booked, Waiting, InProgress, Interrupted, Documenting, Rescheduled, Cancelled,
		CancelledClinic, Withdrawn, Declined, Expired, NoShow, ProviderNoShow, Failed,
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
	if e.Guard.open != nil && !e.Guard.open(u, a) || e.Guard.when.early(u, a) {
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
// timers, audit and news are one transaction. An edge that stays where it is and
// has no effect changes nothing.
func (u *unit) transit(a *Appointment, act Action, in *input) error {
	e, err := u.permit(a, act, in)
	if err != nil {
		return err
	}
	if e.From == e.To && e.Effect.do == nil {
		return nil
	}
	if e.From != e.To {
		a.Status, a.Since = e.To, u.now
		if in.reason != "" {
			a.Reason = in.reason
		}
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
	if err := u.arm(a); err != nil {
		return err
	}
	if e.From.Busy() && !e.To.Busy() && a.Start.After(u.now) {
		if err := u.offerFreed(a.Practitioner, a.Start, a.End); err != nil {
			return err
		}
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
