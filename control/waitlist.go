package control

import (
	"context"
	"slices"
	"strings"
	"time"

	"consilium/control/calendar"
	"consilium/internal/id"
	"consilium/store"
)

// WaitEntry is a patient's wish for a time that was not free. Freed times are held
// for those who wait, in the order in which they came.
type WaitEntry struct {
	store.Revised
	ID           WaitID
	Patient      PatientID
	Service      ServiceID
	Practitioner PractitionerID // "" for any who gives the service
	First, Last  calendar.Date  // the days that suit, in the clinic's zone
	Status       WaitStatus
	Created      time.Time
	Appointment  AppointmentID // the held offer, or what it became
	Passed       []string      // times that were offered and not taken, not to be offered again
}

// WaitStatus is what became of a wish.
type WaitStatus string

// The statuses of an entry.
const (
	WaitWaiting WaitStatus = "waiting"
	WaitOffered WaitStatus = "offered"
	WaitBooked  WaitStatus = "booked"
	WaitLeft    WaitStatus = "left"
	WaitOver    WaitStatus = "over" // its last day has passed
)

// WaitView is an entry with the names in it, and the offer that is held for it.
type WaitView struct {
	WaitEntry
	Service      Service
	Practitioner *Practitioner
	PatientName  string
	Offer        *AppointmentView
	Before       int // how many who were there earlier may get the same time
}

// maxWaits bounds a patient's open entries, maxPassed the times that one remembers.
const (
	maxWaits  = 5
	maxPassed = 50
)

// turn is an entry's place in the line; those that no longer wait have none.
func (w *WaitEntry) turn() store.Key {
	if w.Status != WaitWaiting && w.Status != WaitOffered {
		return ""
	}
	return store.Time(w.Created)
}

// Waitlist is about who waits for a time that is not free yet.
type Waitlist struct{ *core }

// Wish is what a patient waits for.
type Wish struct {
	Patient      PatientID
	Service      ServiceID
	Practitioner PractitionerID
	First, Last  calendar.Date
}

// Join puts a patient on the list. The same wish twice is one entry.
func (s *Waitlist) Join(ctx context.Context, who Actor, wish Wish) (WaitView, error) {
	var out WaitView
	if err := s.authorize(who, OpJoinWaitlist); err != nil {
		return out, err
	}
	if who.Role == RolePatient && wish.Patient != who.Patient {
		return out, notFound("patient")
	}
	fresh := WaitID(id.New())
	err := s.update(ctx, who, func(u *unit) error {
		if err := u.checkWish(&wish); err != nil {
			return err
		}
		open := 0
		for w, err := range u.t.waits.Where(u, u.scope, u.t.waitsOf, store.Text(string(wish.Patient))) {
			if err != nil {
				return err
			}
			if w.turn() == "" {
				continue
			}
			if w.Service == wish.Service && w.Practitioner == wish.Practitioner && w.First == wish.First && w.Last == wish.Last {
				out, err = u.showWait(&w)
				return err
			}
			open++
		}
		if open >= maxWaits {
			return fail(CodeTooMany, "at most %d wishes at a time", maxWaits)
		}
		w := WaitEntry{
			ID: fresh, Patient: wish.Patient, Service: wish.Service, Practitioner: wish.Practitioner,
			First: wish.First, Last: wish.Last, Status: WaitWaiting, Created: u.now,
		}
		if err := u.putWait(&w); err != nil {
			return err
		}
		var err error
		if out, err = u.showWait(&w); err != nil {
			return err
		}
		return u.audit("waitlist.join", "wait", string(w.ID), "")
	})
	return out, err
}

func (u *unit) checkWish(wish *Wish) error {
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	loc, err := clinic.Location()
	if err != nil {
		return err
	}
	today := calendar.DateOf(u.now.In(loc))
	switch {
	case wish.Last.Compare(wish.First) < 0:
		return invalid("/last", "must not be before the first day")
	case wish.Last.Compare(today) < 0:
		return invalid("/last", "this day has passed")
	case dayStart(wish.First, loc).AddDate(0, 0, maxHorizonDays).Before(dayStart(wish.Last, loc)):
		return invalid("/last", "at most a year after the first day")
	}
	service, err := u.service(wish.Service)
	if err != nil {
		return err
	}
	if !service.Active {
		return fail(CodeUnbookable, "this service can't be booked")
	}
	if _, err := u.patient(wish.Patient); err != nil {
		return err
	}
	if wish.Practitioner == "" {
		return nil
	}
	doctor, err := u.practitioner(wish.Practitioner)
	if err != nil {
		return err
	}
	return doctor.Bookable(service.ID, u.now)
}

// List returns the open entries: a patient's own, or all for staff, by turn.
func (s *Waitlist) List(ctx context.Context, who Actor) ([]WaitView, error) {
	if err := s.authorize(who, OpReadWaitlist); err != nil {
		return nil, err
	}
	var out []WaitView
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		all := u.t.waits.Range(u, u.scope, u.t.waitsByTurn, "", "")
		if who.Role == RolePatient {
			all = u.t.waits.Where(u, u.scope, u.t.waitsOf, store.Text(string(who.Patient)))
		}
		for w, err := range all {
			if err != nil {
				return err
			}
			if w.turn() == "" {
				continue
			}
			v, err := u.showWait(&w)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// Leave takes an entry off the list; an offer that is held for it is given back.
func (s *Waitlist) Leave(ctx context.Context, who Actor, id WaitID) error {
	if err := s.authorize(who, OpLeaveWaitlist); err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		w, _, err := u.t.waits.Get(u, u.scope, string(id))
		if err != nil {
			return missing(err, "entry")
		}
		if who.Role == RolePatient && w.Patient != who.Patient {
			return notFound("entry")
		}
		if w.turn() == "" {
			return nil
		}
		offer := w.Appointment
		w.Status, w.Appointment = WaitLeft, ""
		if err := u.putWait(&w); err != nil {
			return err
		}
		if offer != "" {
			a, err := u.appointment(offer)
			if err != nil {
				return err
			}
			if a.Status == Held {
				if err := u.transit(&a, ActRelease, &input{}); err != nil {
					return err
				}
			}
		}
		return u.audit("waitlist.leave", "wait", string(w.ID), "")
	})
}

func (u *unit) putWait(w *WaitEntry) error {
	if _, err := u.t.waits.Put(u, u.scope, w, w.Rev); err != nil {
		return err
	}
	u.tell("wait", string(w.ID), w.Rev, "clinic:"+u.scope, "patient:"+string(w.Patient))
	return nil
}

func (u *unit) showWait(w *WaitEntry) (WaitView, error) {
	out := WaitView{WaitEntry: *w}
	var err error
	if out.Service, err = u.service(w.Service); err != nil {
		return out, err
	}
	if w.Practitioner != "" {
		doctor, err := u.practitioner(w.Practitioner)
		if err != nil {
			return out, err
		}
		out.Practitioner = &doctor
	}
	p, err := u.patient(w.Patient)
	if err != nil {
		return out, err
	}
	out.PatientName = p.Name
	if w.Status == WaitWaiting {
		if out.Before, err = u.before(w); err != nil {
			return out, err
		}
	}
	if w.Status == WaitOffered {
		a, _, err := u.t.appointments.Get(u, u.scope, string(w.Appointment))
		if err != nil {
			return out, err
		}
		v, err := u.show(&a)
		if err != nil {
			return out, err
		}
		out.Offer = &v
	}
	return out, nil
}

// before counts the entries that are offered what suits this one sooner.
func (u *unit) before(w *WaitEntry) (n int, err error) {
	for other, err := range u.t.waits.Range(u, u.scope, u.t.waitsByTurn, "", w.turn()) {
		if err != nil {
			return n, err
		}
		if other.ID != w.ID && other.Status == WaitWaiting && other.rivals(w) {
			n++
		}
	}
	return n, nil
}

// rivals reports whether one free time may suit both.
func (w *WaitEntry) rivals(other *WaitEntry) bool {
	if w.Last.Compare(other.First) < 0 || other.Last.Compare(w.First) < 0 {
		return false
	}
	if w.Practitioner != "" && other.Practitioner != "" {
		return w.Practitioner == other.Practitioner
	}
	return w.Service == other.Service
}

// offerFreed promises that a doctor's freed time is offered to those who wait.
func (u *unit) offerFreed(doctor PractitionerID, from, to time.Time) error {
	return u.enqueue(Job{
		Kind: JobOfferSlots, Object: string(doctor),
		Note: from.UTC().Format(time.RFC3339) + "/" + to.UTC().Format(time.RFC3339),
	})
}

// offerSlots holds free times of a doctor for those who wait, in turn, each what
// suits them first. Done twice it finds the times taken and the entries served.
func (c *core) offerSlots(ctx context.Context, clinic ClinicID, j Job) error {
	first, last, _ := strings.Cut(j.Note, "/")
	from, err := time.Parse(time.RFC3339, first)
	if err != nil {
		return err
	}
	to, err := time.Parse(time.RFC3339, last)
	if err != nil {
		return err
	}
	return c.update(ctx, System(clinic), func(u *unit) error {
		doctor, err := u.practitioner(PractitionerID(j.Object))
		if ErrorCode(err) == CodeNotFound {
			return nil
		}
		if err != nil {
			return err
		}
		var line []WaitEntry
		for w, err := range u.t.waits.Range(u, u.scope, u.t.waitsByTurn, "", "") {
			if err != nil {
				return err
			}
			line = append(line, w)
		}
		for i := range line {
			if err := u.serve(&line[i], &doctor, later(from, u.now), to); err != nil {
				return err
			}
		}
		return nil
	})
}

// serve holds the first time that suits an entry, if there is one.
func (u *unit) serve(w *WaitEntry, doctor *Practitioner, from, to time.Time) error {
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	loc, err := clinic.Location()
	if err != nil {
		return err
	}
	if w.Last.Compare(calendar.DateOf(u.now.In(loc))) < 0 {
		w.Status = WaitOver
		return u.putWait(w)
	}
	if w.Status == WaitOffered {
		lapsed, err := u.lapsed(w)
		if err != nil || !lapsed {
			return err
		}
	}
	if w.Practitioner != "" && w.Practitioner != doctor.ID || !slices.Contains(doctor.Services, w.Service) {
		return nil
	}
	service, err := u.service(w.Service)
	if err != nil {
		return err
	}
	if clinic.Jurisdiction.permit(&service, nil, "", "") != nil {
		return nil // it needs more than a free time
	}
	// A longer visit may begin before the time that was freed.
	from = later(later(from.Add(-service.Duration), u.now), dayStart(w.First, loc))
	to = sooner(to, dayStart(w.Last.Next(), loc))
	if !from.Before(to) {
		return nil
	}
	free, err := u.freeSlots(&clinic, doctor, &service, asking{patient: w.Patient, notice: true}, from, to)
	if err != nil {
		return err
	}
	for _, f := range free {
		if !slices.Contains(w.Passed, offerMark(doctor.ID, f.Start)) {
			return u.offer(w, doctor, f.Start)
		}
	}
	return nil
}

// lapsed puts an entry whose offer was not taken back into the line.
func (u *unit) lapsed(w *WaitEntry) (bool, error) {
	a, _, err := u.t.appointments.Get(u, u.scope, string(w.Appointment))
	if err != nil {
		return false, missing(err, "appointment")
	}
	if a.Status == Held || a.Status == AwaitingPayment {
		return false, nil
	}
	w.Status, w.Appointment = WaitWaiting, ""
	return true, u.putWait(w)
}

func (u *unit) offer(w *WaitEntry, doctor *Practitioner, start time.Time) error {
	a := Appointment{ID: AppointmentID(id.New()), Encounter: EncounterID(id.New()), Wait: w.ID}
	b := Booking{Patient: w.Patient, Practitioner: doctor.ID, Service: w.Service, Start: start}
	if err := u.fill(&a, &b); err != nil {
		return err
	}
	if err := u.transit(&a, ActHold, &input{ttl: u.cfg.OfferTTL}); err != nil {
		return err
	}
	w.Status, w.Appointment = WaitOffered, a.ID
	w.Passed = append(w.Passed, offerMark(doctor.ID, start))
	if len(w.Passed) > maxPassed {
		w.Passed = w.Passed[1:]
	}
	return u.putWait(w)
}

func dayStart(d calendar.Date, zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

func offerMark(doctor PractitionerID, start time.Time) string {
	return string(doctor) + " " + start.UTC().Format(time.RFC3339)
}
