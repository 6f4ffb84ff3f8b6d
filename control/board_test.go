package control

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"consilium/control/calendar"
)

func TestEveryStatusHasOneStage(t *testing.T) {
	seen := map[Status]int{}
	for _, stage := range Stages() {
		for _, s := range stage.Statuses {
			seen[s]++
			if !stage.Today && !s.isPending() {
				t.Errorf("%s stays on the board for ever and is not filed as pending", s)
			}
		}
	}
	for _, s := range Statuses() {
		if seen[s] != 1 {
			t.Errorf("%s is in %d stages", s, seen[s])
		}
	}
}

// TestCountsAgreeWithTheVisits counts some days by reading every visit, for the
// clinic and for each doctor, and holds counts and boards against that.
func TestCountsAgreeWithTheVisits(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	crowd(t, w, 2, 3, 22)
	_, err := w.Appointments.Cancel(ctx, w.actor("patient"), w.due.ID, "")
	must(t, err)
	people := map[string]Actor{"admin": w.actor("admin"), "registrar": w.actor("registrar"), "doctor": w.actor("doctor")}
	people["crowd"] = Actor{Clinic: w.demo.clinic.ID, Account: "x", Role: RolePractitioner, Practitioner: "crowd-0001"}
	wide := AppointmentFilter{From: noon.AddDate(0, -2, 0), To: noon.AddDate(0, 2, 0), Limit: 200}
	for who, actor := range people {
		all, next, err := w.Appointments.List(ctx, actor, wide)
		must(t, err)
		if next != "" || len(all) == 0 {
			t.Fatalf("%s: %d visits, next %q", who, len(all), next)
		}
		for _, f := range []CountFilter{{}, {Service: "initial"}, {Modality: ModalityChat}, {Service: "followup", Modality: ModalityVideo}} {
			want := map[string]int{}
			for _, v := range all {
				if (f.Service == "" || f.Service == v.Appointment.Service) && (f.Modality == "" || f.Modality == v.Modality) {
					want[v.Start.In(w.demo.loc).Format(time.DateOnly)+" "+string(v.Status)]++
				}
			}
			f.First, f.Last = calendar.DateOf(wide.From), calendar.DateOf(wide.To)
			days, err := w.Appointments.DayCounts(ctx, actor, f)
			must(t, err)
			got := map[string]int{}
			for _, d := range days {
				for s, n := range d.Statuses {
					got[d.Day.String()+" "+string(s)] = n
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s %+v:\n%v, want\n%v", who, f, got, want)
			}
		}
		board, err := w.Appointments.Board(ctx, actor, BoardFilter{Limit: 100})
		must(t, err)
		today := noon.In(w.demo.loc).Format(time.DateOnly)
		for _, column := range board {
			want := 0
			for _, v := range all {
				if slices.Contains(column.Statuses, v.Status) && (!column.Today || v.Start.In(w.demo.loc).Format(time.DateOnly) == today) {
					want++
				}
			}
			if column.Count != want || len(column.Items) != want {
				t.Errorf("%s, %s: counted %d, shown %d, want %d", who, column.Name, column.Count, len(column.Items), want)
			}
			for _, v := range column.Items {
				if !slices.Contains(column.Statuses, v.Status) {
					t.Errorf("%s stands in %s", v.Status, column.Name)
				}
			}
			if !column.Today && !slices.IsSortedFunc(column.Items, func(a, b AppointmentView) int { return a.Since.Compare(b.Since) }) {
				t.Errorf("%s: who waits longest is not first", column.Name)
			}
		}
	}
}

func TestWhoseCountsAndBoard(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	doctor, other := w.actor("doctor").Practitioner, w.actor("doctor2").Practitioner
	for _, c := range []struct {
		who  string
		of   PractitionerID
		want Code
	}{
		{"doctor", "", ""},
		{"doctor", doctor, ""},
		{"doctor", other, CodeNotFound},
		{"admin", other, ""},
		{"registrar", doctor, ""},
		{"admin", "nobody", CodeNotFound},
		{"patient", "", CodeDenied},
		{"accountant", "", CodeDenied},
		{"patient", doctor, CodeDenied},
	} {
		_, err := w.Appointments.DayCounts(ctx, w.actor(c.who), CountFilter{Practitioner: c.of})
		wantCode(t, err, c.want)
		_, err = w.Appointments.Board(ctx, w.actor(c.who), BoardFilter{Practitioner: c.of})
		wantCode(t, err, c.want)
	}
	day := calendar.DateOf(noon)
	_, err := w.Appointments.DayCounts(ctx, w.actor("admin"), CountFilter{First: day.Next(), Last: day})
	wantCode(t, err, CodeInvalid)
	_, err = w.Appointments.DayCounts(ctx, w.actor("admin"), CountFilter{First: day, Last: calendar.Date{Year: day.Year + 3, Month: 1, Day: 1}})
	wantCode(t, err, CodeInvalid)
}

// TestPagesGoOnWhateverTheFilter reads one visit in a thousand through pages that
// may be empty, and loses and doubles none.
func TestPagesGoOnWhateverTheFilter(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	crowd(t, w, 3, 4, 500) // 6,000 visits
	want := map[AppointmentID]bool{}
	f := AppointmentFilter{From: noon.AddDate(0, 0, -1), To: noon.AddDate(0, 0, 9), Statuses: []Status{NoShow}, Limit: 3}
	pages := 0
	for {
		page, next, err := w.Appointments.List(ctx, w.actor("admin"), f)
		must(t, err)
		for _, v := range page {
			if want[v.ID] || v.Status != NoShow {
				t.Errorf("%s, %s: twice or not asked for", v.ID, v.Status)
			}
			want[v.ID] = true
		}
		if pages++; next == "" {
			break
		}
		f.Cursor = next
	}
	if len(want) != 12 || pages < 4 {
		t.Errorf("%d visits in %d pages", len(want), pages)
	}
}

// crowd gives the clinic doctors with visits by the day, from today on, some of
// them started, finished or missed.
func crowd(t testing.TB, w *world, doctors, days, perDay int) {
	t.Helper()
	crowdEach(t, w, doctors, days, func(int) int { return perDay })
}

func crowdEach(t testing.TB, w *world, doctors, days int, perDay func(day int) int) {
	t.Helper()
	midnight := time.Date(2026, 11, 25, 0, 0, 0, 0, w.demo.loc)
	var all []Appointment
	flush := func() {
		must(t, w.update(context.Background(), System(w.demo.clinic.ID), func(u *unit) error {
			for _, a := range all {
				if _, err := u.t.appointments.Put(u, u.scope, &a, 0); err != nil {
					return err
				}
			}
			return nil
		}))
		all = nil
	}
	for d := range doctors {
		id := PractitionerID(fmt.Sprintf("crowd-%04d", d))
		must(t, w.update(context.Background(), System(w.demo.clinic.ID), func(u *unit) error {
			_, err := u.t.practitioners.Put(u, u.scope, &Practitioner{ID: id, Name: "Doctor", LicenceExpires: noon.AddDate(5, 0, 0)}, 0)
			return err
		}))
		for day := range days {
			for n := range perDay(day) {
				start := midnight.AddDate(0, 0, day).Add(8*time.Hour + time.Duration(n)*10*time.Hour/time.Duration(perDay(day))).Truncate(time.Minute)
				a := Appointment{
					ID:     AppointmentID(fmt.Sprintf("%s-%02d-%03d", id, day, n)),
					Status: Booked, Since: noon.Add(-time.Duration(n) * time.Minute), Start: start.UTC(), End: start.Add(10 * time.Minute).UTC(),
					Wall: start.Format("2006-01-02T15:04"), Zone: w.demo.clinic.Zone, Practitioner: id,
					Patient: w.actor("volkov").Patient, Service: []ServiceID{"initial", "followup", "question"}[n%3], Modality: []Modality{ModalityVideo, ModalityChat}[n%2],
				}
				switch {
				case n == 1:
					a.Status = NoShow
				case n%9 == 2:
					a.Status = Requested
				case day == 0 && start.Before(noon):
					a.Status = []Status{Completed, Documenting, Completed, Waiting, InProgress}[n%5]
				}
				if all = append(all, a); len(all) == 1000 {
					flush()
				}
			}
		}
	}
	flush()
}
