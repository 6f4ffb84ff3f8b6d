package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"consilium/control/triage"
	"consilium/internal/id"
	"consilium/store"
	"consilium/store/mem"
)

// prepareCall makes the guards of the queue's actions hold: a place in it that is open,
// offered to the appointment's doctor, and old enough to be given up.
func (w *world) prepareCall(t *testing.T, u *unit, a *Appointment, act Action) {
	t.Helper()
	if act == ActAskNow || act == ActAccept {
		a.Encounter = EncounterID(id.New())
		if u.who.Role == RoleGuest {
			u.who.Encounter = a.Encounter
		}
	}
	if act == ActAskNow {
		a.ID, a.Rev = AppointmentID(id.New()), 0
		a.Service = "urgent"
		return
	}
	doctor, err := u.practitioner(a.Practitioner)
	must(t, err)
	doctor.Services = append(doctor.Services, a.Service)
	e := Emergency{
		ID: a.ID, Patient: a.Patient, Band: triage.Usual, Asked: u.now.Add(-time.Hour),
		Offers: []Offer{{ID: "offer", Practitioner: a.Practitioner, State: triage.Open, Until: u.now.Add(time.Minute)}},
	}
	_, err = u.t.emergencies.Put(u, u.scope, &e, store.Any)
	must(t, err)
}

func doctors() []string { return []string{"doctor", "doctor2", "doctor3"} }

// onDuty turns the duty of some people on for eight hours.
func (w *world) onDuty(t testing.TB, who ...string) {
	t.Helper()
	for _, key := range who {
		_, err := w.Emergencies.SetDuty(context.Background(), w.signed(t, key), true, w.clock.Now().Add(8*time.Hour))
		must(t, err)
	}
}

// signed returns a person with a session, which keeps a doctor on duty.
func (w *world) signed(t testing.TB, key string) Actor {
	t.Helper()
	who := w.actor(key)
	who.Session = SessionID("session-" + key)
	must(t, w.update(context.Background(), who, func(u *unit) error {
		s := Session{ID: who.Session, Account: who.Account, Role: who.Role, Created: u.now, LastSeen: u.now, Expires: u.now.Add(12 * time.Hour)}
		_, err := u.t.sessions.Put(u, u.scope, &s, store.Any)
		return err
	}))
	return who
}

// ask puts a patient into the queue.
func (w *world) ask(t testing.TB, key string, yes ...string) EmergencyView {
	t.Helper()
	v, err := w.Emergencies.Ask(context.Background(), w.actor(key), HelpRequest{Service: "urgent", Yes: yes, Complaint: "Мне плохо"})
	must(t, err)
	return v
}

// look moves the clock and lets the queue do what is due.
func (w *world) look(t testing.TB, d time.Duration) {
	t.Helper()
	w.clock.Advance(d)
	_, err := w.lookAtQueue(context.Background(), w.demo.clinic.ID)
	must(t, err)
}

func (w *world) offerTo(t testing.TB, key string) *OfferView {
	t.Helper()
	offers, err := w.Emergencies.Offers(context.Background(), w.actor(key))
	must(t, err)
	if len(offers) == 0 {
		return nil
	}
	return &offers[0]
}

func TestFromAskingToTheRoom(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.onDuty(t, doctors()...)
	form, err := w.Emergencies.Form(ctx, w.actor("patient2"))
	must(t, err)
	if form.Number != "103" || len(form.Questions) < 5 || len(form.Services) != 1 || form.OnDuty != 3 {
		t.Fatalf("form %+v", form)
	}
	v := w.ask(t, "patient2", "chest")
	if v.Appointment.Status != Queued || v.Position != 1 || v.Band != triage.Danger || v.Outlook.Known || v.Appointment.Appointment.Practitioner != "" {
		t.Fatalf("asked: %+v", v)
	}
	again := w.ask(t, "patient2")
	if again.ID != v.ID {
		t.Fatal("asking twice made two places in the queue")
	}
	if list, _, err := w.Appointments.List(ctx, w.actor("admin"), AppointmentFilter{Statuses: []Status{Queued}}); err != nil || len(list) != 1 {
		t.Fatalf("the calendar shows %d in the queue, %v", len(list), err)
	}
	for _, key := range doctors() {
		o := w.offerTo(t, key)
		if o == nil || o.Band != triage.Danger || o.Service.ID != "urgent" {
			t.Fatalf("%s is offered %+v", key, o)
		}
		if !w.rooms.published("practitioner:" + string(w.actor(key).Practitioner) + " offer " + o.ID) {
			t.Errorf("%s was not told", key)
		}
		if _, err := w.Patients.Card(ctx, w.actor(key), v.Patient); ErrorCode(err) == "" {
			t.Errorf("%s sees the card before accepting", key)
		}
	}
	w.clock.Advance(9 * time.Second)
	offer := w.offerTo(t, "doctor3").ID
	taken, err := w.Emergencies.Accept(ctx, w.actor("doctor3"), offer)
	must(t, err)
	if taken.Status != InProgress || taken.Practitioner.ID != w.actor("doctor3").Practitioner || taken.Waiver != waiverPayLater || !taken.Start.Equal(w.clock.Now()) {
		t.Fatalf("accepted: %+v", taken)
	}
	if _, err := w.Emergencies.Accept(ctx, w.actor("doctor3"), offer); err != nil {
		t.Errorf("the same answer twice: %v", err)
	}
	for _, key := range []string{"doctor", "doctor2"} {
		if o := w.offerTo(t, key); o != nil {
			t.Errorf("%s is still offered it", key)
		}
	}
	// Both go straight into the room, and the doctor sees the card with what was said.
	for _, key := range []string{"patient2", "doctor3"} {
		ticket, err := w.Encounters.Join(ctx, w.actor(key), taken.Encounter)
		must(t, err)
		if ticket.Lobby {
			t.Errorf("%s has to wait", key)
		}
	}
	e, err := w.Encounters.Get(ctx, w.actor("doctor3"), taken.Encounter)
	must(t, err)
	if e.Complaint != "• Боль или давление в груди\nМне плохо" || e.StartedAt.IsZero() {
		t.Errorf("encounter %+v", e)
	}
	if _, err := w.Patients.Card(ctx, w.actor("doctor3"), v.Patient); err != nil {
		t.Errorf("card: %v", err)
	}
	_, err = w.Encounters.Finish(ctx, w.actor("doctor3"), taken.Encounter)
	must(t, err)
}

func TestOthersAreToldWhoIsFirst(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.onDuty(t, doctors()...)
	w.ask(t, "patient2")
	mine, other := w.offerTo(t, "doctor").ID, w.offerTo(t, "doctor2").ID
	_, err := w.Emergencies.Accept(ctx, w.actor("doctor"), other)
	wantCode(t, err, CodeNotFound) // another doctor's offer
	_, err = w.Emergencies.Accept(ctx, w.actor("doctor"), mine)
	must(t, err)
	_, err = w.Emergencies.Accept(ctx, w.actor("doctor2"), other)
	wantCode(t, err, CodeTaken)
	// Declining what is gone already is no fault.
	must(t, w.Emergencies.Turn(ctx, w.actor("doctor2"), other))
}

func TestRoundsWithdrawalAndEscalation(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.onDuty(t, "doctor", "doctor2")
	v := w.ask(t, "patient2")
	first := w.offerTo(t, "doctor").ID
	must(t, w.Emergencies.Turn(ctx, w.actor("doctor2"), w.offerTo(t, "doctor2").ID))
	w.look(t, 30*time.Second)
	if o := w.offerTo(t, "doctor"); o == nil || o.ID != first {
		t.Fatalf("asked again by another id: %+v", o)
	}
	if w.offerTo(t, "doctor2") != nil {
		t.Error("who declined is asked again")
	}
	w.look(t, 89*time.Second)
	if got, err := w.Emergencies.Get(ctx, w.actor("admin"), v.ID); err != nil || !got.Escalated.IsZero() {
		t.Fatalf("escalated too early: %+v %v", got.Escalated, err)
	}
	w.look(t, time.Second)
	got, err := w.Emergencies.Get(ctx, w.actor("admin"), v.ID)
	must(t, err)
	if !got.Escalated.Equal(noon.Add(2 * time.Minute)) {
		t.Fatalf("escalated at %s", got.Escalated)
	}
	if messages := w.promised(t, MsgEmergency); messages != 1 {
		t.Errorf("%d messages to the duty contact", messages)
	}
	w.look(t, 10*time.Second)
	if messages := w.promised(t, MsgEmergency); messages != 1 {
		t.Errorf("%d messages after another look", messages)
	}
	_, err = w.Emergencies.Withdraw(ctx, w.actor("volkov"), v.ID)
	wantCode(t, err, CodeNotFound)
	out, err := w.Emergencies.Withdraw(ctx, w.actor("patient2"), v.ID)
	must(t, err)
	if out.Appointment.Status != Withdrawn || out.Position != 0 {
		t.Errorf("withdrawn: %+v", out)
	}
	_, err = w.Emergencies.Accept(ctx, w.actor("doctor"), first)
	wantCode(t, err, CodeOfferOver)
	_, err = w.Emergencies.Withdraw(ctx, w.actor("patient2"), v.ID)
	wantCode(t, err, CodeTransitionRefused)
}

// promised counts the messages of a kind that wait in the outbox.
func (w *world) promised(t testing.TB, kind MessageKind) int {
	t.Helper()
	n := 0
	must(t, w.view(context.Background(), System(w.demo.clinic.ID), func(u *unit) error {
		n = 0
		for j, err := range u.t.slowJobs.List(u, u.scope) {
			if err != nil {
				return err
			}
			if j.Note == string(kind) {
				n++
			}
		}
		return nil
	}))
	return n
}

func TestNobodyComesForHalfAnHour(t *testing.T) {
	w := newWorld(t)
	v := w.ask(t, "patient2")
	w.look(t, 30*time.Minute)
	got, err := w.Emergencies.Get(context.Background(), w.actor("patient2"), v.ID)
	must(t, err)
	if got.Appointment.Status != Expired {
		t.Fatalf("status %s", got.Appointment.Status)
	}
	if n := w.promised(t, MsgCallBack); n != 1 {
		t.Errorf("the duty contact was asked to call back %d times", n)
	}
	w.look(t, time.Hour)
	if n := w.promised(t, MsgCallBack); n != 1 {
		t.Errorf("%d times after another look", n)
	}
}

func TestTheDeskAssignsAndDeclines(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	v := w.ask(t, "patient2")
	_, err := w.Emergencies.Assign(ctx, w.actor("registrar"), v.ID, "nobody")
	wantCode(t, err, CodeInvalid)
	// The first doctor is off duty and in another consultation, and has been telephoned.
	w.begin(t)
	_, err = w.Emergencies.Assign(ctx, w.actor("registrar"), v.ID, w.actor("doctor").Practitioner)
	must(t, err)
	o := w.offerTo(t, "doctor")
	if o == nil || !o.Chosen {
		t.Fatalf("offer %+v", o)
	}
	list, err := w.Emergencies.List(ctx, w.actor("admin"))
	must(t, err)
	if len(list) != 1 || list[0].Doctors[w.actor("doctor").Practitioner] == "" || list[0].Appointment.Complaint == "" {
		t.Fatalf("board %+v", list)
	}
	_, err = w.Emergencies.Accept(ctx, w.actor("doctor"), o.ID)
	must(t, err)

	v = w.ask(t, "volkov")
	_, err = w.Emergencies.Decline(ctx, w.actor("admin"), v.ID, " ")
	wantCode(t, err, CodeInvalid)
	out, err := w.Emergencies.Decline(ctx, w.actor("admin"), v.ID, "Мы вызвали вам скорую")
	must(t, err)
	if out.Appointment.Status != Declined || out.Appointment.Appointment.Reason == "" {
		t.Errorf("%+v", out.Appointment)
	}
	_, err = w.Emergencies.Assign(ctx, w.actor("admin"), v.ID, w.actor("doctor").Practitioner)
	wantCode(t, err, CodeOfferOver)
}

func TestABusyDoctorIsNotAsked(t *testing.T) {
	w := newWorld(t)
	w.begin(t)
	w.onDuty(t, "doctor", "doctor3")
	w.ask(t, "patient2")
	if w.offerTo(t, "doctor") != nil {
		t.Error("asked while in a consultation")
	}
	if w.offerTo(t, "doctor3") == nil {
		t.Error("the free doctor was not asked")
	}
}

func TestWhatCanBeAsked(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	ask := func(r HelpRequest) error {
		_, err := w.Emergencies.Ask(ctx, w.actor("volkov"), r)
		return err
	}
	wantCode(t, ask(HelpRequest{Service: "initial"}), CodeUnbookable)
	wantCode(t, ask(HelpRequest{Service: "nothing"}), CodeNotFound)
	wantCode(t, ask(HelpRequest{Service: "urgent", Yes: []string{"nonsense"}}), CodeInvalid)
	wantCode(t, ask(HelpRequest{Service: "urgent", Modality: "smoke"}), CodeInvalid)
	settings, err := w.Emergencies.Policy(ctx, w.actor("admin"))
	must(t, err)
	settings.PayLater = false
	_, err = w.Emergencies.SetPolicy(ctx, w.actor("admin"), settings, 7)
	wantCode(t, err, CodeVersionStale)
	saved, err := w.Emergencies.SetPolicy(ctx, w.actor("admin"), settings, settings.Rev)
	must(t, err)
	wantCode(t, ask(HelpRequest{Service: "urgent"}), CodePaymentRequired)
	saved.Services = []ServiceID{"question"}
	saved.DutyPhone, saved.DutyEmail = "8 (900) 000-01-78", "Duty@Example.org"
	saved, err = w.Emergencies.SetPolicy(ctx, w.actor("admin"), saved, saved.Rev)
	must(t, err)
	if saved.DutyPhone != "+79000000178" || saved.DutyEmail != "duty@example.org" || !slices.Equal(saved.Services, []ServiceID{"question"}) {
		t.Errorf("saved %+v", saved)
	}
	must(t, ask(HelpRequest{Service: "question"}))
	for _, change := range []func(*HelpSettings){
		func(p *HelpSettings) { p.DutyPhone = "duty@example.org" },
		func(p *HelpSettings) { p.DutyEmail = "nobody" },
		func(p *HelpSettings) { p.Services = []ServiceID{"nothing"} },
	} {
		bad := saved
		change(&bad)
		_, err := w.Emergencies.SetPolicy(ctx, w.actor("admin"), bad, saved.Rev)
		wantCode(t, err, CodeInvalid)
	}
}

func TestDutyEnds(t *testing.T) {
	ctx := context.Background()
	duty := func(w *world) DutyView {
		v, err := w.Emergencies.Duty(ctx, w.actor("doctor"))
		must(t, err)
		return v
	}
	t.Run("at its time", func(t *testing.T) {
		w := newWorld(t)
		w.onDuty(t, "doctor")
		w.look(t, 8*time.Hour)
		if v := duty(w); v.On || v.Off != DutyOver {
			t.Errorf("%+v", v)
		}
	})
	t.Run("with the last session", func(t *testing.T) {
		w := newWorld(t)
		w.onDuty(t, "doctor")
		must(t, w.Sessions.SignOut(ctx, w.signed(t, "doctor")))
		w.look(t, 0)
		if v := duty(w); v.On || v.Off != DutySignedOut {
			t.Errorf("%+v", v)
		}
	})
	t.Run("after missed offers and an unanswered question", func(t *testing.T) {
		w := newWorld(t)
		w.onDuty(t, "doctor")
		w.ask(t, "patient2")
		for range missedInARow {
			if v := duty(w); !v.AskedAt.IsZero() {
				t.Fatal("asked too early")
			}
			w.look(t, 30*time.Second)
		}
		if v := duty(w); !v.On || v.AskedAt.IsZero() {
			t.Fatalf("%+v", v)
		}
		if w.offerTo(t, "doctor") != nil {
			t.Error("offered while asked")
		}
		// Saying "I am here" brings the call at once.
		w.onDuty(t, "doctor")
		if w.offerTo(t, "doctor") == nil {
			t.Error("not offered after the answer")
		}
		for range missedInARow {
			w.look(t, 30*time.Second)
		}
		w.look(t, 5*time.Minute)
		if v := duty(w); v.On || v.Off != DutyMissed {
			t.Errorf("%+v", v)
		}
	})
	t.Run("by the doctor", func(t *testing.T) {
		w := newWorld(t)
		w.onDuty(t, "doctor")
		_, err := w.Emergencies.SetDuty(ctx, w.actor("doctor"), false, time.Time{})
		must(t, err)
		list, err := w.Emergencies.OnDuty(ctx, w.actor("admin"))
		must(t, err)
		if v := duty(w); v.On || len(list) != 0 {
			t.Errorf("%+v, %d on duty", v, len(list))
		}
	})
	t.Run("never before it began", func(t *testing.T) {
		w := newWorld(t)
		for _, until := range []time.Time{{}, noon, noon.Add(25 * time.Hour)} {
			_, err := w.Emergencies.SetDuty(ctx, w.actor("doctor"), true, until)
			wantCode(t, err, CodeInvalid)
		}
	})
}

func TestDutyKeepsTheSession(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	links, err := w.demo.links(ctx, w.due)
	must(t, err)
	signed, err := w.Sessions.SignIn(ctx, LinkDemo, links["doctor2"][len("/demo#"):])
	must(t, err)
	_, err = w.Emergencies.SetDuty(ctx, signed.Actor, true, noon.Add(3*time.Hour))
	must(t, err)
	w.clock.Advance(2 * time.Hour)
	_, err = w.Sessions.Authenticate(ctx, signed.Token)
	must(t, err)
	w.clock.Advance(61 * time.Minute)
	_, err = w.Sessions.Authenticate(ctx, signed.Token)
	wantCode(t, err, CodeUnauthenticated)
}

// TestOneOfFifty: of many doctors who accept in the same moment one wins, and the
// patient's withdrawal in the same moment has one outcome too.
func TestOneOfFifty(t *testing.T) {
	ctx := context.Background()
	for round := range 5 {
		w := newWorld(t)
		var actors []Actor
		for i := range 50 {
			who := Actor{Clinic: w.demo.clinic.ID, Account: AccountID(id.New()), Role: RolePractitioner, Practitioner: PractitionerID(id.New()), Name: fmt.Sprint("d", i)}
			must(t, w.update(ctx, who, func(u *unit) error {
				p := Practitioner{ID: who.Practitioner, Account: who.Account, Name: who.Name, Languages: []string{"en"}, Services: []ServiceID{"urgent"}, LicenceExpires: noon.AddDate(1, 0, 0)}
				a := Account{ID: who.Account, Role: RolePractitioner, Name: who.Name, Practitioner: p.ID, Locale: "en"}
				_, err := u.t.practitioners.Put(u, u.scope, &p, 0)
				must(t, err)
				_, err = u.t.accounts.Put(u, u.scope, &a, 0)
				return err
			}))
			actors = append(actors, who)
		}
		v := w.ask(t, "patient2")
		for _, who := range actors {
			_, err := w.Emergencies.Assign(ctx, w.actor("admin"), v.ID, who.Practitioner)
			must(t, err)
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		codes := map[Code]int{}
		note := func(err error) {
			mu.Lock()
			defer mu.Unlock()
			codes[ErrorCode(err)]++
		}
		offers := map[AccountID]string{}
		for _, who := range actors {
			all, err := w.Emergencies.Offers(ctx, who)
			must(t, err)
			offers[who.Account] = all[0].ID
		}
		for _, who := range actors {
			wg.Go(func() {
				_, err := w.Emergencies.Accept(ctx, who, offers[who.Account])
				note(err)
			})
		}
		withdrawn := errors.New("not tried")
		if round%2 == 1 {
			wg.Go(func() { _, withdrawn = w.Emergencies.Withdraw(ctx, w.actor("patient2"), v.ID) })
		}
		wg.Wait()
		got, err := w.Appointments.Get(ctx, w.actor("patient2"), v.ID)
		must(t, err)
		switch {
		case withdrawn == nil && (got.Status != Withdrawn || codes[CodeOfferOver] != 50):
			t.Errorf("withdrawn, and yet %s with %v", got.Status, codes)
		case withdrawn != nil && (got.Status != InProgress || codes[""] != 1 || codes[CodeTaken] != 49):
			t.Errorf("%s with %v", got.Status, codes)
		}
	}
}

// TestQueueOverARestart: what the store holds is all there is to the queue.
func TestQueueOverARestart(t *testing.T) {
	ctx := context.Background()
	db := mem.Open()
	t.Cleanup(func() { _ = db.Close() })
	w := newWorldOn(t, db)
	w.onDuty(t, "doctor", "doctor3")
	v := w.ask(t, "patient2")
	first := w.offerTo(t, "doctor").ID
	next := newWorldOn(t, db) // another process on the same data
	next.clock.Advance(20 * time.Second)
	if o := next.offerTo(t, "doctor"); o == nil || o.ID != first {
		t.Fatalf("after the restart %+v", o)
	}
	next.look(t, 100*time.Second)
	next.look(t, 0)
	got, err := next.Emergencies.Get(ctx, next.actor("patient2"), v.ID)
	must(t, err)
	if got.Position != 1 || !got.Asked.Equal(noon) || got.Escalated.IsZero() || next.promised(t, MsgEmergency) != 1 {
		t.Errorf("%+v", got)
	}
	_, err = next.Emergencies.Accept(ctx, next.actor("doctor"), first)
	must(t, err)
}

// TestTheQueueRunsByItself drives the loop in virtual time.
func TestTheQueueRunsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		running(t, w)
		synctest.Wait()
		who := w.actor("doctor")
		must(t, w.update(t.Context(), who, func(u *unit) error {
			s := Session{ID: "s", Account: who.Account, Role: who.Role, LastSeen: u.now, Expires: u.now.Add(12 * time.Hour)}
			_, err := u.t.sessions.Put(u, u.scope, &s, store.Any)
			return err
		}))
		_, err := w.Emergencies.SetDuty(t.Context(), who, true, w.core.clock().Add(time.Hour))
		must(t, err)
		v, err := w.Emergencies.Ask(t.Context(), w.actor("patient2"), HelpRequest{Service: "urgent"})
		must(t, err)
		time.Sleep(121 * time.Second)
		synctest.Wait()
		got, err := w.Emergencies.Get(t.Context(), w.actor("admin"), v.ID)
		must(t, err)
		if got.Escalated.IsZero() || got.Escalated.Sub(got.Asked) > 2*time.Minute+time.Millisecond {
			t.Errorf("escalated %s after asking", got.Escalated.Sub(got.Asked))
		}
		time.Sleep(29 * time.Minute)
		synctest.Wait()
		if got, err = w.Emergencies.Get(t.Context(), w.actor("admin"), v.ID); err != nil || got.Appointment.Status != Expired {
			t.Errorf("%s %v", got.Appointment.Status, err)
		}
		if d, err := w.Emergencies.Duty(t.Context(), who); err != nil || d.Off != DutyMissed {
			t.Errorf("duty %+v %v", d.Duty, err)
		}
	})
}
