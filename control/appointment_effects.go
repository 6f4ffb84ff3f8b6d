package control

import (
	"errors"
	"time"

	"consilium/store"
)

// effects are what edges of the state table do in their own transaction, besides
// changing the status, the timers, the audit trail and the open pages.
type effects struct {
	hold, extend, ask, plan, move, cancel, shut, missed, alert Effect
	begin, switchTo, pause, resume, end                        Effect
	joinQueue, takeCall, leaveQueue, callBack                  Effect
	remind, escalate, amend, report, refute, strike            Effect
}

func newEffects() effects {
	return effects{
		hold:   Effect{"the time is taken for 10 min", (*unit).beginHold},
		extend: Effect{"the hold lasts 20 min in all", (*unit).extendHold},
		ask:    Effect{"the clinic is asked; the time is free again until it confirms", (*unit).askClinic},
		plan:   Effect{"the encounter is planned", (*unit).planEncounter},
		move:   Effect{"the new visit stands already, one sequence number on; the room closes, guests' access ends", (*unit).moveAway},
		cancel: Effect{"the fee of the service's cancellation terms is noted; the room closes, guests' access ends", (*unit).cancelByPatient},
		shut:   Effect{"the room closes, guests' access ends", (*unit).shutRoom},
		missed: Effect{"the price is due unless it is the patient's first time; the room closes, guests' access ends", (*unit).missedVisit},
		alert:  Effect{"the clinic is alerted; the room closes, guests' access ends", (*unit).doctorMissed},

		begin:    Effect{"the encounter begins", (*unit).beginEncounter},
		switchTo: Effect{"the modality changes", (*unit).switchModality},
		pause:    Effect{"the time talked so far is noted", (*unit).pauseTalk},
		resume:   Effect{"talking goes on", (*unit).resumeTalk},
		end:      Effect{"the room closes, guests' access ends, the conclusion is drafted", (*unit).endEncounter},

		joinQueue:  Effect{"doctors on duty are offered it: 3 at a time for 30 s, all at 60 s, the duty contact at 120 s", (*unit).joinQueue},
		takeCall:   Effect{"the doctor becomes the visit's; the encounter begins with both let in; other offers end; the price waits", (*unit).takeCall},
		leaveQueue: Effect{"all offers of it end", (*unit).leaveQueue},
		callBack:   Effect{"all offers of it end; the duty contact is asked to call the patient", (*unit).callBack},

		remind:   Effect{"the doctor is reminded", (*unit).nagDoctor},
		escalate: Effect{"the clinic is alerted", (*unit).alertUnsigned},
		amend:    Effect{Name: "the new version's PDF is in the card, the old one is marked as superseded"},
		report:   Effect{"a second person is asked", (*unit).reportError},
		refute:   Effect{"the report is dropped", (*unit).refuteError},
		strike:   Effect{"the entry is struck out; the room closes, guests' access ends", (*unit).strikeOut},
	}
}

func (u *unit) beginHold(a *Appointment, in *input) error {
	ttl := in.ttl
	if ttl == 0 {
		ttl = u.cfg.HoldTTL
	}
	a.HeldAt, a.HoldExpires = u.now, u.now.Add(ttl)
	return nil
}

func (u *unit) extendHold(a *Appointment, in *input) error {
	a.HoldExpires = later(a.HoldExpires, a.HeldAt.Add(u.cfg.HoldMax))
	return u.takeDetails(a, in)
}

func (u *unit) askClinic(a *Appointment, in *input) error {
	a.HoldExpires = time.Time{}
	if err := u.takeDetails(a, in); err != nil {
		return err
	}
	return u.waitIsOver(a)
}

// takeDetails puts down what the patient said when they confirmed a hold.
func (u *unit) takeDetails(a *Appointment, in *input) error {
	if in.complaint != "" {
		a.Complaint = in.complaint
	}
	if in.modality == "" {
		return nil
	}
	service, err := u.service(a.Service)
	if err != nil {
		return err
	}
	a.Modality, err = service.modality(in.modality)
	return err
}

// planEncounter is the effect of a booking: the room has a name from then on.
func (u *unit) planEncounter(a *Appointment, in *input) error {
	if err := u.takeDetails(a, in); err != nil {
		return err
	}
	a.HoldExpires = time.Time{}
	switch {
	case in.waiver != "":
		a.Waiver = in.waiver
	case in.payment != "":
		a.Payment = in.payment
	case a.Waiver == "" && a.Payment == "" && a.Price.Minor > 0:
		a.Waiver = waiverByService
	}
	doctor, err := u.practitioner(a.Practitioner)
	if err != nil {
		return err
	}
	patient, err := u.patient(a.Patient)
	if err != nil {
		return err
	}
	e := Encounter{
		ID: a.Encounter, Appointment: a.ID, Patient: a.Patient, Practitioner: a.Practitioner,
		Participants: []Participant{
			{Account: doctor.Account, Role: RolePractitioner, Name: doctor.Name, Admitted: true},
			{Account: patient.Account, Role: RolePatient, Name: patient.Name},
		},
	}
	if _, err := u.t.encounters.Put(u, u.scope, &e, 0); err != nil {
		return err
	}
	if _, err := u.t.rooms.Put(u, store.Global, &roomPlace{e.ID, u.who.Clinic}, 0); err != nil {
		return err
	}
	if err := u.issueConsents(a.Patient); err != nil {
		return err
	}
	return u.waitIsOver(a)
}

func (u *unit) moveAway(a *Appointment, in *input) error {
	a.Successor = in.moved.ID
	return u.shutRoom(a, in)
}

func (u *unit) cancelByPatient(a *Appointment, in *input) error {
	terms, err := u.cancelTerms(a)
	if err != nil {
		return err
	}
	a.Fee = terms.Fee
	return u.shutRoom(a, in)
}

// missedVisit notes what a no-show costs: the price, but nothing the first time.
func (u *unit) missedVisit(a *Appointment, in *input) error {
	k := store.Text(string(a.Patient))
	for past, err := range u.t.appointments.RangeBack(u, u.scope, u.t.byPatient, k, k.Time(a.Start)) {
		if err != nil {
			return err
		}
		if past.Status == NoShow && past.ID != a.ID && a.owes() {
			a.Fee = a.Price
			break
		}
	}
	return u.shutRoom(a, in)
}

func (u *unit) doctorMissed(a *Appointment, in *input) error {
	a.Attention = AttentionDoctorMissed
	return u.shutRoom(a, in)
}

// beginEncounter is the effect of admitting the patient, and of beginning a chat,
// to which the patient may come at any time.
func (u *unit) beginEncounter(a *Appointment, _ *input) error {
	return u.changeEncounter(a.Encounter, func(e *Encounter) {
		e.StartedAt, e.ResumedAt = u.now, u.now
		for i := range e.Participants {
			if p := &e.Participants[i]; p.Role == RolePatient && a.Modality == ModalityChat {
				p.Admitted = true
			}
		}
	})
}

func (u *unit) switchModality(a *Appointment, in *input) error {
	note := string(a.Modality) + ">" + string(in.modality)
	a.Modality = in.modality
	return u.audit("appointment.modality", "appointment", string(a.ID), note)
}

func (u *unit) pauseTalk(a *Appointment, _ *input) error {
	return u.changeEncounter(a.Encounter, func(e *Encounter) { e.pause(u.now) })
}

func (u *unit) resumeTalk(a *Appointment, _ *input) error {
	return u.changeEncounter(a.Encounter, func(e *Encounter) { e.ResumedAt = u.now })
}

// endEncounter is the effect of finishing.
func (u *unit) endEncounter(a *Appointment, in *input) error {
	err := u.changeEncounter(a.Encounter, func(e *Encounter) {
		e.pause(u.now)
		e.FinishedAt = u.now
	})
	if err != nil {
		return err
	}
	if err := u.draft(a); err != nil {
		return err
	}
	ends := Job{Kind: JobAccessEnds, Object: string(a.Patient), Note: string(a.Practitioner), Due: u.now.Add(documentingOpen)}
	if err := u.enqueue(ends); err != nil {
		return err
	}
	return u.shutRoom(a, in)
}

// shutRoom closes the room and ends what guests may do.
func (u *unit) shutRoom(a *Appointment, _ *input) error {
	e, err := u.encounter(a.Encounter)
	if err != nil {
		return err
	}
	for _, p := range e.Participants {
		if p.Role == RoleGuest {
			if err := u.closeGuest(p.Account); err != nil {
				return err
			}
		}
	}
	reason := "finished"
	if a.Status != Documenting {
		reason = "cancelled"
	}
	return u.enqueue(Job{Kind: JobCloseRoom, Object: string(e.ID), Note: reason})
}

func (u *unit) nagDoctor(a *Appointment, _ *input) error {
	a.Attention = AttentionUnsigned
	return nil
}

func (u *unit) alertUnsigned(a *Appointment, _ *input) error {
	a.Attention = AttentionLongUnsigned
	return nil
}

func (u *unit) reportError(a *Appointment, in *input) error {
	a.ErrorBy, a.ErrorReason, a.Attention = u.who.Account, in.reason, AttentionError
	return nil
}

func (u *unit) refuteError(a *Appointment, _ *input) error {
	a.ErrorBy, a.ErrorReason, a.Attention = "", "", ""
	return nil
}

// strikeOut takes an entry out of use. It stays in the store with all who had a
// hand in it.
func (u *unit) strikeOut(a *Appointment, in *input) error {
	a.Reason, a.HoldExpires, a.Fee, a.Attention = a.ErrorReason, time.Time{}, Money{}, ""
	_, err := u.encounter(a.Encounter)
	if ErrorCode(err) == CodeNotFound {
		return nil // never planned
	}
	if err != nil {
		return err
	}
	return u.shutRoom(a, in)
}

// waitIsOver takes the patient off the waiting list whose offer they took.
func (u *unit) waitIsOver(a *Appointment) error {
	if a.Wait == "" {
		return nil
	}
	w, _, err := u.t.waits.Get(u, u.scope, string(a.Wait))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	w.Status, w.Appointment = WaitBooked, a.ID
	return u.putWait(&w)
}
