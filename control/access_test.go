package control

import (
	"context"
	"strings"
	"testing"
	"time"
)

// begun takes the due visit as far as the consultation.
func (w *world) begun(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	_, err := w.Encounters.Join(ctx, w.actor("patient"), w.due.Encounter)
	must(t, err)
	_, err = w.Encounters.Admit(ctx, w.actor("doctor"), w.due.Encounter, w.actor("patient").Account)
	must(t, err)
}

// reads says with which code a person is answered who asks for the patient's card
// and for the first document in it.
func (w *world) reads(t testing.TB, who Actor) (card, document Code) {
	t.Helper()
	ctx := context.Background()
	own, err := w.Patients.Card(ctx, w.actor("patient"), w.actor("patient").Patient)
	must(t, err)
	_, err = w.Patients.Card(ctx, who, own.Patient.ID)
	card = ErrorCode(err)
	if len(own.Documents) == 0 {
		return card, card
	}
	file, err := w.Documents.Open(ctx, who, own.Documents[0].ID)
	if err == nil {
		must(t, file.Close())
	}
	return card, ErrorCode(err)
}

func (w *world) wantReads(t testing.TB, who string, want Code) {
	t.Helper()
	card, document := w.reads(t, w.actor(who))
	if card != want || document != want {
		t.Fatalf("%s reads card %q, document %q, want %q", who, card, document, want)
	}
}

// withDocument puts a file into the patient's card.
func (w *world) withDocument(t testing.TB) {
	t.Helper()
	_, _, err := w.Documents.Upload(context.Background(), w.actor("patient"), w.due.Encounter, Upload{Name: "a.txt", Content: strings.NewReader("text")})
	must(t, err)
}

func TestCardIsOpenDuringTheConsultation(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.wantReads(t, "doctor", CodeAccessClosed)
	w.begun(t)
	w.withDocument(t)
	w.wantReads(t, "doctor", "")
	w.wantReads(t, "doctor2", CodeAccessClosed)
	_, err := w.Encounters.Finish(ctx, w.actor("doctor"), w.due.Encounter)
	must(t, err)
	w.wantReads(t, "doctor", "")

	// The conclusion is not written: a day later the card closes, the draft does not.
	w.clock.Advance(documentingOpen)
	w.wantReads(t, "doctor", CodeAccessClosed)
	note, err := w.Compositions.Get(ctx, w.actor("doctor"), w.due.Encounter)
	must(t, err)
	note, err = w.Compositions.Save(ctx, w.actor("doctor"), w.due.Encounter, note.Rev, Sections{Complaint: "c", Diagnosis: "d", Plan: "p"})
	must(t, err)
	e, err := w.Encounters.Get(ctx, w.actor("doctor"), w.due.Encounter)
	must(t, err)
	if e.Complaint != "" || len(e.Messages) != 0 {
		t.Error("the consultation still tells what the patient said")
	}
	for w.outboxOnce(t) {
	}
	if !w.rooms.published("practitioner:" + string(w.actor("doctor").Practitioner) + " card " + string(w.actor("patient").Patient)) {
		t.Error("open pages were not told that the card has closed")
	}
	_, err = w.Compositions.Sign(ctx, w.actor("doctor"), w.due.Encounter, note.Rev)
	must(t, err)
	w.wantReads(t, "doctor", CodeAccessClosed)

	list, err := w.Patients.Readings(ctx, w.actor("patient"))
	must(t, err)
	if len(list) != 1 || list[0].Kind != AccessEncounter || list[0].Times != 4 || list[0].ByName != w.actor("doctor").Name {
		t.Errorf("readings %+v", list)
	}
}

// outboxOnce does what is due now and says whether there was anything.
func (w *world) outboxOnce(t testing.TB) bool {
	t.Helper()
	n := 0
	must(t, w.view(context.Background(), System(w.demo.clinic.ID), func(u *unit) error {
		n = 0
		for j, err := range u.t.jobs.List(u, u.scope) {
			must(t, err)
			if !j.Due.After(u.now) {
				n++
			}
		}
		return nil
	}))
	_, err := w.runOutbox(context.Background())
	must(t, err)
	return n > 0
}

func TestColleague(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	doctor, colleague := w.actor("doctor"), w.actor("doctor2")
	wantCode(t, w.Encounters.InviteColleague(ctx, colleague, w.due.Encounter, doctor.Practitioner), CodeNotFound)
	wantCode(t, w.Encounters.InviteColleague(ctx, w.actor("patient"), w.due.Encounter, colleague.Practitioner), CodeDenied)
	wantCode(t, w.Encounters.InviteColleague(ctx, doctor, w.due.Encounter, doctor.Practitioner), CodeInvalid)
	w.begun(t)
	w.withDocument(t)
	w.wantReads(t, "doctor2", CodeAccessClosed)
	must(t, w.Encounters.InviteColleague(ctx, doctor, w.due.Encounter, colleague.Practitioner))
	must(t, w.Encounters.InviteColleague(ctx, doctor, w.due.Encounter, colleague.Practitioner)) // once more is once
	w.wantReads(t, "doctor2", "")
	joint, err := w.Encounters.Joint(ctx, colleague)
	must(t, err)
	if len(joint) != 1 || joint[0].ID != w.due.ID {
		t.Fatalf("joint %+v", joint)
	}
	if _, err := w.Encounters.Join(ctx, colleague, w.due.Encounter); err != nil {
		t.Fatal(err)
	}
	// A colleague takes part and runs nothing.
	_, err = w.Encounters.Finish(ctx, colleague, w.due.Encounter)
	wantCode(t, err, CodeTransitionRefused)
	_, err = w.Compositions.Get(ctx, colleague, w.due.Encounter)
	wantCode(t, err, CodeAccessClosed)
	_, err = w.Encounters.InviteGuest(ctx, colleague, w.due.Encounter, "Guest", "relative")
	wantCode(t, err, CodeDenied)
	wantCode(t, w.Encounters.RemoveParticipant(ctx, colleague, w.due.Encounter, doctor.Account), CodeDenied)

	// Taken out, then asked again, then the consultation ends.
	must(t, w.Encounters.RemoveParticipant(ctx, doctor, w.due.Encounter, colleague.Account))
	w.wantReads(t, "doctor2", CodeAccessClosed)
	if !w.rooms.has("evict " + string(w.due.Encounter) + " " + string(colleague.Account)) {
		t.Error("still in the room")
	}
	must(t, w.Encounters.InviteColleague(ctx, doctor, w.due.Encounter, colleague.Practitioner))
	w.wantReads(t, "doctor2", "")
	_, err = w.Encounters.Finish(ctx, doctor, w.due.Encounter)
	must(t, err)
	w.wantReads(t, "doctor2", CodeAccessClosed)
	_, err = w.Encounters.Get(ctx, colleague, w.due.Encounter)
	wantCode(t, err, CodeNotFound)
	if joint, err = w.Encounters.Joint(ctx, colleague); err != nil || len(joint) != 0 {
		t.Errorf("joint %+v, %v", joint, err)
	}
	if !w.rooms.published("practitioner:" + string(colleague.Practitioner) + " appointment " + string(w.due.ID)) {
		t.Error("the colleague's pages were not told of the end")
	}
}

func TestGuestIsRevoked(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.begun(t)
	invitation, err := w.Encounters.InviteGuest(ctx, w.actor("doctor"), w.due.Encounter, "Sofia", "interpreter")
	must(t, err)
	signed, err := w.Sessions.SignIn(ctx, LinkGuest, invitation.Token)
	must(t, err)
	_, err = w.Encounters.Get(ctx, signed.Actor, w.due.Encounter)
	must(t, err)
	_, err = w.Patients.Card(ctx, signed.Actor, w.actor("patient").Patient)
	wantCode(t, err, CodeDenied)
	must(t, w.Encounters.RemoveParticipant(ctx, w.actor("doctor"), w.due.Encounter, invitation.Account))
	_, err = w.Sessions.Authenticate(ctx, signed.Token)
	wantCode(t, err, CodeUnauthenticated)
	_, err = w.Sessions.SignIn(ctx, LinkGuest, invitation.Token)
	wantCode(t, err, CodeLinkInvalid)
	_, err = w.PostChat(ctx, string(w.due.Encounter), string(invitation.Account), "c1", "text")
	wantCode(t, err, CodeDenied)
	wantCode(t, w.Encounters.RemoveParticipant(ctx, w.actor("doctor"), w.due.Encounter, w.actor("patient").Account), CodeNotFound)
}

func TestTransfer(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	doctor, other, patient := w.actor("doctor"), w.actor("doctor2"), w.actor("patient").Patient
	wantCode(t, w.Patients.Transfer(ctx, other, patient, other.Practitioner, ""), CodeNotFound)
	wantCode(t, w.Patients.Transfer(ctx, w.actor("patient"), patient, other.Practitioner, ""), CodeDenied)
	wantCode(t, w.Patients.Transfer(ctx, doctor, patient, doctor.Practitioner, ""), CodeInvalid)
	wantCode(t, w.Patients.Transfer(ctx, doctor, patient, "nobody", ""), CodeInvalid)
	must(t, w.Patients.Transfer(ctx, doctor, patient, other.Practitioner, "a heart matter"))
	for _, id := range []PractitionerID{doctor.Practitioner, other.Practitioner} {
		if !w.rooms.published("practitioner:" + string(id) + " patient " + string(patient)) {
			t.Errorf("%s was not told", id)
		}
	}
	wantCode(t, w.Patients.Transfer(ctx, doctor, patient, other.Practitioner, ""), CodeNotFound)
	must(t, w.Patients.Transfer(ctx, w.actor("registrar"), patient, doctor.Practitioner, ""))
}

func TestBreakGlass(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	patient, other := w.actor("patient").Patient, w.actor("doctor2")
	const reason = "unconscious, brought by relatives"
	const admin = "admin@meridian.example"
	must(t, w.update(ctx, System(w.demo.clinic.ID), func(u *unit) error {
		for _, who := range []string{"admin", "patient"} {
			a, err := u.account(w.actor(who).Account)
			if err != nil {
				return err
			}
			a.Email = who + "@meridian.example"
			if _, err := u.t.accounts.Put(u, u.scope, &a, a.Rev); err != nil {
				return err
			}
		}
		return nil
	}))
	for who, want := range map[string]Code{"admin": CodeDenied, "registrar": CodeDenied, "patient2": CodeDenied} {
		_, err := w.Patients.BreakGlass(ctx, w.actor(who), patient, reason)
		wantCode(t, err, want)
	}
	_, err := w.Patients.BreakGlass(ctx, other, patient, "  because ")
	wantCode(t, err, CodeInvalid)
	glass, err := w.Patients.BreakGlass(ctx, other, patient, reason)
	must(t, err)
	again, err := w.Patients.BreakGlass(ctx, other, patient, reason)
	must(t, err)
	if again.ID != glass.ID || !glass.Until.Equal(noon.Add(30*time.Minute)) {
		t.Errorf("%+v", again)
	}
	for _, to := range []string{admin, "patient@meridian.example"} {
		if m := w.take(t, to); strings.Contains(m.Text, reason) {
			t.Error("a letter tells the reason")
		}
	}
	for _, topic := range []string{"clinic:" + string(w.demo.clinic.ID), "patient:" + string(patient)} {
		if !w.rooms.published(topic + " break_glass " + string(glass.ID)) {
			t.Errorf("%s was not told", topic)
		}
	}
	card, err := w.Patients.Card(ctx, other, patient)
	must(t, err)
	if card.Access.Kind != AccessBreakGlass || !card.Access.Until.Equal(glass.Until) {
		t.Errorf("access %+v", card.Access)
	}
	w.wantReads(t, "doctor", CodeAccessClosed)
	for who, n := range map[string]int{"admin": 1, "patient": 1, "doctor2": 1, "doctor": 0, "patient2": 0} {
		list, err := w.Patients.ListBreakGlass(ctx, w.actor(who))
		must(t, err)
		if len(list) != n || n == 1 && (list[0].Reason != reason || list[0].Reads != 1 || !list[0].Open) {
			t.Errorf("%s lists %+v", who, list)
		}
	}

	_, err = w.Patients.EndBreakGlass(ctx, w.actor("doctor"), glass.ID)
	wantCode(t, err, CodeNotFound)
	_, err = w.Patients.EndBreakGlass(ctx, w.actor("admin"), glass.ID)
	must(t, err)
	w.wantReads(t, "doctor2", CodeAccessClosed)
	_, err = w.Patients.EndBreakGlass(ctx, w.actor("admin"), glass.ID)
	wantCode(t, err, CodeTransitionRefused)

	// A second one runs out by itself, and open pages hear of it.
	_, err = w.Patients.BreakGlass(ctx, other, patient, reason)
	must(t, err)
	w.wantReads(t, "doctor2", "")
	w.clock.Advance(breakGlassLife)
	w.wantReads(t, "doctor2", CodeAccessClosed)
	for w.outboxOnce(t) {
	}
	if !w.rooms.published("practitioner:" + string(other.Practitioner) + " card " + string(patient)) {
		t.Error("open pages were not told that the card has closed")
	}
}

// A visit in writing, which the doctor begins alone, asks the patient all the same.
func TestWrittenVisitsAskForConsent(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	me, doctor := w.actor("patient"), w.actor("doctor")
	answer := func(given bool) {
		t.Helper()
		_, err := w.Consents.Answer(ctx, me, []ConsentAnswer{{"telemedicine", "1", given}}, "")
		must(t, err)
	}
	_, err := w.Appointments.SwitchModality(ctx, doctor, w.due.ID, ModalityChat)
	must(t, err)
	_, err = w.Appointments.Begin(ctx, doctor, w.due.ID)
	must(t, err)
	answer(false)
	_, err = w.Encounters.Join(ctx, me, w.due.Encounter)
	wantCode(t, err, CodeConsentNeeded)
	answer(true)
	_, err = w.Encounters.Join(ctx, me, w.due.Encounter)
	must(t, err)
	answer(false)
	_, err = w.Encounters.Join(ctx, me, w.due.Encounter) // back after a reload
	must(t, err)
}

// A new wording of what a clinic needs is agreed to before the next visit.
func TestConsentsAreCurrent(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	me := w.actor("patient")
	law, err := BuiltinJurisdiction("ru")
	must(t, err)
	law.Consents[1].Version = "2"
	_, err = w.Clinics.SetJurisdiction(ctx, Operator(w.demo.clinic.ID), law)
	must(t, err)
	_, err = w.Encounters.Join(ctx, me, w.due.Encounter)
	wantCode(t, err, CodeConsentNeeded)
	_, err = w.Appointments.CheckIn(ctx, me, w.due.ID)
	wantCode(t, err, CodeConsentNeeded)
	need := law.Consents[1]
	_, err = w.Consents.Answer(ctx, me, []ConsentAnswer{{need.ID, "1", true}}, "")
	wantCode(t, err, CodeConsentNeeded)
	_, err = w.Consents.Answer(ctx, me, []ConsentAnswer{{"nothing", "1", true}}, "")
	wantCode(t, err, CodeNotFound)
	_, err = w.Consents.Answer(ctx, w.actor("doctor"), []ConsentAnswer{{need.ID, "2", true}}, "")
	wantCode(t, err, CodeDenied)
	states, err := w.Consents.Answer(ctx, me, []ConsentAnswer{{need.ID, "2", true}}, "")
	must(t, err)
	if s := states[1]; !s.Given || len(s.History) != 2 || s.History[0].Version != "1" {
		t.Errorf("%+v", s)
	}
	_, err = w.Appointments.CheckIn(ctx, me, w.due.ID)
	must(t, err)
	_, err = w.Appointments.Leave(ctx, me, w.due.ID)
	must(t, err)
	_, err = w.Consents.Answer(ctx, me, []ConsentAnswer{{need.ID, "2", false}}, "")
	must(t, err)
	_, err = w.Encounters.Join(ctx, me, w.due.Encounter)
	wantCode(t, err, CodeConsentNeeded)
}
