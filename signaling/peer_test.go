package signaling

import (
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"consilium/internal/grant"
	"consilium/sfu"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"
	"github.com/pion/webrtc/v4/pkg/media"
)

// withRealMedia gives a harness the real media server on loopback.
func withRealMedia(t *testing.T) *harness {
	t.Helper()
	cfg := sfu.DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	server, err := sfu.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return newHarness(t, func(_ *Config, d *Deps) { d.Media = OverSFU(server) })
}

// peer is a Pion client's media: a microphone and a camera that send all the time,
// and slots that count what arrives.
type peer struct {
	t    *testing.T
	pc   *webrtc.PeerConnection
	sent map[string]*webrtc.RTPTransceiver // by source

	mu  sync.Mutex
	got map[string]int // packets by mid
}

func newPeer(t *testing.T) *peer {
	t.Helper()
	se := webrtc.SettingEngine{}
	se.SetIncludeLoopbackCandidate(true)
	se.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	pc, err := webrtc.NewAPI(webrtc.WithSettingEngine(se)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{t: t, pc: pc, sent: make(map[string]*webrtc.RTPTransceiver), got: make(map[string]int)}
	pc.OnTrack(func(track *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
		mid := ""
		for _, tr := range pc.GetTransceivers() {
			if tr.Receiver() == receiver {
				mid = tr.Mid()
			}
		}
		for {
			if _, _, err := track.ReadRTP(); err != nil {
				return
			}
			p.mu.Lock()
			p.got[mid]++
			p.mu.Unlock()
		}
	})
	stop := make(chan struct{})
	var senders sync.WaitGroup
	t.Cleanup(func() {
		close(stop)
		senders.Wait()
		if err := pc.Close(); err != nil {
			t.Error(err)
		}
	})
	// An Opus packet of silence; a VP8 key frame of 2×2 pixels as good as empty.
	p.feed("microphone", webrtc.MimeTypeOpus, []byte{0xf8, 0xff, 0xfe}, &senders, stop)
	p.feed("camera", webrtc.MimeTypeVP8, []byte{0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x02, 0x00, 0x02, 0x00, 0x01, 0x40}, &senders, stop)
	for i := range 5 {
		kind := webrtc.RTPCodecTypeAudio
		if i >= 2 {
			kind = webrtc.RTPCodecTypeVideo
		}
		if _, err := pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (p *peer) feed(source, mime string, payload []byte, work *sync.WaitGroup, stop <-chan struct{}) {
	p.t.Helper()
	track, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: mime}, source, source)
	if err != nil {
		p.t.Fatal(err)
	}
	tr, err := p.pc.AddTransceiverFromTrack(track, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
	if err != nil {
		p.t.Fatal(err)
	}
	p.sent[source] = tr
	const every = 20 * time.Millisecond
	work.Go(func() {
		tick := time.NewTicker(every)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				// Fails only when the connection is closed.
				_ = track.WriteSample(media.Sample{Data: payload, Duration: every})
			}
		}
	})
}

// offer makes an offer without waiting for candidates: the server learns the address.
func (p *peer) offer(restart bool) (string, []TrackMeta) {
	p.t.Helper()
	offer, err := p.pc.CreateOffer(&webrtc.OfferOptions{ICERestart: restart})
	if err != nil {
		p.t.Fatal(err)
	}
	if err := p.pc.SetLocalDescription(offer); err != nil {
		p.t.Fatal(err)
	}
	var metas []TrackMeta
	for source, tr := range p.sent {
		metas = append(metas, TrackMeta{Mid: tr.Mid(), Source: source})
	}
	return offer.SDP, metas
}

func (p *peer) answer(sdp string) {
	p.t.Helper()
	if err := p.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: sdp}); err != nil {
		p.t.Fatalf("answer: %v\n%s", err, sdp)
	}
}

func (p *peer) packets(mid string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.got[mid]
}

func (p *peer) total() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, k := range p.got {
		n += k
	}
	return n
}

// person is a client with media.
type person struct {
	*client
	*peer
	t    *testing.T
	name string
	room view
}

// view is what a client knows of its room from replies and events.
type view struct {
	tracks map[string]Track
	slots  []Slot
	seen   int // events looked at
}

func (h *harness) person(name string) *person {
	return &person{client: h.greet(name), peer: newPeer(h.t), t: h.t, name: name}
}

func (p *person) enter(token string) *Joined {
	p.t.Helper()
	sdp, metas := p.offer(false)
	j := ask[*Joined](p.client, &Join{Grant: token, SDP: sdp, Tracks: metas})
	p.answer(j.SDP)
	p.room = view{tracks: make(map[string]Track), seen: p.room.seen}
	p.look(j.Tracks, j.Slots)
	return j
}

func (p *person) look(tracks []Track, slots []Slot) {
	for _, t := range tracks {
		p.room.tracks[t.ID] = t
	}
	if len(slots) > 0 {
		p.room.slots = slots
	}
}

// slot returns the mid on which a source of somebody arrives, "" when there is none.
func (p *person) slot(identity, source string) string {
	p.client.mu.Lock()
	defer p.client.mu.Unlock()
	for ; p.room.seen < len(p.all); p.room.seen++ {
		switch e := p.all[p.room.seen].(type) {
		case *Admitted:
			p.look(e.Tracks, e.Slots)
		case *TrackAdded:
			p.look([]Track{e.Track}, nil)
		case *TrackChanged:
			p.look([]Track{e.Track}, nil)
		case *TrackRemoved:
			delete(p.room.tracks, e.TrackID)
		case *Slots:
			p.room.slots = e.Slots
		}
	}
	for _, s := range p.room.slots {
		if t, ok := p.room.tracks[s.Track]; ok && t.Participant == identity && t.Source == source {
			return s.Mid
		}
	}
	return ""
}

// gets waits until n more packets of somebody's source have come.
func (p *person) gets(identity, source string, n int) {
	p.t.Helper()
	begin := -1
	eventually(p.t, p.name+" gets the "+source+" of "+identity, func() bool {
		mid := p.slot(identity, source)
		if mid == "" {
			return false
		}
		now := p.packets(mid)
		if begin < 0 {
			begin = now
		}
		return now >= begin+n
	})
}

// TestRealConsultation is the whole journey with the real media server: two join, one
// of them through the lobby; media flows; mute; the line is lost and resumed; a guest
// is removed; the room ends.
func TestRealConsultation(t *testing.T) {
	h := withRealMedia(t)
	doctor, patient := h.person("doctor"), h.person("patient")
	doctor.enter(h.roomGrant("doctor", "practitioner", "e", false))
	j := patient.enter(h.roomGrant("patient", "patient", "e", true))
	if !j.Lobby || len(j.Tracks) != 0 {
		t.Fatalf("the lobby shows %+v", j)
	}
	next(patient.client, func(e *Media) bool { return e.State == "connected" })
	next(doctor.client, func(e *ParticipantChanged) bool { return e.Participant.Media == "connected" && e.Participant.Lobby })
	if n := patient.total() + doctor.total(); n != 0 {
		t.Fatalf("%d packets were forwarded while the patient waits", n)
	}
	admitted := time.Now()
	if err := h.server.Admit("e", "patient"); err != nil {
		t.Fatal(err)
	}
	next[*Admitted](patient.client, nil)
	patient.gets("doctor", "microphone", 1)
	patient.gets("doctor", "camera", 1)
	t.Logf("first packets %v after the admission", time.Since(admitted).Round(time.Millisecond))
	patient.gets("doctor", "camera", 10)
	doctor.gets("patient", "microphone", 10)
	doctor.gets("patient", "camera", 10)

	ask[*OK](patient.client, &PostChat{ClientID: "1", Text: "Здравствуйте"})
	if e := next[*ChatPosted](doctor.client, nil); e.Message.Text != "Здравствуйте" {
		t.Errorf("the doctor reads %+v", e)
	}

	// Media goes on while the line is down, and a mute holds through it.
	ask[*OK](patient.client, &Mute{Source: "microphone", Muted: true})
	next(doctor.client, func(e *TrackChanged) bool { return e.Track.Source == "microphone" && e.Track.Muted })
	doctor.gets("patient", "camera", 2) // what was under way has arrived
	mic, before := doctor.slot("patient", "microphone"), 0
	before = doctor.packets(mic)
	for range 5 {
		patient.cut()
		doctor.gets("patient", "camera", 3)
		if w := patient.resume(); !w.Resumed {
			t.Fatalf("welcome %+v", w)
		}
	}
	sdp, metas := patient.offer(true)
	for i := range metas {
		metas[i].Muted = metas[i].Source == "microphone"
	}
	patient.answer(ask[*Answer](patient.client, &Offer{SDP: sdp, Tracks: metas}).SDP)
	doctor.gets("patient", "camera", 20)
	patient.gets("doctor", "camera", 20)
	if n := doctor.packets(mic) - before; n > 2 {
		t.Errorf("%d packets of a muted microphone were forwarded", n)
	}
	ask[*OK](patient.client, &Mute{Source: "microphone", Muted: false})
	doctor.gets("patient", "microphone", 5)

	// A third person, who is removed.
	guest := h.person("guest")
	guest.enter(h.roomGrant("guest", "guest", "e", false))
	for _, from := range []string{"doctor", "patient"} {
		guest.gets(from, "microphone", 5)
		guest.gets(from, "camera", 5)
	}
	doctor.gets("guest", "camera", 5)
	patient.gets("guest", "microphone", 5)
	h.server.Evict("e", "guest", ReasonKicked)
	next(guest.client, func(e *Removed) bool { return e.Reason == ReasonKicked })
	eventually(t, "the guest's tracks are gone", func() bool {
		return doctor.slot("guest", "camera") == "" && patient.slot("guest", "microphone") == ""
	})
	stopped := guest.total()
	doctor.gets("patient", "camera", 10)
	if n := guest.total() - stopped; n > 20 {
		t.Errorf("%d packets went to somebody who was removed", n)
	}

	// The patient reloads the page: a new session and connection take over.
	again := h.person("patient")
	again.enter(h.roomGrant("patient", "patient", "e", true))
	next(patient.client, func(e *Removed) bool { return e.Reason == ReasonReplaced })
	doctor.gets("patient", "camera", 5)
	again.gets("doctor", "microphone", 5)

	h.server.CloseRoom("e", "finished")
	next[*RoomClosed](doctor.client, nil)
	next[*RoomClosed](again.client, nil)
	if r := h.server.Roster("e"); len(r) != 0 {
		t.Errorf("after the end the roster has %+v", r)
	}
}

// TestRealBadOffers: what the media server makes of offers that look right from afar.
func TestRealBadOffers(t *testing.T) {
	h := withRealMedia(t)
	doctor := h.person("doctor")
	doctor.enter(h.roomGrant("doctor", "practitioner", "e", false))
	c := h.greet("bad")
	tests := []struct {
		name, sdp string
	}{
		{"abridged", goodSDP},
		{"rubbish after the head", goodSDP + "rubbish\r\n"},
		{"no codec", goodSDP + "a=mid:0\r\na=rtpmap:111 nothing/1\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			reply := c.roundTrip(&Join{Grant: h.sign(grant.Grant{Kind: grant.Room, Subject: "bad", Role: "guest", Room: "e", Publish: true}), SDP: tt.sdp})
			if e, ok := reply.(*Error); !ok || e.Code != CodeBadSDP {
				t.Errorf("told %+v", reply)
			}
		})
	}
	// Not even the doctor's own second device disturbs the first.
	second := h.greet("doctor")
	token := h.roomGrant("doctor", "practitioner", "e", false)
	if e, ok := second.roundTrip(&Join{Grant: token, SDP: goodSDP}).(*Error); !ok || e.Code != CodeBadSDP {
		t.Errorf("told %+v", e)
	}
	sdp, metas := doctor.offer(false)
	ask[*Answer](doctor.client, &Offer{SDP: sdp, Tracks: metas})
	if r := h.server.Roster("e"); len(r) != 1 {
		t.Errorf("roster %+v", r)
	}
}
