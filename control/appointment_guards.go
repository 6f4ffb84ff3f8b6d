package control

import (
	"time"
)

// guards are the conditions of the state table, each once. Their names say the
// times of the default configuration.
type guards struct {
	offered, holdable, free, slotFree, newTime, bookable, deskDecides, payable, paid, waived Guard
	withReason, started, holdOver                                                            Guard
	inWindow, arrives, agreed, knocked, chat, otherWay, licensed, gone                       Guard
	beforeCutoff, absent, neverCame, doctorAbsent                                            Guard
	lost, deserted, reunited, tooShort, longEnough                                           Guard
	unsigned, longUnsigned, complete, stillOpen                                              Guard
	canAsk, wasOffered, waitedLong                                                           Guard
	reportable, reported, secondPerson                                                       Guard
}

func newGuards() guards {
	return guards{
		offered:     Guard{Name: "the time is one of the free slots that the clinic offers the patient", check: (*unit).offered},
		holdable:    Guard{Name: "the time is one of the free slots that the clinic offers the patient, who holds at most 3", check: (*unit).holdable},
		free:        Guard{Name: "the slot is ahead and free for doctor and patient; the doctor is licensed", check: (*unit).isFree},
		slotFree:    Guard{Name: "the slot is ahead and free for doctor and patient; the doctor is licensed; the price is waived with a reason or zero", check: (*unit).slotFree},
		newTime:     Guard{Name: "it takes the place of a visit that moves; the new slot is free, for a patient also offered", check: (*unit).mayTakeOver},
		bookable:    Guard{Name: "the hold has not run out; there is no price, or the service may be paid later", open: (*unit).patientBooks, check: (*unit).isFree},
		deskDecides: Guard{Name: "the hold has not run out; the price can be paid neither online nor later", open: (*unit).deskDecides},
		payable:     Guard{Name: "the hold has not run out; there is a price and the clinic takes payments online", open: (*unit).mayPay},
		paid:        Guard{Name: "billing has recorded the payment, and the slot is still ours", check: (*unit).isPaid},
		waived:      Guard{Name: "the price is waived with a reason", check: (*unit).isWaived},

		withReason: Guard{Name: "a reason is given", check: (*unit).hasReason},
		started:    Guard{Name: "the time asked for has come", when: at((*unit).startOf)},
		holdOver:   Guard{Name: "the hold has run out: 10 min, 20 min in all while it is being paid, 15 min for an offer from the waiting list", when: at((*unit).holdEnds)},

		inWindow: Guard{Name: "it is between 15 min before the start and 1 h after the end", open: (*unit).inWindow},
		arrives:  Guard{Name: "it is between 15 min before the start and 1 h after the end; the patient has agreed to the clinic's documents in their present wording", open: (*unit).inWindow, check: (*unit).consented},
		agreed:   Guard{Name: "a patient who first comes to a visit in writing that the doctor has begun has agreed to the clinic's documents in their present wording", check: (*unit).firstAgreed},
		knocked:  Guard{Name: "somebody waits to be let in", open: (*unit).someoneWaits},
		chat:     Guard{Name: "it is held in writing; it is between 15 min before the start and 1 h after the end; the doctor is licensed", open: (*unit).chatWindow, check: (*unit).licensed},
		otherWay: Guard{Name: "the modality is another one", check: (*unit).otherModality},
		licensed: Guard{Name: "the doctor's licence holds", check: (*unit).licensed},
		gone:     Guard{Name: "the patient has been out of the room for 45 s", open: (*unit).patientLeft, when: after(func(u *unit) time.Duration { return u.cfg.LobbyAbsence })},

		beforeCutoff: Guard{Name: "a cancellation would still be refunded at least in part; the new slot is free and offered", open: (*unit).mayMove},
		absent:       Guard{Name: "10 min have passed since the start and the patient is not in the room", open: (*unit).patientAbsent},
		neverCame:    Guard{Name: "15 min after the start the doctor has been there and the patient has not", open: (*unit).patientNeverCame, when: live((*unit).noShowAt)},
		doctorAbsent: Guard{Name: "15 min after the start the doctor has not been there and is in no other consultation", open: (*unit).doctorNeverCame, when: live((*unit).noShowAt)},

		lost:       Guard{Name: "doctor or patient has been without connection for 30 s (not in chats)", open: (*unit).oneIsLost, when: after(func(u *unit) time.Duration { return u.cfg.MediaAbsence })},
		deserted:   Guard{Name: "doctor and patient have both been gone for 10 min (in a chat not before its planned end)", open: (*unit).bothAreGone, when: &Timer{while: true, live: true, due: (*unit).desertedAt}},
		reunited:   Guard{Name: "doctor and patient are both there again", open: (*unit).bothAreThere, when: &Timer{while: true, due: func(_ *unit, _ *Appointment, since time.Time) time.Time { return since }}},
		tooShort:   Guard{Name: "nobody resumed for 30 min and less than 5 min had been talked", open: (*unit).talkedTooShort, when: live((*unit).resumeUntil)},
		longEnough: Guard{Name: "nobody resumed for 30 min and 5 min or more had been talked", open: (*unit).talkedEnough, when: live((*unit).resumeUntil)},

		unsigned:     Guard{Name: "the conclusion has not been signed for 2 h", when: at(func(u *unit, a *Appointment) time.Time { return a.Since.Add(u.cfg.UnsignedRemind) })},
		longUnsigned: Guard{Name: "the conclusion has not been signed for 24 h", when: at(func(u *unit, a *Appointment) time.Time { return a.Since.Add(u.cfg.UnsignedAlert) })},
		stillOpen:    Guard{Name: "at most 24 h have passed since the end", open: (*unit).opens},
		complete:     Guard{Name: "the mandatory sections are filled", check: (*unit).isComplete},

		canAsk:     Guard{Name: "the clinic gives the service at once, and it is free or paid afterwards by the clinic's policy", check: (*unit).canAsk},
		wasOffered: Guard{Name: "the doctor was offered it, nobody else has taken it, and the doctor is licensed and in no other consultation", check: (*unit).wasOffered},
		waitedLong: Guard{Name: "30 min have passed since the patient asked", check: (*unit).waitedLong},

		reportable:   Guard{Name: "a reason is given and nobody has reported it before", open: (*unit).notReported, check: (*unit).hasReason},
		reported:     Guard{Name: "it has been reported as an error", open: (*unit).isReported},
		secondPerson: Guard{Name: "an administrator has reported it as an error, and this is another person", open: (*unit).bySecondPerson},
	}
}

func (u *unit) inWindow(a *Appointment) bool {
	return !u.now.Before(a.Start.Add(-u.cfg.CheckInEarly)) && u.now.Before(a.End.Add(u.cfg.JoinLate))
}

func (u *unit) chatWindow(a *Appointment) bool { return a.Modality == ModalityChat && u.inWindow(a) }

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

// bookingGrace lets a visit be booked that begins now, typed a moment ago.
const bookingGrace = 5 * time.Minute

func (u *unit) otherModality(a *Appointment, in *input) error {
	switch in.modality {
	case ModalityChat, ModalityAudio, ModalityVideo:
	default:
		return invalid("/modality", "chat, audio or video")
	}
	if in.modality == a.Modality {
		return invalid("/modality", "it is held that way already")
	}
	return nil
}

// onHold reports whether a hold has not run out. The timer that ends it may be a
// moment late; nobody gains by that.
func (u *unit) onHold(a *Appointment) bool { return u.now.Before(a.HoldExpires) }

func (u *unit) patientBooks(a *Appointment) bool {
	return u.onHold(a) && (a.Price.Minor == 0 || a.PayLater)
}

func (u *unit) mayPay(a *Appointment) bool {
	return u.onHold(a) && a.Price.Minor > 0 && u.paysOnline()
}

func (u *unit) deskDecides(a *Appointment) bool {
	return u.onHold(a) && a.Price.Minor > 0 && !a.PayLater && !u.paysOnline()
}

// paysOnline reports whether the clinic takes payments online.
func (u *unit) paysOnline() bool {
	clinic, err := u.clinic()
	return err == nil && clinic.PaysOnline
}

func (u *unit) isPaid(a *Appointment, in *input) error {
	if in.payment == "" {
		return fail(CodePaymentRequired, "no payment is recorded")
	}
	return u.isFree(a, in)
}

func (u *unit) isWaived(a *Appointment, in *input) error {
	if in.waiver == "" {
		return invalid("/waiverReason", "say why it is not paid beforehand")
	}
	return u.isFree(a, in)
}

func (u *unit) startOf(a *Appointment) time.Time     { return a.Start }
func (u *unit) holdEnds(a *Appointment) time.Time    { return a.HoldExpires }
func (u *unit) resumeUntil(a *Appointment) time.Time { return a.Since.Add(u.cfg.ResumeWithin) }

// noShowAt is when the server judges who did not come. In the demo's clinic
// nobody sits and waits: there a visit stays open as long as it can be joined.
func (u *unit) noShowAt(a *Appointment) time.Time {
	if clinic, err := u.clinic(); err == nil && clinic.Demo {
		return a.End.Add(u.cfg.JoinLate)
	}
	return a.Start.Add(u.cfg.NoShowWait)
}

func (u *unit) patientAbsent(a *Appointment) bool {
	return !u.now.Before(a.Start.Add(u.cfg.NoShowAfter)) && !u.presence.role(string(a.Encounter), RolePatient)
}

// came reports whether a role was ever in the visit's room.
func (u *unit) came(a *Appointment, role Role) bool {
	if u.presence.role(string(a.Encounter), role) {
		return true
	}
	e, err := u.encounter(a.Encounter)
	if err != nil {
		return false
	}
	for _, p := range e.Participants {
		if p.Role == role && !p.Joined.IsZero() {
			return true
		}
	}
	return false
}

// patientNeverCame: who came and left again while the doctor was late is no
// no-show, until the time to come has passed altogether.
func (u *unit) patientNeverCame(a *Appointment) bool {
	if u.presence.role(string(a.Encounter), RolePatient) || !u.came(a, RolePractitioner) {
		return false
	}
	return !u.came(a, RolePatient) || !u.now.Before(a.End.Add(u.cfg.JoinLate))
}

// doctorNeverCame: a doctor whose consultation before this one runs late is at
// work and will come.
func (u *unit) doctorNeverCame(a *Appointment) bool {
	if u.came(a, RolePractitioner) {
		return false
	}
	doctor, err := u.practitioner(a.Practitioner)
	return err == nil && !u.presence.anywhere(string(doctor.Account))
}

func (u *unit) someoneWaits(a *Appointment) bool { return u.presence.lobby(string(a.Encounter)) }

func (u *unit) patientLeft(a *Appointment) bool { return u.presence.left(string(a.Encounter)) }

func (u *unit) oneIsLost(a *Appointment) bool {
	return a.Modality != ModalityChat && !u.bothAreThere(a) && !u.bothAreGone(a)
}

func (u *unit) bothAreThere(a *Appointment) bool {
	room := string(a.Encounter)
	return u.presence.connected(room, RolePatient) && u.presence.connected(room, RolePractitioner)
}

func (u *unit) bothAreGone(a *Appointment) bool {
	room := string(a.Encounter)
	return !u.presence.role(room, RolePatient) && !u.presence.role(room, RolePractitioner)
}

func (u *unit) desertedAt(a *Appointment, since time.Time) time.Time {
	due := since.Add(u.cfg.DesertedAfter)
	if a.Modality == ModalityChat {
		return later(due, a.End)
	}
	return due
}

func (u *unit) talkedTooShort(a *Appointment) bool { return !u.talkedEnough(a) }

func (u *unit) talkedEnough(a *Appointment) bool {
	e, err := u.encounter(a.Encounter)
	return err == nil && e.Talked >= u.cfg.ShortTalk
}

func (u *unit) notReported(a *Appointment) bool { return a.ErrorBy == "" }
func (u *unit) isReported(a *Appointment) bool  { return a.ErrorBy != "" }

func (u *unit) bySecondPerson(a *Appointment) bool {
	return a.ErrorBy != "" && a.ErrorBy != u.who.Account
}
