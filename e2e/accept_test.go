package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// hired is a doctor whom the operator registered and who has set up how they sign in.
type hired struct {
	*client
	practitioner string
	offer        string
}

// hire makes a doctor as a clinic does: registered over the operator's socket, given a
// service by the administrator, and in by their link and a password of their own.
func (s *server) hire(admin *client, n int) hired {
	s.t.Helper()
	socket := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(s.dir, "data", "admin.sock"))
	}}}
	defer socket.CloseIdleConnections()
	email := fmt.Sprintf("duty%d@meridian.example", n)
	raw, err := json.Marshal(map[string]any{
		"role": "practitioner", "name": fmt.Sprint("Duty Doctor ", n), "email": email, "specialty": "Терапевт", "licenceNo": fmt.Sprint(n),
		"licenceUntil": time.Now().AddDate(1, 0, 0).Format(time.DateOnly), "languages": []string{"ru", "en"},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	o := post(socket, "http://server/staff/add", raw)
	var made struct{ Account, Link string }
	if err := json.Unmarshal(o.body, &made); err != nil || o.status != http.StatusOK {
		s.t.Fatalf("register: %d %s %v", o.status, o.body, o.err)
	}
	var member struct {
		PractitionerID string `json:"practitionerId"`
		Version        uint64 `json:"version"`
	}
	admin.must("GET", "/staff/"+made.Account, nil, &member)
	body, err := json.Marshal(map[string]any{"name": fmt.Sprint("Duty Doctor ", n), "email": email, "doctor": map[string]any{
		"specialty": map[string]string{"ru": "Терапевт", "en": "Therapist"}, "licenceNo": fmt.Sprint(n),
		"licenceUntil": time.Now().AddDate(1, 0, 0).Format(time.DateOnly), "languages": []string{"ru", "en"}, "serviceIds": []string{"urgent"},
	}})
	if err != nil {
		s.t.Fatal(err)
	}
	status, text, err := admin.send("PUT", "/staff/"+made.Account, http.Header{
		"Content-Type": {"application/json"}, "If-Match": {fmt.Sprintf(`"%d"`, member.Version)},
	}, bytes.NewReader(body))
	if err != nil || status != http.StatusOK {
		s.t.Fatalf("give a service: %d %s %v", status, text, err)
	}
	link, err := url.Parse(made.Link)
	if err != nil {
		s.t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	c := &client{t: s.t, s: s, http: &http.Client{Jar: jar, Timeout: 30 * time.Second, Transport: &http.Transport{}}}
	c.must("POST", "/sessions/activation", map[string]string{"token": link.Fragment}, nil)
	c.must("PUT", "/me/security/password", map[string]string{"password": fmt.Sprint("зелёный чайник поёт ", n)}, nil)
	c.must("POST", "/me/security/finish", nil, nil)
	return hired{client: c, practitioner: member.PractitionerID}
}

// TestFiftyAcceptAtOnce: fifty doctors accept the same call for help in the same moment.
// One is in the consultation, and the others are told that somebody else helps.
func TestFiftyAcceptAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the real binary")
	}
	const many = 50
	s := newServer(t)
	admin, patient := s.signIn("admin"), s.signIn("patient2")
	team := make([]hired, many)
	for i := range team {
		team[i] = s.hire(admin, i)
	}
	var call struct{ ID string }
	patient.must("POST", "/emergencies", map[string]any{"serviceId": "urgent", "redFlags": []string{}}, &call)
	for i := range team {
		admin.must("POST", "/emergencies/"+call.ID+"/assign", map[string]string{"practitionerId": team[i].practitioner}, nil)
	}
	for i := range team {
		var offers struct{ Items []struct{ ID string } }
		team[i].must("GET", "/offers", nil, &offers)
		if len(offers.Items) != 1 {
			t.Fatalf("doctor %d is offered %d calls", i, len(offers.Items))
		}
		team[i].offer = offers.Items[0].ID
	}
	out := make([]outcome, many)
	start := make(chan struct{})
	var done sync.WaitGroup
	for i, d := range team {
		done.Go(func() {
			<-start
			out[i] = post(d.http, s.origin()+"/api/v1/offers/"+d.offer+"/accept", nil)
		})
	}
	close(start)
	done.Wait()
	winner := -1
	for i, o := range out {
		var problem struct{ Code, Detail string }
		if o.err != nil {
			t.Fatalf("doctor %d: %v", i, o.err)
		}
		if o.status/100 != 2 {
			if err := json.Unmarshal(o.body, &problem); err != nil || o.status != http.StatusConflict || problem.Code != "taken" || problem.Detail == "" {
				t.Errorf("doctor %d: %d %s", i, o.status, o.body)
			}
			continue
		}
		if winner >= 0 {
			t.Errorf("doctors %d and %d both have the call", winner, i)
		}
		winner = i
	}
	if winner < 0 {
		t.Fatal("nobody has the call")
	}
	var visit struct {
		Status       string
		Practitioner struct{ ID string }
	}
	patient.must("GET", "/appointments/"+call.ID, nil, &visit)
	if visit.Status != "in_progress" || visit.Practitioner.ID != team[winner].practitioner {
		t.Errorf("the visit is %s with %s, the winner is %s", visit.Status, visit.Practitioner.ID, team[winner].practitioner)
	}
}
