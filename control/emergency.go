package control

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"consilium/control/triage"
	"consilium/internal/id"
	"consilium/store"
)

// Emergency is a patient's place in the queue for help at once: the same id as the
// appointment, which is queued as long as the place is open.
type Emergency struct {
	store.Revised
	ID        AppointmentID
	Patient   PatientID
	Band      triage.Band
	Needs     triage.Needs
	Asked     time.Time
	Offers    []Offer
	Escalated time.Time      // when the duty contact was told; zero for not yet
	Ended     time.Time      // zero while somebody waits
	Taken     PractitionerID // who accepted
}

// Emergencies is about patients who ask for help now, and the doctors on duty.
type Emergencies struct{ *core }

// HelpForm is what a patient is asked before joining the queue.
type HelpForm struct {
	Clinic    Clinic
	Number    string // of the country's emergency service
	Questions []triage.Question
	Services  []Service     // what can be asked for now; none: the clinic gives no help at once
	OnDuty    int           // doctors on duty
	Open      AppointmentID // the patient's own place in the queue, if there is one
}

// HelpRequest asks for help now.
type HelpRequest struct {
	Service   ServiceID
	Modality  Modality // "" for the service's first
	Yes       []string // keys of the questions answered with yes
	Complaint string
}

// EmergencyView is a place in the queue as a viewer sees it.
type EmergencyView struct {
	Emergency
	Appointment AppointmentView
	Number      string
	Rank        triage.Band // the band that it counts as after waiting
	Position    int         // from 1; 0 once nobody waits any more
	OnDuty      int
	Outlook     triage.Outlook
	Doctors     map[PractitionerID]string // names of those offered it; for the desk
}

// Form returns the questions, the emergency number and what can be asked for.
func (s *Emergencies) Form(ctx context.Context, who Actor) (HelpForm, error) {
	var out HelpForm
	if err := s.authorize(who, OpAskHelp); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) error {
		policy, err := u.helpPolicy()
		if err != nil {
			return err
		}
		clinic, err := u.clinic()
		if err != nil {
			return err
		}
		out = HelpForm{Clinic: clinic, Number: clinic.emergencyNumber(), Questions: triage.Questions(clinic.Jurisdiction.ID)}
		if out.Services, err = u.urgentServices(&policy); err != nil {
			return err
		}
		queue, err := u.queue()
		if err != nil {
			return err
		}
		for _, e := range queue.open {
			if e.Patient == who.Patient {
				out.Open = e.ID
			}
		}
		out.OnDuty = len(queue.doctors)
		return nil
	})
	return out, err
}

// Ask puts the actor into the queue. Whoever is in it already stays where they are.
func (s *Emergencies) Ask(ctx context.Context, who Actor, r HelpRequest) (EmergencyView, error) {
	var out EmergencyView
	if err := s.authorize(who, OpAskHelp); err != nil {
		return out, err
	}
	r.Complaint = strings.TrimSpace(r.Complaint)
	if utf8.RuneCountInString(r.Complaint) > 2000 {
		return out, invalid("/complaint", "at most 2000 characters")
	}
	fresh := Appointment{ID: AppointmentID(id.New()), Encounter: EncounterID(id.New())}
	err := s.update(ctx, who, func(u *unit) error {
		known, err := u.openCall(who.Patient)
		if err != nil {
			return err
		}
		if known != nil {
			out, err = u.showCall(known)
			return err
		}
		a := fresh
		e, err := u.call(&a, &r)
		if err != nil {
			return err
		}
		if err := u.transit(&a, ActAskNow, &input{call: e}); err != nil {
			return err
		}
		if err := u.runQueue(); err != nil {
			return err
		}
		if e, err = u.emergency(a.ID); err != nil {
			return err
		}
		out, err = u.showCall(e)
		return err
	})
	return out, err
}

// call fills in a fresh appointment and its place in the queue.
func (u *unit) call(a *Appointment, r *HelpRequest) (*Emergency, error) {
	clinic, err := u.clinic()
	if err != nil {
		return nil, err
	}
	loc, err := clinic.Location()
	if err != nil {
		return nil, err
	}
	service, err := u.service(r.Service)
	if err != nil {
		return nil, err
	}
	questions := triage.Questions(clinic.Jurisdiction.ID)
	band, ok := triage.BandOf(questions, r.Yes)
	if !ok {
		return nil, invalid("/redFlags", "a question that is not asked here")
	}
	if a.Modality, err = service.modality(r.Modality); err != nil {
		return nil, err
	}
	account, err := u.account(u.who.Account)
	if err != nil {
		return nil, err
	}
	a.Service, a.Patient, a.Price = service.ID, u.who.Patient, service.Price
	a.Complaint = withFlags(questions, r, clinic.Language())
	u.timeCall(a, &clinic, loc, service.Duration)
	n, err := u.t.numbers.Next(u, u.scope+"/appointment/"+u.now.In(loc).Format("2006"))
	if err != nil {
		return nil, err
	}
	a.No = fmt.Sprintf("%s-%06d", u.now.In(loc).Format("2006"), n)
	return &Emergency{
		ID: a.ID, Patient: a.Patient, Band: band, Asked: u.now,
		Needs: triage.Needs{Service: string(service.ID), Language: account.Locale, Until: a.End},
	}, nil
}

// timeCall makes the visit's time the present.
func (u *unit) timeCall(a *Appointment, clinic *Clinic, loc *time.Location, length time.Duration) {
	a.Start, a.End = u.now, u.now.Add(length)
	a.Zone, a.Wall = clinic.Zone, u.now.In(loc).Format("2006-01-02T15:04")
}

// withFlags puts the signs that the patient confirmed before their own words: they are
// what a doctor wants to read first.
func withFlags(asked []triage.Question, r *HelpRequest, language string) string {
	var lines []string
	for _, q := range asked {
		if slices.Contains(r.Yes, q.Key) {
			lines = append(lines, "• "+Text(q.Text).In(language, "en"))
		}
	}
	if r.Complaint != "" {
		lines = append(lines, r.Complaint)
	}
	return strings.Join(lines, "\n")
}

// canAsk is the guard of asking for help now.
func (u *unit) canAsk(a *Appointment, _ *input) error {
	policy, err := u.helpPolicy()
	if err != nil {
		return err
	}
	service, err := u.service(a.Service)
	if err != nil {
		return err
	}
	if !service.Active || !service.Urgent {
		return fail(CodeUnbookable, "this service is not given at once")
	}
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	if err := clinic.Jurisdiction.permit(&service, nil, u.who.Locale, clinic.Language()); err != nil {
		return err
	}
	if a.Price.Minor > 0 && !policy.PayLater {
		return fail(CodePaymentRequired, "this clinic does not give paid services before they are paid")
	}
	return nil
}

// joinQueue is the effect of asking for help now.
func (u *unit) joinQueue(a *Appointment, in *input) error {
	e := *in.call
	e.ID, e.Patient, e.Rev = a.ID, a.Patient, 0
	if _, err := u.t.emergencies.Put(u, u.scope, &e, 0); err != nil {
		return err
	}
	u.tellCall(&e)
	return nil
}

// leaveQueue is the effect of everything that ends the waiting without a doctor.
func (u *unit) leaveQueue(a *Appointment, _ *input) error {
	e, err := u.emergency(a.ID)
	if err != nil {
		return err
	}
	return u.endCall(e)
}

// endCall closes a place in the queue and what was offered of it.
func (u *unit) endCall(e *Emergency) error {
	e.Ended = u.now
	for i := range e.Offers {
		if o := &e.Offers[i]; o.State == triage.Open || o.State == triage.Missed {
			o.State = triage.Over
		}
	}
	return u.putCall(e)
}

// putCall saves a place in the queue and tells everybody whom it concerns.
func (u *unit) putCall(e *Emergency) error {
	if _, err := u.t.emergencies.Put(u, u.scope, e, e.Rev); err != nil {
		return err
	}
	u.tellCall(e)
	return nil
}

func (u *unit) tellCall(e *Emergency) {
	u.tell("emergency", string(e.ID), e.Rev, "clinic:"+u.scope, "patient:"+string(e.Patient))
	for _, o := range e.Offers {
		u.tell("offer", o.ID, e.Rev, "practitioner:"+string(o.Practitioner))
	}
	u.queueChanged = true
}

func (u *unit) emergency(id AppointmentID) (*Emergency, error) {
	e, _, err := u.t.emergencies.Get(u, u.scope, string(id))
	if err != nil {
		return nil, missing(err, "emergency")
	}
	return &e, nil
}

// openCall returns the patient's place in the queue, or nil.
func (u *unit) openCall(patient PatientID) (*Emergency, error) {
	for e, err := range u.t.emergencies.Range(u, u.scope, u.t.emergenciesOpen, "", "") {
		if err != nil {
			return nil, err
		}
		if e.Patient == patient {
			return &e, nil
		}
	}
	return nil, nil
}

// Get returns a place in the queue to its patient and to the desk.
func (s *Emergencies) Get(ctx context.Context, who Actor, id AppointmentID) (EmergencyView, error) {
	var out EmergencyView
	if err := s.authorize(who, OpReadEmergency); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) error {
		e, err := u.ownCall(id)
		if err != nil {
			return err
		}
		out, err = u.showCall(e)
		return err
	})
	return out, err
}

// ownCall loads a place in the queue that the actor has to do with.
func (u *unit) ownCall(id AppointmentID) (*Emergency, error) {
	e, err := u.emergency(id)
	if err == nil && u.who.Role == RolePatient && e.Patient != u.who.Patient {
		return nil, notFound("emergency")
	}
	return e, err
}

// List returns all who wait, by who is helped first, for the clinic's desk.
func (s *Emergencies) List(ctx context.Context, who Actor) ([]EmergencyView, error) {
	var out []EmergencyView
	if err := s.authorize(who, OpListEmergencies); err != nil {
		return nil, err
	}
	err := s.view(ctx, who, func(u *unit) error {
		queue, err := u.queue()
		if err != nil {
			return err
		}
		out = []EmergencyView{}
		for _, i := range triage.Order(queue.calls, u.now) {
			v, err := u.showIn(queue, &queue.open[i])
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// Withdraw takes the patient out of the queue.
func (s *Emergencies) Withdraw(ctx context.Context, who Actor, id AppointmentID) (EmergencyView, error) {
	return s.end(ctx, who, OpWithdrawEmergency, id, ActCancel, input{})
}

// Decline sends a patient away from the queue, with a reason that they read.
func (s *Emergencies) Decline(ctx context.Context, who Actor, id AppointmentID, reason string) (EmergencyView, error) {
	reason = strings.TrimSpace(reason)
	if utf8.RuneCountInString(reason) > 500 {
		return EmergencyView{}, invalid("/reason", "at most 500 characters")
	}
	return s.end(ctx, who, OpDeclineEmergency, id, ActDecline, input{reason: reason})
}

func (s *Emergencies) end(ctx context.Context, who Actor, op Operation, id AppointmentID, act Action, in input) (EmergencyView, error) {
	var out EmergencyView
	if err := s.authorize(who, op); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		if _, err := u.ownCall(id); err != nil {
			return err
		}
		a, err := u.appointment(id)
		if err != nil {
			return err
		}
		if err := u.transit(&a, act, &in); err != nil {
			return err
		}
		e, err := u.emergency(id)
		if err != nil {
			return err
		}
		out, err = u.showCall(e)
		return err
	})
	return out, err
}

func (u *unit) showCall(e *Emergency) (EmergencyView, error) {
	queue, err := u.queue()
	if err != nil {
		return EmergencyView{}, err
	}
	return u.showIn(queue, e)
}

// showIn shows a place in the queue within the whole of it.
func (u *unit) showIn(q *queue, e *Emergency) (EmergencyView, error) {
	out := EmergencyView{Emergency: *e, Rank: e.Band.At(u.now.Sub(e.Asked)), OnDuty: len(q.doctors), Doctors: map[PractitionerID]string{}}
	clinic, err := u.clinic()
	if err != nil {
		return out, err
	}
	out.Number = clinic.emergencyNumber()
	a, _, err := u.t.appointments.Get(u, u.scope, string(e.ID))
	if err != nil {
		return out, missing(err, "appointment")
	}
	if out.Appointment, err = u.show(&a); err != nil {
		return out, err
	}
	if u.who.Role != RolePatient {
		for _, o := range e.Offers {
			d, err := u.practitioner(o.Practitioner)
			if err != nil {
				return out, err
			}
			out.Doctors[o.Practitioner] = d.Name
		}
	}
	if !e.Ended.IsZero() {
		return out, nil
	}
	for n, i := range triage.Order(q.calls, u.now) {
		if q.open[i].ID == e.ID {
			out.Position = n + 1
		}
	}
	out.Outlook, err = u.outlook(q, e, out.Position-1)
	return out, err
}
