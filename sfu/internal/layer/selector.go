package layer

import (
	"time"

	"consilium/sfu/internal/codec"
	"consilium/sfu/internal/rtp"
)

// Layer is a spatial layer (or simulcast stream) and a temporal layer, both
// counted from 0, the lowest.
type Layer struct {
	Spatial  int8
	Temporal int8
}

// Paused is the layer of a subscriber that is to get nothing.
var Paused = Layer{-1, -1}

// MaxTemporal is the highest temporal layer any codec here has.
const MaxTemporal = 7

// Verdict is what to do with a packet.
type Verdict uint8

// Verdicts.
const (
	// Ignore the packet: it is of a stream that is not played.
	Ignore Verdict = iota
	// Drop it out of the numbering: munge.Rewriter.Drop.
	Drop
	// Forward it: munge.Rewriter.Forward.
	Forward
	// Switch to its stream: munge.Rewriter.Switch.
	Switch
)

// Packet is what Select needs to know.
type Packet struct {
	Frame     *codec.Frame
	Timestamp uint32
	Arrival   time.Duration
	// Stream is the simulcast stream's spatial layer, 0 for a scalable stream.
	Stream int8
}

// Decision is Select's answer.
type Decision struct {
	Verdict Verdict
	// Marker says to set the RTP marker: the last layer of the picture that this
	// subscriber gets ends here, while the publisher's picture goes on.
	Marker bool
}

// maxStreams bounds the simulcast streams of a track.
const maxStreams = 8

// lateTicks is how far behind a repaired packet may come: two seconds at 90 kHz.
const lateTicks = 180_000

// syncPatience is how many pictures a move up in frame rate waits for a frame that
// allows it before a key frame is asked for: some encoders mark none.
const syncPatience = 150

// Selector holds one subscriber's choice for one track. Use New or NewScalable.
type Selector struct {
	scalable bool
	target   Layer
	current  Layer // Spatial −1 while nothing can be decoded

	// The picture being decided, by the clock of the stream played.
	timestamp uint32
	pass      bool // its frames within current are passed
	begun     bool // timestamp is valid
	waited    int  // pictures a temporal move up has waited
	layers    bool // the stream has shown more than one temporal layer

	newest [maxStreams]uint32 // timestamp of the newest packet of each stream
	seen   [maxStreams]bool   // newest is valid

	lastForward time.Duration
	forwarded   bool
	switches    uint64
}

// New returns a Selector over simulcast streams (or a single plain one), with
// everything paused.
func New() *Selector { return &Selector{target: Paused, current: Paused} }

// NewScalable returns a Selector for one stream that holds all spatial layers
// (VP9 SVC), with everything paused.
func NewScalable() *Selector { return &Selector{scalable: true, target: Paused, current: Paused} }

// SetTarget sets the layer to reach; Paused stops after the present frame.
func (s *Selector) SetTarget(l Layer) {
	if l.Spatial < 0 {
		l = Paused
	}
	s.target = l
}

// Target is the layer to reach.
func (s *Selector) Target() Layer { return s.target }

// Current is the layer presently played; its Spatial is −1 while none is.
func (s *Selector) Current() Layer { return s.current }

// Switches counts changes of the stream or spatial layer played, the first
// included.
func (s *Selector) Switches() uint64 { return s.switches }

// Restart forgets the picture: the next packet passed will begin a key frame. Use
// it when the subscriber's decoder was lost (a new connection, an unmute).
func (s *Selector) Restart() { s.current, s.begun = Paused, false }

// Keyframe tells of which stream a key frame is needed now.
func (s *Selector) Keyframe() (stream int8, needed bool) {
	switch {
	case s.target.Spatial < 0:
		return 0, false
	case s.scalable:
		return 0, s.current.Spatial < 0 || s.current.Spatial < s.target.Spatial || s.waited > syncPatience
	case s.current.Spatial != s.target.Spatial:
		return s.target.Spatial, true
	default:
		return s.current.Spatial, s.waited > syncPatience
	}
}

// Starved reports whether the subscriber should be getting pictures but has got no
// packet for the time after: the watchdog's question.
func (s *Selector) Starved(now, after time.Duration) bool {
	return s.target.Spatial >= 0 && s.forwarded && now-s.lastForward > after
}

// Select decides about a packet.
func (s *Selector) Select(p *Packet) Decision {
	d := Decision{}
	late := s.late(p)
	switch {
	case p.Frame.Key && late && (s.current.Spatial < 0 || !s.scalable && p.Stream != s.current.Spatial):
		// A key frame whose first packet was lost and repaired: what followed it has
		// passed already. The next one is whole.
	case s.scalable:
		d = s.layered(p)
	default:
		d = s.simulcast(p)
	}
	if d.Verdict >= Forward {
		s.lastForward, s.forwarded = p.Arrival, true
	}
	return d
}

// late reports whether a packet of its frame, or of a somewhat later one, has come
// before it. Anything further back is a stream that began anew.
func (s *Selector) late(p *Packet) bool {
	i := int(p.Stream) & (maxStreams - 1)
	if s.seen[i] && s.newest[i]-p.Timestamp <= lateTicks {
		return true
	}
	s.newest[i], s.seen[i] = p.Timestamp, true
	return false
}

func (s *Selector) simulcast(p *Packet) Decision {
	if p.Stream != s.current.Spatial {
		// A stream up to the target is better than none while there is no picture.
		fits := p.Stream == s.target.Spatial || s.current.Spatial < 0 && p.Stream < s.target.Spatial
		if !fits || !p.Frame.Key {
			return Decision{}
		}
		s.current = Layer{p.Stream, s.target.Temporal}
		s.switches++
		s.begin(p.Timestamp, true)
		return Decision{Verdict: Switch}
	}
	if s.begun && p.Timestamp == s.timestamp {
		return verdict(s.pass)
	}
	if s.begun && !rtp.NewerTimestamp(p.Timestamp, s.timestamp) {
		// Late: the gap map knows whether its frame was passed.
		return Decision{Verdict: Forward}
	}
	if s.target.Spatial < 0 {
		s.current, s.begun = Paused, false
		return Decision{}
	}
	s.retime(p.Frame)
	limit := s.current.Temporal
	if s.target.Spatial < s.current.Spatial {
		limit = 0 // thin out while the lower stream's key frame is awaited
	}
	s.begin(p.Timestamp, int8(p.Frame.Temporal) <= limit)
	return verdict(s.pass)
}

// layered decides about a packet of a scalable stream: spatial layers are chosen
// at the beginning of a picture.
func (s *Selector) layered(p *Packet) Decision {
	f := p.Frame
	if s.current.Spatial < 0 {
		if s.target.Spatial < 0 || !f.Key {
			return Decision{}
		}
		s.current = Layer{s.target.Spatial, s.target.Temporal}
		s.switches++
		s.begin(p.Timestamp, true)
		return Decision{Verdict: Switch, Marker: s.ends(f)}
	}
	switch {
	case s.begun && p.Timestamp == s.timestamp:
		// Move up inside the picture when the next layer does not look back in time.
		if next := s.current.Spatial + 1; s.pass && int8(f.Spatial) == next && next <= s.target.Spatial && f.Start && !f.Inter {
			s.current.Spatial = next
			s.switches++
		}
	case s.begun && !rtp.NewerTimestamp(p.Timestamp, s.timestamp):
		return Decision{Verdict: Forward, Marker: s.ends(f)}
	default:
		if s.target.Spatial < 0 {
			s.current, s.begun = Paused, false
			return Decision{}
		}
		switch {
		case f.Key:
			if s.current.Spatial != s.target.Spatial {
				s.switches++
			}
			s.current.Spatial = s.target.Spatial
		case s.target.Spatial < s.current.Spatial:
			s.current.Spatial = s.target.Spatial
			s.switches++
		}
		s.retime(f)
		s.begin(p.Timestamp, int8(f.Temporal) <= s.current.Temporal)
	}
	if !s.pass || int8(f.Spatial) > s.current.Spatial {
		return Decision{Verdict: Drop}
	}
	return Decision{Verdict: Forward, Marker: s.ends(f)}
}

// ends reports whether the packet is the last of the highest layer passed.
func (s *Selector) ends(f *codec.Frame) bool {
	return f.End && int8(f.Spatial) == s.current.Spatial
}

// retime moves the temporal layer towards the target at a frame that allows it:
// down at any, up at a key frame or one marked as a switching point.
func (s *Selector) retime(f *codec.Frame) {
	s.layers = s.layers || f.Temporal > 0
	switch {
	case s.target.Temporal <= s.current.Temporal || f.Key:
		s.current.Temporal, s.waited = s.target.Temporal, 0
	case f.Sync && int8(f.Temporal) > s.current.Temporal && int8(f.Temporal) <= s.target.Temporal:
		s.current.Temporal = int8(f.Temporal)
		s.waited = 0
	case s.layers:
		s.waited++
	}
}

func (s *Selector) begin(timestamp uint32, pass bool) {
	s.timestamp, s.begun, s.pass = timestamp, true, pass
}

func verdict(pass bool) Decision {
	if pass {
		return Decision{Verdict: Forward}
	}
	return Decision{Verdict: Drop}
}
