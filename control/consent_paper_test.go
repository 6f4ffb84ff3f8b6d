package control

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"consilium/store"
)

// outbox does what the outbox holds.
func (w *world) outbox(t *testing.T) {
	t.Helper()
	_, err := w.runOutbox(t.Context())
	must(t, err)
}

// papers are the patient's contract and consents.
func (w *world) papers(t *testing.T, who Actor) (out []Document) {
	t.Helper()
	card, err := w.Patients.Card(t.Context(), who, who.Patient)
	must(t, err)
	for _, d := range card.Documents {
		if d.Kind == DocContract || d.Kind == DocConsent {
			out = append(out, d)
		}
	}
	return out
}

// TestPapersOfConsents: the contract and the consents are in the card by the first
// booking, each once, however often the patient books or says yes again.
func TestPapersOfConsents(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	patient := w.actor("patient")
	if n := len(w.papers(t, patient)); n != 0 {
		t.Fatalf("%d papers before anything was booked", n)
	}
	w.planned(t, 48*time.Hour)
	w.planned(t, 72*time.Hour)
	w.outbox(t)
	papers := w.papers(t, patient)
	if len(papers) != 3 {
		t.Fatalf("%d papers", len(papers))
	}
	kinds := map[DocumentKind]int{}
	for _, d := range papers {
		kinds[d.Kind]++
		content, err := w.Documents.Open(ctx, patient, d.ID)
		must(t, err)
		pdf, err := io.ReadAll(content)
		must(t, err)
		must(t, content.Close())
		if !strings.HasPrefix(string(pdf), "%PDF-") || len(pdf) < 10_000 {
			t.Errorf("%s: %d bytes, no PDF", d.Title, len(pdf))
		}
		if _, err := w.Documents.Open(ctx, w.actor("volkov"), d.ID); ErrorCode(err) != CodeNotFound {
			t.Errorf("another patient: %v", err)
		}
		if _, err := w.Documents.Open(ctx, w.actor("doctor"), d.ID); ErrorCode(err) != CodeAccessClosed {
			t.Errorf("the doctor before the visit: %v", err)
		}
	}
	if kinds[DocContract] != 1 || kinds[DocConsent] != 2 {
		t.Errorf("kinds: %v", kinds)
	}
	say := func(given bool) {
		states, err := w.Consents.Mine(ctx, patient)
		must(t, err)
		var answers []ConsentAnswer
		for _, s := range states {
			answers = append(answers, ConsentAnswer{s.Need.ID, s.Need.Version, given})
		}
		_, err = w.Consents.Answer(ctx, patient, answers, "")
		must(t, err)
		w.outbox(t)
	}
	say(true)
	if n := len(w.papers(t, patient)); n != 3 {
		t.Errorf("%d papers after the same yes again", n)
	}
	say(false)
	if n := len(w.papers(t, patient)); n != 3 {
		t.Errorf("%d papers after taking back", n)
	}
	say(true)
	if n := len(w.papers(t, patient)); n != 6 {
		t.Errorf("%d papers after agreeing anew", n)
	}
	// The same job once more, as after a stop in between.
	must(t, w.issueConsent(ctx, w.demo.clinic.ID, string(papers[0].ID)))
	if n := len(w.papers(t, patient)); n != 6 {
		t.Errorf("%d papers after a job ran twice", n)
	}
}

// TestJoiningNamesWhatIsMissing: the refusal tells which documents.
func TestJoiningNamesWhatIsMissing(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	_, err := w.Consents.Answer(ctx, w.actor("patient"), []ConsentAnswer{{"telemedicine", "1", false}}, "")
	must(t, err)
	_, err = w.Encounters.Join(ctx, w.actor("patient"), w.due.Encounter)
	wantCode(t, err, CodeConsentNeeded)
	if !strings.Contains(err.Error(), "телемедицинских") {
		t.Errorf("%v", err)
	}
}

// TestThePaperIsOfTheTextThatWasShown: the clinic's text has changed since.
func TestThePaperIsOfTheTextThatWasShown(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	patient := w.actor("patient")
	must(t, w.update(ctx, System(w.demo.clinic.ID), func(u *unit) error {
		clinic, err := u.clinic()
		if err != nil {
			return err
		}
		for i := range clinic.Jurisdiction.Consents {
			n := &clinic.Jurisdiction.Consents[i]
			n.Version, n.Title, n.Text = "2", Text{"ru": "Новый текст"}, Text{"ru": "Новый"}
		}
		_, err = u.t.clinics.Put(u, store.Global, &clinic, clinic.Rev)
		return err
	}))
	w.planned(t, 48*time.Hour)
	w.outbox(t)
	for _, d := range w.papers(t, patient) {
		if strings.Contains(d.Title, "Новый") {
			t.Errorf("a paper of a text that was never shown: %s", d.Title)
		}
	}
	if n := len(w.papers(t, patient)); n != 3 {
		t.Errorf("%d papers", n)
	}
}
