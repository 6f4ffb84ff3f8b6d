package floor

import (
	"context"
	"crypto/ecdsa"
	stdelliptic "crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/big"
	"net"
	"strings"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/dtls/v3/pkg/crypto/elliptic"
	dtlsnet "github.com/pion/dtls/v3/pkg/net"
	"github.com/pion/srtp/v3"
)

type identity struct {
	certificate tls.Certificate
	fingerprint string
}

func newIdentity() (*identity, error) {
	key, err := ecdsa.GenerateKey(stdelliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("floor: make key: %w", err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(48 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("floor: make certificate: %w", err)
	}
	sum := sha256.Sum256(der)
	parts := make([]string, len(sum))
	for i, b := range sum {
		parts[i] = fmt.Sprintf("%02X", b)
	}
	return &identity{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, "sha-256 " + strings.Join(parts, ":")}, nil
}

// pipe carries a handshake: what arrives is pushed in, what it says goes out by the
// server's socket.
type pipe struct {
	net.Conn // the handshake reads here
	in       net.Conn
	member   *member
	udp      *net.UDPConn
}

func newPipe(m *member, udp *net.UDPConn) *pipe {
	a, b := net.Pipe()
	return &pipe{Conn: a, in: b, member: m, udp: udp}
}

func (p *pipe) Write(b []byte) (int, error) {
	to := p.member.addr.Load()
	if to == nil {
		return 0, net.ErrClosed
	}
	return p.udp.WriteToUDPAddrPort(b, *to)
}

func (p *pipe) push(b []byte) {
	_ = p.in.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = p.in.Write(b)
}

func (p *pipe) close() {
	_ = p.Conn.Close()
	_ = p.in.Close()
}

// handshake agrees on keys and then lets nothing of itself remain.
func (s *Server) handshake(m *member, p *pipe) {
	conn, err := dtls.ServerWithOptions(dtlsnet.PacketConnFromConn(p), p.RemoteAddr(),
		dtls.WithCertificates(s.identity.certificate),
		dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
		dtls.WithEllipticCurves(elliptic.P256),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithClientAuth(dtls.RequireAnyClientCert),
		dtls.WithInsecureSkipVerify(true),
		dtls.WithInsecureSkipVerifyHello(true),
		dtls.WithFlightInterval(100*time.Millisecond),
	)
	if err != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := s.keys(ctx, m, conn); err == nil {
		t := time.NewTimer(time.Second) // the last flight may have to be repeated
		<-t.C
	}
	m.hangUp()
	_ = conn.Close()
}

func (s *Server) keys(ctx context.Context, m *member, conn *dtls.Conn) error {
	if err := conn.HandshakeContext(ctx); err != nil {
		return fmt.Errorf("floor: dtls handshake: %w", err)
	}
	state, ok := conn.ConnectionState()
	if !ok {
		return net.ErrClosed
	}
	c := srtp.Config{Profile: srtp.ProtectionProfileAeadAes128Gcm}
	if err := c.ExtractSessionKeysFromDTLS(&state, false); err != nil {
		return fmt.Errorf("floor: export keys: %w", err)
	}
	var err error
	if m.in, err = srtp.CreateContext(c.Keys.RemoteMasterKey, c.Keys.RemoteMasterSalt, c.Profile, srtp.SRTPReplayProtection(1024)); err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	if m.out, err = srtp.CreateContext(c.Keys.LocalMasterKey, c.Keys.LocalMasterSalt, c.Profile); err != nil {
		return fmt.Errorf("floor: %w", err)
	}
	m.ready.Store(true)
	return nil
}
