package sfu

import (
	"slices"
	"sync/atomic"
	"time"

	"consilium/sfu/internal/codec"
)

// Track is one thing a participant publishes: a voice, a camera, a screen.
type Track struct {
	id     string
	mid    string
	source Source
	owner  *Participant
	codecs []codec.Codec // negotiated, most wanted first
	layers []*uplink     // one, or one for each simulcast layer in the offer's order

	// open is set while packets are forwarded: the publisher is admitted and the
	// track is not muted.
	open  atomic.Bool
	downs atomic.Pointer[[]*downlink] // immutable; replaced under Room.mu
	voice loudness

	// Guarded by Room.mu.
	muted bool
	limit int64 // rate in bit/s the publisher is held to, 0 free
}

func newTrack(p *Participant, meta TrackMeta, id string, codecs []codec.Codec, rids []string, sources int) *Track {
	t := &Track{id: id, mid: meta.Mid, source: meta.Source, owner: p, codecs: codecs, muted: meta.Muted}
	rids = ascending(rids)
	n := max(1, len(rids), sources)
	for i := range n {
		u := &uplink{track: t, index: i}
		if i < len(rids) {
			u.rid = rids[i]
		}
		t.layers = append(t.layers, u)
	}
	t.downs.Store(new([]*downlink))
	return t
}

// ascending returns simulcast layers lowest first. RFC 8853 lists them in no
// order of quality; clients list them either way and name them so that it shows.
func ascending(rids []string) []string {
	if len(rids) < 2 {
		return rids
	}
	best := []string{"f", "h", "hi", "high", "2", "r2", "full"}
	first := slices.Index(best, rids[0])
	last := slices.Index(best, rids[len(rids)-1])
	if first < 0 || last >= 0 && last <= first {
		return rids
	}
	out := slices.Clone(rids)
	slices.Reverse(out)
	return out
}

func (t *Track) video() bool { return t.source.Kind() == KindVideo }

// rate returns the RTP clock in ticks a second.
func (t *Track) rate() uint32 {
	if t.video() {
		return 90_000
	}
	return 48_000
}

// layer finds the uplink of a restriction identifier; without one, the only layer.
func (t *Track) layer(rid []byte) *uplink {
	if len(rid) == 0 || t.layers[0].rid == "" {
		if len(t.layers) == 1 {
			return t.layers[0]
		}
		return nil
	}
	for _, u := range t.layers {
		if u.rid == string(rid) {
			return u
		}
	}
	return nil
}

// info describes the track to others. The caller holds Room.mu.
func (t *Track) info() TrackInfo {
	return TrackInfo{ID: t.id, Participant: t.owner.identity, Kind: t.source.Kind(), Source: t.source, Muted: t.muted}
}

// attach and detach change who the track is forwarded to. The caller holds Room.mu.
func (t *Track) attach(d *downlink) {
	list := append(slices.Clone(*t.downs.Load()), d)
	t.downs.Store(&list)
}

func (t *Track) detach(d *downlink) {
	list := slices.DeleteFunc(slices.Clone(*t.downs.Load()), func(x *downlink) bool { return x == d })
	t.downs.Store(&list)
}

// remember fits the memory for repairs to the present subscribers.
func (t *Track) remember() {
	var slowest time.Duration
	for _, d := range *t.downs.Load() {
		if x := d.owner.transport.Load(); x != nil {
			slowest = max(slowest, x.rtt())
		}
	}
	for _, u := range t.layers {
		u.remember(slowest)
	}
}

// drain gives back the packets kept for the track. The caller holds the
// publisher's ingress.mu.
func (t *Track) drain() {
	for _, u := range t.layers {
		u.drain()
	}
}
