package control

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"consilium/internal/grant"
	"consilium/store/mem"
)

func TestDemoSeedsABelievableClinic(t *testing.T) {
	ctx := context.Background()
	clock := &testClock{now: noon}
	db, blobs := mem.Open(), mem.OpenBlobs(clock.Now)
	defer db.Close()
	grants, err := grant.NewKeeper(clock.Now)
	must(t, err)
	cfg := DefaultConfig()
	cfg.Demo = true
	ctl, err := New(cfg, Deps{DB: db, Blobs: blobs, Grants: grants, Clock: clock.Now}, slog.New(slog.DiscardHandler))
	must(t, err)

	links, err := ctl.SeedDemo(ctx)
	must(t, err)
	for _, who := range []string{"admin", "doctor", "doctor2", "patient", "patient2", "interpreter"} {
		if links[who] == "" {
			t.Errorf("no link for %s", who)
		}
	}
	_, token, _ := strings.Cut(links["admin"], "#")
	signed, err := ctl.Sessions.SignIn(ctx, LinkDemo, token)
	must(t, err)
	admin := signed.Actor
	week := AppointmentFilter{From: noon.AddDate(0, 0, -3), To: noon.AddDate(0, 0, 10)}
	first, _, err := ctl.Appointments.List(ctx, admin, week)
	must(t, err)
	seen := map[Status]int{}
	for _, v := range first {
		seen[v.Status]++
	}
	for _, s := range []Status{Completed, Booked, NoShow, Cancelled, CancelledClinic, Requested} {
		if seen[s] == 0 {
			t.Errorf("no appointment is %s: %v", s, seen)
		}
	}
	_, token, _ = strings.Cut(links["patient"], "#")
	signed, err = ctl.Sessions.SignIn(ctx, LinkVisit, token)
	must(t, err)
	card, err := ctl.Patients.Card(ctx, signed.Actor, signed.Actor.Patient)
	must(t, err)
	var pdf int
	for _, d := range card.Documents {
		content, err := ctl.Documents.Open(ctx, signed.Actor, d.ID)
		must(t, err)
		raw, err := io.ReadAll(content)
		must(t, err)
		must(t, content.Close())
		if d.Kind == DocConclusion && bytes.HasPrefix(raw, []byte("%PDF-")) && bytes.Contains(raw, []byte("ETSI.CAdES.detached")) {
			pdf++
		}
	}
	if pdf < 2 {
		t.Errorf("%d signed conclusions in the card, want 2 or more", pdf)
	}
	n, err := ctl.Audit.Verify(ctx, admin.Clinic)
	must(t, err)
	if n == 0 {
		t.Error("empty audit trail")
	}

	// A second start keeps everything and makes one visit due now.
	clock.Advance(3 * time.Hour)
	again, err := ctl.SeedDemo(ctx)
	must(t, err)
	second, _, err := ctl.Appointments.List(ctx, admin, week)
	must(t, err)
	if len(second) != len(first)+1 {
		t.Errorf("%d appointments after the second start, %d before", len(second), len(first))
	}
	if again["doctor"] == links["doctor"] {
		t.Error("the second start gave the same link")
	}
	third, err := ctl.SeedDemo(ctx)
	must(t, err)
	_ = third
	after, _, err := ctl.Appointments.List(ctx, admin, week)
	must(t, err)
	if len(after) != len(second) {
		t.Errorf("%d appointments after a third start, %d before", len(after), len(second))
	}
}

func TestDemoStartsWhileTheDoctorIsBusy(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	_, err := w.Appointments.Cancel(ctx, w.actor("doctor"), w.due.ID, "moved")
	must(t, err)
	other, err := w.Appointments.Book(ctx, w.actor("doctor"), w.booking("belova", noon))
	must(t, err)
	_, err = w.Encounters.Join(ctx, w.actor("belova"), other.Encounter)
	must(t, err)
	_, err = w.Encounters.Admit(ctx, w.actor("doctor"), other.Encounter, w.actor("belova").Account)
	must(t, err)
	links, err := w.SeedDemo(ctx)
	must(t, err)
	if links["patient"] == "" || links["interpreter"] == "" {
		t.Errorf("links: %v", links)
	}
	if v, err := w.Appointments.Get(ctx, w.actor("doctor"), other.ID); err != nil || v.Status != InProgress {
		t.Errorf("the consultation under way is %s, %v", v.Status, err)
	}
}
