package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Limits of a code that was sent to somebody (ASVS 5.0, 6.5 and 6.6).
const (
	CodeDigits = 6
	CodeLife   = 10 * time.Minute
	CodeTries  = 5
)

// Errors of codes. A caller tells the person the same for each of them but ErrCodeWrong,
// after which another try makes sense.
var (
	ErrCodeWrong   = errors.New("the code is wrong")
	ErrCodeExpired = errors.New("the code has expired")
	ErrCodeSpent   = errors.New("the code was used or tried too often")
)

// Challenge is one code on its way to one person for one purpose. It is stored; the code
// is not. A digest of six digits can be reversed by who reads the store, so the store
// that holds challenges must be sealed, and they live minutes.
type Challenge struct {
	Salt    []byte
	Digest  []byte
	Bound   string // what the code is for: a sign-in, a change of address
	Expires time.Time
	Tries   int // left
}

// NewChallenge makes a code for bound, the thing that it alone can confirm.
func NewChallenge(bound string, now time.Time) (c Challenge, code string) {
	code = fmt.Sprintf("%0*d", CodeDigits, randomBelowMillion())
	salt := make([]byte, 16)
	rand.Read(salt)
	return Challenge{Salt: salt, Digest: digest(salt, bound, code), Bound: bound, Expires: now.Add(CodeLife), Tries: CodeTries}, code
}

// randomBelowMillion draws evenly from the numbers of six digits.
func randomBelowMillion() uint32 {
	const million = 1_000_000
	const even = math.MaxUint32 / million * million // above it the low numbers would be likelier
	var b [4]byte
	for {
		rand.Read(b[:]) // never fails: crypto/rand ends the process instead
		if n := binary.BigEndian.Uint32(b[:]); n < even {
			return n % million
		}
	}
}

// Try spends one try and reports whether code is right for bound. The caller stores c
// afterwards, whatever the result, in the transaction that reads it: that is what makes a
// code single-use and the tries count.
func (c *Challenge) Try(bound, code string, now time.Time) error {
	if c.Tries <= 0 {
		return ErrCodeSpent
	}
	if !now.Before(c.Expires) {
		return ErrCodeExpired
	}
	c.Tries--
	if subtle.ConstantTimeCompare(c.Digest, digest(c.Salt, bound, Clean(code))) != 1 {
		if c.Tries == 0 {
			return ErrCodeSpent
		}
		return ErrCodeWrong
	}
	c.Tries = 0
	return nil
}

// Clean removes what people add when they copy a code: spaces and dashes.
func Clean(code string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\t', '\n', '\u00a0', '\u2011':
			return -1
		}
		return r
	}, code)
}

func digest(salt []byte, bound, code string) []byte {
	h := sha256.New()
	h.Write(salt)
	// The length keeps "ab"+"c" and "a"+"bc" apart.
	fmt.Fprintf(h, "%d:%s%s", len(bound), bound, code)
	return h.Sum(nil)
}
