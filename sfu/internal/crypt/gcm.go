package crypt

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"fmt"
)

// Sizes of AEAD_AES_128_GCM (RFC 7714 §12).
const (
	tagSize  = 16
	saltSize = 12
	fixed    = 12 // of an RTP header
	control  = 8  // of an RTCP packet, what is never hidden
	trailer  = 4  // the index at the end of SRTCP
	hidden   = 1 << 31
)

// Labels of the keys derived from the master key (RFC 3711 §4.3.1).
const (
	labelMediaKey    = 0
	labelMediaSalt   = 2
	labelControlKey  = 3
	labelControlSalt = 5
)

// gcm seals and opens by AES-GCM under one session key.
type gcm struct {
	aead  cipher.AEAD
	salt  [saltSize]byte
	nonce [saltSize]byte          // scratch
	extra [control + trailer]byte // scratch
}

func newGCM(master, salt []byte, key, label byte) (*gcm, error) {
	if len(salt) != saltSize {
		return nil, fmt.Errorf("master salt of %d bytes", len(salt))
	}
	k, err := derive(master, salt, key, len(master))
	if err != nil {
		return nil, err
	}
	s, err := derive(master, salt, label, saltSize)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, fmt.Errorf("session key: %w", err)
	}
	g := &gcm{salt: [saltSize]byte(s)}
	if g.aead, err = cipher.NewGCM(block); err != nil {
		return nil, fmt.Errorf("session key: %w", err)
	}
	return g, nil
}

// derive is the key derivation of RFC 3711 §4.3.3 with a rate of zero, as DTLS-SRTP has it.
func derive(master, salt []byte, label byte, n int) ([]byte, error) {
	block, err := aes.NewCipher(master)
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	var in [aes.BlockSize]byte
	copy(in[:], salt)
	in[7] ^= label
	out := make([]byte, 0, n+aes.BlockSize)
	for i := uint16(0); len(out) < n; i++ {
		binary.BigEndian.PutUint16(in[14:], i)
		out = out[:len(out)+aes.BlockSize]
		block.Encrypt(out[len(out)-aes.BlockSize:], in[:])
	}
	return out[:n], nil
}

// media makes the nonce of an RTP packet (RFC 7714 §8.1).
func (g *gcm) media(ssrc uint32, index uint64, seq uint16) []byte {
	n := &g.nonce
	n[0], n[1] = 0, 0
	binary.BigEndian.PutUint32(n[2:], ssrc)
	binary.BigEndian.PutUint32(n[6:], turns(index))
	binary.BigEndian.PutUint16(n[10:], seq)
	return g.salted()
}

// control makes the nonce of an RTCP packet (RFC 7714 §9.1).
func (g *gcm) control(ssrc, index uint32) []byte {
	n := &g.nonce
	n[0], n[1], n[6], n[7] = 0, 0, 0, 0
	binary.BigEndian.PutUint32(n[2:], ssrc)
	binary.BigEndian.PutUint32(n[8:], index)
	return g.salted()
}

func (g *gcm) salted() []byte {
	for i := range g.nonce {
		g.nonce[i] ^= g.salt[i]
	}
	return g.nonce[:]
}

// associated is what an RTCP packet shows and yet vouches for.
func (g *gcm) associated(p []byte, word uint32) []byte {
	copy(g.extra[:], p[:control])
	binary.BigEndian.PutUint32(g.extra[control:], word)
	return g.extra[:]
}

// header returns the length of an RTP packet's header, or false when the packet is
// shorter.
func header(p []byte) (int, bool) {
	if len(p) < fixed {
		return 0, false
	}
	n := fixed + 4*int(p[0]&0x0f)
	if p[0]&0x10 == 0 {
		return n, n <= len(p)
	}
	if len(p) < n+4 {
		return 0, false
	}
	n += 4 + 4*int(binary.BigEndian.Uint16(p[n+2:]))
	return n, n <= len(p)
}
