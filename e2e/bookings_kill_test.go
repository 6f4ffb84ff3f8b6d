package e2e

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var kills = flag.Int("kills", 4, "how often TestBookingsOutliveKill kills the server")

// diary notes what people were told, from many goroutines.
type diary struct {
	mu     sync.Mutex // guards the following fields
	told   known
	booked []string // ids that can be called off
	holds  int
	acks   int
}

// note says which statuses a visit may be in from now on.
func (d *diary) note(id string, ack bool, statuses ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.told[id] = statuses
	if ack {
		d.acks++
	}
}

func (d *diary) count() (acks, holds int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.acks, d.holds
}

// visitAnswer is what the API says about a visit that was changed.
type visitAnswer struct {
	ID      string `json:"id"`
	Status  string `json:"status"`
	Version uint64 `json:"version"`
}

// ask sends a change. ok is false when it was refused; err means that nobody knows.
func (c *client) ask(at string, version uint64, in any) (v visitAnswer, ok bool, err error) {
	raw, err := json.Marshal(in)
	if err != nil {
		return v, false, err
	}
	header := http.Header{"Content-Type": {"application/json"}}
	if version > 0 {
		header.Set("If-Match", fmt.Sprintf(`"%d"`, version))
	}
	status, body, err := c.send("POST", at, header, bytes.NewReader(raw))
	if err != nil || status/100 != 2 {
		return v, false, err
	}
	return v, true, json.Unmarshal(body, &v)
}

// desk books, holds, confirms, releases and calls off at random until the server is gone.
// The grid of times is small, so that it meets itself and others all the time.
func (d *diary) desk(c *client, who clinic) {
	for {
		start := night(3 + rand.IntN(8)).Add(time.Duration(rand.IntN(24)) * 10 * time.Minute)
		body := map[string]any{
			"patientId": who.patients[rand.IntN(len(who.patients))], "practitionerId": who.doctors[rand.IntN(len(who.doctors))],
			"serviceId": "initial", "start": start.Format(time.RFC3339),
		}
		if rand.IntN(3) == 0 {
			body["waiverReason"] = "test"
			v, ok, err := c.ask("/appointments", 0, body)
			if err != nil {
				return
			}
			if ok {
				d.note(v.ID, true, "booked")
				d.mu.Lock()
				d.booked = append(d.booked, v.ID)
				d.mu.Unlock()
			}
			continue
		}
		v, ok, err := c.ask("/holds", 0, body)
		if err != nil {
			return
		}
		if !ok {
			if err := d.callOff(c); err != nil { // the night is full: make room
				return
			}
			continue
		}
		d.mu.Lock()
		d.holds++
		d.mu.Unlock()
		d.note(v.ID, true, "expired")
		switch rand.IntN(4) {
		case 0:
			d.note(v.ID, false, "booked", "expired")
			if v, ok, err = c.ask("/appointments/"+v.ID+"/confirm", v.Version, map[string]string{"waiverReason": "test"}); ok && err == nil {
				d.note(v.ID, true, "booked")
			}
		case 1:
			d.note(v.ID, false, "withdrawn", "expired")
			if v, ok, err = c.ask("/appointments/"+v.ID+"/release", v.Version, nil); ok && err == nil {
				d.note(v.ID, true, "withdrawn")
			}
		}
		if err != nil {
			return
		}
	}
}

// callOff cancels one of the booked visits.
func (d *diary) callOff(c *client) error {
	d.mu.Lock()
	if len(d.booked) == 0 {
		d.mu.Unlock()
		return nil
	}
	i := rand.IntN(len(d.booked))
	id := d.booked[i]
	d.booked = slices.Delete(d.booked, i, i+1)
	d.told[id] = []string{"booked", "cancelled_clinic"}
	d.mu.Unlock()
	status, raw, err := c.send("GET", "/appointments/"+id, nil, nil)
	if err != nil || status != http.StatusOK { // not there: faults says so
		return err
	}
	var v visitAnswer
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	v, ok, err := c.ask("/appointments/"+id+"/cancel", v.Version, map[string]string{"reason": "test"})
	if ok && err == nil {
		d.note(v.ID, true, "cancelled_clinic")
	}
	return err
}

// loadUntilKilled has four desks at work and kills the server under them, after some of
// their holds have come due.
func (d *diary) loadUntilKilled(t *testing.T, s *server, c *client, who clinic) {
	t.Helper()
	before, held := d.count()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() { d.desk(c, who) })
	}
	due := time.After(time.Second + time.Duration(rand.IntN(1500))*time.Millisecond) // holds live one second
	eventually(t, "the desks' work", func() bool {
		acks, holds := d.count()
		return acks-before >= 100 && holds-held >= 30
	})
	<-due
	s.kill()
	group.Wait()
}

// TestBookingsOutliveKill kills the real server with SIGKILL under holds, bookings and due
// timers, again and again. When it is back, every acknowledged booking is there, no time
// is taken twice, every hold has ended, each by one firing of its timer, and the counts
// agree. A folder that is put back to the state before the last kill, and each single
// fault, is seen.
func TestBookingsOutliveKill(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the real binary")
	}
	s := newServer(t, "CONSILIUM_BOOKING_HOLD=1s")
	c := s.signIn("registrar")
	who := c.clinic()
	d := &diary{told: known{}}
	copied := filepath.Join(t.TempDir(), "before")
	for round := range *kills {
		if round == *kills-1 {
			keepCopy(t, s, copied)
		}
		d.loadUntilKilled(t, s, c, who)
		s.start()
		eventually(t, "the end of all holds", func() bool { return len(c.held()) == 0 })
	}
	from, to := time.Now().AddDate(0, 0, -10), time.Now().AddDate(0, 0, 60)
	c.countsAgree(from.AddDate(0, 0, 1), to.AddDate(0, 0, -1))
	s.kill()
	visits, trail := s.calendar(from, to)
	for _, fault := range faults(d.told, visits, trail) {
		t.Error(fault)
	}
	s.command("audit", "verify")
	s.command("store", "check")
	expired := 0
	for _, v := range visits {
		if v.Status == "expired" {
			expired++
		}
	}
	acks, holds := d.count()
	t.Logf("%d kills, %d acknowledgements, %d of them holds, %d visits; %d timers fired once each", *kills, acks, holds, len(visits), expired)
	if expired == 0 {
		t.Error("no timer fired: the test is worth nothing")
	}

	t.Run("faults are seen", func(t *testing.T) {
		seesFaults(t, d.told, visits, trail)
		old := &server{t: t, bin: s.bin, dir: copied}
		was, then := old.calendar(from, to)
		lost := 0
		for _, fault := range faults(d.told, was, then) {
			if strings.Contains(fault, "is not there") {
				lost++
			}
		}
		if lost == 0 {
			t.Error("a folder that was put back to before the last kill shows no loss")
		}
		t.Logf("put back to before the last kill, %d acknowledged visits are missing", lost)
	})
}

// seesFaults breaks a sound calendar in one place at a time.
func seesFaults(t *testing.T, told known, visits []visitRow, trail []trailRow) {
	find := func(status string) int {
		i := slices.IndexFunc(visits, func(v visitRow) bool { return v.Status == status && told[v.ID] != nil })
		if i < 0 {
			t.Fatalf("no visit of the test is %s", status)
		}
		return i
	}
	expired, booked := find("expired"), find("booked")
	fired := slices.IndexFunc(trail, func(e trailRow) bool { return e.Action == "appointment.expire" && e.Object == visits[expired].ID })
	twin := visits[booked]
	twin.ID, twin.No = "twin", "twin"
	held := slices.Clone(visits)
	held[expired].Status = "held"
	for name, broken := range map[string][]string{
		"a lost booking":         faults(told, slices.Delete(slices.Clone(visits), booked, booked+1), trail),
		"a time taken twice":     faults(told, slices.Insert(slices.Clone(visits), booked, twin), trail),
		"a hold that stays":      faults(told, held, trail),
		"a timer that is silent": faults(told, visits, slices.Delete(slices.Clone(trail), fired, fired+1)),
		"a timer that repeats":   faults(told, visits, append(slices.Clone(trail), trail[fired])),
	} {
		if len(broken) == 0 {
			t.Errorf("%s is not seen", name)
		}
	}
}

// held lists the ids of the visits that are held.
func (c *client) held() (ids []string) {
	c.t.Helper()
	for _, v := range c.visits(time.Now(), time.Now().AddDate(0, 0, 60), "&status=held,awaiting_payment") {
		ids = append(ids, v.ID)
	}
	return ids
}

func span(from, to time.Time) string {
	return "from=" + url.QueryEscape(from.UTC().Format(time.RFC3339)) + "&to=" + url.QueryEscape(to.UTC().Format(time.RFC3339))
}

func (c *client) visits(from, to time.Time, filter string) (all []visitRow) {
	c.t.Helper()
	for next := ""; ; {
		var page struct {
			Items []visitRow
			Next  string
		}
		at := "/appointments?limit=200&" + span(from, to) + filter
		if next != "" {
			at += "&cursor=" + next
		}
		c.must("GET", at, nil, &page)
		all = append(all, page.Items...)
		if next = page.Next; next == "" {
			return all
		}
	}
}

// countsAgree holds the counts that the server keeps against the visits one by one.
func (c *client) countsAgree(from, to time.Time) {
	c.t.Helper()
	moscow, err := time.LoadLocation("Europe/Moscow") // the demonstration's zone
	if err != nil {
		c.t.Fatal(err)
	}
	first, last := from.In(moscow).Format(time.DateOnly), to.In(moscow).Format(time.DateOnly)
	want := map[string]int{}
	for _, v := range c.visits(from.AddDate(0, 0, -1), to.AddDate(0, 0, 1), "") {
		if day := v.Start.In(moscow).Format(time.DateOnly); day >= first && day <= last {
			want[day+" "+v.Status]++
		}
	}
	var counts struct {
		Items []struct {
			Date   string
			Counts map[string]int
		}
	}
	c.must("GET", "/appointments/days?from="+first+"&to="+last, nil, &counts)
	got := map[string]int{}
	for _, day := range counts.Items {
		for status, n := range day.Counts {
			got[day.Date+" "+status] = n
		}
	}
	if len(want) == 0 || fmt.Sprint(got) != fmt.Sprint(want) {
		c.t.Errorf("the server counts %v, there are %v", got, want)
	}
}

// keepCopy copies the data of a server that stands still for the moment.
func keepCopy(t *testing.T, s *server, to string) {
	t.Helper()
	s.kill()
	err := filepath.WalkDir(s.dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(s.dir, name)
		if err != nil {
			return err
		}
		at := filepath.Join(to, rel)
		switch {
		case entry.IsDir():
			return os.MkdirAll(at, 0o700)
		case !entry.Type().IsRegular(): // the operator's socket
			return nil
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(at, raw, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	s.start()
}
