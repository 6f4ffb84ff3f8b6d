package control

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"consilium/control/calendar"
)

// TestPatientsAreToldWhatWentWrong: what did not take place is told once, with a link to
// another time, and with what it costs.
func TestPatientsAreToldWhatWentWrong(t *testing.T) {
	told := func(name, subject string, went func(*testing.T, *world)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newTimedWorld(t)
				w.real(t)
				running(t, w)
				went(t, w)
				sleep(time.Minute)
				mails := w.mail.to(sokolovMail)
				if len(mails) == 0 {
					t.Fatal("nothing was sent")
				}
				last := mails[len(mails)-1]
				if !strings.HasPrefix(last.Subject, subject) || !strings.Contains(last.Text, "/visit#") || !strings.Contains(last.Text, "латить ничего не нужно") {
					t.Errorf("told %q\n%s", last.Subject, last.Text)
				}
				if n := w.mail.count(sokolovMail, subject); n != 1 {
					t.Errorf("told %d times", n)
				}
				sleep(48 * time.Hour)
				if n := w.mail.count(sokolovMail, subject); n != 1 {
					t.Errorf("told %d times", n)
				}
			})
		})
	}
	told("the patient did not come", "Вы не пришли", func(t *testing.T, w *world) {
		_, err := w.Encounters.Join(t.Context(), w.actor("doctor"), w.due.Encounter)
		must(t, err)
		sleep(15*time.Minute + time.Second)
	})
	told("the doctor did not come", "Приём", func(t *testing.T, w *world) { sleep(15*time.Minute + time.Second) })
	told("the line was lost for good, long after the planned end", "Приём", func(t *testing.T, w *world) {
		w.begin(t)
		w.Joined(string(w.due.Encounter), string(w.actor("doctor").Account), string(RolePractitioner), false)
		w.Joined(string(w.due.Encounter), string(w.actor("patient").Account), string(RolePatient), false)
		sleep(4 * time.Minute)
		w.Left(string(w.due.Encounter), string(w.actor("patient").Account))
		sleep(32 * time.Minute)
	})
}

// TestMissedVisitNamesItsFee: the second time costs, and the message says how much.
func TestMissedVisitNamesItsFee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		w.service(t, "followup", func(s *Service) { s.PayLater = true })
		running(t, w)
		for _, want := range []string{"Платить ничего не нужно", "1800 RUB"} {
			b := w.booking("volkov", w.core.clock().Truncate(time.Minute).Add(2*time.Hour))
			b.Waiver = ""
			v, err := w.Appointments.Book(t.Context(), w.actor("doctor"), b)
			must(t, err)
			sleep(2*time.Hour + 11*time.Minute)
			_, err = w.Appointments.NoShow(t.Context(), w.actor("doctor"), v.ID)
			must(t, err)
			sleep(time.Minute)
			mails := w.mail.to("volkov@example.org")
			if last := mails[len(mails)-1]; !strings.Contains(last.Text, want) {
				t.Errorf("no %q in %s", want, last.Text)
			}
		}
	})
}

// TestOfferIsToldWhileItHolds: who waited hears of the freed time at once, and by when.
func TestOfferIsToldWhileItHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		running(t, w)
		visit := w.planned(t, 26*time.Hour)
		day := calendar.DateOf(visit.Start)
		w.only(t, "doctor", day, calendar.Window{From: 14 * 60, To: 14*60 + 30})
		join := func(who string) WaitView {
			v, err := w.Waitlist.Join(t.Context(), w.actor(who), Wish{
				Patient: w.actor(who).Patient, Service: "initial", Practitioner: w.actor("doctor").Practitioner, First: day, Last: day,
			})
			must(t, err)
			return v
		}
		if first := join("volkov"); first.Before != 0 {
			t.Errorf("%d before the first", first.Before)
		}
		sleep(time.Second)
		if second := join("belova"); second.Before != 1 {
			t.Errorf("%d before the second", second.Before)
		}
		_, err := w.Appointments.Cancel(t.Context(), w.actor("patient"), visit.ID, "")
		must(t, err)
		sleep(time.Second)
		mails := w.mail.to("volkov@example.org")
		if len(mails) != 1 || !strings.HasPrefix(mails[0].Subject, "Для вас освободилось время") || !strings.Contains(mails[0].Text, "/visit#") {
			t.Fatalf("told %+v", mails)
		}
		if n := len(w.mail.to("belova@example.org")); n != 0 {
			t.Errorf("the next in line was told %d times too early", n)
		}
		sleep(16 * time.Minute)
		if n := w.mail.count("belova@example.org", "Для вас освободилось"); n != 1 {
			t.Errorf("the next in line was told %d times", n)
		}
	})
}

// only leaves a doctor one window on a day.
func (w *world) only(t *testing.T, doctor string, day calendar.Date, window calendar.Window) {
	t.Helper()
	must(t, w.update(t.Context(), System(w.demo.clinic.ID), func(u *unit) error {
		s, err := u.schedule(w.actor(doctor).Practitioner)
		if err != nil {
			return err
		}
		s.Rules.Exceptions = []calendar.Exception{{First: day, Last: day, Windows: []calendar.Window{window}}}
		_, err = u.t.schedules.Put(u, u.scope, &s, s.Rev)
		return err
	}))
}

// TestVisitAsAFile: each sees it in their own calendar, others not at all.
func TestVisitAsAFile(t *testing.T) {
	w := newWorld(t)
	ics, err := w.Appointments.ICS(t.Context(), w.actor("patient"), w.due.ID)
	must(t, err)
	for _, want := range []string{"METHOD:PUBLISH\r\n", "UID:" + string(w.due.ID) + "@localhost\r\n", "STATUS:CONFIRMED\r\n"} {
		if !strings.Contains(string(ics), want) {
			t.Errorf("no %q in\n%s", want, ics)
		}
	}
	_, err = w.Appointments.ICS(t.Context(), w.actor("patient2"), w.due.ID)
	wantCode(t, err, CodeNotFound)
}

// TestSuggestedFollowUpIsWhatIsBooked: the time that a page showed, or a refusal.
func TestSuggestedFollowUpIsWhatIsBooked(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	_, err := w.Appointments.SuggestFollowUp(ctx, w.actor("doctor"), w.due.ID, FollowUp{})
	wantCode(t, err, CodeTransitionRefused)
	w.begin(t)
	_, err = w.Encounters.Finish(ctx, w.actor("doctor"), w.due.Encounter)
	must(t, err)
	slot, err := w.Appointments.SuggestFollowUp(ctx, w.actor("doctor"), w.due.ID, FollowUp{Days: 12})
	must(t, err)
	v, err := w.Appointments.FollowUp(ctx, w.actor("doctor"), w.due.ID, FollowUp{Start: slot.Start})
	must(t, err)
	if v.Status != Booked || !v.Start.Equal(slot.Start) || !v.End.Equal(slot.End) {
		t.Errorf("suggested %v, booked %v", slot, v.Appointment)
	}
	_, err = w.Appointments.FollowUp(ctx, w.actor("doctor"), w.due.ID, FollowUp{Start: slot.Start})
	wantCode(t, err, CodeSlotTaken)
	_, err = w.Appointments.FollowUp(ctx, w.actor("patient"), w.due.ID, FollowUp{Start: slot.Start.Add(-12 * time.Hour)})
	wantCode(t, err, CodeSlotUnavailable)
	_, err = w.Appointments.SuggestFollowUp(ctx, w.actor("doctor2"), w.due.ID, FollowUp{})
	wantCode(t, err, CodeNotFound)
	_, err = w.Appointments.SuggestFollowUp(ctx, w.actor("patient"), w.due.ID, FollowUp{Days: 999})
	wantCode(t, err, CodeInvalid)
}
