package record

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// keyYears is how long a clinic's own certificate is valid.
const keyYears = 10

// Signer signs documents with a clinic's key. It is safe for concurrent use.
type Signer struct {
	key  crypto.Signer
	cert *x509.Certificate
}

// NewClinicKey makes an ECDSA P-256 key and a self-signed certificate in the
// clinic's name, both as PEM. The key's PEM is a secret: whoever holds it signs
// as the clinic.
func NewClinicKey(name string, now time.Time) (keyPEM, certPEM []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("record: make key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, nil, fmt.Errorf("record: make serial: %w", err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: clip(name, 64), Organization: []string{clip(name, 64)}},
		NotBefore:    now.Add(-time.Hour).UTC().Truncate(time.Second), // clocks of readers differ
		NotAfter:     now.AddDate(keyYears, 0, 0).UTC().Truncate(time.Second),
		KeyUsage:     x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,

		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		return nil, nil, fmt.Errorf("record: make certificate: %w", err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("record: encode key: %w", err)
	}
	keyPEM = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})
	certPEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return keyPEM, certPEM, nil
}

// clip shortens a name to the bound that X.520 sets, at a whole character.
func clip(s string, n int) string {
	r := []rune(strings.TrimSpace(s))
	return string(r[:min(n, len(r))])
}

// NewSigner reads a PKCS #8 key (ECDSA or RSA) and its certificate from PEM.
func NewSigner(keyPEM, certPEM []byte) (*Signer, error) {
	kb, _ := pem.Decode(keyPEM)
	cb, _ := pem.Decode(certPEM)
	if kb == nil || cb == nil {
		return nil, errors.New("record: key or certificate is not PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(kb.Bytes)
	if err != nil {
		return nil, fmt.Errorf("record: read key: %w", err)
	}
	cert, err := x509.ParseCertificate(cb.Bytes)
	if err != nil {
		return nil, fmt.Errorf("record: read certificate: %w", err)
	}
	var same bool
	var key crypto.Signer
	switch k := parsed.(type) {
	case *ecdsa.PrivateKey:
		same, key = k.PublicKey.Equal(cert.PublicKey), k
	case *rsa.PrivateKey:
		same, key = k.PublicKey.Equal(cert.PublicKey), k
	default:
		return nil, fmt.Errorf("record: a key of type %T cannot sign documents", parsed)
	}
	if !same {
		return nil, errors.New("record: the certificate is for another key")
	}
	return &Signer{key: key, cert: cert}, nil
}

// Seal describes the certificate for Document.Seal.
func (s *Signer) Seal() Seal {
	return Seal{
		Holder: s.cert.Subject.CommonName,
		Serial: fmt.Sprintf("%032X", s.cert.SerialNumber),
		From:   s.cert.NotBefore,
		Until:  s.cert.NotAfter,
	}
}
