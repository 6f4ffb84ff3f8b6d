package control

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// running starts Run in a bubble with real (that is: synctest's) time.
func running(t *testing.T, w *world) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// newTimedWorld is a world whose clock is the bubble's.
func newTimedWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	shift := time.Until(noon)
	w.core.clock = func() time.Time { return time.Now().Add(shift) }
	return w
}

func (w *world) status(t *testing.T) Status {
	t.Helper()
	v, err := w.Appointments.Get(context.Background(), w.actor("doctor"), w.due.ID)
	must(t, err)
	return v.Status
}

func TestPatientWhoLeavesTheWaitingRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		running(t, w)
		patient, room := w.actor("patient"), string(w.due.Encounter)
		_, err := w.Encounters.Join(t.Context(), patient, w.due.Encounter)
		must(t, err)
		w.Joined(room, string(patient.Account), string(RolePatient), true)

		w.Left(room, string(patient.Account))
		time.Sleep(44 * time.Second)
		synctest.Wait()
		if got := w.status(t); got != Waiting {
			t.Fatalf("after 44 s: %s", got)
		}
		w.Joined(room, string(patient.Account), string(RolePatient), true) // back in time
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		if got := w.status(t); got != Waiting {
			t.Fatalf("came back and yet: %s", got)
		}
		w.Left(room, string(patient.Account))
		time.Sleep(46 * time.Second)
		synctest.Wait()
		if got := w.status(t); got != Booked {
			t.Fatalf("after 46 s: %s", got)
		}
	})
}

func TestWaitingOverARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		_, err := w.Encounters.Join(t.Context(), w.actor("patient"), w.due.Encounter)
		must(t, err)
		running(t, w) // as after a restart: the state says waiting, nobody is there
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if got := w.status(t); got != Waiting {
			t.Fatalf("at once: %s", got)
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if got := w.status(t); got != Booked {
			t.Fatalf("after a minute: %s", got)
		}
	})
}

func TestRoomClosesAfterTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		w.begin(t)
		_, err := w.Encounters.Finish(t.Context(), w.actor("doctor"), w.due.Encounter)
		must(t, err)
		closed := "close " + string(w.due.Encounter) + " finished"
		if w.rooms.has(closed) {
			t.Fatal("closed without the outbox")
		}
		running(t, w) // the promise outlives a stop
		synctest.Wait()
		if !w.rooms.has(closed) {
			t.Fatalf("calls: %v", w.rooms.calls)
		}
	})
}

func TestFailedSideEffectIsTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		flaky := &flakyBlobs{Blobs: w.blobs, failures: 3}
		w.core.blobs = flaky
		must(t, w.update(t.Context(), System(w.demo.clinic.ID), func(u *unit) error {
			return u.enqueue(Job{Kind: JobDeleteBlob, Object: "00000000000000000000000000"})
		}))
		running(t, w)
		time.Sleep(time.Minute)
		synctest.Wait()
		if flaky.calls() != 4 {
			t.Errorf("%d tries, want 4", flaky.calls())
		}
		must(t, w.view(t.Context(), System(w.demo.clinic.ID), func(u *unit) error {
			for j, err := range u.t.jobs.List(u, u.scope) {
				t.Errorf("left in the outbox: %+v %v", j, err)
			}
			return nil
		}))
	})
}

// TestPanicInBackgroundWork: a fault in one side effect ends neither the process nor
// the others, and the work is tried again.
func TestPanicInBackgroundWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		faulty := &faultyBlobs{Blobs: w.blobs, panics: 3}
		w.core.blobs = faulty
		must(t, w.update(t.Context(), System(w.demo.clinic.ID), func(u *unit) error {
			return u.enqueue(Job{Kind: JobDeleteBlob, Object: "00000000000000000000000000"})
		}))
		running(t, w)
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := faulty.tried.Load(); n != 4 {
			t.Errorf("%d tries, want 4", n)
		}
		if _, err := w.Encounters.Join(t.Context(), w.actor("patient"), w.due.Encounter); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

var errFlaky = errors.New("disk is busy")
