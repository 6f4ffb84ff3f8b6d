package crypt

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// Window is how many packets back of each source replays are told from late
// packets, and sealed numbers from new ones.
const Window = 1024

// Overhead is the most a sealed packet is longer than the plain one, in bytes:
// the tag, and for SRTCP the index too.
const Overhead = 24

// MaxSources is how many sources one client may ever use: each costs memory for as long
// as its keys live. A call that lasts all day, with many pictures shared, needs fewer.
const MaxSources = 256

// Errors of opening and sealing. They carry no detail, for they are counted.
var (
	ErrForged = errors.New("crypt: authentication failed")
	ErrReplay = errors.New("crypt: packet was seen before")
	ErrReused = errors.New("crypt: index was sealed before")
	ErrOwned  = errors.New("crypt: source has an owner")
	ErrCrowd  = errors.New("crypt: too many sources")
)

// Opener opens what a client sends. It is not safe for concurrent use.
type Opener struct {
	ctx  *srtp.Context
	hdr  rtp.Header
	rtp  sources
	rtcp sources
}

// sources are those whose packets were authentic; few, so a search in order is fastest.
type sources []uint32

// admits reports whether a packet of a source may be opened, and whether it is known.
func (s sources) admits(ssrc uint32) (known, ok bool) {
	known = slices.Contains(s, ssrc)
	return known, known || len(s) < MaxSources
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
	ssrc, known := uint32(0), true
	if len(p) >= 12 { // shorter ones fail below
		var ok bool
		ssrc = binary.BigEndian.Uint32(p[8:])
		if known, ok = o.rtp.admits(ssrc); !ok {
			return nil, ErrCrowd
		}
	}
	q, err := o.ctx.DecryptRTP(p, p, &o.hdr)
	if err == nil && !known {
		o.rtp = append(o.rtp, ssrc)
	}
	return q, cause(err)
}

// RTCP opens a control packet in place. The result aliases p.
func (o *Opener) RTCP(p []byte) ([]byte, error) {
	ssrc, known := uint32(0), true
	if len(p) >= 8 {
		var ok bool
		ssrc = binary.BigEndian.Uint32(p[4:])
		if known, ok = o.rtcp.admits(ssrc); !ok {
			return nil, ErrCrowd
		}
	}
	q, err := o.ctx.DecryptRTCP(p, p, nil)
	if err == nil && !known {
		o.rtcp = append(o.rtcp, ssrc)
	}
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
