package sfu

import (
	"errors"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
)

// join brings a client with microphone and camera into a room and starts both.
func join(t *testing.T, s *SFU, o clientOptions, rids ...string) *client {
	t.Helper()
	if o.audio+o.video == 0 {
		o.audio, o.video = 2, 3
	}
	c := newClient(t, s, "room", o)
	mic, cam := c.publish(SourceMicrophone), c.publish(SourceCamera, rids...)
	c.offer(nil)
	c.feed(mic[0], 60)
	for i, tr := range cam {
		c.feed(tr, 100<<i)
	}
	return c
}

func (c *client) state() string {
	c.events.mu.Lock()
	defer c.events.mu.Unlock()
	if len(c.events.media) == 0 {
		return ""
	}
	return c.events.media[len(c.events.media)-1]
}

// flows reports that packets go on coming after now.
func (c *client) flows(identity string, source Source) func() bool {
	from := -1
	return func() bool {
		mid := c.slotOf(identity, source)
		if mid == "" {
			return false
		}
		n := c.on(mid).count()
		if from < 0 {
			from = n
		}
		return n > from+15
	}
}

func TestThreePeople(t *testing.T) {
	s := server(t)
	names := []string{"doctor", "patient", "interpreter"}
	var all []*client
	for _, n := range names {
		all = append(all, join(t, s, clientOptions{identity: n}))
	}
	for i, c := range all {
		for j, from := range names {
			if i == j {
				continue
			}
			until(t, names[i]+" hears "+from, c.hears(from, SourceMicrophone))
			until(t, names[i]+" sees "+from, c.hears(from, SourceCamera))
			// Voice and picture of one person are on slots of one pair.
			r := c.on(c.slotOf(from, SourceCamera)).copy()
			if r.gaps > 0 || r.backward > 0 || r.keys == 0 {
				t.Errorf("%s sees %s with %d gaps, %d steps back, %d key frames", names[i], from, r.gaps, r.backward, r.keys)
			}
		}
	}
	all[1].p.Close()
	until(t, "the others learn it", func() bool {
		return all[0].slotOf("patient", SourceCamera) == "" && all[0].slotOf("interpreter", SourceCamera) != ""
	})
	if st := s.Stats(); st.Participants != 2 || st.DroppedForged+st.DroppedMalformed+st.Panics != 0 {
		t.Errorf("%+v", st)
	}
}

func TestLobby(t *testing.T) {
	s := server(t)
	doctor := join(t, s, clientOptions{identity: "doctor"})
	patient := join(t, s, clientOptions{identity: "patient", lobby: true})
	until(t, "patient connects", func() bool { return patient.state() == MediaConnected })
	until(t, "the server drops the patient's media", func() bool { return s.Stats().DroppedMuted > 50 })
	patient.events.mu.Lock()
	if len(patient.events.tracks) > 0 {
		t.Error("the patient learned of tracks in the lobby")
	}
	patient.events.mu.Unlock()
	if n := s.Stats().Forwarded; n != 0 {
		t.Fatalf("%d packets were forwarded to or from the lobby", n)
	}
	start := time.Now()
	patient.p.Admit()
	until(t, "doctor sees patient", func() bool { return doctor.on(doctor.slotOf("patient", SourceCamera)).copy().keys > 0 })
	until(t, "patient sees doctor", func() bool { return patient.on(patient.slotOf("doctor", SourceCamera)).copy().keys > 0 })
	t.Logf("both see each other %v after the admission", time.Since(start))
}

func TestMute(t *testing.T) {
	s := server(t)
	a := join(t, s, clientOptions{identity: "a"})
	b := join(t, s, clientOptions{identity: "b"})
	until(t, "b sees a", b.hears("a", SourceCamera))
	if err := a.p.SetMuted(SourceCamera, true); err != nil {
		t.Fatal(err)
	}
	if err := a.p.SetMuted(SourceScreen, true); !errors.Is(err, ErrUnknownSource) {
		t.Errorf("muting what is not published: %v", err)
	}
	dropped := s.Stats().DroppedMuted
	until(t, "packets are dropped", func() bool { return s.Stats().DroppedMuted > dropped+20 })
	rec := b.on(b.slotOf("a", SourceCamera))
	before := rec.copy()
	until(t, "more are dropped", func() bool { return s.Stats().DroppedMuted > dropped+60 })
	if n := rec.count(); n != before.packets {
		t.Errorf("%d packets of a muted camera were forwarded", n-before.packets)
	}
	until(t, "sound goes on", b.flows("a", SourceMicrophone))
	if err := a.p.SetMuted(SourceCamera, false); err != nil {
		t.Fatal(err)
	}
	until(t, "picture comes back", func() bool { r := rec.copy(); return r.keys > before.keys && r.packets > before.packets+20 })
	if r := rec.copy(); r.gaps > 0 || r.backward > 0 {
		t.Errorf("%d gaps, %d steps back after the pause", r.gaps, r.backward)
	}
}

func TestTakeover(t *testing.T) {
	s := server(t)
	a := join(t, s, clientOptions{identity: "a"})
	b1 := join(t, s, clientOptions{identity: "b"})
	until(t, "a sees b", a.hears("b", SourceCamera))
	b2 := join(t, s, clientOptions{identity: "b"})
	until(t, "the first is told", func() bool {
		b1.events.mu.Lock()
		defer b1.events.mu.Unlock()
		return b1.events.removed == RemovedReplaced
	})
	until(t, "a sees the second", a.flows("b", SourceCamera))
	until(t, "the second sees a", b2.hears("a", SourceCamera))
	if n := s.Stats().Participants; n != 2 {
		t.Errorf("%d participants", n)
	}
	if _, err := b1.p.Offer("v=0", nil); err == nil {
		t.Error("the replaced participant can still offer")
	}
}

func TestLateJoinerGetsKeyframe(t *testing.T) {
	s := server(t)
	join(t, s, clientOptions{identity: "a"})
	b := join(t, s, clientOptions{identity: "b"})
	until(t, "b sees a", b.hears("a", SourceCamera))
	c := join(t, s, clientOptions{identity: "c"})
	until(t, "c sees a", func() bool { return c.on(c.slotOf("a", SourceCamera)).count() > 0 })
	if r := c.on(c.slotOf("a", SourceCamera)).copy(); r.keys == 0 {
		t.Error("the first packets were not of a key frame")
	}
}

func TestSimulcast(t *testing.T) {
	s := server(t)
	a := join(t, s, clientOptions{identity: "a"}, "q", "h", "f")
	b := join(t, s, clientOptions{identity: "b"})
	layer := func(rid string) func() bool {
		return func() bool {
			r := b.on(b.slotOf("a", SourceCamera))
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.rid == rid
		}
	}
	until(t, "the best layer", layer("f"))
	view := func(h int, visible bool) {
		b.events.mu.Lock()
		defer b.events.mu.Unlock()
		for id, i := range b.events.tracks {
			if i.Source == SourceCamera {
				b.p.SetView(id, h, visible)
			}
		}
	}
	view(90, true)
	until(t, "the smallest layer for a small view", layer("q"))
	until(t, "the publisher learns what is not wanted", func() bool {
		a.events.mu.Lock()
		defer a.events.mu.Unlock()
		return len(a.events.layers) == 1 && len(a.events.layers[0].Rids) == 1 && a.events.layers[0].Rids[0] == "q"
	})
	view(0, true)
	until(t, "the best again", layer("f"))
	view(0, false)
	rec := b.on(b.slotOf("a", SourceCamera))
	until(t, "a hidden picture stops", func() bool {
		n := rec.count()
		time.Sleep(100 * time.Millisecond)
		return rec.count() == n
	})
	view(0, true)
	until(t, "and comes back", b.flows("a", SourceCamera))
	if r := rec.copy(); r.gaps > 0 || r.backward > 0 {
		t.Errorf("%d gaps, %d steps back over the changes", r.gaps, r.backward)
	}
}

func TestMoreSlots(t *testing.T) {
	s := server(t)
	b := join(t, s, clientOptions{identity: "b", audio: 1, video: 1})
	join(t, s, clientOptions{identity: "a"})
	until(t, "b sees a", b.hears("a", SourceCamera))
	c := join(t, s, clientOptions{identity: "c"})
	until(t, "b is asked for slots", func() bool {
		b.events.mu.Lock()
		defer b.events.mu.Unlock()
		return len(b.events.needs) > 0 && b.events.needs[len(b.events.needs)-1] == [2]int{1, 1}
	})
	before := b.slotOf("a", SourceCamera)
	b.addSlots(1, 1)
	b.offer(nil)
	until(t, "b sees c", b.hears("c", SourceCamera))
	until(t, "b hears c", b.hears("c", SourceMicrophone))
	until(t, "a's picture goes on", b.flows("a", SourceCamera))
	if after := b.slotOf("a", SourceCamera); after != before {
		t.Errorf("a moved from slot %s to %s", before, after)
	}
	// A screen is one more section of c's.
	screen := c.publish(SourceScreen)
	c.offer(nil)
	c.feed(screen[0], 900)
	b.addSlots(0, 1)
	b.offer(nil)
	until(t, "b sees the screen", b.hears("c", SourceScreen))
}

func TestIceRestart(t *testing.T) {
	s := server(t)
	a := join(t, s, clientOptions{identity: "a"})
	b := join(t, s, clientOptions{identity: "b"})
	until(t, "b sees a", b.hears("a", SourceCamera))
	a.offer(&webrtc.OfferOptions{ICERestart: true})
	until(t, "b goes on seeing a", b.flows("a", SourceCamera))
	until(t, "a goes on seeing b", a.flows("b", SourceCamera))
	until(t, "only the new credentials are left", func() bool {
		s.ufragMu.RLock()
		defer s.ufragMu.RUnlock()
		return len(s.ufrags) == 2
	})
	// Pion drops what it should send while its own restart is under way.
	t.Logf("the restarting client lost %d packets", b.on(b.slotOf("a", SourceCamera)).copy().gaps)
	a.events.mu.Lock()
	defer a.events.mu.Unlock()
	if len(a.events.media) != 1 {
		t.Errorf("media states told: %v", a.events.media)
	}
}

func TestNewConnectionOfTheSameParticipant(t *testing.T) {
	s := server(t)
	a := join(t, s, clientOptions{identity: "a"})
	b := join(t, s, clientOptions{identity: "b"})
	until(t, "b sees a", b.hears("a", SourceCamera))
	// A page that lost its connection for good makes a new one in its place.
	again := newClient(t, s, "elsewhere", clientOptions{identity: "x", audio: 2, video: 3})
	again.p, again.events = a.p, a.events
	_ = a.pc.Close()
	mic, cam := again.publish(SourceMicrophone), again.publish(SourceCamera)
	again.offer(nil)
	again.feed(mic[0], 60)
	again.feed(cam[0], 500)
	until(t, "b sees the new one", b.flows("a", SourceCamera))
	until(t, "it sees b", again.hears("b", SourceCamera))
}

func TestDisconnect(t *testing.T) {
	s := server(t, func(c *Config) { c.DisconnectAfter = time.Second; c.ConsentTimeout = 5 * time.Second })
	a := join(t, s, clientOptions{identity: "a"})
	until(t, "connected", func() bool { return a.state() == MediaConnected })
	time.Sleep(1500 * time.Millisecond)
	if a.state() != MediaConnected {
		t.Errorf("a live client is %s", a.state())
	}
	_ = a.pc.Close()
	start := time.Now()
	until(t, "disconnected", func() bool { return a.state() == MediaDisconnected })
	t.Logf("disconnected after %v", time.Since(start))
	until(t, "failed", func() bool { return a.state() == MediaFailed })
}
