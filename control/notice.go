package control

import (
	"context"
	"errors"
	"time"

	"consilium/control/calendar"
	"consilium/control/notify"
	"consilium/control/notify/letter"
	"consilium/store"
)

// follow is what people are told of a step of an appointment: the patient by email or
// SMS, and when to remind of it. It is part of the step's transaction.
func (u *unit) follow(a *Appointment, e Edge) error {
	if err := u.remindOf(a); err != nil {
		return err
	}
	what := noticeOf(e, a, u.who.partyTo(a))
	if what == "" || u.silent || !a.End.Add(lateNotice(what)).After(u.now) {
		return nil
	}
	v, err := u.newVisitWords(a)
	if err != nil || v == nil {
		return err
	}
	values, until := v.values(), time.Time{}
	switch what {
	case MsgBooked, MsgChanged:
		if values["link"], err = u.visitLink(v.patient.Account, a); err != nil {
			return err
		}
		if what == MsgChanged {
			before, _, err := u.t.appointments.Get(u, u.scope, string(a.Predecessor))
			if err != nil {
				return err
			}
			values["before"] = letter.When(v.locale, before.Start.In(v.zone))
		}
	case MsgCancelled, MsgDeclined:
		values["reason"] = ""
		if u.who.Role.Staff() {
			values["reason"] = a.Reason
		}
	case MsgOffer:
		values["until"], until = letter.When(v.locale, a.HoldExpires.In(v.zone)), a.HoldExpires
		if values["link"], err = u.visitLink(v.patient.Account, a); err != nil {
			return err
		}
	case MsgMissed, MsgDoctorMissed, MsgFailed:
		values["fee"] = ""
		if a.Fee.Minor > 0 {
			values["fee"] = a.Fee.String()
		}
		// To choose another time by, and no longer than that takes.
		if values["link"], err = u.visitLinkUntil(v.patient.Account, a, u.now.Add(24*time.Hour)); err != nil {
			return err
		}
	}
	var files []notify.Attachment
	switch what {
	case MsgBooked, MsgChanged, MsgCancelled: // the others are in nobody's calendar, or stay there
		files = []notify.Attachment{v.invitation()}
	}
	if !until.IsZero() {
		return u.sendUntil(v.to, what, values, files, until)
	}
	return u.sendWith(v.to, what, values, files)
}

// lateNotice is how long after a visit's planned end people are still told of a step.
func lateNotice(what MessageKind) time.Duration {
	switch what {
	case MsgMissed, MsgDoctorMissed, MsgFailed: // known only then
		return 24 * time.Hour
	}
	return 0
}

// noticeOf says what the patient is told of an edge, "" for nothing. Patients are not
// told what they have just done themselves, but for what changes their calendar.
func noticeOf(e Edge, a *Appointment, by Party) MessageKind {
	switch {
	case e.From == e.To, e.From == Queued: // who waits for help reads it where they wait
		return ""
	case e.To == Booked && e.From == "" && a.Predecessor != "":
		return MsgChanged
	case e.To == Booked && e.From != Waiting:
		return MsgBooked
	case e.To == CancelledClinic, e.To == Cancelled:
		return MsgCancelled
	case e.To == Declined && by != PartyPatient:
		return MsgDeclined
	case e.To == Held && e.From == "" && a.Wait != "":
		return MsgOffer
	case e.To == NoShow:
		return MsgMissed
	case e.To == ProviderNoShow:
		return MsgDoctorMissed
	case e.To == Failed:
		return MsgFailed
	}
	return ""
}

// visitWords is what messages about a visit are made of.
type visitWords struct {
	a       *Appointment
	clinic  Clinic
	patient Patient
	doctor  Practitioner
	zone    *time.Location
	to      Recipient // the patient
	locale  string    // of to
	host    string    // of this server, for ids of events
	from    string    // the sender's address
}

// newVisitWords gathers them, or returns nil when there is no way to the patient.
func (u *unit) newVisitWords(a *Appointment) (*visitWords, error) {
	v, err := u.wordsOf(a)
	if err != nil {
		return nil, err
	}
	var ok bool
	if v.to, ok, err = u.reachPatient(&v.patient); err != nil || !ok {
		return nil, err
	}
	v.locale = u.letters.Locale(orElse(v.to.Locale, v.clinic.Language()))
	return v, nil
}

// wordsOf gathers what does not depend on who is told.
func (u *unit) wordsOf(a *Appointment) (*visitWords, error) {
	v := &visitWords{a: a, host: u.cfg.host(), from: u.cfg.MailFrom}
	var err error
	if v.clinic, err = u.clinic(); err != nil {
		return nil, err
	}
	if v.zone, err = v.clinic.Location(); err != nil {
		return nil, err
	}
	if v.doctor, err = u.practitioner(a.Practitioner); err != nil {
		return nil, err
	}
	v.patient, err = u.patient(a.Patient)
	return v, err
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// values are what all messages about a visit name.
func (v *visitWords) values() map[string]string {
	start := v.a.Start.In(v.zone)
	return map[string]string{"when": letter.When(v.locale, start), "zone": letter.Zone(start), "doctor": v.doctor.Name}
}

// reachPatient says where a patient is written to: as they wish, if the server sends that
// and there is an address for it; else by email, else by SMS.
func (u *unit) reachPatient(p *Patient) (Recipient, bool, error) {
	account, err := u.account(p.Account)
	if ErrorCode(err) == CodeNotFound { // a card without a login yet
		account, err = Account{}, nil
	}
	if err != nil {
		return Recipient{}, false, err
	}
	for _, typed := range addresses(&account, p) {
		channel, address, err := notify.ParseAddress(typed)
		if err == nil && u.carries(channel) {
			return Recipient{Channel: channel, Address: address, Locale: account.Locale, Patient: p.ID}, true, nil
		}
	}
	return Recipient{}, false, nil
}

// visitLink makes a link that signs the patient in for a visit, until it is over.
func (u *unit) visitLink(account AccountID, a *Appointment) (path string, err error) {
	return u.visitLinkUntil(account, a, a.End.Add(u.cfg.JoinLate))
}

func (u *unit) visitLinkUntil(account AccountID, a *Appointment, until time.Time) (path string, err error) {
	token := newToken(ClinicID(u.scope))
	link := SignInLink{Kind: LinkVisit, Account: account, Appointment: a.ID, Expires: until}
	return "/visit#" + token, u.putLink(token, link)
}

// event is the visit in a calendar. Its words tell nothing of why people meet.
func (v *visitWords) event() calendar.Event {
	summary := map[string]string{"ru": "Консультация", "en": "Consultation"}[v.locale]
	name := v.clinic.Name.In(v.locale, v.clinic.Language())
	return calendar.Event{
		UID: v.a.uid(v.host), Sequence: v.a.sequence(), Status: v.a.eventStatus(), Start: v.a.Start, End: v.a.End, Stamp: v.a.Since,
		Summary: summary + " · " + name, Details: v.doctor.Name,
		Organizer: v.from, OrganizerName: name, Attendee: v.to.Address,
	}
}

// ICS returns a visit as a file for the actor's own calendar.
func (s *Appointments) ICS(ctx context.Context, who Actor, id AppointmentID) ([]byte, error) {
	var out []byte
	if err := s.authorize(who, OpReadAppointment); err != nil {
		return nil, err
	}
	err := s.view(ctx, who, func(u *unit) error {
		a, err := u.appointment(id)
		if err != nil {
			return err
		}
		v, err := u.wordsOf(&a)
		if err != nil {
			return err
		}
		v.locale = u.letters.Locale(orElse(who.Locale, v.clinic.Language()))
		feed := calendar.Feed{Method: calendar.Publish, Events: []calendar.Event{v.event()}}
		out = feed.ICS()
		return nil
	})
	return out, err
}

// invitation is the file that puts the visit into the patient's calendar, moves it
// there, or takes it out.
func (v *visitWords) invitation() notify.Attachment {
	e := v.event()
	feed := calendar.Feed{Method: calendar.Request, Events: []calendar.Event{e}}
	name := "visit.ics"
	if e.Status == calendar.Cancelled {
		feed.Method, name = calendar.Cancel, "cancelled.ics"
	}
	return notify.Attachment{Name: name, Type: "text/calendar; charset=UTF-8; method=" + string(feed.Method), Content: feed.ICS()}
}

// uid names the visit in calendars; it stays when the visit moves.
func (p *Appointment) uid(host string) string { return string(p.Thread()) + "@" + host }

// sequence grows with each move and with the end of it (RFC 5545 §3.8.7.4).
func (p *Appointment) sequence() int {
	n := 2 * p.Sequence
	if p.eventStatus() == calendar.Cancelled {
		n++
	}
	return n
}

// eventStatus is the visit's status in the words of calendars.
func (p *Appointment) eventStatus() calendar.EventStatus {
	switch p.Status {
	case Requested, Held, AwaitingPayment:
		return calendar.Tentative
	case Cancelled, CancelledClinic, Declined, Withdrawn, Expired, Rescheduled, EnteredInError:
		return calendar.Cancelled
	}
	return calendar.Confirmed
}

// gone reports whether a record is not there any more, or cannot be read for good.
func gone(err error) bool {
	return ErrorCode(err) == CodeNotFound || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrErased)
}
