package sfu

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/srtp/v3"

	"consilium/sfu/internal/codec"
	"consilium/sfu/internal/crypt"
	"consilium/sfu/internal/handshake"
	"consilium/sfu/internal/ice"
	"consilium/sfu/internal/rtp"
	"consilium/sfu/internal/sdp"
	"consilium/sfu/internal/udp"
)

// bench is a room without clients: packets are sealed as a client would and put
// straight into the packet path.
type bench struct {
	s      *SFU
	out    *outbox
	pub    *transport
	subs   []*transport
	addr   udp.Addr
	client *crypt.Sealer
	keys   handshake.Keys // the same both ways and for all
	video  *crypt.Stream
	audio  *crypt.Stream
	seq    uint16
	now    time.Duration
	plain  []byte
}

const (
	benchVideo, benchAudio = 0x1000, 0x2000
)

// newBench makes a publisher and n subscribers.
func newBench(t testing.TB, n int) *bench {
	s := server(t)
	b := &bench{s: s, out: newOutbox(s.shards[0].socket.NewBatch(), 7), now: time.Second}
	key, salt := bytes.Repeat([]byte{1}, 16), bytes.Repeat([]byte{2}, 12)
	keys := handshake.Keys{
		Profile: srtp.ProtectionProfileAeadAes128Gcm, LocalKey: key, LocalSalt: salt, RemoteKey: key, RemoteSalt: salt,
	}
	b.keys = keys
	sink, err := udp.Listen(netip.MustParseAddrPort("127.0.0.1:0"), udp.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	to := udp.FromAddrPort(sink.LocalAddr())
	vp8 := sdp.Codec{Codec: codec.VP8, PT: 96, RTX: 97, Clock: 90000, Feedback: []string{"nack", "nack pli"}}
	opus := sdp.Codec{Codec: codec.Opus, PT: 111, Clock: 48000, Channels: 2}
	exts := []sdp.Ext{{ID: 3, Ext: rtp.ExtTWCC}, {ID: 4, Ext: rtp.ExtAudioLevel}}
	for i := range n + 1 {
		p, err := s.Room("bench").Join(JoinOptions{Identity: fmt.Sprint(i), Publish: true, Events: nothing{}})
		if err != nil {
			t.Fatal(err)
		}
		x := newTransport(p, ice.NewCredentials(), nil)
		if err := x.key(keys); err != nil {
			t.Fatal(err)
		}
		x.out.to.Store(&to)
		a := &sdp.Answer{}
		metas := map[string]TrackMeta{}
		if i == 0 {
			b.pub, b.addr = x, to
			a.Sections = []sdp.AnswerSection{
				{Offer: &sdp.Section{Mid: "v", Media: KindVideo, Sources: []uint32{benchVideo}, Repairs: []uint32{0}}, Receives: true, Codecs: []sdp.Codec{vp8}, Exts: exts},
				{Offer: &sdp.Section{Mid: "a", Media: KindAudio, Sources: []uint32{benchAudio}, Repairs: []uint32{0}}, Receives: true, Codecs: []sdp.Codec{opus}, Exts: exts},
			}
			metas["v"], metas["a"] = TrackMeta{Mid: "v", Source: SourceCamera}, TrackMeta{Mid: "a", Source: SourceMicrophone}
		} else {
			a.Sections = []sdp.AnswerSection{
				{Offer: &sdp.Section{Mid: "v", Media: KindVideo}, Sends: true, Codecs: []sdp.Codec{vp8}, Exts: exts},
				{Offer: &sdp.Section{Mid: "a", Media: KindAudio}, Sends: true, Codecs: []sdp.Codec{opus}, Exts: exts},
			}
		}
		if i > 0 {
			b.subs = append(b.subs, x)
		}
		if !p.apply(x, true, &sdp.Offer{}, a, metas) {
			t.Fatal("not applied")
		}
	}
	if b.client, err = crypt.NewSealer(keys.Profile, key, salt); err != nil {
		t.Fatal(err)
	}
	b.video, _ = b.client.Stream(benchVideo)
	b.audio, _ = b.client.Stream(benchAudio)
	b.plain = make([]byte, 1500)
	return b
}

// frame sends one video packet (a key frame's when key is set) and returns
// whether it was kept.
func (b *bench) frame(t testing.TB, key bool, size int) {
	b.seq++
	b.now += 8 * time.Millisecond
	head := []byte{0x90, 96, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xBE, 0xDE, 0, 1, 0x31, 0, 0, 0}
	h := append(b.plain[:0], head...)
	binary.BigEndian.PutUint16(h[2:], b.seq)
	binary.BigEndian.PutUint32(h[4:], uint32(b.seq)*720)
	binary.BigEndian.PutUint32(h[8:], benchVideo)
	binary.BigEndian.PutUint16(h[17:], b.seq)
	h = append(h, 0x90, 0xE0, 0x80|byte(b.seq>>8)&0x7f, byte(b.seq), byte(b.seq), 0)
	if key {
		h = append(h, 0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0x00)
	} else {
		h = append(h, 1, 0, 0)
	}
	h = h[:size]
	b.put(t, b.video, h, b.seq)
}

// sound sends one audio packet.
func (b *bench) sound(t testing.TB, size int) {
	b.seq++
	b.now += 8 * time.Millisecond
	h := append(b.plain[:0], 0x80, 111, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	binary.BigEndian.PutUint16(h[2:], b.seq)
	binary.BigEndian.PutUint32(h[8:], benchAudio)
	h = h[:size]
	b.put(t, b.audio, h, b.seq)
}

func (b *bench) put(t testing.TB, st *crypt.Stream, plain []byte, seq uint16) {
	p := b.s.pool.Get()
	buf := p.Buffer()
	n := copy(buf, plain)
	q, err := st.Seal(buf[:n], seq)
	if err != nil {
		t.Fatal(err)
	}
	p.Data, p.Arrival = q, b.now
	kept := b.pub.media(b.out, p, b.addr)
	b.out.settle()
	if !kept {
		p.Release()
	}
}

func TestForwardingDoesNotAllocate(t *testing.T) {
	b := newBench(t, 10)
	b.frame(t, true, 1150)
	for range 1000 { // rings and pools fill
		b.frame(t, false, 1150)
		b.sound(t, 80)
		b.out.Flush()
	}
	before := b.s.Stats().Forwarded
	n := testing.AllocsPerRun(1000, func() {
		b.frame(t, false, 1150)
		b.sound(t, 80)
		b.out.Flush()
	})
	if got := b.s.Stats().Forwarded - before; got != 1001*20 {
		t.Fatalf("forwarded %d packets, want %d", got, 1001*20)
	}
	if n != 0 {
		t.Errorf("%v allocations for two packets to ten subscribers", n)
	}
}

func BenchmarkForward(b *testing.B) {
	for _, n := range []int{1, 10, 60} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f := newBench(b, n)
			f.frame(b, true, 1150)
			b.ReportAllocs()
			for b.Loop() {
				f.frame(b, false, 1150)
				f.out.Batch.Discard()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/out")
		})
	}
}

// BenchmarkForwardCold is what a packet costs when others have used the caches since the
// last one, as the kernel and other processes do: waiting for memory is most of it.
func BenchmarkForwardCold(b *testing.B) {
	const n = 30
	f := newBench(b, n)
	f.frame(b, true, 1150)
	others := make([]uint64, 1<<20)
	took := time.Duration(0)
	for b.Loop() {
		for i := 0; i < len(others); i += 8 {
			others[i]++
		}
		begun := time.Now()
		f.frame(b, false, 1150)
		took += time.Since(begun)
		f.out.Batch.Discard()
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(took.Nanoseconds())/float64(b.N)/n, "ns/out")
}

// nothing is a listener that does not listen.
type nothing struct{}

func (nothing) TrackAdded(TrackInfo)   {}
func (nothing) TrackChanged(TrackInfo) {}
func (nothing) TrackRemoved(string)    {}
func (nothing) Slots([]Slot)           {}
func (nothing) Negotiate(int, int)     {}
func (nothing) Media(string)           {}
func (nothing) Speakers([]Speaker)     {}
func (nothing) Layers([]LayerWish)     {}
