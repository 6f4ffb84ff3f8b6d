package signaling

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestSlowReaderIsClosed: a client that doesn't read while its room is busy is closed
// when its queue is full; memory stays bounded and the others get everything.
func TestSlowReaderIsClosed(t *testing.T) {
	h := newHarness(t, func(c *Config, _ *Deps) { c.WriteTimeout = time.Second })
	a := h.greet("a")
	a.join(h.roomGrant("a", "practitioner", "e", false))
	slow := rawSocket(t, h)
	slow.text(`{"id":1,"type":"hello","v":1,"grant":"` + h.live("slow") + `"}`)
	slow.text(`{"id":2,"type":"join","grant":"` + h.roomGrant("slow", "guest", "e", false) + `"}`)
	next[*ParticipantJoined](a, nil)
	text := strings.Repeat("x", 16<<10)
	sent := 0
	deadline := time.Now().Add(patience)
	for h.server.Stats().SlowReaders == 0 {
		if time.Now().After(deadline) {
			t.Fatalf("the slow reader stays, after %d messages: %+v", sent, h.server.Stats())
		}
		sent++
		h.server.PublishChat("e", Message{ID: time.Duration(sent).String(), Text: text})
		if sent%20 == 0 {
			ask[*OK](a, &Ping{}) // let the good client keep up
		}
	}
	h.server.mu.RLock()
	for c := range h.server.conns {
		c.out.mu.Lock()
		if len(c.out.queue) > h.server.cfg.QueueMessages || c.out.bytes > h.server.cfg.QueueBytes {
			t.Errorf("a queue holds %d messages, %d bytes", len(c.out.queue), c.out.bytes)
		}
		c.out.mu.Unlock()
	}
	for _, s := range h.server.sessions {
		s.mu.Lock()
		if len(s.ring.events) > h.server.cfg.RingEvents || s.ring.bytes > h.server.cfg.RingBytes {
			t.Errorf("a ring holds %d events, %d bytes", len(s.ring.events), s.ring.bytes)
		}
		s.mu.Unlock()
	}
	h.server.mu.RUnlock()
	next(a, func(e *ChatPosted) bool { return e.Message.ID == time.Duration(sent).String() })
	eventually(t, "its socket is gone", func() bool { return h.server.Stats().Connections == 1 })
}

// TestSlowReaderIsTold: one that wakes up finds the documented close code.
func TestSlowReaderIsTold(t *testing.T) {
	h := newHarness(t, func(c *Config, _ *Deps) {
		c.QueueMessages, c.RingEvents = 2, 1
	})
	c := h.greet("a", "t")
	for h.server.Stats().SlowReaders == 0 {
		h.server.Publish("t", "k", strings.Repeat("i", 1000), 1)
	}
	if code := c.closeCode(); code != CloseSlow {
		t.Errorf("closed with %d", code)
	}
}

func TestFlood(t *testing.T) {
	h := newHarness(t, func(c *Config, _ *Deps) { c.Rate, c.Burst = 1, 5 })
	good := h.greet("good")
	good.join(h.roomGrant("good", "practitioner", "e", false))
	good.forget()
	flood := h.greet("flood")
	for range maxStrikes + 20 {
		if flood.write(`{"id":7,"type":"ping"}`) != nil {
			break // closed already
		}
	}
	if code := flood.closeCode(); code != CloseFlood && code != -1 {
		t.Errorf("closed with %d", code)
	}
	flood.mu.Lock()
	if e, ok := flood.replies[7].(*Error); !ok || e.Code != CodeRate {
		t.Errorf("told %+v", flood.replies[7])
	}
	flood.mu.Unlock()
	if st := h.server.Stats(); st.Flooders != 1 || st.RateLimited < maxStrikes {
		t.Errorf("stats %+v", st)
	}
	good.quiet()
}

func TestOfferRate(t *testing.T) {
	h := newHarness(t, func(c *Config, _ *Deps) { c.OfferRate, c.OfferBurst = 1, 3 })
	c := h.greet("a")
	c.join(h.roomGrant("a", "guest", "e", false))
	refused := 0
	for range 10 {
		if e, ok := c.roundTrip(&Offer{SDP: goodSDP}).(*Error); ok {
			if e.Code != CodeRate {
				t.Fatalf("told %+v", e)
			}
			refused++
		}
	}
	if refused < 6 {
		t.Errorf("%d of 10 offers were refused", refused)
	}
	ask[*OK](c, &Ping{})
}

func TestPingFlood(t *testing.T) {
	h := newHarness(t, nil)
	s := rawSocket(t, h)
	for range 2 * maxStrikes {
		if s.frame(0x9, nil) != nil {
			break
		}
	}
	eventually(t, "the flooder is closed", func() bool { return h.server.Stats().Flooders == 1 })
}

// TestPanicHurtsOnlyItself: a fault in one connection's handler ends that connection.
func TestPanicHurtsOnlyItself(t *testing.T) {
	h := newHarness(t, nil)
	good, bad := h.greet("good"), h.greet("bad")
	good.join(h.roomGrant("good", "practitioner", "e", false))
	bad.join(h.roomGrant("bad", "guest", "e", false))
	bad.send(&Offer{SDP: goodSDP + "a=panic\r\n"})
	if code := bad.closeCode(); code != 1011 {
		t.Errorf("closed with %d", code)
	}
	next[*ParticipantLeft](good, nil)
	ask[*OK](good, &PostChat{ClientID: "1", Text: "still here"})
	if st := h.server.Stats(); st.Panics != 1 || st.Members != 1 {
		t.Errorf("stats %+v", st)
	}
}

// TestPanicInAJoin leaves no lock behind.
func TestPanicInAJoin(t *testing.T) {
	h := newHarness(t, nil)
	bad := h.greet("bad")
	bad.send(&Join{Grant: h.roomGrant("bad", "guest", "e", false), SDP: goodSDP + "a=panic\r\n"})
	if code := bad.closeCode(); code != 1011 {
		t.Errorf("closed with %d", code)
	}
	good := h.greet("good")
	good.join(h.roomGrant("good", "practitioner", "e", false))
	ask[*OK](good, &PostChat{ClientID: "1", Text: "works"})
}

func TestSocketsWithoutAHelloAreBounded(t *testing.T) {
	h := newHarness(t, func(c *Config, _ *Deps) { c.MaxPending = 3 })
	good := h.greet("good")
	for range 3 {
		rawSocket(t, h)
	}
	resp, err := h.http.Client().Do(upgradeRequest(t, h))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("status %d", resp.StatusCode)
	}
	ask[*OK](good, &Ping{})
}

func TestObserverPanicIsContained(t *testing.T) {
	n := newNotifier(&fakeObserver{}, slog.New(slog.DiscardHandler))
	var order []int
	n.add(func(Observer) { order = append(order, 1) })
	n.add(func(Observer) { panic("observer") })
	n.add(func(Observer) { order = append(order, 2) })
	n.close()
	if len(order) != 2 || order[1] != 2 {
		t.Errorf("told %v", order)
	}
}

func TestShutdown(t *testing.T) {
	h := newHarness(t, nil)
	a, b := h.greet("a"), h.greet("b")
	a.join(h.roomGrant("a", "practitioner", "e", false))
	silent := rawSocket(t, h) // never answers the close handshake
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_ = h.server.Shutdown(ctx)
	if d := time.Since(begin); d > 3*time.Second {
		t.Errorf("Shutdown took %v", d)
	}
	for _, c := range []*client{a, b} {
		if code := c.closeCode(); code != 1001 {
			t.Errorf("closed with %d", code)
		}
		c.mu.Lock()
		last, ok := c.all[len(c.all)-1].(*GoingAway)
		c.mu.Unlock()
		if !ok || last.ReconnectAfterMs < 500 || last.ReconnectAfterMs > 3000 {
			t.Errorf("last event %+v", last)
		}
	}
	if _, err := io.ReadAll(silent.conn); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Errorf("the silent socket is still open: %v", err)
	}
	resp, err := h.http.Client().Do(upgradeRequest(t, h))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("status %d after it", resp.StatusCode)
	}
	if err := h.server.Shutdown(context.Background()); err != nil {
		t.Errorf("a second Shutdown: %v", err)
	}
}

// TestNoLeaks opens and loses many sessions; goroutines and records come back to where
// they were.
func TestNoLeaks(t *testing.T) {
	h := newHarness(t, func(c *Config, _ *Deps) {
		c.ResumeWindow, c.GoneWindow = 10*time.Millisecond, 10*time.Millisecond
	})
	before := runtime.NumGoroutine()
	for range 5 {
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				s := rawSocket(t, h)
				s.text(`{"id":1,"type":"hello","v":1,"grant":"` + h.live("a", "t") + `"}`)
				s.text(`{"id":2,"type":"join","grant":"` + h.roomGrant("a", "guest", "e", false) + `"}`)
				_ = s.conn.Close()
			})
		}
		wait.Wait()
	}
	eventually(t, "all is forgotten", func() bool {
		st := h.server.Stats()
		return st.Connections+st.Sessions+st.Rooms+st.Members == 0
	})
	eventually(t, "the goroutines have ended", func() bool { return runtime.NumGoroutine() <= before+5 })
	h.server.mu.RLock()
	defer h.server.mu.RUnlock()
	if len(h.server.topics) != 0 {
		t.Errorf("topics %v", h.server.topics)
	}
}

// raw is a WebSocket without a client's manners: it reads nothing.
type raw struct {
	t    *testing.T
	conn net.Conn
}

func upgradeRequest(t *testing.T, h *harness) *http.Request {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, h.http.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Connection", "Upgrade")
	req.Header.Set("Upgrade", "websocket")
	req.Header.Set("Sec-WebSocket-Protocol", Subprotocol)
	req.Header.Set("Sec-WebSocket-Version", "13")
	req.Header.Set("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")
	return req
}

func rawSocket(t *testing.T, h *harness) *raw {
	t.Helper()
	conn, err := net.Dial("tcp", h.http.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(4096)
	}
	if err := upgradeRequest(t, h).Write(conn); err != nil {
		t.Fatal(err)
	}
	var head strings.Builder
	for !strings.HasSuffix(head.String(), "\r\n\r\n") {
		var b [1]byte
		if _, err := conn.Read(b[:]); err != nil {
			t.Fatal(err)
		}
		head.WriteByte(b[0])
	}
	return &raw{t: t, conn: conn}
}

// frame writes one masked frame (the mask is zero, which is a mask too).
func (r *raw) frame(op byte, payload []byte) error {
	b := []byte{0x80 | op}
	if len(payload) < 126 {
		b = append(b, 0x80|byte(len(payload)))
	} else {
		b = append(b, 0x80|126, byte(len(payload)>>8), byte(len(payload)))
	}
	b = append(b, 0, 0, 0, 0)
	_, err := r.conn.Write(append(b, payload...))
	return err
}

func (r *raw) text(s string) {
	if err := r.frame(0x1, []byte(s)); err != nil {
		r.t.Errorf("write: %v", err)
	}
}
