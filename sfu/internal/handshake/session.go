package handshake

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/elliptic"
	"github.com/pion/logging"
	"github.com/pion/srtp/v3"
)

// The session's times. A lost flight is repeated quickly, for the whole join
// waits for it; after the handshake the last flight is kept ready for a while.
const (
	repeat  = 100 * time.Millisecond
	patient = 20 * time.Second
	linger  = 3 * time.Second
)

// Keys are what a handshake is for: the SRTP profile and both directions'
// master keys and salts.
type Keys struct {
	Profile               srtp.ProtectionProfile
	LocalKey, LocalSalt   []byte // the server seals with these
	RemoteKey, RemoteSalt []byte // and opens with these
}

// Config sets up a Session.
type Config struct {
	Identity *Identity
	Remote   []Fingerprint // of the client's certificate; one must match
	// Send carries a datagram to the client; it must not block or keep the bytes.
	Send func([]byte)
	// Done gets the keys, once, or the reason why there are none. It is called
	// from the session's goroutine and must not call Close.
	Done func(Keys, error)
}

// Session is one client's handshake.
type Session struct {
	cfg    Config
	pipe   *pipe
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// Start begins to wait for a client's first flight. The caller must Close the
// session; its goroutines end by themselves some seconds after the handshake.
func Start(cfg Config) *Session {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Session{cfg: cfg, pipe: newPipe(cfg.Send), cancel: cancel}
	s.wg.Go(func() {
		defer s.pipe.Close()
		defer func() { // a fault over a client's bytes costs that client only
			if v := recover(); v != nil {
				s.cfg.Done(Keys{}, fmt.Errorf("dtls handshake: panic: %v", v))
			}
		}()
		s.run(ctx)
	})
	return s
}

// Push gives the session a datagram from the client. It copies the bytes, does
// not block, and may be called from any goroutine at any time.
func (s *Session) Push(b []byte) { s.pipe.push(b) }

// Close ends the session and waits for its goroutines.
func (s *Session) Close() {
	s.cancel()
	_ = s.pipe.Close()
	s.wg.Wait()
}

func (s *Session) run(ctx context.Context) {
	conn, err := dtls.ServerWithOptions(s.pipe, s.pipe.LocalAddr(),
		dtls.WithCertificates(s.cfg.Identity.cert),
		dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, dtls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA),
		dtls.WithEllipticCurves(elliptic.P256, elliptic.X25519),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithClientAuth(dtls.RequireAnyClientCert),
		dtls.WithInsecureSkipVerify(true), // the fingerprint below is the verification
		dtls.WithInsecureSkipVerifyHello(true),
		dtls.WithFlightInterval(repeat),
		dtls.WithLoggerFactory(silent{}),
		dtls.WithVerifyConnection(func(st *dtls.State) error {
			if len(st.PeerCertificates) == 0 {
				return ErrFingerprint
			}
			return verify(st.PeerCertificates[0], s.cfg.Remote)
		}),
	)
	if err != nil {
		s.cfg.Done(Keys{}, fmt.Errorf("set up dtls: %w", err))
		return
	}
	keys, err := shake(ctx, conn)
	s.cfg.Done(keys, err)
	if err == nil {
		t := time.NewTimer(linger)
		defer t.Stop()
		select {
		case <-t.C:
		case <-ctx.Done():
		}
	}
	// Closing the pipe first keeps the library from telling the client that
	// the connection ends: only the handshake does, its keys live on.
	if err == nil {
		_ = s.pipe.Close()
	}
	_ = conn.Close()
}

func shake(ctx context.Context, conn *dtls.Conn) (Keys, error) {
	ctx, cancel := context.WithTimeout(ctx, patient)
	defer cancel()
	if err := conn.HandshakeContext(ctx); err != nil {
		return Keys{}, fmt.Errorf("dtls handshake: %w", err)
	}
	profile, ok := conn.SelectedSRTPProtectionProfile()
	if !ok {
		return Keys{}, errors.New("dtls handshake: no srtp profile")
	}
	state, ok := conn.ConnectionState()
	if !ok {
		return Keys{}, errors.New("dtls handshake: no connection state")
	}
	c := srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	if err := c.ExtractSessionKeysFromDTLS(&state, false); err != nil {
		return Keys{}, fmt.Errorf("export srtp keys: %w", err)
	}
	return Keys{
		Profile:    c.Profile,
		LocalKey:   c.Keys.LocalMasterKey,
		LocalSalt:  c.Keys.LocalMasterSalt,
		RemoteKey:  c.Keys.RemoteMasterKey,
		RemoteSalt: c.Keys.RemoteMasterSalt,
	}, nil
}

// silent keeps the library from writing to the process's standard error.
type silent struct{}

func (silent) NewLogger(string) logging.LeveledLogger { return silent{} }

func (silent) Trace(string)          {}
func (silent) Tracef(string, ...any) {}
func (silent) Debug(string)          {}
func (silent) Debugf(string, ...any) {}
func (silent) Info(string)           {}
func (silent) Infof(string, ...any)  {}
func (silent) Warn(string)           {}
func (silent) Warnf(string, ...any)  {}
func (silent) Error(string)          {}
func (silent) Errorf(string, ...any) {}
