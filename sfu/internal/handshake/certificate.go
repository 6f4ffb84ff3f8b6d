package handshake

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"math/big"
	"strings"
	"time"
)

// Identity is the certificate all handshakes of a process use, ECDSA on P-256.
type Identity struct {
	cert        tls.Certificate
	fingerprint Fingerprint
}

// NewIdentity makes a self-signed certificate valid around now.
func NewIdentity(now time.Time) (*Identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make dtls key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("make dtls serial: %w", err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: "media"},
		NotBefore:    now.AddDate(0, 0, -1),
		NotAfter:     now.AddDate(1, 0, 0),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}, &x509.Certificate{Subject: pkix.Name{CommonName: "media"}}, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("make dtls certificate: %w", err)
	}
	f, err := fingerprintOf("sha-256", der)
	if err != nil {
		return nil, err
	}
	return &Identity{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, f}, nil
}

// Fingerprint returns the certificate's SHA-256 fingerprint.
func (id *Identity) Fingerprint() Fingerprint { return id.fingerprint }

// Fingerprint is a certificate's hash as SDP carries it (RFC 8122).
type Fingerprint struct {
	Hash  string // "sha-256", lower case
	Value string // "AB:CD:…", upper case
}

// Errors of this package that callers tell apart.
var (
	ErrHash        = errors.New("unknown fingerprint hash")
	ErrFingerprint = errors.New("certificate does not match the announced fingerprint")
)

// ParseFingerprint checks the form of an a=fingerprint value.
func ParseFingerprint(s string) (Fingerprint, error) {
	name, value, ok := strings.Cut(strings.TrimSpace(s), " ")
	if !ok {
		return Fingerprint{}, fmt.Errorf("fingerprint %q: want hash and value", s)
	}
	f := Fingerprint{strings.ToLower(name), strings.ToUpper(strings.TrimSpace(value))}
	h := hasher(f.Hash)
	if h == nil {
		return Fingerprint{}, fmt.Errorf("%w %q", ErrHash, name)
	}
	if b, err := hex.DecodeString(strings.ReplaceAll(f.Value, ":", "")); err != nil || len(b) != h.Size() {
		return Fingerprint{}, fmt.Errorf("fingerprint: not %d bytes in hexadecimal", h.Size())
	}
	return f, nil
}

// String returns the a=fingerprint value.
func (f Fingerprint) String() string { return f.Hash + " " + f.Value }

func hasher(name string) hash.Hash {
	switch name {
	case "sha-256":
		return sha256.New()
	case "sha-384":
		return sha512.New384()
	case "sha-512":
		return sha512.New()
	}
	return nil
}

func fingerprintOf(name string, der []byte) (Fingerprint, error) {
	h := hasher(name)
	if h == nil {
		return Fingerprint{}, fmt.Errorf("%w %q", ErrHash, name)
	}
	h.Write(der)
	var b strings.Builder
	for i, c := range h.Sum(nil) {
		if i > 0 {
			b.WriteByte(':')
		}
		fmt.Fprintf(&b, "%02X", c)
	}
	return Fingerprint{name, b.String()}, nil
}

// verify accepts a certificate that has one of the announced fingerprints.
func verify(der []byte, announced []Fingerprint) error {
	for _, want := range announced {
		got, err := fingerprintOf(want.Hash, der)
		if err == nil && subtle.ConstantTimeCompare([]byte(got.Value), []byte(want.Value)) == 1 {
			return nil
		}
	}
	return ErrFingerprint
}
