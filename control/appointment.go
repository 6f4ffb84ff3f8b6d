package control

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"consilium/store"
)

// Appointment is a plan to meet; what happened is its Encounter's to tell. Its
// status changes only through the state table.
type Appointment struct {
	store.Revised
	ID           AppointmentID
	No           string // for people: gapless per clinic and year
	Status       Status
	Since        time.Time // when the status began
	Start        time.Time
	End          time.Time
	Zone         string // the clinic's when it was booked
	Wall         string // Start as the clock on the wall: what was agreed, whatever becomes of the zone
	Service      ServiceID
	Practitioner PractitionerID
	Patient      PatientID
	Encounter    EncounterID
	Modality     Modality
	Price        Money
	Colleagues   []PractitionerID // asked to join this consultation
	Complaint    string           // the patient's words at booking; the intake's are newer
	Filled       bool             // the patient has filled in the intake
	InPerson     *InPersonRef     // the visit in person that a remote service builds on, if it must
	Waiver       string           // why a priced service is not paid
	Payment      string           // what billing recorded, if it was paid
	PayLater     bool             // the service could be booked before it was paid
	Reason       string           // why it was cancelled or declined
	Fee          Money            // what a cancellation or a no-show costs the patient

	HeldAt      time.Time // a held slot: since when
	HoldExpires time.Time // and until when
	Wait        WaitID    // the entry of the waiting list that it is offered for

	Sequence    int           // how often it was moved (iCalendar's SEQUENCE)
	Origin      AppointmentID // the first of the visits that moved into each other, "" for itself
	Predecessor AppointmentID // what moved here
	Successor   AppointmentID // where this moved to

	Attention   Attention // what somebody has to look after, "" for nothing
	ErrorBy     AccountID // who reported the entry as an error
	ErrorReason string
}

// Attention is why the clinic has to look after a visit.
type Attention string

// The reasons.
const (
	AttentionDoctorMissed Attention = "doctor_missed"
	AttentionUnsigned     Attention = "unsigned"
	AttentionLongUnsigned Attention = "long_unsigned"
	AttentionError        Attention = "error_reported"
)

// waiverByService is the waiver that a service itself gives: it may be paid later.
const waiverByService = "pay_later"

// owes reports whether the patient has or will have to pay for the visit.
func (p *Appointment) owes() bool {
	return p.Price.Minor > 0 && (p.Payment != "" || p.Waiver == waiverByService || p.Waiver == waiverPayLater)
}

// Thread is the id that stays when the visit moves (iCalendar's UID).
func (p *Appointment) Thread() AppointmentID {
	if p.Origin != "" {
		return p.Origin
	}
	return p.ID
}

// AppointmentView is an appointment with all that a viewer is shown of it.
type AppointmentView struct {
	Appointment
	Service      Service
	Practitioner Practitioner
	PatientName  string
	Actions      []Action // what the viewer may do now
}

// Appointments is about plans to meet and their states.
type Appointments struct {
	*core
	version uint64 // of Given
	key     string
}

// maxRange bounds a listing: a view of the store must be short.
const maxRange = 3 * 366 * 24 * time.Hour

// AppointmentFilter selects appointments by start.
type AppointmentFilter struct {
	From, To     time.Time // overlapping [From, To); zero: a week from today in the clinic's zone
	Practitioner PractitionerID
	Patient      PatientID
	Service      ServiceID
	Modality     Modality
	Statuses     []Status
	Limit        int    // 1 … 200, else 100
	Cursor       string // from the page before
}

// maxListScan bounds how many visits are read for one page, so that a filter that
// lets few through costs no more than any other: such a page is short, and the
// next one goes on.
const maxListScan = 1000

// cursor says where the next page begins. Pages go by start, then id.
type cursor struct {
	Start time.Time     `json:"s"`
	ID    AppointmentID `json:"i"`
}

func (c cursor) String() string {
	raw, err := json.Marshal(c)
	if err != nil { // a time beyond the year 9999
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

func parseCursor(s string) (cursor, error) {
	var c cursor
	raw, err := base64.RawURLEncoding.DecodeString(s)
	if err == nil {
		err = json.Unmarshal(raw, &c)
	}
	if err != nil {
		return c, invalid("query/cursor", "this cursor is not from a page of ours")
	}
	return c, nil
}

// Get returns one appointment as the actor sees it.
func (s *Appointments) Get(ctx context.Context, who Actor, id AppointmentID) (AppointmentView, error) {
	var out AppointmentView
	if err := s.authorize(who, OpReadAppointment); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) error {
		a, err := u.appointment(id)
		if err != nil {
			return err
		}
		out, err = u.show(&a)
		return err
	})
	return out, err
}

// List returns a page of the appointments that the actor may see, by start, and
// the cursor of the next page, "" when there is none. A page may hold fewer than
// the limit, even none, and yet not be the last.
func (s *Appointments) List(ctx context.Context, who Actor, f AppointmentFilter) ([]AppointmentView, string, error) {
	if err := s.authorize(who, OpListAppointments); err != nil {
		return nil, "", err
	}
	if f.Limit < 1 || f.Limit > 200 {
		f.Limit = 100
	}
	var after cursor
	if f.Cursor != "" {
		var err error
		if after, err = parseCursor(f.Cursor); err != nil {
			return nil, "", err
		}
	}
	var out []AppointmentView
	var next string
	err := s.view(ctx, who, func(u *unit) error {
		out, next = nil, ""
		if err := u.defaultRange(&f); err != nil {
			return err
		}
		sight := u.newSight()
		read, last := 0, after
		for a, err := range u.visible(f, after) {
			if err != nil {
				return err
			}
			if a.before(after) {
				continue
			}
			if len(out) == f.Limit || read == maxListScan {
				next = last.String()
				return nil
			}
			read, last = read+1, cursor{a.Start, a.ID}
			if !f.matches(&a) {
				continue
			}
			v, err := sight.show(&a)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, next, err
}

// before reports whether the appointment was on the page that c ended.
func (p *Appointment) before(c cursor) bool {
	if c.ID == "" {
		return false
	}
	return p.Start.Before(c.Start) || (p.Start.Equal(c.Start) && p.ID <= c.ID)
}

func (f *AppointmentFilter) matches(a *Appointment) bool {
	return a.End.After(f.From) && a.Start.Before(f.To) &&
		(f.Practitioner == "" || a.Practitioner == f.Practitioner) &&
		(f.Patient == "" || a.Patient == f.Patient) &&
		(f.Service == "" || a.Service == f.Service) &&
		(f.Modality == "" || a.Modality == f.Modality) &&
		(len(f.Statuses) == 0 || slices.Contains(f.Statuses, a.Status))
}

func (u *unit) defaultRange(f *AppointmentFilter) error {
	if f.From.IsZero() {
		clinic, err := u.clinic()
		if err != nil {
			return err
		}
		loc, err := clinic.Location()
		if err != nil {
			return err
		}
		y, m, d := u.now.In(loc).Date()
		f.From = time.Date(y, m, d, 0, 0, 0, 0, loc)
	}
	if f.To.IsZero() {
		f.To = f.From.AddDate(0, 0, 7)
	}
	if !f.To.After(f.From) {
		return invalid("query/to", "must be after from")
	}
	if f.To.Sub(f.From) > maxRange {
		return invalid("query/to", "at most three years after from")
	}
	return nil
}

// visible walks the appointments that may overlap the range and belong to what
// the actor may see, by start, from where the page before ended.
func (u *unit) visible(f AppointmentFilter, after cursor) func(func(Appointment, error) bool) {
	from := later(f.From.Add(-maxDuration), after.Start)
	switch {
	case u.who.Role == RolePractitioner:
		k := store.Text(string(u.who.Practitioner))
		return u.t.appointments.Range(u, u.scope, u.t.byDoctor, k.Time(from), k.Time(f.To))
	case u.who.Role == RolePatient:
		k := store.Text(string(u.who.Patient))
		return u.t.appointments.Range(u, u.scope, u.t.byPatient, k.Time(from), k.Time(f.To))
	case f.Patient != "":
		k := store.Text(string(f.Patient))
		return u.t.appointments.Range(u, u.scope, u.t.byPatient, k.Time(from), k.Time(f.To))
	case f.Practitioner != "":
		k := store.Text(string(f.Practitioner))
		return u.t.appointments.Range(u, u.scope, u.t.byDoctor, k.Time(from), k.Time(f.To))
	}
	return u.t.appointments.Range(u, u.scope, u.t.byStart, store.Time(from), store.Time(f.To))
}

// appointment loads an appointment that the actor has to do with; any other does
// not exist for them.
func (u *unit) appointment(id AppointmentID) (Appointment, error) {
	a, _, err := u.t.appointments.Get(u, u.scope, string(id))
	if err != nil {
		return a, missing(err, "appointment")
	}
	if u.who.partyTo(&a) == "" {
		return Appointment{}, notFound("appointment")
	}
	return a, nil
}

// visitOf finds the visit that a patient's home is about: the one of their link,
// else the first that is still ahead or under way, else none.
func (u *unit) visitOf(who Actor) (*Appointment, error) {
	if who.Appointment != "" {
		a, err := u.appointment(who.Appointment)
		for err == nil && a.Successor != "" { // the link was made before it moved
			a, err = u.appointment(a.Successor)
		}
		if err == nil {
			return &a, nil
		}
		if ErrorCode(err) != CodeNotFound {
			return nil, err
		}
	}
	k := store.Text(string(who.Patient))
	for a, err := range u.t.appointments.Range(u, u.scope, u.t.byPatient, k.Time(u.now.Add(-24*time.Hour)), k.End()) {
		if err != nil {
			return nil, err
		}
		if a.Status.Open() && a.Status != Held {
			return &a, nil
		}
	}
	return nil, nil
}

// sight resolves the names in appointments, each once per listing.
type sight struct {
	u        *unit
	services map[ServiceID]Service
	doctors  map[PractitionerID]Practitioner
	patients map[PatientID]string
}

func (u *unit) newSight() *sight {
	return &sight{u, map[ServiceID]Service{}, map[PractitionerID]Practitioner{}, map[PatientID]string{}}
}

func (u *unit) show(a *Appointment) (AppointmentView, error) { return u.newSight().show(a) }

func (s *sight) show(a *Appointment) (AppointmentView, error) {
	v := AppointmentView{Appointment: *a}
	var err error
	if v.Service, err = once(s.services, a.Service, s.u.service); err != nil {
		return v, err
	}
	if a.Practitioner != "" { // nobody yet while queued
		if v.Practitioner, err = once(s.doctors, a.Practitioner, s.u.practitioner); err != nil {
			return v, err
		}
	}
	v.PatientName, err = once(s.patients, a.Patient, func(id PatientID) (string, error) {
		p, err := s.u.patient(id)
		return p.Name, err
	})
	if err != nil {
		return v, err
	}
	v.Actions = s.u.actions(a)
	return v, nil
}

// once looks in the map first and fills it.
func once[K comparable, V any](seen map[K]V, k K, load func(K) (V, error)) (V, error) {
	if v, ok := seen[k]; ok {
		return v, nil
	}
	v, err := load(k)
	if err == nil {
		seen[k] = v
	}
	return v, err
}
