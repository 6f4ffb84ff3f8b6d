package loadtest

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"
	"github.com/pion/sdp/v3"
)

func TestPlanValidate(t *testing.T) {
	if err := DefaultPlan().Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Plan){
		"rooms":      func(p *Plan) { p.Rooms = 0 },
		"size":       func(p *Plan) { p.Size = 0 },
		"publishers": func(p *Plan) { p.Publishers = 3 },
		"flow":       func(p *Plan) { p.Video.Bytes = 9000 },
		"fps":        func(p *Plan) { p.FPS = 0 },
		"joins":      func(p *Plan) { p.JoinsPerSecond = 0 },
		"times":      func(p *Plan) { p.Duration = -1 },
		"losses":     func(p *Plan) { p.LossUp = 1 },
	} {
		t.Run(name, func(t *testing.T) {
			p := DefaultPlan()
			change(&p)
			if err := p.Validate(); !errors.Is(err, ErrPlan) || !strings.Contains(err.Error(), name) {
				t.Fatalf("error %v does not name %s", err, name)
			}
		})
	}
}

func TestHistogram(t *testing.T) {
	for d := time.Duration(0); d < time.Hour; d = d*17/16 + time.Microsecond {
		i := bucket(d)
		if d < lower(i) || d >= lower(i+1)+time.Microsecond {
			t.Fatalf("%v is in the bucket of %v to %v", d, lower(i), lower(i+1))
		}
	}
	var a, b histogram
	var all []time.Duration
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 10_000 {
		d := time.Duration(rng.ExpFloat64() * float64(time.Millisecond))
		all = append(all, d)
		if i%2 == 0 {
			a.add(d)
		} else {
			b.add(d)
		}
	}
	a.merge(&b)
	slices.Sort(all)
	for _, q := range []float64{0, 0.5, 0.95, 0.99, 1} {
		want := all[int(q*float64(len(all)-1))]
		if got := a.percentile(q); got < want*95/100-2*time.Microsecond || got > want*105/100+2*time.Microsecond {
			t.Errorf("percentile %v is %v, want %v", q, got, want)
		}
	}
	var none histogram
	if none.percentile(0.5) != 0 {
		t.Error("percentile of nothing")
	}
}

// TestStreamPackets reads what is sent with Pion's parsers.
func TestStreamPackets(t *testing.T) {
	s := newStream(true, "1", "", 1000, Flow{120, 1150}, 30)
	var last uint16
	frames, keys := 0, 0
	for i := range 200 {
		now := time.Duration(i) * s.interval
		n := 0
		s.frame(now, func(_ *stream, b []byte, _ time.Duration) {
			var p rtp.Packet
			if err := p.Unmarshal(b); err != nil {
				t.Fatal(err)
			}
			if len(p.Payload) != 1150 || p.PayloadType != ptVP8 || p.SSRC != 1000 {
				t.Fatalf("%+v", p.Header)
			}
			if i+n > 0 && p.SequenceNumber != last+1 {
				t.Fatal("a number is missing")
			}
			last = p.SequenceNumber
			if string(p.GetExtension(extMID)) != "1" || len(p.GetExtension(extTWCC)) != 2 {
				t.Fatal("extensions")
			}
			var v codecs.VP8Packet
			frame, err := v.Unmarshal(p.Payload)
			if err != nil {
				t.Fatal(err)
			}
			if (v.S == 1) != (n == 0) || p.Marker != (n == 3) {
				t.Fatalf("packet %d of a frame: start %d, marker %v", n, v.S, p.Marker)
			}
			if n == 0 && frame[0]&1 == 0 {
				keys++
			}
			if at, ok := stamped(p.Payload); !ok || at != now {
				t.Fatalf("stamp %v, want %v", at, now)
			}
			n++
		})
		if n != 4 {
			t.Fatalf("%d packets in a frame", n)
		}
		frames++
	}
	if keys != 3 { // at 0, over 3 and over 6 seconds
		t.Errorf("%d key frames in %d frames", keys, frames)
	}
}

func TestOfferParses(t *testing.T) {
	who, err := newIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for _, simulcast := range []bool{false, true} {
		plan := DefaultPlan()
		plan.Simulcast, plan.Size = simulcast, 4
		p := newPeer(plan, Who{Identity: "a"}, 0, 1<<20, clock{time.Now()}, who)
		var d sdp.SessionDescription
		if err := d.UnmarshalString(p.offer()); err != nil {
			t.Fatal(err)
		}
		if len(d.MediaDescriptions) != 8 || len(p.tracks) != 2 {
			t.Fatalf("%d sections, %d tracks", len(d.MediaDescriptions), len(p.tracks))
		}
		if _, ok := d.MediaDescriptions[1].Attribute("simulcast"); ok != simulcast {
			t.Errorf("simulcast %v", ok)
		}
	}
}

func TestReadAnswer(t *testing.T) {
	good := "v=0\r\na=ice-ufrag:u\r\na=ice-pwd:p\r\na=fingerprint:sha-256 AA\r\na=candidate:1 1 udp 1 127.0.0.1 5 typ host\r\n" +
		"a=candidate:2 1 tcp 1 127.0.0.1 6 typ host\r\na=ssrc-group:FID 10 11\r\n"
	a, err := readAnswer(good)
	if err != nil || a.ufrag != "u" || a.pwd != "p" || len(a.candidates) != 1 || a.candidates[0].Port() != 5 || a.repairs[11] != 10 {
		t.Fatalf("%+v %v", a, err)
	}
	for _, missing := range []string{"a=ice-ufrag:u", "a=ice-pwd:p", "a=fingerprint:sha-256 AA", "a=candidate:1 1 udp 1 127.0.0.1 5 typ host"} {
		if _, err := readAnswer(strings.Replace(good, missing, "a=x", 1)); !errors.Is(err, errAnswer) {
			t.Errorf("an answer without %s gives %v", missing, err)
		}
	}
}

func TestIncomingCountsOnce(t *testing.T) {
	s := &incoming{first: 1<<16 + 65530, high: 1<<16 + 65529, missing: map[uint16]*wanted{}}
	for _, seq := range []uint16{65530, 65531, 2, 2, 65531, 0, 1, 65535} {
		s.arrived(seq, 0)
	}
	if s.received != 6 || len(s.missing) != 3 {
		t.Fatalf("received %d, %d missing", s.received, len(s.missing))
	}
	if got := s.due(nackAfter); len(got) != 3 {
		t.Fatalf("asks for %v", got)
	}
	if got := s.due(nackAfter + time.Millisecond); len(got) != 0 {
		t.Fatalf("asks again at once for %v", got)
	}
	if s.due(2 * time.Second); len(s.missing) != 0 {
		t.Fatal("never gives up")
	}
}
