package control

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"consilium/store"
	"consilium/store/bolt"
)

// real makes the demo's clinic one like any other: its no-shows are recorded in time.
func (w *world) real(t testing.TB) {
	t.Helper()
	must(t, w.update(context.Background(), System(w.demo.clinic.ID), func(u *unit) error {
		clinic, err := u.clinic()
		if err != nil {
			return err
		}
		clinic.Demo = false
		if _, err := u.t.clinics.Put(u, store.Global, &clinic, clinic.Rev); err != nil {
			return err
		}
		a, err := u.appointment(w.due.ID)
		if err != nil {
			return err
		}
		return u.arm(&a)
	}))
}

// change edits a service of the clinic.
func (w *world) service(t testing.TB, id ServiceID, change func(*Service)) {
	t.Helper()
	must(t, w.update(context.Background(), System(w.demo.clinic.ID), func(u *unit) error {
		s, err := u.service(id)
		if err != nil {
			return err
		}
		change(&s)
		_, err = u.t.services.Put(u, u.scope, &s, s.Rev)
		return err
	}))
}

func (w *world) stage(t testing.TB, id AppointmentID) Status {
	t.Helper()
	v, err := w.Appointments.Get(context.Background(), w.actor("admin"), id)
	must(t, err)
	return v.Status
}

// trail counts the audit events of an action on an object.
func (w *world) trailOf(t testing.TB, action, object string) int {
	t.Helper()
	n := 0
	must(t, w.view(context.Background(), System(w.demo.clinic.ID), func(u *unit) error {
		n = 0
		for e, err := range u.t.trail.Range(u, u.scope, 1, 1<<62) {
			if err != nil {
				return err
			}
			if e.Value.Action == action && e.Value.Object == object {
				n++
			}
		}
		return nil
	}))
	return n
}

func sleep(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestTimersOfAVisit(t *testing.T) {
	timed := func(name string, test func(*testing.T, *world)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newTimedWorld(t)
				w.real(t)
				running(t, w)
				test(t, w)
			})
		})
	}
	doctor := func(w *world) string { return string(w.actor("doctor").Account) }
	patient := func(w *world) string { return string(w.actor("patient").Account) }
	enter := func(w *world, who string, role Role) { w.Joined(string(w.due.Encounter), who, string(role), false) }
	talk := func(t *testing.T, w *world) {
		w.begin(t)
		enter(w, doctor(w), RolePractitioner)
		enter(w, patient(w), RolePatient)
	}
	expect := func(t *testing.T, w *world, want Status) {
		t.Helper()
		if got := w.status(t); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	}

	timed("the doctor waits, the patient does not come", func(t *testing.T, w *world) {
		_, err := w.Encounters.Join(t.Context(), w.actor("doctor"), w.due.Encounter)
		must(t, err)
		sleep(14 * time.Minute)
		expect(t, w, Booked)
		sleep(61 * time.Second)
		expect(t, w, NoShow)
		if !w.rooms.has("close " + string(w.due.Encounter) + " cancelled") {
			t.Error("the room stays open")
		}
	})
	timed("nobody comes: the clinic is alerted", func(t *testing.T, w *world) {
		sleep(14*time.Minute + 50*time.Second)
		expect(t, w, Booked)
		sleep(11 * time.Second)
		expect(t, w, ProviderNoShow)
		v, err := w.Appointments.Get(t.Context(), w.actor("admin"), w.due.ID)
		must(t, err)
		if v.Attention != AttentionDoctorMissed {
			t.Errorf("attention %q", v.Attention)
		}
	})
	timed("a patient who waits and a doctor who does not come", func(t *testing.T, w *world) {
		_, err := w.Encounters.Join(t.Context(), w.actor("patient"), w.due.Encounter)
		must(t, err)
		w.Joined(string(w.due.Encounter), patient(w), string(RolePatient), true)
		sleep(15*time.Minute + time.Second)
		expect(t, w, ProviderNoShow)
	})
	timed("a doctor whose consultation before runs late is waited for", func(t *testing.T, w *world) {
		w.Joined("another-room", doctor(w), string(RolePractitioner), false)
		sleep(20 * time.Minute)
		expect(t, w, Booked)
		w.Left("another-room", doctor(w))
		sleep(61 * time.Second)
		expect(t, w, ProviderNoShow)
	})
	timed("a patient who came and went while the doctor was late is no no-show", func(t *testing.T, w *world) {
		_, err := w.Encounters.Join(t.Context(), w.actor("patient"), w.due.Encounter)
		must(t, err)
		w.Joined(string(w.due.Encounter), patient(w), string(RolePatient), true)
		sleep(5 * time.Minute)
		w.Left(string(w.due.Encounter), patient(w))
		sleep(time.Minute)
		expect(t, w, Booked)
		_, err = w.Encounters.Join(t.Context(), w.actor("doctor"), w.due.Encounter)
		must(t, err)
		sleep(30 * time.Minute)
		expect(t, w, Booked)
		sleep(time.Hour) // until nobody may come any more
		expect(t, w, NoShow)
	})
	timed("a lost line interrupts after 30 s and its return resumes", func(t *testing.T, w *world) {
		talk(t, w)
		w.MediaLost(string(w.due.Encounter), patient(w))
		sleep(29 * time.Second)
		expect(t, w, InProgress)
		sleep(2 * time.Second)
		expect(t, w, InProgress) // everybody gets 45 s after the server's start
		sleep(20 * time.Second)
		expect(t, w, Interrupted)
		w.MediaBack(string(w.due.Encounter), patient(w))
		sleep(time.Second)
		expect(t, w, InProgress)
		w.MediaLost(string(w.due.Encounter), doctor(w))
		sleep(20 * time.Second)
		w.MediaBack(string(w.due.Encounter), doctor(w))
		sleep(20 * time.Second)
		w.MediaLost(string(w.due.Encounter), doctor(w)) // counted anew
		sleep(20 * time.Second)
		expect(t, w, InProgress)
		sleep(11 * time.Second)
		expect(t, w, Interrupted)
	})
	timed("unresumed after little talk it has failed", func(t *testing.T, w *world) {
		talk(t, w)
		sleep(4 * time.Minute)
		w.Left(string(w.due.Encounter), patient(w))
		sleep(31 * time.Second)
		expect(t, w, Interrupted)
		sleep(29 * time.Minute)
		expect(t, w, Interrupted)
		sleep(61 * time.Second)
		expect(t, w, Failed)
	})
	timed("unresumed after enough talk it has ended", func(t *testing.T, w *world) {
		talk(t, w)
		sleep(6 * time.Minute)
		w.Left(string(w.due.Encounter), patient(w))
		sleep(31*time.Minute + 10*time.Second)
		expect(t, w, Documenting)
	})
	timed("a room that both left is over after ten minutes", func(t *testing.T, w *world) {
		talk(t, w)
		sleep(time.Minute)
		w.Left(string(w.due.Encounter), patient(w))
		w.Left(string(w.due.Encounter), doctor(w))
		sleep(9*time.Minute + 50*time.Second)
		expect(t, w, InProgress)
		sleep(11 * time.Second)
		expect(t, w, Documenting)
	})
	timed("an unsigned conclusion is told of twice, each once", func(t *testing.T, w *world) {
		talk(t, w)
		_, err := w.Encounters.Finish(t.Context(), w.actor("doctor"), w.due.Encounter)
		must(t, err)
		sleep(2*time.Hour + time.Minute)
		if n := w.trailOf(t, "appointment.remind", string(w.due.ID)); n != 1 {
			t.Errorf("reminded %d times", n)
		}
		sleep(72 * time.Hour)
		if n := w.trailOf(t, "appointment.remind", string(w.due.ID)); n != 1 {
			t.Errorf("reminded %d times", n)
		}
		if n := w.trailOf(t, "appointment.escalate", string(w.due.ID)); n != 1 {
			t.Errorf("escalated %d times", n)
		}
		v, err := w.Appointments.Get(t.Context(), w.actor("admin"), w.due.ID)
		must(t, err)
		if v.Attention != AttentionLongUnsigned {
			t.Errorf("attention %q", v.Attention)
		}
	})
	timed("a chat waits for its people", func(t *testing.T, w *world) {
		b := w.booking("volkov", noon.Add(30*time.Minute))
		b.Service, b.Modality = "question", ModalityChat
		v, err := w.Appointments.Book(t.Context(), w.actor("admin"), b)
		must(t, err)
		sleep(30 * time.Minute)
		_, err = w.Appointments.Begin(t.Context(), w.actor("doctor"), v.ID)
		must(t, err)
		sleep(11 * time.Minute)
		if got := w.stage(t, v.ID); got != InProgress {
			t.Fatalf("%s: a chat is no call", got)
		}
		sleep(5 * time.Minute)
		if got := w.stage(t, v.ID); got != Documenting {
			t.Fatalf("%s after its end", got)
		}
	})
}

// TestTimersFireOnce: an alarm that several ring at the same time, that rings twice, or
// that rings while the clock is set back is one transition.
func TestTimersFireOnce(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.real(t)
	ring := func() error { return w.ring(ctx, w.demo.clinic.ID, w.due.ID) }
	w.clock.Advance(-3 * time.Hour)
	must(t, ring())
	if got := w.status(t); got != Booked {
		t.Fatalf("rung hours before: %s", got)
	}
	w.clock.Advance(3*time.Hour + 16*time.Minute)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if err := ring(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if got := w.status(t); got != ProviderNoShow {
		t.Fatalf("after 16 min: %s", got)
	}
	w.clock.Advance(-time.Hour) // the clock is set back: what happened has happened
	must(t, ring())
	w.clock.Advance(2 * time.Hour)
	must(t, ring())
	if n := w.trailOf(t, "appointment.provider_no_show", string(w.due.ID)); n != 1 {
		t.Errorf("%d transitions", n)
	}
	must(t, w.view(ctx, System(w.demo.clinic.ID), func(u *unit) error {
		for a, err := range u.t.alarms.List(u, u.scope) {
			if err != nil {
				return err
			}
			if a.Appointment == w.due.ID {
				t.Errorf("an alarm is left: %+v", a)
			}
		}
		return nil
	}))
}

// TestTimersOutliveARestart: what came due while the server was down is done when it
// is back, after everybody had time to come in again.
func TestTimersOutliveARestart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	db, err := bolt.Open(dir)
	must(t, err)
	w := newWorldOn(t, db)
	w.real(t)
	held, err := w.Appointments.Hold(t.Context(), w.actor("volkov"), w.booking("volkov", noon.Add(24*time.Hour)))
	must(t, err)
	must(t, db.Close())

	db, err = bolt.Open(dir)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	again := newWorldOn(t, db) // it makes a demo's clinic beside the real one
	again.demo.clinic, again.demo.actors = w.demo.clinic, w.demo.actors
	again.clock.Advance(40 * time.Minute)
	again.core.born = again.clock.Now()
	_, err = again.ringAll(t.Context())
	must(t, err)
	if got := again.stage(t, held.ID); got != Expired {
		t.Errorf("the hold is %s", got)
	}
	if got := again.stage(t, w.due.ID); got != Booked {
		t.Errorf("judged at the very start: %s", got)
	}
	again.clock.Advance(46 * time.Second)
	_, err = again.ringAll(t.Context())
	must(t, err)
	if got := again.stage(t, w.due.ID); got != ProviderNoShow {
		t.Errorf("not judged: %s", got)
	}
}

// TestVisitsOfAnOlderStoreGetTimers: visits booked before there were timers.
func TestVisitsOfAnOlderStoreGetTimers(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.real(t)
	alarms := func() (n int) {
		must(t, w.update(ctx, System(w.demo.clinic.ID), func(u *unit) error {
			n = 0
			for a, err := range u.t.alarms.List(u, u.scope) {
				if err != nil {
					return err
				}
				n++
				if err := u.t.alarms.Delete(u, u.scope, string(a.Appointment), a.Rev); err != nil {
					return err
				}
			}
			return nil
		}))
		return n
	}
	crowd(t, w, 2, 20, 20) // more than one transaction takes
	before := alarms()
	must(t, w.armAll(ctx, w.demo.clinic.ID))
	all := alarms()
	if before == 0 || all < armPage+100 {
		t.Errorf("%d alarms, then %d", before, all)
	}
	// A kill after the first page: the next start goes on.
	must(t, w.update(ctx, System(w.demo.clinic.ID), func(u *unit) error {
		done, err := u.armSome()
		if done {
			t.Error("one page was enough: the test is too small")
		}
		return err
	}))
	must(t, w.expectPeople(ctx))
	must(t, w.expectPeople(ctx)) // and once is enough
	if after := alarms(); after != all {
		t.Errorf("%d alarms after a start that was cut off, %d without", after, all)
	}
}

func TestSlotTimesOnTheWall(t *testing.T) {
	// Berlin's clocks jump from 2:00 to 3:00 on 28 March 2027 and from 3:00 to 2:00 on
	// 31 October 2027.
	w := newWorld(t)
	ctx := context.Background()
	berlin, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	must(t, w.update(ctx, System(w.demo.clinic.ID), func(u *unit) error {
		clinic, err := u.clinic()
		if err != nil {
			return err
		}
		clinic.Zone = "Europe/Berlin"
		if _, err = u.t.clinics.Put(u, store.Global, &clinic, clinic.Rev); err != nil {
			return err
		}
		schedule, err := u.schedule(w.actor("doctor").Practitioner)
		if err != nil {
			return err
		}
		for i := range schedule.Rules.Weekly {
			r := &schedule.Rules.Weekly[i]
			r.Days = []time.Weekday{time.Sunday}
			r.Window.From, r.Window.To = 1*60, 4*60
		}
		schedule.HorizonDays, schedule.Step = 366, time.Hour
		_, err = u.t.schedules.Put(u, u.scope, &schedule, schedule.Rev)
		return err
	}))
	w.service(t, "question", func(s *Service) { s.Duration = 30 * time.Minute })
	starts := func(day time.Time) (out []string) {
		w.clock.mu.Lock()
		w.clock.now = day.AddDate(0, 0, -7)
		w.clock.mu.Unlock()
		slots, _, err := w.Schedules.Slots(ctx, w.actor("volkov"), SlotQuery{Service: "question", Practitioner: w.actor("doctor").Practitioner, From: day, To: day.AddDate(0, 0, 1)})
		must(t, err)
		for _, s := range slots {
			out = append(out, s.Start.In(berlin).Format("15:04 MST"))
		}
		return out
	}
	hold := func(at time.Time) error {
		_, err := w.Appointments.Hold(ctx, w.actor("volkov"), Booking{
			Patient: w.actor("volkov").Patient, Practitioner: w.actor("doctor").Practitioner, Service: "question", Start: at,
		})
		return err
	}
	spring := time.Date(2027, 3, 28, 0, 0, 0, 0, berlin)
	if got := fmt.Sprint(starts(spring)); got != "[01:00 CET 03:00 CEST]" {
		t.Errorf("when an hour is left out: %s", got)
	}
	wantCode(t, hold(spring.Add(90*time.Minute)), CodeSlotUnavailable) // between two slots
	must(t, hold(spring.Add(2*time.Hour)))                             // 3:00, where 2:00 would have been
	autumn := time.Date(2027, 10, 31, 0, 0, 0, 0, berlin)
	if got := fmt.Sprint(starts(autumn)); got != "[01:00 CEST 02:00 CEST 02:00 CET 03:00 CET]" {
		t.Errorf("when an hour comes twice: %s", got)
	}
	must(t, hold(autumn.Add(2*time.Hour)))
	must(t, hold(autumn.Add(3*time.Hour))) // the same clock on the wall, an hour later
	wantCode(t, hold(autumn.Add(3*time.Hour)), CodeSlotTaken)
}
