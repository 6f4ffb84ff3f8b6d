package crypt

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// errSpent says that a key's indices are used up, or that no packet was given.
var errSpent = errors.New("crypt: nothing to seal, or no index left")

// Sealer seals what the server sends to one client. It is not safe for
// concurrent use.
type Sealer struct {
	streams map[uint32]*Stream

	rtp, rtcp *gcm   // AES-GCM, nil with the older profiles
	index     uint32 // of the last RTCP packet

	ctx *srtp.Context // the older profiles
	hdr rtp.Header
}

// NewSealer returns a sealer; there must be one for a key.
func NewSealer(profile srtp.ProtectionProfile, key, salt []byte) (*Sealer, error) {
	s := &Sealer{streams: make(map[uint32]*Stream)}
	var err error
	if profile == srtp.ProtectionProfileAeadAes128Gcm {
		if s.rtp, err = newGCM(key, salt, labelMediaKey, labelMediaSalt); err == nil {
			s.rtcp, err = newGCM(key, salt, labelControlKey, labelControlSalt)
		}
	} else {
		s.ctx, err = srtp.CreateContext(key, salt, profile)
	}
	if err != nil {
		return nil, fmt.Errorf("set up sealing: %w", err)
	}
	return s, nil
}

// Stream is one source's right to seal.
type Stream struct {
	sealer *Sealer
	ssrc   uint32
	window
}

// Stream gives out the stream of a source. There is one for each; asking again
// for one that was given out is an error.
func (s *Sealer) Stream(ssrc uint32) (*Stream, error) {
	if s.streams[ssrc] != nil {
		return nil, ErrOwned
	}
	st := &Stream{sealer: s, ssrc: ssrc}
	s.streams[ssrc] = st
	return st, nil
}

// Seal seals the packet p with sequence number seq in place and returns the
// longer packet. p's source must be the stream's, and its capacity must leave
// Overhead bytes.
func (st *Stream) Seal(p []byte, seq uint16) ([]byte, error) {
	index := st.window.index(seq)
	if index < rollover || !st.fresh(index) {
		return nil, ErrReused
	}
	n, ok := header(p)
	if !ok {
		return nil, errSpent
	}
	st.pass(index)
	s := st.sealer
	if s.rtp == nil {
		q, err := s.ctx.EncryptRTP(p, p, &s.hdr)
		if err != nil {
			return nil, fmt.Errorf("seal packet: %w", err)
		}
		return q, nil
	}
	return s.rtp.aead.Seal(p[:n], s.rtp.media(st.ssrc, index, seq), p[n:], p[:n]), nil
}

// RTCP seals a compound packet in place and returns the longer one; its capacity
// must leave Overhead bytes. Each call uses an index of its own.
func (s *Sealer) RTCP(p []byte) ([]byte, error) {
	if s.rtcp == nil {
		q, err := s.ctx.EncryptRTCP(p, p, nil)
		if err != nil {
			return nil, fmt.Errorf("seal control packet: %w", err)
		}
		return q, nil
	}
	if len(p) < control || s.index == hidden-1 {
		return nil, errSpent
	}
	s.index++
	g, word := s.rtcp, s.index|hidden
	q := g.aead.Seal(p[:control], g.control(binary.BigEndian.Uint32(p[4:]), s.index), p[control:], g.associated(p, word))
	return binary.BigEndian.AppendUint32(q, word), nil
}
