package control

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"consilium/internal/id"
	"consilium/store"
)

var update = flag.Bool("update", false, "write docs/appointments.md instead of comparing")

func TestStateDoc(t *testing.T) {
	file := filepath.Join("..", "docs", "appointments.md")
	if *update {
		must(t, os.WriteFile(file, []byte(StateDoc()), 0o644))
		return
	}
	got, err := os.ReadFile(file)
	must(t, err)
	if string(got) != StateDoc() {
		t.Error("docs/appointments.md is not what the table says; run: go test ./control -run StateDoc -update")
	}
}

func allActions() []Action {
	return []Action{
		ActRequest, ActBook, ActHold, ActConfirm, ActPay, ActSettle, ActRelease, ActExpire, ActCheckIn, ActJoin, ActLeave,
		ActAdmit, ActBegin, ActFinish, ActWrite, ActSign, ActAmend, ActOpenCard, ActCancel, ActDecline, ActNoShow,
		ActReschedule, ActFollowUp, ActSwitch, ActProviderNoShow, ActInterrupt, ActResume, ActFail, ActRemind, ActEscalate,
		ActReportError, ActApproveError, ActRefuteError, ActAskNow, ActAccept, ActCallBack, ActFillIn,
	}
}

func allParties() []Party {
	return []Party{PartyPatient, PartyDoctor, PartyAdmin, PartyDesk, PartyColleague, PartyGuest, PartySystem}
}

func TestStateTableIsSound(t *testing.T) {
	type key struct {
		from Status
		act  Action
		who  Party
	}
	seen := map[key]bool{}
	for _, e := range Edges() {
		if e.From != "" && !slices.Contains(Statuses(), e.From) || !slices.Contains(Statuses(), e.To) {
			t.Errorf("%s -> %s: unknown status", e.From, e.To)
		}
		if !slices.Contains(allActions(), e.Act) {
			t.Errorf("%s: unknown action", e.Act)
		}
		if (e.Guard.Name == "") != (e.Guard.open == nil && e.Guard.check == nil && e.Guard.when == nil) {
			t.Errorf("%s %s: guard and its name don't agree", e.From, e.Act)
		}
		if e.Effect.do != nil && e.Effect.Name == "" {
			t.Errorf("%s %s: effect without a name", e.From, e.Act)
		}
		if e.Guard.when != nil && !slices.Equal(e.Who, []Party{PartySystem}) {
			t.Errorf("%s %s: a timer and yet not the server's", e.From, e.Act)
		}
		if e.Guard.when == nil && slices.Contains(e.Who, PartySystem) && e.Act != ActHold && e.Act != ActSettle && e.Act != ActCallBack {
			t.Errorf("%s %s: the server's and yet without a timer", e.From, e.Act)
		}
		for _, p := range e.Who {
			if seen[key{e.From, e.Act, p}] {
				t.Errorf("%s %s %s: two rows", e.From, e.Act, p)
			}
			seen[key{e.From, e.Act, p}] = true
		}
	}
}

// party returns an actor who is that party to the due visit.
func (w *world) party(p Party) Actor {
	switch p {
	case PartyPatient:
		return w.actor("patient")
	case PartyDoctor:
		return w.actor("doctor")
	case PartyAdmin:
		return w.actor("admin")
	case PartyDesk:
		return w.actor("registrar")
	case PartyColleague:
		return w.actor("doctor2")
	case PartyGuest:
		return Actor{Clinic: w.demo.clinic.ID, Account: "guest", Role: RoleGuest, Encounter: w.due.Encounter}
	}
	return System(w.demo.clinic.ID)
}

// TestEveryEdge tries every action of every party in every status: those of the
// table lead where it says, all others are refused and change nothing.
func TestEveryEdge(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	w.clock.Advance(15 * time.Minute) // inside the window and past the no-show's time
	walked := map[string]bool{}
	for _, from := range append([]Status{""}, Statuses()...) {
		for _, party := range allParties() {
			for _, act := range allActions() {
				name := fmt.Sprintf("%s/%s/%s", statusName(from), party, act)
				e, want := w.edge(from, act, party)
				refused := fail(CodeInternal, "rolled back by the test")
				err := w.update(ctx, w.party(party), func(u *unit) error {
					a := w.due.Appointment
					fresh, _, err := u.t.appointments.Get(u, u.scope, string(a.ID))
					if err != nil {
						return err
					}
					fresh.Status = from
					refusal := CodeTransitionRefused
					if party == PartyColleague {
						fresh.Colleagues = []PractitionerID{w.actor("doctor2").Practitioner}
						if !fresh.joint() {
							refusal = CodeNotFound // it is none of their business any more
						}
					}
					in := w.prepare(t, u, &fresh, act)
					before := fresh.Rev
					err = u.transit(&fresh, act, in)
					switch {
					case !want:
						if ErrorCode(err) != refusal {
							t.Errorf("%s: %v, want a refusal", name, err)
						}
						if fresh.Status != from || len(u.news) > 0 {
							t.Errorf("%s: refused and yet changed", name)
						}
					case err != nil:
						t.Errorf("%s: %v", name, err)
					case fresh.Status != e.To:
						t.Errorf("%s: led to %s, want %s", name, fresh.Status, e.To)
					case e.From != e.To && (fresh.Rev == before || !fresh.Since.Equal(u.now) || len(u.news) == 0):
						t.Errorf("%s: not written or not told", name)
					}
					walked[fmt.Sprint(e.From, e.To, e.Act, party)] = want
					return refused
				})
				if err != refused {
					t.Fatalf("%s: %v", name, err)
				}
			}
		}
	}
	for _, e := range Edges() {
		for _, p := range e.Who {
			if !walked[fmt.Sprint(e.From, e.To, e.Act, p)] {
				t.Errorf("%s -> %s by %s of %s was never walked", e.From, e.To, e.Act, p)
			}
		}
	}
}

// prepare makes the guards of an action hold, inside the transaction.
func (w *world) prepare(t *testing.T, u *unit, a *Appointment, act Action) *input {
	t.Helper()
	room, party, in := string(a.Encounter), u.who.partyTo(a), &input{reason: "r", waiver: "w", call: &Emergency{}}
	w.prepareCall(t, u, a, act)
	w.presence.mu.Lock()
	clear(w.presence.rooms)
	clear(w.presence.gone)
	w.presence.mu.Unlock()
	there := func(role Role) { w.presence.join(room, string(role), person{role: role}) }
	elsewhere := func() {
		a.ID, a.Encounter, a.Rev = AppointmentID(id.New()), EncounterID(id.New()), 0
		a.Start, a.End = a.Start.Add(24*time.Hour), a.End.Add(24*time.Hour)
		a.HoldExpires = u.now.Add(time.Minute)
		if u.who.Role == RoleGuest {
			u.who.Encounter = a.Encounter
		}
	}
	longAgo := func() {
		a.Start, a.End, a.Since = a.Start.Add(-3*time.Hour), a.End.Add(-3*time.Hour), u.now.Add(-25*time.Hour)
	}
	switch act {
	case ActBook, ActConfirm, ActRequest, ActHold, ActSettle:
		elsewhere()
		a.PayLater = act == ActConfirm && party == PartyPatient
		in.payment = "p"
	case ActPay:
		elsewhere()
		clinic, err := u.clinic()
		must(t, err)
		clinic.PaysOnline = true
		_, err = u.t.clinics.Put(u, store.Global, &clinic, clinic.Rev)
		must(t, err)
	case ActReschedule:
		if a.Status == "" {
			elsewhere()
			a.Predecessor = w.due.ID
			in.moved = &w.due.Appointment
		} else {
			a.Start, a.End = a.Start.Add(24*time.Hour), a.End.Add(24*time.Hour)
			in.moved = &Appointment{ID: "next"}
		}
	case ActExpire:
		a.HoldExpires = u.now
	case ActAdmit:
		w.presence.join(room, "knocker", person{role: RoleGuest, lobby: true})
	case ActBegin:
		a.Modality = ModalityChat
	case ActSwitch:
		in.modality = ModalityAudio
	case ActLeave:
		w.presence.missing(room)
	case ActNoShow:
		if party == PartySystem {
			longAgo()
			there(RolePractitioner)
		}
	case ActProviderNoShow, ActRemind, ActEscalate, ActFail:
		longAgo()
	case ActInterrupt:
		there(RolePatient)
	case ActResume:
		there(RolePatient)
		there(RolePractitioner)
	case ActFinish:
		if party == PartySystem {
			longAgo()
			must(t, u.changeEncounter(a.Encounter, func(e *Encounter) { e.Talked = 6 * time.Minute }))
		}
	case ActApproveError, ActRefuteError:
		a.ErrorBy = "somebody"
	case ActSign:
		note := Composition{Encounter: a.Encounter, Patient: a.Patient, Status: CompositionDraft, Sections: Sections{Complaint: "c", Diagnosis: "d", Plan: "p"}}
		_, err := u.t.compositions.Put(u, u.scope, &note, store.Any)
		must(t, err)
	}
	return in
}

func TestGuards(t *testing.T) {
	ctx := context.Background()
	t.Run("a patient can't come long before the start", func(t *testing.T) {
		w := newWorld(t)
		v, err := w.Appointments.Book(ctx, w.actor("doctor"), w.booking("kuznetsova", noon.Add(3*time.Hour)))
		must(t, err)
		_, err = w.Appointments.CheckIn(ctx, w.actor("kuznetsova"), v.ID)
		wantCode(t, err, CodeTransitionRefused)
		w.clock.Advance(3*time.Hour - 15*time.Minute)
		_, err = w.Appointments.CheckIn(ctx, w.actor("kuznetsova"), v.ID)
		must(t, err)
	})
	t.Run("nor long after the end", func(t *testing.T) {
		w := newWorld(t)
		w.clock.Advance(30*time.Minute + time.Hour)
		_, err := w.Encounters.Join(ctx, w.actor("patient"), w.due.Encounter)
		wantCode(t, err, CodeTransitionRefused)
	})
	t.Run("a no-show needs ten minutes and an absent patient", func(t *testing.T) {
		w := newWorld(t)
		_, err := w.Appointments.NoShow(ctx, w.actor("doctor"), w.due.ID)
		wantCode(t, err, CodeTransitionRefused)
		w.clock.Advance(10 * time.Minute)
		room := string(w.due.Encounter)
		w.Joined(room, string(w.actor("patient").Account), string(RolePatient), true)
		_, err = w.Appointments.NoShow(ctx, w.actor("doctor"), w.due.ID)
		wantCode(t, err, CodeTransitionRefused)
		w.Left(room, string(w.actor("patient").Account))
		v, err := w.Appointments.NoShow(ctx, w.actor("doctor"), w.due.ID)
		must(t, err)
		if v.Status != NoShow || len(v.Actions) != 0 {
			t.Errorf("%s with actions %v", v.Status, v.Actions)
		}
	})
	t.Run("the clinic gives a reason, the patient need not", func(t *testing.T) {
		w := newWorld(t)
		_, err := w.Appointments.Cancel(ctx, w.actor("doctor"), w.due.ID, "  ")
		wantCode(t, err, CodeInvalid)
		v, err := w.Appointments.Cancel(ctx, w.actor("patient"), w.due.ID, "")
		must(t, err)
		if v.Status != Cancelled {
			t.Errorf("status %s", v.Status)
		}
	})
	t.Run("a request is confirmed with a waiver, or declined", func(t *testing.T) {
		w := newWorld(t)
		b := w.booking("volkov", noon.Add(26*time.Hour))
		b.Waiver = ""
		v, err := w.Appointments.Book(ctx, w.actor("volkov"), b)
		must(t, err)
		if v.Status != Requested {
			t.Fatalf("status %s", v.Status)
		}
		_, err = w.Appointments.Confirm(ctx, w.actor("doctor"), v.ID, "")
		wantCode(t, err, CodePaymentRequired)
		_, err = w.Appointments.Confirm(ctx, w.actor("volkov"), v.ID, "x")
		wantCode(t, err, CodeTransitionRefused)
		v, err = w.Appointments.Confirm(ctx, w.actor("admin"), v.ID, "paid at the desk")
		must(t, err)
		if v.Status != Booked {
			t.Errorf("status %s", v.Status)
		}
	})
}
