package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// smallDisk mounts a file system of its own.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root, to mount a file system of its own")
	}
	mount := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "none", mount).CombinedOutput(); err != nil {
		t.Skipf("can't mount a tmpfs here: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", mount).Run() })
	return mount
}

const callKey = "a key of the load tester, for this test alone"

// call is a call between two people whose sound and pictures a load test sends.
type call struct {
	t    *testing.T
	done chan struct{}
	out  bytes.Buffer
	errs bytes.Buffer
	err  error
}

func startCall(t *testing.T, s *server, lasts time.Duration) *call {
	t.Helper()
	c := &call{t: t, done: make(chan struct{})}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), lasts+time.Minute)
	cmd := exec.CommandContext(ctx, s.bin, "loadtest", "--url", s.origin(), "--rooms", "1", "--json", "--quiet",
		"--duration", lasts.String(), "--warmup", "500ms", "--video-rate", "30")
	cmd.Env = append(os.Environ(), "CONSILIUM_LOADTEST_KEY="+callKey)
	cmd.Stdout, cmd.Stderr = &c.out, &c.errs
	go func() {
		defer close(c.done)
		defer cancel()
		c.err = cmd.Run()
	}()
	return c
}

// end waits for the call's planned end: everybody was in it, and nothing was lost.
func (c *call) end() {
	c.t.Helper()
	<-c.done
	var report struct {
		Joined   int `json:"joined"`
		Received struct {
			Packets uint64 `json:"packets"`
			Lost    uint64 `json:"lost"`
		} `json:"received"`
	}
	if err := json.Unmarshal(c.out.Bytes(), &report); err != nil || c.err != nil {
		c.t.Fatalf("the call failed: %v, %v: %s", c.err, err, c.errs.String())
	}
	if report.Joined != 2 || report.Received.Packets == 0 || report.Received.Lost*100 > report.Received.Packets {
		c.t.Errorf("the call: %+v", report)
	}
	c.t.Logf("the call carried %d packets, %d lost", report.Received.Packets, report.Received.Lost)
}

// TestDiskFull fills the disk under a running server that carries a call: writes are
// refused with a code, pages are still read, the call goes on and a new one can begin.
// When there is room again, everything works without a restart.
func TestDiskFull(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the real binary")
	}
	mount := smallDisk(t, "160m")
	t.Setenv("CONSILIUM_LOADTEST_KEY", callKey)
	s := &server{t: t, bin: build(t), dir: mount, listen: "localhost:0"}
	t.Cleanup(s.kill)
	s.start()
	doctor, patient := s.signIn("doctor"), s.signIn("patient")
	who := patient.me()
	visit := patient.appointment(who.Visit.AppointmentID)
	patient.must("POST", "/encounters/"+visit.EncounterID+"/join", nil, nil)
	doctor.must("POST", "/encounters/"+visit.EncounterID+"/admit", map[string]string{"identity": who.AccountID}, nil)
	kept, err := upload(doctor, visit.EncounterID, "kept.txt", []byte("kept"))
	if err != nil {
		t.Fatal(err)
	}
	carried := startCall(t, s, 8*time.Second)

	ballast := filepath.Join(mount, "ballast")
	fill(t, ballast)
	eventually(t, "/readyz tells", func() bool { return s.status("/readyz") == http.StatusServiceUnavailable })
	refused := func(what string, status int, raw []byte, err error) {
		t.Helper()
		if err != nil || status != http.StatusServiceUnavailable || !strings.Contains(string(raw), `"unavailable"`) {
			t.Errorf("%s on a full disk: %d %s %v", what, status, raw, err)
		}
	}
	status, raw, err := doctor.send("POST", "/encounters/"+visit.EncounterID+"/files",
		http.Header{"X-File-Name": {"lost.txt"}}, strings.NewReader("lost"))
	refused("a file", status, raw, err)
	status, raw, err = doctor.send("PATCH", "/me", http.Header{"Content-Type": {"application/json"}}, strings.NewReader(`{"locale":"en"}`))
	refused("a setting", status, raw, err)
	for _, c := range []*client{doctor, patient} {
		c.must("GET", "/me", nil, nil)
		if got := c.appointment(visit.ID); got.Status != "in_progress" {
			t.Errorf("read on a full disk: %v", got)
		}
	}
	if status := s.status("/healthz"); status != http.StatusOK {
		t.Errorf("/healthz: %d", status)
	}
	carried.end()
	startCall(t, s, time.Second).end()

	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	again := time.Now()
	eventually(t, "writes are taken again", func() bool {
		_, err = upload(doctor, visit.EncounterID, "again.txt", []byte("again"))
		return err == nil
	})
	t.Logf("a write was taken %s after there was room", time.Since(again).Round(time.Millisecond))
	eventually(t, "/readyz tells", func() bool { return s.status("/readyz") == http.StatusOK })
	if status, raw, err := doctor.send("GET", "/documents/"+kept+"/content", nil, nil); err != nil || status != http.StatusOK || string(raw) != "kept" {
		t.Errorf("the file from before: %d %q %v", status, raw, err)
	}
	if strings.Contains(s.log.String(), "panic") {
		t.Errorf("the log tells of a panic:\n%s", s.log.String())
	}
}

// fill writes until there is no room at all.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 1<<20); ; {
		if _, err := f.Write(block); err != nil {
			return
		}
	}
}

func (s *server) status(path string) int {
	resp, err := http.Get(s.origin() + path)
	if err != nil {
		return 0
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}
