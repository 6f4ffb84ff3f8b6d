package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"
)

// An authenticator app's code after RFC 6238 with the values that every app knows.
const (
	totpPeriod = 30 // seconds
	totpDigits = 6
	totpSecret = 20 // bytes, the size of an HMAC-SHA-1 key (RFC 4226 §4)
	totpSkew   = 1  // steps that a clock may be off, either way
)

// Authenticator is the secret that a person's app shares with us.
type Authenticator struct {
	Secret []byte
	// Step is the time step of the last code that was used. It and all before it are
	// spent, so that a code seen over a shoulder is worth nothing.
	Step int64
}

// NewAuthenticator makes a secret.
func NewAuthenticator() Authenticator {
	secret := make([]byte, totpSecret)
	rand.Read(secret)
	return Authenticator{Secret: secret}
}

// Text returns the secret as a person can type it.
func (a Authenticator) Text() string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(a.Secret)
}

// URI returns what the QR code holds: otpauth://totp/… with the clinic as issuer.
func (a Authenticator) URI(issuer, account string) string {
	values := url.Values{
		"secret": {a.Text()}, "issuer": {issuer}, "algorithm": {"SHA1"},
		"digits": {fmt.Sprint(totpDigits)}, "period": {fmt.Sprint(totpPeriod)},
	}
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account, RawQuery: values.Encode()}
	return u.String()
}

// Use reports whether code is right now or one step around, and spends it. The caller
// stores a afterwards in the transaction that read it.
func (a *Authenticator) Use(code string, now time.Time) bool {
	code = Clean(code)
	step := now.Unix() / totpPeriod
	found := int64(0)
	for at := step - totpSkew; at <= step+totpSkew; at++ {
		fits := subtle.ConstantTimeCompare([]byte(totp(a.Secret, at)), []byte(code)) == 1
		if fits && at > a.Step {
			found = at
		}
	}
	if found == 0 {
		return false
	}
	a.Step = found
	return true
}

// totp is the code of one time step: RFC 4226 §5.3.
func totp(secret []byte, step int64) string {
	mac := hmac.New(sha1.New, secret)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(step))
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	value := binary.BigEndian.Uint32(sum[offset:]) & 0x7fffffff
	return fmt.Sprintf("%0*d", totpDigits, value%1_000_000)
}
