package control

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"consilium/store/bolt"
)

// booking is a follow-up (20 minutes) of the first doctor with a patient.
func (w *world) booking(patient string, start time.Time) Booking {
	return Booking{
		Patient: w.actor(patient).Patient, Practitioner: w.actor("doctor").Practitioner, Service: "followup",
		Start: start, Waiver: "test",
	}
}

func TestBookingRules(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	slot := noon.Add(48 * time.Hour)
	first, err := w.Appointments.Book(ctx, w.actor("doctor"), w.booking("kuznetsova", slot))
	must(t, err)
	if first.No != "2026-000002" || first.Wall != "2026-11-27T12:00" || first.Encounter == "" {
		t.Errorf("booked: %+v", first.Appointment)
	}
	for _, c := range []struct {
		name   string
		who    string
		change func(*Booking)
		want   Code
	}{
		{"doctor busy", "doctor", func(*Booking) {}, CodeSlotTaken},
		{"doctor busy, overlap by a minute", "admin", func(b *Booking) { b.Start = slot.Add(19 * time.Minute) }, CodeSlotTaken},
		{"doctor busy, longer before", "admin", func(b *Booking) { b.Start = slot.Add(-19 * time.Minute) }, CodeSlotTaken},
		{"patient busy with another doctor", "admin", func(b *Booking) {
			b.Patient, b.Practitioner = w.actor("kuznetsova").Patient, w.actor("doctor2").Practitioner
		}, CodeSlotTaken},
		{"right after", "doctor", func(b *Booking) { b.Start = slot.Add(20 * time.Minute) }, ""},
		{"right before", "doctor", func(b *Booking) { b.Start = slot.Add(-20 * time.Minute) }, ""},
		{"in the past", "doctor", func(b *Booking) { b.Start = noon.Add(-time.Hour) }, CodeInvalid},
		{"at no full minute", "doctor", func(b *Booking) { b.Start = slot.Add(time.Hour + time.Second) }, CodeInvalid},
		{"no time", "doctor", func(b *Booking) { b.Start = time.Time{} }, CodeInvalid},
		{"a service the doctor does not give", "doctor", func(b *Booking) { b.Service = "cardiology"; b.Start = slot.Add(3 * time.Hour) }, CodeUnbookable},
		{"a way the service is not given", "doctor", func(b *Booking) {
			b.Service, b.Modality, b.Start = "question", ModalityVideo, slot.Add(3*time.Hour)
		}, CodeInvalid},
		{"no such service", "doctor", func(b *Booking) { b.Service = "nothing" }, CodeNotFound},
		{"no such patient", "doctor", func(b *Booking) { b.Patient = "nobody" }, CodeNotFound},
		{"no such doctor", "admin", func(b *Booking) { b.Practitioner = "nobody" }, CodeNotFound},
		{"another doctor's time", "doctor2", func(*Booking) {}, CodeDenied},
		{"a price and no waiver", "doctor", func(b *Booking) { b.Waiver = ""; b.Start = slot.Add(3 * time.Hour) }, CodePaymentRequired},
		{"after the licence expires", "doctor", func(b *Booking) { b.Start = noon.AddDate(3, 0, 1) }, CodeUnbookable},
		{"a patient for somebody else", "volkov", func(b *Booking) { b.Patient = w.actor("belova").Patient }, CodeNotFound},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := w.booking("volkov", slot)
			c.change(&b)
			_, err := w.Appointments.Book(ctx, w.actor(c.who), b)
			wantCode(t, err, c.want)
		})
	}
	t.Run("a cancelled slot is free again", func(t *testing.T) {
		_, err := w.Appointments.Cancel(ctx, w.actor("admin"), first.ID, "moved")
		must(t, err)
		_, err = w.Appointments.Book(ctx, w.actor("doctor"), w.booking("belova", slot))
		must(t, err)
	})
}

func TestBookingWithIdempotencyKey(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	b := w.booking("kuznetsova", noon.Add(48*time.Hour))
	b.Key = "k1"
	first, err := w.Appointments.Book(ctx, w.actor("doctor"), b)
	must(t, err)
	again, err := w.Appointments.Book(ctx, w.actor("doctor"), b)
	must(t, err)
	if again.ID != first.ID {
		t.Error("the same key booked twice")
	}
	other := b
	other.Start = other.Start.Add(time.Hour)
	_, err = w.Appointments.Book(ctx, w.actor("doctor"), other)
	wantCode(t, err, CodeIdempotencyReused)
	_, err = w.Appointments.Book(ctx, w.actor("admin"), other) // another account's key
	must(t, err)
	w.clock.Advance(8 * 24 * time.Hour)
	must(t, w.tidy(ctx))
	b.Start = b.Start.AddDate(0, 0, 20)
	_, err = w.Appointments.Book(ctx, w.actor("doctor"), b)
	must(t, err)
}

// TestOneSlotManyTries has a thousand people book one doctor's slot, and a
// thousand doctors' desks book one patient: one wins each time.
func TestOneSlotManyTries(t *testing.T) {
	engines := []struct {
		name  string
		tries int
		open  func(*testing.T) *world
	}{
		{"mem", 200, func(t *testing.T) *world { return newWorld(t) }}, // runs everything twice
		{"bolt", 1000, func(t *testing.T) *world {
			db, err := bolt.Open(t.TempDir())
			must(t, err)
			t.Cleanup(func() { _ = db.Close() })
			return newWorldOn(t, db)
		}},
	}
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			w, tries := e.open(t), e.tries
			patients := []string{"kuznetsova", "volkov", "belova", "novak", "patient2"}
			slot := noon.Add(48 * time.Hour)
			contest(t, w, tries, func(i int) (Actor, Booking) {
				b := w.booking(patients[i%len(patients)], slot.Add(time.Duration(i%20)*time.Minute))
				return w.actor("admin"), b
			})
			slot = slot.Add(24 * time.Hour)
			contest(t, w, tries, func(i int) (Actor, Booking) {
				b := w.booking("belova", slot)
				b.Practitioner = w.actor([]string{"doctor", "doctor2"}[i%2]).Practitioner
				return w.actor("admin"), b
			})
		})
	}
}

func contest(t *testing.T, w *world, tries int, booking func(int) (Actor, Booking)) {
	t.Helper()
	outcome := make([]error, tries)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range tries {
		wg.Go(func() {
			<-start
			who, b := booking(i)
			_, outcome[i] = w.Appointments.Book(context.Background(), who, b)
		})
	}
	close(start)
	wg.Wait()
	won, refused := 0, map[string]int{}
	for _, err := range outcome {
		if err == nil {
			won++
		} else {
			refused[fmt.Sprint(ErrorCode(err))]++
		}
	}
	if won != 1 || refused[string(CodeSlotTaken)] != tries-1 {
		t.Errorf("%d won, refused: %v", won, refused)
	}
}
