package loadtest

import (
	"context"
	"crypto/ecdsa"
	stdelliptic "crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/elliptic"
	dtlsnet "github.com/pion/dtls/v3/pkg/net"
	"github.com/pion/srtp/v3"
	"github.com/pion/stun/v4"

	"consilium/internal/id"
)

// identity is the certificate that all participants of a run share.
type identity struct {
	certificate tls.Certificate
	fingerprint string
}

func newIdentity() (*identity, error) {
	key, err := ecdsa.GenerateKey(stdelliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(48 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	return &identity{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, fingerprint(der)}, nil
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return "sha-256 " + strings.Join(parts, ":")
}

// link is a participant's path to the server.
type link struct {
	identity   *identity
	ufrag, pwd string
	remote     answer
	media      func(b []byte)       // takes a sealed RTP packet, may change it
	control    func(b []byte)       // takes a sealed RTCP packet
	in         *srtp.Context        // set before keyed is
	keyed      atomic.Bool          // in and out may be used
	checked    chan struct{}        // closed by the first answer to a check
	once       sync.Once            // closes checked
	pair       atomic.Pointer[pipe] // reader's way to the handshake
	done       sync.WaitGroup

	conn *net.UDPConn
	dtls *dtls.Conn

	mu  sync.Mutex // guards out
	out *srtp.Context
}

// pipe is the handshake's two ends of a pipe: what arrives is written to in, what it
// sends goes out by the socket.
type pipe struct {
	net.Conn // the handshake reads here
	in       net.Conn
	udp      *net.UDPConn
}

func (d *pipe) Write(b []byte) (int, error) { return d.udp.Write(b) }

func newLink(who *identity) *link {
	return &link{identity: who, ufrag: id.New()[:8], pwd: id.New(), checked: make(chan struct{})}
}

var errUnreachable = errors.New("server does not answer on its media address")

// connect finds a way to the server and agrees on keys.
func (l *link) connect(ctx context.Context, a answer) error {
	l.remote = a
	for i, to := range a.candidates {
		conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
		if err != nil {
			continue // an address family this machine has no way to
		}
		_ = conn.SetReadBuffer(1 << 20)
		l.conn = conn
		l.done.Go(func() { l.read(conn) })
		limit := 5 * time.Second
		if i < len(a.candidates)-1 {
			limit = time.Second
		}
		if l.check(ctx, limit) {
			return l.handshake(ctx)
		}
		_ = conn.Close()
		l.done.Wait()
		l.conn = nil
	}
	return errUnreachable
}

// check sends checks until one is answered.
func (l *link) check(ctx context.Context, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, 500*time.Millisecond) {
		l.probe()
		t := time.NewTimer(wait)
		select {
		case <-l.checked:
			t.Stop()
			return true
		case <-ctx.Done():
			t.Stop()
			return false
		case <-t.C:
		}
	}
}

type attribute struct {
	kind  stun.AttrType
	value []byte
}

func (a attribute) AddTo(m *stun.Message) error {
	m.Add(a.kind, a.value)
	return nil
}

// probe sends one check that also nominates the path and renews consent.
func (l *link) probe() {
	m, err := stun.Build(stun.TransactionID, stun.BindingRequest, stun.NewUsername(l.remote.ufrag+":"+l.ufrag),
		attribute{stun.AttrICEControlling, binary.BigEndian.AppendUint64(nil, 1)},
		attribute{stun.AttrPriority, binary.BigEndian.AppendUint32(nil, 1845501695)},
		attribute{stun.AttrUseCandidate, nil},
		stun.NewShortTermIntegrity(l.remote.pwd), stun.Fingerprint)
	if err == nil {
		_, _ = l.conn.Write(m.Raw)
	}
}

func (l *link) stun(b []byte) {
	m := &stun.Message{Raw: append([]byte(nil), b...)}
	if m.Decode() != nil {
		return
	}
	switch m.Type {
	case stun.BindingSuccess:
		if stun.NewShortTermIntegrity(l.remote.pwd).Check(m) == nil {
			l.once.Do(func() { close(l.checked) })
		}
	case stun.BindingRequest:
		if stun.NewShortTermIntegrity(l.pwd).Check(m) != nil {
			return
		}
		to := l.conn.RemoteAddr().(*net.UDPAddr)
		r, err := stun.Build(stun.NewTransactionIDSetter(m.TransactionID), stun.BindingSuccess,
			&stun.XORMappedAddress{IP: to.IP, Port: to.Port}, stun.NewShortTermIntegrity(l.pwd), stun.Fingerprint)
		if err == nil {
			_, _ = l.conn.Write(r.Raw)
		}
	}
}

// read takes what arrives until the socket is closed.
func (l *link) read(conn *net.UDPConn) {
	buf := make([]byte, 2048)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue // refused: the server is not up yet or any more
		}
		b := buf[:n]
		switch {
		case n < 2:
		case b[0] <= 3:
			l.stun(b)
		case b[0] >= 20 && b[0] <= 63:
			if d := l.pair.Load(); d != nil {
				_ = d.in.SetWriteDeadline(time.Now().Add(time.Second))
				_, _ = d.in.Write(b)
			}
		case !l.keyed.Load():
		case b[0] >= 128 && b[0] <= 191 && b[1] >= 192 && b[1] <= 223:
			l.control(b)
		case b[0] >= 128 && b[0] <= 191:
			l.media(b)
		}
	}
}

func (l *link) handshake(ctx context.Context) error {
	a, b := net.Pipe()
	d := &pipe{Conn: a, in: b, udp: l.conn}
	l.pair.Store(d)
	want := l.remote.fingerprint
	conn, err := dtls.ClientWithOptions(dtlsnet.PacketConnFromConn(d), l.conn.RemoteAddr(),
		dtls.WithCertificates(l.identity.certificate),
		dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
		dtls.WithEllipticCurves(elliptic.P256),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithInsecureSkipVerify(true), // the fingerprint below is the verification
		dtls.WithFlightInterval(100*time.Millisecond),
		dtls.WithVerifyConnection(func(st *dtls.State) error {
			if len(st.PeerCertificates) == 0 || !strings.EqualFold(fingerprint(st.PeerCertificates[0]), want) {
				return fmt.Errorf("%w: the certificate is another", errAnswer)
			}
			return nil
		}))
	if err != nil {
		return fmt.Errorf("set up dtls: %w", err)
	}
	l.dtls = conn
	if err := conn.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("dtls handshake: %w", err)
	}
	profile, ok := conn.SelectedSRTPProtectionProfile()
	state, ok2 := conn.ConnectionState()
	if !ok || !ok2 {
		return errors.New("dtls handshake: no srtp profile")
	}
	c := srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	if err := c.ExtractSessionKeysFromDTLS(&state, true); err != nil {
		return fmt.Errorf("export srtp keys: %w", err)
	}
	if l.out, err = srtp.CreateContext(c.Keys.LocalMasterKey, c.Keys.LocalMasterSalt, c.Profile); err != nil {
		return fmt.Errorf("set up srtp: %w", err)
	}
	if l.in, err = srtp.CreateContext(c.Keys.RemoteMasterKey, c.Keys.RemoteMasterSalt, c.Profile,
		srtp.SRTPReplayProtection(1024), srtp.SRTCPReplayProtection(1024)); err != nil {
		return fmt.Errorf("set up srtp: %w", err)
	}
	l.keyed.Store(true)
	return nil
}

// sendControl seals and sends a compound RTCP packet.
func (l *link) sendControl(b []byte) {
	l.mu.Lock()
	sealed, err := l.out.EncryptRTCP(nil, b, nil)
	l.mu.Unlock()
	if err == nil {
		_, _ = l.conn.Write(sealed)
	}
}

// close ends the link without a word to the server, as a lost network does.
func (l *link) close() {
	if d := l.pair.Load(); d != nil {
		_ = d.Conn.Close()
		_ = d.in.Close()
	}
	if l.dtls != nil {
		_ = l.dtls.Close()
	}
	if l.conn != nil {
		_ = l.conn.Close()
	}
	l.done.Wait()
}
