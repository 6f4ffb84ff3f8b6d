package sfu

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"

	"consilium/sfu/internal/codec"
	"consilium/sfu/internal/ice"
	"consilium/sfu/internal/rtp"
	"consilium/sfu/internal/sdp"
)

// Offer answers a client's whole offer: its first one, one with more or fewer
// media sections, or one that restarts ICE. tracks describes each section the
// client sends on. A refused offer changes nothing; ErrBadSDP names the line.
func (p *Participant) Offer(text string, tracks []TrackMeta) (answer string, err error) {
	p.offering.Lock()
	defer p.offering.Unlock()
	o, err := sdp.Parse(text, p.room.sfu.cfg.MaxSections)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrBadSDP, err)
	}
	metas, err := p.checkTracks(o, tracks)
	if err != nil {
		return "", err
	}
	t, creds, fresh := p.prepare(o)
	a := p.answer(o, metas, creds)
	if !p.apply(t, fresh, o, a, metas) {
		if fresh {
			t.close()
		}
		return "", fmt.Errorf("offer: %w", ErrClosed)
	}
	return a.Marshal(), nil
}

// checkTracks matches what the client says it sends with the sections it sends on.
func (p *Participant) checkTracks(o *sdp.Offer, tracks []TrackMeta) (map[string]TrackMeta, error) {
	metas := make(map[string]TrackMeta, len(tracks))
	sources := make(map[Source]bool, len(tracks))
	for _, m := range tracks {
		s := o.Section(m.Mid)
		switch {
		case !m.Source.Valid():
			return nil, fmt.Errorf("track of mid %q: source %q: %w", m.Mid, m.Source, ErrUnknownSource)
		case s == nil || !s.Sends:
			return nil, fmt.Errorf("%w: track of mid %q: the offer has no section with that mid to send on", ErrBadSDP, m.Mid)
		case s.Media != m.Source.Kind():
			return nil, fmt.Errorf("%w: line %d: section is %s, but its track is a %s", ErrBadSDP, s.Line, s.Media, m.Source)
		case sources[m.Source]:
			return nil, fmt.Errorf("%w: two tracks of source %s", ErrBadSDP, m.Source)
		case !p.publish:
			return nil, fmt.Errorf("track of mid %q: %w", m.Mid, ErrNotAllowed)
		case len(sdp.Negotiate(s, p.room.sfu.codecs)) == 0:
			return nil, fmt.Errorf("%w: line %d: no codec the server forwards", ErrBadSDP, s.Line)
		}
		metas[m.Mid], sources[m.Source] = m, true
	}
	return metas, nil
}

// prepare finds the transport an offer is for: the present one, restarted when
// the client has new credentials, or a new one when it has a new certificate.
func (p *Participant) prepare(o *sdp.Offer) (t *transport, local ice.Credentials, fresh bool) {
	remote := ice.Credentials{Ufrag: o.Ufrag, Pwd: o.Pwd}
	t = p.transport.Load()
	if t == nil || !t.same(o.Fingerprints) {
		t = newTransport(p, remote, o.Fingerprints)
		return t, t.localCredentials(), true
	}
	if t.remoteCredentials() != remote {
		return t, t.restart(remote), false
	}
	return t, t.localCredentials(), false
}

// answer decides what to do with each section.
func (p *Participant) answer(o *sdp.Offer, metas map[string]TrackMeta, local ice.Credentials) *sdp.Answer {
	s := p.room.sfu
	if p.session == 0 {
		p.session = uint64(random32())<<16 + 1
	}
	p.version++
	a := &sdp.Answer{
		Session: p.session, Version: p.version, Ufrag: local.Ufrag, Pwd: local.Pwd,
		Fingerprint: s.identity.Fingerprint().String(), Candidates: s.candidates,
	}
	for _, x := range o.Sections {
		as := sdp.AnswerSection{Offer: x}
		if !x.Stopped && (x.Media == KindAudio || x.Media == KindVideo) {
			as.Codecs, as.Exts = sdp.Negotiate(x, s.codecs), sdp.Extensions(x)
			_, as.Receives = metas[x.Mid]
			as.Sends = x.Receives
		}
		as.Refused = len(as.Codecs) == 0
		if as.Refused {
			as.Sends, as.Receives = false, false
		}
		a.Sections = append(a.Sections, as)
	}
	return a
}

// apply brings the participant's tracks and slots to what was answered, and
// fills in the sources of slots. It reports false when the participant is gone.
func (p *Participant) apply(t *transport, fresh bool, o *sdp.Offer, a *sdp.Answer, metas map[string]TrackMeta) bool {
	r := p.room
	r.mu.Lock()
	if p.gone {
		r.mu.Unlock()
		return false
	}
	old := p.transport.Load()
	if fresh {
		// The former transport's streams end with it.
		for _, x := range p.tracks {
			r.withdraw(x)
		}
		for _, d := range p.slots {
			r.free(d)
		}
		p.tracks, p.slots = nil, nil
	}
	p.transport.Store(t)
	r.stir()
	reduced := true
	for _, x := range o.Sections {
		reduced = reduced && (x.Stopped || x.ReducedRR)
	}
	t.negotiated(a, reduced)
	p.applyTracks(t, a, metas)
	p.applySlots(t, a)
	p.unmet = [2]int{}
	r.assignAll()
	r.mu.Unlock()
	if fresh && old != nil {
		old.close()
	}
	return true
}

// applyTracks publishes, changes and withdraws tracks. The caller holds Room.mu.
func (p *Participant) applyTracks(t *transport, a *sdp.Answer, metas map[string]TrackMeta) {
	r := p.room
	for _, x := range slices.Clone(p.tracks) {
		if m, ok := metas[x.mid]; ok && m.Source == x.source {
			continue
		}
		r.withdraw(x)
		p.tracks = slices.DeleteFunc(p.tracks, func(y *Track) bool { return y == x })
		t.in.mu.Lock()
		t.in.detach(x)
		x.drain()
		t.in.mu.Unlock()
	}
	for i := range a.Sections {
		s := &a.Sections[i]
		m, ok := metas[s.Offer.Mid]
		if !ok {
			continue
		}
		at := slices.IndexFunc(p.tracks, func(x *Track) bool { return x.mid == m.Mid })
		if at >= 0 {
			r.mute(p.tracks[at], m.Muted)
			continue
		}
		x := newTrack(p, m, r.sfu.trackID(), kinds(s.Codecs), s.Offer.Rids, len(s.Offer.Sources))
		t.in.mu.Lock()
		t.in.tracks = append(t.in.tracks, x)
		for j, ssrc := range s.Offer.Sources {
			t.in.attach(ssrc, false, x.layers[j])
			t.in.attach(s.Offer.Repairs[j], true, x.layers[j])
		}
		t.in.mu.Unlock()
		p.tracks = append(p.tracks, x)
		if !p.lobby {
			r.publish(x)
		}
	}
}

// applySlots makes and removes slots. The caller holds Room.mu.
func (p *Participant) applySlots(t *transport, a *sdp.Answer) {
	r := p.room
	pairs := map[string]int{}
	var slots []*downlink
	for i := range a.Sections {
		s := &a.Sections[i]
		if !s.Sends {
			continue
		}
		pair := pairs[s.Offer.Media]
		pairs[s.Offer.Media]++
		at := slices.IndexFunc(p.slots, func(d *downlink) bool { return d.mid == s.Offer.Mid })
		var d *downlink
		if at >= 0 {
			d = p.slots[at]
		} else {
			d = &downlink{
				owner: p, out: &t.out, mid: s.Offer.Mid, kind: s.Offer.Media, pair: pair,
				cname: fmt.Sprintf("slot%d", pair), ssrc: t.newSource(),
			}
			if slices.ContainsFunc(s.Codecs, func(c sdp.Codec) bool { return c.RTX != 0 }) {
				d.rtx = t.newSource()
			}
			p.slotsChanged = true
		}
		s.SSRC, s.RTX, s.Stream = d.ssrc, d.rtx, d.cname
		d.negotiated(s.Codecs)
		slots = append(slots, d)
	}
	for _, d := range p.slots {
		if !slices.Contains(slots, d) {
			r.free(d)
			p.slotsChanged = true
		}
	}
	p.slots = slots
	t.out.mu.Lock()
	t.out.slots = slices.Clone(slots)
	t.out.mu.Unlock()
}

// negotiated takes the payload types of a slot.
func (d *downlink) negotiated(codecs []sdp.Codec) {
	d.out.mu.Lock()
	defer d.out.mu.Unlock()
	d.payloads = [16]payload{}
	for _, c := range codecs {
		pl := payload{pt: c.PT, rtx: c.RTX}
		if d.rtx == 0 || !c.Has("nack") {
			pl.rtx = 0
		}
		d.payloads[c.Codec&15] = pl
	}
}

// negotiated takes the numbers a client uses in both directions.
func (t *transport) negotiated(a *sdp.Answer, reduced bool) {
	var ids rtp.IDs
	var formats [128]format
	for i := range a.Sections {
		s := &a.Sections[i]
		for _, x := range s.Exts {
			ids.Set(x.Ext, x.ID)
		}
		for _, c := range s.Codecs {
			formats[c.PT&127] = format{codec: c.Codec, nack: c.Has("nack")}
			if c.RTX != 0 {
				formats[c.RTX&127] = format{codec: c.Codec, rtx: c.PT}
			}
		}
	}
	t.in.negotiated(ids, formats)
	t.out.negotiated(ids, reduced, t.sfu.cfg.StartBitrate)
}

func kinds(codecs []sdp.Codec) []codec.Codec {
	var out []codec.Codec
	for _, c := range codecs {
		out = append(out, c.Codec)
	}
	return out
}

func random32() uint32 {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return binary.BigEndian.Uint32(b[:])
}
