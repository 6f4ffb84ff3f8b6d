package webpush

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Key is the server's identity towards push services. Browsers bind their subscription
// to its public half.
type Key struct {
	private *ecdsa.PrivateKey
	public  []byte // uncompressed point
}

// NewKey makes a key and returns it with the bytes to keep it by.
func NewKey() (*Key, []byte, error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make a push key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, fmt.Errorf("keep a push key: %w", err)
	}
	key, err := ParseKey(der)
	return key, der, err
}

// ParseKey reads a key that NewKey made.
func ParseKey(der []byte) (*Key, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("read the push key: %w", err)
	}
	private, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, errors.New("read the push key: not of an elliptic curve")
	}
	public, err := private.PublicKey.ECDH()
	if err != nil {
		return nil, fmt.Errorf("read the push key: %w", err)
	}
	return &Key{private, public.Bytes()}, nil
}

// Public is the applicationServerKey that a page subscribes with.
func (k *Key) Public() string { return base64.RawURLEncoding.EncodeToString(k.public) }

// tokenLife of a signature; services refuse more than 24 hours.
const tokenLife = time.Hour

// authorization signs a request to the origin of a push service (RFC 8292, section 2).
func (k *Key) authorization(origin, contact string, now time.Time) (string, error) {
	claims, err := json.Marshal(map[string]any{"aud": origin, "exp": now.Add(tokenLife).Unix(), "sub": contact})
	if err != nil {
		return "", fmt.Errorf("sign a push: %w", err)
	}
	enc := base64.RawURLEncoding.EncodeToString
	text := enc([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + enc(claims)
	sum := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, k.private, sum[:])
	if err != nil {
		return "", fmt.Errorf("sign a push: %w", err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return "vapid t=" + text + "." + enc(signature) + ", k=" + k.Public(), nil
}
