package loadtest

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// Payload types and extension numbers of our offers.
const (
	ptOpus, ptVP8, ptRTX = 111, 96, 97

	extMID, extTWCC, extLevel, extRID, extRRID = 1, 2, 3, 4, 5
)

// rids of the simulcast streams, lowest first.
var rids = [...]string{"q", "h", "f"}

// offer writes the offer of a participant with its tracks and receive slots.
func (p *peer) offer() string {
	var b strings.Builder
	fmt.Fprintf(&b, "v=0\r\no=- %d 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", p.base)
	var mids []string
	for i := range p.sections {
		mids = append(mids, p.sections[i].mid)
	}
	b.WriteString("a=group:BUNDLE " + strings.Join(mids, " ") + "\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS *\r\n")
	for i := range p.sections {
		p.section(&b, &p.sections[i])
	}
	return b.String()
}

// section is one media section of the offer.
type section struct {
	mid     string
	video   bool
	streams []*stream // sent here, none for a receive slot
}

func (p *peer) section(b *strings.Builder, s *section) {
	kind, pts := "audio", strconv.Itoa(ptOpus)
	if s.video {
		kind, pts = "video", fmt.Sprintf("%d %d", ptVP8, ptRTX)
	}
	fmt.Fprintf(b, "m=%s 9 UDP/TLS/RTP/SAVPF %s\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n", kind, pts)
	fmt.Fprintf(b, "a=ice-ufrag:%s\r\na=ice-pwd:%s\r\na=fingerprint:%s\r\na=setup:active\r\na=mid:%s\r\n", p.link.ufrag, p.link.pwd, p.link.identity.fingerprint, s.mid)
	fmt.Fprintf(b, "a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:mid\r\n", extMID)
	fmt.Fprintf(b, "a=extmap:%d http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01\r\n", extTWCC)
	if s.video {
		fmt.Fprintf(b, "a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id\r\n", extRID)
		fmt.Fprintf(b, "a=extmap:%d urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id\r\n", extRRID)
	} else {
		fmt.Fprintf(b, "a=extmap:%d urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\n", extLevel)
	}
	direction := "recvonly"
	if len(s.streams) > 0 {
		direction = "sendonly"
		fmt.Fprintf(b, "a=msid:%s %s-%s\r\n", p.who.Identity, p.who.Identity, s.mid)
	}
	b.WriteString("a=" + direction + "\r\na=rtcp-mux\r\na=rtcp-rsize\r\n")
	if s.video {
		fmt.Fprintf(b, "a=rtpmap:%d VP8/90000\r\n", ptVP8)
		for _, fb := range []string{"goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"} {
			fmt.Fprintf(b, "a=rtcp-fb:%d %s\r\n", ptVP8, fb)
		}
		fmt.Fprintf(b, "a=rtpmap:%d rtx/90000\r\na=fmtp:%d apt=%d\r\n", ptRTX, ptRTX, ptVP8)
	} else {
		fmt.Fprintf(b, "a=rtpmap:%d opus/48000/2\r\na=rtcp-fb:%d transport-cc\r\na=fmtp:%d minptime=10;useinbandfec=1\r\n", ptOpus, ptOpus, ptOpus)
	}
	if len(s.streams) > 1 {
		for _, t := range s.streams {
			fmt.Fprintf(b, "a=rid:%s send\r\n", t.rid)
		}
		fmt.Fprintf(b, "a=simulcast:send %s\r\n", strings.Join(rids[:], ";"))
		return
	}
	for _, t := range s.streams {
		if t.video {
			fmt.Fprintf(b, "a=ssrc-group:FID %d %d\r\na=ssrc:%d cname:%s\r\n", t.ssrc, t.rtx, t.rtx, p.who.Identity)
		}
		fmt.Fprintf(b, "a=ssrc:%d cname:%s\r\n", t.ssrc, p.who.Identity)
	}
}

// answer is what a participant needs of the server's answer.
type answer struct {
	ufrag, pwd  string
	fingerprint string
	candidates  []netip.AddrPort
	repairs     map[uint32]uint32 // stream by its retransmission's SSRC
}

var errAnswer = errors.New("answer cannot be used")

func readAnswer(sdp string) (answer, error) {
	a := answer{repairs: map[uint32]uint32{}}
	for line := range strings.Lines(sdp) {
		line = strings.TrimRight(line, "\r\n")
		key, value, _ := strings.Cut(line, ":")
		switch key {
		case "a=ice-ufrag":
			a.ufrag = value
		case "a=ice-pwd":
			a.pwd = value
		case "a=fingerprint":
			a.fingerprint = value
		case "a=candidate":
			f := strings.Fields(value)
			if len(f) < 8 || !strings.EqualFold(f[2], "udp") || f[1] != "1" {
				continue
			}
			ip, err := netip.ParseAddr(f[4])
			port, err2 := strconv.ParseUint(f[5], 10, 16)
			if err == nil && err2 == nil {
				a.candidates = append(a.candidates, netip.AddrPortFrom(ip, uint16(port)))
			}
		case "a=ssrc-group":
			f := strings.Fields(value)
			if len(f) != 3 || f[0] != "FID" {
				continue
			}
			media, err := strconv.ParseUint(f[1], 10, 32)
			rtx, err2 := strconv.ParseUint(f[2], 10, 32)
			if err == nil && err2 == nil {
				a.repairs[uint32(rtx)] = uint32(media)
			}
		}
	}
	switch {
	case a.ufrag == "" || a.pwd == "" || a.fingerprint == "":
		return a, fmt.Errorf("%w: no credentials in it", errAnswer)
	case len(a.candidates) == 0:
		return a, fmt.Errorf("%w: no candidate in it", errAnswer)
	}
	return a, nil
}
