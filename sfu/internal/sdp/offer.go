package sdp

import (
	"fmt"
	"strconv"
	"strings"

	"consilium/sfu/internal/codec"
	"consilium/sfu/internal/handshake"
	"consilium/sfu/internal/rtp"
)

// MaxSize is the longest offer that is read, in bytes.
const MaxSize = 64 << 10

// Bounds of what one section may list.
const (
	maxCodecs  = 128
	maxLayers  = 3
	maxSources = 32
)

// Error says which line of an offer cannot be answered, counted from 1, and why.
type Error struct {
	Line int
	Text string
	Why  string
}

// Error names the line.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Why
	}
	return fmt.Sprintf("line %d %q: %s", e.Line, e.Text, e.Why)
}

// Codec is one payload format of a section under the client's numbers.
type Codec struct {
	Codec    codec.Codec
	PT       uint8
	RTX      uint8 // payload type of its retransmissions, 0 without
	Clock    uint32
	Channels int
	Params   string // a=fmtp, as the client wrote it
	Feedback []string
}

// Ext is a header extension of a section under the client's number.
type Ext struct {
	ID  uint8
	Ext rtp.Extension
}

// Section is one media section of an offer.
type Section struct {
	Line      int
	Mid       string
	Media     string // "audio", "video" or what else the client wants
	Proto     string
	Format    string // the m-line's formats, for refusing the section
	Stopped   bool   // port 0: the client wants nothing of it
	Sends     bool   // the client wants to send
	Receives  bool   // the client wants to receive
	Codecs    []Codec
	Exts      []Ext
	Rids      []string // of simulcast layers the client sends, in its order
	Sources   []uint32 // SSRCs announced for media, one for each layer
	Repairs   []uint32 // SSRCs of their retransmissions, same order, 0 without
	ReducedRR bool     // a=rtcp-rsize

	mux          bool
	ufrag, pwd   string
	setup        string
	fingerprints []handshake.Fingerprint
}

// Offer is a whole offer.
type Offer struct {
	Ufrag, Pwd   string
	Fingerprints []handshake.Fingerprint
	Bundle       []string // mids of a=group:BUNDLE in order
	Sections     []*Section
}

// Section returns the section of that mid, or nil.
func (o *Offer) Section(mid string) *Section {
	for _, s := range o.Sections {
		if s.Mid == mid {
			return s
		}
	}
	return nil
}

// ufragOK and pwdOK check the forms of RFC 8839 §5.4.
func ufragOK(s string) bool { return len(s) >= 4 && len(s) <= 256 && iceChars(s) }
func pwdOK(s string) bool   { return len(s) >= 22 && len(s) <= 256 && iceChars(s) }

func iceChars(s string) bool {
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/' ||
			c == '-' || c == '_' || c == '=') { // the last three: seen in the wild
			return false
		}
	}
	return true
}

// token reports the characters an identifier that goes back into an answer may
// have (RFC 8866 §9 token).
func token(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for _, c := range []byte(s) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte("\"(),/:;<=>?@[\\]", c) >= 0 {
			return false
		}
	}
	return true
}

func payloadType(s string) (uint8, error) {
	n, err := strconv.ParseUint(s, 10, 8)
	if err != nil || n > 127 {
		return 0, fmt.Errorf("payload type %q is not 0 to 127", s)
	}
	return uint8(n), nil
}
