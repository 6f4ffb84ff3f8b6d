package rtp

// Extension is the meaning of a header extension, independent of the number a
// peer negotiated for it.
type Extension uint8

// The header extensions that the server reads or forwards.
const (
	ExtNone Extension = iota
	ExtMID
	ExtRID
	ExtRepairedRID
	ExtAudioLevel
	ExtTWCC
	ExtAbsSendTime
	ExtAbsCaptureTime
	ExtDependencyDescriptor
	ExtVideoOrientation
	ExtPlayoutDelay
	ExtVideoLayers
	extCount
)

var extensionURIs = [extCount]string{
	ExtMID:                  "urn:ietf:params:rtp-hdrext:sdes:mid",
	ExtRID:                  "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
	ExtRepairedRID:          "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
	ExtAudioLevel:           "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
	ExtTWCC:                 "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
	ExtAbsSendTime:          "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
	ExtAbsCaptureTime:       "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
	ExtDependencyDescriptor: "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
	ExtVideoOrientation:     "urn:3gpp:video-orientation",
	ExtPlayoutDelay:         "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
	ExtVideoLayers:          "http://www.webrtc.org/experiments/rtp-hdrext/video-layers-allocation00",
}

// URI is the name of e in an a=extmap line, "" for ExtNone.
func (e Extension) URI() string {
	if e >= extCount {
		return ""
	}
	return extensionURIs[e]
}

// ExtensionByURI finds the extension an a=extmap line names; ExtNone when the
// server has no use for it.
func ExtensionByURI(uri string) Extension {
	for e := ExtNone + 1; e < extCount; e++ {
		if extensionURIs[e] == uri {
			return e
		}
	}
	return ExtNone
}

// IDs holds the number that one peer negotiated for each extension, 0 where it
// has none. The zero value knows no extension.
type IDs struct {
	id   [extCount]uint8
	kind [256]Extension
}

// Set notes that the peer uses number id (1–255, not 15 in the one-byte form)
// for e.
func (m *IDs) Set(e Extension, id uint8) {
	if e == ExtNone || e >= extCount || id == 0 {
		return
	}
	if old := m.id[e]; old != 0 {
		m.kind[old] = ExtNone
	}
	if old := m.kind[id]; old != ExtNone {
		m.id[old] = 0
	}
	m.id[e], m.kind[id] = id, e
}

// ID is the peer's number for e, 0 when it did not negotiate e.
func (m *IDs) ID(e Extension) uint8 { return m.id[e] }

// Kind is the meaning of the peer's number id.
func (m *IDs) Kind(id uint8) Extension { return m.kind[id] }

// Extension returns the data of the element numbered id in packet b, or nil. It
// aliases b, so that writing into it rewrites the packet.
func (h *Header) Extension(b []byte, id uint8) []byte {
	if id == 0 || h.ExtLen == 0 {
		return nil
	}
	it := h.Elements(b)
	for {
		got, data, ok := it.Next()
		if !ok {
			return nil
		}
		if got == id {
			return data
		}
	}
}

// Elements iterates over the extension elements of packet b.
func (h *Header) Elements(b []byte) Elements {
	it := Elements{rest: b[h.ExtOff : int(h.ExtOff)+int(h.ExtLen)]}
	switch {
	case h.ExtProfile == profileOneByte:
		it.size = 1
	case h.ExtProfile&0xfff0 == profileTwoByte:
		it.size = 2
	default: // another profile: its content is not ours to read
		it.rest = nil
	}
	return it
}

// Elements walks header extension elements; obtain it from Header.Elements.
type Elements struct {
	rest []byte
	size int
}

// Next returns the next element. A malformed element ends the walk: what came
// before it is still good, and the payload does not depend on it.
func (it *Elements) Next() (id uint8, data []byte, ok bool) {
	for len(it.rest) > 0 {
		b := it.rest
		if b[0] == 0 { // padding between elements
			it.rest = b[1:]
			continue
		}
		var n int
		if it.size == 1 {
			id, n = b[0]>>4, int(b[0]&0x0f)+1
			if id == 15 { // RFC 8285 §4.2: stop here
				it.rest = nil
				return 0, nil, false
			}
		} else {
			if len(b) < 2 {
				break
			}
			id, n = b[0], int(b[1])
		}
		if len(b) < it.size+n {
			break
		}
		it.rest = b[it.size+n:]
		return id, b[it.size : it.size+n : it.size+n], true
	}
	it.rest = nil
	return 0, nil, false
}

// maxExtensions bounds a block: MID and RID of 16 bytes, and a dependency
// descriptor with its structure (a few hundred bytes at most) fit.
const maxExtensions = 512

// Extensions builds the extension block of an outgoing packet. The zero value is
// an empty block in the one-byte form; it changes to the two-byte form by itself
// when an element needs it (number over 14, or data empty or over 16 bytes).
// A block is usually laid out once per subscriber and only its changing elements
// are written per packet, through the slice that Add returned.
type Extensions struct {
	buf [maxExtensions]byte
	n   int
	two bool
}

// Reset empties the block.
func (x *Extensions) Reset() { x.n, x.two = 0, false }

// Truncate cuts the block back to a length that Len returned, to rewrite the
// elements of one packet after the lasting ones. The form is kept.
func (x *Extensions) Truncate(n int) {
	if n <= x.n {
		x.n = n
	}
}

// Len is the length of the elements so far, without header and padding.
func (x *Extensions) Len() int { return x.n }

// Size is the number of bytes AppendHeader will add for the block.
func (x *Extensions) Size() int {
	if x.n == 0 {
		return 0
	}
	return 4 + (x.n+3)&^3
}

// Add appends an element of n zero bytes numbered id and returns its data for
// filling. The slice is good until the block is reset, truncated before it or
// changes its form; a caller that keeps it adds everything first and then asks
// Find. Add returns nil when id is 0 or the block is full, so that an extension the
// peer did not negotiate costs the caller one test.
func (x *Extensions) Add(id uint8, n int) []byte {
	if id == 0 || n < 0 || n > 255 {
		return nil
	}
	if !x.two && (id > 14 || n == 0 || n > 16) && !x.widen() {
		return nil
	}
	head := 1
	if x.two {
		head = 2
	}
	if x.n+head+n > maxExtensions {
		return nil
	}
	p := x.buf[x.n:]
	if x.two {
		p[0], p[1] = id, byte(n)
	} else {
		p[0] = id<<4 | byte(n-1)
	}
	x.n += head + n
	data := p[head : head+n : head+n]
	clear(data)
	return data
}

// Find returns the data of the element numbered id, nil when there is none.
func (x *Extensions) Find(id uint8) []byte {
	if id == 0 {
		return nil
	}
	it := Elements{rest: x.buf[:x.n], size: 1}
	if x.two {
		it.size = 2
	}
	for {
		got, data, ok := it.Next()
		if !ok || got == id {
			return data
		}
	}
}

// widen rewrites the elements so far in the two-byte form, back to front so that
// it works in place.
func (x *Extensions) widen() bool {
	var at [maxExtensions / 2]uint16
	count := 0
	for i := 0; i < x.n; i += 2 + int(x.buf[i]&0x0f) {
		at[count] = uint16(i)
		count++
	}
	if x.n+count > maxExtensions {
		return false
	}
	x.n += count
	for k := count - 1; k >= 0; k-- {
		i := int(at[k])
		id, n := x.buf[i]>>4, int(x.buf[i]&0x0f)+1
		copy(x.buf[i+k+2:i+k+2+n], x.buf[i+1:i+1+n])
		x.buf[i+k], x.buf[i+k+1] = id, byte(n)
	}
	x.two = true
	return true
}

func (x *Extensions) append(dst []byte) []byte {
	profile := uint16(profileOneByte)
	if x.two {
		profile = profileTwoByte
	}
	words := (x.n + 3) / 4
	dst = append(dst, byte(profile>>8), byte(profile), byte(words>>8), byte(words))
	dst = append(dst, x.buf[:x.n]...)
	for i := x.n; i < 4*words; i++ {
		dst = append(dst, 0)
	}
	return dst
}
