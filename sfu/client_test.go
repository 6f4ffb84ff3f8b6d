package sfu

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/interceptor"
	"github.com/pion/logging"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4"
)

// server starts an SFU on loopback that ends with the test.
func server(t testing.TB, change ...func(*Config)) *SFU {
	t.Helper()
	cfg := DefaultConfig()
	cfg.Listen = "127.0.0.1:0"
	for _, f := range change {
		f(&cfg)
	}
	s, err := New(cfg, slog.New(slog.NewTextHandler(testOutput{t}, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

type testOutput struct{ t testing.TB }

func (o testOutput) Write(p []byte) (int, error) {
	o.t.Logf("%s", p)
	return len(p), nil
}

// recorder keeps what a participant was told.
type recorder struct {
	mu      sync.Mutex
	tracks  map[string]TrackInfo
	slots   []Slot
	media   []string
	needs   [][2]int
	speaks  []Speaker
	layers  []LayerWish
	removed string
	hook    func(string)
}

func (r *recorder) with(f func()) { r.mu.Lock(); defer r.mu.Unlock(); f() }

func (r *recorder) TrackAdded(i TrackInfo) {
	r.with(func() {
		if r.tracks == nil {
			r.tracks = map[string]TrackInfo{}
		}
		r.tracks[i.ID] = i
	})
}
func (r *recorder) TrackChanged(i TrackInfo) { r.with(func() { r.tracks[i.ID] = i }) }
func (r *recorder) TrackRemoved(id string)   { r.with(func() { delete(r.tracks, id) }) }
func (r *recorder) Slots(s []Slot)           { r.with(func() { r.slots = s }) }
func (r *recorder) Negotiate(a, v int)       { r.with(func() { r.needs = append(r.needs, [2]int{a, v}) }) }

func (r *recorder) Media(s string) {
	r.with(func() { r.media = append(r.media, s) })
	if r.hook != nil {
		r.hook(s)
	}
}
func (r *recorder) Speakers(s []Speaker)  { r.with(func() { r.speaks = s }) }
func (r *recorder) Layers(l []LayerWish)  { r.with(func() { r.layers = l }) }
func (r *recorder) Removed(reason string) { r.with(func() { r.removed = reason }) }

// received counts what came on one receiving section.
type received struct {
	mu       sync.Mutex
	packets  int
	keys     int // key frames (by the payload's first byte after the VP8 descriptor)
	gaps     int
	last     uint16
	lastTS   uint32
	backward int
	payloads map[string]int
	ssrc     uint32
	rid      string // of the layer seen last
	first    uint16
	seen     map[uint16]bool
	twice    int
}

func (r *received) take(p *rtp.Packet) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.packets > 0 {
		if d := p.SequenceNumber - r.last; d != 1 && d < 1<<15 {
			r.gaps += int(d) - 1
		}
		if int32(p.Timestamp-r.lastTS) < 0 {
			r.backward++
		}
	}
	if r.packets == 0 || int16(p.SequenceNumber-r.last) > 0 {
		r.last, r.lastTS = p.SequenceNumber, p.Timestamp
	}
	if r.packets == 0 {
		r.first, r.seen = p.SequenceNumber, map[uint16]bool{}
	}
	if r.seen[p.SequenceNumber] {
		r.twice++
	}
	r.seen[p.SequenceNumber] = true
	r.packets++
	r.ssrc = p.SSRC
	if r.payloads == nil {
		r.payloads = map[string]int{}
	}
	if len(p.Payload) >= 20 {
		r.payloads[string(p.Payload[len(p.Payload)-8:])]++
		for _, rid := range []string{"q", "h", "f"} {
			if bytes.Contains(p.Payload, []byte(rid+"     ")) {
				r.rid = rid
			}
		}
	}
	if len(p.Payload) > 6 && isKey(p.Payload) {
		r.keys++
	}
}

func (r *received) copy() received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return received{packets: r.packets, keys: r.keys, gaps: r.gaps, backward: r.backward, last: r.last, lastTS: r.lastTS, ssrc: r.ssrc, twice: r.twice}
}

func (r *received) count() int { r.mu.Lock(); defer r.mu.Unlock(); return r.packets }

// isKey reads a VP8 payload with a 15-bit picture id and TL0PICIDX as the test
// sender writes it.
func isKey(p []byte) bool { return p[0] == 0x90 && p[6]&1 == 0 }

// client is a Pion client in a room.
type client struct {
	t      testing.TB
	p      *Participant
	events *recorder
	pc     *webrtc.PeerConnection
	metas  map[*webrtc.RTPTransceiver]TrackMeta

	mu  sync.Mutex
	got map[string]*received // by mid
}

type clientOptions struct {
	identity string
	lobby    bool
	audio    int // receive slots
	video    int
	settings func(*webrtc.SettingEngine)
	registry *interceptor.Registry
	codecs   func(*webrtc.MediaEngine) error
	passing  bool // the test closes it before its end, and keeps nothing of it
}

func newClient(t testing.TB, s *SFU, room string, o clientOptions) *client {
	t.Helper()
	c := &client{t: t, events: &recorder{}, got: map[string]*received{}, metas: map[*webrtc.RTPTransceiver]TrackMeta{}}
	p, err := s.Room(room).Join(JoinOptions{Identity: o.identity, Lobby: o.lobby, Publish: true, Events: c.events})
	if err != nil {
		t.Fatal(err)
	}
	c.p = p
	se := webrtc.SettingEngine{LoggerFactory: quietLogs{}}
	se.SetIncludeLoopbackCandidate(true)
	se.SetIPFilter(func(ip net.IP) bool { return ip.IsLoopback() })
	se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	se.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	if o.settings != nil {
		o.settings(&se)
	}
	me := &webrtc.MediaEngine{}
	register := o.codecs
	if register == nil {
		register = func(me *webrtc.MediaEngine) error { return me.RegisterDefaultCodecs() }
	}
	if err := register(me); err != nil {
		t.Fatal(err)
	}
	reg := o.registry
	if reg == nil {
		reg = &interceptor.Registry{}
		if err := webrtc.RegisterDefaultInterceptors(me, reg); err != nil {
			t.Fatal(err)
		}
	}
	if err := webrtc.ConfigureSimulcastExtensionHeaders(me); err != nil {
		t.Fatal(err)
	}
	c.pc, err = webrtc.NewAPI(webrtc.WithMediaEngine(me), webrtc.WithSettingEngine(se), webrtc.WithInterceptorRegistry(reg)).NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	if !o.passing {
		t.Cleanup(func() { _ = c.pc.Close(); p.Close() })
	}
	c.pc.OnTrack(func(r *webrtc.TrackRemote, rx *webrtc.RTPReceiver) {
		mid := ""
		for _, tr := range c.pc.GetTransceivers() {
			if tr.Receiver() == rx {
				mid = tr.Mid()
			}
		}
		rec := c.on(mid)
		for {
			p, _, err := r.ReadRTP()
			if err != nil {
				return
			}
			rec.take(p)
		}
	})
	c.addSlots(o.audio, o.video)
	return c
}

func (c *client) on(mid string) *received {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.got[mid] == nil {
		c.got[mid] = &received{}
	}
	return c.got[mid]
}

func (c *client) addSlots(audio, video int) {
	c.t.Helper()
	for i := range audio + video {
		kind := webrtc.RTPCodecTypeAudio
		if i >= audio {
			kind = webrtc.RTPCodecTypeVideo
		}
		if _, err := c.pc.AddTransceiverFromKind(kind, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionRecvonly}); err != nil {
			c.t.Fatal(err)
		}
	}
}

// publish adds a track to send; offer makes it known.
func (c *client) publish(source Source, rids ...string) []*webrtc.TrackLocalStaticRTP {
	c.t.Helper()
	mime := webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}
	if source.Kind() == KindAudio {
		mime = webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}
	}
	var tracks []*webrtc.TrackLocalStaticRTP
	if len(rids) == 0 {
		rids = []string{""}
	}
	var sender *webrtc.RTPSender
	for _, rid := range rids {
		var opts []func(*webrtc.TrackLocalStaticRTP)
		if rid != "" {
			opts = append(opts, webrtc.WithRTPStreamID(rid))
		}
		tr, err := webrtc.NewTrackLocalStaticRTP(mime, string(source), "stream", opts...)
		if err != nil {
			c.t.Fatal(err)
		}
		tracks = append(tracks, tr)
		if sender == nil {
			x, err := c.pc.AddTransceiverFromTrack(tr, webrtc.RTPTransceiverInit{Direction: webrtc.RTPTransceiverDirectionSendonly})
			if err != nil {
				c.t.Fatal(err)
			}
			sender = x.Sender()
			c.metas[x] = TrackMeta{Source: source}
		} else if err := sender.AddEncoding(tr); err != nil {
			c.t.Fatal(err)
		}
	}
	return tracks
}

// offer makes an offer of the connection's present state and takes the answer.
func (c *client) offer(o *webrtc.OfferOptions) {
	c.t.Helper()
	if err := c.tryOffer(o); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) tryOffer(o *webrtc.OfferOptions) error {
	of, err := c.pc.CreateOffer(o)
	if err != nil {
		return err
	}
	g := webrtc.GatheringCompletePromise(c.pc)
	if err := c.pc.SetLocalDescription(of); err != nil {
		return err
	}
	<-g
	var metas []TrackMeta
	for x, m := range c.metas {
		m.Mid = x.Mid()
		metas = append(metas, m)
	}
	an, err := c.p.Offer(c.pc.LocalDescription().SDP, metas)
	if err != nil {
		return err
	}
	return c.pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeAnswer, SDP: an})
}

// slotOf returns the mid on which a source of a participant is shown.
func (c *client) slotOf(identity string, source Source) string {
	c.events.mu.Lock()
	defer c.events.mu.Unlock()
	for _, s := range c.events.slots {
		if i, ok := c.events.tracks[s.Track]; ok && i.Participant == identity && i.Source == source {
			return s.Mid
		}
	}
	return ""
}

func (c *client) hears(identity string, source Source) func() bool {
	return func() bool {
		mid := c.slotOf(identity, source)
		return mid != "" && c.on(mid).count() >= 20
	}
}

// until polls a condition.
func until(t testing.TB, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !cond(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within 10 s", what)
		}
	}
}

// feed sends synthetic media on a track until the test ends or stop is called:
// Opus-sized packets, or VP8 frames of three packets, a key frame every 30th and
// whenever asked.
type feed struct {
	key  func()
	stop func()
}

func (c *client) feed(tr *webrtc.TrackLocalStaticRTP, size int) feed {
	done := make(chan struct{})
	keys := make(chan struct{}, 1)
	var once sync.Once
	stop := func() { once.Do(func() { close(done) }) }
	c.t.Cleanup(stop)
	video := tr.Kind() == webrtc.RTPCodecTypeVideo
	if video {
		c.answerPLI(tr, keys)
	}
	identify := c.identifiers(tr)
	go func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		seq, ts, frame := uint16(65500), uint32(1000), 0
		for n := 0; ; n++ {
			key := frame%100 == 0
			select {
			case <-done:
				return
			case <-keys:
				key = true
			case <-tick.C:
			}
			count := 1
			if video {
				count = 3
			}
			for i := range count {
				seq++
				body := []byte(fmt.Sprintf("%-*s%08d", size, tr.RID(), n*10+i))
				p := &rtp.Packet{Header: rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: ts, Marker: i == count-1}}
				if video {
					head := []byte{0x80, 0xE0, 0x80 | byte(frame>>8)&0x7f, byte(frame), byte(frame), 0, 1, 0, 0}
					if i == 0 {
						head[0] = 0x90
						if key {
							// Frame tag of a key frame, start code, 320×180.
							head = append(head[:6], 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00)
						}
					}
					body = append(head, body...)
				}
				p.Payload = body
				identify(p)
				_ = tr.WriteRTP(p)
			}
			frame++
			if video {
				ts += 900
			} else {
				ts += 480
			}
		}
	}()
	return feed{key: func() { keys <- struct{}{} }, stop: stop}
}

// identifiers returns what marks a layer's packets with section and layer, which
// Pion leaves to its user.
func (c *client) identifiers(tr *webrtc.TrackLocalStaticRTP) func(*rtp.Packet) {
	var mid, rid uint8
	section := ""
	for _, x := range c.pc.GetTransceivers() {
		if s := x.Sender(); s != nil && s.Track() != nil && s.Track().ID() == tr.ID() {
			section = x.Mid()
			for _, e := range s.GetParameters().HeaderExtensions {
				switch e.URI {
				case "urn:ietf:params:rtp-hdrext:sdes:mid":
					mid = uint8(e.ID)
				case "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id":
					rid = uint8(e.ID)
				}
			}
		}
	}
	return func(p *rtp.Packet) {
		if tr.RID() != "" {
			_ = p.SetExtension(mid, []byte(section))
			_ = p.SetExtension(rid, []byte(tr.RID()))
		}
	}
}

// answerPLI makes a key frame when the server asks for one.
func (c *client) answerPLI(tr *webrtc.TrackLocalStaticRTP, keys chan<- struct{}) {
	var sender *webrtc.RTPSender
	for _, s := range c.pc.GetSenders() {
		if s.Track() != nil && s.Track().ID() == tr.ID() {
			sender = s
		}
	}
	if sender == nil {
		return
	}
	read := func() ([]rtcp.Packet, error) {
		if rid := tr.RID(); rid != "" {
			p, _, err := sender.ReadSimulcastRTCP(rid)
			return p, err
		}
		p, _, err := sender.ReadRTCP()
		return p, err
	}
	go func() {
		for {
			list, err := read()
			if err == io.EOF || err == io.ErrClosedPipe {
				return
			}
			if err != nil {
				return
			}
			if slices.ContainsFunc(list, func(p rtcp.Packet) bool { _, ok := p.(*rtcp.PictureLossIndication); return ok }) {
				select {
				case keys <- struct{}{}:
				default:
				}
			}
		}
	}()
}

type quietLogs struct{}

func (quietLogs) NewLogger(string) logging.LeveledLogger {
	return logging.NewDefaultLeveledLoggerForScope("", logging.LogLevelDisabled, io.Discard)
}
