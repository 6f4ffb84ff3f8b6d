package scan_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"consilium/control/scan"
)

// eicar is the harmless text that every scanner must report.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-` + `ANTIVIRUS-TEST-FILE!$H+H*`

// daemon speaks clamd's side: it takes a stream and answers as handle says.
func daemon(t *testing.T, network, at string, handle func(content string) string) string {
	t.Helper()
	listener, err := net.Listen(network, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				if content, ok := stream(conn); ok {
					_, _ = io.WriteString(conn, handle(content))
				}
			}()
		}
	}()
	return network + ":" + listener.Addr().String()
}

// stream reads the command and its chunks.
func stream(conn net.Conn) (string, bool) {
	command := make([]byte, len("zINSTREAM\x00"))
	if _, err := io.ReadFull(conn, command); err != nil || string(command) != "zINSTREAM\x00" {
		return "", false
	}
	var content strings.Builder
	for {
		var size uint32
		if binary.Read(conn, binary.BigEndian, &size) != nil {
			return "", false
		}
		if size == 0 {
			return content.String(), true
		}
		if _, err := io.CopyN(&content, conn, int64(size)); err != nil {
			return "", false
		}
	}
}

func clamav(content string) string {
	if strings.Contains(content, eicar) {
		return "stream: Eicar-Test-Signature FOUND\x00"
	}
	return "stream: OK\x00"
}

func TestClamd(t *testing.T) {
	large := strings.Repeat("clean ", 100_000)
	socket := filepath.Join(t.TempDir(), "clamd.ctl")
	for _, at := range []string{daemon(t, "unix", socket, clamav), daemon(t, "tcp", "127.0.0.1:0", clamav)} {
		c, err := scan.New(at)
		if err != nil {
			t.Fatal(err)
		}
		for content, want := range map[string]string{
			"": "", "harmless": "", large: "", eicar: "Eicar-Test-Signature", large + eicar: "Eicar-Test-Signature",
		} {
			if got, err := c.Scan(t.Context(), strings.NewReader(content)); got != want || err != nil {
				t.Errorf("%s, %d bytes: %q, %v, want %q", at, len(content), got, err, want)
			}
		}
	}
}

// TestClamdNobodyKnows: what is no answer is an error, never "clean".
func TestClamdNobodyKnows(t *testing.T) {
	for name, answer := range map[string]string{
		"over its limit": "INSTREAM size limit exceeded. ERROR\x00",
		"nothing":        "",
		"cut short":      "stream: O",
		"nonsense":       "HTTP/1.1 200 OK\r\n\x00",
		"another file":   "other: OK\x00",
		"endless":        strings.Repeat("x", 10_000),
	} {
		c, err := scan.New(daemon(t, "tcp", "127.0.0.1:0", func(string) string { return answer }))
		if err != nil {
			t.Fatal(err)
		}
		if found, err := c.Scan(t.Context(), strings.NewReader("file")); err == nil {
			t.Errorf("%s: taken for an answer, found %q", name, found)
		}
	}
	t.Run("not there", func(t *testing.T) {
		c, err := scan.New("unix:" + filepath.Join(t.TempDir(), "none"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Scan(t.Context(), strings.NewReader("file")); err == nil {
			t.Error("a scanner that is not there has answered")
		}
	})
	t.Run("silent", func(t *testing.T) {
		hang := make(chan struct{})
		defer close(hang)
		c, err := scan.New(daemon(t, "tcp", "127.0.0.1:0", func(string) string { <-hang; return "stream: OK\x00" }))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, err := c.Scan(ctx, strings.NewReader("file")); err == nil {
			t.Error("a scanner that says nothing has answered")
		}
	})
	t.Run("the file breaks off", func(t *testing.T) {
		c, err := scan.New(daemon(t, "tcp", "127.0.0.1:0", clamav))
		if err != nil {
			t.Fatal(err)
		}
		broken := errors.New("disk")
		if _, err := c.Scan(t.Context(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
			t.Errorf("got %v", err)
		}
	})
}

func TestNewRefuses(t *testing.T) {
	for _, at := range []string{"", "unix:relative", "tcp:", "tcp:nowhere", "udp:127.0.0.1:3310", "/run/clamd.ctl"} {
		if _, err := scan.New(at); err == nil {
			t.Errorf("%q is taken for an address", at)
		}
	}
}
