package codec

import (
	"bytes"
	"errors"
	"testing"

	"github.com/pion/rtp/codecs"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		name    string
		codec   Codec
		payload []byte
		want    Frame
		err     error
	}{
		{"VP8 empty", VP8, nil, Frame{}, ErrShort},
		{"VP8 descriptor alone", VP8, []byte{0x10}, Frame{}, ErrShort},
		{"VP8 cut picture id", VP8, []byte{0x90, 0x80, 0x81}, Frame{}, ErrShort},
		{"VP8 key frame without extension", VP8, []byte{0x10, 0x00, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01}, Frame{Start: true, Key: true, Width: 640, Height: 480}, nil},
		{"VP8 continuation", VP8, []byte{0x00, 0x00}, Frame{}, nil},
		{"VP8 second partition", VP8, []byte{0x11, 0x00}, Frame{}, nil},
		{
			"VP8 all fields", VP8,
			[]byte{0xb0, 0xf0, 0x85, 0x39, 0x07, 0xa3, 0x01},
			Frame{Start: true, Discardable: true, PictureID: 0x539, PictureIDBits: 15, HasTL0: true, TL0: 7, Temporal: 2, Sync: true},
			nil,
		},
		{"VP8 seven bits", VP8, []byte{0x90, 0x80, 0x7f, 0x01}, Frame{Start: true, PictureID: 127, PictureIDBits: 7}, nil},

		{"H264 IDR slice", H264, []byte{0x65, 0x88}, Frame{Start: true, Key: true}, nil},
		{"H264 later IDR slice", H264, []byte{0x65, 0x08}, Frame{}, nil},
		{"H264 delta slice", H264, []byte{0x41, 0x9a}, Frame{Start: true}, nil},
		{"H264 unreferenced slice", H264, []byte{0x01, 0x9a}, Frame{Start: true, Discardable: true}, nil},
		{"H264 SPS", H264, []byte{0x67, 0x42}, Frame{Start: true, Key: true}, nil},
		{"H264 STAP-A of SPS, PPS and IDR", H264, []byte{0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xce, 0, 2, 0x65, 0x88}, Frame{Start: true, Key: true}, nil},
		{"H264 STAP-A overrun", H264, []byte{0x78, 0, 9, 0x67, 0x42}, Frame{}, ErrShort},
		{"H264 FU-A start of IDR", H264, []byte{0x7c, 0x85, 0x88}, Frame{Start: true, Key: true}, nil},
		{"H264 FU-A middle", H264, []byte{0x7c, 0x05, 0x88}, Frame{}, nil},
		{"H264 FU-A start of delta", H264, []byte{0x5c, 0x81, 0x9a}, Frame{Start: true}, nil},
		{"H264 cut", H264, []byte{0x7c}, Frame{}, ErrShort},

		{
			"VP9 key frame", VP9,
			[]byte{0xaa, 0x81, 0x02, 0x00, 0x05, 0x18, 0x02, 0x80, 0x01, 0xe0, 0x01, 0x04, 0x01, 0xff},
			Frame{Start: true, Key: true, PictureID: 0x102, PictureIDBits: 15, HasTL0: true, TL0: 5, SpatialCount: 1, TemporalCount: 1, Width: 640, Height: 480},
			nil,
		},
		{"VP9 upper layer", VP9, []byte{0xac, 0x03, 0x33, 0x07, 0xff}, Frame{Start: true, End: true, PictureID: 3, PictureIDBits: 7, HasTL0: true, TL0: 7, Temporal: 1, Sync: true, Spatial: 1, LayerInter: true}, nil},
		{"VP9 flexible references", VP9, []byte{0xd8, 0x03, 0x03, 0x04, 0xff}, Frame{Start: true, Inter: true, PictureID: 3, PictureIDBits: 7}, nil},
		{"VP9 four references", VP9, []byte{0xd8, 0x03, 0x03, 0x03, 0x03, 0x04, 0xff}, Frame{}, ErrShort},
		{"VP9 cut structure", VP9, []byte{0x0a, 0x18, 0x02}, Frame{}, ErrShort},

		{"AV1 new sequence", AV1, []byte{0x18, 0x0a, 0x01}, Frame{Start: true, Key: true}, nil},
		{"AV1 frame with layers", AV1, []byte{0x10, 0x34, 0x48, 0x01}, Frame{Start: true, Temporal: 2, Spatial: 1}, nil},
		{"AV1 continuation", AV1, []byte{0x90, 0x01}, Frame{}, nil},
		{"AV1 endless length", AV1, []byte{0x20, 0xff, 0xff, 0xff, 0xff, 0xff}, Frame{}, ErrShort},

		{"Opus", Opus, nil, Frame{Start: true, Key: true}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var f Frame
			err := Parse(c.codec, c.payload, &f)
			if !errors.Is(err, c.err) {
				t.Fatalf("error %v, want %v", err, c.err)
			}
			if err == nil && f != c.want {
				t.Fatalf("got  %+v\nwant %+v", f, c.want)
			}
		})
	}
}

// TestVP8AgreesWithPion reads descriptors that Pion's payloader wrote.
func TestVP8AgreesWithPion(t *testing.T) {
	pay := codecs.VP8Payloader{EnablePictureID: true}
	for range 300 { // past the change from 7 to 15 bits
		for n, p := range pay.Payload(40, bytes.Repeat([]byte{1}, 100)) {
			var f Frame
			if err := Parse(VP8, p, &f); err != nil {
				t.Fatal(err)
			}
			var ref codecs.VP8Packet
			if _, err := ref.Unmarshal(p); err != nil {
				t.Fatal(err)
			}
			if f.PictureID != ref.PictureID || f.Start != (n == 0) {
				t.Fatalf("%+v against %+v", f, ref)
			}
		}
	}
}

func TestAppendVP8(t *testing.T) {
	for _, c := range []struct {
		name    string
		in, out []byte
	}{
		{"nothing to rewrite", []byte{0x10, 0, 1, 2}, []byte{0x10, 0, 1, 2}},
		{"15 bits", []byte{0x90, 0xe0, 0x81, 0x02, 0x03, 0x40, 9, 8}, []byte{0x90, 0xe0, 0xff, 0xfe, 0xaa, 0x40, 9, 8}},
		{"7 bits grow", []byte{0x90, 0x80, 0x02, 9, 8}, []byte{0x90, 0x80, 0xff, 0xfe, 9, 8}},
		{"only TL0", []byte{0x90, 0x60, 0x03, 0x40, 9}, []byte{0x90, 0x60, 0xaa, 0x40, 9}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var f Frame
			if err := Parse(VP8, c.in, &f); err != nil {
				t.Fatal(err)
			}
			if got := AppendVP8(nil, c.in, &f, 0x7ffe, 0xaa); !bytes.Equal(got, c.out) {
				t.Fatalf("got %x, want %x", got, c.out)
			}
		})
	}
}

func TestREDRoundTrip(t *testing.T) {
	in := []REDBlock{
		{Data: []byte("older"), Offset: 1920, PayloadType: 111},
		{Data: []byte("old"), Offset: 960, PayloadType: 111},
		{Data: nil, Offset: 5, PayloadType: 111}, // left out
		{Data: []byte("primary"), PayloadType: 111},
	}
	p := AppendRED(nil, in)
	var blocks [MaxRED]REDBlock
	n, err := ParseRED(p, &blocks)
	if err != nil || n != 3 {
		t.Fatalf("%d blocks, %v", n, err)
	}
	for i, want := range []REDBlock{in[0], in[1], in[3]} {
		if got := blocks[i]; !bytes.Equal(got.Data, want.Data) || got.Offset != want.Offset || got.PayloadType != 111 {
			t.Errorf("block %d: %+v, want %+v", i, got, want)
		}
	}
	for i := range len(p) - len("primary") {
		if _, err := ParseRED(p[:i], &blocks); err == nil {
			t.Errorf("a payload cut to %d bytes was taken", i)
		}
	}
}

func TestNames(t *testing.T) {
	for c := Opus; c <= PCMA; c++ {
		if ByName(c.String()) != c {
			t.Errorf("%d is not found by its name %q", c, c)
		}
	}
	if ByName("h264") != H264 || ByName("telephone-event") != Unknown || Codec(99).String() != "" {
		t.Error("names")
	}
}

func TestParseAllocatesNothing(t *testing.T) {
	p := append([]byte{0x90, 0xe0, 0x81, 0x02, 0x03, 0x40}, make([]byte, 1100)...)
	out := make([]byte, 0, 1500)
	var f Frame
	if n := testing.AllocsPerRun(200, func() {
		_ = Parse(VP8, p, &f)
		out = AppendVP8(out[:0], p, &f, 1, 2)
	}); n != 0 {
		t.Fatalf("%v allocations per packet", n)
	}
}

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct {
		codec   Codec
		payload []byte
	}{
		{VP8, []byte{0x90, 0xe0, 0x81, 0x02, 0x03, 0x40, 1, 2}},
		{VP9, []byte{0xac, 0x03, 0x33, 0x07, 0xff}},
		{H264, []byte{0x7c, 0x85, 0x88}},
		{AV1, []byte{0x10, 0x34, 0x48, 0x01}},
	} {
		b.Run(c.codec.String(), func(b *testing.B) {
			var f Frame
			b.ReportAllocs()
			for b.Loop() {
				_ = Parse(c.codec, c.payload, &f)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(uint8(VP8), []byte{0xb0, 0xf0, 0x85, 0x39, 0x07, 0xa3, 0x01})
	f.Add(uint8(VP9), []byte{0xaa, 0x81, 0x02, 0x00, 0x05, 0x18, 0x02, 0x80, 0x01, 0xe0, 0x01, 0x04, 0x01, 0xff})
	f.Add(uint8(H264), []byte{0x78, 0, 2, 0x67, 0x42, 0, 2, 0x68, 0xce})
	f.Add(uint8(AV1), []byte{0x10, 0x34, 0x48, 0x01})
	f.Add(uint8(OpusRED), []byte{0xef, 0x0f, 0x00, 0x02, 0x6f, 1, 2, 3})
	f.Fuzz(func(t *testing.T, c uint8, p []byte) {
		var fr Frame
		if err := Parse(Codec(c), p, &fr); err == nil && Codec(c) == VP8 {
			out := AppendVP8(nil, p, &fr, 0x1234, 0x56)
			var again Frame
			if err := Parse(VP8, out, &again); err != nil {
				t.Fatalf("rewritten payload does not parse: %v", err)
			}
			if again.Key != fr.Key || again.Start != fr.Start || again.Temporal != fr.Temporal {
				t.Fatalf("%+v became %+v", fr, again)
			}
		}
		var blocks [MaxRED]REDBlock
		if n, err := ParseRED(p, &blocks); err == nil {
			total := 0
			for _, b := range blocks[:n] {
				total += len(b.Data)
			}
			if total > len(p) {
				t.Fatal("blocks are longer than their payload")
			}
		}
	})
}
