package signaling

import (
	"slices"
	"strings"
	"testing"

	"consilium/internal/grant"
	"consilium/sfu"
)

func TestConsultation(t *testing.T) {
	h := newHarness(t, nil)
	doctor, patient, guest := h.greet("doctor"), h.greet("patient"), h.greet("guest")

	j := doctor.join(h.roomGrant("doctor", "practitioner", "e1", false))
	if j.Lobby || len(j.Participants) != 0 || j.SDP == "" || j.Self.Identity != "doctor" {
		t.Fatalf("doctor joined into %+v", j)
	}
	ask[*OK](doctor, &PostChat{ClientID: "a", Text: "before"})
	next[*ChatPosted](doctor, nil)
	g := guest.join(h.roomGrant("guest", "guest", "e1", false))
	if len(g.Participants) != 1 || len(g.Chat) != 1 {
		t.Fatalf("guest joined into %+v", g)
	}
	if p := next[*ParticipantJoined](doctor, nil); p.Participant.Identity != "guest" || p.Participant.Lobby {
		t.Fatalf("doctor was told %+v", p)
	}

	// The patient waits: staff know, the guest doesn't, the patient knows nothing.
	guest.forget()
	p := patient.join(h.roomGrant("patient", "patient", "e1", true))
	if !p.Lobby || len(p.Participants)+len(p.Tracks)+len(p.Slots)+len(p.Chat) != 0 || p.SDP == "" {
		t.Fatalf("the lobby shows %+v", p)
	}
	if e := next[*ParticipantJoined](doctor, nil); e.Participant.Identity != "patient" || !e.Participant.Lobby {
		t.Fatalf("doctor was told %+v", e)
	}
	if e := ask[*Error](patient, &PostChat{ClientID: "x", Text: "hello?"}); e.Code != CodeInLobby {
		t.Fatalf("chat from the lobby: %+v", e)
	}
	ask[*OK](doctor, &PostChat{ClientID: "b", Text: "not yet"})
	next[*ChatPosted](guest, nil)
	for _, e := range guest.all {
		if e, ok := e.(*ParticipantJoined); ok {
			t.Errorf("the guest was told of %+v", e)
		}
	}
	patient.quiet()

	if err := h.server.Admit("e1", "patient"); err != nil {
		t.Fatal(err)
	}
	a := next[*Admitted](patient, nil)
	if len(a.Participants) != 2 || len(a.Chat) != 2 {
		t.Fatalf("admitted to %+v", a)
	}
	if len(a.Slots) != 4 { // the media server may be slower than the admission
		next(patient, func(e *Slots) bool { return len(e.Slots) == 4 })
	}
	if e := next[*ParticipantChanged](doctor, nil); e.Participant.Lobby || e.Participant.Identity != "patient" {
		t.Fatalf("doctor was told %+v", e)
	}
	next(guest, func(e *ParticipantJoined) bool { return e.Participant.Identity == "patient" })
	track := next(guest, func(e *TrackAdded) bool {
		return e.Track.Participant == "patient" && e.Track.Source == "microphone"
	}).Track
	if err := h.server.Admit("e1", "patient"); err != nil {
		t.Errorf("admitting twice: %v", err)
	}

	ask[*OK](patient, &Mute{Source: "microphone", Muted: true})
	if e := next[*TrackChanged](guest, nil); !e.Track.Muted || e.Track.ID != track.ID {
		t.Fatalf("guest was told %+v", e)
	}
	ask[*OK](guest, &View{Track: track.ID, Height: 180, Visible: true})
	ask[*OK](guest, &Keyframe{Track: track.ID})
	if part := h.media.part("e1", "guest"); !slices.Equal(part.views, []string{track.ID + "/180/true"}) || len(part.keys) != 1 {
		t.Errorf("the media server was told %v %v", part.views, part.keys)
	}

	// Media trouble is told to the others and the observer.
	h.media.part("e1", "patient").event(func(e sfu.Events) { e.Media(sfu.MediaConnected) })
	next(doctor, func(e *ParticipantChanged) bool { return e.Participant.Media == "connected" })
	h.media.part("e1", "patient").event(func(e sfu.Events) { e.Media(sfu.MediaDisconnected) })
	next(patient, func(e *Media) bool { return e.State == "disconnected" })
	next(doctor, func(e *ParticipantChanged) bool { return e.Participant.Media == "disconnected" })
	h.media.part("e1", "patient").event(func(e sfu.Events) { e.Media(sfu.MediaConnected) })
	next(doctor, func(e *ParticipantChanged) bool { return e.Participant.Media == "connected" })

	ask[*OK](guest, &Leave{})
	next(doctor, func(e *ParticipantLeft) bool { return e.Identity == "guest" })
	if e := ask[*Error](guest, &PostChat{ClientID: "z", Text: "still here?"}); e.Code != CodeNotJoined {
		t.Errorf("chat after leaving: %+v", e)
	}

	h.server.CloseRoom("e1", "finished")
	for _, c := range []*client{doctor, patient} {
		if e := next[*RoomClosed](c, nil); e.Reason != "finished" {
			t.Errorf("closed because %q", e.Reason)
		}
	}
	if r := h.server.Roster("e1"); len(r) != 0 {
		t.Errorf("after the end the roster has %v", r)
	}
	want := []string{
		"joined e1 doctor practitioner false", "joined e1 guest guest false",
		"joined e1 patient patient true", "joined e1 patient patient false",
		"lost e1 patient", "back e1 patient", "left e1 guest",
	}
	eventually(t, "the observer has heard all", func() bool { return len(h.observer.lines()) == len(want)+2 })
	if got := h.observer.lines()[:len(want)]; !slices.Equal(got, want) {
		t.Errorf("the observer heard\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestChatIsStoredOnceAndInOrder(t *testing.T) {
	h := newHarness(t, nil)
	a, b := h.greet("a"), h.greet("b")
	a.join(h.roomGrant("a", "patient", "e", false))
	b.join(h.roomGrant("b", "guest", "e", false))
	first := ask[*OK](a, &PostChat{ClientID: "1", Text: "one"})
	again := ask[*OK](a, &PostChat{ClientID: "1", Text: "one"})
	if first.Seq != again.Seq || first.Message != again.Message || first.Seq == 0 {
		t.Errorf("acks %+v and %+v", first, again)
	}
	ask[*OK](b, &PostChat{ClientID: "1", Text: "two"})
	file := Message{ID: "file", Seq: 3, Sender: "a", Text: "", File: &File{ID: "d", Name: "МРТ.pdf", Mime: "application/pdf", Size: 7}}
	h.server.PublishChat("e", file)
	h.server.PublishChat("e", file)
	for _, c := range []*client{a, b} {
		for _, want := range []string{"e-m1", "e-m2", "file"} {
			if e := next[*ChatPosted](c, nil); e.Message.ID != want {
				t.Errorf("message %+v, want %s", e.Message, want)
			}
		}
		ask[*OK](c, &Ping{})
		c.mu.Lock()
		for _, e := range c.events {
			if e, ok := e.(*ChatPosted); ok {
				t.Errorf("a second time: %+v", e)
			}
		}
		c.mu.Unlock()
	}
}

func TestChatThatIsNotStoredIsNotTold(t *testing.T) {
	h := newHarness(t, nil)
	a, b := h.greet("a"), h.greet("b")
	a.join(h.roomGrant("a", "patient", "e", false))
	b.join(h.roomGrant("b", "guest", "e", false))
	b.forget()
	tests := []struct {
		name string
		err  error
		want Code
	}{
		{"store fails", sfu.ErrClosed, CodeUnavailable},
		{"rules refuse", ErrChatRefused, CodeForbidden},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h.chat.mu.Lock()
			h.chat.fail = tt.err
			h.chat.mu.Unlock()
			if e := ask[*Error](a, &PostChat{ClientID: tt.name[:2], Text: "x"}); e.Code != tt.want {
				t.Errorf("code %s, want %s", e.Code, tt.want)
			}
		})
	}
	b.quiet()
}

func TestLiveTopics(t *testing.T) {
	h := newHarness(t, nil)
	a, b := h.greet("a", "t1", "t2"), h.greet("b", "t2")
	h.server.Publish("t1", "appointment", "x", 4)
	h.server.Publish("t2", "encounter", "y", 5)
	h.server.Publish("t3", "encounter", "z", 6)
	if e := next[*Live](a, nil); e.Topic != "t1" || e.Kind != "appointment" || e.ID != "x" || e.Version != 4 {
		t.Errorf("a was told %+v", e)
	}
	for _, c := range []*client{a, b} {
		if e := next[*Live](c, nil); e.ID != "y" {
			t.Errorf("told %+v", e)
		}
		c.quiet()
	}
}

func TestTakeover(t *testing.T) {
	h := newHarness(t, nil)
	doctor, phone, laptop := h.greet("doctor"), h.greet("patient"), h.greet("patient")
	doctor.join(h.roomGrant("doctor", "practitioner", "e", false))
	phone.join(h.roomGrant("patient", "patient", "e", true))
	if err := h.server.Admit("e", "patient"); err != nil {
		t.Fatal(err)
	}
	next[*Admitted](phone, nil)
	next(doctor, func(e *TrackAdded) bool { return e.Track.Source == "camera" })
	doctor.forget()
	j := laptop.join(h.roomGrant("patient", "patient", "e", true))
	if j.Lobby || len(j.Participants) != 1 {
		t.Errorf("the admitted patient's second device joined into %+v", j)
	}
	if e := next[*Removed](phone, nil); e.Reason != ReasonReplaced {
		t.Errorf("first device removed because %q", e.Reason)
	}
	next(doctor, func(e *TrackAdded) bool { return e.Track.Source == "camera" })
	doctor.mu.Lock()
	for _, e := range doctor.all[len(doctor.all)-5:] {
		switch e.(type) {
		case *ParticipantLeft, *ParticipantJoined:
			t.Errorf("the doctor saw %T", e)
		}
	}
	doctor.mu.Unlock()
	if e := ask[*Error](phone, &Mute{Source: "camera", Muted: true}); e.Code != CodeNotJoined {
		t.Errorf("the first device is told %+v", e)
	}
	// The same page may join again, and isn't told of its own replacement.
	laptop.forget()
	laptop.join(h.roomGrant("patient", "patient", "e", false))
	ask[*OK](laptop, &Ping{})
	laptop.mu.Lock()
	for _, e := range laptop.events {
		if _, ok := e.(*Removed); ok {
			t.Errorf("told %+v", e)
		}
	}
	laptop.mu.Unlock()
	if r := h.server.Roster("e"); len(r) != 2 || r[1].Identity != "patient" || r[1].Lobby {
		t.Errorf("roster %+v", r)
	}
}

func TestEarlyPatientWaitsAlone(t *testing.T) {
	h := newHarness(t, nil)
	a, b := h.greet("a"), h.greet("b")
	a.join(h.roomGrant("a", "patient", "e", true))
	j := b.join(h.roomGrant("b", "guest", "e", true))
	if len(j.Participants) != 0 {
		t.Errorf("one who waits sees %+v", j.Participants)
	}
	a.quiet()
	if err := h.server.Admit("e", "nobody"); err == nil {
		t.Error("nobody was admitted")
	}
	if err := h.server.Admit("other", "a"); err == nil {
		t.Error("admitted to a room that isn't there")
	}
}

func TestStaffInTheLobbyAreNoStaffThere(t *testing.T) {
	h := newHarness(t, nil)
	a, b := h.greet("a"), h.greet("b")
	a.join(h.roomGrant("a", "practitioner", "e", true))
	b.join(h.roomGrant("b", "patient", "e", true))
	h.media.settle()
	a.quiet()
	b.quiet()
}

func TestPublishNeedsPermission(t *testing.T) {
	h := newHarness(t, nil)
	a := h.greet("a")
	token := h.sign(grant.Grant{Kind: grant.Room, Subject: "a", Role: "guest", Room: "e"})
	e := ask[*Error](a, &Join{Grant: token, SDP: goodSDP, Tracks: []TrackMeta{{Mid: "0", Source: "camera"}}})
	if e.Code != CodeForbidden {
		t.Errorf("told %+v", e)
	}
	if r := h.server.Roster("e"); len(r) != 0 {
		t.Errorf("roster %+v", r)
	}
}
