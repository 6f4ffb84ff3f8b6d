package signaling

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"
)

const (
	maxHellos  = 3   // tries to say a valid hello
	maxStrikes = 100 // refused messages beyond the rate, then the socket goes
	pingRate   = 2   // pings a client may send per second, with pingBurst at once
	pingBurst  = 20
)

// conn is one WebSocket. The request's goroutine reads, a second one writes; each
// request is handled by the reader, so a client's requests take effect in order.
type conn struct {
	// Static.
	server *Server
	ws     *websocket.Conn
	out    *outbox
	ctx    context.Context
	cancel context.CancelFunc

	greeted atomic.Bool   // changed under server.mu
	heard   atomic.Int64  // when the client last sent anything, in Unix nanoseconds
	pulse   chan struct{} // asks the writer to ping; holds one
	pulsed  time.Time     // when it was last asked; owned by the server's sweep

	// Owned by the reader.
	session  *session
	hellos   int
	strikes  int
	messages bucket
	offers   bucket
	pings    bucket
}

// ServeHTTP upgrades the request to a WebSocket and serves it until it ends.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if p := s.precheck(r); p != nil {
		s.counters.refused.Add(1)
		p.write(w)
		return
	}
	now := time.Now()
	c := &conn{
		server:   s,
		pulse:    make(chan struct{}, 1),
		out:      newOutbox(s.cfg.QueueMessages, s.cfg.QueueBytes),
		messages: newBucket(s.cfg.Rate, s.cfg.Burst, now),
		offers:   newBucket(s.cfg.OfferRate, s.cfg.OfferBurst, now),
		pings:    newBucket(pingRate, pingBurst, now),
	}
	c.hear(now)
	c.ctx, c.cancel = context.WithCancel(s.ctx)
	defer c.cancel()
	// Counted before the upgrade, so that Shutdown waits for this one too.
	if p := s.enlist(c); p != nil {
		s.counters.refused.Add(1)
		p.write(w)
		return
	}
	defer s.delist(c)
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{
		Subprotocols:       []string{Subprotocol},
		InsecureSkipVerify: true, // precheck has held the Origin to the configuration
		CompressionMode:    websocket.CompressionDisabled,
		OnPingReceived:     func(context.Context, []byte) bool { return c.pong() },
		OnPongReceived:     func(context.Context, []byte) { c.hear(time.Now()) },
	})
	if err != nil {
		s.counters.refused.Add(1)
		return
	}
	s.counters.accepted.Add(1)
	ws.SetReadLimit(int64(s.cfg.MaxMessage))
	c.ws = ws
	defer func() { _ = ws.CloseNow() }()
	var writer sync.WaitGroup
	writer.Go(func() {
		defer c.cancel()
		s.guarded("writer", c.write)
	})
	window := c.read()
	if c.session != nil {
		if window == 0 && c.session.owns(c) {
			s.endSession(c.session, "", closeNormal, "bye")
		} else {
			c.session.detach(c, time.Now(), window)
		}
	}
	// The writer may still owe the client a close frame.
	if !c.out.closes() {
		c.cancel()
	}
	writer.Wait()
}

// read handles messages until the socket ends and returns how long its session may
// wait to be resumed: 0 when the client said that it is done.
func (c *conn) read() time.Duration {
	cfg := c.server.cfg
	for {
		kind, data, err := c.ws.Read(c.ctx)
		if err != nil {
			switch websocket.CloseStatus(err) {
			case websocket.StatusNormalClosure:
				if c.out.closes() {
					break // it only echoes our own
				}
				return 0
			case websocket.StatusGoingAway:
				return cfg.GoneWindow
			}
			if errors.Is(err, websocket.ErrMessageTooBig) {
				c.server.counters.errors.Add(1)
			}
			return cfg.ResumeWindow
		}
		if c.out.closes() {
			continue // we are closing; what still comes in doesn't count
		}
		c.hear(time.Now())
		if kind != websocket.MessageText {
			c.out.shut(int(websocket.StatusUnsupportedData), "messages are JSON text", false)
			continue
		}
		c.server.counters.messages.Add(1)
		if c.server.guarded("handler", func() { c.handle(data) }) {
			continue
		}
		// A fault of ours: this client starts afresh, the others don't notice.
		c.out.shut(closeInternal, "internal error", true)
		if c.session != nil {
			c.server.endSession(c.session, "", closeInternal, "internal error")
		}
	}
}

// write sends what is queued, pings, and closes the socket when it is asked to.
func (c *conn) write() {
	cfg := c.server.cfg
	var pings sync.WaitGroup
	defer pings.Wait()
	defer c.cancel()
	hello := time.NewTimer(cfg.HelloTimeout)
	defer hello.Stop()
	for {
		select {
		case <-c.ctx.Done():
			return
		case <-hello.C:
			if !c.greeted.Load() {
				c.out.shut(CloseHello, "no hello in time", true)
			}
		case <-c.pulse:
			pings.Go(func() { c.server.guarded("ping", c.ping) })
		case <-c.out.wake:
			if !c.flush() {
				return
			}
			if c.greeted.Load() {
				hello.Stop() // it would wake this goroutine for nothing
			}
		}
	}
}

// flush writes the queue; false when the socket is done.
func (c *conn) flush() bool {
	queue, end := c.out.take()
	for _, b := range queue {
		ctx, cancel := context.WithTimeout(c.ctx, c.server.cfg.WriteTimeout)
		err := c.ws.Write(ctx, websocket.MessageText, b)
		// The deadline closes the socket, so the write's own error may be another.
		late := errors.Is(ctx.Err(), context.DeadlineExceeded)
		cancel()
		if err != nil {
			if late {
				c.slow()
			}
			return false
		}
	}
	if end == nil {
		return true
	}
	_ = c.ws.Close(websocket.StatusCode(end.code), end.reason)
	return false
}

// hear notes a sign of life.
func (c *conn) hear(now time.Time) { c.heard.Store(now.UnixNano()) }

// beat has a client pinged that has been silent for a heartbeat. The server's sweep calls
// it, so that one wake-up does for all whose time has come.
func (c *conn) beat(now time.Time) {
	every := c.server.cfg.Heartbeat
	if now.Sub(time.Unix(0, c.heard.Load())) < every || now.Sub(c.pulsed) < every {
		return
	}
	c.pulsed = now
	select {
	case c.pulse <- struct{}{}:
	default:
	}
}

// ping drops the socket when no pong comes.
func (c *conn) ping() {
	ctx, cancel := context.WithTimeout(c.ctx, c.server.cfg.Heartbeat)
	defer cancel()
	if err := c.ws.Ping(ctx); err != nil {
		c.cancel()
	}
}

// pong reports whether to answer a client's ping. It is called by the reader.
func (c *conn) pong() bool {
	now := time.Now()
	c.hear(now)
	if c.pings.take(now) {
		return true
	}
	c.strike()
	return false
}

// strike counts a message beyond the rate; too many end the socket.
func (c *conn) strike() {
	c.server.counters.limited.Add(1)
	c.strikes++
	if c.strikes > maxStrikes && c.out.shut(CloseFlood, "too many messages", false) {
		c.server.counters.flooders.Add(1)
	}
}

// send queues a message; a socket that lets its queue fill up is closed.
func (c *conn) send(b []byte) {
	if !c.out.push(b) {
		c.slow()
	}
}

// hint queues a message that may be lost.
func (c *conn) hint(b []byte) {
	if !c.out.pushLossy(b) {
		c.server.counters.hints.Add(1)
	}
}

func (c *conn) slow() {
	if c.out.shut(CloseSlow, "read too slowly", true) {
		c.server.counters.slow.Add(1)
	}
}
