package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"consilium/control"
	"consilium/store"
)

// TestBadBookings asks over HTTP for what can't be had: each is refused with its own
// problem, and nothing is in the calendar afterwards. The hours of clock changes are tested
// by control.TestSlotTimesOnTheWall, as the demonstration's clinic has none.
func TestBadBookings(t *testing.T) {
	s := newSite(t)
	me := ok[Me](s, "patient2", "GET", "/api/v1/me", nil)
	doctor := ok[Me](s, "doctor", "GET", "/api/v1/me", nil).Person.ID
	free := ok[SlotList](s, "patient2", "GET", "/api/v1/slots?serviceId=initial&practitionerId="+doctor, nil).Items
	if len(free) < 10 {
		t.Fatalf("%d free times", len(free))
	}
	slot := free[len(free)/2].Start
	ask := func(change func(*Booking)) Booking {
		b := Booking{PatientID: me.Person.ID, PractitionerID: doctor, ServiceID: "initial", Start: slot}
		change(&b)
		return b
	}
	count := func() int {
		return len(ok[AppointmentList](s, "admin", "GET", "/api/v1/appointments?from=2026-11-01T00:00:00Z&to=2027-12-31T00:00:00Z&limit=200", nil).Items)
	}
	before := count()
	for name, c := range map[string]struct {
		who    string
		ask    Booking
		status int
		code   string
	}{
		"in the past":               {"patient2", ask(func(b *Booking) { b.Start = noon.Add(-48 * time.Hour) }), 422, "invalid"},
		"in the past, by the desk":  {"registrar", ask(func(b *Booking) { b.Start = noon.Add(-2 * time.Hour); b.WaiverReason = "x" }), 422, "invalid"},
		"between two minutes":       {"patient2", ask(func(b *Booking) { b.Start = slot.Add(30 * time.Second) }), 422, "invalid"},
		"outside the hours":         {"patient2", ask(func(b *Booking) { b.Start = slot.Truncate(24 * time.Hour).Add(24 * time.Hour) }), 409, "slot_unavailable"},
		"between two slots":         {"patient2", ask(func(b *Booking) { b.Start = slot.Add(7 * time.Minute) }), 409, "slot_unavailable"},
		"too soon":                  {"patient2", ask(func(b *Booking) { b.Start = noon.Add(31 * time.Minute) }), 409, ""},
		"too far ahead":             {"patient2", ask(func(b *Booking) { b.Start = noon.AddDate(0, 0, 200) }), 409, "slot_unavailable"},
		"after the licence":         {"registrar", ask(func(b *Booking) { b.Start = noon.AddDate(9, 0, 0); b.WaiverReason = "x" }), 409, "unbookable"},
		"another patient":           {"patient2", ask(func(b *Booking) { b.PatientID = ok[Me](s, "patient", "GET", "/api/v1/me", nil).Person.ID }), 404, "not_found"},
		"nobody's doctor":           {"registrar", ask(func(b *Booking) { b.PractitionerID = "nobody"; b.WaiverReason = "x" }), 404, "not_found"},
		"no such service":           {"registrar", ask(func(b *Booking) { b.ServiceID = "nothing"; b.WaiverReason = "x" }), 404, "not_found"},
		"a priced one for nothing":  {"registrar", ask(func(b *Booking) {}), 402, "payment_required"},
		"a service of another kind": {"registrar", ask(func(b *Booking) { b.ServiceID = "cardiology"; b.WaiverReason = "x" }), 409, "unbookable"},
	} {
		rec := s.do(c.who, "POST", "/api/v1/appointments", c.ask)
		p := decode[Problem](t, rec)
		if rec.Code != c.status || p.Detail == "" || c.code != "" && p.Code != c.code {
			t.Errorf("%s: %d %s, want %d %s", name, rec.Code, rec.Body, c.status, c.code)
		}
	}
	if after := count(); after != before {
		t.Errorf("%d visits before and %d after what was refused", before, after)
	}

	// The same key is the same booking; with another body it is refused.
	key := header{"Idempotency-Key", "k-1"}
	desk := ask(func(b *Booking) { b.WaiverReason = "paid at the desk" })
	made := ok[Appointment](s, "registrar", "POST", "/api/v1/appointments", desk, key)
	if again := ok[Appointment](s, "registrar", "POST", "/api/v1/appointments", desk, key); again.ID != made.ID || again.Version != made.Version {
		t.Errorf("the same key made %s and %s", made.ID, again.ID)
	}
	desk.Start = desk.Start.Add(time.Hour)
	rec := s.do("registrar", "POST", "/api/v1/appointments", desk, key)
	if p := decode[Problem](t, rec); p.Code != "idempotency_reused" || rec.Code/100 != 4 {
		t.Errorf("another body under the same key: %d %s", rec.Code, rec.Body)
	}
	desk.Start = slot.Add(10 * time.Minute)
	s.refused("registrar", "POST", "/api/v1/appointments", desk, 409, "slot_taken") // overlaps what was booked
	s.refused("registrar", "POST", "/api/v1/appointments/"+made.ID+"/reschedule", Rescheduling{Start: slot.Add(2 * time.Hour)}, 412, "version_stale", header{"If-Match", `"1"`})
	if after := count(); after != before+1 {
		t.Errorf("%d visits, want %d", after, before+1)
	}
}

// TestExpiredLicence: nobody books with a doctor whose licence has run out, nor is one of
// their times offered.
func TestExpiredLicence(t *testing.T) {
	s := newSite(t)
	doctor := ok[Me](s, "doctor", "GET", "/api/v1/me", nil)
	doctors := store.NewCollection("practitioner", func(v *control.Practitioner) string { return string(v.ID) })
	err := s.db.Update(context.Background(), func(tx store.Tx) error {
		d, rev, err := doctors.Get(tx, doctor.Clinic.ID, doctor.Person.ID)
		if err != nil {
			return err
		}
		d.LicenceExpires = noon.Add(-time.Hour)
		_, err = doctors.Put(tx, doctor.Clinic.ID, &d, rev)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	me := ok[Me](s, "patient2", "GET", "/api/v1/me", nil)
	b := Booking{PatientID: me.Person.ID, PractitionerID: doctor.Person.ID, ServiceID: "initial", Start: noon.Add(48 * time.Hour), WaiverReason: "x"}
	s.refused("registrar", "POST", "/api/v1/appointments", b, 409, "unbookable")
	s.refused("patient2", "POST", "/api/v1/holds", b, 409, "unbookable")
	if free := ok[SlotList](s, "patient2", "GET", "/api/v1/slots?serviceId=initial&practitionerId="+doctor.Person.ID, nil); len(free.Items) != 0 {
		t.Errorf("%d times of a doctor without a licence", len(free.Items))
	}
	s.refused("doctor", "PUT", "/api/v1/duty", map[string]any{"on": true, "until": noon.Add(time.Hour)}, 409, "unbookable")
}

// TestNoRouteTakesAnotherSitesRequest: what changes something, over every route, is refused
// when a browser says that another site asks, whatever it sends and whoever is signed in.
func TestNoRouteTakesAnotherSitesRequest(t *testing.T) {
	s := newSite(t)
	tried := map[string]bool{}
	for _, row := range matrix() {
		if row.method == http.MethodGet || tried[row.op] {
			continue
		}
		tried[row.op] = true
		path := "/api/v1" + strings.NewReplacer("{", "", "}", "").Replace(row.path)
		for _, headers := range [][]header{
			{{"Sec-Fetch-Site", "cross-site"}},
			{{"Sec-Fetch-Site", "same-site"}},
			{{"Origin", "https://evil.example"}},
			{{"Origin", "null"}},
			{{"Origin", "http://localhost:8080.evil.example"}},
			{{"Origin", "https://evil.example"}, {"Content-Type", "text/plain"}},
			{{"Origin", "https://evil.example"}, {"Content-Type", "application/x-www-form-urlencoded"}},
		} {
			rec := s.do("doctor", row.method, path, strings.NewReader(row.body), append(headers, row.headers...)...)
			if p := decode[Problem](t, rec); rec.Code != http.StatusForbidden || p.Code != "cross_origin" {
				t.Errorf("%s with %v: %d %s", row.op, headers, rec.Code, rec.Body)
			}
		}
	}
	if len(tried) < 40 {
		t.Error("only " + strconv.Itoa(len(tried)) + " routes change something")
	}
	ok[Me](s, "doctor", "GET", "/api/v1/me", nil) // signed in still
}
