package record

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/smallstep/pkcs7"
)

var signTime = time.Date(2026, 11, 24, 10, 31, 0, 0, time.UTC)

func newTestSigner(t *testing.T) *Signer {
	t.Helper()
	key, cert, err := NewClinicKey("Клиника «Меридиан»", signTime)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSigner(key, cert)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// newRSASigner has a key as a clinic may bring it from an authority.
func newRSASigner(t *testing.T) *Signer {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(77), Subject: pkix.Name{CommonName: "RSA Clinic"},
		NotBefore: signTime.Add(-time.Hour), NotAfter: signTime.AddDate(1, 0, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	s, err := NewSigner(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pdfsig reports what poppler says of the signatures in pdf.
func pdfsig(t *testing.T, pdf []byte) string {
	t.Helper()
	path, err := exec.LookPath("pdfsig")
	if err != nil {
		t.Skip("pdfsig is not installed (package poppler-utils)")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "doc.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, file)
	out, _ := cmd.CombinedOutput() // its status is not zero for an invalid signature
	return string(out)
}

func TestSign(t *testing.T) {
	for name, signer := range map[string]*Signer{"ECDSA": newTestSigner(t), "RSA": newRSASigner(t)} {
		t.Run(name, func(t *testing.T) {
			d := russianDoc()
			d.Seal = signer.Seal()
			plain := mustRender(t, d)
			signed, err := signer.Sign(plain, signTime, "Консультативное заключение")
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(signed, plain) {
				t.Error("the original bytes changed")
			}
			report := pdfsig(t, signed)
			for _, want := range []string{"Signature is Valid", "ETSI.CAdES.detached", "Total document signed"} {
				if !strings.Contains(report, want) {
					t.Errorf("pdfsig does not say %q:\n%s", want, report)
				}
			}
			broken := bytes.Replace(signed, []byte("/Lang (ru)"), []byte("/Lang (en)"), 1)
			if strings.Contains(pdfsig(t, broken), "Signature is Valid") {
				t.Error("pdfsig calls a changed file valid")
			}
			if got := text(t, signed); !strings.Contains(got, d.Seal.Serial) || !strings.Contains(got, "Соколова") {
				t.Error("the signed file does not read as before")
			}
			verify(t, signed)
		})
	}
}

// verify checks the structure with an independent parser.
func verify(t *testing.T, signed []byte) {
	t.Helper()
	m := regexp.MustCompile(`/ByteRange \[0 (\d+) (\d+) (\d+)\]`).FindSubmatch(signed)
	if m == nil {
		t.Fatal("no byte range")
	}
	var at [3]int
	for i := range at {
		at[i], _ = strconv.Atoi(string(m[i+1]))
	}
	a, b, n := at[0], at[1], at[2]
	if b+n != len(signed) {
		t.Fatalf("the byte range %s does not reach the end", m[0])
	}
	der := make([]byte, (b-a-2)/2)
	if _, err := hex.Decode(der, signed[a+1:b-1]); err != nil {
		t.Fatal(err)
	}
	// The room left over is zeros, and so may be the signature's own last byte.
	var whole asn1.RawValue
	if _, err := asn1.Unmarshal(der, &whole); err != nil {
		t.Fatal(err)
	}
	p7, err := pkcs7.Parse(whole.FullBytes)
	if err != nil {
		t.Fatal(err)
	}
	p7.Content = append(append([]byte(nil), signed[:a]...), signed[b:]...)
	if err := p7.Verify(); err != nil {
		t.Errorf("pkcs7 does not verify: %v", err)
	}
	digest := sha256.Sum256(p7.Content)
	if !bytes.Contains(der, digest[:]) {
		t.Error("the message digest is not that of the content")
	}
	if bytes.Contains(der, oid("1.2.840.113549.1.9.5")) {
		t.Error("the signing-time attribute is there, which PAdES forbids")
	}
}

func TestSignRefuses(t *testing.T) {
	s := newTestSigner(t)
	plain := mustRender(t, russianDoc())
	signed, err := s.Sign(plain, signTime, "")
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		pdf []byte
		at  time.Time
	}{
		"no PDF":              {[]byte("hello"), signTime},
		"empty":               {nil, signTime},
		"cut off":             {plain[:len(plain)/2], signTime},
		"signed already":      {signed, signTime},
		"before the key":      {plain, signTime.AddDate(-1, 0, 0)},
		"expired certificate": {plain, signTime.AddDate(keyYears+1, 0, 0)},
	} {
		if _, err := s.Sign(tc.pdf, tc.at, ""); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

func TestNewSignerRefuses(t *testing.T) {
	key, cert, err := NewClinicKey("A", signTime)
	if err != nil {
		t.Fatal(err)
	}
	_, foreign, err := NewClinicKey("B", signTime)
	if err != nil {
		t.Fatal(err)
	}
	for name, pair := range map[string][2][]byte{
		"swapped": {cert, key}, "foreign certificate": {key, foreign}, "nothing": {nil, nil},
	} {
		if _, err := NewSigner(pair[0], pair[1]); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string]string{
		"Клиника «Меридиан»": "М", "Клиника „Меридиан“": "М", "«Клиника „Меридиан“»": "М",
		"Meridian Clinic": "M", "": "+", "  9 Months": "9",
	} {
		if got := initial(in); got != want {
			t.Errorf("initial(%q) = %q, want %q", in, got, want)
		}
	}
	if got := clip(strings.Repeat("я", 100), 64); len([]rune(got)) != 64 {
		t.Errorf("clip left %d characters", len([]rune(got)))
	}
	if got := visual("имя שלום עולם (x)"); got != "имя םלוע םולש (x)" {
		t.Errorf("visual = %q", got)
	}
}
