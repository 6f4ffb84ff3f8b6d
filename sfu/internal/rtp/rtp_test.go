package rtp

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	pion "github.com/pion/rtp"
)

func TestParseRefusesWhatIsNotRTP(t *testing.T) {
	good := []byte{0x80, 96, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3}
	for _, c := range []struct {
		name string
		b    []byte
		want error
	}{
		{"empty", nil, ErrShort},
		{"eleven bytes", good[:11], ErrShort},
		{"version 1", append([]byte{0x40}, good[1:]...), ErrVersion},
		{"csrc beyond the end", append([]byte{0x81}, good[1:]...), ErrShort},
		{"extension header beyond the end", append([]byte{0x90}, good[1:]...), ErrShort},
		{"extension beyond the end", append(append([]byte{0x90}, good[1:]...), 0xbe, 0xde, 0, 1), ErrExtension},
		{"padding of zero", append(append([]byte{0xa0}, good[1:]...), 0), ErrPadding},
		{"padding over the header", append(append([]byte{0xa0}, good[1:]...), 2), ErrPadding},
		{"header alone", good, nil},
		{"only padding", append(append([]byte{0xa0}, good[1:]...), 1), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var h Header
			if err := h.Parse(c.b); !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
		})
	}
}

// TestParseAgreesWithPion writes random packets with Pion and reads them here.
func TestParseAgreesWithPion(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 2000 {
		p := pion.Packet{
			Header: pion.Header{
				Version: 2, Marker: i%2 == 0, PayloadType: uint8(rng.IntN(128)), SequenceNumber: uint16(rng.Uint32()),
				Timestamp: rng.Uint32(), SSRC: rng.Uint32(),
			},
			Payload: make([]byte, rng.IntN(1200)),
		}
		for range rng.IntN(4) {
			p.CSRC = append(p.CSRC, rng.Uint32())
		}
		var id uint8
		data := make([]byte, 1+rng.IntN(16))
		for j := range data {
			data[j] = byte(rng.Uint32())
		}
		if i%3 > 0 {
			p.Extension, p.ExtensionProfile = true, profileOneByte
			id = uint8(1 + rng.IntN(14))
			if i%3 == 2 {
				p.ExtensionProfile, id = profileTwoByte, uint8(1+rng.IntN(255))
			}
			if err := p.SetExtension(id, data); err != nil {
				t.Fatal(err)
			}
		}
		b, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		if i%5 == 0 {
			b = Pad(b, 1+rng.IntN(255))
		}
		var h Header
		if err := h.Parse(b); err != nil {
			t.Fatal(err)
		}
		if h.Seq != p.SequenceNumber || h.Timestamp != p.Timestamp || h.SSRC != p.SSRC || h.Marker != p.Marker ||
			h.PayloadType != p.PayloadType || int(h.CSRCs) != len(p.CSRC) || h.PayloadLen() != len(p.Payload) {
			t.Fatalf("packet %d: %+v against %+v", i, h, p.Header)
		}
		if id != 0 && !bytes.Equal(h.Extension(b, id), data) {
			t.Fatalf("packet %d: extension %d is %x, want %x", i, id, h.Extension(b, id), data)
		}
	}
}

func TestAppendHeaderRoundTrip(t *testing.T) {
	type element struct {
		id   uint8
		data []byte
	}
	for _, c := range []struct {
		name     string
		elements []element
		profile  uint16
	}{
		{"none", nil, 0},
		{"one byte form", []element{{1, []byte("0")}, {3, []byte{1, 2}}, {14, make([]byte, 16)}}, profileOneByte},
		{"number over 14 widens", []element{{1, []byte("mid")}, {2, []byte{9}}, {20, []byte{7}}}, profileTwoByte},
		{"long data widens", []element{{4, []byte("abcd")}, {5, bytes.Repeat([]byte{8}, 40)}, {6, []byte{1}}}, profileTwoByte},
		{"empty data widens", []element{{4, []byte("abcd")}, {5, nil}}, profileTwoByte},
	} {
		t.Run(c.name, func(t *testing.T) {
			var x Extensions
			for _, e := range c.elements {
				copy(x.Add(e.id, len(e.data)), e.data)
			}
			f := Fixed{SSRC: 0xcafebabe, Timestamp: 1 << 31, Seq: 65535, PayloadType: 111, Marker: true}
			b := append(AppendHeader(nil, f, &x), "payload"...)
			if want := FixedSize + x.Size() + 7; len(b) != want {
				t.Fatalf("length %d, want %d", len(b), want)
			}
			var h Header
			if err := h.Parse(b); err != nil {
				t.Fatal(err)
			}
			if h.SSRC != f.SSRC || h.Seq != f.Seq || h.Timestamp != f.Timestamp || h.PayloadType != 111 || !h.Marker || h.ExtProfile != c.profile {
				t.Fatalf("read back %+v", h)
			}
			if string(h.Payload(b)) != "payload" {
				t.Fatalf("payload %q", h.Payload(b))
			}
			for _, e := range c.elements {
				if got := x.Find(e.id); !bytes.Equal(got, e.data) {
					t.Errorf("element %d is found as %x, want %x", e.id, got, e.data)
				}
				if got := h.Extension(b, e.id); !bytes.Equal(got, e.data) {
					t.Errorf("element %d is %x, want %x", e.id, got, e.data)
				}
			}
			var p pion.Packet
			if err := p.Unmarshal(b); err != nil {
				t.Fatalf("Pion does not read it: %v", err)
			}
		})
	}
}

func TestExtensionsAreBounded(t *testing.T) {
	var x Extensions
	for range 1000 {
		x.Add(7, 16)
	}
	if x.Len() > maxExtensions {
		t.Fatalf("%d bytes", x.Len())
	}
	if x.Add(200, 0) != nil && x.Len() > maxExtensions {
		t.Fatal("widened past the bound")
	}
	if x.Add(0, 4) != nil {
		t.Fatal("an element nobody negotiated was added")
	}
}

func TestIDs(t *testing.T) {
	var m IDs
	m.Set(ExtTWCC, 3)
	m.Set(ExtMID, 4)
	m.Set(ExtTWCC, 5) // negotiated anew
	m.Set(ExtRID, 4)  // takes the number over
	if m.ID(ExtTWCC) != 5 || m.Kind(3) != ExtNone || m.Kind(5) != ExtTWCC || m.ID(ExtMID) != 0 || m.Kind(4) != ExtRID {
		t.Fatalf("%+v", m.id)
	}
	for e := ExtNone + 1; e < extCount; e++ {
		if ExtensionByURI(e.URI()) != e {
			t.Errorf("%d is not found by its URI %q", e, e.URI())
		}
	}
	if ExtensionByURI("urn:nobody") != ExtNone {
		t.Error("an unknown URI has a meaning")
	}
}

func TestRTXRoundTrip(t *testing.T) {
	var x Extensions
	copy(x.Add(3, 2), []byte{1, 2})
	b := AppendHeader(nil, Fixed{SSRC: 2, Seq: 77, Timestamp: 9, PayloadType: 97, Marker: true}, &x)
	b = AppendRTX(b, 65534, []byte("original"))
	var h Header
	if err := h.Parse(b); err != nil {
		t.Fatal(err)
	}
	got, ok := UnwrapRTX(b, &h, 1, 96)
	if !ok {
		t.Fatal("not unwrapped")
	}
	if err := h.Parse(got); err != nil {
		t.Fatal(err)
	}
	if h.SSRC != 1 || h.Seq != 65534 || h.PayloadType != 96 || !h.Marker || h.Timestamp != 9 || string(h.Payload(got)) != "original" {
		t.Fatalf("%+v %q", h, h.Payload(got))
	}
	if !bytes.Equal(h.Extension(got, 3), []byte{1, 2}) {
		t.Fatal("extension lost")
	}
	empty := AppendHeader(nil, Fixed{PayloadType: 97}, nil)
	if err := h.Parse(empty); err != nil {
		t.Fatal(err)
	}
	if _, ok := UnwrapRTX(empty, &h, 1, 96); ok {
		t.Fatal("unwrapped a probe")
	}
}

func TestUnwrapper(t *testing.T) {
	var u Unwrapper
	first := u.Unwrap(65534)
	for _, c := range []struct {
		seq  uint16
		want int64
	}{{65535, 1}, {1, 3}, {0, 2}, {65533, -1}, {2, 4}, {30000, 30002}, {65000, -534}} {
		if got := int64(u.Unwrap(c.seq)) - int64(first); got != c.want {
			t.Fatalf("%d: %d after the first, want %d", c.seq, got, c.want)
		}
	}
	var low Unwrapper
	if low.Unwrap(0); low.Near(65535) != 65535 {
		t.Fatalf("one before the first is %d", low.Near(65535))
	}
}

func TestClassify(t *testing.T) {
	for _, c := range []struct {
		b    []byte
		want Kind
	}{
		{[]byte{0}, Unknown},
		{[]byte{0, 1}, STUN},
		{[]byte{22, 254}, DTLS},
		{[]byte{64, 0}, Unknown},
		{[]byte{128, 96}, RTP},
		{[]byte{144, 0x80 | 111}, RTP},
		{[]byte{128, 200}, RTCP},
		{[]byte{129, 205}, RTCP},
		{[]byte{192, 205}, Unknown},
	} {
		if got := Classify(c.b); got != c.want {
			t.Errorf("%v: %d, want %d", c.b, got, c.want)
		}
	}
}

func TestForwardingAllocatesNothing(t *testing.T) {
	in := append(AppendHeader(nil, Fixed{SSRC: 1, Seq: 2, PayloadType: 96}, layout()), make([]byte, 1100)...)
	out := make([]byte, 0, 1500)
	x := layout()
	if n := testing.AllocsPerRun(200, func() { out = forward(in, out, x) }); n != 0 {
		t.Fatalf("%v allocations per packet", n)
	}
}

func layout() *Extensions {
	x := new(Extensions)
	copy(x.Add(1, 1), "0")
	x.Add(3, 2)
	return x
}

func forward(in, out []byte, x *Extensions) []byte {
	var h Header
	if h.Parse(in) != nil {
		return nil
	}
	_ = h.Extension(in, 3)
	out = AppendHeader(out[:0], Fixed{SSRC: 7, Seq: h.Seq, Timestamp: h.Timestamp, PayloadType: 100, Marker: h.Marker}, x)
	return append(out, h.Payload(in)...)
}

func BenchmarkParse(b *testing.B) {
	in := append(AppendHeader(nil, Fixed{SSRC: 1, Seq: 2, PayloadType: 96}, layout()), make([]byte, 1100)...)
	var h Header
	b.ReportAllocs()
	for b.Loop() {
		if err := h.Parse(in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkForwardHeader(b *testing.B) {
	in := append(AppendHeader(nil, Fixed{SSRC: 1, Seq: 2, PayloadType: 96}, layout()), make([]byte, 1100)...)
	out, x := make([]byte, 0, 1500), layout()
	b.ReportAllocs()
	for b.Loop() {
		out = forward(in, out, x)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(append(AppendHeader(nil, Fixed{SSRC: 1, Seq: 2, PayloadType: 96}, layout()), 1, 2, 3, 4))
	f.Add([]byte{0xb1, 0xff, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0x10, 0, 0, 1, 5, 1, 9, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		var h Header
		if h.Parse(b) != nil {
			return
		}
		total := 0
		for it := h.Elements(b); ; {
			_, data, ok := it.Next()
			if !ok {
				break
			}
			total += 1 + len(data)
		}
		if total > len(b) || len(h.Payload(b)) != h.PayloadLen() {
			t.Fatal("read past the packet")
		}
		if original, ok := UnwrapRTX(bytes.Clone(b), &h, 1, 2); ok {
			if err := h.Parse(original); err != nil {
				t.Fatalf("unwrapped into a packet that does not parse: %v", err)
			}
		}
	})
}
