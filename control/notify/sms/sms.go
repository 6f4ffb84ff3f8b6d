package sms

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"text/template"
	"time"

	"consilium/control/notify"
)

// maxAnswer bounds what is read of a gateway's answer.
const maxAnswer = 64 << 10

// Config describes the gateway's request. Body and the headers' values are text/templates
// over .To, .Text, .ID and .Key, in which {{json .Text}} and {{query .Text}} write a value
// safely into JSON or a form, and {{base64 .Key}} into basic authentication.
type Config struct {
	URL     string
	Body    string
	Headers map[string]string
	Key     string // the gateway's secret
	// Accepted is a regular expression that a good answer holds, for gateways that say 200
	// whatever happens; "" takes any.
	Accepted string
	Timeout  time.Duration
}

// Sender sends through one gateway. It is safe for concurrent use.
type Sender struct {
	cfg      Config
	body     *template.Template
	headers  map[string]*template.Template
	accepted *regexp.Regexp // nil: any answer
	client   *http.Client
}

var _ notify.Sender = (*Sender)(nil)

// New checks the settings; it connects only when a message is sent.
func New(cfg Config) (*Sender, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, errors.New("url: not a web address") // which is not repeated: it may hold a key
	}
	if cfg.Timeout <= 0 {
		return nil, errors.New("timeout: must be positive")
	}
	s := &Sender{cfg: cfg, headers: map[string]*template.Template{}, client: &http.Client{
		Timeout: cfg.Timeout,
		// A gateway has no reason to send the message elsewhere.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	if s.body, err = parse("body", cfg.Body); err != nil {
		return nil, err
	}
	for name, value := range cfg.Headers {
		if s.headers[name], err = parse("headers: "+name, value); err != nil {
			return nil, err
		}
	}
	if cfg.Accepted != "" {
		if s.accepted, err = regexp.Compile(cfg.Accepted); err != nil {
			return nil, fmt.Errorf("accepted: %w", err)
		}
	}
	if _, err := s.request(context.Background(), notify.Message{ID: "id", To: "+10000000", Text: "text"}); err != nil {
		return nil, err
	}
	return s, nil
}

func parse(name, text string) (*template.Template, error) {
	t, err := template.New(name).Option("missingkey=error").Funcs(template.FuncMap{
		"json": func(s string) (string, error) {
			text, err := json.Marshal(s)
			return string(text), err
		},
		"query":  url.QueryEscape,
		"base64": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	}).Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return t, nil
}

func (s *Sender) request(ctx context.Context, m notify.Message) (*http.Request, error) {
	values := struct{ ID, To, Text, Key string }{m.ID, m.To, m.Text, s.cfg.Key}
	var body bytes.Buffer
	if err := s.body.Execute(&body, values); err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.URL, &body)
	if err != nil {
		return nil, fmt.Errorf("make the gateway's request: %w", withoutURL(err))
	}
	for name, t := range s.headers {
		var value strings.Builder
		if err := t.Execute(&value, values); err != nil {
			return nil, fmt.Errorf("headers: %w", err)
		}
		req.Header.Set(name, value.String())
	}
	req.Header.Set("Idempotency-Key", m.ID)
	return req, nil
}

// Send implements [notify.Sender]. A gateway's answer of 400 to 499, but 408 and 429, is
// final. Errors name neither number nor text.
func (s *Sender) Send(ctx context.Context, m notify.Message) error {
	_, err := s.Try(ctx, m)
	return err
}

// Try is Send for an operator who wants to know what the gateway said. What it said may
// hold the number, so it is for the operator's eyes and never for a log.
func (s *Sender) Try(ctx context.Context, m notify.Message) (said string, err error) {
	req, err := s.request(ctx, m)
	if err != nil {
		return "", err
	}
	answer, err := s.client.Do(req)
	if err != nil {
		return "", fmt.Errorf("reach the sms gateway: %w", withoutURL(err))
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return answer.Status, fmt.Errorf("read the sms gateway's answer: %w", err)
	}
	said = strings.TrimSpace(answer.Status + "\n" + string(text))
	code := answer.StatusCode
	switch {
	case code >= 200 && code < 300 && s.accepted != nil && !s.accepted.Match(text):
		return said, errors.New("the sms gateway's answer does not say that it took the message")
	case code >= 200 && code < 300:
		return said, nil
	case code >= 400 && code < 500 && code != http.StatusRequestTimeout && code != http.StatusTooManyRequests:
		return said, fmt.Errorf("%w: the sms gateway answered %d", notify.ErrRefused, code)
	default:
		return said, fmt.Errorf("the sms gateway answered %d", code)
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
