package control

import (
	"context"
	"fmt"
	"testing"
	"time"

	"consilium/control/calendar"
)

// slots lists what a person is offered by the first doctor for a follow-up (20
// minutes) on Thursday, as clock times in the clinic's zone.
func (w *world) slots(t *testing.T, who string) []string {
	t.Helper()
	thursday := time.Date(2026, 11, 26, 0, 0, 0, 0, w.demo.loc)
	found, zone, err := w.Schedules.Slots(context.Background(), w.actor(who), SlotQuery{
		Service: "followup", Practitioner: w.actor("doctor").Practitioner, From: thursday, To: thursday.AddDate(0, 0, 1),
	})
	must(t, err)
	if zone != "Europe/Moscow" {
		t.Errorf("zone %q", zone)
	}
	var out []string
	for _, s := range found {
		out = append(out, s.Start.In(w.demo.loc).Format("15:04"))
	}
	return out
}

// hours sets the first doctor's hours to one window on Thursdays.
func (w *world) hours(t *testing.T, from, to string, change func(*Schedule)) {
	t.Helper()
	ctx := context.Background()
	doctor := w.actor("doctor")
	known, err := w.Schedules.Get(ctx, doctor, doctor.Practitioner)
	must(t, err)
	v := newSchedule(doctor.Practitioner)
	var window calendar.Window
	window.From, err = calendar.ParseClock(from)
	must(t, err)
	window.To, err = calendar.ParseClock(to)
	must(t, err)
	v.Rules = calendar.Rules{Weekly: []calendar.Rule{{Days: []time.Weekday{time.Thursday}, Window: window}}}
	if change != nil {
		change(&v)
	}
	_, err = w.Schedules.Set(ctx, doctor, v, known.Rev)
	must(t, err)
}

func TestSlotsFollowTheSchedule(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	at := func(clock string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-26 "+clock, w.demo.loc)
		must(t, err)
		return v
	}
	expect := func(name, who, want string) {
		t.Helper()
		if got := fmt.Sprint(w.slots(t, who)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	w.hours(t, "10:00", "11:30", nil)
	expect("one window", "volkov", "[10:00 10:15 10:30 10:45 11:00]")
	_, err := w.Appointments.Book(ctx, w.actor("doctor"), w.booking("belova", at("10:20")))
	must(t, err)
	expect("with a visit in it", "volkov", "[10:00 10:45 11:00]")
	w.hours(t, "10:00", "11:30", func(s *Schedule) { s.Buffer = 10 * time.Minute })
	expect("and time to breathe", "volkov", "[11:00]")
	w.hours(t, "10:00", "11:30", func(s *Schedule) { s.MaxPerDay = 1 })
	expect("but one visit a day", "volkov", "[]")
	w.hours(t, "10:00", "11:30", func(s *Schedule) { s.MinNotice = 23 * time.Hour })
	expect("a day's notice", "volkov", "[11:00]")
	expect("which staff need not give", "doctor", "[10:00 10:45 11:00]")
	w.hours(t, "10:00", "11:30", func(s *Schedule) {
		day := calendar.Date{Year: 2026, Month: time.November, Day: 26}
		s.Rules.Exceptions = []calendar.Exception{{First: day, Last: day}}
	})
	expect("a day off", "volkov", "[]")
	w.hours(t, "10:00", "11:30", func(s *Schedule) { s.HorizonDays = 1 })
	expect("no further than tomorrow at this hour", "volkov", "[10:00 10:45 11:00]")
	w.hours(t, "13:00", "14:00", func(s *Schedule) { s.HorizonDays = 1 })
	expect("and no further", "volkov", "[]")
	w.hours(t, "10:00", "11:30", nil)
	b := w.booking("volkov", at("11:00"))
	b.Practitioner, b.Service = w.actor("doctor2").Practitioner, "followup"
	_, err = w.Appointments.Book(ctx, w.actor("admin"), b)
	must(t, err)
	expect("not while the patient is elsewhere", "volkov", "[10:00]")
	expect("but for others", "kuznetsova", "[10:00 10:45 11:00]")
}

func TestPatientsAskForWhatIsOffered(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.hours(t, "10:00", "11:30", nil)
	slot := time.Date(2026, 11, 26, 10, 0, 0, 0, w.demo.loc)
	for _, c := range []struct {
		name  string
		start time.Time
		want  Code
	}{
		{"outside the hours", slot.Add(-time.Hour), CodeSlotUnavailable},
		{"off the steps", slot.Add(5 * time.Minute), CodeSlotUnavailable},
		{"past the end", slot.Add(75 * time.Minute), CodeSlotUnavailable},
		{"in the past", noon.Add(-24 * time.Hour), CodeInvalid},
		{"beyond the horizon", slot.AddDate(0, 0, 70), CodeSlotUnavailable},
		{"a free slot", slot, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := w.Appointments.Book(ctx, w.actor("volkov"), w.booking("volkov", c.start))
			wantCode(t, err, c.want)
			if err == nil && v.Status != Requested {
				t.Errorf("status %s", v.Status)
			}
		})
	}
}

func TestSettingHours(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	doctor := w.actor("doctor")
	v, err := w.Schedules.Get(ctx, doctor, doctor.Practitioner)
	must(t, err)
	_, err = w.Schedules.Set(ctx, w.actor("doctor2"), v, v.Rev)
	wantCode(t, err, CodeDenied)
	_, err = w.Schedules.Set(ctx, doctor, v, v.Rev+1)
	wantCode(t, err, CodeVersionStale)
	next, err := w.Schedules.Set(ctx, w.actor("admin"), v, v.Rev)
	must(t, err)
	if !w.rooms.published("practitioner:" + string(doctor.Practitioner) + " schedule " + string(doctor.Practitioner)) {
		t.Error("the doctor's page was not told")
	}
	for field, change := range map[string]func(*Schedule){
		"/stepMin":      func(s *Schedule) { s.Step = 7 * time.Minute },
		"/bufferMin":    func(s *Schedule) { s.Buffer = -time.Minute },
		"/minNoticeMin": func(s *Schedule) { s.MinNotice = 31 * 24 * time.Hour },
		"/horizonDays":  func(s *Schedule) { s.HorizonDays = 0 },
		"/maxPerDay":    func(s *Schedule) { s.MaxPerDay = -1 },
		"/weekly/0":     func(s *Schedule) { s.Rules.Weekly = []calendar.Rule{{}} },
		"/weekly":       func(s *Schedule) { s.Rules.Weekly = make([]calendar.Rule, 51) },
		"/exceptions/0": func(s *Schedule) { s.Rules.Exceptions = []calendar.Exception{{}} },
	} {
		bad := next
		change(&bad)
		_, err := w.Schedules.Set(ctx, doctor, bad, next.Rev)
		wantCode(t, err, CodeInvalid)
		if e, ok := err.(*Error); !ok || e.Field != field {
			t.Errorf("%v, want field %s", err, field)
		}
	}
}

// TestVisitsOutsideTheHoursAreKeptAndListed changes the hours under visits that
// stand: they stay as they were, and are told to the doctor and the desk.
func TestVisitsOutsideTheHoursAreKeptAndListed(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	doctor := w.actor("doctor")
	_, err := w.Appointments.Cancel(ctx, w.actor("patient"), w.due.ID, "")
	must(t, err)
	w.hours(t, "10:00", "12:00", nil)
	at := func(day int, clock string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", fmt.Sprintf("2026-11-%d %s", day, clock), w.demo.loc)
		must(t, err)
		return v
	}
	outside := func(who string) []string {
		found, err := w.Schedules.Outside(ctx, w.actor(who), doctor.Practitioner)
		must(t, err)
		out := []string{}
		for _, v := range found {
			out = append(out, v.Start.In(w.demo.loc).Format("02 15:04"))
		}
		return out
	}
	for _, start := range []time.Time{at(26, "10:00"), at(26, "11:50"), at(26, "11:00")} {
		_, err := w.Appointments.Book(ctx, doctor, w.booking("belova", start))
		must(t, err)
	}
	asked, err := w.Appointments.Book(ctx, w.actor("volkov"), w.booking("volkov", at(26, "10:30")))
	must(t, err)
	if got := fmt.Sprint(outside("doctor")); got != "[26 11:50]" {
		t.Errorf("a visit of 20 min that begins 10 min before the end: %s", got)
	}
	w.hours(t, "10:00", "10:45", nil)
	if got := fmt.Sprint(outside("doctor"), outside("admin"), outside("registrar")); got != "[26 10:30 26 11:00 26 11:50] [26 10:30 26 11:00 26 11:50] [26 10:30 26 11:00 26 11:50]" {
		t.Error(got)
	}
	v, err := w.Appointments.Get(ctx, doctor, asked.ID)
	must(t, err)
	if v.Status != Requested || !v.Start.Equal(at(26, "10:30")) {
		t.Errorf("the request is %s at %s", v.Status, v.Start)
	}
	_, err = w.Appointments.Cancel(ctx, w.actor("volkov"), asked.ID, "")
	must(t, err)
	w.hours(t, "09:00", "18:00", func(s *Schedule) {
		day := calendar.Date{Year: 2026, Month: time.November, Day: 26}
		s.Rules.Exceptions = []calendar.Exception{{First: day, Last: day.Next().Next()}} // a vacation
	})
	if got := fmt.Sprint(outside("doctor")); got != "[26 10:00 26 11:00 26 11:50]" {
		t.Errorf("on vacation: %s", got)
	}
	w.hours(t, "09:00", "18:00", nil)
	if got := outside("doctor"); len(got) != 0 {
		t.Errorf("in the hours again: %s", got)
	}
	_, err = w.Schedules.Outside(ctx, w.actor("doctor2"), doctor.Practitioner)
	wantCode(t, err, CodeDenied)
	_, err = w.Schedules.Outside(ctx, w.actor("patient"), doctor.Practitioner)
	wantCode(t, err, CodeDenied)
}
