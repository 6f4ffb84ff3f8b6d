package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"consilium/configs"
)

// testConfig listens on free ports of loopback.
func testConfig(t *testing.T) configs.Config {
	t.Helper()
	cfg := configs.Default()
	cfg.Data = filepath.Join(t.TempDir(), "data")
	cfg.HTTP.Listen, cfg.Media.Listen = "127.0.0.1:0", "127.0.0.1:0"
	cfg.TURN.UDP, cfg.TURN.TCP = "127.0.0.1:0", "127.0.0.1:0"
	return cfg
}

// startServe runs the whole server and returns its demonstration links once it answers.
// stop ends it and returns what runServe returned.
func startServe(t *testing.T, cfg configs.Config) (links map[string]string, stop func() error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "links.json")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- runServe(ctx, cfg, serveOptions{demo: true, demoLinks: file}, io.Discard, slog.New(slog.DiscardHandler))
	}()
	stop = func() error {
		cancel()
		select {
		case err := <-done:
			return err
		case <-time.After(cfg.Stop.Grace + 10*time.Second):
			t.Fatal("the server did not stop within its grace")
			return nil
		}
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-done:
			t.Fatalf("the server ended: %v", err)
		default:
		}
		text, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		if err := json.Unmarshal(text, &links); err != nil {
			t.Fatal(err)
		}
		if status, _ := fetch(t, base(t, links)+"/readyz"); status == http.StatusOK {
			return links, stop
		}
	}
	_ = stop()
	t.Fatal("the server did not get ready")
	return nil, nil
}

func base(t *testing.T, links map[string]string) string {
	t.Helper()
	before, _, ok := strings.Cut(links["doctor"], "/demo#")
	if !ok {
		t.Fatalf("the doctor's link is %q", links["doctor"])
	}
	return before
}

func fetch(t *testing.T, url string) (status int, body string) {
	t.Helper()
	answer, err := http.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestServe(t *testing.T) {
	cfg := testConfig(t)
	links, stop := startServe(t, cfg)
	for _, person := range demoPeople {
		if !strings.Contains(links[person.key], "#") {
			t.Errorf("%s has the link %q", person.key, links[person.key])
		}
	}
	root := base(t, links)
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/healthz":             {http.StatusOK, "ok"},
		"/readyz":              {http.StatusOK, "ready"},
		"/metrics":             {http.StatusOK, "consilium_sfu_rooms 0"},
		"/api/v1/me":           {http.StatusUnauthorized, `"code"`},
		"/api/v1/openapi.json": {http.StatusOK, `"openapi": "3.1`},
		"/api/v1/nowhere":      {http.StatusNotFound, ""},
		"/":                    {http.StatusOK, "<html"},
	} {
		status, text := fetch(t, root+path)
		if status != want.status || !strings.Contains(text, want.text) {
			t.Errorf("%s: %d %.200s, want %d with %q", path, status, text, want.status, want.text)
		}
	}
	if err := stop(); err != nil {
		t.Errorf("stop: %v", err)
	}

	again, stop := startServe(t, cfg)
	if again["doctor"] == links["doctor"] {
		t.Error("a second start gave the same sign-in link")
	}
	if err := stop(); err != nil {
		t.Errorf("second stop: %v", err)
	}
}

// TestDataIsSealed looks for a name of the demonstration clinic in every byte of the data
// folder, in the forms in which it would stand there.
func TestDataIsSealed(t *testing.T) {
	cfg := testConfig(t)
	_, stop := startServe(t, cfg)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	const name = "Соколов" // a patient of the demonstration clinic
	files, found := 0, func(text []byte) bool {
		return bytes.Contains(text, []byte(name)) || bytes.Contains(text, []byte(strconv.QuoteToASCII(name)[1:13]))
	}
	err := filepath.WalkDir(cfg.Data, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		if found(text) || bytes.HasPrefix(text, []byte("%PDF")) {
			t.Errorf("%s holds a patient's data in the clear", filepath.Base(path))
		}
		return nil
	})
	if err != nil || files < 2 {
		t.Errorf("%d files were searched: %v", files, err)
	}
}

func TestDataWithoutItsKeys(t *testing.T) {
	cfg := testConfig(t)
	_, stop := startServe(t, cfg)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(keysFolder(cfg), keysFolder(cfg)+"-away"); err != nil {
		t.Fatal(err)
	}
	_, err := newApp(t.Context(), cfg, true, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "key") {
		t.Errorf("data without its keys gave %v", err)
	}
}

func TestPortsThatAreTakenStopTheStart(t *testing.T) {
	cfg := testConfig(t)
	links, stop := startServe(t, cfg)
	defer stop()
	other := testConfig(t)
	other.HTTP.Listen = strings.Replace(strings.TrimPrefix(base(t, links), "http://"), "localhost", "127.0.0.1", 1)
	if _, err := newApp(t.Context(), other, false, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a taken port gave no error")
	}
	other = testConfig(t)
	other.Data = cfg.Data
	if _, err := newApp(t.Context(), other, false, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a data folder in use gave %v", err)
	}
}

func TestLinksFileIsPrivate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "links.json")
	var out bytes.Buffer
	if err := showDemo(&out, file, map[string]string{"doctor": "http://localhost/demo#x"}, ""); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if !strings.Contains(out.String(), "http://localhost/demo#x") {
		t.Errorf("printed %q", out.String())
	}
}

// TestSilentConnectionsEnd: connections that send nothing, or a header without end, are
// closed in time and keep nobody out.
func TestSilentConnectionsEnd(t *testing.T) {
	t.Parallel()
	links, stop := startServe(t, testConfig(t))
	root := base(t, links)
	var open []net.Conn
	for i := range 300 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(root, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if i%2 == 1 {
			if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
				t.Fatal(err)
			}
		}
		open = append(open, conn)
	}
	began := time.Now()
	if status, text := fetch(t, root+"/healthz"); status != http.StatusOK {
		t.Errorf("beside them: %d %s", status, text)
	}
	for _, conn := range open {
		if err := conn.SetReadDeadline(began.Add(30 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(conn); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatal("a silent connection is still open after 30 s")
		}
	}
	t.Logf("closed after %s", time.Since(began).Round(time.Second))
	if err := stop(); err != nil {
		t.Error(err)
	}
}
