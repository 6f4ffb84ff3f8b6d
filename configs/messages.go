package configs

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

// Mail is the account over which email goes out. Without a host none does.
type Mail struct {
	Host     string `yaml:"host"`
	Port     int    `yaml:"port"`
	Security string `yaml:"security"` // starttls, tls or none
	User     string `yaml:"user"`
	Password string `yaml:"password"`
	// PasswordFile names a file with the password alone, instead of Password.
	PasswordFile string        `yaml:"passwordFile"`
	From         string        `yaml:"from"`
	CA           string        `yaml:"ca"` // PEM file; empty: the authorities that this machine trusts
	Timeout      time.Duration `yaml:"timeout"`
}

// SMS is the HTTP gateway over which text messages go out. Without a URL none do.
type SMS struct {
	URL string `yaml:"url"`
	// Body is the request's body, with {{.To}}, {{.Text}}, {{.ID}} and {{.Key}}.
	Body string `yaml:"body"`
	// Headers are lines like "Content-Type: application/json"; {{.Key}} works in them.
	Headers []string `yaml:"headers"`
	Key     string   `yaml:"key"`
	// KeyFile names a file with the key alone, instead of Key.
	KeyFile string `yaml:"keyFile"`
	// Accepted is a regular expression that the gateway's answer must hold. Empty: its
	// status alone decides.
	Accepted string        `yaml:"accepted"`
	Timeout  time.Duration `yaml:"timeout"`
}

// Messages says where messages go that have no account to go out over.
type Messages struct {
	// Folder is where they are written, for trying out. Empty: they are not sent.
	Folder string `yaml:"folder"`
}

// Booking says how long times are kept for who is about to book them.
type Booking struct {
	Hold  time.Duration `yaml:"hold"`  // while the patient says the rest
	Offer time.Duration `yaml:"offer"` // for a patient who waited for a freed time
}

// sendingTime is the longest that handing over one message may take.
const sendingTime = 30 * time.Second

// Secret returns the account's password, from its file when it has one.
func (m Mail) Secret() (string, error) {
	return secret("mail.passwordFile", m.Password, m.PasswordFile)
}

// Secret returns the gateway's key, from its file when it has one.
func (s SMS) Secret() (string, error) { return secret("sms.keyFile", s.Key, s.KeyFile) }

func secret(key, value, file string) (string, error) {
	if file == "" {
		return value, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("%w: %s: %w", ErrInvalid, key, err)
	}
	if value = strings.TrimSpace(string(text)); value == "" {
		return "", fmt.Errorf("%w: %s: the file is empty", ErrInvalid, key)
	}
	return value, nil
}

// wants refuses a missing value that another one needs.
func wants(other, value string) error {
	if other != "" && value == "" {
		return errors.New("must be set")
	}
	return nil
}

func oneOfTwo(value, file, key string) error {
	if value != "" && file != "" {
		return fmt.Errorf("not together with %s", key)
	}
	return nil
}
