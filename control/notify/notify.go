package notify

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode"
)

// Channel is a way to a person.
type Channel string

// The channels.
const (
	Email Channel = "email"
	SMS   Channel = "sms"
)

// Message is what one person is sent.
type Message struct {
	ID      string // the same for each try, so that a receiver can tell a repeat
	Channel Channel
	To      string // an email address, or a telephone number as +79991234567
	Subject string // of an email
	Text    string
	HTML    string // of an email, beside Text; may be empty
	// Attachments of an email.
	Attachments []Attachment `json:",omitempty"`
}

// Attachment is a file that goes with an email.
type Attachment struct {
	Name    string
	Type    string // MIME, with parameters
	Content []byte
}

// Sender carries messages. Send returns when the next station has taken the message
// over, and may be called from any goroutine. An error that wraps ErrRefused is final;
// after any other the caller tries again.
type Sender interface {
	Send(ctx context.Context, m Message) error
}

// Errors of sending.
var (
	// ErrRefused: trying again is of no use, the address or the message is wrong.
	ErrRefused = errors.New("message was refused for good")
	// ErrNoChannel: the operator has not set up this channel.
	ErrNoChannel = errors.New("no way to send this kind of message is set up")
)

// Check refuses a message that cannot reach anybody, or whose address would smuggle in
// more than an address.
func (m Message) Check() error {
	switch m.Channel {
	case Email:
		if err := CheckEmail(m.To); err != nil {
			return err
		}
		if strings.ContainsFunc(m.Subject, unicode.IsControl) {
			return fmt.Errorf("%w: the subject holds control characters", ErrRefused)
		}
	case SMS:
		if err := CheckPhone(m.To); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%w: unknown channel", ErrRefused)
	}
	if m.Text == "" {
		return fmt.Errorf("%w: the message is empty", ErrRefused)
	}
	return nil
}

// CheckEmail reports whether a text is one plain email address, without a display name.
func CheckEmail(address string) error {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Address != address || len(address) > 254 || strings.ContainsFunc(address, unicode.IsControl) {
		return fmt.Errorf("%w: not an email address", ErrRefused)
	}
	return nil
}

// CheckPhone reports whether a text is a telephone number in the international form of
// E.164: a plus sign and 8 to 15 digits.
func CheckPhone(number string) error {
	digits, plus := strings.CutPrefix(number, "+")
	if !plus || len(digits) < 8 || len(digits) > 15 || digits[0] == '0' || strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' }) {
		return fmt.Errorf("%w: not a telephone number like +79991234567", ErrRefused)
	}
	return nil
}

// Router sends each message by its channel's sender. A channel without one answers
// ErrNoChannel.
type Router map[Channel]Sender

// Carries reports whether there is a sender for a channel.
func (r Router) Carries(c Channel) bool { return r[c] != nil }

// Send implements Sender.
func (r Router) Send(ctx context.Context, m Message) error {
	if err := m.Check(); err != nil {
		return err
	}
	sender, ok := r[m.Channel]
	if !ok {
		return fmt.Errorf("%w: %s", ErrNoChannel, m.Channel)
	}
	return sender.Send(ctx, m)
}
