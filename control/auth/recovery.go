package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"strings"
)

// recoveryCodes is how many codes a person gets, and recoveryBytes how random each is.
const (
	recoveryCodes = 10
	recoveryBytes = 10
)

// Recovery holds what is kept of a person's recovery codes: one digest for each that is
// left. 80 random bits need no slow hash.
type Recovery struct{ Digests [][]byte }

var recoveryAlphabet = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewRecovery makes a set of codes, which the person sees once.
func NewRecovery() (r Recovery, codes []string) {
	for range recoveryCodes {
		secret := make([]byte, recoveryBytes)
		rand.Read(secret)
		text := recoveryAlphabet.EncodeToString(secret)
		codes = append(codes, text[:4]+"-"+text[4:8]+"-"+text[8:12]+"-"+text[12:])
		r.Digests = append(r.Digests, recoveryDigest(text))
	}
	return r, codes
}

// Use reports whether code is one that is left, and spends it. The caller stores r
// afterwards in the transaction that read it.
func (r *Recovery) Use(code string) bool {
	got := recoveryDigest(strings.ToLower(Clean(code)))
	found := -1
	for i, want := range r.Digests {
		if subtle.ConstantTimeCompare(got, want) == 1 {
			found = i
		}
	}
	if found < 0 {
		return false
	}
	// A copy, so that a transaction that runs twice finds what it read.
	left := make([][]byte, 0, len(r.Digests)-1)
	left = append(left, r.Digests[:found]...)
	r.Digests = append(left, r.Digests[found+1:]...)
	return true
}

func recoveryDigest(code string) []byte {
	sum := sha256.Sum256([]byte(code))
	return sum[:]
}
