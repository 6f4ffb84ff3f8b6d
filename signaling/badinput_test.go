package signaling

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"consilium/internal/grant"

	"github.com/coder/websocket"
)

// TestBadInput sends every kind of nonsense from a second member of a room: each gets
// its code, nothing changes, and the first member hears nothing.
func TestBadInput(t *testing.T) {
	h := newHarness(t, nil)
	other, err := grant.NewKeeper(nil)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := other.Sign(grant.Grant{Kind: grant.Room, Clinic: "clinic", Subject: "bad", Session: "login-bad", Role: "guest", Room: "e"})
	if err != nil {
		t.Fatal(err)
	}
	expired := h.sign(grant.Grant{Kind: grant.Room, Subject: "bad", Room: "e", Expires: time.Now().Add(-time.Second)})
	used := h.roomGrant("bad", "guest", "e", false)
	room := func(room string) string { return h.roomGrant("bad", "guest", room, false) }

	good, bad := h.greet("good"), h.greet("bad")
	good.join(h.roomGrant("good", "practitioner", "e", false))
	bad.join(used)
	good.forget()
	roster := fmt.Sprint(h.server.Roster("e"))

	offer := func(sdp string) string {
		b, _ := json.Marshal(sdp)
		return `{"id":9,"type":"offer","sdp":` + string(b) + `}`
	}
	join := func(token, more string) string { return `{"id":9,"type":"join","grant":"` + token + `"` + more + `}` }
	tests := []struct {
		name string
		send string
		id   uint64
		want Code
	}{
		{"not JSON", `{"type":`, 0, CodeMalformed},
		{"empty", ``, 0, CodeMalformed},
		{"an array", `[1]`, 0, CodeMalformed},
		{"a number", `7`, 0, CodeMalformed},
		{"two values", `{"id":9,"type":"ping"}{}`, 0, CodeMalformed},
		{"deeply nested", `{"id":9,"type":` + strings.Repeat("[", 20000), 0, CodeMalformed},
		{"no type", `{"id":9}`, 9, CodeUnknownType},
		{"unknown type", `{"id":9,"type":"admit"}`, 9, CodeUnknownType},
		{"a reply's type", `{"id":9,"type":"welcome"}`, 9, CodeUnknownType},
		{"type is a number", `{"id":9,"type":3}`, 9, CodeInvalid},
		{"no id", `{"type":"ping"}`, 0, CodeInvalid},
		{"negative id", `{"type":"ping","id":-1}`, 0, CodeInvalid},
		{"id is a string", `{"type":"ping","id":"9"}`, 0, CodeInvalid},
		{"hello twice", `{"id":9,"type":"hello","v":1,"grant":"x"}`, 9, CodeHelloTwice},
		{"other version", `{"id":9,"type":"hello","v":2,"grant":"x"}`, 9, CodeVersion},
		{"field of a wrong type", `{"id":9,"type":"mute","source":1}`, 9, CodeInvalid},
		{"unknown source", `{"id":9,"type":"mute","source":"tv","muted":true}`, 9, CodeInvalid},
		{"source not sent", `{"id":9,"type":"mute","source":"screen","muted":true}`, 9, CodeUnknownTrack},
		{"height", `{"id":9,"type":"view","track":"t","height":-1,"visible":true}`, 9, CodeInvalid},
		{"track name", `{"id":9,"type":"keyframe","track":"` + strings.Repeat("t", 200) + `"}`, 9, CodeInvalid},
		{"empty chat", `{"id":9,"type":"chat","clientId":"c","text":" \n"}`, 9, CodeInvalid},
		{"long chat", `{"id":9,"type":"chat","clientId":"c","text":"` + strings.Repeat("x", 9000) + `"}`, 9, CodeInvalid},
		{"chat without clientId", `{"id":9,"type":"chat","text":"x"}`, 9, CodeInvalid},
		{"control characters in clientId", `{"id":9,"type":"chat","clientId":"a\u0000","text":"x"}`, 9, CodeInvalid},
		{"offer is no SDP", offer("hello"), 9, CodeBadSDP},
		{"offer without media", offer("v=0\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\na=fingerprint:x\r\n"), 9, CodeBadSDP},
		{"offer the media server refuses", offer(goodSDP + "a=rubbish\r\n"), 9, CodeBadSDP},
		{"two tracks of a source", `{"id":9,"type":"offer","sdp":` + quote(goodSDP) + `,"tracks":[{"mid":"0","source":"camera"},{"mid":"1","source":"camera"}]}`, 9, CodeInvalid},
		{"join is no SDP", join(room("e"), `,"sdp":"hello"`), 9, CodeBadSDP},
		{"join: tracks without SDP", join(room("e"), `,"tracks":[{"mid":"0","source":"camera"}]`), 9, CodeInvalid},
		{"join: no grant", join("", ""), 9, CodeInvalid},
		{"join: garbage", join("garbage", ""), 9, CodeGrantInvalid},
		{"join: expired", join(expired, ""), 9, CodeGrantExpired},
		{"join: reused", join(used, ""), 9, CodeGrantUsed},
		{"join: made with another key", join(forged, ""), 9, CodeGrantInvalid},
		{"join: of kind live", join(h.live("bad"), ""), 9, CodeGrantKind},
		{"join: for another person", join(h.roomGrant("good", "practitioner", "e", false), ""), 9, CodeGrantPerson},
		{"join: of another login", join(h.sign(grant.Grant{Kind: grant.Room, Subject: "bad", Session: "other", Room: "e"}), ""), 9, CodeGrantPerson},
		{"join: not for the named room", join(room("e"), `,"room":"f"`), 9, CodeGrantRoom},
		{"join: for another room", join(room("f"), ""), 9, CodeJoinedOther},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad.mu.Lock()
			delete(bad.replies, 9)
			bad.loose = nil
			bad.mu.Unlock()
			if err := bad.write(tt.send); err != nil {
				t.Fatal(err)
			}
			var e *Error
			bad.await("an error", func() bool {
				if tt.id != 0 {
					e, _ = bad.replies[tt.id].(*Error)
				} else if len(bad.loose) > 0 {
					e = bad.loose[0]
				}
				return e != nil
			})
			if e.Code != tt.want || e.Message == "" {
				t.Errorf("got %+v, want code %s", e, tt.want)
			}
		})
	}
	good.quiet()
	if now := fmt.Sprint(h.server.Roster("e")); now != roster {
		t.Errorf("the roster was %s and is %s", roster, now)
	}
	if h.server.lookup("f") != nil {
		t.Error("a refused join has left a room behind")
	}
	if n := h.chat.count("e"); n != 0 {
		t.Errorf("%d chat messages were stored", n)
	}
	if part := h.media.part("e", "bad"); part == nil || len(part.views)+len(part.keys) != 0 {
		t.Errorf("the media server was bothered: %+v", part)
	}
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// TestBadOfferOfASecondDevice: it doesn't cost the first device its place.
func TestBadOfferOfASecondDevice(t *testing.T) {
	h := newHarness(t, nil)
	doctor, patient, again := h.greet("doctor"), h.greet("patient"), h.greet("patient")
	doctor.join(h.roomGrant("doctor", "practitioner", "e", false))
	patient.join(h.roomGrant("patient", "patient", "e", false))
	doctor.forget()
	patient.forget()
	e := ask[*Error](again, &Join{Grant: h.roomGrant("patient", "patient", "e", false), SDP: goodSDP + "a=rubbish\r\n"})
	if e.Code != CodeBadSDP {
		t.Errorf("told %+v", e)
	}
	h.media.settle()
	doctor.quiet()
	patient.quiet()
}

// TestJoinThatFailsLate: when the media server refuses after it has put the newer join
// in the older one's place, the older client is told to join again.
func TestJoinThatFailsLate(t *testing.T) {
	h := newHarness(t, nil)
	doctor, patient, again := h.greet("doctor"), h.greet("patient"), h.greet("patient")
	doctor.join(h.roomGrant("doctor", "practitioner", "e", false))
	patient.join(h.roomGrant("patient", "patient", "e", false))
	e := ask[*Error](again, &Join{Grant: h.roomGrant("patient", "patient", "e", false), SDP: goodSDP + "a=late-rubbish\r\n"})
	if e.Code != CodeBadSDP {
		t.Errorf("told %+v", e)
	}
	if r := next[*Removed](patient, nil); r.Reason != ReasonMedia {
		t.Errorf("removed because %q", r.Reason)
	}
	next[*ParticipantLeft](doctor, nil)
}

func TestBeforeHello(t *testing.T) {
	h := newHarness(t, nil)
	c := h.dial()
	if e := ask[*Error](c, &Ping{}); e.Code != CodeHelloFirst {
		t.Errorf("told %+v", e)
	}
	if e := ask[*Error](c, &Hello{V: 1, Grant: h.roomGrant("a", "guest", "e", false)}); e.Code != CodeGrantKind {
		t.Errorf("told %+v", e)
	}
	c.hello(h.live("a"))
	ask[*OK](c, &Ping{})

	d := h.dial()
	for _, m := range []*Hello{{V: 1}, {V: 1, Grant: "x"}, {V: 1, Resume: &ResumeFrom{Session: "s", Secret: "t"}}} {
		d.send(m)
	}
	if code := d.closeCode(); code != CloseHello {
		t.Errorf("closed with %d", code)
	}
	if len(d.replies) != 3 {
		t.Errorf("replies %v", d.replies)
	}
}

func TestHelloTimeout(t *testing.T) {
	h := newHarness(t, func(c *Config, _ *Deps) { c.HelloTimeout = 50 * time.Millisecond })
	if code := h.dial().closeCode(); code != CloseHello {
		t.Errorf("closed with %d", code)
	}
}

func TestOversizeAndBinary(t *testing.T) {
	h := newHarness(t, nil)
	good := h.greet("good")
	good.join(h.roomGrant("good", "practitioner", "e", false))
	good.forget()
	big := h.greet("big")
	pad := strings.Repeat(" ", h.server.cfg.MaxMessage-len(`{"id":1,"type":"ping"}`))
	if err := big.write(`{"id":1,"type":"ping"}` + pad); err != nil {
		t.Fatal(err)
	}
	big.await("the answer to a message of the longest length", func() bool { return big.replies[1] != nil })
	_ = big.write(`{"id":2,"type":"ping"}` + pad + " ") // the server may close before all is written
	if code := big.closeCode(); code != 1009 {
		t.Errorf("closed with %d", code)
	}

	binary := h.greet("binary")
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := binary.ws.Write(ctx, websocket.MessageBinary, []byte(`{"id":1,"type":"ping"}`)); err != nil {
		t.Fatal(err)
	}
	if code := binary.closeCode(); code != 1003 {
		t.Errorf("closed with %d", code)
	}
	good.quiet()
}

func TestUpgradeRefused(t *testing.T) {
	h := newHarness(t, nil)
	strict := newHarness(t, func(c *Config, _ *Deps) { c.Origins = []string{"https://clinic.example"} })
	tests := []struct {
		name    string
		h       *harness
		origin  []string
		proto   string
		upgrade string
		status  int
		code    string
	}{
		{"same host", h, []string{h.http.URL}, Subprotocol, "websocket", 101, ""},
		{"no origin", h, nil, Subprotocol, "websocket", 101, ""},
		{"foreign", h, []string{"https://evil.example"}, Subprotocol, "websocket", 403, "foreign_origin"},
		{"null", h, []string{"null"}, Subprotocol, "websocket", 403, "foreign_origin"},
		{"two", h, []string{h.http.URL, h.http.URL}, Subprotocol, "websocket", 403, "foreign_origin"},
		{"configured", strict, []string{"https://clinic.example"}, Subprotocol, "websocket", 101, ""},
		{"configured, other scheme", strict, []string{"http://clinic.example"}, Subprotocol, "websocket", 403, "foreign_origin"},
		{"configured, longer host", strict, []string{"https://clinic.example.evil"}, Subprotocol, "websocket", 403, "foreign_origin"},
		{"configured, not the server's host", strict, []string{strict.http.URL}, Subprotocol, "websocket", 403, "foreign_origin"},
		{"other subprotocol", h, nil, "chat", "websocket", 400, "subprotocol_required"},
		{"among others", h, nil, "chat, " + Subprotocol, "websocket", 101, ""},
		{"plain GET", h, nil, Subprotocol, "", 426, "upgrade_required"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req, err := http.NewRequest(http.MethodGet, tt.h.http.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header["Origin"] = tt.origin
			req.Header.Set("Sec-WebSocket-Protocol", tt.proto)
			req.Header.Set("Sec-WebSocket-Version", "13")
			req.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
			if tt.upgrade != "" {
				req.Header.Set("Connection", "Upgrade")
				req.Header.Set("Upgrade", tt.upgrade)
			}
			resp, err := tt.h.http.Client().Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			if resp.StatusCode != tt.status {
				t.Fatalf("status %d, want %d", resp.StatusCode, tt.status)
			}
			if tt.code == "" {
				return
			}
			var p problem
			if err := json.NewDecoder(resp.Body).Decode(&p); err != nil || p.Code != tt.code || resp.Header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("answered %+v (%v)", p, err)
			}
		})
	}
}

func TestMalformedConfig(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"origin with path", func(c *Config) { c.Origins = []string{"https://a/b"} }, "origins"},
		{"origin without scheme", func(c *Config) { c.Origins = []string{"clinic.example"} }, "origins"},
		{"no heartbeat", func(c *Config) { c.Heartbeat = 0 }, "heartbeat"},
		{"tiny queue", func(c *Config) { c.QueueMessages = 10 }, "queue messages"},
		{"tiny queue bytes", func(c *Config) { c.QueueBytes = 10 }, "queue bytes"},
		{"no rate", func(c *Config) { c.Rate = 0 }, "rate"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := DefaultConfig()
			tt.change(&c)
			if err := c.Validate(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Validate = %v, want it to name %q", err, tt.want)
			}
		})
	}
	if err := DefaultConfig().Validate(); err != nil {
		t.Errorf("the defaults: %v", err)
	}
}
