package sfu

import (
	"bytes"
	"net"
	"net/netip"
	"testing"

	"github.com/pion/dtls/v3"
	"github.com/pion/webrtc/v4"

	"consilium/sfu/internal/codec"
	"consilium/sfu/internal/packetcache"
)

// TestFourAndSix lets a client of each address family meet on one port.
func TestFourAndSix(t *testing.T) {
	if l, err := net.ListenPacket("udp6", "[::1]:0"); err != nil {
		t.Skip("no IPv6 here")
	} else {
		_ = l.Close()
	}
	s := server(t, func(c *Config) {
		c.Listen = "[::]:0"
		c.Announce = []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()}
	})
	w := newWireAt(t, net.IPv6loopback)
	six := func(se *webrtc.SettingEngine) {
		w.over(se)
		se.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP6})
	}
	a := join(t, s, clientOptions{identity: "four"})
	b := join(t, s, clientOptions{identity: "six", settings: six})
	until(t, "six sees four", b.hears("four", SourceCamera))
	until(t, "four sees six", a.hears("six", SourceCamera))
}

// TestOldCipher lets a client that knows only AES-CM meet one with AES-GCM.
func TestOldCipher(t *testing.T) {
	s := server(t)
	old := func(se *webrtc.SettingEngine) { se.SetSRTPProtectionProfiles(dtls.SRTP_AES128_CM_HMAC_SHA1_80) }
	a := join(t, s, clientOptions{identity: "old", settings: old})
	b := join(t, s, clientOptions{identity: "new"})
	until(t, "new sees old", b.hears("old", SourceCamera))
	until(t, "old sees new", a.hears("new", SourceCamera))
	until(t, "old hears new", a.hears("new", SourceMicrophone))
}

// TestRedundantAudio passes redundancy to those who know it, under their own
// numbers, and the plain voice to the others.
func TestRedundantAudio(t *testing.T) {
	payload := codec.AppendRED(nil, []codec.REDBlock{
		{PayloadType: 111, Offset: 960, Data: []byte("before")}, {PayloadType: 111, Data: []byte("now")},
	})
	var pool packetcache.Pool
	p := pool.Get()
	p.Data = append(p.Buffer()[:0], 0x80, 63, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1)
	p.Data = append(p.Data, payload...)
	if err := p.Header.Parse(p.Data); err != nil {
		t.Fatal(err)
	}
	d := &downlink{}
	d.payloads[codec.Opus] = payload1(96)
	if got := d.body(nil, p, codec.OpusRED, 0, 0); string(got) != "now" {
		t.Errorf("a client without redundancy gets %q", got)
	}
	if got := d.payload(codec.OpusRED).pt; got != 96 {
		t.Errorf("under payload type %d", got)
	}
	d.payloads[codec.OpusRED] = payload1(97)
	var blocks [codec.MaxRED]codec.REDBlock
	n, err := codec.ParseRED(d.body(nil, p, codec.OpusRED, 0, 0), &blocks)
	if err != nil || n != 2 || blocks[0].PayloadType != 96 || blocks[1].PayloadType != 96 || blocks[0].Offset != 960 ||
		!bytes.Equal(blocks[0].Data, []byte("before")) || !bytes.Equal(blocks[1].Data, []byte("now")) {
		t.Errorf("a client with redundancy gets %d blocks %+v, %v", n, blocks[:2], err)
	}
}

func payload1(pt uint8) payload { return payload{pt: pt} }
