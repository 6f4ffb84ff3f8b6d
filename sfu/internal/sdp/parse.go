package sdp

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"consilium/sfu/internal/codec"
	"consilium/sfu/internal/handshake"
	"consilium/sfu/internal/rtp"
)

// Parse reads an offer of at most maxSections media sections. All errors are an
// *Error.
func Parse(text string, maxSections int) (*Offer, error) {
	if len(text) > MaxSize {
		return nil, &Error{Why: fmt.Sprintf("offer is longer than %d bytes", MaxSize)}
	}
	p := &parser{lines: strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")}
	if err := p.form(); err != nil {
		return nil, err
	}
	var d sdp.SessionDescription
	if err := d.UnmarshalString(strings.Join(p.lines, "\r\n")); err != nil {
		return nil, p.syntax(err)
	}
	if len(d.MediaDescriptions) > maxSections {
		return nil, &Error{Why: fmt.Sprintf("offer has %d media sections, at most %d are taken", len(d.MediaDescriptions), maxSections)}
	}
	if len(d.MediaDescriptions) == 0 {
		return nil, &Error{Why: "offer has no media section"}
	}
	p.locate()
	o := &Offer{}
	var top Section
	for _, a := range d.Attributes {
		var err error
		if key, value, ok := strings.Cut(a.Value, " "); a.Key == "group" && ok && key == "BUNDLE" {
			o.Bundle = strings.Fields(value)
		} else {
			err = p.transport(&top, a)
		}
		if err != nil {
			return nil, p.fail(0, a, err)
		}
	}
	for i, m := range d.MediaDescriptions {
		s, err := p.section(i, m, &top)
		if err != nil {
			return nil, err
		}
		if o.Section(s.Mid) != nil {
			return nil, p.at(s.Line, "another section has the same mid "+strconv.Quote(s.Mid))
		}
		o.Sections = append(o.Sections, s)
	}
	return o, p.whole(o)
}

// parser keeps the lines, to name them.
type parser struct {
	lines []string
	start []int // line (from 0) of each m-line
}

// form checks that every line has the form x=…, which the library does not name.
func (p *parser) form() error {
	for len(p.lines) > 0 && strings.TrimSpace(p.lines[len(p.lines)-1]) == "" {
		p.lines = p.lines[:len(p.lines)-1]
	}
	for i, l := range p.lines {
		if len(l) < 2 || l[1] != '=' || l[0] < 'a' || l[0] > 'z' {
			return p.at(i+1, "not of the form x=value")
		}
		if strings.ContainsAny(l, "\r\x00") {
			return p.at(i+1, "control character inside the line")
		}
	}
	p.lines = append(p.lines, "")
	return nil
}

// syntax finds the line the library refused: the first after which a prefix of
// the offer no longer parses.
func (p *parser) syntax(err error) error {
	why := strings.TrimPrefix(err.Error(), "sdp: ")
	lo, hi := 1, len(p.lines)-1
	for lo < hi { // invariant: the first bad line is in [lo, hi]
		mid := (lo + hi) / 2
		var d sdp.SessionDescription
		if d.UnmarshalString(strings.Join(p.lines[:mid], "\r\n")+"\r\n") != nil {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return p.at(lo, why)
}

func (p *parser) locate() {
	for i, l := range p.lines {
		if strings.HasPrefix(l, "m=") {
			p.start = append(p.start, i)
		}
	}
}

// at makes an error for a line counted from 1.
func (p *parser) at(line int, why string) *Error {
	text := ""
	if line >= 1 && line <= len(p.lines) {
		text = p.lines[line-1]
		if len(text) > 100 {
			text = text[:100] + "…"
		}
	}
	return &Error{Line: line, Text: text, Why: why}
}

// fail names the line of an attribute at or after line from (counted from 0).
func (p *parser) fail(from int, a sdp.Attribute, err error) error {
	var e *Error
	if errors.As(err, &e) {
		return err
	}
	want := "a=" + a.Key
	if a.Value != "" {
		want += ":" + a.Value
	}
	for i := from; i < len(p.lines); i++ {
		if p.lines[i] == want {
			return p.at(i+1, err.Error())
		}
	}
	return p.at(from+1, err.Error())
}

// transport reads the attributes that may stand above all sections too.
func (p *parser) transport(s *Section, a sdp.Attribute) error {
	switch a.Key {
	case "ice-ufrag":
		if !ufragOK(a.Value) {
			return errors.New("malformed ice-ufrag")
		}
		s.ufrag = a.Value
	case "ice-pwd":
		if !pwdOK(a.Value) {
			return errors.New("malformed ice-pwd")
		}
		s.pwd = a.Value
	case "fingerprint":
		f, err := handshake.ParseFingerprint(a.Value)
		if errors.Is(err, handshake.ErrHash) {
			return nil // another one may do; none at all is an error later
		}
		if err != nil {
			return err
		}
		if !slices.Contains(s.fingerprints, f) && len(s.fingerprints) < 8 {
			s.fingerprints = append(s.fingerprints, f)
		}
	case "setup":
		if a.Value == "passive" {
			return errors.New("the server is passive itself: offer setup:actpass or active")
		}
		if a.Value != "actpass" && a.Value != "active" {
			return errors.New("unknown setup")
		}
		s.setup = a.Value
	}
	return nil
}

// section reads one media section.
func (p *parser) section(i int, m *sdp.MediaDescription, top *Section) (*Section, error) {
	line := p.start[i]
	s := &Section{
		Line: line + 1, Media: m.MediaName.Media, Proto: strings.Join(m.MediaName.Protos, "/"),
		Format: strings.Join(m.MediaName.Formats, " "), Sends: true, Receives: true,
		ufrag: top.ufrag, pwd: top.pwd, setup: top.setup, fingerprints: slices.Clone(top.fingerprints),
	}
	r := reader{s: s, byPT: make(map[uint8]*format)}
	if s.Media == "audio" || s.Media == "video" {
		if s.Proto != "UDP/TLS/RTP/SAVPF" {
			return nil, p.at(s.Line, "protocol is not UDP/TLS/RTP/SAVPF")
		}
		if err := r.formats(m.MediaName.Formats); err != nil {
			return nil, p.at(s.Line, err.Error())
		}
	}
	bundleOnly := false
	for _, a := range m.Attributes {
		bundleOnly = bundleOnly || a.Key == "bundle-only"
		err := p.transport(s, a)
		if err == nil {
			err = r.attribute(a)
		}
		if err != nil {
			return nil, p.fail(line, a, err)
		}
	}
	s.Stopped = m.MediaName.Port.Value == 0 && !bundleOnly
	if s.Mid == "" {
		return nil, p.at(s.Line, "section has no a=mid")
	}
	if s.Stopped {
		s.Sends, s.Receives = false, false
		return s, nil
	}
	if s.Media == "audio" || s.Media == "video" {
		if !s.mux {
			return nil, p.at(s.Line, "section has no a=rtcp-mux")
		}
		r.finish()
	}
	return s, nil
}

// whole checks what concerns all sections together and takes the transport of
// the first live one, which carries the bundle.
func (p *parser) whole(o *Offer) error {
	var first *Section
	live := 0
	ids := make(map[uint8]rtp.Extension)
	for _, s := range o.Sections {
		if s.Stopped {
			continue
		}
		live++
		if first == nil {
			first = s
		}
		for _, x := range s.Exts {
			if old, ok := ids[x.ID]; ok && old != x.Ext {
				return p.at(s.Line, fmt.Sprintf("extension number %d means two things in one bundle", x.ID))
			}
			ids[x.ID] = x.Ext
		}
		if len(o.Bundle) > 0 && !slices.Contains(o.Bundle, s.Mid) {
			return p.at(s.Line, "section is not in a=group:BUNDLE")
		}
	}
	if first == nil {
		return &Error{Why: "offer has no live media section"}
	}
	if live > 1 && len(o.Bundle) == 0 {
		return p.at(first.Line, "offer has no a=group:BUNDLE: one transport carries all")
	}
	switch {
	case first.ufrag == "" || first.pwd == "":
		return p.at(first.Line, "section has no a=ice-ufrag or a=ice-pwd")
	case len(first.fingerprints) == 0:
		return p.at(first.Line, "section has no a=fingerprint of a known hash")
	case first.setup == "":
		return p.at(first.Line, "section has no a=setup")
	}
	o.Ufrag, o.Pwd, o.Fingerprints = first.ufrag, first.pwd, first.fingerprints
	return nil
}

// format is a payload type before it is known what it carries.
type format struct {
	Codec
	name string
}

// reader gathers a section's codecs, extensions and sources.
type reader struct {
	s      *Section
	order  []uint8
	byPT   map[uint8]*format
	groups [][]uint32 // FID
	sim    []uint32
	ssrcs  []uint32
	rids   map[string]bool
	layers []string
	all    []string // feedback for every payload type
}

func (r *reader) formats(list []string) error {
	if len(list) > maxCodecs {
		return fmt.Errorf("more than %d payload types", maxCodecs)
	}
	for _, f := range list {
		pt, err := payloadType(f)
		if err != nil {
			return err
		}
		if r.byPT[pt] != nil {
			return fmt.Errorf("payload type %d is listed twice", pt)
		}
		r.order = append(r.order, pt)
		r.byPT[pt] = &format{Codec: Codec{PT: pt}}
	}
	return nil
}

// of finds the payload type an attribute begins with; one the m-line does not
// list is ignored.
func (r *reader) of(value string) (*format, string, error) {
	pt, rest, ok := strings.Cut(value, " ")
	if !ok {
		return nil, "", errors.New("value is missing")
	}
	n, err := strconv.ParseUint(pt, 10, 8)
	if err != nil || n > 127 {
		return nil, "", fmt.Errorf("payload type %q is not 0 to 127", pt)
	}
	return r.byPT[uint8(n)], strings.TrimSpace(rest), nil
}

func (r *reader) attribute(a sdp.Attribute) error {
	s := r.s
	switch a.Key {
	case "mid":
		if !token(a.Value) {
			return errors.New("malformed mid")
		}
		s.Mid = a.Value
	case "sendrecv":
		s.Sends, s.Receives = true, true
	case "sendonly":
		s.Sends, s.Receives = true, false
	case "recvonly":
		s.Sends, s.Receives = false, true
	case "inactive":
		s.Sends, s.Receives = false, false
	case "rtcp-mux":
		s.mux = true
	case "rtcp-rsize":
		s.ReducedRR = true
	case "rtpmap":
		return r.rtpmap(a.Value)
	case "fmtp":
		f, rest, err := r.of(a.Value)
		if f != nil {
			f.Params = rest
		}
		return err
	case "rtcp-fb":
		if rest, ok := strings.CutPrefix(a.Value, "* "); ok {
			r.all = append(r.all, rest)
			return nil
		}
		f, rest, err := r.of(a.Value)
		if f != nil {
			f.Feedback = append(f.Feedback, rest)
		}
		return err
	case "extmap":
		return r.extmap(a.Value)
	case "ssrc", "ssrc-group", "rid", "simulcast":
		return r.source(a)
	}
	return nil
}

func (r *reader) rtpmap(value string) error {
	f, rest, err := r.of(value)
	if err != nil || f == nil {
		return err
	}
	parts := strings.Split(rest, "/")
	if len(parts) < 2 {
		return errors.New("want name/clock rate")
	}
	clock, err := strconv.ParseUint(parts[1], 10, 32)
	if err != nil || clock == 0 {
		return errors.New("clock rate is not a number")
	}
	f.name, f.Clock, f.Channels = parts[0], uint32(clock), 1
	if len(parts) > 2 {
		if f.Channels, err = strconv.Atoi(parts[2]); err != nil {
			return errors.New("channel count is not a number")
		}
	}
	f.Codec.Codec = codec.ByName(f.name)
	return nil
}

func (r *reader) extmap(value string) error {
	num, rest, ok := strings.Cut(value, " ")
	if !ok {
		return errors.New("want number and URI")
	}
	num, _, _ = strings.Cut(num, "/") // a direction may follow
	id, err := strconv.ParseUint(num, 10, 16)
	if err != nil || id == 0 || id > 4351 || id > 255 && id < 4096 {
		return errors.New("extension number is not 1 to 255")
	}
	uri, _, _ := strings.Cut(rest, " ")
	if e := rtp.ExtensionByURI(uri); e != rtp.ExtNone && id < 256 && id != 15 {
		for _, x := range r.s.Exts {
			if x.Ext == e {
				return nil // the first number counts
			}
			if x.ID == uint8(id) {
				return fmt.Errorf("extension number %d is used twice", id)
			}
		}
		r.s.Exts = append(r.s.Exts, Ext{uint8(id), e})
	}
	return nil
}
