package control

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"consilium/control/calendar"
	"consilium/store"
	"consilium/store/bolt"
	"consilium/store/keyring"
)

// The size of the history that BenchmarkHistory asks of. The figure is for -doctors 800
// -perday 20000 -days 365, which takes 24 GB and half an hour to make.
var (
	histDoctors = flag.Int("doctors", 100, "doctors of BenchmarkHistory; it also runs with a tenth")
	histPerDay  = flag.Int("perday", 2500, "their visits a day")
	histDays    = flag.Int("days", 30, "days of history")
)

// sealedDB is a store as the server has it: on disk, under keys.
func sealedDB(t testing.TB) store.DB {
	t.Helper()
	dir := t.TempDir()
	keys, err := bolt.Open(filepath.Join(dir, "keys"))
	must(t, err)
	ring, err := keyring.CreateFile(context.Background(), keys, filepath.Join(dir, "key"))
	must(t, err)
	raw, err := bolt.Open(filepath.Join(dir, "data"))
	must(t, err)
	db, err := store.Seal(context.Background(), raw, ring)
	must(t, err)
	t.Cleanup(func() { _, _ = db.Close(), keys.Close() })
	return db
}

// measure asks again and again and reports percentiles of how long it took, and of how much
// of a core it took, which says more on a machine that others use.
func measure(b *testing.B, ask func() error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var took, spent []time.Duration
	for b.Loop() {
		start, cpu := time.Now(), threadTime(b)
		if err := ask(); err != nil {
			b.Fatal(err)
		}
		took, spent = append(took, time.Since(start)), append(spent, threadTime(b)-cpu)
	}
	at := func(all []time.Duration, percent int) float64 {
		slices.Sort(all)
		return float64(all[len(all)*percent/100].Microseconds()) / 1000
	}
	b.ReportMetric(at(took, 50), "p50-ms")
	b.ReportMetric(at(took, 95), "p95-ms")
	b.ReportMetric(at(spent, 50), "cpu-p50-ms")
	b.ReportMetric(at(spent, 95), "cpu-p95-ms")
}

// threadTime is the processor's time that this thread has had.
func threadTime(b *testing.B) time.Duration {
	const thisThread = 1 // RUSAGE_THREAD
	var used syscall.Rusage
	must(b, syscall.Getrusage(thisThread, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkSlots is the figure for the free times of a clinic of 50 doctors over 30 days,
// and of one of 10, with eight visits a day each: the cost for one doctor must not grow.
func BenchmarkSlots(b *testing.B) {
	for _, doctors := range []int{10, 50} {
		w := newWorldOn(b, sealedDB(b))
		ctx := context.Background()
		patient := w.actor("volkov").Patient
		must(b, w.update(ctx, System(w.demo.clinic.ID), func(u *unit) error {
			s := Service{ID: "bench", Duration: 30 * time.Minute, Active: true}
			_, err := u.t.services.Put(u, u.scope, &s, 0)
			return err
		}))
		for i := range doctors {
			id := PractitionerID(fmt.Sprintf("doctor-%02d", i))
			must(b, w.update(ctx, System(w.demo.clinic.ID), func(u *unit) error {
				d := Practitioner{ID: id, Name: "Doctor", LicenceExpires: noon.AddDate(5, 0, 0), Services: []ServiceID{"bench"}}
				if _, err := u.t.practitioners.Put(u, u.scope, &d, 0); err != nil {
					return err
				}
				hours := newSchedule(id)
				hours.Rules = demoSchedule("doctor")
				if _, err := u.t.schedules.Put(u, u.scope, &hours, 0); err != nil {
					return err
				}
				for n := range 30 * 8 {
					start := noon.Truncate(24*time.Hour).AddDate(0, 0, n/8).Add(time.Duration(6*60+n%8*60) * time.Minute)
					a := Appointment{
						ID: AppointmentID(fmt.Sprintf("%s-%d", id, n)), Status: Booked, Start: start, End: start.Add(30 * time.Minute),
						Practitioner: id, Patient: patient, Service: "bench",
					}
					if _, err := u.t.appointments.Put(u, u.scope, &a, 0); err != nil {
						return err
					}
				}
				return nil
			}))
		}
		b.Run(fmt.Sprintf("%d doctors", doctors), func(b *testing.B) {
			measure(b, func() error {
				found, _, err := w.Schedules.Slots(ctx, w.actor("admin"), SlotQuery{Service: "bench", To: noon.AddDate(0, 0, 30)})
				if err == nil && len(found) == 0 {
					err = fmt.Errorf("nothing is free")
				}
				return err
			})
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/float64(doctors), "µs/doctor")
		})
	}
}

// history gives the clinic doctors with visits on each of the days before today, all of
// them over, and today and tomorrow, some of them started, finished or missed.
func history(t testing.TB, w *world, doctors, perDay, days int) {
	t.Helper()
	ctx := context.Background()
	midnight := time.Date(2026, 11, 25, 0, 0, 0, 0, w.demo.loc)
	each := max(1, perDay/doctors)
	var batch []Appointment
	flush := func() {
		must(t, w.update(ctx, System(w.demo.clinic.ID), func(u *unit) error {
			for i := range batch {
				a := batch[i]
				if _, err := u.t.appointments.Put(u, u.scope, &a, 0); err != nil {
					return err
				}
			}
			return nil
		}))
		batch = batch[:0]
	}
	must(t, w.update(ctx, System(w.demo.clinic.ID), func(u *unit) error {
		for d := range doctors {
			p := Practitioner{ID: doctorNo(d), Name: "Doctor", LicenceExpires: noon.AddDate(5, 0, 0), Services: []ServiceID{"initial"}}
			if _, err := u.t.practitioners.Put(u, u.scope, &p, 0); err != nil {
				return err
			}
		}
		return nil
	}))
	patients := []PatientID{w.actor("volkov").Patient, w.actor("belova").Patient, w.actor("novak").Patient, w.actor("kuznetsova").Patient}
	for day := -days; day <= 1; day++ {
		for n := range each {
			start := midnight.AddDate(0, 0, day).Add(8*time.Hour + time.Duration(n)*10*time.Hour/time.Duration(each)).Truncate(time.Minute)
			for d := range doctors {
				i := n*doctors + d
				a := Appointment{
					ID:     AppointmentID(fmt.Sprintf("h%04d-%02d-%04d", day+days, n, d)),
					Status: Booked, Since: noon.Add(-time.Duration(n) * time.Minute), Start: start.UTC(), End: start.Add(10 * time.Minute).UTC(),
					Wall: start.Format("2006-01-02T15:04"), Zone: w.demo.clinic.Zone, Practitioner: doctorNo(d), Patient: patients[i%len(patients)],
					Service: []ServiceID{"initial", "followup", "question"}[i%3], Modality: []Modality{ModalityVideo, ModalityChat}[i%2],
					Encounter: EncounterID(fmt.Sprintf("e%04d-%02d-%04d", day+days, n, d)), No: fmt.Sprint("2026-", i),
				}
				switch {
				case i%19 == 1:
					a.Status = NoShow
				case i%23 == 2:
					a.Status = Cancelled
				case day < 0:
					a.Status = Completed
				case day == 1 && i%9 == 2:
					a.Status = Requested
				case day == 0 && start.Before(noon):
					a.Status = []Status{Completed, Documenting, Completed, Completed, InProgress}[i%5]
				}
				if batch = append(batch, a); len(batch) == 1000 {
					flush()
				}
			}
		}
	}
	flush()
}

func doctorNo(i int) PractitionerID { return PractitionerID(fmt.Sprintf("crowd-%04d", i)) }

// BenchmarkHistory is the figure for calendar queries over a large clinic's history, and
// over that of a tenth of its doctors. What a query answers is as long in both, so its
// cost must be the same but for the depth of the store.
func BenchmarkHistory(b *testing.B) {
	for _, doctors := range []int{*histDoctors / 10, *histDoctors} {
		began := time.Now()
		w := newWorldOn(b, sealedDB(b))
		history(b, w, doctors, *histPerDay*doctors / *histDoctors, *histDays)
		b.Logf("%d doctors, %d visits a day, %d days: made in %s", doctors, *histPerDay*doctors / *histDoctors, *histDays, time.Since(began).Round(time.Second))
		ctx := context.Background()
		admin := w.actor("admin")
		doctor := Actor{Clinic: w.demo.clinic.ID, Account: "d", Role: RolePractitioner, Practitioner: doctorNo(3)}
		today := calendar.DateOf(noon)
		past := noon.AddDate(0, 0, -*histDays/2)
		list := func(who Actor, f AppointmentFilter) error {
			_, _, err := w.Appointments.List(ctx, who, f)
			return err
		}
		for _, q := range []struct {
			name string
			ask  func() error
		}{
			{"counts of a month", func() error {
				_, err := w.Appointments.DayCounts(ctx, admin, CountFilter{First: calendar.DateOf(noon.AddDate(0, 0, -29)), Last: today})
				return err
			}},
			{"counts of a year", func() error {
				_, err := w.Appointments.DayCounts(ctx, admin, CountFilter{First: calendar.DateOf(noon.AddDate(-1, 0, 1)), Last: today})
				return err
			}},
			{"board of the clinic", func() error {
				_, err := w.Appointments.Board(ctx, admin, BoardFilter{})
				return err
			}},
			{"page of the clinic's day", func() error {
				return list(admin, AppointmentFilter{From: noon, To: noon.AddDate(0, 0, 1), Limit: 200})
			}},
			{"page of a past month", func() error {
				return list(admin, AppointmentFilter{From: past, To: past.AddDate(0, 0, 30), Limit: 200})
			}},
			{"rare ones of a past month", func() error {
				return list(admin, AppointmentFilter{From: past, To: past.AddDate(0, 0, 30), Statuses: []Status{Failed}})
			}},
			{"week of a doctor", func() error {
				return list(doctor, AppointmentFilter{From: noon.AddDate(0, 0, -5), To: noon.AddDate(0, 0, 2), Limit: 200})
			}},
			{"month of a doctor", func() error {
				_, err := w.Appointments.DayCounts(ctx, doctor, CountFilter{First: calendar.DateOf(noon.AddDate(0, 0, -29)), Last: today})
				return err
			}},
			{"board of a doctor", func() error {
				_, err := w.Appointments.Board(ctx, doctor, BoardFilter{})
				return err
			}},
		} {
			b.Run(fmt.Sprintf("%s/%d doctors", q.name, doctors), func(b *testing.B) { measure(b, q.ask) })
		}
	}
}
