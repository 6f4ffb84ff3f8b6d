package webpush

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"
)

func raw(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestDerivationOfTheRFC is the example of RFC 8291, section 5 and appendix A.
func TestDerivationOfTheRFC(t *testing.T) {
	receiver := raw(t, "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
	sender, err := ecdh.P256().NewPrivateKey(raw(t, "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := ecdh.P256().NewPublicKey(receiver)
	if err != nil {
		t.Fatal(err)
	}
	shared, err := sender.ECDH(theirs)
	if err != nil {
		t.Fatal(err)
	}
	key, nonce, err := derive(shared, raw(t, "BTBZMqHH6r4Tts7J_aSIgg"), raw(t, "DGv6ra1nlYgDCS1FRnbzlw"), receiver, sender.PublicKey().Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(key, raw(t, "oIhVW04MRdy2XN9CiKLxTg")) || !bytes.Equal(nonce, raw(t, "4h_95klXJ5E_qnoN")) {
		t.Errorf("key %x nonce %x", key, nonce)
	}
}

// service is a push service with one device, which reads what it is sent.
type service struct {
	*httptest.Server
	key  *ecdh.PrivateKey
	auth []byte

	mu       sync.Mutex // guards the following fields
	status   int
	messages []string
	headers  []http.Header
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{auth: make([]byte, 16), status: http.StatusCreated}
	_, _ = rand.Read(s.auth)
	var err error
	if s.key, err = ecdh.P256().GenerateKey(rand.Reader); err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.headers = append(s.headers, r.Header.Clone())
		s.messages = append(s.messages, s.open(t, body))
		w.WriteHeader(s.status)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *service) device() *Device {
	return &Device{Endpoint: s.URL + "/send/secret", Key: s.key.PublicKey().Bytes(), Auth: s.auth}
}

// open reads an aes128gcm body as a browser does.
func (s *service) open(t *testing.T, body []byte) string {
	salt, size, n := body[:16], binary.BigEndian.Uint32(body[16:20]), int(body[20])
	theirs, err := ecdh.P256().NewPublicKey(body[21 : 21+n])
	if err != nil {
		t.Error(err)
		return ""
	}
	if len(body)-21-n > int(size) {
		t.Errorf("a record of %d bytes, announced %d", len(body)-21-n, size)
	}
	shared, err := s.key.ECDH(theirs)
	if err != nil {
		t.Error(err)
		return ""
	}
	key, nonce, err := derive(shared, s.auth, salt, s.key.PublicKey().Bytes(), theirs.Bytes())
	if err != nil {
		t.Error(err)
		return ""
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Error(err)
		return ""
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Error(err)
		return ""
	}
	plain, err := gcm.Open(nil, nonce, body[21+n:], nil)
	if err != nil || plain[len(plain)-1] != 2 {
		t.Errorf("%q: %v", plain, err)
		return ""
	}
	return string(plain[:len(plain)-1])
}

func (s *service) sender() *Sender {
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return NewSender(Options{Allow: netip.Addr.IsLoopback, TLS: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}})
}

// verify checks a VAPID header as a push service does and returns its claims.
func verify(t *testing.T, header string) map[string]any {
	t.Helper()
	parts, ok := strings.CutPrefix(header, "vapid t=")
	token, key, ok2 := strings.Cut(parts, ", k=")
	if !ok || !ok2 {
		t.Fatalf("header %q", header)
	}
	fields := strings.Split(token, ".")
	if len(fields) != 3 {
		t.Fatalf("token %q", token)
	}
	point := raw(t, key)
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		t.Fatal(err)
	}
	signature := raw(t, fields[2])
	sum := sha256.Sum256([]byte(fields[0] + "." + fields[1]))
	if !ecdsa.Verify(public, sum[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])) {
		t.Fatal("the signature is wrong")
	}
	var claims map[string]any
	if err := json.Unmarshal(raw(t, fields[1]), &claims); err != nil {
		t.Fatal(err)
	}
	return claims
}

func TestAPushReachesItsDevice(t *testing.T) {
	s := newService(t)
	_, der, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	key, err := ParseKey(der)
	if err != nil {
		t.Fatal(err)
	}
	sender := s.sender()
	defer sender.Close()
	now := time.Now()
	push := Push{Message: []byte("a patient"), Life: 30 * time.Second, Contact: "https://clinic.example"}
	for range 2 {
		if err := sender.Send(t.Context(), key, s.device(), push, now); err != nil {
			t.Fatal(err)
		}
	}
	if s.messages[0] != "a patient" || s.messages[1] != "a patient" {
		t.Errorf("messages %q", s.messages)
	}
	h := s.headers[0]
	if h.Get("TTL") != "30" || h.Get("Urgency") != "high" || h.Get("Content-Encoding") != "aes128gcm" {
		t.Errorf("headers %v", h)
	}
	claims := verify(t, h.Get("Authorization"))
	exp, _ := claims["exp"].(float64)
	if claims["aud"] != s.URL || claims["sub"] != "https://clinic.example" || int64(exp) <= now.Unix() || int64(exp) > now.Add(24*time.Hour).Unix() {
		t.Errorf("claims %v", claims)
	}
	for status, want := range map[int]error{404: ErrGone, 410: ErrGone, 429: errRefused, 500: errRefused, 302: errRefused} {
		s.mu.Lock()
		s.status = status
		s.mu.Unlock()
		if err := sender.Send(t.Context(), key, s.device(), push, now); !errors.Is(err, want) {
			t.Errorf("status %d: %v", status, err)
		}
	}
}

// TestNothingInsideIsReached: an endpoint is what a browser says it is, so it may name
// any address; those of this machine and its networks are never spoken to.
func TestNothingInsideIsReached(t *testing.T) {
	s := newService(t)
	key, _, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	sender := NewSender(Options{TLS: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}})
	defer sender.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "https://"), ":")
	for _, endpoint := range []string{
		s.URL, "https://localhost:" + port, "https://127.0.0.2:" + port, "https://[::1]:" + port, "https://10.0.0.1/x", "https://192.168.1.1/x",
		"https://169.254.169.254/latest", "https://100.64.0.1/", "https://[fd00::1]/", "https://[::ffff:127.0.0.1]:" + port, "https://0.0.0.0:" + port,
		"http://push.example/x", "https://user@push.example/", "ftp://push.example/", "https:///x", "file:///etc/passwd", "", "https://push.example/#" + strings.Repeat("x", 2000),
	} {
		d := s.device()
		d.Endpoint = endpoint
		if err := sender.Send(ctx, key, d, Push{Message: []byte("x"), Life: time.Second}, time.Now()); !errors.Is(err, ErrForbidden) {
			t.Errorf("%s: %v", endpoint, err)
		}
	}
	if len(s.messages) > 0 {
		t.Error("the service inside was reached")
	}
	for _, a := range []string{"8.8.8.8", "2a00:1450:4010:c0e::5f"} {
		if !public(netip.MustParseAddr(a)) {
			t.Errorf("%s is public", a)
		}
	}
}

func TestWrongKeysAreRefused(t *testing.T) {
	s := newService(t)
	for name, change := range map[string]func(*Device){
		"short point":     func(d *Device) { d.Key = d.Key[:64] },
		"off the curve":   func(d *Device) { d.Key = append([]byte{4}, bytes.Repeat([]byte{1}, 64)...) },
		"the infinite":    func(d *Device) { d.Key = []byte{0} },
		"no auth":         func(d *Device) { d.Auth = nil },
		"a longer secret": func(d *Device) { d.Auth = bytes.Repeat([]byte{1}, 17) },
	} {
		d := s.device()
		change(d)
		if _, err := seal(d, []byte("x")); err == nil {
			t.Errorf("%s: sealed", name)
		}
	}
	if _, err := seal(s.device(), bytes.Repeat([]byte("x"), MaxMessage+1)); err == nil {
		t.Error("sealed what no service takes")
	}
	if _, err := ParseKey([]byte("no key")); err == nil {
		t.Error("parsed nonsense")
	}
}
