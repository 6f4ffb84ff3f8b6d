package sdp

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"

	psdp "github.com/pion/sdp/v3"

	"consilium/sfu/internal/codec"
)

var prefer = []codec.Codec{codec.VP8, codec.H264, codec.VP9, codec.AV1, codec.Opus}

func load(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name + ".sdp")
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(b), "\n", "\r\n")
}

// describe says in one line what a section came to.
func describe(s *Section) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", s.Mid, s.Media)
	if s.Sends {
		b.WriteString(" sends")
	}
	if s.Receives {
		b.WriteString(" receives")
	}
	for _, c := range Negotiate(s, prefer) {
		fmt.Fprintf(&b, " %s=%d/%d", c.Codec, c.PT, c.RTX)
	}
	if len(s.Rids) > 0 {
		fmt.Fprintf(&b, " rids %s", strings.Join(s.Rids, ";"))
	}
	if len(s.Sources) > 0 {
		fmt.Fprintf(&b, " from %v repaired by %v", s.Sources, s.Repairs)
	}
	return b.String()
}

func TestRecordedOffers(t *testing.T) {
	for name, want := range map[string][]string{
		"chromium": {
			"0 audio sends opus=111/0 red=63/0 from [2106674434] repaired by [0]",
			"1 video sends VP8=96/97 H264=108/109 VP9=98/99 AV1=45/46 rids q;h;f",
			"2 audio receives opus=111/0 red=63/0",
			"4 video receives VP8=96/97 H264=108/109 VP9=98/99 AV1=45/46",
		},
		"firefox": {
			"0 audio sends receives opus=109/0 from [2655508255] repaired by [0]",
			"1 video sends receives VP8=120/124 H264=126/127 VP9=121/125 rids q;h;f",
			"2 video receives VP8=120/124",
		},
		"safari": {
			"0 audio sends receives opus=111/0 red=63/0 from [1187113366] repaired by [0]",
			"1 video sends receives VP8=100/101 H264=98/99 from [2049141316] repaired by [3162145111]",
		},
		"reactnative": {
			"0 audio sends receives opus=111/0 red=63/0 from [3201] repaired by [0]",
			"1 video sends receives VP8=96/97 H264=106/107 rids f",
		},
		"chrome-sim": {
			"video video sends receives VP8=96/97 from [101 102 103] repaired by [201 202 203]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			o, err := Parse(load(t, name), 64)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range o.Sections {
				got = append(got, describe(s))
			}
			if !slices.Equal(got, want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if len(o.Fingerprints) != 1 || o.Ufrag == "" || o.Pwd == "" {
				t.Errorf("transport %q %q %v", o.Ufrag, o.Pwd, o.Fingerprints)
			}
			checkAnswer(t, o)
		})
	}
}

// checkAnswer writes an answer and reads it back as a client would.
func checkAnswer(t *testing.T, o *Offer) {
	t.Helper()
	a := Answer{
		Session: 7, Version: 1, Ufrag: "ufrag", Pwd: "password-password-password", Fingerprint: "sha-256 AB",
		Candidates: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:7882"), netip.MustParseAddrPort("[2001:db8::1]:7882")},
	}
	for i, s := range o.Sections {
		a.Sections = append(a.Sections, AnswerSection{
			Offer: s, Receives: s.Sends, Sends: s.Receives, Codecs: Negotiate(s, prefer), Exts: Extensions(s),
			SSRC: uint32(1000 + i), RTX: uint32(2000 + i), Stream: fmt.Sprintf("slot%d", i),
		})
	}
	text := a.Marshal()
	var d psdp.SessionDescription
	if err := d.UnmarshalString(text); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if len(d.MediaDescriptions) != len(o.Sections) {
		t.Fatalf("%d sections", len(d.MediaDescriptions))
	}
	for i, m := range d.MediaDescriptions {
		if mid, _ := m.Attribute("mid"); mid != o.Sections[i].Mid {
			t.Errorf("section %d has mid %q", i, mid)
		}
		if v, _ := m.Attribute("setup"); v != "passive" {
			t.Errorf("setup %q", v)
		}
		if len(o.Sections[i].Rids) > 0 {
			want := "recv " + strings.Join(o.Sections[i].Rids, ";")
			if v, _ := m.Attribute("simulcast"); v != want {
				t.Errorf("simulcast %q, want %q", v, want)
			}
		}
		offered := strings.Fields(o.Sections[i].Format)
		for _, f := range m.MediaName.Formats {
			if !slices.Contains(offered, f) {
				t.Errorf("payload type %s was not offered", f)
			}
		}
	}
	if n := strings.Count(text, "a=candidate:"); n != 2 {
		t.Errorf("%d candidates", n)
	}
}

func TestRefusedSection(t *testing.T) {
	text := strings.ReplaceAll(load(t, "firefox"), "BUNDLE 0 1 2", "BUNDLE 0 1 2 3") +
		"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:3\r\na=sctp-port:5000\r\n"
	o, err := Parse(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	a := Answer{}
	for _, s := range o.Sections {
		a.Sections = append(a.Sections, AnswerSection{Offer: s, Refused: s.Media == "application", Codecs: Negotiate(s, prefer)})
	}
	got := a.Marshal()
	if !strings.Contains(got, "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n") || !strings.Contains(got, "a=group:BUNDLE 0 1 2\r\n") {
		t.Error(got)
	}
}

func TestErrorsNameTheLine(t *testing.T) {
	good := load(t, "safari")
	for _, tc := range []struct {
		name     string
		old, new string
		line     string // how the named line begins
		why      string
	}{
		{"no sdp", good, "hello", "hello", "not of the form"},
		{"empty", good, "", "", "no media section"},
		{"version", "v=0", "v=1", "v=1", "invalid"},
		{"origin", "o=- 5521345123412341234 2 IN IP4 127.0.0.1", "o=-", "o=-", "invalid"},
		{"port", "m=video 9", "m=video x", "m=video x", "invalid"},
		{"protocol", "m=video 9 UDP/TLS/RTP/SAVPF", "m=video 9 RTP/AVP", "m=video", "UDP/TLS/RTP/SAVPF"},
		{"payload type", "m=video 9 UDP/TLS/RTP/SAVPF 96", "m=video 9 UDP/TLS/RTP/SAVPF 300", "m=video", "300"},
		{"rtpmap", "a=rtpmap:100 VP8/90000", "a=rtpmap:100 VP8", "a=rtpmap:100 VP8", "clock rate"},
		{"ufrag", "a=ice-ufrag:Zp4F", "a=ice-ufrag:Z", "a=ice-ufrag:Z", "ice-ufrag"},
		{"password", "a=ice-pwd:Tm9WcN1s6q8vYbE2kLxG5rDh", "a=ice-pwd:short", "a=ice-pwd", "ice-pwd"},
		{"fingerprint", "a=fingerprint:sha-256 7A:16", "a=fingerprint:sha-256 7A", "a=fingerprint", "bytes"},
		{"setup", "a=setup:actpass", "a=setup:passive", "a=setup", "passive"},
		{"extension", "a=extmap:13 ", "a=extmap:300 ", "a=extmap:300", "1 to 255"},
		{"extension twice", "a=extmap:10 ", "a=extmap:4 ", "a=extmap:4", "twice"},
		{"ssrc", "a=ssrc:2049141316", "a=ssrc:x", "a=ssrc:x", "number"},
		{"no mux", "a=rtcp-mux\r\n", "", "m=audio", "rtcp-mux"},
		{"no mid", "a=mid:1\r\n", "", "m=video", "mid"},
		{"mid twice", "a=mid:1", "a=mid:0", "m=video", "same mid"},
		{"no bundle", "a=group:BUNDLE 0 1\r\n", "", "m=audio", "BUNDLE"},
		{"outside the bundle", "BUNDLE 0 1", "BUNDLE 0", "m=video", "BUNDLE"},
		{"line without form", "a=sendrecv", "sendrecv", "sendrecv", "x=value"},
		{"rid", "a=sendrecv\r\na=msid:2c1f 88bb", "a=simulcast:send a;a", "a=simulcast", "twice"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := strings.ReplaceAll(good, tc.old, tc.new)
			_, err := Parse(text, 64)
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v", err)
			}
			if !strings.HasPrefix(e.Text, tc.line) || !strings.Contains(err.Error(), tc.why) {
				t.Errorf("got %v", err)
			}
			if e.Line > 0 {
				if lines := strings.Split(text, "\r\n"); !strings.HasPrefix(lines[e.Line-1], tc.line) {
					t.Errorf("line %d is %q", e.Line, lines[e.Line-1])
				}
			}
		})
	}
	if _, err := Parse(strings.Repeat("a", MaxSize+1), 64); err == nil {
		t.Error("an endless offer was read")
	}
	if _, err := Parse(good, 1); err == nil {
		t.Error("too many sections were read")
	}
}

func FuzzParse(f *testing.F) {
	for _, n := range []string{"chromium", "firefox", "safari", "reactnative", "chrome-sim"} {
		f.Add(load(f, n))
	}
	f.Fuzz(func(t *testing.T, text string) {
		o, err := Parse(text, 16)
		if err != nil {
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		a := Answer{}
		for _, s := range o.Sections {
			c := Negotiate(s, prefer)
			a.Sections = append(a.Sections, AnswerSection{
				Offer: s, Refused: len(c) == 0, Codecs: c, Exts: Extensions(s), Receives: s.Sends, Sends: s.Receives, Stream: "s",
			})
		}
		out := a.Marshal()
		for i, l := range strings.Split(strings.TrimSuffix(out, "\r\n"), "\r\n") {
			if len(l) < 2 || l[1] != '=' {
				t.Fatalf("line %d of the answer is %q", i+1, l)
			}
		}
	})
}
