package mail

import (
	"crypto/tls"
	"errors"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
	"time"

	"consilium/control/notify"
)

func account(s *server) Config {
	return Config{
		Host: "localhost", Port: s.port(), Security: STARTTLS, User: "clinic", Password: "open sesame",
		From: "Клиника <clinic@clinic.example>", Timeout: 5 * time.Second,
	}
}

func TestSendOverSTARTTLS(t *testing.T) {
	s, roots := newServer(t)
	cfg := account(s)
	cfg.TLS = &tls.Config{RootCAs: roots, ServerName: "localhost"}
	sender, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	message := notify.Message{ID: "m1", Channel: notify.Email, To: "anna@clinic.example", Subject: "Ваш код", Text: "Код 123456"}
	if err := sender.Send(t.Context(), message); err != nil {
		t.Fatal(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.mails) != 1 || s.users[0] != "\x00clinic\x00open sesame" {
		t.Fatalf("got %d mails from %q", len(s.mails), s.users)
	}
	got, err := mail.ReadMessage(strings.NewReader(s.mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject"))
	if err != nil || subject != message.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	body, err := io.ReadAll(quotedprintable.NewReader(got.Body))
	if err != nil || !strings.Contains(string(body), message.Text) {
		t.Errorf("body %q, %v", body, err)
	}
	if id := got.Header.Get("Message-Id"); id != "<m1@localhost>" {
		t.Errorf("message id %q", id)
	}
}

func TestSendRefuses(t *testing.T) {
	s, roots := newServer(t)
	message := notify.Message{ID: "m1", Channel: notify.Email, To: "anna@clinic.example", Text: "x"}
	send := func(change func(*Config)) error {
		cfg := account(s)
		cfg.TLS = &tls.Config{RootCAs: roots, ServerName: "localhost"}
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
	s.refuse = "550 5.1.1 <anna@clinic.example> unknown"
	err := send(func(*Config) {})
	if !errors.Is(err, notify.ErrRefused) || strings.Contains(err.Error(), "anna") {
		t.Errorf("for good: %v", err)
	}
	s.refuse = "451 4.7.1 <anna@clinic.example> later"
	err = send(func(*Config) {})
	if err == nil || errors.Is(err, notify.ErrRefused) || strings.Contains(err.Error(), "anna") {
		t.Errorf("this time: %v", err)
	}
	if len(s.mails) != 0 {
		t.Errorf("%d mails were taken", len(s.mails))
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
