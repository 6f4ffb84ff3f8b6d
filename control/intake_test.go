package control

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"consilium/control/notify"
)

// questions are one of each kind.
func questions() []Question {
	low, high := 30.0, 45.0
	ru := func(s string) Text { return Text{"ru": s} }
	return []Question{
		{ID: "since", Kind: AskDate, Label: ru("С какого дня?")},
		{ID: "fever", Kind: AskNumber, Label: ru("Температура"), Unit: ru("°C"), Min: &low, Max: &high, Required: true},
		{ID: "smoke", Kind: AskYesNo, Label: ru("Курите?"), Required: true},
		{ID: "where", Kind: AskSeveral, Label: ru("Где болит?"), Options: []Option{{"head", ru("Голова")}, {"throat", ru("Горло")}}},
		{ID: "pain", Kind: AskOne, Label: ru("Боль"), Options: []Option{{"mild", ru("Слабая")}, {"strong", ru("Сильная")}}},
		{ID: "name", Kind: AskText, Label: ru("Лекарство")},
		{ID: "story", Kind: AskLongText, Label: ru("Расскажите")},
	}
}

// asks publishes questions for the service of the due visit.
func (w *world) asks(t *testing.T, all []Question) Questionnaire {
	t.Helper()
	known, err := w.Questionnaires.Get(t.Context(), w.actor("admin"), w.due.Appointment.Service)
	must(t, err)
	v, err := w.Questionnaires.Set(t.Context(), w.actor("admin"), w.due.Appointment.Service, all, known.Rev)
	must(t, err)
	return v
}

func TestQuestionnaireBounds(t *testing.T) {
	w := newWorld(t)
	many := make([]Question, 41)
	for i := range many {
		many[i] = Question{ID: fmt.Sprint("q", i), Kind: AskYesNo, Label: Text{"ru": "?"}}
	}
	one := func(change func(*Question)) []Question {
		q := Question{ID: "q", Kind: AskText, Label: Text{"ru": "Что?"}}
		change(&q)
		return []Question{q}
	}
	options := func(n int) []Option {
		var out []Option
		for i := range n {
			out = append(out, Option{fmt.Sprint(i), Text{"ru": "o"}})
		}
		return out
	}
	nan, two, three := math.NaN(), 2.0, 3.0
	for _, test := range []struct {
		field string
		all   []Question
	}{
		{"/questions", many},
		{"/questions/0/id", one(func(q *Question) { q.ID = "" })},
		{"/questions/0/id", one(func(q *Question) { q.ID = "a/b" })},
		{"/questions/0/id", one(func(q *Question) { q.ID = strings.Repeat("a", 33) })},
		{"/questions/1/id", append(one(func(*Question) {}), one(func(*Question) {})...)},
		{"/questions/0/kind", one(func(q *Question) { q.Kind = "essay" })},
		{"/questions/0/label/ru", one(func(q *Question) { q.Label = Text{"en": "What?"} })},
		{"/questions/0/label/ru", one(func(q *Question) { q.Label = Text{"ru": strings.Repeat("ж", 301)} })},
		{"/questions/0/label/ru", one(func(q *Question) { q.Label = Text{"ru": "a\x00b"} })},
		{"/questions/0/label", one(func(q *Question) { q.Label = Text{"ru": "x", "xx": "y"} })},
		{"/questions/0/help/en", one(func(q *Question) { q.Help = Text{"en": strings.Repeat("x", 501)} })},
		{"/questions/0/options", one(func(q *Question) { q.Options = options(2) })},
		{"/questions/0/options", one(func(q *Question) { q.Kind, q.Options = AskOne, options(1) })},
		{"/questions/0/options", one(func(q *Question) { q.Kind, q.Options = AskSeveral, options(31) })},
		{"/questions/0/options/1/id", one(func(q *Question) { q.Kind, q.Options = AskOne, append(options(1), options(1)...) })},
		{"/questions/0/options/1/label/ru", one(func(q *Question) {
			q.Kind, q.Options = AskOne, options(2)
			q.Options[1].Label = Text{"ru": " "}
		})},
		{"/questions/0/unit", one(func(q *Question) { q.Unit = Text{"ru": "кг"} })},
		{"/questions/0/unit/ru", one(func(q *Question) { q.Kind, q.Unit = AskNumber, Text{"ru": strings.Repeat("x", 21)} })},
		{"/questions/0/min", one(func(q *Question) { q.Kind, q.Min = AskNumber, &nan })},
		{"/questions/0/max", one(func(q *Question) { q.Kind, q.Min, q.Max = AskNumber, &three, &two })},
	} {
		_, err := w.Questionnaires.Set(t.Context(), w.actor("admin"), "initial", test.all, 0)
		if e, ok := err.(*Error); !ok || e.Code != CodeInvalid || e.Field != test.field {
			t.Errorf("%s: %v", test.field, err)
		}
	}
	v := w.asks(t, questions())
	if v.Version != 1 {
		t.Errorf("version %d", v.Version)
	}
	if same := w.asks(t, questions()); same.Version != 1 {
		t.Errorf("the same questions again are version %d", same.Version)
	}
	_, err := w.Questionnaires.Set(t.Context(), w.actor("admin"), "initial", nil, v.Rev+1)
	wantCode(t, err, CodeVersionStale)
	for _, who := range []string{"doctor", "registrar", "patient"} {
		_, err := w.Questionnaires.Set(t.Context(), w.actor(who), "initial", nil, v.Rev)
		wantCode(t, err, CodeDenied)
	}
	_, err = w.Questionnaires.Get(t.Context(), w.actor("admin"), "unknown")
	wantCode(t, err, CodeNotFound)
}

func TestAnswersThatAreRefused(t *testing.T) {
	q := Questionnaire{Questions: questions()}
	for _, test := range []struct {
		id     string
		values []string
	}{
		{"nobody-asked", []string{"x"}},
		{"since", []string{"yesterday"}},
		{"since", []string{"2026-02-30"}},
		{"since", []string{"0001-01-01"}},
		{"fever", []string{"36,6"}},
		{"fever", []string{"1e9"}},
		{"fever", []string{"NaN"}},
		{"fever", []string{"36.6", "37"}},
		{"smoke", []string{"maybe"}},
		{"where", []string{"head", "head"}},
		{"where", []string{"head", "knee"}},
		{"pain", []string{"mild", "strong"}},
		{"pain", []string{"none"}},
		{"name", []string{strings.Repeat("ж", 501)}},
		{"name", []string{"a\x1bb"}},
		{"story", []string{strings.Repeat("ж", 4001)}},
		{"story", []string{"\xff"}},
	} {
		_, err := Answers{test.id: test.values}.validate(&q)
		if e, ok := err.(*Error); !ok || e.Code != CodeInvalid || e.Field != "/answers/"+test.id {
			t.Errorf("%s %q: %v", test.id, test.values, err)
		}
	}
	kept, err := Answers{
		"since": {"2026-11-20"}, "fever": {"52"}, "smoke": {"no"}, "where": {"throat", "head"}, "name": {" "}, "story": {"one\ntwo"}, "pain": {},
	}.validate(&q)
	must(t, err)
	if len(kept) != 5 || kept["where"][0] != "head" {
		t.Errorf("kept %v", kept)
	}
	if wrong := kept.complete(&q); len(wrong) != 1 || wrong[0] != "/answers/fever" {
		t.Errorf("wrong: %v", wrong) // a fever of 52: kept while they write, and not taken as all
	}
	if wrong := (Answers{}).complete(&q); len(wrong) != 2 {
		t.Errorf("missing: %v", wrong)
	}
}

func TestIntakeFromHomeToConsultation(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.asks(t, questions())
	patient, doctor := w.actor("patient"), w.actor("doctor")
	v, err := w.Intakes.Get(ctx, patient, w.due.ID)
	must(t, err)
	if v.Rev != 0 || !strings.Contains(v.Complaint, "болит горло") || len(v.Questions) != 7 || !v.Editable || !strings.Contains(v.Card[CardAllergies], "пенициллин") {
		t.Fatalf("before anything is written: %+v", v)
	}
	in := IntakeInput{Version: 1, Complaint: "Горло и температура", Answers: Answers{"smoke": {"no"}}}
	v, err = w.Intakes.Save(ctx, patient, w.due.ID, 0, in)
	must(t, err)
	_, err = w.Intakes.Save(ctx, patient, w.due.ID, 0, in)
	wantCode(t, err, CodeVersionStale)
	// Other questions meanwhile: who has begun keeps the old ones.
	w.asks(t, questions()[:1])
	v, err = w.Intakes.Get(ctx, patient, w.due.ID)
	must(t, err)
	if v.Version != 1 || len(v.Questions) != 7 || v.Answers["smoke"][0] != "no" {
		t.Fatalf("after new questions: version %d, %v", v.Version, v.Answers)
	}
	_, err = w.Intakes.Save(ctx, patient, w.due.ID, v.Rev, IntakeInput{Version: 2})
	wantCode(t, err, CodeVersionStale)
	in.Submit = true
	_, err = w.Intakes.Save(ctx, patient, w.due.ID, v.Rev, in)
	if e, ok := err.(*Error); !ok || e.Code != CodeIncomplete || len(e.Fields) != 1 || e.Fields[0] != "/answers/fever" {
		t.Fatalf("incomplete: %v", err)
	}
	in.Answers["fever"] = []string{"37.4"}
	v, err = w.Intakes.Save(ctx, patient, w.due.ID, v.Rev, in)
	must(t, err)
	seen, err := w.Appointments.Get(ctx, w.actor("registrar"), w.due.ID)
	must(t, err)
	if !seen.Filled || v.Submitted.IsZero() {
		t.Error("the desk does not see that it is filled in")
	}
	for who, want := range map[string]Code{
		"doctor": CodeAccessClosed, "doctor2": CodeNotFound, "registrar": CodeDenied, "admin": CodeDenied, "accountant": CodeDenied, "volkov": CodeNotFound,
	} {
		_, err := w.Intakes.Get(ctx, w.actor(who), w.due.ID)
		if ErrorCode(err) != want {
			t.Errorf("%s before the visit: %v, want %s", who, err, want)
		}
	}
	// Taking back what must be answered takes back that it is filled in.
	in.Submit, in.Answers = false, Answers{"smoke": {"no"}}
	v, err = w.Intakes.Save(ctx, patient, w.due.ID, v.Rev, in)
	must(t, err)
	if v.Appointment.Filled {
		t.Error("filled in without what must be answered")
	}
	w.begin(t)
	_, err = w.Intakes.Save(ctx, patient, w.due.ID, v.Rev, in)
	wantCode(t, err, CodeTransitionRefused)
	got, err := w.Intakes.Get(ctx, doctor, w.due.ID)
	must(t, err)
	if got.Complaint != "Горло и температура" || got.Editable {
		t.Errorf("the doctor reads %+v", got.Intake)
	}
	if last := w.lastAudit(t); last.Action != "intake.read" || last.Object != string(w.due.ID) {
		t.Errorf("audit: %+v", last)
	}
	note, err := w.Compositions.Get(ctx, doctor, w.due.Encounter)
	must(t, err)
	if !strings.HasPrefix(note.Sections.Complaint, "Горло и температура") {
		t.Errorf("the conclusion begins with %q", note.Sections.Complaint)
	}
	_, err = w.Encounters.Finish(ctx, doctor, w.due.Encounter)
	must(t, err)
	_, err = w.Intakes.Get(ctx, doctor, w.due.ID)
	must(t, err)
	w.sign(t)
	_, err = w.Intakes.Get(ctx, doctor, w.due.ID)
	wantCode(t, err, CodeAccessClosed)
	mine, err := w.Intakes.Get(ctx, patient, w.due.ID)
	must(t, err)
	if mine.Editable || mine.Complaint == "" {
		t.Error("the patient's own words are gone, or not frozen")
	}
}

// sign writes and signs the conclusion of the due visit.
func (w *world) sign(t *testing.T) {
	t.Helper()
	note, err := w.Compositions.Get(t.Context(), w.actor("doctor"), w.due.Encounter)
	must(t, err)
	text := note.Sections
	text.Complaint, text.Diagnosis, text.Plan = "c", "d", "p"
	note, err = w.Compositions.Save(t.Context(), w.actor("doctor"), w.due.Encounter, note.Rev, text)
	must(t, err)
	_, err = w.Compositions.Sign(t.Context(), w.actor("doctor"), w.due.Encounter, note.Rev)
	must(t, err)
}

func (w *world) lastAudit(t *testing.T) (out AuditEvent) {
	t.Helper()
	must(t, w.view(t.Context(), System(w.demo.clinic.ID), func(u *unit) error {
		n, err := u.t.trail.Last(u, u.scope)
		if err != nil {
			return err
		}
		out, err = u.t.trail.Get(u, u.scope, n)
		return err
	}))
	return out
}

func TestCorrectionsOfTheCard(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	patient, doctor := w.actor("patient"), w.actor("doctor")
	for _, card := range []map[CardPart]string{
		{CardBirthDate: "1978-13-01"}, {CardBirthDate: "2078-04-19"}, {CardBirthDate: ""}, {"phone": "x"}, {CardAllergies: strings.Repeat("ж", 1001)},
	} {
		_, err := w.Intakes.Save(ctx, patient, w.due.ID, 0, IntakeInput{Card: card})
		wantCode(t, err, CodeInvalid)
	}
	v, err := w.Intakes.Save(ctx, patient, w.due.ID, 0, IntakeInput{Card: map[CardPart]string{
		CardBirthDate: "1978-04-19", CardAllergies: "пенициллин, орехи", CardMedicines: "периндоприл 5 мг",
	}})
	must(t, err)
	if len(v.Corrections) != 2 || v.Card[CardAllergies] == "пенициллин, орехи" {
		t.Fatalf("corrections %v, the card says %v", v.Corrections, v.Card)
	}
	_, err = w.Intakes.Decide(ctx, doctor, w.due.ID, CardAllergies, true)
	wantCode(t, err, CodeAccessClosed)
	w.begin(t)
	_, err = w.Intakes.Decide(ctx, w.actor("doctor2"), w.due.ID, CardAllergies, true)
	wantCode(t, err, CodeNotFound)
	_, err = w.Intakes.Decide(ctx, patient, w.due.ID, CardAllergies, true)
	wantCode(t, err, CodeDenied)
	v, err = w.Intakes.Decide(ctx, doctor, w.due.ID, CardAllergies, true)
	must(t, err)
	if v.Card[CardAllergies] != "пенициллин, орехи" || v.Corrections[CardAllergies].Decided != CorrectionAccepted {
		t.Errorf("accepted: %v, the card says %v", v.Corrections, v.Card)
	}
	_, err = w.Intakes.Decide(ctx, doctor, w.due.ID, CardAllergies, false)
	wantCode(t, err, CodeTransitionRefused)
	v, err = w.Intakes.Decide(ctx, doctor, w.due.ID, CardMedicines, false)
	must(t, err)
	if v.Card[CardMedicines] != "" {
		t.Errorf("refused and yet in the card: %v", v.Card)
	}
	_, err = w.Intakes.Decide(ctx, doctor, w.due.ID, CardBirthDate, true)
	wantCode(t, err, CodeNotFound)
	if last := w.lastAudit(t); last.Action != "intake.decide" || strings.Contains(last.Note, "пери") {
		t.Errorf("audit: %+v", last)
	}
}

func TestFilesBeforeTheVisit(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	patient := w.actor("patient")
	add := func(name, content, clientID string) (IntakeView, error) {
		return w.Intakes.AddFile(ctx, patient, w.due.ID, Upload{Name: name, ClientID: clientID, Content: strings.NewReader(content)})
	}
	_, err := add("page.html", "<html><script>", "")
	wantCode(t, err, CodeTypeRefused)
	v, err := add("анализ.txt", "Лейкоциты 6,2", "one")
	must(t, err)
	again, err := add("анализ.txt", "Лейкоциты 6,2", "one")
	must(t, err)
	if len(again.Documents) != 1 || again.Rev != v.Rev {
		t.Errorf("sent twice: %d files", len(again.Documents))
	}
	for i := range 9 {
		_, err := add(fmt.Sprint(i, ".txt"), "x", "")
		must(t, err)
	}
	_, err = add("one too many.txt", "x", "")
	wantCode(t, err, CodeTooMany)
	_, err = w.Intakes.RemoveFile(ctx, w.actor("volkov"), w.due.ID, v.Files[0])
	wantCode(t, err, CodeNotFound)
	left, err := w.Intakes.RemoveFile(ctx, patient, w.due.ID, v.Files[0])
	must(t, err)
	if len(left.Documents) != 9 {
		t.Errorf("%d files are left", len(left.Documents))
	}
	_, err = w.Documents.Open(ctx, patient, v.Files[0])
	wantCode(t, err, CodeNotFound)
	_, err = w.Documents.Open(ctx, w.actor("doctor"), left.Files[0])
	wantCode(t, err, CodeAccessClosed)
	w.begin(t)
	doc, err := w.Documents.Open(ctx, w.actor("doctor"), left.Files[0])
	must(t, err)
	must(t, doc.Close())
	_, err = w.Intakes.RemoveFile(ctx, patient, w.due.ID, left.Files[0])
	wantCode(t, err, CodeTransitionRefused)
	_, err = add("late.txt", "x", "")
	wantCode(t, err, CodeTransitionRefused)
}

func TestIntakeMovesWithTheVisit(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	visit := w.planned(t, 48*time.Hour)
	patient := w.actor("patient")
	_, err := w.Intakes.Save(ctx, patient, visit.ID, 0, IntakeInput{Complaint: "то же", Submit: true})
	must(t, err)
	moved, err := w.Appointments.Reschedule(ctx, w.actor("doctor"), visit.ID, Move{Start: noon.Add(72 * time.Hour)})
	must(t, err)
	v, err := w.Intakes.Get(ctx, patient, moved.ID)
	must(t, err)
	if v.Complaint != "то же" || !moved.Filled || !v.Editable {
		t.Errorf("after the move: %+v, filled %t", v.Intake, moved.Filled)
	}
	old, err := w.Intakes.Get(ctx, patient, visit.ID)
	must(t, err)
	if old.Editable {
		t.Error("the visit that moved away can be written to")
	}
}

func TestHowAPatientIsWrittenTo(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	patient := w.actor("patient")
	reach := func() (to Recipient) {
		must(t, w.view(ctx, System(w.demo.clinic.ID), func(u *unit) error {
			p, err := u.patient(patient.Patient)
			if err != nil {
				return err
			}
			to, _, err = u.reachPatient(&p)
			return err
		}))
		return to
	}
	if to := reach(); to.Channel != notify.Email {
		t.Errorf("by default: %s", to.Channel)
	}
	v, err := w.Sessions.SetContact(ctx, patient, notify.SMS)
	must(t, err)
	if to := reach(); to.Channel != notify.SMS || to.Address != "+79000000178" || v.Wish != notify.SMS || len(v.Ways) != 2 || strings.Contains(v.Ways[0].To, "0000001") {
		t.Errorf("by choice: %s, %+v", to.Channel, v)
	}
	// The operator takes SMS away again: messages find the other way.
	w.core.sender = mailOnly{w.mail}
	if to := reach(); to.Channel != notify.Email {
		t.Errorf("without SMS: %s", to.Channel)
	}
	_, err = w.Sessions.SetContact(ctx, patient, "pigeon")
	wantCode(t, err, CodeInvalid)
	_, err = w.Sessions.SetContact(ctx, patient, notify.SMS)
	wantCode(t, err, CodeInvalid)
	_, err = w.Sessions.SetContact(ctx, patient, "")
	must(t, err)
}

// mailOnly is a server without SMS.
type mailOnly struct{ *testSender }

func (mailOnly) Carries(c notify.Channel) bool { return c == notify.Email }

func TestTheReminderAsksToFillIn(t *testing.T) {
	for name, test := range map[string]struct {
		ask, fill bool
		want      bool
	}{
		"nothing is asked": {false, false, false},
		"not filled":       {true, false, true},
		"filled":           {true, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newTimedWorld(t)
				if test.ask {
					w.asks(t, questions()[3:])
				}
				visit := w.planned(t, 48*time.Hour)
				if test.fill {
					_, err := w.Intakes.Save(t.Context(), w.actor("patient"), visit.ID, 0, IntakeInput{Version: 1, Submit: true})
					must(t, err)
				}
				running(t, w)
				time.Sleep(48*time.Hour - 5*time.Minute)
				synctest.Wait()
				asked := 0
				for _, m := range w.mail.to(sokolovMail) {
					if strings.Contains(m.Text, "на вопросы врача") {
						asked++
					}
				}
				if want := map[bool]int{true: 1}[test.want]; asked != want {
					t.Errorf("asked %d times, want %d", asked, want)
				}
			})
		})
	}
}
