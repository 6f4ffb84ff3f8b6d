package crypt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/pion/srtp/v3"
)

// pions returns contexts of another implementation under the keys of pair.
func pions(t *testing.T) (seal, open *srtp.Context) {
	t.Helper()
	p := profiles["gcm"]
	key, salt := bytes.Repeat([]byte{7}, p.key), bytes.Repeat([]byte{9}, p.salt)
	var err error
	if seal, err = srtp.CreateContext(key, salt, p.profile); err != nil {
		t.Fatal(err)
	}
	if open, err = srtp.CreateContext(key, salt, p.profile); err != nil {
		t.Fatal(err)
	}
	return seal, open
}

// dressed is a packet with contributing sources and header extensions.
func dressed(ssrc uint32, seq uint16) []byte {
	p := append(packet(ssrc, seq, 0), 0, 0, 0, 1, 0, 0, 0, 2)
	p[0] = 0x92
	p = append(p, 0xbe, 0xde, 0, 2, 0x10, 9, 0x21, 1, 2, 0, 0, 0)
	return append(p, bytes.Repeat([]byte{byte(seq)}, 40)...)
}

// TestOthersUnderstand seals by one implementation and opens by the other, over two
// turns of the sequence number, with every seventh packet lost and some out of order.
func TestOthersUnderstand(t *testing.T) {
	ours, opener := pair(t, "gcm")
	theirs, theirOpener := pions(t)
	st, err := ours.Stream(5)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 140_000 {
		if n%7 == 0 {
			continue
		}
		seq := uint16(30_000 + n)
		if n%10 == 1 { // swapped with its neighbour
			seq++
		} else if n%10 == 2 {
			seq--
		}
		plain := dressed(5, seq)
		sealed, err := st.Seal(append(make([]byte, 0, 200), plain...), seq)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := theirOpener.DecryptRTP(nil, sealed, nil); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("packet %d of ours: %v", n, err)
		}
		if sealed, err = theirs.EncryptRTP(nil, plain, nil); err != nil {
			t.Fatal(err)
		}
		if got, err := opener.RTP(sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("packet %d of theirs: %v", n, err)
		}
	}
}

func TestOthersUnderstandControl(t *testing.T) {
	ours, opener := pair(t, "gcm")
	theirs, theirOpener := pions(t)
	for n := range 300 {
		plain := append([]byte{0x80, 201, 0, 1, 0, 0, 0, 5}, make([]byte, n%3*4)...)
		sealed, err := ours.RTCP(append(make([]byte, 0, 100), plain...))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := theirOpener.DecryptRTCP(nil, sealed, nil); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("packet %d of ours: %v", n, err)
		}
		if sealed, err = theirs.EncryptRTCP(nil, plain, nil); err != nil {
			t.Fatal(err)
		}
		if got, err := opener.RTCP(sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("packet %d of theirs: %v", n, err)
		}
	}
}

// TestEveryByteCounts changes each byte of sealed packets in turn: none opens, and
// none keeps the true packet from opening afterwards.
func TestEveryByteCounts(t *testing.T) {
	s, o := pair(t, "gcm")
	st, err := s.Stream(5)
	if err != nil {
		t.Fatal(err)
	}
	media, err := st.Seal(append(make([]byte, 0, 200), dressed(5, 40)...), 40)
	if err != nil {
		t.Fatal(err)
	}
	report, err := s.RTCP(append(make([]byte, 0, 100), 0x80, 201, 0, 1, 0, 0, 0, 5))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		sealed []byte
		open   func([]byte) ([]byte, error)
	}{"media": {media, o.RTP}, "control": {report, o.RTCP}} {
		for i := range c.sealed {
			for bit := range 8 {
				p := bytes.Clone(c.sealed)
				p[i] ^= 1 << bit
				if _, err := c.open(p); err == nil {
					t.Fatalf("%s: bit %d of byte %d does not count", name, bit, i)
				}
			}
			if _, err := c.open(bytes.Clone(c.sealed[:i])); err == nil {
				t.Fatalf("%s: cut to %d bytes it opens", name, i)
			}
		}
		if _, err := c.open(bytes.Clone(c.sealed)); err != nil {
			t.Fatalf("%s: the true packet: %v", name, err)
		}
	}
}

func TestCrowd(t *testing.T) {
	for name := range profiles {
		s, o := pair(t, name)
		for ssrc := range uint32(MaxSources + 1) {
			st, err := s.Stream(ssrc)
			if err != nil {
				t.Fatal(err)
			}
			sealed, err := st.Seal(packet(ssrc, 1, 10), 1)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := o.RTP(sealed); errors.Is(err, ErrCrowd) != (ssrc == MaxSources) {
				t.Fatalf("%s: source %d: %v", name, ssrc, err)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte{0x90, 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 5, 0xbe, 0xde, 0xff, 0xff})
	f.Add(binary.BigEndian.AppendUint32([]byte{0x80, 201, 0, 1, 0, 0, 0, 5}, 1<<31))
	f.Fuzz(func(t *testing.T, p []byte) {
		_, o := pair(t, "gcm")
		if _, err := o.RTP(bytes.Clone(p)); err == nil {
			t.Fatal("opened as media")
		}
		if _, err := o.RTCP(bytes.Clone(p)); err == nil {
			t.Fatal("opened as control")
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	for _, name := range []string{"gcm", "cm"} {
		b.Run(name, func(b *testing.B) {
			s, _ := pair(b, name)
			st, err := s.Stream(9)
			if err != nil {
				b.Fatal(err)
			}
			buf, plain := make([]byte, 0, 1500), packet(9, 0, 1150)
			seq := uint16(0)
			b.ReportAllocs()
			for b.Loop() {
				seq++
				p := append(buf[:0], plain...)
				binary.BigEndian.PutUint16(p[2:], seq)
				if _, err := st.Seal(p, seq); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
