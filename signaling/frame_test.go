package signaling

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// part writes one masked frame of a message in parts: op 0 goes on, fin ends it.
func (r *raw) part(op byte, fin bool, payload []byte) error {
	b := []byte{op, 0x80 | 126, byte(len(payload) >> 8), byte(len(payload)), 0, 0, 0, 0}
	if fin {
		b[0] |= 0x80
	}
	_, err := r.conn.Write(append(b, payload...))
	return err
}

// TestEndlessFragments: a message in parts is held to the bound of a whole one, however
// small its parts are, and costs no more than that.
func TestEndlessFragments(t *testing.T) {
	h := newHarness(t, nil)
	good := h.greet("good")
	s := rawSocket(t, h)
	chunk := []byte(strings.Repeat(" ", 1000))
	sent, err := 0, s.part(0x1, false, chunk)
	for ; err == nil && sent < 100*h.server.cfg.MaxMessage; sent += len(chunk) {
		err = s.part(0x0, false, chunk)
	}
	if err == nil {
		t.Errorf("%d bytes of one message were taken", sent)
	}
	eventually(t, "its socket is gone", func() bool { return h.server.Stats().Connections == 1 })
	ask[*OK](good, &Ping{})
}

// TestStrayFrames: frames that the protocol forbids end their own socket alone.
func TestStrayFrames(t *testing.T) {
	for name, frame := range map[string][]byte{
		"a part of nothing":        {0x80, 0x80, 0, 0, 0, 0},
		"an unknown kind":          {0x83, 0x80, 0, 0, 0, 0},
		"reserved bits":            {0xf1, 0x80, 0, 0, 0, 0},
		"not masked":               {0x81, 0x02, '{', '}'},
		"a ping in parts":          {0x09, 0x80, 0, 0, 0, 0},
		"a ping over 125 bytes":    {0x89, 0xfe, 0x01, 0x00, 0, 0, 0, 0},
		"a length of 2^63":         {0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"a length of 2^62":         {0x81, 0xff, 0x40, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
		"text that is not UTF-8":   {0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe},
		"a close code that is not": {0x88, 0x82, 0, 0, 0, 0, 0x00, 0x01},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, func(c *Config, _ *Deps) {
				if name == "a length of 2^62" { // promised, and never sent: the wait for a hello ends it
					c.HelloTimeout = 200 * time.Millisecond
				}
			})
			good := h.greet("good")
			s := rawSocket(t, h)
			if _, err := s.conn.Write(frame); err != nil {
				t.Fatal(err)
			}
			ask[*OK](good, &Ping{})
			if name == "text that is not UTF-8" { // is told what is wrong with it, like all text
				s.text(`{"id":1,"type":"hello","v":1,"grant":"` + h.live("late") + `"}`)
				eventually(t, "it may go on", func() bool { return h.server.Stats().Sessions == 2 })
				return
			}
			eventually(t, "its socket is gone", func() bool { return h.server.Stats().Connections == 1 })
			if st := h.server.Stats(); st.Panics > 0 {
				t.Errorf("stats %+v", st)
			}
		})
	}
}

// TestNoCompression: nothing that unpacks to more than was sent is ever agreed on.
func TestNoCompression(t *testing.T) {
	h := newHarness(t, nil)
	req := upgradeRequest(t, h)
	req.Header.Set("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits")
	resp, err := h.http.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Sec-WebSocket-Extensions") != "" {
		t.Errorf("status %d, extensions %q", resp.StatusCode, resp.Header.Get("Sec-WebSocket-Extensions"))
	}
}
