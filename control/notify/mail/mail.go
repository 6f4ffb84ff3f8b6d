package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"consilium/control/notify"
)

// Security says how a connection to the mail server is protected.
type Security string

// The ways. None is for a server on the same machine.
const (
	STARTTLS Security = "starttls" // required, not opportunistic
	TLS      Security = "tls"      // from the first byte, as on port 465
	None     Security = "none"
)

// Config is the operator's mail account.
type Config struct {
	Host     string
	Port     int
	Security Security
	User     string // empty: no authentication
	Password string
	From     string // address, may have a display name
	Timeout  time.Duration
	// TLS replaces the default settings, for a server with a certificate of its own.
	TLS *tls.Config
}

// Validate names the first value that cannot work.
func (c Config) Validate() error {
	switch {
	case c.Host == "":
		return errors.New("host: must be set")
	case c.Port < 1 || c.Port > 65535:
		return fmt.Errorf("port: %d is not a port", c.Port)
	case c.Security != STARTTLS && c.Security != TLS && c.Security != None:
		return fmt.Errorf("security: %q is not starttls, tls or none", c.Security)
	case c.Security == None && c.Password != "":
		return errors.New("security: a password needs starttls or tls")
	case c.Timeout <= 0:
		return errors.New("timeout: must be positive")
	}
	if err := gomail.NewMsg().From(c.From); err != nil {
		return fmt.Errorf("from: %q is not an address", c.From)
	}
	return nil
}

// Sender sends over one SMTP account, a connection for each message. It is safe for
// concurrent use.
type Sender struct {
	cfg Config
}

var _ notify.Sender = (*Sender)(nil)

// New checks the account's settings; it connects only when a message is sent.
func New(cfg Config) (*Sender, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("mail account: %w", err)
	}
	return &Sender{cfg: cfg}, nil
}

// Send implements [notify.Sender]. Its errors name no address.
func (s *Sender) Send(ctx context.Context, m notify.Message) error {
	_, err := s.Try(ctx, m)
	return err
}

// Try is Send for an operator who wants to know what the server said. What it said may
// hold the address, so it is for the operator's eyes and never for a log.
func (s *Sender) Try(ctx context.Context, m notify.Message) (said string, err error) {
	msg, err := s.compose(m)
	if err != nil {
		return "", err
	}
	client, err := gomail.NewClient(s.cfg.Host, s.options()...)
	if err != nil {
		return "", fmt.Errorf("set up the mail connection: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		// Taken over and then cut off: a repeat would arrive twice.
		if msg.IsDelivered() {
			return msg.ServerResponse(), nil
		}
		return err.Error(), outcome(err)
	}
	return msg.ServerResponse(), nil
}

func (s *Sender) compose(m notify.Message) (*gomail.Msg, error) {
	msg := gomail.NewMsg()
	if err := msg.From(s.cfg.From); err != nil {
		return nil, fmt.Errorf("%w: the sender's address is wrong", notify.ErrRefused)
	}
	if err := msg.To(m.To); err != nil {
		return nil, fmt.Errorf("%w: the address is wrong", notify.ErrRefused)
	}
	msg.Subject(m.Subject)
	msg.SetDate()
	// The same id for each try lets the receiver drop a repeat.
	msg.SetMessageIDWithValue(m.ID + "@" + s.cfg.Host)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // no out-of-office replies (RFC 3834)
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, file := range m.Attachments {
		// Programs that know calendars take an invitation from among the alternatives; the
		// others show the file.
		if strings.HasPrefix(file.Type, "text/calendar") {
			msg.AddAlternativeString(gomail.ContentType(file.Type), string(file.Content), gomail.WithPartEncoding(gomail.EncodingB64))
		}
		if err := msg.AttachReader(file.Name, bytes.NewReader(file.Content), gomail.WithFileContentType(gomail.ContentType(file.Type))); err != nil {
			return nil, fmt.Errorf("attach a file: %w", err)
		}
	}
	return msg, nil
}

func (s *Sender) options() []gomail.Option {
	options := []gomail.Option{gomail.WithPort(s.cfg.Port), gomail.WithTimeout(s.cfg.Timeout)}
	switch s.cfg.Security {
	case TLS:
		options = append(options, gomail.WithSSL())
	case STARTTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case None:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.cfg.TLS != nil {
		options = append(options, gomail.WithTLSConfig(s.cfg.TLS))
	}
	if s.cfg.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(s.cfg.User), gomail.WithPassword(s.cfg.Password))
	}
	return options
}

// outcome turns the library's error, whose text holds addresses, into one that does not.
func outcome(err error) error {
	var refused *gomail.SendError
	if !errors.As(err, &refused) {
		return fmt.Errorf("reach the mail server: %w", err)
	}
	if code := refused.ErrorCode(); !refused.IsTemp() && code >= 500 {
		return fmt.Errorf("%w: the mail server answered %d", notify.ErrRefused, code)
	}
	return fmt.Errorf("the mail server did not take the message (%d)", refused.ErrorCode())
}
