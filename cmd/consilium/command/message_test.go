package command

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"consilium/control/notify/mail/mailtest"
)

func TestMessageTest(t *testing.T) {
	server := mailtest.New(t)
	dir := t.TempDir()
	ca, password := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "password")
	if err := os.WriteFile(ca, server.CA, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(password, []byte("open sesame\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	account := []string{
		"message", "test", "--mail-host", "localhost", "--mail-port", strconv.Itoa(server.Port()), "--mail-ca", ca,
		"--mail-user", "clinic", "--mail-password-file", password, "--mail-from", "clinic@clinic.example",
	}
	try := func(want int, args ...string) testResult {
		t.Helper()
		var r testResult
		text := call(t, want, append(args, "--json")...)
		if err := json.NewDecoder(strings.NewReader(text)).Decode(&r); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		if strings.Contains(text, "sesame") {
			t.Errorf("the password is printed: %s", text)
		}
		return r
	}
	if r := try(exitOK, append(account, "--to", "anna@clinic.example", "--locale", "ru")...); !r.Taken || !strings.Contains(r.Answer, "taken as") {
		t.Errorf("got %+v", r)
	}
	if mails := server.Mails(t); len(mails) != 1 || mails[0].Subject != "Проверка связи: Consilium" || server.Users()[0] != "\x00clinic\x00open sesame" {
		t.Errorf("mails %+v by %q", mails, server.Users())
	}
	server.Refuse("550 5.1.1 unknown here")
	if r := try(exitFailure, append(account, "--to", "anna@clinic.example")...); r.Taken || !r.Final || !strings.Contains(r.Answer, "unknown here") {
		t.Errorf("got %+v", r)
	}
	call(t, exitUsage, append(account, "--to", "anna")...)
	if r := try(exitFailure, append(account, "--to", "+79991234567")...); r.Taken || !strings.Contains(r.Error, "sms.url") {
		t.Errorf("without a gateway: %+v", r)
	}
}

func TestMessageTestOverSMS(t *testing.T) {
	var got string
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		got = r.Header.Get("Authorization") + " " + string(text)
		_, _ = io.WriteString(w, "queued")
	}))
	defer gateway.Close()
	t.Setenv("CONSILIUM_SMS_KEY", "secret")
	text := call(t, exitOK, "message", "test", "--to", "+79991234567", "--sms-url", gateway.URL, "--sms-body", `{"to":{{json .To}},"text":{{json .Text}}}`,
		"--sms-headers", "Authorization: Bearer {{.Key}}")
	if !strings.Contains(text, "queued") || !strings.HasPrefix(got, `Bearer secret {"to":"+79991234567","text":"Test message`) {
		t.Errorf("printed %q, gateway got %q", text, got)
	}
}

func TestConfigChecksTheSenders(t *testing.T) {
	for want, yaml := range map[string]string{
		"password":     "mail: {host: mail.example, from: a@b.example, passwordFile: /nowhere/at/all}\n",
		"sms.headers":  "sms: {url: \"https://sms.example/?key=hush\", body: x, headers: [nonsense]}\n",
		"sms.body":     "sms: {url: \"https://sms.example/?key=hush\", body: \"{{.Phone}}\"}\n",
		"sms.accepted": "sms: {url: \"https://sms.example/?key=hush\", body: x, accepted: \"(\"}\n",
		"security":     "mail: {host: mail.example, from: a@b.example, security: maybe}\n",
	} {
		file := filepath.Join(t.TempDir(), "consilium.yaml")
		if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
		if text := call(t, exitUsage, "config", "--check", file); !strings.Contains(text, want) || strings.Contains(text, "hush") {
			t.Errorf("%s gave %q", yaml, text)
		}
	}
}
