package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// tries is how many requests come for one slot at the same moment.
const tries = 1000

// clinic is who can be booked with whom.
type clinic struct {
	doctors  []string // who give the service "initial"
	patients []string
}

func (c *client) clinic() clinic {
	c.t.Helper()
	var out clinic
	var list struct {
		Items []struct {
			ID       string   `json:"id"`
			Services []string `json:"serviceIds"`
		} `json:"items"`
	}
	c.must("GET", "/practitioners", nil, &list)
	for _, v := range list.Items {
		for _, s := range v.Services {
			if s == "initial" {
				out.doctors = append(out.doctors, v.ID)
			}
		}
	}
	c.must("GET", "/patients", nil, &list)
	for _, v := range list.Items {
		out.patients = append(out.patients, v.ID)
	}
	if len(out.doctors) < 2 || len(out.patients) < 5 {
		c.t.Fatalf("the demonstration has %d doctors and %d patients", len(out.doctors), len(out.patients))
	}
	return out
}

// night is a time some nights ahead at which the demonstration plans nothing.
func night(days int) time.Time {
	return time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, days).Add(20 * time.Hour)
}

// outcome is what one request came to.
type outcome struct {
	status int
	kind   string // media type
	body   []byte
	err    error
}

// contest sends bodies to a path at the same moment, each on its own connection.
func contest(t *testing.T, c *client, at string, bodies []map[string]any) []outcome {
	t.Helper()
	own := &http.Client{Jar: c.http.Jar, Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: len(bodies)}}
	defer own.CloseIdleConnections()
	out := make([]outcome, len(bodies))
	start := make(chan struct{})
	var ready, done sync.WaitGroup
	for i, body := range bodies {
		raw, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			out[i] = post(own, c.s.origin()+"/api/v1"+at, raw)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	return out
}

func post(c *http.Client, at string, raw []byte) (o outcome) {
	resp, err := c.Post(at, "application/json", bytes.NewReader(raw))
	if err != nil {
		return outcome{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	var body bytes.Buffer
	_, err = body.ReadFrom(resp.Body)
	return outcome{resp.StatusCode, resp.Header.Get("Content-Type"), body.Bytes(), err}
}

// oneWon wants one success and a clear refusal for each of the others, and returns the
// winner's id.
func oneWon(t *testing.T, all []outcome) string {
	t.Helper()
	won, refused, id := 0, 0, ""
	for i, o := range all {
		var problem struct {
			ID, Code, Detail string
			Status           any // a word of a visit, a number of a problem
		}
		if o.err != nil {
			t.Fatalf("request %d: %v", i, o.err)
		}
		if err := json.Unmarshal(o.body, &problem); err != nil {
			t.Fatalf("request %d: %d %s", i, o.status, o.body)
		}
		switch {
		case o.status == http.StatusCreated:
			won, id = won+1, problem.ID
		case o.status == http.StatusConflict && problem.Code == "slot_taken" && problem.Status == float64(o.status) && o.kind == "application/problem+json" &&
			(problem.Detail == "the doctor is busy then" || problem.Detail == "the patient has another visit then"):
			refused++
		default:
			t.Fatalf("request %d: %d %s %s", i, o.status, o.kind, o.body)
		}
	}
	if won != 1 || refused != len(all)-1 {
		t.Errorf("%d won and %d were refused of %d", won, refused, len(all))
	}
	return id
}

// TestOneSlotForAThousand: a thousand requests for one slot reach the server at once, by
// different patients, at overlapping times, by bookings and by holds; and a thousand that
// want one patient to be with several doctors at the same time. One gets it each time.
func TestOneSlotForAThousand(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the real binary")
	}
	s := newServer(t)
	desk := s.signIn("registrar")
	who := desk.clinic()
	ask := func(patient, doctor string, start time.Time) map[string]any {
		return map[string]any{
			"patientId": patient, "practitionerId": doctor, "serviceId": "initial", "start": start.Format(time.RFC3339), "waiverReason": "test",
		}
	}
	for name, c := range map[string]struct {
		at    string
		days  int
		asked func(int, time.Time) map[string]any
	}{
		"one doctor's slot": {"/appointments", 20, func(i int, at time.Time) map[string]any {
			return ask(who.patients[i%len(who.patients)], who.doctors[0], at.Add(time.Duration(i%20)*time.Minute))
		}},
		"one doctor's slot, held": {"/holds", 21, func(i int, at time.Time) map[string]any {
			return ask(who.patients[i%len(who.patients)], who.doctors[1], at.Add(time.Duration(i%20)*time.Minute))
		}},
		"one patient with several doctors": {"/appointments", 22, func(i int, at time.Time) map[string]any {
			return ask(who.patients[1], who.doctors[i%len(who.doctors)], at)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			at := night(c.days)
			var bodies []map[string]any
			for i := range tries {
				body := c.asked(i, at)
				if c.at == "/holds" {
					delete(body, "waiverReason")
				}
				bodies = append(bodies, body)
			}
			began := time.Now()
			id := oneWon(t, contest(t, desk, c.at, bodies))
			t.Logf("%d requests in %s", tries, time.Since(began).Round(time.Millisecond))
			var list struct{ Items []appointment }
			desk.must("GET", fmt.Sprintf("/appointments?from=%s&to=%s", url.QueryEscape(at.Format(time.RFC3339)), url.QueryEscape(at.Add(time.Hour).Format(time.RFC3339))), nil, &list)
			if len(list.Items) != 1 || list.Items[0].ID != id {
				t.Errorf("the calendar has %v, the winner is %s", list.Items, id)
			}
		})
	}
	if log := s.log.String(); strings.Contains(log, "level=ERROR") {
		t.Errorf("the server's log has errors:\n%s", log)
	}
}
