package crypt

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// Opener opens what a client sends. It is not safe for concurrent use.
type Opener struct {
	media, control sources

	rtp, rtcp *gcm // AES-GCM, nil with the older profiles

	ctx *srtp.Context // the older profiles
	hdr rtp.Header
}

// sources are those whose packets were authentic; few, so a search in order is fastest.
type sources struct {
	ssrcs   []uint32
	windows []*window
}

// find returns a source's window, nil for one not known yet, and whether it may be
// opened.
func (s *sources) find(ssrc uint32) (*window, bool) {
	if i := slices.Index(s.ssrcs, ssrc); i >= 0 {
		return s.windows[i], true
	}
	return nil, len(s.ssrcs) < MaxSources
}

func (s *sources) add(ssrc uint32) *window {
	w := new(window)
	s.ssrcs, s.windows = append(s.ssrcs, ssrc), append(s.windows, w)
	return w
}

// NewOpener returns an opener with replay protection for both protocols.
func NewOpener(profile srtp.ProtectionProfile, key, salt []byte) (*Opener, error) {
	o := new(Opener)
	var err error
	if profile == srtp.ProtectionProfileAeadAes128Gcm {
		if o.rtp, err = newGCM(key, salt, labelMediaKey, labelMediaSalt); err == nil {
			o.rtcp, err = newGCM(key, salt, labelControlKey, labelControlSalt)
		}
	} else {
		o.ctx, err = srtp.CreateContext(key, salt, profile, srtp.SRTPReplayProtection(Window), srtp.SRTCPReplayProtection(Window))
	}
	if err != nil {
		return nil, fmt.Errorf("set up opening: %w", err)
	}
	return o, nil
}

// RTP opens a media packet in place. The result aliases p.
func (o *Opener) RTP(p []byte) ([]byte, error) {
	n, ok := header(p)
	if !ok {
		return nil, ErrForged
	}
	ssrc := binary.BigEndian.Uint32(p[8:])
	w, ok := o.media.find(ssrc)
	if !ok {
		return nil, ErrCrowd
	}
	if o.rtp == nil {
		q, err := o.ctx.DecryptRTP(p, p, &o.hdr)
		if err == nil && w == nil {
			o.media.add(ssrc)
		}
		return q, cause(err)
	}
	seq := binary.BigEndian.Uint16(p[2:])
	index := rollover + uint64(seq)
	if w != nil {
		if index = w.index(seq); !w.fresh(index) {
			return nil, ErrReplay
		}
	}
	if index < rollover { // before the first turn there was none
		return nil, ErrForged
	}
	q, err := o.rtp.aead.Open(p[:n], o.rtp.media(ssrc, index, seq), p[n:], p[:n])
	if err != nil {
		return nil, ErrForged
	}
	if w == nil {
		w = o.media.add(ssrc)
	}
	w.pass(index)
	return q, nil
}

// RTCP opens a control packet in place. The result aliases p. With AES-GCM a packet
// that is not hidden is taken for forged: nobody may leave that out under DTLS-SRTP.
func (o *Opener) RTCP(p []byte) ([]byte, error) {
	if len(p) < control+trailer {
		return nil, ErrForged
	}
	ssrc := binary.BigEndian.Uint32(p[4:])
	w, ok := o.control.find(ssrc)
	if !ok {
		return nil, ErrCrowd
	}
	if o.rtcp == nil {
		q, err := o.ctx.DecryptRTCP(p, p, nil)
		if err == nil && w == nil {
			o.control.add(ssrc)
		}
		return q, cause(err)
	}
	end := len(p) - trailer
	word := binary.BigEndian.Uint32(p[end:])
	index := word &^ hidden
	if word&hidden == 0 {
		return nil, ErrForged
	}
	if w != nil && !w.fresh(uint64(index)) {
		return nil, ErrReplay
	}
	g := o.rtcp
	q, err := g.aead.Open(p[:control], g.control(ssrc, index), p[control:end], g.associated(p, word))
	if err != nil {
		return nil, ErrForged
	}
	if w == nil {
		w = o.control.add(ssrc)
	}
	w.pass(uint64(index))
	return q, nil
}
