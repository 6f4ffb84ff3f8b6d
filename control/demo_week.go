package control

import (
	"context"
	"strings"
	"time"
)

// demoPlan is one visit of the demo's week: what became of it if its time has
// passed, and what it is otherwise.
type demoPlan struct {
	day         int // 0 is Monday
	clock       string
	doctor      string
	patient     string
	service     string
	past, ahead Status
	note        string // of demoNotes, for completed and documenting
	complaint   string
}

func demoWeek() []demoPlan {
	return []demoPlan{
		{0, "09:00", "doctor", "patient", "initial", Completed, Booked, "cold", "Насморк, першит в горле, температура 37,6."},
		{0, "10:00", "doctor", "kuznetsova", "followup", Completed, Booked, "headache", "Головная боль по вечерам."},
		{0, "11:00", "doctor2", "novak", "cardiology", Completed, Booked, "heart", "Chest tightness when climbing stairs."},
		{0, "14:00", "doctor2", "belova", "followup", NoShow, Booked, "", ""},
		{1, "09:30", "doctor", "volkov", "question", Completed, Booked, "headache", "Болит голова после работы за компьютером."},
		{1, "12:00", "doctor2", "patient2", "cardiology", Cancelled, Booked, "", "Palpitations after exercise."},
		{1, "15:00", "doctor", "belova", "initial", CancelledClinic, Booked, "", ""},
		{2, "10:00", "doctor", "kuznetsova", "initial", Documenting, Booked, "cold", "Кашель вторую неделю."},
		{2, "11:30", "doctor2", "belova", "cardiology", Completed, Booked, "pressure", "Скачет давление по утрам."},
		{2, "16:00", "doctor", "volkov", "followup", Declined, Requested, "", "Хочу обсудить результаты анализов."},
		{3, "09:00", "doctor", "patient2", "initial", Completed, Booked, "headache", "Headaches in the evening."},
		{3, "13:00", "doctor2", "novak", "followup", Completed, Booked, "pressure", ""},
		{3, "15:30", "doctor", "belova", "question", Withdrawn, Requested, "", "Можно ли делать прививку после простуды?"},
		{4, "10:30", "doctor2", "patient2", "cardiology", Completed, Booked, "heart", "Palpitations after exercise."},
		{4, "12:00", "doctor", "kuznetsova", "followup", Completed, Booked, "headache", ""},
		{4, "17:00", "doctor", "volkov", "initial", NoShow, Requested, "", "Боль в спине."},
		{5, "11:00", "doctor", "novak", "question", Completed, Booked, "headache", "May I take ibuprofen with my tablets?"},
		{7, "09:30", "doctor", "kuznetsova", "followup", Completed, Booked, "cold", ""},
		{7, "11:00", "doctor2", "patient2", "cardiology", Completed, Booked, "heart", "Palpitations after exercise."},
		{8, "10:00", "doctor", "volkov", "initial", Completed, Booked, "headache", "Боль в спине."},
		{8, "14:00", "doctor2", "belova", "cardiology", Completed, Requested, "pressure", "Контроль давления."},
	}
}

// fillWeek plays the week's plan, once per week, and gives the first patient a
// past visit so that their card is not empty.
func (d *demo) fillWeek(ctx context.Context) error {
	local := d.now.In(d.loc)
	y, m, day := local.Date()
	monday := time.Date(y, m, day-(int(local.Weekday())+6)%7, 0, 0, 0, 0, d.loc)
	there, _, err := newControl(d.core).Appointments.List(ctx, d.actors["admin"], AppointmentFilter{From: monday, To: monday.AddDate(0, 0, 7), Limit: 5})
	if err != nil || len(there) > 0 {
		return err
	}
	before := demoPlan{-4, "10:00", "doctor", "patient", "initial", Completed, Booked, "pressure", "Повышается давление, слабость."}
	for _, p := range append([]demoPlan{before}, demoWeek()...) {
		if err := d.play(ctx, monday, p); err != nil {
			return err
		}
	}
	return nil
}

// play makes one visit by the same operations that people use, each at its time.
func (d *demo) play(ctx context.Context, monday time.Time, p demoPlan) error {
	wall, err := time.Parse("15:04", p.clock)
	if err != nil {
		return err
	}
	y, m, day := monday.Date()
	start := time.Date(y, m, day+p.day, wall.Hour(), wall.Minute(), 0, 0, d.loc)
	if start.After(d.now.Add(-time.Hour)) && start.Before(d.now.Add(90*time.Minute)) {
		return nil // the time of the visit that is due now
	}
	doctor, patient, admin := d.actors[p.doctor], d.actors[p.patient], d.actors["admin"]
	want := p.ahead
	if start.Before(d.now) {
		want = p.past
	}
	booked := start.AddDate(0, 0, -2)
	if booked.After(d.now) {
		booked = d.now
	}
	b := Booking{
		Patient: patient.Patient, Practitioner: doctor.Practitioner, Service: d.services[p.service], Start: start,
		Complaint: p.complaint, Waiver: demoWaiver,
	}
	by := doctor
	if want == Requested || want == Declined || want == Withdrawn {
		by = patient
	}
	v, err := d.past(booked).Appointments.Book(ctx, by, b)
	if ErrorCode(err) == CodeSlotTaken {
		return nil // the visit that was due at an earlier start stands there
	}
	if err != nil {
		return err
	}
	later := d.past(booked.Add(time.Hour)).Appointments
	switch want {
	case Cancelled, Withdrawn:
		_, err = later.Cancel(ctx, patient, v.ID, "Не смогу в это время")
	case CancelledClinic:
		_, err = later.Cancel(ctx, admin, v.ID, "Врач на больничном")
	case Declined:
		_, err = later.Decline(ctx, doctor, v.ID, "Нужен очный осмотр, пожалуйста, запишитесь в клинику")
	case NoShow:
		_, err = d.past(start.Add(15*time.Minute)).Appointments.NoShow(ctx, doctor, v.ID)
	case Completed, Documenting:
		err = d.consult(ctx, v, p, want == Completed)
	}
	return err
}

// consult holds a past consultation: waiting room, chat, a file, the conclusion.
func (d *demo) consult(ctx context.Context, v AppointmentView, p demoPlan, sign bool) error {
	doctor, patient := d.actors[p.doctor], d.actors[p.patient]
	note := demoNotes()[p.note]
	room := v.Encounter
	if _, err := d.past(v.Start.Add(-4*time.Minute)).Appointments.CheckIn(ctx, patient, v.ID); err != nil {
		return err
	}
	if _, err := d.past(v.Start.Add(time.Minute)).Encounters.Admit(ctx, doctor, room, patient.Account); err != nil {
		return err
	}
	at := v.Start.Add(2 * time.Minute)
	for i, text := range note.chat {
		who := patient
		if i%2 == 1 {
			who = doctor
		}
		if _, err := d.past(at).PostChat(ctx, string(room), string(who.Account), "demo-"+string(rune('a'+i)), text); err != nil {
			return err
		}
		at = at.Add(time.Minute)
	}
	if note.file != "" {
		up := Upload{Name: note.file, Content: strings.NewReader(note.content)}
		if _, _, err := d.past(at).Documents.Upload(ctx, patient, room, up); err != nil {
			return err
		}
	}
	end := v.End.Add(-3 * time.Minute)
	if _, err := d.past(end).Encounters.Finish(ctx, doctor, room); err != nil {
		return err
	}
	draft, err := d.past(end).Compositions.Get(ctx, doctor, room)
	if err != nil {
		return err
	}
	text := note.sections
	text.Complaint, text.Anamnesis = draft.Sections.Complaint, draft.Sections.Anamnesis
	if text.Complaint == "" {
		text.Complaint = "Плановый контроль."
	}
	if !sign {
		text.Plan = ""
	}
	saved, err := d.past(end.Add(4*time.Minute)).Compositions.Save(ctx, doctor, room, draft.Rev, text)
	if err != nil || !sign {
		return err
	}
	_, err = d.past(end.Add(5*time.Minute)).Compositions.Sign(ctx, doctor, room, saved.Rev)
	return err
}
