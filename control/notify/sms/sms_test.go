package sms

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"consilium/control/notify"
)

var message = notify.Message{ID: "m1", Channel: notify.SMS, To: "+79991234567", Text: `Код "12&3"`}

func TestTemplatesFitGateways(t *testing.T) {
	for body, want := range map[string]string{
		`{"to":{{json .To}},"text":{{json .Text}}}`:   `{"to":"+79991234567","text":"Код \"12\u00263\""}`,
		`phone={{query .To}}&message={{query .Text}}`: `phone=%2B79991234567&message=%D0%9A%D0%BE%D0%B4+%2212%263%22`,
	} {
		var got, id string
		gateway := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			text, _ := io.ReadAll(r.Body)
			got, id = string(text), r.Header.Get("Idempotency-Key")
		}))
		sender, err := New(Config{URL: gateway.URL, Body: body, Timeout: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		if err := sender.Send(t.Context(), message); err != nil || got != want || id != message.ID {
			t.Errorf("got %s (%s), %v, want %s", got, id, err, want)
		}
		gateway.Close()
	}
}

func TestAnswers(t *testing.T) {
	status := 0
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", "http://169.254.169.254/")
		w.WriteHeader(status)
	}))
	defer gateway.Close()
	sender, err := New(Config{URL: gateway.URL + "/?key=secret", Body: "{{.To}}", Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	for code, final := range map[int]bool{302: false, 400: true, 404: true, 408: false, 429: false, 500: false} {
		status = code
		if err := sender.Send(t.Context(), message); err == nil || errors.Is(err, notify.ErrRefused) != final {
			t.Errorf("%d gave %v", code, err)
		}
	}
	gateway.Close()
	if err := sender.Send(t.Context(), message); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a gateway that is away gave %v", err)
	}
}

// TestGatewayThatSaysYesToAll answers 200 whatever happens; its text decides.
func TestGatewayThatSaysYesToAll(t *testing.T) {
	says := `{"status":"ERROR"}`
	var auth string
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		auth = r.Header.Get("Authorization")
		_, _ = io.WriteString(w, says)
	}))
	defer gateway.Close()
	sender, err := New(Config{
		URL: gateway.URL, Body: "{{.To}}", Headers: map[string]string{"Authorization": "Basic {{base64 .Key}}"}, Key: "user:secret",
		Accepted: `"status":\s*"OK"`, Timeout: time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	if said, err := sender.Try(t.Context(), message); err == nil || !strings.Contains(said, "ERROR") {
		t.Errorf("a refusal counted as taken: %q, %v", said, err)
	}
	says = `{"status": "OK"}`
	if err := sender.Send(t.Context(), message); err != nil || auth != "Basic dXNlcjpzZWNyZXQ=" {
		t.Errorf("%v, authorization %q", err, auth)
	}
}

func TestNewRefuses(t *testing.T) {
	for name, cfg := range map[string]Config{
		"no address":     {Body: "x", Timeout: time.Second},
		"no template":    {URL: "http://gateway.example", Body: "{{.To", Timeout: time.Second},
		"unknown field":  {URL: "http://gateway.example", Body: "{{.Phone}}", Timeout: time.Second},
		"no expression":  {URL: "http://gateway.example", Body: "x", Accepted: "(", Timeout: time.Second},
		"unknown header": {URL: "http://gateway.example", Body: "x", Headers: map[string]string{"X": "{{.Secret}}"}, Timeout: time.Second},
		"no timeout":     {URL: "http://gateway.example", Body: "x"},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
