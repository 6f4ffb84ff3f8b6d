package sdp

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"consilium/sfu/internal/codec"
	"consilium/sfu/internal/rtp"
)

// Negotiate returns those codecs of a section that the server accepts, most
// wanted first: prefer gives the order, and at most one payload type is kept of
// each codec. Redundant audio stays before or after Opus as the client put it.
func Negotiate(s *Section, prefer []codec.Codec) []Codec {
	var out []Codec
	for _, want := range prefer {
		best := -1
		for i, c := range s.Codecs {
			if c.Codec != want {
				continue
			}
			if best < 0 || want == codec.H264 && level(c) > level(s.Codecs[best]) {
				best = i
			}
		}
		if best >= 0 {
			out = append(out, s.Codecs[best])
		}
	}
	opus := slices.IndexFunc(out, func(c Codec) bool { return c.Codec == codec.Opus })
	if opus < 0 {
		return out
	}
	for i, c := range s.Codecs {
		if c.Codec != codec.OpusRED {
			continue
		}
		at := opus
		if slices.IndexFunc(s.Codecs, func(c Codec) bool { return c.Codec == codec.Opus }) < i {
			at++
		}
		return slices.Insert(out, at, c)
	}
	return out
}

// level prefers constrained baseline (42e0…) to baseline.
func level(c Codec) int {
	if strings.HasPrefix(strings.ToLower(param(c.Params, "profile-level-id")), "42e0") {
		return 1
	}
	return 0
}

// Answer is what an answer is written from.
type Answer struct {
	Session     uint64 // the same for all answers of a transport
	Version     uint64 // rises with each
	Ufrag, Pwd  string
	Fingerprint string
	Candidates  []netip.AddrPort
	Sections    []AnswerSection // as many as the offer has, in its order
}

// AnswerSection answers one section.
type AnswerSection struct {
	Offer    *Section
	Refused  bool
	Receives bool // the server takes what the client sends
	Sends    bool
	Codecs   []Codec
	Exts     []Ext
	// Of what the server sends:
	SSRC, RTX uint32
	Stream    string // of a=msid, and the canonical name
}

// feedback lists the kinds of RTCP feedback the server knows, in the order they
// are written.
var feedback = []string{"transport-cc", "ccm fir", "nack", "nack pli"}

// wanted lists the header extensions the server uses.
var wanted = []rtp.Extension{
	rtp.ExtMID, rtp.ExtRID, rtp.ExtRepairedRID, rtp.ExtAudioLevel, rtp.ExtTWCC, rtp.ExtAbsSendTime,
}

// Extensions returns those extensions of a section that the server uses.
func Extensions(s *Section) []Ext {
	return slices.DeleteFunc(slices.Clone(s.Exts), func(x Ext) bool { return !slices.Contains(wanted, x.Ext) })
}

// Marshal writes the answer.
func (a *Answer) Marshal() string {
	var b strings.Builder
	b.Grow(1024 + 1024*len(a.Sections))
	fmt.Fprintf(&b, "v=0\r\no=- %d %d IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", a.Session, a.Version)
	var mids []string
	for i := range a.Sections {
		if !a.Sections[i].Refused {
			mids = append(mids, a.Sections[i].Offer.Mid)
		}
	}
	if len(mids) > 0 {
		b.WriteString("a=group:BUNDLE " + strings.Join(mids, " ") + "\r\n")
	}
	b.WriteString("a=msid-semantic: WMS *\r\n")
	first := true
	for i := range a.Sections {
		s := &a.Sections[i]
		if s.Refused {
			fmt.Fprintf(&b, "m=%s 0 %s %s\r\nc=IN IP4 0.0.0.0\r\na=mid:%s\r\na=inactive\r\n", s.Offer.Media, s.Offer.Proto, s.Offer.Format, s.Offer.Mid)
			continue
		}
		a.section(&b, s, first)
		first = false
	}
	return b.String()
}

func (a *Answer) section(b *strings.Builder, s *AnswerSection, first bool) {
	fmt.Fprintf(b, "m=%s 9 %s", s.Offer.Media, s.Offer.Proto)
	for _, c := range s.Codecs {
		fmt.Fprintf(b, " %d", c.PT)
		if c.RTX != 0 {
			fmt.Fprintf(b, " %d", c.RTX)
		}
	}
	b.WriteString("\r\nc=IN IP4 0.0.0.0\r\n")
	if first {
		for i, c := range a.Candidates {
			// Component 1, host; of several addresses the first is preferred.
			fmt.Fprintf(b, "a=candidate:%d 1 udp %d %s %d typ host\r\n", i+1, 126<<24|uint32(65535-i)<<8|255, c.Addr().Unmap(), c.Port())
		}
		b.WriteString("a=end-of-candidates\r\n")
	}
	fmt.Fprintf(b, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:%s\r\na=setup:passive\r\na=mid:%s\r\n",
		a.Ufrag, a.Pwd, a.Fingerprint, s.Offer.Mid)
	for _, x := range s.Exts {
		fmt.Fprintf(b, "a=extmap:%d %s\r\n", x.ID, x.Ext.URI())
	}
	b.WriteString("a=" + direction(s.Sends, s.Receives) + "\r\na=rtcp-mux\r\n")
	if s.Offer.ReducedRR {
		b.WriteString("a=rtcp-rsize\r\n")
	}
	for _, c := range s.Codecs {
		a.codec(b, c)
	}
	if s.Receives && len(s.Offer.Rids) > 0 {
		for _, r := range s.Offer.Rids {
			b.WriteString("a=rid:" + r + " recv\r\n")
		}
		b.WriteString("a=simulcast:recv " + strings.Join(s.Offer.Rids, ";") + "\r\n")
	}
	if s.Sends {
		fmt.Fprintf(b, "a=msid:%s %s\r\n", s.Stream, s.Stream+"-"+s.Offer.Media)
		if s.RTX != 0 {
			fmt.Fprintf(b, "a=ssrc-group:FID %d %d\r\n", s.SSRC, s.RTX)
			fmt.Fprintf(b, "a=ssrc:%d cname:%s\r\na=ssrc:%d cname:%s\r\n", s.SSRC, s.Stream, s.RTX, s.Stream)
		} else {
			fmt.Fprintf(b, "a=ssrc:%d cname:%s\r\n", s.SSRC, s.Stream)
		}
	}
}

func (a *Answer) codec(b *strings.Builder, c Codec) {
	name := c.Codec.String() + "/" + strconv.Itoa(int(c.Clock))
	if c.Channels > 1 {
		name += "/" + strconv.Itoa(c.Channels)
	}
	fmt.Fprintf(b, "a=rtpmap:%d %s\r\n", c.PT, name)
	if p := c.answerParams(); p != "" {
		fmt.Fprintf(b, "a=fmtp:%d %s\r\n", c.PT, p)
	}
	for _, fb := range feedback {
		if slices.Contains(c.Feedback, fb) {
			fmt.Fprintf(b, "a=rtcp-fb:%d %s\r\n", c.PT, fb)
		}
	}
	if c.RTX != 0 {
		fmt.Fprintf(b, "a=rtpmap:%d rtx/%d\r\na=fmtp:%d apt=%d\r\n", c.RTX, c.Clock, c.RTX, c.PT)
	}
}

// answerParams returns the format parameters to answer with: the client's own,
// for the server adds no limits, and Opus with forward error correction.
func (c *Codec) answerParams() string {
	if c.Codec != codec.Opus || param(c.Params, "useinbandfec") != "" {
		return c.Params
	}
	if c.Params == "" {
		return "useinbandfec=1"
	}
	return c.Params + ";useinbandfec=1"
}

// Has reports whether a codec was negotiated with a kind of feedback.
func (c *Codec) Has(kind string) bool { return slices.Contains(c.Feedback, kind) }

func direction(sends, receives bool) string {
	switch {
	case sends && receives:
		return "sendrecv"
	case sends:
		return "sendonly"
	case receives:
		return "recvonly"
	}
	return "inactive"
}
