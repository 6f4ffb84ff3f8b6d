package crypt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/pion/srtp/v3"
)

var profiles = map[string]struct {
	profile   srtp.ProtectionProfile
	key, salt int
}{
	"gcm": {srtp.ProtectionProfileAeadAes128Gcm, 16, 12},
	"cm":  {srtp.ProtectionProfileAes128CmHmacSha1_80, 16, 14},
}

func packet(ssrc uint32, seq uint16, n int) []byte {
	p := make([]byte, 12+n, 12+n+Overhead)
	p[0], p[1] = 0x80, 96
	binary.BigEndian.PutUint16(p[2:], seq)
	binary.BigEndian.PutUint32(p[8:], ssrc)
	for i := range n {
		p[12+i] = byte(i)
	}
	return p
}

func pair(t testing.TB, name string) (*Sealer, *Opener) {
	p := profiles[name]
	key, salt := bytes.Repeat([]byte{7}, p.key), bytes.Repeat([]byte{9}, p.salt)
	s, err := NewSealer(p.profile, key, salt)
	if err != nil {
		t.Fatal(err)
	}
	o, err := NewOpener(p.profile, key, salt)
	if err != nil {
		t.Fatal(err)
	}
	return s, o
}

func TestInPlace(t *testing.T) {
	for name := range profiles {
		t.Run(name, func(t *testing.T) {
			s, o := pair(t, name)
			st, err := s.Stream(5)
			if err != nil {
				t.Fatal(err)
			}
			for seq := uint16(65500); seq != 100; seq++ {
				want := packet(5, seq, 300)
				p := packet(5, seq, 300)
				sealed, err := st.Seal(p, seq)
				if err != nil {
					t.Fatal(err)
				}
				if &sealed[0] != &p[0] {
					t.Fatal("sealing moved the packet")
				}
				copied := append(make([]byte, 0, len(sealed)), sealed...)
				got, err := o.RTP(sealed)
				if err != nil || !bytes.Equal(got, want) {
					t.Fatalf("seq %d: %v", seq, err)
				}
				if _, err := o.RTP(copied); !errors.Is(err, ErrReplay) {
					t.Fatalf("replay: %v", err)
				}
			}
			forged := packet(5, 200, 300)
			if _, err := o.RTP(forged); !errors.Is(err, ErrForged) {
				t.Fatalf("forged: %v", err)
			}
			rr := append(make([]byte, 0, 100), 0x80, 201, 0, 1, 0, 0, 0, 5)
			sealed, err := s.RTCP(rr)
			if err != nil {
				t.Fatal(err)
			}
			copied := append([]byte(nil), sealed...)
			if got, err := o.RTCP(sealed); err != nil || len(got) != 8 {
				t.Fatalf("control: %v", err)
			}
			if _, err := o.RTCP(copied); !errors.Is(err, ErrReplay) {
				t.Fatalf("control replay: %v", err)
			}
		})
	}
}

// TestNoIndexTwice throws random sequence numbers at streams and keeps its own
// record of every nonce used: source and the index the receiver would derive.
func TestNoIndexTwice(t *testing.T) {
	s, _ := pair(t, "gcm")
	r := rand.New(rand.NewPCG(1, 2))
	for _, ssrc := range []uint32{1, 2} {
		st, err := s.Stream(ssrc)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Stream(ssrc); !errors.Is(err, ErrOwned) {
			t.Fatal("a source was given out twice")
		}
		used := make(map[string]bool)
		seq, sealedCount := uint16(r.Uint32()), 0
		for range 200_000 {
			switch r.IntN(10) {
			case 0:
				seq += uint16(r.IntN(3000))
			case 1, 2:
				seq -= uint16(r.IntN(1500))
			default:
				seq++
			}
			p := packet(ssrc, seq, 16)
			q, err := st.Seal(p, seq)
			if errors.Is(err, ErrReused) {
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			sealedCount++
			// The same plaintext under the same nonce gives the same bytes.
			if key := string(q); used[key] {
				t.Fatalf("source %d: a nonce was used twice", ssrc)
			} else {
				used[key] = true
			}
		}
		if sealedCount < 10_000 {
			t.Errorf("only %d packets were sealed", sealedCount)
		}
	}
}

func TestNoAllocations(t *testing.T) {
	s, o := pair(t, "gcm")
	st, err := s.Stream(9)
	if err != nil {
		t.Fatal(err)
	}
	seq := uint16(0)
	buf := make([]byte, 0, 1500)
	plain := packet(9, 0, 1000)
	if n := testing.AllocsPerRun(1000, func() {
		seq++
		p := append(buf[:0], plain...)
		binary.BigEndian.PutUint16(p[2:], seq)
		q, err := st.Seal(p, seq)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.RTP(q); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a packet", n)
	}
}
