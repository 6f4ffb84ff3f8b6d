package turn

import (
	"net/netip"
	"testing"

	"github.com/pion/stun/v4"
)

// FuzzRequest feeds what a stranger sends to everything that looks at it
// before Pion does.
func FuzzRequest(f *testing.F) {
	whole := stun.MustBuild(stun.TransactionID, stun.NewType(stun.MethodChannelBind, stun.ClassRequest),
		channel(0x4000), xorPeer(netip.MustParseAddrPort("192.0.2.1:9")), stun.NewUsername("1:a"))
	f.Add(whole.Raw)
	f.Add([]byte{0x40, 0, 0xff, 0xfc})
	f.Add([]byte{0, 1, 0, 0})
	m := newMint(testSecret, maxCredentialTTL, nil)
	p := policy{allow: func(netip.AddrPort) bool { return true }}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= channelDataLen {
			if n, ok := frameLen(b); ok && n < channelDataLen {
				t.Fatalf("a frame of %d bytes", n)
			}
		}
		r, ok := parseRequest(b)
		if !ok {
			return
		}
		for _, peer := range r.peers {
			r.permitted(p, peer.Addr().AsSlice())
		}
		m.parse(r.username)
		r.refused = true
		r.correct(b, m, "consilium")
	})
}

func TestFrameLen(t *testing.T) {
	for _, tc := range []struct {
		name string
		head []byte
		want int
		ok   bool
	}{
		{"empty STUN", []byte{0, 1, 0, 0}, 20, true},
		{"STUN with attributes", []byte{0, 1, 0, 8}, 28, true},
		{"STUN of odd length", []byte{0, 1, 0, 7}, 0, false},
		{"ChannelData is padded", []byte{0x40, 0, 0, 5}, 12, true},
		{"the greatest length does not wrap", []byte{0x40, 0, 0xff, 0xff}, 65540, true},
		{"reserved channel", []byte{0x50, 0, 0, 4}, 0, false},
		{"TLS", []byte{0x16, 3, 1, 2}, 0, false},
	} {
		got, ok := frameLen(tc.head)
		if ok != tc.ok || ok && got != tc.want {
			t.Errorf("%s: %d, %v", tc.name, got, ok)
		}
	}
}
