package sfu

import (
	"testing"
	"time"
)

func TestTwoPeopleMeet(t *testing.T) {
	s := server(t)
	a := newClient(t, s, "r", clientOptions{identity: "alice", audio: 2, video: 3})
	b := newClient(t, s, "r", clientOptions{identity: "bob", audio: 2, video: 3})
	for _, c := range []*client{a, b} {
		mic, cam := c.publish(SourceMicrophone), c.publish(SourceCamera)
		start := time.Now()
		c.offer(nil)
		c.feed(mic[0], 60)
		c.feed(cam[0], 1000)
		until(t, "media connected", func() bool {
			c.events.mu.Lock()
			defer c.events.mu.Unlock()
			return len(c.events.media) > 0
		})
		t.Logf("connected after %v", time.Since(start))
	}
	for _, x := range []struct {
		c    *client
		from string
	}{{a, "bob"}, {b, "alice"}} {
		until(t, "audio", x.c.hears(x.from, SourceMicrophone))
		until(t, "video", x.c.hears(x.from, SourceCamera))
	}
	time.Sleep(500 * time.Millisecond)
	for _, x := range []struct {
		c    *client
		from string
	}{{a, "bob"}, {b, "alice"}} {
		for _, src := range []Source{SourceMicrophone, SourceCamera} {
			r := x.c.on(x.c.slotOf(x.from, src)).copy()
			t.Logf("%s: %d packets, %d gaps, %d keys, %d backwards", src, r.packets, r.gaps, r.keys, r.backward)
		}
	}
	t.Logf("%+v", s.Stats())
}
