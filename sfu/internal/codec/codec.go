package codec

import (
	"errors"
	"strings"
)

// Codec names the payload format of a track.
type Codec uint8

// The codecs that the server forwards.
const (
	Unknown Codec = iota
	Opus
	OpusRED // Opus in RFC 2198 redundancy
	VP8
	VP9
	H264
	AV1
	PCMU
	PCMA
)

var names = [...]string{Opus: "opus", OpusRED: "red", VP8: "VP8", VP9: "VP9", H264: "H264", AV1: "AV1", PCMU: "PCMU", PCMA: "PCMA"}

// String is the encoding name as an a=rtpmap line has it.
func (c Codec) String() string {
	if int(c) < len(names) {
		return names[c]
	}
	return ""
}

// ByName finds a codec by its encoding name in any case; Unknown when the server
// does not forward it. Redundancy is taken to be of Opus.
func ByName(name string) Codec {
	for c := Opus; int(c) < len(names); c++ {
		if strings.EqualFold(names[c], name) {
			return c
		}
	}
	return Unknown
}

// Video reports whether c is a video codec.
func (c Codec) Video() bool { return c >= VP8 && c <= AV1 }

// ErrShort says that a payload ends inside its own descriptor.
var ErrShort = errors.New("codec: payload ends inside its descriptor")

// Frame is what one packet says of the frame it belongs to.
type Frame struct {
	// PictureID is the frame's number modulo 2^PictureIDBits; 7 or 15 bits, 0
	// bits when the payload carries none.
	PictureID     uint16
	PictureIDBits uint8
	// TL0 is TL0PICIDX, the running number of frames of temporal layer 0.
	TL0    uint8
	HasTL0 bool

	// Temporal and Spatial are the layers, 0 where the payload tells none.
	Temporal uint8
	Spatial  uint8

	// Start marks the first packet of a frame (of a layer frame in SVC); End the
	// last of one where the descriptor says so (VP9). The RTP marker ends a picture.
	Start bool
	End   bool
	// Key marks the first packet of a frame from which a decoder can begin.
	Key bool
	// Sync marks a frame from which a receiver of lower temporal layers can move
	// up to this one (VP8 Y, VP9 U).
	Sync bool
	// Discardable marks a frame no other frame needs (VP8 N, AV1 never).
	Discardable bool
	// Inter marks a VP9 frame predicted from earlier pictures (P).
	Inter bool
	// LayerInter marks a VP9 frame predicted from the layer below (D).
	LayerInter bool

	// Width and Height of the picture in pixels where the packet tells them
	// (key frames of VP8, scalability structures of VP9), else 0.
	Width, Height uint16

	// TemporalCount and SpatialCount are what a structure in this packet
	// announces (VP9), else 0.
	TemporalCount, SpatialCount uint8
}

// Parse reads payload p of codec c into f, which it resets first. Audio and
// unknown payloads always begin a frame and are always a place to begin. An error
// means that the payload is malformed and must not be forwarded.
func Parse(c Codec, p []byte, f *Frame) error {
	*f = Frame{}
	switch c {
	case VP8:
		return parseVP8(p, f)
	case VP9:
		return parseVP9(p, f)
	case H264:
		return parseH264(p, f)
	case AV1:
		return parseAV1(p, f)
	default:
		f.Start, f.Key = true, true
		return nil
	}
}
