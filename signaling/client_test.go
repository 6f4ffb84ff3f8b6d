package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"consilium/internal/grant"

	"github.com/coder/websocket"
)

// patience bounds every wait of a test; nothing takes near as long.
const patience = 20 * time.Second

// harness is a server with fakes around it.
type harness struct {
	t        *testing.T
	server   *Server
	media    *fakeMedia
	chat     *fakeChat
	observer *fakeObserver
	grants   *grant.Keeper
	http     *httptest.Server
}

func newHarness(t *testing.T, change func(*Config, *Deps)) *harness {
	t.Helper()
	grants, err := grant.NewKeeper(nil)
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{t: t, media: newFakeMedia(), chat: newFakeChat(), observer: &fakeObserver{}, grants: grants}
	cfg := DefaultConfig()
	cfg.Rate, cfg.Burst, cfg.OfferRate, cfg.OfferBurst = 1e4, 1e4, 1e4, 1e4
	deps := Deps{Media: h.media, Grants: grants, Chat: h.chat, Observer: h.observer}
	if change != nil {
		change(&cfg, &deps)
	}
	h.server, err = New(cfg, deps, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	h.http = httptest.NewServer(h.server)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		// Clients that a test left open don't answer the close handshake; cutting them
		// is fine here.
		_ = h.server.Shutdown(ctx)
		h.http.Close()
	})
	return h
}

// sign returns a grant for somebody of the test's clinic.
func (h *harness) sign(g grant.Grant) string {
	h.t.Helper()
	g.Clinic = "clinic"
	if g.Session == "" {
		g.Session = "login-" + g.Subject
	}
	if g.Role == "" {
		g.Role = "patient"
	}
	if g.Name == "" {
		g.Name = "Name of " + g.Subject
	}
	token, err := h.grants.Sign(g)
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

func (h *harness) live(subject string, topics ...string) string {
	return h.sign(grant.Grant{Kind: grant.Live, Subject: subject, Topics: topics})
}

func (h *harness) roomGrant(subject, role, room string, lobby bool) string {
	return h.sign(grant.Grant{Kind: grant.Room, Subject: subject, Role: role, Room: room, Lobby: lobby, Publish: true})
}

// client speaks the protocol as docs/protocol.md tells a stranger to.
type client struct {
	t       *testing.T
	h       *harness
	ws      *websocket.Conn
	session string
	secret  string
	nextID  uint64

	mu      sync.Mutex // guards the following fields
	changed chan struct{}
	replies map[uint64]any
	loose   []*Error // errors without an id
	events  []any    // not yet looked at
	all     []any
	seq     uint64
	ended   error
}

// dial opens a socket without a hello.
func (h *harness) dial() *client {
	h.t.Helper()
	c := &client{t: h.t, h: h, changed: make(chan struct{}), replies: make(map[uint64]any)}
	c.connect()
	return c
}

func (c *client) connect() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ws, resp, err := websocket.Dial(ctx, c.h.http.URL, &websocket.DialOptions{
		Subprotocols: []string{Subprotocol}, HTTPHeader: http.Header{"Origin": {c.h.http.URL}},
	})
	if err != nil {
		c.t.Fatalf("dial: %v (%v)", err, resp)
	}
	ws.SetReadLimit(4 << 20)
	c.mu.Lock()
	c.ws, c.ended = ws, nil
	c.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.read(ws)
	}()
	c.t.Cleanup(func() {
		_ = ws.CloseNow()
		<-done
	})
}

// greet opens a socket and a session for somebody.
func (h *harness) greet(subject string, topics ...string) *client {
	h.t.Helper()
	c := h.dial()
	c.hello(h.live(subject, topics...))
	return c
}

func (c *client) hello(token string) {
	c.t.Helper()
	w := ask[*Welcome](c, &Hello{V: Version, Grant: token})
	c.session, c.secret = w.Session, w.Secret
	c.mu.Lock()
	c.seq = w.Seq
	c.mu.Unlock()
}

// resume opens a new socket for the same session.
func (c *client) resume() *Welcome {
	c.t.Helper()
	c.connect()
	c.mu.Lock()
	from := &ResumeFrom{Session: c.session, Secret: c.secret, Seq: c.seq}
	c.mu.Unlock()
	return ask[*Welcome](c, &Hello{V: Version, Resume: from})
}

func (c *client) read(ws *websocket.Conn) {
	for {
		_, data, err := ws.Read(context.Background())
		c.mu.Lock()
		if c.ws != ws {
			c.mu.Unlock()
			return
		}
		if err == nil {
			err = c.takeLocked(data)
		}
		if err != nil {
			c.ended = err
		}
		close(c.changed)
		c.changed = make(chan struct{})
		c.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (c *client) takeLocked(data []byte) error {
	m, err := DecodeServer(data)
	if err != nil {
		return err
	}
	if e, ok := m.(*Error); ok && e.ID == 0 {
		c.loose = append(c.loose, e)
		return nil
	}
	if id := reflect.ValueOf(m).Elem().FieldByName("ID"); id.IsValid() && id.CanUint() {
		c.replies[id.Uint()] = m
		return nil
	}
	if seq := reflect.ValueOf(m).Elem().FieldByName("Seq").Uint(); seq != 0 {
		if seq != c.seq+1 {
			return fmt.Errorf("event %d follows event %d: %s", seq, c.seq, data)
		}
		c.seq = seq
	}
	c.events = append(c.events, m)
	c.all = append(c.all, m)
	return nil
}

// await waits until f, called with the client locked, reports true.
func (c *client) await(what string, f func() bool) {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		c.mu.Lock()
		ok, ended, changed := f(), c.ended, c.changed
		c.mu.Unlock()
		if ok {
			return
		}
		if ended != nil {
			c.t.Fatalf("waiting for %s: the socket ended: %v", what, ended)
		}
		select {
		case <-changed:
		case <-deadline:
			c.t.Fatalf("waited in vain for %s", what)
		}
	}
}

// write sends raw text.
func (c *client) write(text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return c.ws.Write(ctx, websocket.MessageText, []byte(text))
}

// send sends a request under a new id, with its type filled in.
func (c *client) send(m Request) uint64 {
	c.t.Helper()
	c.nextID++
	h := m.head()
	h.ID, h.Type = c.nextID, typeOf(m)
	data, err := json.Marshal(m)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.write(string(data)); err != nil {
		c.t.Fatalf("send %s: %v", h.Type, err)
	}
	return c.nextID
}

func typeOf(m Request) string {
	for _, kind := range requestTypes {
		if reflect.TypeOf(request(kind)) == reflect.TypeOf(m) {
			return kind
		}
	}
	return ""
}

// roundTrip sends a request and returns its reply.
func (c *client) roundTrip(m Request) any {
	c.t.Helper()
	id := c.send(m)
	var reply any
	c.await(fmt.Sprintf("reply to %T", m), func() bool {
		reply = c.replies[id]
		return reply != nil
	})
	return reply
}

// ask sends a request whose reply must be an R.
func ask[R any](c *client, m Request) R {
	c.t.Helper()
	reply := c.roundTrip(m)
	r, ok := reply.(R)
	if !ok {
		c.t.Fatalf("reply to %T is %T %+v", m, reply, reply)
	}
	return r
}

// next returns the next event that is an E and meets the condition, which may be nil.
// Others stay for a later look: the media server's events come when they come.
func next[E any](c *client, cond func(E) bool) E {
	c.t.Helper()
	var found E
	c.await(fmt.Sprintf("%T", found), func() bool {
		for i, e := range c.events {
			if m, ok := e.(E); ok && (cond == nil || cond(m)) {
				found = m
				c.events = slices.Delete(c.events, i, i+1)
				return true
			}
		}
		return false
	})
	return found
}

// closeCode waits for the socket's end and returns its close code, -1 for none.
func (c *client) closeCode() int {
	c.t.Helper()
	var ended error
	deadline := time.After(patience)
	for {
		c.mu.Lock()
		changed := c.changed
		ended = c.ended
		c.mu.Unlock()
		if ended != nil {
			break
		}
		select {
		case <-changed:
		case <-deadline:
			c.t.Fatal("the socket doesn't end")
		}
	}
	var ce websocket.CloseError
	if errors.As(ended, &ce) {
		return int(ce.Code)
	}
	return -1
}

// cut ends the socket without a close frame, as a lost network does.
func (c *client) cut() {
	c.mu.Lock()
	ws := c.ws
	c.ws = nil // its reader falls silent
	c.mu.Unlock()
	_ = ws.CloseNow()
}

// quiet checks that no event has come that wasn't looked at. The ping makes sure that
// what was sent before its answer has arrived.
func (c *client) quiet() {
	c.t.Helper()
	ask[*OK](c, &Ping{})
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.events[:min(len(c.events), 5)] {
		c.t.Errorf("unexpected event %T %+v, of %d", e, e, len(c.events))
	}
}

// forget drops the events that were sent until now.
func (c *client) forget() {
	c.t.Helper()
	c.h.media.settle()
	ask[*OK](c, &Ping{})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = nil
}

const goodSDP = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=fingerprint:sha-256 00\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"

// join enters a room with a microphone and a camera.
func (c *client) join(token string) *Joined {
	c.t.Helper()
	return ask[*Joined](c, &Join{Grant: token, SDP: goodSDP, Tracks: []TrackMeta{
		{Mid: "0", Source: "microphone"}, {Mid: "1", Source: "camera"},
	}})
}

var requestTypes = []string{"hello", "join", "offer", "candidate", "mute", "view", "keyframe", "chat", "leave", "ping"}

// eventually polls until f reports true.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !f() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
		time.Sleep(2 * time.Millisecond)
	}
}
