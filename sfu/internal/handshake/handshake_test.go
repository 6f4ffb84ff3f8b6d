package handshake

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/srtp/v3"
)

// client drives the other end with the same pipe type and returns its keys.
func client(t *testing.T, p *pipe, cert tls.Certificate, profiles ...dtls.SRTPProtectionProfile) (srtp.Config, error) {
	t.Helper()
	c, err := dtls.ClientWithOptions(p, &net.UDPAddr{}, dtls.WithCertificates(cert), dtls.WithInsecureSkipVerify(true),
		dtls.WithSRTPProtectionProfiles(profiles...), dtls.WithLoggerFactory(silent{}))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := c.HandshakeContext(ctx); err != nil {
		return srtp.Config{}, err
	}
	profile, _ := c.SelectedSRTPProtectionProfile()
	state, _ := c.ConnectionState()
	cfg := srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	return cfg, cfg.ExtractSessionKeysFromDTLS(&state, true)
}

func TestHandshake(t *testing.T) {
	us, err := NewIdentity(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	them, err := NewIdentity(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	gcm, cm := dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80
	for _, tc := range []struct {
		name      string
		announced Fingerprint
		offers    []dtls.SRTPProtectionProfile
		lose      int // datagrams to the client that vanish
		want      srtp.ProtectionProfile
		err       error
	}{
		{"gcm is taken though offered last", them.Fingerprint(), []dtls.SRTPProtectionProfile{cm, gcm}, 0, srtp.ProtectionProfileAeadAes128Gcm, nil},
		{"old client", them.Fingerprint(), []dtls.SRTPProtectionProfile{cm}, 0, srtp.ProtectionProfileAes128CmHmacSha1_80, nil},
		{"lost flights are repeated", them.Fingerprint(), []dtls.SRTPProtectionProfile{gcm}, 2, srtp.ProtectionProfileAeadAes128Gcm, nil},
		{"wrong certificate", us.Fingerprint(), []dtls.SRTPProtectionProfile{gcm}, 0, 0, ErrFingerprint},
	} {
		t.Run(tc.name, func(t *testing.T) {
			type result struct {
				keys Keys
				err  error
			}
			done := make(chan result, 1)
			var s *Session
			ready := make(chan struct{})
			cp := newPipe(func(b []byte) { <-ready; s.Push(b) })
			lose := tc.lose
			s = Start(Config{
				Identity: us,
				Remote:   []Fingerprint{tc.announced},
				Send: func(b []byte) {
					if lose > 0 {
						lose--
						return
					}
					cp.push(b)
				},
				Done: func(k Keys, err error) { done <- result{k, err} },
			})
			close(ready)
			defer s.Close()
			cfg, cerr := client(t, cp, them.cert, tc.offers...)
			r := <-done
			if !errors.Is(r.err, tc.err) {
				t.Fatalf("server: %v, want %v", r.err, tc.err)
			}
			if tc.err != nil {
				return
			}
			if cerr != nil {
				t.Fatal(cerr)
			}
			if r.keys.Profile != tc.want {
				t.Errorf("profile %v, want %v", r.keys.Profile, tc.want)
			}
			if !bytes.Equal(r.keys.LocalKey, cfg.Keys.RemoteMasterKey) || !bytes.Equal(r.keys.RemoteKey, cfg.Keys.LocalMasterKey) {
				t.Error("the two ends have different keys")
			}
		})
	}
}

// TestClose closes sessions that never heard of their client.
func TestClose(t *testing.T) {
	id, err := NewIdentity(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	for range 20 {
		got := make(chan error, 1)
		s := Start(Config{Identity: id, Send: func([]byte) {}, Done: func(_ Keys, err error) { got <- err }})
		s.Push([]byte("no handshake"))
		s.Close()
		if err := <-got; err == nil {
			t.Error("closed session reports keys")
		}
	}
	deadline := time.Now().Add(5 * time.Second)
	for runtime.NumGoroutine() > before+2 && time.Now().Before(deadline) {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > before+2 {
		t.Errorf("%d goroutines, %d before", n, before)
	}
}

func TestParseFingerprint(t *testing.T) {
	id, err := NewIdentity(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if f, err := ParseFingerprint(id.Fingerprint().String()); err != nil || f != id.Fingerprint() {
		t.Errorf("round trip: %v, %v", f, err)
	}
	for _, s := range []string{"", "sha-256", "md5 00:11", "sha-256 00:11", "sha-256 zz"} {
		if _, err := ParseFingerprint(s); err == nil {
			t.Errorf("%q was accepted", s)
		}
	}
}
