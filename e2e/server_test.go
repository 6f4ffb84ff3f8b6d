package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// bin is where the binary is built, once for all tests.
var bin = struct {
	once sync.Once
	dir  string
	err  error
}{}

func TestMain(m *testing.M) {
	code := m.Run()
	_ = os.RemoveAll(bin.dir)
	os.Exit(code)
}

// build compiles the binary as make build does, so that little is left to compile.
func build(t *testing.T) string {
	t.Helper()
	bin.once.Do(func() {
		if bin.dir, bin.err = os.MkdirTemp("", "consilium-e2e-"); bin.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-trimpath", "-o", bin.dir, "consilium/cmd/consilium")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			bin.err = fmt.Errorf("build: %w\n%s", err, out)
		}
	})
	if bin.err != nil {
		t.Fatal(bin.err)
	}
	return filepath.Join(bin.dir, "consilium")
}

// server is a running binary on a data folder that survives it.
type server struct {
	t      *testing.T
	bin    string
	dir    string
	listen string
	env    []string // settings besides those of start
	cmd    *exec.Cmd
	log    lockedBuffer
	links  map[string]string
}

// lockedBuffer takes the output of a process while a test reads it.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func newServer(t *testing.T, env ...string) *server {
	t.Helper()
	s := &server{t: t, bin: build(t), dir: t.TempDir(), listen: "localhost:0", env: env}
	t.Cleanup(s.kill)
	s.start()
	return s
}

// start runs the binary until it is ready: on a free port first, then on the
// same again.
func (s *server) start() {
	s.t.Helper()
	file := filepath.Join(s.dir, "links.json")
	_ = os.Remove(file)
	// The process outlives the contexts of subtests and is ended by kill.
	s.cmd = exec.CommandContext(context.WithoutCancel(s.t.Context()), s.bin, "serve", "--demo", "--demo-links="+file,
		"--data="+filepath.Join(s.dir, "data"), "--http-listen="+s.listen, "--media-listen=127.0.0.1:0",
		"--media-announce=127.0.0.1", "--turn-udp=127.0.0.1:0", "--turn-tcp=127.0.0.1:0")
	s.cmd.Env = append(os.Environ(), s.env...)
	s.cmd.Stdout, s.cmd.Stderr = &s.log, &s.log
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		if raw, err := os.ReadFile(file); err == nil && json.Unmarshal(raw, &s.links) == nil {
			at, err := url.Parse(s.links["doctor"])
			if err != nil {
				s.t.Fatal(err)
			}
			s.listen = at.Host
			if resp, err := http.Get(s.origin() + "/readyz"); err == nil {
				_ = resp.Body.Close()
				if resp.StatusCode == http.StatusOK {
					return
				}
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatalf("the server is not ready:\n%s", s.log.String())
}

// kill ends the process as a power cut would.
func (s *server) kill() {
	if s.cmd != nil && s.cmd.Process != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// command runs one of the operator's commands on the data folder, with or without the server.
func (s *server) command(args ...string) []byte {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), s.bin, append(args, "--data="+filepath.Join(s.dir, "data"))...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("consilium %s: %v\n%s%s", args, err, out, complaints.String())
	}
	return out
}

func (s *server) origin() string { return "http://" + s.listen }

// client is one signed-in person.
type client struct {
	t    *testing.T
	s    *server
	http *http.Client
}

// signIn uses the demonstration's link of a person.
func (s *server) signIn(who string) *client {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	c := &client{t: s.t, s: s, http: &http.Client{Jar: jar, Timeout: 20 * time.Second}}
	link, err := url.Parse(s.links[who])
	if err != nil || link.Fragment == "" {
		s.t.Fatalf("no link for %q", who)
	}
	// The door of a link is the last part of its path: demo, visit or guest.
	c.must("POST", "/sessions/"+path.Base(link.Path), map[string]string{"token": link.Fragment}, nil)
	return c
}

// send performs a request; the answer's body is read whole.
func (c *client) send(method, at string, header http.Header, body io.Reader) (int, []byte, error) {
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.s.origin()+"/api/v1"+at, body)
	if err != nil {
		return 0, nil, err
	}
	for k, v := range header {
		req.Header[k] = v
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	return resp.StatusCode, raw, err
}

// must performs a JSON request that has to succeed.
func (c *client) must(method, at string, in, out any) {
	c.t.Helper()
	var body io.Reader
	header := http.Header{}
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			c.t.Fatal(err)
		}
		body, header = bytes.NewReader(raw), http.Header{"Content-Type": {"application/json"}}
	}
	status, raw, err := c.send(method, at, header, body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, at, err)
	}
	if status < 200 || status > 299 {
		c.t.Fatalf("%s %s: %d %s", method, at, status, raw)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			c.t.Fatalf("%s %s: %v", method, at, err)
		}
	}
}

// appointment is what the tests read of one.
type appointment struct {
	ID          string   `json:"id"`
	Status      string   `json:"status"`
	EncounterID string   `json:"encounterId"`
	Actions     []string `json:"actions"`
	Patient     struct {
		ID string `json:"id"`
	} `json:"patient"`
}

func (c *client) appointment(id string) appointment {
	c.t.Helper()
	var a appointment
	c.must("GET", "/appointments/"+url.PathEscape(id), nil, &a)
	return a
}

type me struct {
	AccountID string `json:"accountId"`
	Visit     struct {
		AppointmentID string `json:"appointmentId"`
		EncounterID   string `json:"encounterId"`
	} `json:"visit"`
}

func (c *client) me() me {
	c.t.Helper()
	var m me
	c.must("GET", "/me", nil, &m)
	return m
}

func (a appointment) String() string { return fmt.Sprintf("%s (%s)", a.ID, a.Status) }
