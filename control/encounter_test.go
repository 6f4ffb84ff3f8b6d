package control

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/iotest"
	"time"
)

// begin takes the due visit to where doctor and patient talk.
func (w *world) begin(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	_, err := w.Encounters.Join(ctx, w.actor("patient"), w.due.Encounter)
	must(t, err)
	_, err = w.Encounters.Admit(ctx, w.actor("doctor"), w.due.Encounter, w.actor("patient").Account)
	must(t, err)
}

func TestLiveNews(t *testing.T) {
	w := newWorld(t)
	_, err := w.Encounters.Join(context.Background(), w.actor("patient"), w.due.Encounter)
	must(t, err)
	for _, topic := range []string{
		"clinic:" + string(w.demo.clinic.ID), "practitioner:" + string(w.actor("doctor").Practitioner),
		"patient:" + string(w.actor("patient").Patient), "encounter:" + string(w.due.Encounter),
	} {
		if !w.rooms.published(topic + " appointment " + string(w.due.ID)) {
			t.Errorf("%s was not told", topic)
		}
	}
}

func TestChat(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	room, patient, doctor := string(w.due.Encounter), string(w.actor("patient").Account), string(w.actor("doctor").Account)
	_, err := w.PostChat(ctx, room, patient, "1", "too early")
	wantCode(t, err, CodeDenied)
	w.begin(t)
	first, err := w.PostChat(ctx, room, patient, "1", "  Здравствуйте  ")
	must(t, err)
	if first.Seq != 1 || first.Text != "Здравствуйте" || first.SenderName != "Иван Петрович Соколов" || first.SenderRole != "patient" {
		t.Errorf("message: %+v", first)
	}
	again, err := w.PostChat(ctx, room, patient, "1", "changed")
	must(t, err)
	if again != first {
		t.Errorf("the same client id made another message: %+v", again)
	}
	second, err := w.PostChat(ctx, room, doctor, "1", "Добрый день")
	must(t, err)
	if second.Seq != 2 {
		t.Errorf("seq %d", second.Seq)
	}
	for _, c := range []struct{ clientID, text string }{{"", "x"}, {"2", " "}, {"2", strings.Repeat("x", 4001)}, {strings.Repeat("x", 65), "x"}} {
		_, err := w.PostChat(ctx, room, patient, c.clientID, c.text)
		wantCode(t, err, CodeInvalid)
	}
	for _, who := range []string{"volkov", "doctor2", "admin"} {
		_, err := w.PostChat(ctx, room, string(w.actor(who).Account), "9", "let me in")
		if code := ErrorCode(err); code != CodeNotFound && code != CodeDenied {
			t.Errorf("%s: %v", who, err)
		}
	}
	_, err = w.PostChat(ctx, "no-such-room", patient, "9", "x")
	wantCode(t, err, CodeNotFound)
	history, err := w.ChatHistory(ctx, room, patient)
	must(t, err)
	if len(history) != 2 || history[0].Seq != 1 || history[1].Seq != 2 {
		t.Errorf("history: %+v", history)
	}
	tail, err := w.Encounters.Messages(ctx, w.actor("doctor"), w.due.Encounter, 1, 10)
	must(t, err)
	if len(tail) != 1 || tail[0].Seq != 2 {
		t.Errorf("tail: %+v", tail)
	}
	_, err = w.Encounters.Finish(ctx, w.actor("doctor"), w.due.Encounter)
	must(t, err)
	_, err = w.PostChat(ctx, room, patient, "3", "too late")
	wantCode(t, err, CodeTransitionRefused)
}

func TestCardIsOpenOnlyDuringTheVisit(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	patient := w.actor("patient").Patient
	open := func(who string) Code {
		_, err := w.Patients.Card(ctx, w.actor(who), patient)
		return ErrorCode(err)
	}
	if got := open("doctor"); got != CodeAccessClosed {
		t.Errorf("before: %q", got)
	}
	_, err := w.Encounters.Join(ctx, w.actor("patient"), w.due.Encounter)
	must(t, err)
	if got := open("doctor"); got != "" {
		t.Errorf("while the patient waits: %q", got)
	}
	if got := open("doctor2"); got != CodeAccessClosed {
		t.Errorf("another doctor: %q", got)
	}
	if got := open("admin"); got != CodeDenied {
		t.Errorf("administrator: %q", got)
	}
	if got := open("volkov"); got != CodeNotFound {
		t.Errorf("another patient: %q", got)
	}
	_, err = w.Appointments.Leave(ctx, w.actor("patient"), w.due.ID)
	must(t, err)
	if got := open("doctor"); got != CodeAccessClosed {
		t.Errorf("after the patient left: %q", got)
	}
	if got := open("patient"); got != "" {
		t.Errorf("the patient's own: %q", got)
	}
}

func TestConclusion(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.begin(t)
	doctor, room := w.actor("doctor"), w.due.Encounter
	draft, err := w.Compositions.Get(ctx, doctor, room)
	must(t, err)
	if draft.Rev != 0 || !strings.Contains(draft.Sections.Complaint, "болит горло") || len(draft.Prefilled) != 2 {
		t.Errorf("before writing: %+v", draft)
	}
	text := draft.Sections
	text.Complaint, text.Diagnosis = "Своими словами", "ОРВИ"
	saved, err := w.Compositions.Save(ctx, doctor, room, 0, text)
	must(t, err)
	if len(saved.Prefilled) != 1 || saved.Prefilled[0] != "anamnesis" {
		t.Errorf("prefilled: %v", saved.Prefilled)
	}
	_, err = w.Compositions.Save(ctx, doctor, room, 0, text)
	wantCode(t, err, CodeVersionStale)
	bad := text
	bad.DiagnosisCode = "J06<b>"
	_, err = w.Compositions.Save(ctx, doctor, room, saved.Rev, bad)
	wantCode(t, err, CodeInvalid)
	_, err = w.Compositions.Sign(ctx, doctor, room, saved.Rev)
	wantCode(t, err, CodeTransitionRefused) // the talk is not over
	_, err = w.PostChat(ctx, string(room), string(w.actor("patient").Account), "1", "кашель ночью")
	must(t, err)
	_, err = w.Encounters.Finish(ctx, doctor, room)
	must(t, err)
	kept, err := w.Compositions.Get(ctx, doctor, room)
	must(t, err)
	if kept.Sections.Complaint != "Своими словами" {
		t.Errorf("finishing overwrote the doctor: %q", kept.Sections.Complaint)
	}
	text = kept.Sections
	text.Plan = "Покой"
	saved, err = w.Compositions.Save(ctx, doctor, room, kept.Rev, text)
	must(t, err)
	_, err = w.Compositions.Sign(ctx, w.actor("doctor2"), room, saved.Rev)
	wantCode(t, err, CodeNotFound)
	final, err := w.Compositions.Sign(ctx, doctor, room, saved.Rev)
	must(t, err)
	_, err = w.Compositions.Sign(ctx, doctor, room, final.Rev)
	wantCode(t, err, CodeTransitionRefused)
	_, err = w.Compositions.Save(ctx, doctor, room, final.Rev, text)
	wantCode(t, err, CodeTransitionRefused)
	if !w.rooms.published("patient:" + string(w.actor("patient").Patient) + " document " + string(final.Document)) {
		t.Error("the patient's page was not told of the document")
	}
}

func TestUploadsLeaveNoOrphans(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.begin(t)
	w.Documents.cfg.MaxUpload = 1 << 20
	up := func(content string) error {
		_, _, err := w.Documents.Upload(ctx, w.actor("patient"), w.due.Encounter, Upload{Name: "a.txt", Content: strings.NewReader(content)})
		return err
	}
	must(t, up(strings.Repeat("x", 1<<20)))
	wantCode(t, up(strings.Repeat("x", 1<<20+1)), CodeTooLarge)
	broken := iotest.ErrReader(errors.New("connection lost"))
	_, _, err := w.Documents.Upload(ctx, w.actor("patient"), w.due.Encounter, Upload{Name: "a.txt", Content: broken})
	wantCode(t, err, CodeInvalid)
	w.clock.Advance(48 * time.Hour)
	swept, err := w.blobs.Sweep(ctx, 24*time.Hour, func(_, id string) (bool, error) {
		live := false
		err := w.view(ctx, System(w.demo.clinic.ID), func(u *unit) error {
			for d, err := range u.t.documents.List(u, u.scope) {
				if err != nil {
					return err
				}
				live = live || d.Blob == id
			}
			return nil
		})
		return live, err
	})
	must(t, err)
	if swept != 0 {
		t.Errorf("%d orphans", swept)
	}
}

func TestFileNames(t *testing.T) {
	for _, c := range []struct{ name, mime, want string }{
		{"снимок.png", "image/png", "снимок.png"},
		{"photo.JPEG", "image/jpeg", "photo.JPEG"},
		{"report.docx", "application/zip", "report.docx"},
		{"evil.exe", "application/pdf", "evil_exe.pdf"},
		{"page.html", "text/plain; charset=utf-8", "page_html.txt"},
		{`C:\tmp\..\scan.pdf`, "application/pdf", "scan.pdf"},
		{"../../etc/passwd", "text/plain; charset=utf-8", "passwd.txt"},
		{"a\x00b\r\n\u202egpj.png", "image/png", "abgpj.png"},
		{"", "image/png", "file.png"},
		{"...", "image/png", "file.png"},
		{`<img src="x">.png`, "image/png", "img src=x.png"},
		{strings.Repeat("ж", 300) + ".png", "image/png", strings.Repeat("ж", 116) + ".png"},
		{"\xff\xfe.png", "image/png", "png.png"},
	} {
		if got := fileName(c.name, c.mime); got != c.want {
			t.Errorf("%q (%s): %q, want %q", c.name, c.mime, got, c.want)
		}
	}
}
