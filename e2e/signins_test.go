package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// wave is how many people sign in at the same moment, and mostMemory what that may add.
const (
	wave       = 100
	mostMemory = 256 << 20
)

// TestSignInWave has a hundred people sign in at once while calls go on (T30): the memory
// that password hashing takes stays bounded, everybody gets an answer, and the calls lose
// nothing.
func TestSignInWave(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the real binary")
	}
	const key = "a-key-for-this-test-alone-0123456789"
	s := newServer(t, "CONSILIUM_LOADTEST_KEY="+key, "CONSILIUM_HTTP_TRUSTED_PROXIES=127.0.0.0/8,::1/128")
	pid := s.cmd.Process.Pid

	calls := exec.CommandContext(t.Context(), s.bin, "loadtest", "--url="+s.origin(), "--rooms=2", "--duration=12s", "--json", "--quiet")
	calls.Env = append(os.Environ(), "CONSILIUM_LOADTEST_KEY="+key)
	var report, complaints bytes.Buffer
	calls.Stdout, calls.Stderr = &report, &complaints
	if err := calls.Start(); err != nil {
		t.Fatal(err)
	}
	awaitMedia(t, s)

	clearPeak(t, pid)
	before := memory(t, pid, "VmRSS")
	begun := time.Now()
	answers := signInAtOnce(t, s)
	t.Logf("%d sign-ins answered in %v: %v", wave, time.Since(begun).Round(time.Millisecond), answers)
	// A wrong password, or too many waiting for their turn.
	if n := answers[http.StatusUnauthorized] + answers[http.StatusTooManyRequests] + answers[http.StatusServiceUnavailable]; n != wave {
		t.Errorf("answers: %v", answers)
	}
	if answers[http.StatusUnauthorized] < wave/4 {
		t.Errorf("only %d passwords were looked at", answers[http.StatusUnauthorized])
	}
	peak := memory(t, pid, "VmHWM")
	t.Logf("memory rose from %d to %d MiB", before>>20, peak>>20)
	if peak-before > mostMemory {
		t.Errorf("sign-ins took %d MiB", (peak-before)>>20)
	}

	if err := calls.Wait(); err != nil {
		t.Fatalf("calls: %v\n%s", err, complaints.String())
	}
	var r struct {
		Joined   int
		Received struct {
			Packets     uint64
			LossPercent float64
		}
	}
	if err := json.Unmarshal(report.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if r.Joined != 4 || r.Received.Packets < 4*100*12 || r.Received.LossPercent > 0.1 {
		t.Errorf("calls meanwhile: %d joined, %d packets, %.2f %% lost", r.Joined, r.Received.Packets, r.Received.LossPercent)
	}
}

// awaitMedia waits until calls are well under way.
func awaitMedia(t *testing.T, s *server) {
	t.Helper()
	forwarded := regexp.MustCompile(`(?m)^consilium_sfu_forwarded_packets_total (\d+)$`)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get(s.origin() + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		raw, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if m := forwarded.FindSubmatch(raw); m != nil && len(m[1]) > 3 { // thousands
			return
		}
	}
	t.Fatal("nothing is forwarded")
}

// signInAtOnce sends wave passwords at the same moment, each for another login and from
// another network, and counts the answers.
func signInAtOnce(t *testing.T, s *server) map[int]int {
	t.Helper()
	bodies := make([][]byte, wave)
	for i := range bodies {
		status, raw := signInRequest(t, s, i, "", fmt.Appendf(nil, `{"login":"person%d@example.org","as":"token"}`, i))
		var step struct{ Attempt, Browser string }
		if err := json.Unmarshal(raw, &step); err != nil || status != http.StatusOK {
			t.Fatalf("begin: %d %s", status, raw)
		}
		body, err := json.Marshal(map[string]string{"attempt": step.Attempt, "browser": step.Browser, "password": "correct horse battery staple"})
		if err != nil {
			t.Fatal(err)
		}
		bodies[i] = body
	}
	var mu sync.Mutex
	answers := make(map[int]int)
	var all sync.WaitGroup
	for i, body := range bodies {
		all.Go(func() {
			status, _ := signInRequest(t, s, i, "/password", body)
			mu.Lock()
			answers[status]++
			mu.Unlock()
		})
	}
	all.Wait()
	return answers
}

func signInRequest(t *testing.T, s *server, i int, step string, body []byte) (int, []byte) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.origin()+"/api/v1/sign-in"+step, bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return 0, nil
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Forwarded-For", fmt.Sprintf("203.0.113.%d", i+1))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return 0, nil
	}
	defer func() { _ = resp.Body.Close() }()
	var raw bytes.Buffer
	_, _ = raw.ReadFrom(resp.Body)
	return resp.StatusCode, raw.Bytes()
}

// clearPeak begins a process's highest memory anew.
func clearPeak(t *testing.T, pid int) {
	t.Helper()
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0); err != nil {
		t.Skip("the peak of memory cannot be read here: ", err)
	}
}

// memory reads a line of a process's status, in bytes.
func memory(t *testing.T, pid int, line string) int64 {
	t.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Skip("no /proc here: ", err)
	}
	for _, one := range strings.Split(string(raw), "\n") {
		if f := strings.Fields(one); len(f) == 3 && f[0] == line+":" {
			n, err := strconv.ParseInt(f[1], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n << 10
		}
	}
	t.Fatalf("no %s", line)
	return 0
}
