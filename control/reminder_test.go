package control

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"consilium/control/notify"
	"consilium/store"
)

// TestWhenPeopleAreReminded is the table of stages and quiet hours, 22:00 to 08:00.
func TestWhenPeopleAreReminded(t *testing.T) {
	moscow, err := time.LoadLocation("Europe/Moscow")
	must(t, err)
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, moscow)
		must(t, err)
		return v
	}
	for _, test := range []struct {
		start          string
		day, hour, ten string // when each stage goes out, "" for never
	}{
		{"2026-11-26 14:30", "2026-11-25 14:30", "2026-11-26 13:30", "2026-11-26 14:20"},
		{"2026-11-26 08:30", "2026-11-25 08:30", "", "2026-11-26 08:20"},
		{"2026-11-26 09:00", "2026-11-25 09:00", "2026-11-26 08:00", "2026-11-26 08:50"}, // 08:00 is not quiet any more
		{"2026-11-26 07:00", "2026-11-24 21:30", "", "2026-11-26 06:50"},
		{"2026-11-26 22:00", "2026-11-25 21:30", "2026-11-26 21:00", "2026-11-26 21:50"},
		{"2026-11-26 23:30", "2026-11-25 21:30", "", "2026-11-26 23:20"},
		{"2026-11-27 00:05", "2026-11-25 21:30", "", "2026-11-26 23:55"},
	} {
		for i, want := range []string{test.day, test.hour, test.ten} {
			got := stages()[i].at(at(test.start), DefaultQuiet(), moscow)
			if want == "" && !got.IsZero() || want != "" && !got.Equal(at(want)) {
				t.Errorf("visit at %s, stage %d: %s, want %s", test.start, i, got, want)
			}
		}
	}
	never := Quiet{}
	if got := stages()[1].at(at("2026-11-26 04:00"), never, moscow); !got.Equal(at("2026-11-26 03:00")) {
		t.Errorf("without quiet hours: %s", got)
	}
}

func TestQuietSinceAgreesWithUntil(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	for _, q := range []Quiet{DefaultQuiet(), {From: 60, To: 300}, {}, {From: 23 * 60, To: 30}} {
		for m := range 4 * 24 * 60 { // with the day on which the clock is set back
			at := time.Date(2026, 10, 23, 0, m, 0, 0, time.UTC)
			began, ends := q.Since(at, berlin), q.Until(at, berlin)
			if began.IsZero() != ends.Equal(at) {
				t.Fatalf("%v at %s: since %s, until %s", q, at, began, ends)
			}
			if !began.IsZero() && (began.After(at) || at.Sub(began) > 12*time.Hour) {
				t.Fatalf("%v at %s: began %s", q, at, began)
			}
		}
	}
}

const sokolovMail, remindedMail = "sokolov@example.org", "doctor@meridian.example"

// planned books a visit of the demo's patient so long after noon.
func (w *world) planned(t *testing.T, after time.Duration) AppointmentView {
	t.Helper()
	must(t, w.update(t.Context(), System(w.demo.clinic.ID), func(u *unit) error {
		doctor, err := u.account(w.actor("doctor").Account)
		if err != nil || doctor.Email == remindedMail {
			return err
		}
		doctor.Email = remindedMail
		_, err = u.t.accounts.Put(u, u.scope, &doctor, doctor.Rev)
		return err
	}))
	v, err := w.Appointments.Book(t.Context(), w.actor("doctor"), Booking{
		Patient: w.actor("patient").Patient, Practitioner: w.actor("doctor").Practitioner, Service: w.demo.services["initial"],
		Start: noon.Add(after), Waiver: "test",
	})
	must(t, err)
	return v
}

// count returns how many mails to an address have a word in their subject.
func (s *testSender) count(address, word string) (n int) {
	for _, m := range s.to(address) {
		if strings.Contains(m.Subject, word) {
			n++
		}
	}
	return n
}

func TestRemindersGoOutOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		running(t, w)
		visit := w.planned(t, 48*time.Hour)
		for _, step := range []struct {
			sleep time.Duration
			want  int
		}{
			{24*time.Hour - time.Minute, 0},
			{2 * time.Minute, 1},
			{22 * time.Hour, 1},
			{time.Hour, 2},
			{48 * time.Minute, 2},
			{3 * time.Minute, 3},
			{48 * time.Hour, 3},
		} {
			time.Sleep(step.sleep)
			synctest.Wait()
			for _, to := range []string{sokolovMail, remindedMail} {
				words := map[string]string{sokolovMail: "Ваш приём ", remindedMail: "Консультация "}
				if got := w.mail.count(to, words[to]); got != step.want {
					t.Fatalf("%s at %s: %d reminders, want %d", to, w.clock.Now(), got, step.want)
				}
			}
		}
		mails := slices.DeleteFunc(w.mail.to(sokolovMail), func(m notify.Message) bool { return !strings.HasPrefix(m.Subject, "Ваш приём ") })
		last := mails[len(mails)-1]
		if !strings.Contains(last.Subject, "через 10 минут") || !strings.Contains(last.Text, "http://localhost:8080/visit#") {
			t.Errorf("the last reminder: %s\n%s", last.Subject, last.Text)
		}
		// Its link signs the patient in for this visit.
		_, token, _ := strings.Cut(last.Text, "/visit#")
		token, _, _ = strings.Cut(token, "\n")
		must(t, w.view(t.Context(), System(w.demo.clinic.ID), func(u *unit) error {
			link, _, err := u.t.links.Get(u, u.scope, hashToken(token))
			if err == nil && (link.Appointment != visit.ID || link.Account != w.actor("patient").Account) {
				t.Errorf("the link is for %+v", link)
			}
			return nil
		}))
		w.auditMentions(t, "appointment.reminder", 3, "example.org")
	})
}

// TestRemindersOverARestart stops the server before, during and after the stages.
func TestRemindersOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		w.planned(t, 48*time.Hour)
		serve := func(d time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			must(t, w.Run(ctx))
		}
		time.Sleep(24 * time.Hour)
		for range 5 { // five restarts within the first stage
			serve(time.Second)
		}
		if got := w.mail.count(sokolovMail, "Ваш приём "); got != 1 {
			t.Fatalf("%d reminders a day before, want 1", got)
		}
		clock := w.core.clock
		w.core.clock = func() time.Time { return clock().Add(-3 * time.Hour) } // set back
		serve(time.Minute)
		w.core.clock = clock
		if got := w.mail.count(sokolovMail, "Ваш приём "); got != 1 {
			t.Fatalf("%d reminders after the clock was set back, want 1", got)
		}
		time.Sleep(23*time.Hour + 30*time.Minute) // off when the second stage was due
		serve(time.Minute)
		if got := w.mail.count(sokolovMail, "Ваш приём "); got != 2 {
			t.Fatalf("%d reminders after a pause, want 2", got)
		}
		if last := w.mail.to(sokolovMail); !strings.Contains(last[len(last)-1].Subject, "через 30 минут") {
			t.Errorf("a late reminder says %q", last[len(last)-1].Subject)
		}
		time.Sleep(time.Hour)
		serve(time.Minute)
		if got := w.mail.count(sokolovMail, "Ваш приём "); got != 2 {
			t.Fatalf("%d reminders after the visit began, want 2", got)
		}
	})
}

func TestWhatIsOffIsNotRemindedOf(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		running(t, w)
		off := w.planned(t, 30*time.Hour)
		_, err := w.Appointments.Cancel(t.Context(), w.actor("doctor"), off.ID, "врач заболел")
		must(t, err)
		time.Sleep(40 * time.Hour)
		synctest.Wait()
		if got := w.mail.count(sokolovMail, "Ваш приём ") + w.mail.count(remindedMail, "Консультация "); got != 0 {
			t.Errorf("%d reminders of a cancelled visit", got)
		}
		must(t, w.view(t.Context(), System(w.demo.clinic.ID), func(u *unit) error {
			for r, err := range u.t.reminders.List(u, u.scope) {
				if err != nil || r.Appointment == off.ID {
					t.Errorf("left: %+v %v", r, err)
				}
			}
			return nil
		}))
	})
}

func TestPatientsAreToldOfSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		running(t, w)
		visit := w.planned(t, 26*time.Hour)
		synctest.Wait()
		mails := w.mail.to(sokolovMail)
		if len(mails) != 1 || !strings.HasPrefix(mails[0].Subject, "Вы записаны на приём: 26 ноября 2026, 14:00") {
			t.Fatalf("after booking: %+v", mails)
		}
		ics := string(mails[0].Attachments[0].Content)
		for _, want := range []string{
			"METHOD:REQUEST\r\n", "UID:" + string(visit.ID) + "@localhost\r\n", "SEQUENCE:0\r\n", "STATUS:CONFIRMED\r\n",
			"DTSTART:20261126T110000Z\r\n", "DTEND:20261126T113000Z\r\n", "mailto:" + sokolovMail,
		} {
			if !strings.Contains(strings.ReplaceAll(ics, "\r\n ", ""), want) {
				t.Errorf("the invitation has no %q:\n%s", want, ics)
			}
		}
		for _, never := range []string{visit.Complaint, "терапевт", visit.PatientName, "/visit#"} {
			if never != "" && strings.Contains(ics, never) {
				t.Errorf("the invitation says %q", never)
			}
		}
		_, err := w.Appointments.Cancel(t.Context(), w.actor("doctor"), visit.ID, "врач заболел")
		must(t, err)
		synctest.Wait()
		mails = w.mail.to(sokolovMail)
		if len(mails) != 2 || !strings.Contains(mails[1].Text, "врач заболел") || strings.Contains(mails[1].Subject, "заболел") {
			t.Fatalf("after cancelling: %+v", mails)
		}
		ics = string(mails[1].Attachments[0].Content)
		for _, want := range []string{"METHOD:CANCEL\r\n", "UID:" + string(visit.ID) + "@localhost\r\n", "SEQUENCE:1\r\n", "STATUS:CANCELLED\r\n"} {
			if !strings.Contains(ics, want) {
				t.Errorf("the cancellation has no %q:\n%s", want, ics)
			}
		}
	})
}

// TestWithoutEmailAnSMSGoes, and without either nothing breaks.
func TestWithoutEmailAnSMSGoes(t *testing.T) {
	for _, test := range []struct{ email, phone, to string }{
		{"", "8 (900) 000-01-78", "+79000000178"},
		{"nonsense", "+7 900 000-01-78", "+79000000178"},
		{"", "", ""},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newTimedWorld(t)
			running(t, w)
			must(t, w.update(t.Context(), System(w.demo.clinic.ID), func(u *unit) error {
				p, err := u.patient(w.actor("patient").Patient)
				if err != nil {
					return err
				}
				p.Email, p.Phone = test.email, test.phone
				if _, err = u.t.patients.Put(u, u.scope, &p, p.Rev); err != nil {
					return err
				}
				a, err := u.account(p.Account)
				if err != nil {
					return err
				}
				a.Email, a.Phone = "", ""
				_, err = u.t.accounts.Put(u, u.scope, &a, a.Rev)
				return err
			}))
			w.planned(t, 26*time.Hour)
			time.Sleep(27 * time.Hour)
			synctest.Wait()
			w.mail.mu.Lock()
			defer w.mail.mu.Unlock()
			for _, m := range w.mail.sent {
				if m.To == remindedMail {
					continue
				}
				if test.to == "" || m.Channel != notify.SMS || m.To != test.to || m.Attachments != nil {
					t.Errorf("sent %+v", m)
				}
			}
		})
	}
}

// TestRemindersOfOldData: visits that were booked by a program without reminders.
func TestRemindersOfOldData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		w.planned(t, 26*time.Hour)
		must(t, w.update(t.Context(), System(w.demo.clinic.ID), func(u *unit) error {
			var ids []AppointmentID
			for r, err := range u.t.reminders.List(u, u.scope) {
				if err != nil {
					return err
				}
				ids = append(ids, r.Appointment)
			}
			for _, id := range ids {
				if err := u.t.reminders.Delete(u, u.scope, string(id), store.Any); err != nil {
					return err
				}
			}
			return nil
		}))
		running(t, w)
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		if got := w.mail.count(sokolovMail, "Ваш приём "); got != 1 {
			t.Errorf("%d reminders, want 1", got)
		}
	})
}
