package mail

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"
	"time"

	"consilium/control/notify"
	"consilium/control/notify/mail/mailtest"
)

func account(s *mailtest.Server) Config {
	return Config{
		Host: "localhost", Port: s.Port(), Security: STARTTLS, User: "clinic", Password: "open sesame",
		From: "Клиника <clinic@clinic.example>", Timeout: 5 * time.Second,
	}
}

func TestSendOverSTARTTLS(t *testing.T) {
	s := mailtest.New(t)
	cfg := account(s)
	cfg.TLS = &tls.Config{RootCAs: s.Roots, ServerName: "localhost"}
	sender, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	message := notify.Message{ID: "m1", Channel: notify.Email, To: "anna@clinic.example", Subject: "Ваш код", Text: "Код 123456"}
	if err := sender.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	mails := s.Mails(t)
	if users := s.Users(); len(mails) != 1 || users[0] != "\x00clinic\x00open sesame" {
		t.Fatalf("got %d mails from %q", len(mails), users)
	}
	if got := mails[0]; got.Subject != message.Subject || !strings.Contains(got.Part("text/plain"), message.Text) {
		t.Errorf("got %+v", got)
	}
	if id := mails[0].Header.Get("Message-Id"); id != "<m1@localhost>" {
		t.Errorf("message id %q", id)
	}
}

// TestCalendarGoesBothWays: an invitation is an alternative, for programs that know
// calendars, and a file, for the others.
func TestCalendarGoesBothWays(t *testing.T) {
	s := mailtest.New(t)
	cfg := account(s)
	cfg.TLS = &tls.Config{RootCAs: s.Roots, ServerName: "localhost"}
	sender, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	event := "BEGIN:VCALENDAR\r\nSUMMARY:Приём\r\nEND:VCALENDAR\r\n"
	said, err := sender.Try(t.Context(), notify.Message{
		ID: "m2", Channel: notify.Email, To: "anna@clinic.example", Subject: "x", Text: "text", HTML: "<p>html</p>",
		Attachments: []notify.Attachment{{Name: "visit.ics", Type: "text/calendar; method=REQUEST; charset=UTF-8", Content: []byte(event)}},
	})
	if err != nil || !strings.Contains(said, "taken as") {
		t.Fatalf("the server said %q, %v", said, err)
	}
	var alternative, file bool
	for _, p := range s.Mails(t)[0].Parts {
		if !strings.HasPrefix(p.Type, "text/calendar") {
			continue
		}
		if p.Body != event || !strings.Contains(p.Type, "method=REQUEST") {
			t.Errorf("got %+v", p)
		}
		alternative = alternative || p.Inside == "multipart/alternative"
		file = file || p.Name == "visit.ics"
	}
	if !alternative || !file {
		t.Errorf("alternative %v, file %v: %+v", alternative, file, s.Mails(t)[0].Parts)
	}
}

func TestSendRefuses(t *testing.T) {
	s := mailtest.New(t)
	message := notify.Message{ID: "m1", Channel: notify.Email, To: "anna@clinic.example", Text: "x"}
	send := func(change func(*Config)) error {
		cfg := account(s)
		cfg.TLS = &tls.Config{RootCAs: s.Roots, ServerName: "localhost"}
		change(&cfg)
		sender, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		return sender.Send(t.Context(), message)
	}
	if err := send(func(c *Config) { c.TLS = nil }); err == nil {
		t.Error("an unknown certificate was accepted")
	}
	s.Refuse("550 5.1.1 <anna@clinic.example> unknown")
	err := send(func(*Config) {})
	if !errors.Is(err, notify.ErrRefused) || strings.Contains(err.Error(), "anna") {
		t.Errorf("for good: %v", err)
	}
	s.Refuse("451 4.7.1 <anna@clinic.example> later")
	err = send(func(*Config) {})
	if err == nil || errors.Is(err, notify.ErrRefused) || strings.Contains(err.Error(), "anna") {
		t.Errorf("this time: %v", err)
	}
	if mails := s.Mails(t); len(mails) != 0 {
		t.Errorf("%d mails were taken", len(mails))
	}
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	good := Config{Host: "localhost", Port: 25, Security: None, From: "a@b.example", Timeout: time.Second}
	for want, change := range map[string]func(*Config){
		"host":     func(c *Config) { c.Host = "" },
		"port":     func(c *Config) { c.Port = 0 },
		"security": func(c *Config) { c.Security = "maybe" },
		"password": func(c *Config) { c.Password = "x" },
		"from":     func(c *Config) { c.From = "nobody" },
		"timeout":  func(c *Config) { c.Timeout = 0 },
	} {
		cfg := good
		change(&cfg)
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want it to name %s", err, want)
		}
	}
	if _, err := New(good); err != nil {
		t.Error(err)
	}
}
