package sdp

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"consilium/sfu/internal/codec"
)

// source reads the attributes that say which streams a section sends.
func (r *reader) source(a sdp.Attribute) error {
	switch a.Key {
	case "ssrc":
		id, _, _ := strings.Cut(a.Value, " ")
		n, err := strconv.ParseUint(id, 10, 32)
		if err != nil {
			return errors.New("ssrc is not a number")
		}
		if !slices.Contains(r.ssrcs, uint32(n)) {
			if len(r.ssrcs) == maxSources {
				return fmt.Errorf("more than %d ssrcs in a section", maxSources)
			}
			r.ssrcs = append(r.ssrcs, uint32(n))
		}
	case "ssrc-group":
		f := strings.Fields(a.Value)
		if len(f) < 2 || len(f) > maxSources {
			return errors.New("want semantics and ssrcs")
		}
		var g []uint32
		for _, id := range f[1:] {
			n, err := strconv.ParseUint(id, 10, 32)
			if err != nil {
				return errors.New("ssrc is not a number")
			}
			g = append(g, uint32(n))
		}
		switch {
		case f[0] == "FID" && len(g) == 2 && len(r.groups) < maxSources:
			r.groups = append(r.groups, g)
		case f[0] == "SIM" && len(g) <= maxLayers:
			r.sim = g
		}
	case "rid":
		f := strings.Fields(a.Value)
		if len(f) < 2 || !token(f[0]) {
			return errors.New("want identifier and direction")
		}
		if f[1] == "send" {
			if r.rids == nil {
				r.rids = make(map[string]bool)
			}
			r.rids[f[0]] = true
		}
	case "simulcast":
		return r.simulcast(a.Value)
	}
	return nil
}

// simulcast reads the layers of the direction send (RFC 8853). Of alternatives
// the first is taken; layers offered as paused are layers all the same.
func (r *reader) simulcast(value string) error {
	f := strings.Fields(value)
	if len(f)%2 != 0 {
		return errors.New("want direction and streams")
	}
	for i := 0; i < len(f); i += 2 {
		if f[i] != "send" {
			continue
		}
		for _, alt := range strings.Split(strings.TrimPrefix(f[i+1], "rid="), ";") {
			rid, _, _ := strings.Cut(alt, ",")
			rid = strings.TrimPrefix(rid, "~")
			if !token(rid) {
				return errors.New("malformed rid")
			}
			if slices.Contains(r.layers, rid) {
				return fmt.Errorf("rid %q is listed twice", rid)
			}
			r.layers = append(r.layers, rid)
		}
	}
	if len(r.layers) > maxLayers {
		return fmt.Errorf("more than %d layers", maxLayers)
	}
	return nil
}

// finish joins what the section's lines said into codecs and layers.
func (r *reader) finish() {
	s := r.s
	for _, pt := range r.order {
		f := r.byPT[pt]
		if f.name == "" { // RFC 3551's static payload types need no rtpmap
			switch pt {
			case 0:
				f.Codec.Codec, f.Clock, f.Channels = codec.PCMU, 8000, 1
			case 8:
				f.Codec.Codec, f.Clock, f.Channels = codec.PCMA, 8000, 1
			}
		}
		f.Feedback = append(f.Feedback, r.all...)
		if usable(s.Media, &f.Codec) {
			s.Codecs = append(s.Codecs, f.Codec)
		}
	}
	for _, pt := range r.order {
		f := r.byPT[pt]
		if !strings.EqualFold(f.name, "rtx") {
			continue
		}
		apt, err := strconv.ParseUint(param(f.Params, "apt"), 10, 7)
		if err != nil {
			continue
		}
		for i := range s.Codecs {
			if s.Codecs[i].PT == uint8(apt) {
				s.Codecs[i].RTX = pt
			}
		}
	}
	if !s.Sends {
		return
	}
	for _, rid := range r.layers {
		if r.rids[rid] {
			s.Rids = append(s.Rids, rid)
		}
	}
	repair := func(ssrc uint32) uint32 {
		for _, g := range r.groups {
			if g[0] == ssrc {
				return g[1]
			}
		}
		return 0
	}
	isRepair := func(ssrc uint32) bool {
		return slices.ContainsFunc(r.groups, func(g []uint32) bool { return g[1] == ssrc })
	}
	media := r.sim
	if len(media) == 0 && len(s.Rids) == 0 {
		for _, ssrc := range r.ssrcs {
			if !isRepair(ssrc) {
				media = append(media, ssrc)
				break
			}
		}
	}
	for _, ssrc := range media {
		s.Sources = append(s.Sources, ssrc)
		s.Repairs = append(s.Repairs, repair(ssrc))
	}
}

// usable tells whether the server forwards that format.
func usable(media string, c *Codec) bool {
	if c.PT >= 64 && c.PT < 96 { // looks like RTCP on the wire (RFC 5761 §4)
		return false
	}
	switch c.Codec {
	case codec.Opus:
		return media == "audio" && c.Clock == 48000 && c.Channels == 2
	case codec.OpusRED:
		return media == "audio" && c.Clock == 48000
	case codec.VP8:
		return media == "video" && c.Clock == 90000
	case codec.VP9:
		p := param(c.Params, "profile-id")
		return media == "video" && c.Clock == 90000 && (p == "" || p == "0")
	case codec.AV1:
		p := param(c.Params, "profile")
		return media == "video" && c.Clock == 90000 && (p == "" || p == "0")
	case codec.H264:
		// Constrained baseline is what every client decodes.
		return media == "video" && c.Clock == 90000 && param(c.Params, "packetization-mode") == "1" &&
			strings.HasPrefix(strings.ToLower(param(c.Params, "profile-level-id")), "42")
	}
	return false
}

// param finds one parameter of an a=fmtp value.
func param(params, name string) string {
	for _, kv := range strings.Split(params, ";") {
		k, v, _ := strings.Cut(strings.TrimSpace(kv), "=")
		if strings.EqualFold(k, name) {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
