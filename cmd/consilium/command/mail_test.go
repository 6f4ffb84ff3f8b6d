package command

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"consilium/control/notify/mail/mailtest"
)

// person is one of the demonstration's, signed in at a server.
type person struct {
	t      *testing.T
	base   string
	cookie *http.Cookie
}

func signIn(t *testing.T, links map[string]string, who string) *person {
	t.Helper()
	p := &person{t: t, base: base(t, links)}
	path, token, _ := strings.Cut(strings.TrimPrefix(links[who], p.base), "#")
	answer := p.do(http.MethodPost, "/sessions"+path, map[string]any{"token": token}, nil)
	for _, cookie := range answer.Cookies() {
		p.cookie = cookie
	}
	return p
}

// do asks the API, and reads the answer into one that is not nil.
func (p *person) do(method, path string, body, into any) *http.Response {
	p.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.base+"/api/v1"+path, bytes.NewReader(text))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if p.cookie != nil {
		r.AddCookie(p.cookie)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	var got bytes.Buffer
	if _, err := got.ReadFrom(answer.Body); err != nil {
		p.t.Fatal(err)
	}
	if answer.StatusCode >= 300 {
		p.t.Fatalf("%s %s: %d %s", method, path, answer.StatusCode, got.String())
	}
	if into != nil {
		if err := json.Unmarshal(got.Bytes(), into); err != nil {
			p.t.Fatalf("%s: %v", got.String(), err)
		}
	}
	return answer
}

// book makes a visit of the demonstration's patient some days ahead and returns its id
// and version.
func (p *person) book(days int) (id string) {
	p.t.Helper()
	var me struct{ Person struct{ ID string } }
	p.do(http.MethodGet, "/me", nil, &me)
	var patients struct {
		Items []struct{ ID, Name string }
	}
	p.do(http.MethodGet, "/patients", nil, &patients)
	patient := ""
	for _, one := range patients.Items {
		if strings.Contains(one.Name, "Соколов") {
			patient = one.ID
		}
	}
	var made struct{ ID string }
	p.do(http.MethodPost, "/appointments", map[string]any{
		"patientId": patient, "practitionerId": me.Person.ID, "serviceId": "initial", "waiverReason": "test",
		"start": time.Now().UTC().AddDate(0, 0, days).Truncate(24 * time.Hour).Add(time.Hour).Format(time.RFC3339),
	}, &made)
	return made.ID
}

// soon waits for a condition.
func soon(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 20 s", what)
		}
	}
}

// TestBookingArrivesByMail goes the whole way: a visit is booked over HTTP, the server
// writes over STARTTLS with its account, and the mail holds the link and the calendar.
// Then the mail server is away for a while, the clinic's server is stopped and started
// in the meantime, and each mail comes once.
func TestBookingArrivesByMail(t *testing.T) {
	server := mailtest.New(t)
	cfg := testConfig(t)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, server.CA, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.Mail.Host, cfg.Mail.Port, cfg.Mail.CA = "localhost", server.Port(), ca
	cfg.Mail.User, cfg.Mail.Password, cfg.Mail.From = "clinic", "open sesame", "Клиника <clinic@clinic.example>"
	links, stop := startServe(t, cfg)
	doctor := signIn(t, links, "doctor")
	first := doctor.book(3)
	// The demonstration's other patients may be reminded of their visits meanwhile.
	of := func(ids ...string) (found []mailtest.Mail) {
		for _, m := range server.Mails(t) {
			for _, id := range ids {
				if strings.Contains(m.Part("text/calendar"), "UID:"+id) {
					found = append(found, m)
				}
			}
		}
		return found
	}
	soon(t, "the mail", func() bool { return len(of(first)) == 1 })
	got := of(first)[0]
	ics := strings.ReplaceAll(got.Part("text/calendar"), "\r\n ", "")
	for _, want := range []string{"METHOD:REQUEST\r\n", "UID:" + first + "@", "ORGANIZER;CN=\"Клиника «Меридиан»\":mailto:clinic@clinic.example\r\n", "ATTENDEE;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:sokolov@example.org\r\n"} {
		if !strings.Contains(ics, want) {
			t.Errorf("the calendar has no %q:\n%s", want, ics)
		}
	}
	if !strings.HasPrefix(got.Subject, "Вы записаны на приём") || got.Header.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("subject %q, header %v", got.Subject, got.Header)
	}
	for _, part := range []string{"text/plain", "text/html"} {
		if !strings.Contains(got.Part(part), doctor.base+"/visit#") {
			t.Errorf("%s has no link: %s", part, got.Part(part))
		}
	}
	if user := server.Users()[0]; user != "\x00clinic\x00open sesame" {
		t.Errorf("signed in as %q", user)
	}
	_, token, _ := strings.Cut(got.Part("text/plain"), "/visit#")
	token, _, _ = strings.Cut(token, "\r\n")
	patient := signIn(t, map[string]string{"doctor": doctor.base + "/demo#", "patient": doctor.base + "/visit#" + token}, "patient")
	var me struct {
		Role  string
		Visit struct{ AppointmentID string }
	}
	patient.do(http.MethodGet, "/me", nil, &me)
	if me.Role != "patient" || me.Visit.AppointmentID != first {
		t.Errorf("the link signs in %+v", me)
	}

	server.Down()
	second := doctor.book(4)
	time.Sleep(100 * time.Millisecond) // long enough for a try
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	secretsAreSealed(t, cfg.Data, "sokolov@example.org", "/visit#", "Вы записаны")
	links, stop = startServe(t, cfg)
	third := signIn(t, links, "doctor").book(5)
	server.Up(t)
	soon(t, "the mails after the pause", func() bool { return len(of(second)) == 1 && len(of(third)) == 1 })
	time.Sleep(2 * time.Second) // long enough for a repeat
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if got := of(first, second, third); len(got) != 3 {
		t.Errorf("%d mails of three visits", len(got))
	}
}

// secretsAreSealed looks for words of a waiting message in all files of the data.
func secretsAreSealed(t *testing.T, data string, words ...string) {
	t.Helper()
	files := 0
	err := filepath.WalkDir(data, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		files++
		for _, word := range words {
			if bytes.Contains(text, []byte(word)) {
				t.Errorf("%s holds %q in the clear", filepath.Base(name), word)
			}
		}
		return err
	})
	if err != nil || files == 0 {
		t.Fatalf("%d files, %v", files, err)
	}
}

// TestDemoWritesMessagesToAFolder has no mail account: the demonstration shows what would
// have been sent, in a folder that nobody else reads.
func TestDemoWritesMessagesToAFolder(t *testing.T) {
	cfg := testConfig(t)
	links, stop := startServe(t, cfg)
	signIn(t, links, "doctor").book(3)
	soon(t, "the file", func() bool {
		names, _ := filepath.Glob(filepath.Join(cfg.Data, "messages", "*.json"))
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err == nil && strings.Contains(string(text), "Вы записаны на приём") {
				return true
			}
		}
		return false
	})
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(cfg.Data, "messages")); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info.Mode(), err)
	}
	call(t, exitOK, "store", "check", "--data", cfg.Data)
}
