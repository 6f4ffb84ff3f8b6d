package letter

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

func writer(t *testing.T) *Writer {
	t.Helper()
	w, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// sample has every value that any template names.
func sample(locale string) map[string]string {
	if locale == "ru" {
		return map[string]string{
			"clinic": "Клиника на Садовой", "phone": "+7 495 000-00-00", "code": "482913", "from": "Мария Орлова", "name": "Пётр Ильин",
			"link": "https://clinic.example/visit#token", "until": "28 ноября 2026, 12:00", "when": "26 ноября 2026, 14:30", "before": "25 ноября 2026, 10:00",
			"doctor": "Мария Орлова", "zone": "Europe/Moscow", "in": "через 1 час", "at": "14:30", "doctors": "2", "reason": "врач заболел", "what": "password", "fee": "1800 RUB", "ask": "yes",
		}
	}
	return map[string]string{
		"clinic": "Garden Street Clinic", "phone": "+7 495 000-00-00", "code": "482913", "from": "Maria Orlova", "name": "Peter Ilyin",
		"link": "https://clinic.example/visit#token", "until": "28 November 2026, 12:00", "when": "26 November 2026, 14:30", "before": "25 November 2026, 10:00",
		"doctor": "Maria Orlova", "zone": "Europe/Moscow", "in": "in 1 hour", "at": "14:30", "doctors": "2", "reason": "the doctor is ill", "what": "password", "fee": "1800 RUB", "ask": "yes",
	}
}

// TestWords compares what every template says with the golden files, so that a change of
// words is seen by who reviews it.
func TestWords(t *testing.T) {
	w := writer(t)
	for locale, kinds := range w.kinds {
		for kind := range kinds {
			mail, err := w.Email(kind, locale, sample(locale))
			if err != nil {
				t.Fatal(err)
			}
			sms, err := w.SMS(kind, locale, sample(locale))
			if err != nil {
				t.Fatal(err)
			}
			golden(t, kind+"."+locale+".txt", "SMS: "+sms.Text+"\nSubject: "+mail.Subject+"\n\n"+mail.Text)
			if !strings.Contains(mail.HTML, `<html lang="`+locale+`">`) {
				t.Errorf("%s %s: the HTML does not say its language", kind, locale)
			}
			for _, tracker := range []string{"<img", "<script", "@import", "url("} {
				if strings.Contains(mail.HTML, tracker) {
					t.Errorf("%s %s: the HTML has %s", kind, locale, tracker)
				}
			}
		}
		mail, err := w.Email("booked", locale, sample(locale))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, "booked."+locale+".html", mail.HTML)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; got\n%s", name, got)
	}
}

// TestBothLanguagesSayTheSame: a kind has every part in both languages.
func TestBothLanguagesSayTheSame(t *testing.T) {
	w := writer(t)
	for _, pair := range [][2]string{{"en", "ru"}, {"ru", "en"}} {
		for kind, one := range w.kinds[pair[0]] {
			other, ok := w.kinds[pair[1]][kind]
			if !ok {
				t.Errorf("%s is not there in %s", kind, pair[1])
				continue
			}
			for _, part := range []string{"subject", "sms", "body", "button", "note"} {
				if (one.Lookup(part) == nil) != (other.Lookup(part) == nil) {
					t.Errorf("%s: %s is there in one language only", kind, part)
				}
			}
		}
	}
}

// TestWhatPeopleWroteStaysText tries to bring markup, headers and hidden directions in.
func TestWhatPeopleWroteStaysText(t *testing.T) {
	w := writer(t)
	values := sample("en")
	values["clinic"] = "A\r\nBcc: x@y.example"
	values["doctor"] = "<a href=\"https://evil.example\">\u202egnorw</a>"
	values["link"] = "javascript:alert(1)"
	mail, err := w.Email("booked", "en", values)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(mail.HTML, "<a href=\"https://evil") || strings.Contains(mail.HTML, `href="javascript`) {
		t.Errorf("markup got through: %s", mail.HTML)
	}
	if strings.ContainsAny(mail.Text, "\u202e\r") || strings.Contains(mail.Text, "\nBcc") {
		t.Errorf("control characters got through: %q", mail.Text)
	}
	if _, err := w.Email("booked", "en", map[string]string{"clinic": "x"}); err == nil {
		t.Error("missing values were left out silently")
	}
	if _, err := w.Email("pigeon", "en", values); err == nil {
		t.Error("an unknown kind was worded")
	}
}

func TestLocale(t *testing.T) {
	w := writer(t)
	for locale, want := range map[string]string{"ru": "ru", "ru-RU": "ru", "EN": "en", "de": "en", "": "en"} {
		if got := w.Locale(locale); got != want {
			t.Errorf("Locale(%q) = %s, want %s", locale, got, want)
		}
	}
}
