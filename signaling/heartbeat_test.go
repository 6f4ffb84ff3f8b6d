package signaling

import (
	"testing"
	"time"
)

// TestHeartbeat: who answers pings stays, who is dead to them is dropped, and who speaks
// is not asked.
func TestHeartbeat(t *testing.T) {
	const beat = 200 * time.Millisecond
	h := newHarness(t, func(c *Config, _ *Deps) { c.Heartbeat = beat })
	alive := h.greet("alive")
	rawSocket(t, h) // answers nothing
	eventually(t, "both are there", func() bool { return h.server.Stats().Accepted == 2 })
	begun := time.Now()
	eventually(t, "the dead one is dropped", func() bool {
		h.server.mu.RLock()
		defer h.server.mu.RUnlock()
		return len(h.server.conns) == 1
	})
	if took := time.Since(begun); took < beat || took > h.server.cfg.HelloTimeout/2 {
		t.Errorf("dropped after %v", took)
	}
	time.Sleep(5 * beat)
	ask[*OK](alive, &Ping{})
}

// TestBeat: a client is asked when it has been silent for a heartbeat, once in each.
func TestBeat(t *testing.T) {
	s := &Server{cfg: DefaultConfig()}
	c := &conn{server: s, pulse: make(chan struct{}, 1)}
	at, every := time.Now(), s.cfg.Heartbeat
	c.hear(at)
	asked := func(after time.Duration) bool {
		c.beat(at.Add(after))
		select {
		case <-c.pulse:
			return true
		default:
			return false
		}
	}
	for _, step := range []struct {
		after time.Duration
		want  bool
	}{
		{every / 2, false}, {every, true}, {every + time.Second, false}, {2 * every, true},
	} {
		if got := asked(step.after); got != step.want {
			t.Errorf("after %v: asked %v", step.after, got)
		}
	}
	c.hear(at.Add(3 * every))
	if asked(3*every + time.Second) {
		t.Error("asked a client that had just spoken")
	}
}
