package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"consilium/control/calendar"
	"consilium/store"
)

// testShredder notes whose keys are destroyed; the first failures are as often as told.
type testShredder struct {
	mu        sync.Mutex
	destroyed []string
	scrubbed  int
	failures  int
}

func (s *testShredder) Destroy(_ context.Context, _, patient string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failures > 0 {
		s.failures--
		return errors.New("the disk is full")
	}
	s.destroyed = append(s.destroyed, patient)
	return nil
}

func (s *testShredder) Scrub(context.Context) error { s.scrubbed++; return nil }

// jobs lists the kinds of what the outbox has promised.
func (w *world) jobsOf(t testing.TB, kind JobKind) (out []Job) {
	t.Helper()
	must(t, w.view(context.Background(), System(w.demo.clinic.ID), func(u *unit) error {
		out = nil
		for j, err := range u.t.jobs.List(u, u.scope) {
			if err != nil {
				return err
			}
			if j.Kind == kind {
				out = append(out, j)
			}
		}
		return nil
	}))
	return out
}

// afterAll moves the clock behind every visit's retention.
func (w *world) afterAll(t testing.TB, patient PatientID) {
	t.Helper()
	v, err := w.Patients.Erasure(context.Background(), w.actor("admin"), patient)
	must(t, err)
	if v.Until.IsZero() {
		t.Fatal("nothing is kept")
	}
	w.clock.Advance(v.Until.Sub(w.clock.Now()))
}

// traces counts the records of a clinic that name the patient in any of its buckets.
func (w *world) traces(t testing.TB, words ...string) (found []string) {
	t.Helper()
	must(t, w.db.View(context.Background(), func(tx store.Tx) error {
		found = nil
		for _, bucket := range buckets() {
			for item, err := range tx.Scan(bucket, nil, nil) {
				if err != nil {
					return err
				}
				for _, word := range words {
					if strings.Contains(string(item.Key), word) || strings.Contains(string(item.Value), word) {
						found = append(found, bucket+" "+word)
					}
				}
			}
		}
		return nil
	}))
	return found
}

// buckets are where anything of a patient may be, besides the trail, which keeps ids.
func buckets() []string {
	return []string{
		"patient", "patient/identity", "account", "account/login", "appointment", "appointment/start", "appointment/doctor",
		"appointment/patient", "appointment/pending", "appointment/colleague", "encounter", "message", "message/seq",
		"message/client", "document", "document/patient", "document/blob", "composition", "composition_version", "consent",
		"consent/patient", "break_glass", "break_glass/patient", "reading", "reading/patient", "invitation", "invitation/token",
		"invitation/address", "wait", "wait/patient", "wait/turn", "intake", "emergency", "courier", "courier/due", "outbox", "reminder",
		"reminder/due", "alarm", "alarm/due", "session", "session/account", "link", "link/account", "credential", "feed",
		"feed/account", "push_device", "sign_in", "room",
	}
}

func TestEraseIsRefusedWhileSomethingIsKept(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	patient := w.actor("patient")
	for who, want := range map[string]Code{"patient": CodeDenied, "doctor": CodeDenied, "registrar": CodeDenied, "accountant": CodeDenied} {
		_, err := w.Patients.Erase(ctx, w.actor(who), patient.Patient)
		wantCode(t, err, want)
	}
	_, err := w.Patients.Erase(ctx, w.actor("admin"), "nobody")
	wantCode(t, err, CodeNotFound)

	// The due visit is ahead.
	v, err := w.Patients.Erase(ctx, w.actor("admin"), patient.Patient)
	wantCode(t, err, CodeTransitionRefused)
	if v.Open == 0 || v.Allowed {
		t.Errorf("%+v", v)
	}
	w.begun(t)
	w.withDocument(t)
	_, err = w.Encounters.Finish(ctx, w.actor("doctor"), w.due.Encounter)
	must(t, err)
	_, err = w.Patients.Erase(ctx, w.actor("admin"), patient.Patient)
	wantCode(t, err, CodeTransitionRefused) // not written up
	w.writtenUp(t)

	v, err = w.Patients.Erasure(ctx, w.actor("admin"), patient.Patient)
	must(t, err)
	if v.Open != 0 || v.Visits == 0 || len(v.Documents) < 2 || !v.Until.After(w.clock.Now().AddDate(v.Years-1, 0, 0)) {
		t.Errorf("%+v", v)
	}
	_, err = w.Patients.Erase(ctx, w.actor("admin"), patient.Patient)
	wantCode(t, err, CodeRetained)
	if _, err := w.Patients.Card(ctx, patient, patient.Patient); err != nil {
		t.Errorf("a refusal changed something: %v", err)
	}
	w.afterAll(t, patient.Patient)
	w.clock.Advance(-time.Second)
	_, err = w.Patients.Erase(ctx, w.actor("admin"), patient.Patient)
	wantCode(t, err, CodeRetained)
	w.clock.Advance(time.Second)
	v, err = w.Patients.Erase(ctx, w.actor("admin"), patient.Patient)
	must(t, err)
	if !v.Done {
		t.Errorf("%+v", v)
	}
}

// writtenUp writes and signs the due visit's conclusion.
func (w *world) writtenUp(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	note, err := w.Compositions.Get(ctx, w.actor("doctor"), w.due.Encounter)
	must(t, err)
	note, err = w.Compositions.Save(ctx, w.actor("doctor"), w.due.Encounter, note.Rev, Sections{Complaint: "c", Diagnosis: "d", Plan: "p"})
	must(t, err)
	_, err = w.Compositions.Sign(ctx, w.actor("doctor"), w.due.Encounter, note.Rev)
	must(t, err)
}

// TestErase has a patient with something in every drawer; nothing of it is left, and
// nothing of anybody else has gone.
func TestErase(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	keys := &testShredder{}
	w.shredder = keys
	patient := w.actor("patient")
	_, err := w.Encounters.InviteGuest(ctx, w.actor("doctor"), w.due.Encounter, "Помощник", "relative")
	must(t, err)
	w.begun(t)
	w.withDocument(t)
	must(t, w.Encounters.InviteColleague(ctx, w.actor("doctor"), w.due.Encounter, w.actor("doctor2").Practitioner))
	_, err = w.Patients.Card(ctx, w.actor("doctor"), patient.Patient)
	must(t, err)
	for n := range 450 { // more than two pages
		_, err := w.PostChat(ctx, string(w.due.Encounter), string(patient.Account), fmt.Sprintf("client-%08d", n), "слово")
		must(t, err)
	}
	_, err = w.Encounters.Finish(ctx, w.actor("doctor"), w.due.Encounter)
	must(t, err)
	w.writtenUp(t)
	_, err = w.Patients.BreakGlass(ctx, w.actor("doctor2"), patient.Patient, "unconscious, relatives called")
	must(t, err)
	_, _, err = w.Feeds.Create(ctx, patient, NewFeed{})
	must(t, err)
	again, err := w.Invites.Send(ctx, w.actor("doctor2"), Invitee{Contact: "sokolov@example.org"})
	must(t, err)
	_, err = w.SignIns.Start(ctx, w.demo.clinic.ID, "sokolov@example.org", false, Caller{})
	must(t, err)
	days := func() string {
		all, err := w.Appointments.DayCounts(ctx, w.actor("admin"), CountFilter{First: calendar.DateOf(noon.AddDate(0, 0, -10)), Last: calendar.DateOf(noon.AddDate(0, 0, 20))})
		must(t, err)
		return fmt.Sprint(all)
	}
	others := w.traces(t, string(w.actor("patient2").Patient))
	before := days()

	words := []string{
		string(patient.Patient), string(patient.Account), "Соколов", "sokolov@example.org", "+79000000178", "слово", "Помощник",
		string(w.due.Encounter), string(w.due.ID),
	}
	w.afterAll(t, patient.Patient)
	_, err = w.runOutbox(ctx)
	must(t, err)
	if n := len(w.traces(t, words...)); n < 100 {
		t.Fatalf("the test sees only %d traces", n)
	}
	v, err := w.Patients.Erase(ctx, w.actor("admin"), patient.Patient)
	must(t, err)
	if !v.Done || keys.scrubbed != 1 || len(keys.destroyed) != 2 || keys.destroyed[1] != string(patient.Patient) || keys.destroyed[0] != string(again.Patient) {
		t.Errorf("%+v, keys %+v", v, keys)
	}
	if found := w.traces(t, words...); len(found) != 0 {
		t.Errorf("%d traces are left, as %v", len(found), found[:min(10, len(found))])
	}
	if now := w.traces(t, string(w.actor("patient2").Patient)); len(now) != len(others) {
		t.Errorf("another patient has %d traces, before %d", len(now), len(others))
	}
	for _, who := range []string{"doctor", "doctor2"} {
		if !w.rooms.published("practitioner:" + string(w.actor(who).Practitioner) + " patient " + string(patient.Patient)) {
			t.Errorf("the pages of %s were not told", who)
		}
	}
	if days() == before {
		t.Error("the counts of visits do not know of it")
	}
	if jobs := w.jobsOf(t, JobErase); len(jobs) != 0 {
		t.Errorf("promised still: %+v", jobs)
	}
	if len(w.jobsOf(t, JobDeleteBlob)) < 2 {
		t.Error("the files stay")
	}
	_, err = w.Sessions.Authenticate(ctx, "x")
	wantCode(t, err, CodeUnauthenticated)
	_, err = w.Patients.Erase(ctx, w.actor("admin"), patient.Patient)
	wantCode(t, err, CodeNotFound)

	// The trail says who did what to which id, and nothing else.
	seen := map[string]bool{}
	must(t, w.view(ctx, System(w.demo.clinic.ID), func(u *unit) error {
		for e, err := range u.t.trail.Range(u, u.scope, 1, 1<<40) {
			must(t, err)
			if strings.HasPrefix(e.Value.Action, "patient.erase") {
				seen[e.Value.Action] = e.Value.Object == string(patient.Patient) && e.Value.Note == "" && e.Value.Actor == w.actor("admin").Account
			}
		}
		return nil
	}))
	if !seen["patient.erase"] || !seen["patient.erased"] {
		t.Errorf("the trail says %v", seen)
	}
	if _, _, err := w.Audit.List(ctx, w.actor("admin"), AuditFilter{Object: string(patient.Patient)}); err != nil {
		t.Errorf("the trail can't be shown: %v", err)
	}
	if _, err := w.Patients.List(ctx, w.actor("doctor")); err != nil {
		t.Error(err)
	}
}

// TestEraseGoesOn: what was cut off is finished by the outbox, and the patient is out
// from the beginning.
func TestEraseGoesOn(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	keys := &testShredder{failures: 1}
	w.shredder = keys
	const address = "nobody.yet@mail.example"
	_, token := w.invited(t, "doctor", address)
	done, err := w.Invites.Accept(ctx, token, w.proven(t, token, address), w.me(t, "Нина Орлова", "1991-02-03"))
	must(t, err)
	patient := done.Actor
	v, err := w.Patients.Erasure(ctx, Operator(w.demo.clinic.ID), patient.Patient)
	must(t, err)
	if !v.Allowed || !v.Until.IsZero() {
		t.Fatalf("%+v", v)
	}
	v, err = w.Patients.Erase(ctx, Operator(w.demo.clinic.ID), patient.Patient)
	if err == nil || v.Done {
		t.Fatalf("%+v, %v", v, err)
	}
	if len(w.jobsOf(t, JobErase)) != 1 {
		t.Fatal("nothing is promised")
	}
	_, err = w.Sessions.Authenticate(ctx, done.Token)
	wantCode(t, err, CodeUnauthenticated)
	w.clock.Advance(eraseAgain)
	_, err = w.runOutbox(ctx)
	must(t, err)
	if len(w.jobsOf(t, JobErase)) != 0 || len(keys.destroyed) != 1 || keys.scrubbed != 1 {
		t.Errorf("jobs %+v, keys %+v", w.jobsOf(t, JobErase), keys)
	}
	if found := w.traces(t, string(patient.Patient), string(patient.Account)); len(found) != 0 {
		t.Errorf("left: %v", found)
	}
}
