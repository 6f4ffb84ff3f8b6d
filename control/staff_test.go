package control

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"consilium/control/calendar"
)

func newDoctor(email string) StaffInput {
	return StaffInput{
		Role: RolePractitioner, Name: "Вера Павловна Зимина", Email: email, Phone: "8 (900) 000-05-55",
		Doctor: &DoctorInput{
			Specialty: Text{"ru": "Невролог"}, LicenceNo: "77-030303", LicenceUntil: calendar.Date{Year: 2026, Month: 11, Day: 27},
			Languages: []string{"ru"}, Services: []ServiceID{"followup"},
		},
	}
}

func TestRegisteringADoctor(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	for _, key := range []string{"doctor", "registrar", "accountant", "patient"} {
		_, _, err := w.Staff.Register(ctx, w.actor(key), newDoctor("zimina@example.org"))
		wantCode(t, err, CodeDenied)
	}
	m, path, err := w.Staff.Register(ctx, w.actor("admin"), newDoctor(" Zimina@Example.org "))
	must(t, err)
	if m.Account.Email != "zimina@example.org" || m.Account.Phone != "+79000000555" || m.Doctor == nil || m.State(noon) != StaffInvited {
		t.Errorf("registered %+v", m)
	}
	if !strings.HasPrefix(path, "/activate#") {
		t.Errorf("the invitation is at %q", path)
	}
	if w.State(m, 73*time.Hour) != StaffLate {
		t.Error("the invitation never ends")
	}
	// The licence holds through its last day by the clinic's clock, and no longer.
	book := func(start time.Time) error {
		b := w.booking("kuznetsova", start)
		b.Practitioner = m.Doctor.ID
		_, err := w.Appointments.Book(ctx, w.actor("admin"), b)
		return err
	}
	last := time.Date(2026, 11, 27, 20, 30, 0, 0, time.UTC) // 23:30 in Moscow
	must(t, book(last))
	wantCode(t, book(last.Add(40*time.Minute)), CodeUnbookable)
	got, err := w.Staff.Get(ctx, w.actor("admin"), m.Account.ID)
	must(t, err)
	if got.LicenceUntil != (calendar.Date{Year: 2026, Month: 11, Day: 27}) {
		t.Errorf("the licence holds until %s", got.LicenceUntil)
	}
	// Colleagues share no address.
	_, _, err = w.Staff.Register(ctx, w.actor("admin"), newDoctor("zimina@example.org"))
	wantCode(t, err, CodeTaken)
}

// State is a member's state after some time.
func (w *world) State(m StaffMember, after time.Duration) StaffState { return m.State(noon.Add(after)) }

func TestStaffThatCantBe(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	for field, change := range map[string]func(*StaffInput){
		"/role":                func(in *StaffInput) { in.Role = RolePatient },
		"/name":                func(in *StaffInput) { in.Name = "  " },
		"/email":               func(in *StaffInput) { in.Email = "+79000000000" },
		"/phone":               func(in *StaffInput) { in.Phone = "a@example.org" },
		"/locale":              func(in *StaffInput) { in.Locale = "de" },
		"/doctor":              func(in *StaffInput) { in.Doctor = nil },
		"/doctor/specialty/ru": func(in *StaffInput) { in.Doctor.Specialty = nil },
		"/doctor/licenceNo":    func(in *StaffInput) { in.Doctor.LicenceNo = "" },
		"/doctor/licenceUntil": func(in *StaffInput) { in.Doctor.LicenceUntil = calendar.Date{} },
		"/doctor/languages":    func(in *StaffInput) { in.Doctor.Languages = []string{"русский"} },
		"/doctor/services":     func(in *StaffInput) { in.Doctor.Services = []ServiceID{"none"} },
	} {
		in := newDoctor("a@example.org")
		change(&in)
		_, _, err := w.Staff.Register(ctx, w.actor("admin"), in)
		wantCode(t, err, CodeInvalid)
		if e := err.(*Error); e.Field != field {
			t.Errorf("blames %s, want %s", e.Field, field)
		}
	}
	// A patient is nobody's staff.
	_, err := w.Staff.Get(ctx, w.actor("admin"), w.actor("patient").Account)
	wantCode(t, err, CodeNotFound)
	_, err = w.Staff.Close(ctx, w.actor("admin"), w.actor("patient").Account)
	wantCode(t, err, CodeNotFound)
}

func TestClosingADoctor(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	admin, doctor := w.actor("admin"), w.actor("doctor")
	links, err := w.demo.links(ctx, w.due)
	must(t, err)
	signed, err := w.Sessions.SignIn(ctx, LinkDemo, strings.TrimPrefix(links["doctor"], "/demo#"))
	must(t, err)
	gone, err := w.Staff.Close(ctx, admin, doctor.Account)
	must(t, err)
	if len(gone.Visits) == 0 || gone.Visits[0].ID != w.due.ID {
		t.Errorf("%d visits need a decision", len(gone.Visits))
	}
	_, err = w.Sessions.Authenticate(ctx, signed.Token)
	wantCode(t, err, CodeUnauthenticated)
	if !w.rooms.has("revoke " + hashToken(signed.Token)) {
		t.Error("the doctor's sockets stay open")
	}
	_, err = w.Appointments.Book(ctx, admin, w.booking("kuznetsova", noon.Add(48*time.Hour)))
	wantCode(t, err, CodeUnbookable)
	slots, _, err := w.Schedules.Slots(ctx, w.actor("patient"), SlotQuery{Service: "followup", Practitioner: doctor.Practitioner})
	must(t, err)
	if len(slots) > 0 {
		t.Errorf("%d free times are offered with a doctor who has gone", len(slots))
	}
	_, err = w.Staff.Close(ctx, admin, doctor.Account)
	wantCode(t, err, CodeTransitionRefused)
	_, err = w.Staff.Reopen(ctx, admin, doctor.Account)
	must(t, err)
	_, err = w.Appointments.Book(ctx, admin, w.booking("kuznetsova", noon.Add(48*time.Hour)))
	must(t, err)
}

// TestLastAdministratorStays also when two close each other at the same time.
func TestLastAdministratorStays(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	admin := w.actor("admin")
	_, err := w.Staff.Close(ctx, admin, admin.Account)
	wantCode(t, err, CodeLastAdmin)
	second, _, err := w.Staff.Register(ctx, admin, StaffInput{Role: RoleAdmin, Name: "Second", Email: "second@example.org"})
	must(t, err)
	_, err = w.Staff.Close(ctx, admin, admin.Account)
	wantCode(t, err, CodeLastAdmin) // the other has never signed in
	must(t, w.update(ctx, admin, func(u *unit) error {
		a, err := u.account(second.Account.ID)
		if err != nil {
			return err
		}
		a.Invited = time.Time{}
		_, err = u.t.accounts.Put(u, u.scope, &a, a.Rev)
		return err
	}))
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, id := range []AccountID{admin.Account, second.Account.ID} {
		wg.Go(func() { _, errs[i] = w.Staff.Close(ctx, admin, id) })
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("two administrators closed each other: %v, %v", errs[0], errs[1])
	}
}

func TestNoVisitBeginsWithoutALicence(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	doctor := w.actor("doctor")
	_, err := w.Encounters.Join(ctx, w.actor("patient"), w.due.Encounter)
	must(t, err)
	setLicence := func(until time.Time) {
		must(t, w.update(ctx, w.actor("admin"), func(u *unit) error {
			d, err := u.practitioner(doctor.Practitioner)
			if err != nil {
				return err
			}
			d.LicenceExpires = until
			return u.putDoctor(&d)
		}))
	}
	setLicence(noon)
	_, err = w.Encounters.Admit(ctx, doctor, w.due.Encounter, w.actor("patient").Account)
	wantCode(t, err, CodeUnbookable)
	setLicence(noon.Add(time.Minute))
	_, err = w.Encounters.Admit(ctx, doctor, w.due.Encounter, w.actor("patient").Account)
	must(t, err)
}

func TestEditingStaff(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	admin := w.actor("admin")
	m, first, err := w.Staff.Register(ctx, admin, newDoctor("zimina@example.org"))
	must(t, err)
	in := newDoctor("zimina.v@example.org")
	in.Name, in.Doctor.LicenceUntil = "Вера Зимина", calendar.Date{Year: 2030, Month: 1, Day: 31}
	edited, err := w.Staff.Edit(ctx, admin, m.Account.ID, in, m.Account.Rev)
	must(t, err)
	if edited.Doctor.Name != in.Name || edited.LicenceUntil != in.Doctor.LicenceUntil || edited.Doctor.ID != m.Doctor.ID {
		t.Errorf("edited %+v", edited.Doctor)
	}
	_, err = w.Staff.Edit(ctx, admin, m.Account.ID, in, m.Account.Rev)
	wantCode(t, err, CodeVersionStale)
	_, second, err := w.Staff.Invite(ctx, admin, m.Account.ID)
	must(t, err)
	if first == second {
		t.Error("a second invitation is the first")
	}
	_, _, err = w.Staff.Invite(ctx, admin, admin.Account)
	wantCode(t, err, CodeTransitionRefused)
}

func TestServicesOfTheClinic(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	in := ServiceInput{
		Name: Text{"ru": "Второе мнение"}, Duration: 45 * time.Minute, Price: 500000, Modalities: []Modality{ModalityVideo},
		Kind: KindSecondOpinion, Cancel: CancelPolicy{{48 * time.Hour, 100}, {0, 20}}, Active: true,
	}
	for _, key := range []string{"doctor", "registrar", "accountant", "patient"} {
		_, err := w.Clinics.AddService(ctx, w.actor(key), in)
		wantCode(t, err, CodeDenied)
	}
	v, err := w.Clinics.AddService(ctx, w.actor("admin"), in)
	must(t, err)
	if v.Price.Currency != "RUB" || v.Refund(time.Hour) != 20 {
		t.Errorf("added %+v", v)
	}
	in.Active = false
	_, err = w.Clinics.SetService(ctx, w.actor("admin"), v.ID, in, v.Rev+1)
	wantCode(t, err, CodeVersionStale)
	_, err = w.Clinics.SetService(ctx, w.actor("admin"), v.ID, in, v.Rev)
	must(t, err)
	bookable, err := w.Clinics.Services(ctx, w.actor("patient"))
	must(t, err)
	for _, s := range bookable {
		if s.ID == v.ID {
			t.Error("a service that was turned off can be booked")
		}
	}
	for want, change := range map[string]func(*ServiceInput){
		"/name/ru":      func(in *ServiceInput) { in.Name = Text{"en": "Second opinion"} },
		"/durationMin":  func(in *ServiceInput) { in.Duration = 7 * time.Minute },
		"/priceMinor":   func(in *ServiceInput) { in.Price = -1 },
		"/modalities":   func(in *ServiceInput) { in.Modalities = []Modality{"telepathy"} },
		"/kind":         func(in *ServiceInput) { in.Kind = "magic" },
		"/cancelPolicy": func(in *ServiceInput) { in.Cancel = CancelPolicy{{time.Hour, 50}, {0, 60}} },
	} {
		wrong := in
		change(&wrong)
		_, err := w.Clinics.AddService(ctx, w.actor("admin"), wrong)
		wantCode(t, err, CodeInvalid)
		if e := err.(*Error); e.Field != want {
			t.Errorf("blames %s, want %s", e.Field, want)
		}
	}
	in.Kind, in.Active = KindFirstDiagnosis, true
	_, err = w.Clinics.AddService(ctx, w.actor("admin"), in)
	wantCode(t, err, CodeServiceForbidden)
}
