package sfu

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"consilium/sfu/internal/crypt"
	"consilium/sfu/internal/rtcp"
)

// TestSourceStorm lets a publisher send from 1,500 sources (T14): it gets no more of the
// server's memory than its bound, harms nobody, and its own first picture goes on.
func TestSourceStorm(t *testing.T) {
	b := newBench(t, 2)
	b.frame(t, true, 1150)
	for i := range 1500 {
		ssrc := uint32(0x10_0000 + i)
		st, err := b.client.Stream(ssrc)
		if err != nil {
			t.Fatal(err)
		}
		p := make([]byte, 100, 200)
		p[0], p[1] = 0x80, 97+byte(i%20) // retransmissions, and payload types nobody agreed on
		binary.BigEndian.PutUint16(p[2:], 1)
		binary.BigEndian.PutUint32(p[8:], ssrc)
		b.now += time.Millisecond
		b.put(t, st, p, 1)
	}
	if n := len(b.pub.in.streams); n > maxStreams {
		t.Errorf("%d streams", n)
	}
	if n := b.s.Stats().DroppedCapped; n < 1500-crypt.MaxSources {
		t.Errorf("%d packets of new sources were refused", n)
	}
	before := b.s.Stats()
	for range 100 {
		b.frame(t, false, 1150)
	}
	after := b.s.Stats()
	if after.Forwarded-before.Forwarded != 200 || after.Panics > 0 {
		t.Errorf("%d packets forwarded of 200, %d panics", after.Forwarded-before.Forwarded, after.Panics)
	}
}

// TestGreedyPublisher sends ten times what a browser does (T16): what is over the bound
// is dropped unopened, and sound passes whole.
func TestGreedyPublisher(t *testing.T) {
	b := newBench(t, 1)
	b.frame(t, true, 1150)
	cfg := DefaultConfig()
	before := b.s.Stats()
	const seconds, perSecond, sounds = 10, 5000, 50 // 46 Mbit/s of video
	for range seconds * sounds {
		b.now -= time.Duration(perSecond/sounds) * 8 * time.Millisecond // what frame adds
		for range perSecond / sounds {
			b.frame(t, false, 1150)
		}
		b.sound(t, 80)
		b.now += time.Second/sounds - 8*time.Millisecond
		b.out.Batch.Discard()
	}
	after := b.s.Stats()
	passed := after.Forwarded - before.Forwarded
	video := passed - seconds*sounds
	most := uint64(cfg.MaxBitrate) / 8 * (seconds + 1) / 1150 // a second's worth is saved up
	if video > most || video < most*8/10 {
		t.Errorf("%d video packets passed, at most %d", video, most)
	}
	if after.DroppedCapped == 0 {
		t.Error("nothing was counted")
	}
	if got := b.pub.in.streams; len(got) != 2 {
		t.Fatalf("%d streams", len(got))
	}
	for i := range b.pub.in.streams {
		if st := &b.pub.in.streams[i]; !st.up.track.video() {
			if n := st.up.reception.Received(); n != seconds*sounds {
				t.Errorf("%d of %d sound packets came", n, seconds*sounds)
			}
		}
	}
}

// subscriberSays seals RTCP as the first subscriber would and hands it over.
func (b *bench) subscriberSays(t testing.TB, from *crypt.Sealer, plain []byte) {
	t.Helper()
	p := make([]byte, len(plain), len(plain)+crypt.Overhead)
	copy(p, plain)
	q, err := from.RTCP(p)
	if err != nil {
		t.Fatal(err)
	}
	b.subs[0].control(b.out, q, b.addr, b.now)
}

// TestFeedbackFlood lets one subscriber ask without end (T14, T15): the publisher is
// asked for a key frame at most each half second, and a packet is sent again five times.
func TestFeedbackFlood(t *testing.T) {
	b := newBench(t, 1)
	b.frame(t, true, 1150)
	for range 200 {
		b.frame(t, false, 1150)
	}
	client, err := crypt.NewSealer(b.keys.Profile, b.keys.RemoteKey, b.keys.RemoteSalt)
	if err != nil {
		t.Fatal(err)
	}
	var video *downlink
	for _, d := range b.subs[0].out.slots {
		if d.video() {
			video = d
		}
	}
	asked := make([]uint16, 100)
	for i := range asked {
		asked[i] = video.rw.LastSeq() - uint16(i)
	}
	before := b.s.Stats()
	const seconds = 4
	for range seconds * 1000 {
		b.now += time.Millisecond
		said := rtcp.AppendPLI(nil, 1, video.ssrc)
		said = rtcp.AppendNACK(said, 1, video.ssrc, asked)
		b.subscriberSays(t, client, said)
		b.out.Batch.Discard()
		if int(b.now/time.Millisecond)%100 == 0 {
			b.frame(t, true, 1150) // the publisher obeys
		}
	}
	after := b.s.Stats()
	if n := after.Keyframes - before.Keyframes; n > 2*seconds+1 || n == 0 {
		t.Errorf("the publisher was asked for %d key frames in %d s", n, seconds)
	}
	if n := after.Retransmits - before.Retransmits; n > uint64(5*len(asked)) || n == 0 {
		t.Errorf("%d packets were sent again, at most %d", n, 5*len(asked))
	}
	if after.Panics > 0 {
		t.Error("something panicked")
	}
}

// TestManyShards holds a call over several sockets of one port; which of them a client's
// packets come to is the kernel's choice, and any may forward to any.
func TestManyShards(t *testing.T) {
	s := server(t, func(c *Config) { c.Shards = 8 })
	a := join(t, s, clientOptions{identity: "a"})
	b := join(t, s, clientOptions{identity: "b"})
	c := join(t, s, clientOptions{identity: "c"})
	for _, x := range []*client{a, b, c} {
		for _, y := range []*client{a, b, c} {
			if x != y {
				until(t, x.p.identity+" sees "+y.p.identity, x.hears(y.p.identity, SourceCamera))
			}
		}
	}
}

// TestPortInUse: a second server does not share the first one's port.
func TestPortInUse(t *testing.T) {
	s := server(t, func(c *Config) { c.Shards = 4 })
	cfg := DefaultConfig()
	cfg.Listen, cfg.Shards = netip.AddrPort(s.Addr()).String(), 2
	if other, err := New(cfg, nil); err == nil {
		_ = other.Close()
		t.Fatal("two servers on one port")
	}
}
