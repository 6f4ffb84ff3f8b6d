package crypt

import (
	"errors"
	"fmt"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// Window is how many packets back of each source replays are told from late
// packets, and sealed numbers from new ones.
const Window = 1024

// Overhead is the most a sealed packet is longer than the plain one, in bytes:
// the tag, and for SRTCP the index too.
const Overhead = 24

// Errors of opening and sealing. They carry no detail, for they are counted.
var (
	ErrForged = errors.New("crypt: authentication failed")
	ErrReplay = errors.New("crypt: packet was seen before")
	ErrReused = errors.New("crypt: index was sealed before")
	ErrOwned  = errors.New("crypt: source has an owner")
)

// Opener opens what a client sends. It is not safe for concurrent use.
type Opener struct {
	ctx *srtp.Context
	hdr rtp.Header
}

// NewOpener returns an opener with replay protection for both protocols.
func NewOpener(profile srtp.ProtectionProfile, key, salt []byte) (*Opener, error) {
	ctx, err := srtp.CreateContext(key, salt, profile, srtp.SRTPReplayProtection(Window), srtp.SRTCPReplayProtection(Window))
	if err != nil {
		return nil, fmt.Errorf("set up opening: %w", err)
	}
	return &Opener{ctx: ctx}, nil
}

// RTP opens a media packet in place. The result aliases p.
func (o *Opener) RTP(p []byte) ([]byte, error) {
	q, err := o.ctx.DecryptRTP(p, p, &o.hdr)
	return q, cause(err)
}

// RTCP opens a control packet in place. The result aliases p.
func (o *Opener) RTCP(p []byte) ([]byte, error) {
	q, err := o.ctx.DecryptRTCP(p, p, nil)
	return q, cause(err)
}

func cause(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, srtp.ErrFailedToVerifyAuthTag):
		return ErrForged
	}
	return ErrReplay
}

// Sealer seals what the server sends to one client. It is not safe for
// concurrent use.
type Sealer struct {
	ctx     *srtp.Context
	hdr     rtp.Header
	streams map[uint32]*Stream
}

// NewSealer returns a sealer; there must be one for a key.
func NewSealer(profile srtp.ProtectionProfile, key, salt []byte) (*Sealer, error) {
	ctx, err := srtp.CreateContext(key, salt, profile)
	if err != nil {
		return nil, fmt.Errorf("set up sealing: %w", err)
	}
	return &Sealer{ctx: ctx, streams: make(map[uint32]*Stream)}, nil
}

// Stream is one source's right to seal.
type Stream struct {
	sealer *Sealer
	ssrc   uint32
	begun  bool
	high   uint64 // highest index sealed
	seen   [Window / 64]uint64
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
	if !st.mark(seq) {
		return nil, ErrReused
	}
	q, err := st.sealer.ctx.EncryptRTP(p, p, &st.sealer.hdr)
	if err != nil {
		return nil, fmt.Errorf("seal packet: %w", err)
	}
	return q, nil
}

// mark notes an index, or reports that it may have been used.
func (st *Stream) mark(seq uint16) bool {
	if !st.begun {
		st.begun = true
		st.high = 1<<16 + uint64(seq)
		st.seen[st.high/64%(Window/64)] |= 1 << (st.high % 64)
		return true
	}
	index := uint64(int64(st.high) + int64(int16(seq-uint16(st.high))))
	word, bit := &st.seen[index/64%(Window/64)], uint64(1)<<(index%64)
	switch {
	case index > st.high:
		if index-st.high >= Window {
			clear(st.seen[:])
		} else {
			for i := st.high + 1; i < index; i++ {
				st.seen[i/64%(Window/64)] &^= 1 << (i % 64)
			}
		}
		st.high = index
	case st.high-index >= Window || *word&bit != 0:
		return false
	}
	*word |= bit
	return true
}

// RTCP seals a compound packet in place and returns the longer one; its capacity
// must leave Overhead bytes. Each call uses an index of its own.
func (s *Sealer) RTCP(p []byte) ([]byte, error) {
	q, err := s.ctx.EncryptRTCP(p, p, nil)
	if err != nil {
		return nil, fmt.Errorf("seal control packet: %w", err)
	}
	return q, nil
}
