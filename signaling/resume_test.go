package signaling

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"consilium/internal/grant"
)

// TestResumeLosesNothing cuts a member's socket again and again while chat and live
// events keep coming. The client checks each event's number itself.
func TestResumeLosesNothing(t *testing.T) {
	cycles := 300
	if testing.Short() {
		cycles = 30
	}
	h := newHarness(t, nil)
	doctor, patient := h.greet("doctor"), h.greet("patient", "topic")
	doctor.join(h.roomGrant("doctor", "practitioner", "e", false))
	patient.join(h.roomGrant("patient", "patient", "e", false))
	doctor.forget()

	rng := rand.New(rand.NewPCG(1, 2)) // the same run each time
	posted, published := 0, 0
	for i := range cycles {
		send := func(n int) {
			for range n {
				posted++
				h.server.PublishChat("e", Message{ID: fmt.Sprint(posted), Seq: uint64(posted), Text: "x"})
				if rng.IntN(2) == 0 {
					published++
					h.server.Publish("topic", "k", fmt.Sprint(published), 1)
				}
			}
		}
		send(rng.IntN(3))
		if rng.IntN(2) == 0 {
			ask[*OK](patient, &PostChat{ClientID: fmt.Sprint("c", i), Text: "own"})
		}
		if rng.IntN(4) > 0 {
			patient.cut()
		}
		send(rng.IntN(4))
		// Without the cut the new socket takes over from the living one.
		if w := patient.resume(); !w.Resumed || w.Session != patient.session {
			t.Fatalf("cycle %d: welcome %+v", i, w)
		}
		send(rng.IntN(2))
	}
	h.server.PublishChat("e", Message{ID: "last", Text: "x"})
	next(patient, func(e *ChatPosted) bool { return e.Message.ID == "last" })
	chats, lives, own := map[string]int{}, map[string]int{}, 0
	patient.mu.Lock()
	for _, e := range patient.all {
		switch e := e.(type) {
		case *ChatPosted:
			if e.Message.ClientID != "" {
				own++
			} else {
				chats[e.Message.ID]++
			}
		case *Live:
			lives[e.ID]++
		}
	}
	patient.mu.Unlock()
	if len(chats) != posted+1 || len(lives) != published || own != h.chat.count("e") {
		t.Errorf("%d of %d chat, %d of %d live, %d of %d own", len(chats), posted+1, len(lives), published, own, h.chat.count("e"))
	}
	for id, n := range chats {
		if n != 1 {
			t.Errorf("chat %s came %d times", id, n)
		}
	}
	for id, n := range lives {
		if n != 1 {
			t.Errorf("live %s came %d times", id, n)
		}
	}
	// The doctor saw nobody come or go, and the media server wasn't asked again.
	next(doctor, func(e *ChatPosted) bool { return e.Message.ID == "last" })
	doctor.mu.Lock()
	for _, e := range doctor.all {
		switch e.(type) {
		case *ParticipantLeft, *TrackRemoved:
			t.Errorf("the doctor saw %T", e)
		}
	}
	doctor.mu.Unlock()
	if st := h.server.Stats(); st.Resumed != uint64(cycles) || st.Sessions != 2 || st.Members != 2 {
		t.Errorf("stats %+v", st)
	}
	t.Logf("%d cycles, %d chat, %d live events: none lost, none doubled", cycles, posted, published)
}

func TestSupersededSocketIsClosed(t *testing.T) {
	h := newHarness(t, nil)
	a := h.greet("a")
	old := &client{t: t, h: h, changed: make(chan struct{}), replies: make(map[uint64]any)}
	old.connect()
	from := &ResumeFrom{Session: a.session, Secret: a.secret}
	ask[*Welcome](old, &Hello{V: 1, Resume: from})
	if code := a.closeCode(); code != CloseSuperseded {
		t.Errorf("closed with %d", code)
	}
	old.quiet()
}

func TestResumeRefused(t *testing.T) {
	h := newHarness(t, nil)
	a, b := h.greet("a", "t"), h.greet("b")
	for range h.server.cfg.RingEvents + 1 {
		h.server.Publish("t", "k", "i", 1)
	}
	a.forget()
	tests := []struct {
		name string
		from ResumeFrom
	}{
		{"unknown session", ResumeFrom{Session: "x", Secret: a.secret}},
		{"wrong secret", ResumeFrom{Session: a.session, Secret: b.secret, Seq: 5}},
		{"no secret", ResumeFrom{Session: a.session, Seq: 5}},
		{"events forgotten", ResumeFrom{Session: a.session, Secret: a.secret, Seq: 0}},
		{"seq from the future", ResumeFrom{Session: a.session, Secret: a.secret, Seq: 1 << 40}},
		{"largest seq", ResumeFrom{Session: a.session, Secret: a.secret, Seq: 1<<64 - 1}},
		{"long names", ResumeFrom{Session: strings.Repeat("s", 200), Secret: "x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := h.dial()
			if e := ask[*Error](c, &Hello{V: 1, Resume: &tt.from}); e.Code != CodeResume {
				t.Errorf("told %+v", e)
			}
			// The same socket may start afresh.
			c.hello(h.live("c"))
		})
	}
	a.quiet()
	c := h.dial()
	c.seq = 1
	w := ask[*Welcome](c, &Hello{V: 1, Resume: &ResumeFrom{Session: a.session, Secret: a.secret, Seq: 1}})
	if w.Seq != uint64(h.server.cfg.RingEvents)+1 {
		t.Errorf("welcome %+v", w)
	}
	next(c, func(e *Live) bool { return e.Seq == w.Seq })
}

func TestSessionEnds(t *testing.T) {
	window := 300 * time.Millisecond
	tests := []struct {
		name  string
		leave func(*client)
	}{
		{"socket lost and not resumed in time", (*client).cut},
		{"client closes normally", func(c *client) { _ = c.ws.Close(1000, "") }},
		{"page goes away", func(c *client) { _ = c.ws.Close(1001, "") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h := newHarness(t, func(c *Config, _ *Deps) { c.ResumeWindow, c.GoneWindow = window, window })
			doctor, patient := h.greet("doctor"), h.greet("patient")
			doctor.join(h.roomGrant("doctor", "practitioner", "e", false))
			patient.join(h.roomGrant("patient", "patient", "e", true))
			part := h.media.part("e", "patient")
			tt.leave(patient)
			next(doctor, func(e *ParticipantLeft) bool { return e.Identity == "patient" })
			eventually(t, "the session is forgotten", func() bool { return h.server.Stats().Sessions == 1 })
			h.media.mu.Lock()
			if part.closes != 1 {
				t.Errorf("the media participant was closed %d times", part.closes)
			}
			h.media.mu.Unlock()
			c := h.dial()
			e := ask[*Error](c, &Hello{V: 1, Resume: &ResumeFrom{Session: patient.session, Secret: patient.secret}})
			if e.Code != CodeResume {
				t.Errorf("told %+v", e)
			}
		})
	}
}

func TestEvictedStaysOut(t *testing.T) {
	h := newHarness(t, nil)
	doctor, guest := h.greet("doctor"), h.greet("guest")
	doctor.join(h.roomGrant("doctor", "practitioner", "e", false))
	spare := h.roomGrant("guest", "guest", "e", false)
	guest.join(h.roomGrant("guest", "guest", "e", false))
	h.server.Evict("e", "guest", ReasonKicked)
	if e := next[*Removed](guest, nil); e.Reason != ReasonKicked {
		t.Errorf("removed because %q", e.Reason)
	}
	next[*ParticipantLeft](doctor, nil)
	if h.media.part("e", "guest") != nil {
		t.Error("still in the media room")
	}
	if e := ask[*Error](guest, &Join{Grant: spare}); e.Code != CodeRevoked {
		t.Errorf("a grant from before the eviction: %+v", e)
	}
	// The clinic may change its mind.
	guest.join(h.roomGrant("guest", "guest", "e", false))
}

func TestClosedRoomStaysClosed(t *testing.T) {
	h := newHarness(t, nil)
	a := h.greet("a")
	spare := h.roomGrant("a", "guest", "e", false)
	h.server.CloseRoom("e", "finished")
	if e := ask[*Error](a, &Join{Grant: spare}); e.Code != CodeRoomClosed {
		t.Errorf("told %+v", e)
	}
}

func TestRevokeSession(t *testing.T) {
	h := newHarness(t, nil)
	doctor, a, b := h.greet("doctor"), h.greet("a", "t"), h.greet("a", "t")
	doctor.join(h.roomGrant("doctor", "practitioner", "e", false))
	a.join(h.roomGrant("a", "patient", "e", false))
	spare := h.live("a")
	h.server.RevokeSession("login-a")
	next[*ParticipantLeft](doctor, nil)
	if e := next[*Removed](a, nil); e.Reason != ReasonRevoked {
		t.Errorf("removed because %q", e.Reason)
	}
	for _, c := range []*client{a, b} {
		if code := c.closeCode(); code != CloseRevoked {
			t.Errorf("closed with %d", code)
		}
	}
	c := h.dial()
	if e := ask[*Error](c, &Hello{V: 1, Resume: &ResumeFrom{Session: b.session, Secret: b.secret}}); e.Code != CodeResume {
		t.Errorf("resume after it: %+v", e)
	}
	if e := ask[*Error](c, &Hello{V: 1, Grant: spare}); e.Code != CodeRevoked {
		t.Errorf("a grant from before: %+v", e)
	}
	if st := h.server.Stats(); st.Sessions != 1 || len(h.server.topics) != 0 {
		t.Errorf("left behind: %+v, topics %v", st, h.server.topics)
	}
	// A new login of the same person isn't touched by it.
	c.hello(h.sign(grant.Grant{Kind: grant.Live, Subject: "a", Session: "next login"}))
}

// TestKickedMeansOut races evictions, joins and losses of sockets: whoever was evicted
// last is neither in the room nor in the media room afterwards.
func TestKickedMeansOut(t *testing.T) {
	rounds := 100
	if testing.Short() {
		rounds = 10
	}
	h := newHarness(t, nil)
	c := h.greet("a")
	for range rounds {
		token := h.roomGrant("a", "guest", "e", false)
		var wait sync.WaitGroup
		id := c.send(&Join{Grant: token, SDP: goodSDP})
		wait.Go(func() { h.server.Evict("e", "a", ReasonKicked) })
		wait.Wait()
		c.await("a reply", func() bool { return c.replies[id] != nil })
		ask[*OK](c, &Ping{})
		if r := h.server.Roster("e"); len(r) != 0 {
			t.Fatalf("after the eviction the roster has %+v", r)
		}
		if h.media.part("e", "a") != nil {
			t.Fatal("after the eviction the media room has them")
		}
	}
	if st := h.server.Stats(); st.Rooms != 0 {
		t.Errorf("stats %+v", st)
	}
}
