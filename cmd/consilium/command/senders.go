package command

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	netmail "net/mail"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"consilium/configs"
	"consilium/control/notify"
	"consilium/control/notify/file"
	"consilium/control/notify/mail"
	"consilium/control/notify/sms"
)

// senders are the ways out that the operator has set up. Folder is where messages are
// written that have none, "" when they are not sent at all.
type senders struct {
	notify.Router
	folder string
}

// newSenders makes the senders of a configuration; nothing is connected before the first
// message. The demonstration writes what it cannot send into its data folder.
func newSenders(cfg configs.Config, demo bool) (senders, error) {
	s := senders{Router: notify.Router{}, folder: cfg.Messages.Folder}
	if s.folder == "" && demo {
		s.folder = filepath.Join(cfg.Data, "messages")
	}
	if cfg.Mail.Host != "" {
		sender, err := newMailSender(cfg.Mail)
		if err != nil {
			return s, err
		}
		s.Router[notify.Email] = sender
	}
	if cfg.SMS.URL != "" {
		sender, err := newSMSSender(cfg.SMS)
		if err != nil {
			return s, err
		}
		s.Router[notify.SMS] = sender
	}
	if len(s.Router) == 2 {
		s.folder = ""
	}
	return s, nil
}

// openFolder makes the folder and sends to it what has no other way.
func (s senders) openFolder() error {
	if s.folder == "" {
		return nil
	}
	sink, err := file.New(s.folder)
	if err != nil {
		return err
	}
	for _, channel := range []notify.Channel{notify.Email, notify.SMS} {
		if !s.Carries(channel) {
			s.Router[channel] = sink
		}
	}
	return nil
}

func newMailSender(cfg configs.Mail) (*mail.Sender, error) {
	password, err := cfg.Secret()
	if err != nil {
		return nil, err
	}
	account := mail.Config{
		Host: cfg.Host, Port: cfg.Port, Security: mail.Security(cfg.Security), User: cfg.User, Password: password,
		From: cfg.From, Timeout: cfg.Timeout,
	}
	if cfg.CA != "" {
		text, err := os.ReadFile(cfg.CA)
		if err != nil {
			return nil, fmt.Errorf("%w: mail.ca: %w", configs.ErrInvalid, err)
		}
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("%w: mail.ca: no certificate in %s", configs.ErrInvalid, cfg.CA)
		}
		account.TLS = &tls.Config{RootCAs: roots, ServerName: cfg.Host, MinVersion: tls.VersionTLS12}
	}
	sender, err := mail.New(account)
	if err != nil {
		return nil, fmt.Errorf("%w: mail: %w", configs.ErrInvalid, err)
	}
	return sender, nil
}

func newSMSSender(cfg configs.SMS) (*sms.Sender, error) {
	key, err := cfg.Secret()
	if err != nil {
		return nil, err
	}
	headers := map[string]string{}
	for _, line := range cfg.Headers {
		name, value, ok := strings.Cut(line, ":")
		if name = strings.TrimSpace(name); !ok || name == "" || strings.ContainsAny(name, " \t") {
			return nil, fmt.Errorf("%w: sms.headers: a line must be like \"Name: value\"", configs.ErrInvalid)
		}
		headers[name] = strings.TrimSpace(value)
	}
	sender, err := sms.New(sms.Config{URL: cfg.URL, Body: cfg.Body, Headers: headers, Key: key, Accepted: cfg.Accepted, Timeout: cfg.Timeout})
	if err != nil {
		return nil, fmt.Errorf("%w: sms.%w", configs.ErrInvalid, err)
	}
	return sender, nil
}

// mailFrom is the address that mails come from, for calendars. Where no mail goes out it
// is one of the server's own name.
func mailFrom(cfg configs.Mail, public *url.URL) string {
	if from, err := netmail.ParseAddress(cfg.From); err == nil {
		return from.Address
	}
	return "noreply@" + public.Hostname()
}
