package sms

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"text/template"
	"time"

	"consilium/control/notify"
)

// maxAnswer bounds what is read of a gateway's answer.
const maxAnswer = 64 << 10

// Config describes the gateway's request. Body is a text/template over .To, .Text and
// .ID, in which {{json .Text}} and {{query .Text}} write a value safely into JSON or a
// form.
type Config struct {
	URL     string
	Body    string
	Headers map[string]string // Content-Type and the gateway's key
	Timeout time.Duration
}

// Sender sends through one gateway. It is safe for concurrent use.
type Sender struct {
	cfg    Config
	body   *template.Template
	client *http.Client
}

var _ notify.Sender = (*Sender)(nil)

// New checks the settings; it connects only when a message is sent.
func New(cfg Config) (*Sender, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("sms gateway: %q is not a web address", cfg.URL)
	}
	if cfg.Timeout <= 0 {
		return nil, errors.New("sms gateway: the timeout must be positive")
	}
	body, err := template.New("body").Option("missingkey=error").Funcs(template.FuncMap{
		"json": func(s string) (string, error) {
			text, err := json.Marshal(s)
			return string(text), err
		},
		"query": url.QueryEscape,
	}).Parse(cfg.Body)
	if err != nil {
		return nil, fmt.Errorf("sms gateway: the body's template: %w", err)
	}
	s := &Sender{cfg: cfg, body: body, client: &http.Client{
		Timeout: cfg.Timeout,
		// A gateway has no reason to send the message elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if _, err := s.render(notify.Message{ID: "id", To: "+10000000", Text: "text"}); err != nil {
		return nil, fmt.Errorf("sms gateway: %w", err)
	}
	return s, nil
}

func (s *Sender) render(m notify.Message) ([]byte, error) {
	var out bytes.Buffer
	err := s.body.Execute(&out, struct{ ID, To, Text string }{m.ID, m.To, m.Text})
	if err != nil {
		return nil, fmt.Errorf("fill in the body's template: %w", err)
	}
	return out.Bytes(), nil
}

// Send implements [notify.Sender]. A gateway's answer of 400 to 499, but 408 and 429, is
// final. Errors name neither number nor text.
func (s *Sender) Send(ctx context.Context, m notify.Message) error {
	body, err := s.render(m)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make the gateway's request: %w", err)
	}
	for name, value := range s.cfg.Headers {
		req.Header.Set(name, value)
	}
	req.Header.Set("Idempotency-Key", m.ID)
	answer, err := s.client.Do(req)
	if err != nil {
		return fmt.Errorf("reach the sms gateway: %w", withoutURL(err))
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer)); err != nil {
		return fmt.Errorf("read the sms gateway's answer: %w", err)
	}
	code := answer.StatusCode
	switch {
	case code >= 200 && code < 300:
		return nil
	case code >= 400 && code < 500 && code != http.StatusRequestTimeout && code != http.StatusTooManyRequests:
		return fmt.Errorf("%w: the sms gateway answered %d", notify.ErrRefused, code)
	default:
		return fmt.Errorf("the sms gateway answered %d", code)
	}
}

// withoutURL drops the address from a client's error: gateways have keys in it.
func withoutURL(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return errors.New(strings.TrimSpace(err.Error()))
}
