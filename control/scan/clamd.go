package scan

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

const (
	chunk     = 64 << 10         // bytes of a file sent at once
	stall     = 30 * time.Second // longest wait for the scanner to take a chunk
	verdict   = 2 * time.Minute  // longest wait for its answer after the last chunk
	maxAnswer = 4096
	maxFound  = 100 // characters of a finding's name
)

// Clamd is a clamd daemon. It is safe for concurrent use; each file has a connection
// of its own.
type Clamd struct{ network, address string }

// New reads an address like unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310.
func New(at string) (*Clamd, error) {
	network, address, _ := strings.Cut(at, ":")
	switch network {
	case "unix":
		if !strings.HasPrefix(address, "/") {
			return nil, fmt.Errorf("%q: the path of a socket must be absolute", at)
		}
	case "tcp":
		if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
			return nil, fmt.Errorf("%q: not tcp:host:port", at)
		}
	default:
		return nil, fmt.Errorf("%q: not unix:/path or tcp:host:port", at)
	}
	return &Clamd{network, address}, nil
}

// errTalk marks what broke off the talk with the scanner.
var errTalk = errors.New("talk to the scanner")

// Scan sends a file to the scanner and returns what it found, "" for nothing. An error
// means that nobody knows: the scanner is away, too slow, or refuses the file.
func (c *Clamd) Scan(ctx context.Context, file io.Reader) (found string, err error) {
	conn, err := (&net.Dialer{Timeout: stall}).DialContext(ctx, c.network, c.address)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errTalk, err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	sent := send(conn, file)
	if sent != nil && !errors.Is(sent, errTalk) {
		return "", sent // the file's own fault
	}
	// A scanner that has seen enough answers before the end and closes.
	answer, err := read(conn)
	if err != nil {
		return "", errors.Join(sent, err)
	}
	return parse(answer)
}

func send(conn net.Conn, file io.Reader) error {
	write := func(b []byte) error {
		if err := conn.SetWriteDeadline(time.Now().Add(stall)); err != nil {
			return fmt.Errorf("%w: %w", errTalk, err)
		}
		if _, err := conn.Write(b); err != nil {
			return fmt.Errorf("%w: %w", errTalk, err)
		}
		return nil
	}
	if err := write([]byte("zINSTREAM\x00")); err != nil {
		return err
	}
	buf := make([]byte, 4+chunk)
	for {
		n, err := io.ReadFull(file, buf[4:])
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("read the file for the scanner: %w", err)
		}
		if n > 0 {
			binary.BigEndian.PutUint32(buf, uint32(n))
			if err := write(buf[:4+n]); err != nil {
				return err
			}
		}
		if err != nil { // its end
			return write(make([]byte, 4))
		}
	}
}

func read(conn net.Conn) (string, error) {
	if err := conn.SetReadDeadline(time.Now().Add(verdict)); err != nil {
		return "", fmt.Errorf("%w: %w", errTalk, err)
	}
	b, err := bufio.NewReader(io.LimitReader(conn, maxAnswer)).ReadBytes(0)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errTalk, err)
	}
	return string(bytes.TrimRight(b, "\x00\n")), nil
}

// parse reads "stream: OK", "stream: Name FOUND" or "… ERROR". Whatever else comes is
// no clean bill of health.
func parse(answer string) (found string, err error) {
	rest, ok := strings.CutPrefix(answer, "stream: ")
	switch {
	case ok && rest == "OK":
		return "", nil
	case ok && strings.HasSuffix(rest, " FOUND"):
		name := []rune(strings.TrimSuffix(rest, " FOUND"))
		return string(name[:min(len(name), maxFound)]), nil
	}
	return "", fmt.Errorf("%w: it answered %.100q", errTalk, answer)
}
