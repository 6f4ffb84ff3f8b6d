package control

import (
	"context"
	"testing"
	"time"

	"consilium/control/calendar"
)

func TestHolds(t *testing.T) {
	ctx := context.Background()
	slot := noon.Add(24 * time.Hour)
	t.Run("a held time is taken, and is the visit once it is confirmed", func(t *testing.T) {
		w := newWorld(t)
		w.service(t, "followup", func(s *Service) { s.PayLater = true })
		held, err := w.Appointments.Hold(ctx, w.actor("volkov"), w.booking("volkov", slot))
		must(t, err)
		if held.Status != Held || !held.HoldExpires.Equal(noon.Add(10*time.Minute)) {
			t.Fatalf("held: %+v", held.Appointment)
		}
		_, err = w.Appointments.Hold(ctx, w.actor("belova"), w.booking("belova", slot))
		wantCode(t, err, CodeSlotTaken)
		_, err = w.Appointments.Book(ctx, w.actor("doctor"), w.booking("belova", slot))
		wantCode(t, err, CodeSlotTaken)
		_, err = w.Appointments.Complete(ctx, w.actor("belova"), held.ID, Details{})
		wantCode(t, err, CodeNotFound)
		v, err := w.Appointments.Given(held.Rev, "k").Complete(ctx, w.actor("volkov"), held.ID, Details{Complaint: "Болит спина", Modality: ModalityAudio})
		must(t, err)
		if v.ID != held.ID || v.Status != Booked || v.Complaint != "Болит спина" || v.Modality != ModalityAudio || v.Waiver != waiverByService {
			t.Fatalf("booked: %+v", v.Appointment)
		}
		again, err := w.Appointments.Given(held.Rev, "k").Complete(ctx, w.actor("volkov"), held.ID, Details{Complaint: "Болит спина", Modality: ModalityAudio})
		must(t, err)
		if again.Rev != v.Rev {
			t.Error("the same key confirmed twice")
		}
		_, err = w.Appointments.Given(held.Rev, "k").Complete(ctx, w.actor("volkov"), held.ID, Details{})
		wantCode(t, err, CodeIdempotencyReused)
		_, err = w.Appointments.Given(held.Rev, "").Cancel(ctx, w.actor("volkov"), held.ID, "")
		wantCode(t, err, CodeVersionStale)
	})
	t.Run("what needs money that can't be paid here is asked of the clinic", func(t *testing.T) {
		w := newWorld(t)
		held, err := w.Appointments.Hold(ctx, w.actor("volkov"), w.booking("volkov", slot))
		must(t, err)
		_, err = w.Appointments.Confirm(ctx, w.actor("volkov"), held.ID, "I say so")
		wantCode(t, err, CodeTransitionRefused)
		v, err := w.Appointments.Complete(ctx, w.actor("volkov"), held.ID, Details{Complaint: "x"})
		must(t, err)
		if v.Status != Requested || !v.HoldExpires.IsZero() {
			t.Fatalf("asked: %+v", v.Appointment)
		}
		_, err = w.Appointments.Confirm(ctx, w.actor("registrar"), held.ID, "")
		wantCode(t, err, CodePaymentRequired)
		v, err = w.Appointments.Confirm(ctx, w.actor("registrar"), held.ID, "paid at the desk")
		must(t, err)
		if v.Status != Booked {
			t.Errorf("%s", v.Status)
		}
	})
	t.Run("where the clinic takes payments online the hold lasts until it is paid", func(t *testing.T) {
		w := newWorld(t)
		must(t, w.update(ctx, System(w.demo.clinic.ID), func(u *unit) error {
			clinic, err := u.clinic()
			must(t, err)
			clinic.PaysOnline = true
			_, err = u.t.clinics.Put(u, "_", &clinic, clinic.Rev)
			return err
		}))
		pay := func() AppointmentView {
			held, err := w.Appointments.Hold(ctx, w.actor("volkov"), w.booking("volkov", slot))
			must(t, err)
			w.clock.Advance(9 * time.Minute)
			v, err := w.Appointments.Complete(ctx, w.actor("volkov"), held.ID, Details{})
			must(t, err)
			return v
		}
		v := pay()
		if v.Status != AwaitingPayment || !v.HoldExpires.Equal(noon.Add(20*time.Minute)) {
			t.Fatalf("to be paid: %+v", v.Appointment)
		}
		w.clock.Advance(12 * time.Minute)
		_, err := w.ringAll(ctx)
		must(t, err)
		if got := w.stage(t, v.ID); got != Expired {
			t.Errorf("unpaid: %s", got)
		}
		v = pay()
		_, err = w.Appointments.Settle(ctx, w.actor("volkov"), v.ID, "free")
		wantCode(t, err, CodeDenied)
		_, err = w.Appointments.Settle(ctx, w.actor("registrar"), v.ID, " ")
		wantCode(t, err, CodeInvalid)
		must(t, w.update(ctx, System(w.demo.clinic.ID), func(u *unit) error {
			a, err := u.appointment(v.ID)
			must(t, err)
			if err := u.transit(&a, ActSettle, &input{}); ErrorCode(err) != CodePaymentRequired {
				t.Errorf("settled without a payment: %v", err)
			}
			return u.transit(&a, ActSettle, &input{payment: "pay-1"})
		}))
		paid, err := w.Appointments.Get(ctx, w.actor("volkov"), v.ID)
		must(t, err)
		if paid.Status != Booked || paid.Payment != "pay-1" || paid.Waiver != "" {
			t.Errorf("paid: %+v", paid.Appointment)
		}
	})
	t.Run("a hold that ran out is nobody's", func(t *testing.T) {
		w := newWorld(t)
		w.service(t, "followup", func(s *Service) { s.PayLater = true })
		held, err := w.Appointments.Hold(ctx, w.actor("volkov"), w.booking("volkov", slot))
		must(t, err)
		w.clock.Advance(10 * time.Minute)
		_, err = w.Appointments.Complete(ctx, w.actor("volkov"), held.ID, Details{}) // before the timer
		wantCode(t, err, CodeTransitionRefused)
		_, err = w.ringAll(ctx)
		must(t, err)
		_, err = w.Appointments.Hold(ctx, w.actor("belova"), w.booking("belova", slot))
		must(t, err)
	})
	t.Run("nobody keeps the whole day from others", func(t *testing.T) {
		w := newWorld(t)
		var first AppointmentID
		for i := range 3 {
			v, err := w.Appointments.Hold(ctx, w.actor("volkov"), w.booking("volkov", slot.Add(time.Duration(2+i)*time.Hour)))
			must(t, err)
			if i == 0 {
				first = v.ID
			}
		}
		_, err := w.Appointments.Hold(ctx, w.actor("volkov"), w.booking("volkov", slot))
		wantCode(t, err, CodeTooMany)
		_, err = w.Appointments.Release(ctx, w.actor("volkov"), first)
		must(t, err)
		_, err = w.Appointments.Hold(ctx, w.actor("volkov"), w.booking("volkov", slot))
		must(t, err)
	})
	t.Run("what is not offered is not held", func(t *testing.T) {
		w := newWorld(t)
		for name, c := range map[string]struct {
			start time.Time
			want  Code
		}{
			"in the past":       {noon.Add(-24 * time.Hour), CodeInvalid},
			"outside the hours": {noon.Add(34 * time.Hour), CodeSlotUnavailable},
			"off the grid":      {slot.Add(7 * time.Minute), CodeSlotUnavailable},
			"too soon":          {noon.Add(45 * time.Minute), CodeSlotUnavailable},
			"too far ahead":     {noon.AddDate(0, 0, 100), CodeSlotUnavailable},
			"overlapping":       {noon.Add(15 * time.Minute), CodeSlotTaken},
			"licence over":      {noon.AddDate(3, 0, 1), CodeUnbookable},
		} {
			_, err := w.Appointments.Hold(ctx, w.actor("volkov"), w.booking("volkov", c.start))
			if got := ErrorCode(err); got != c.want {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
		}
	})
}

func TestReschedule(t *testing.T) {
	ctx := context.Background()
	slot := noon.Add(24 * time.Hour)
	start := func(t *testing.T) (*world, AppointmentView) {
		w := newWorld(t)
		v, err := w.Appointments.Book(ctx, w.actor("doctor"), w.booking("volkov", slot))
		must(t, err)
		return w, v
	}
	t.Run("by the patient", func(t *testing.T) {
		w, v := start(t)
		to := slot.Add(10 * time.Minute).Add(5 * time.Minute) // overlaps its own old time
		moved, err := w.Appointments.Given(v.Rev, "m1").Reschedule(ctx, w.actor("volkov"), v.ID, Move{Start: to})
		must(t, err)
		old, err := w.Appointments.Get(ctx, w.actor("volkov"), v.ID)
		must(t, err)
		if old.Status != Rescheduled || old.Successor != moved.ID || moved.Predecessor != old.ID || moved.Status != Booked ||
			moved.Sequence != 1 || moved.Thread() != v.ID || moved.Waiver != v.Waiver || moved.Encounter == v.Encounter {
			t.Errorf("old %+v\nnew %+v", old.Appointment, moved.Appointment)
		}
		again, err := w.Appointments.Given(v.Rev, "m1").Reschedule(ctx, w.actor("volkov"), v.ID, Move{Start: to})
		must(t, err)
		if again.ID != moved.ID {
			t.Error("the same key moved it twice")
		}
		next, err := w.Appointments.Reschedule(ctx, w.actor("registrar"), moved.ID, Move{Start: slot.Add(48 * time.Hour), Reason: "asked by phone"})
		must(t, err)
		if next.Sequence != 2 || next.Thread() != v.ID {
			t.Errorf("moved again: %+v", next.Appointment)
		}
		if !w.rooms.published("patient:" + string(v.Patient) + " appointment " + string(next.ID)) {
			t.Error("the patient's page was not told")
		}
	})
	t.Run("to a time that is taken nothing changes", func(t *testing.T) {
		w, v := start(t)
		_, err := w.Appointments.Book(ctx, w.actor("doctor"), w.booking("belova", slot.Add(2*time.Hour)))
		must(t, err)
		_, err = w.Appointments.Reschedule(ctx, w.actor("volkov"), v.ID, Move{Start: slot.Add(2 * time.Hour)})
		wantCode(t, err, CodeSlotTaken)
		_, err = w.Appointments.Reschedule(ctx, w.actor("volkov"), v.ID, Move{Start: slot.Add(10 * time.Hour)})
		wantCode(t, err, CodeSlotUnavailable)
		_, err = w.Appointments.Reschedule(ctx, w.actor("volkov"), v.ID, Move{Start: slot})
		wantCode(t, err, CodeInvalid)
		_, err = w.Appointments.Reschedule(ctx, w.actor("belova"), v.ID, Move{Start: slot.Add(time.Hour)})
		wantCode(t, err, CodeNotFound)
		_, err = w.Appointments.Given(v.Rev+1, "").Reschedule(ctx, w.actor("volkov"), v.ID, Move{Start: slot.Add(time.Hour)})
		wantCode(t, err, CodeVersionStale)
		if got := w.stage(t, v.ID); got != Booked {
			t.Errorf("%s", got)
		}
	})
	t.Run("not shortly before, but by the clinic", func(t *testing.T) {
		w, v := start(t)
		w.clock.Advance(22*time.Hour + time.Minute)
		_, err := w.Appointments.Reschedule(ctx, w.actor("volkov"), v.ID, Move{Start: slot.Add(24 * time.Hour)})
		wantCode(t, err, CodeTransitionRefused)
		_, err = w.Appointments.Reschedule(ctx, w.actor("doctor"), v.ID, Move{Start: slot.Add(24 * time.Hour)})
		must(t, err)
	})
}

func TestCancellationTerms(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.service(t, "followup", func(s *Service) { s.PayLater = true })
	b := w.booking("volkov", noon.Add(48*time.Hour))
	b.Waiver = ""
	v, err := w.Appointments.Book(ctx, w.actor("doctor"), b)
	must(t, err)
	for _, c := range []struct {
		advance time.Duration
		percent int
		fee     int64
	}{{0, 100, 0}, {24 * time.Hour, 100, 0}, {time.Minute, 50, 90000}, {22*time.Hour - 2*time.Minute, 50, 90000}, {2 * time.Minute, 0, 180000}} {
		w.clock.Advance(c.advance)
		terms, err := w.Appointments.Terms(ctx, w.actor("volkov"), v.ID)
		must(t, err)
		if terms.Percent != c.percent || terms.Fee != (Money{c.fee, "RUB"}) {
			t.Errorf("%v before: %+v", v.Start.Sub(w.clock.Now()), terms)
		}
	}
	out, err := w.Appointments.Cancel(ctx, w.actor("volkov"), v.ID, "")
	must(t, err)
	if out.Fee != (Money{180000, "RUB"}) {
		t.Errorf("fee %+v", out.Fee)
	}
	free, err := w.Appointments.Book(ctx, w.actor("doctor"), w.booking("belova", w.clock.Now().Truncate(time.Hour).Add(2*time.Hour)))
	must(t, err)
	out, err = w.Appointments.Cancel(ctx, w.actor("belova"), free.ID, "")
	must(t, err)
	if out.Fee.Minor != 0 {
		t.Errorf("a waived visit costs %+v", out.Fee)
	}
}

func TestNoShowCostsFromTheSecondTime(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.service(t, "followup", func(s *Service) { s.PayLater = true })
	for i, want := range []int64{0, 180000} {
		b := w.booking("volkov", w.clock.Now().Add(2*time.Hour))
		b.Waiver = ""
		v, err := w.Appointments.Book(ctx, w.actor("doctor"), b)
		must(t, err)
		w.clock.Advance(2*time.Hour + 11*time.Minute)
		v, err = w.Appointments.NoShow(ctx, w.actor("doctor"), v.ID)
		must(t, err)
		if v.Fee.Minor != want {
			t.Errorf("time %d costs %d", i+1, v.Fee.Minor)
		}
		w.clock.Advance(49 * time.Minute)
	}
}

func TestWaitlist(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	slot := noon.Add(24 * time.Hour)
	// The doctor has this one time on the day.
	doctor := w.actor("doctor").Practitioner
	must(t, w.update(ctx, System(w.demo.clinic.ID), func(u *unit) error {
		s, err := u.schedule(doctor)
		must(t, err)
		day := calendar.DateOf(slot)
		s.Rules.Exceptions = []calendar.Exception{{First: day, Last: day, Windows: []calendar.Window{{From: 12 * 60, To: 12*60 + 20}}}}
		_, err = u.t.schedules.Put(u, u.scope, &s, s.Rev)
		return err
	}))
	taken, err := w.Appointments.Book(ctx, w.actor("doctor"), w.booking("kuznetsova", slot))
	must(t, err)
	day := calendar.DateOf(slot)
	wish := func(who string) Wish {
		return Wish{Patient: w.actor(who).Patient, Service: "followup", Practitioner: doctor, First: day, Last: day}
	}
	first, err := w.Waitlist.Join(ctx, w.actor("volkov"), wish("volkov"))
	must(t, err)
	same, err := w.Waitlist.Join(ctx, w.actor("volkov"), wish("volkov"))
	must(t, err)
	if same.ID != first.ID {
		t.Error("the same wish twice")
	}
	w.clock.Advance(time.Minute)
	second, err := w.Waitlist.Join(ctx, w.actor("registrar"), wish("belova"))
	must(t, err)
	_, err = w.Waitlist.Join(ctx, w.actor("volkov"), wish("belova"))
	wantCode(t, err, CodeNotFound)
	past := wish("volkov")
	past.First, past.Last = calendar.DateOf(noon.AddDate(0, 0, -2)), calendar.DateOf(noon.AddDate(0, 0, -1))
	_, err = w.Waitlist.Join(ctx, w.actor("volkov"), past)
	wantCode(t, err, CodeInvalid)

	offer := func(who string) *AppointmentView {
		t.Helper()
		_, err := w.runOutbox(ctx)
		must(t, err)
		list, err := w.Waitlist.List(ctx, w.actor(who))
		must(t, err)
		if len(list) == 0 {
			return nil
		}
		return list[0].Offer
	}
	if o := offer("volkov"); o != nil {
		t.Fatalf("offered before anything is free: %+v", o)
	}
	_, err = w.Appointments.Cancel(ctx, w.actor("kuznetsova"), taken.ID, "")
	must(t, err)
	o := offer("volkov")
	if o == nil || o.Status != Held || !o.Start.Equal(slot) || !o.HoldExpires.Equal(w.clock.Now().Add(15*time.Minute)) {
		t.Fatalf("the first in line: %+v", o)
	}
	if !w.rooms.published("patient:" + string(w.actor("volkov").Patient) + " wait " + string(first.ID)) {
		t.Error("their page was not told")
	}
	if offer("belova") != nil {
		t.Fatal("offered to two")
	}
	w.clock.Advance(15 * time.Minute)
	_, err = w.ringAll(ctx)
	must(t, err)
	if got := w.stage(t, o.ID); got != Expired {
		t.Fatalf("%s", got)
	}
	o = offer("belova")
	if o == nil {
		t.Fatal("not offered to the next")
	}
	if offer("volkov") != nil {
		t.Error("offered again to who let it pass")
	}
	must(t, w.Waitlist.Leave(ctx, w.actor("belova"), second.ID))
	if got := w.stage(t, o.ID); got != Withdrawn {
		t.Errorf("left: %s", got)
	}
	if offer("volkov") != nil {
		t.Error("offered again to who let it pass")
	}
	err = w.Waitlist.Leave(ctx, w.actor("belova"), first.ID)
	wantCode(t, err, CodeNotFound)
	w.clock.Advance(-time.Minute) // a clock set back changes nothing
	third, err := w.Waitlist.Join(ctx, w.actor("novak"), wish("novak"))
	must(t, err)
	must(t, w.update(ctx, System(w.demo.clinic.ID), func(u *unit) error { return u.offerFreed(doctor, slot, slot.Add(20*time.Minute)) }))
	o = offer("novak")
	if o == nil {
		t.Fatal("not offered to the third")
	}
	v, err := w.Appointments.Confirm(ctx, w.actor("registrar"), o.ID, "by phone")
	must(t, err)
	if v.Status != Booked {
		t.Errorf("%s", v.Status)
	}
	list, err := w.Waitlist.List(ctx, w.actor("admin"))
	must(t, err)
	for _, e := range list {
		if e.ID == third.ID {
			t.Error("still on the list")
		}
	}
}

func TestFollowUp(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.begin(t)
	_, err := w.Appointments.FollowUp(ctx, w.actor("doctor"), w.due.ID, FollowUp{})
	wantCode(t, err, CodeTransitionRefused) // it goes on
	_, err = w.Encounters.Finish(ctx, w.actor("doctor"), w.due.Encounter)
	must(t, err)
	v, err := w.Appointments.Given(0, "f").FollowUp(ctx, w.actor("doctor"), w.due.ID, FollowUp{Days: 12}) // a Monday
	must(t, err)
	if v.Status != Booked || v.Service.ID != w.due.Service.ID || v.Wall != "2026-12-07T12:00" {
		t.Errorf("booked: %s %s %s", v.Status, v.Service.ID, v.Wall)
	}
	again, err := w.Appointments.Given(0, "f").FollowUp(ctx, w.actor("doctor"), w.due.ID, FollowUp{Days: 12})
	must(t, err)
	if again.ID != v.ID {
		t.Error("the same key booked twice")
	}
	v, err = w.Appointments.FollowUp(ctx, w.actor("doctor"), w.due.ID, FollowUp{Days: 11, Service: "followup"}) // a Sunday: the day after
	must(t, err)
	if v.Wall[:10] != "2026-12-07" || v.Service.ID != "followup" {
		t.Errorf("%s", v.Wall)
	}
	v, err = w.Appointments.FollowUp(ctx, w.actor("patient"), w.due.ID, FollowUp{Days: 20})
	must(t, err)
	if v.Status != Held {
		t.Errorf("the patient's: %s", v.Status)
	}
	_, err = w.Appointments.FollowUp(ctx, w.actor("doctor2"), w.due.ID, FollowUp{})
	wantCode(t, err, CodeNotFound)
	_, err = w.Appointments.FollowUp(ctx, w.actor("doctor"), w.due.ID, FollowUp{Days: 400})
	wantCode(t, err, CodeInvalid)
}

func TestEntryStruckOutByTwo(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	admin := w.actor("admin")
	_, err := w.Appointments.ReportError(ctx, admin, w.due.ID, " ")
	wantCode(t, err, CodeInvalid)
	_, err = w.Appointments.ReportError(ctx, w.actor("registrar"), w.due.ID, "x")
	wantCode(t, err, CodeDenied)
	v, err := w.Appointments.ReportError(ctx, admin, w.due.ID, "Записан не тот пациент")
	must(t, err)
	if v.Status != Booked || v.Attention != AttentionError {
		t.Errorf("reported: %+v", v.Appointment)
	}
	_, err = w.Appointments.ApproveError(ctx, admin, w.due.ID)
	wantCode(t, err, CodeTransitionRefused)
	_, err = w.Appointments.RefuteError(ctx, w.actor("registrar"), w.due.ID)
	must(t, err)
	_, err = w.Appointments.ApproveError(ctx, w.actor("registrar"), w.due.ID)
	wantCode(t, err, CodeTransitionRefused)
	_, err = w.Appointments.ReportError(ctx, admin, w.due.ID, "Записан не тот пациент")
	must(t, err)
	v, err = w.Appointments.ApproveError(ctx, w.actor("registrar"), w.due.ID)
	must(t, err)
	if v.Status != EnteredInError || v.Reason != "Записан не тот пациент" || len(v.Actions) != 0 {
		t.Errorf("struck out: %+v", v)
	}
	held, err := w.Appointments.Hold(ctx, w.actor("volkov"), w.booking("volkov", noon.Add(24*time.Hour)))
	must(t, err)
	_, err = w.Appointments.ReportError(ctx, admin, held.ID, "x")
	must(t, err)
	_, err = w.Appointments.ApproveError(ctx, w.actor("registrar"), held.ID) // never planned: there is no room to close
	must(t, err)
}

func TestModalityIsSwitchedLive(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.begin(t)
	v, err := w.Appointments.SwitchModality(ctx, w.actor("doctor"), w.due.ID, ModalityChat)
	must(t, err)
	if v.Modality != ModalityChat || v.Status != InProgress || v.Price != w.due.Price {
		t.Errorf("%+v", v.Appointment)
	}
	if n := w.trailOf(t, "appointment.modality", string(w.due.ID)); n != 1 {
		t.Errorf("%d entries in the trail", n)
	}
	_, err = w.Appointments.SwitchModality(ctx, w.actor("doctor"), w.due.ID, ModalityChat)
	wantCode(t, err, CodeInvalid)
	_, err = w.Appointments.SwitchModality(ctx, w.actor("patient"), w.due.ID, ModalityVideo)
	wantCode(t, err, CodeDenied)
}

func TestAmendment(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	doctor, room := w.actor("doctor"), w.due.Encounter
	text := Sections{Complaint: "c", Diagnosis: "ОРВИ", Plan: "Покой"}
	_, err := w.Compositions.Reopen(ctx, doctor, room)
	wantCode(t, err, CodeTransitionRefused)
	w.begin(t)
	_, err = w.Encounters.Finish(ctx, doctor, room)
	must(t, err)
	draft, err := w.Compositions.Get(ctx, doctor, room)
	must(t, err)
	saved, err := w.Compositions.Save(ctx, doctor, room, draft.Rev, text)
	must(t, err)
	final, err := w.Compositions.Sign(ctx, doctor, room, saved.Rev)
	must(t, err)
	_, err = w.Compositions.Get(ctx, doctor, room)
	wantCode(t, err, CodeAccessClosed) // the card stays closed
	_, err = w.Compositions.Reopen(ctx, w.actor("doctor2"), room)
	wantCode(t, err, CodeNotFound)
	open, err := w.Compositions.Reopen(ctx, doctor, room)
	must(t, err)
	text.Diagnosis = "Грипп"
	_, err = w.Compositions.Amend(ctx, doctor, room, open.Rev, text, " ")
	wantCode(t, err, CodeInvalid)
	_, err = w.Compositions.Amend(ctx, doctor, room, open.Rev-1, text, "r")
	wantCode(t, err, CodeVersionStale)
	empty := text
	empty.Plan = ""
	_, err = w.Compositions.Amend(ctx, doctor, room, open.Rev, empty, "r")
	wantCode(t, err, CodeIncomplete)
	for i, diagnosis := range []string{"Грипп", "Грипп А"} {
		text.Diagnosis = diagnosis
		next, err := w.Compositions.Amend(ctx, doctor, room, open.Rev, text, "Пришёл анализ")
		must(t, err)
		if next.Document == open.Document || next.Version != i+2 || w.stage(t, w.due.ID) != Amended {
			t.Errorf("amended: %+v", next)
		}
		open = next
	}
	card, err := w.Patients.Card(ctx, w.actor("patient"), w.actor("patient").Patient)
	must(t, err)
	current, old := 0, 0
	for _, d := range card.Documents {
		if d.Encounter != room || d.Kind != DocConclusion {
			continue
		}
		switch d.Status {
		case "current":
			current++
			if d.ID != open.Document || d.Title != "Заключение 2026-000001/3" {
				t.Errorf("current: %+v", d)
			}
		case "superseded":
			old++
			if _, err := w.Documents.Open(ctx, w.actor("patient"), d.ID); err != nil {
				t.Errorf("the old version can't be read: %v", err)
			}
		}
	}
	if current != 1 || old != 2 || final.Document == open.Document {
		t.Errorf("%d current, %d superseded", current, old)
	}
}
