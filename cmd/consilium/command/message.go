package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"consilium/control/notify"
	"consilium/control/notify/letter"
	"consilium/internal/id"
)

func newMessageCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "message",
		Short: "Try whether email and SMS go out",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(newMessageTestCommand())
	return cmd
}

func newMessageTestCommand() *cobra.Command {
	var flags configFlags
	var to, locale string
	asJSON := false
	cmd := &cobra.Command{
		Use:   "test --to ADDRESS",
		Short: "Send one test message and show what the server answered",
		Long: `Sends one test email, or one test SMS when the address is a telephone number, over the
account of the configuration, at once and without a running server. Exit status 1 means
that it was not taken.

    consilium message test --config /etc/consilium.yaml --to you@clinic.example
    consilium message test --config /etc/consilium.yaml --to +79991234567 --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := testMessage(to, locale)
			if err != nil {
				return fmt.Errorf("%w: --to: %w", errUsage, err)
			}
			cfg, err := flags.load(cmd.Flags(), os.Environ())
			if err != nil {
				return err
			}
			out, err := newSenders(cfg, false)
			if err != nil {
				return err
			}
			return showTest(cmd.OutOrStdout(), asJSON, tryMessage(cmd.Context(), out, m))
		},
	}
	flags.addFlags(cmd.Flags(), messageKeys()...)
	cmd.Flags().StringVar(&to, "to", "", "an email address, or a telephone number like +79991234567")
	cmd.Flags().StringVar(&locale, "locale", "en", "language of the message: en or ru")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// messageKeys are the keys of the configuration that sending depends on.
func messageKeys() []string {
	return []string{
		"mail.host", "mail.port", "mail.security", "mail.user", "mail.passwordFile", "mail.from", "mail.ca", "mail.timeout",
		"sms.url", "sms.body", "sms.headers", "sms.keyFile", "sms.accepted", "sms.timeout",
	}
}

func testMessage(to, locale string) (notify.Message, error) {
	m := notify.Message{ID: id.New(), Channel: notify.Email, To: to}
	words, err := letter.New()
	if err != nil {
		return m, err
	}
	word := words.Email
	if strings.HasPrefix(to, "+") {
		m.Channel, word = notify.SMS, words.SMS
	}
	l, err := word("test", locale, map[string]string{"clinic": "Consilium", "phone": ""})
	if err != nil {
		return m, err
	}
	m.Subject, m.Text, m.HTML = l.Subject, l.Text, l.HTML
	return m, m.Check()
}

// testResult is what became of a test message.
type testResult struct {
	Channel notify.Channel `json:"channel"`
	Taken   bool           `json:"taken"`
	Answer  string         `json:"answer,omitempty"` // of the mail server or gateway
	Error   string         `json:"error,omitempty"`
	Final   bool           `json:"final,omitempty"` // trying again is of no use
}

func tryMessage(ctx context.Context, out senders, m notify.Message) testResult {
	r := testResult{Channel: m.Channel}
	sender, ok := out.Router[m.Channel].(interface {
		Try(context.Context, notify.Message) (string, error)
	})
	if !ok {
		key := "mail.host"
		if m.Channel == notify.SMS {
			key = "sms.url"
		}
		r.Error, r.Final = fmt.Sprintf("%v: %s is empty", notify.ErrNoChannel, key), true
		return r
	}
	answer, err := sender.Try(ctx, m)
	r.Taken, r.Answer = err == nil, strings.TrimSpace(answer)
	if err != nil {
		r.Error, r.Final = err.Error(), errors.Is(err, notify.ErrRefused)
	}
	return r
}

func showTest(w io.Writer, asJSON bool, r testResult) error {
	var failed error
	if !r.Taken {
		failed = errors.New(r.Error)
	}
	if asJSON {
		return errors.Join(json.NewEncoder(w).Encode(r), failed)
	}
	if r.Answer != "" {
		fmt.Fprintf(w, "The server answered: %s\n", r.Answer)
	}
	if r.Taken {
		fmt.Fprintln(w, "The message was taken over. Look whether it arrives, and not among junk.")
	}
	return failed
}
