package id

import (
	"crypto/rand"
	"encoding/base32"
)

// Len is the length of an identifier made by New, in characters.
const Len = 26

// secretBytes is the entropy of a secret.
const secretBytes = 32

// crockford is Crockford's base32 in lower case: no i, l, o, u, so that an id
// read aloud or copied by hand isn't mistaken.
const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

var encoding = base32.NewEncoding(crockford).WithPadding(base32.NoPadding)

// New returns a fresh identifier: 128 random bits as 26 characters of lower-case
// Crockford base32. No time is inside, so an id tells nothing about its record.
// It is safe for concurrent use.
func New() string {
	var raw [16]byte
	// crypto/rand.Read never fails: the runtime ends the process instead.
	_, _ = rand.Read(raw[:])
	return encoding.EncodeToString(raw[:])
}

// Secret returns 256 random bits as 52 characters of lower-case Crockford base32,
// for tokens that open something. It is safe for concurrent use.
func Secret() string {
	var raw [secretBytes]byte
	_, _ = rand.Read(raw[:])
	return encoding.EncodeToString(raw[:])
}

// Valid reports whether s has exactly the form that New makes.
func Valid(s string) bool {
	if len(s) != Len {
		return false
	}
	for i := range len(s) {
		if !letter(s[i]) {
			return false
		}
	}
	// 26 characters carry 130 bits; the two lowest stand for nothing and are zero.
	return spare(s[Len-1])
}

func letter(c byte) bool {
	switch {
	case c >= '0' && c <= '9':
		return true
	case c == 'i' || c == 'l' || c == 'o' || c == 'u':
		return false
	}
	return c >= 'a' && c <= 'z'
}

// spare reports whether the last character leaves its two unused bits zero.
func spare(c byte) bool {
	for i := 0; i < len(crockford); i += 4 {
		if crockford[i] == c {
			return true
		}
	}
	return false
}
