package ice

import (
	"crypto/rand"
	"encoding/base64"
)

// Credentials are one side's user fragment and password (RFC 8445 §5.3).
type Credentials struct {
	Ufrag, Pwd string
}

// NewCredentials makes random credentials: 72 bits of fragment, which the
// server tells its transports apart by, and 144 bits of password.
func NewCredentials() Credentials {
	var b [27]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	s := base64.RawStdEncoding.EncodeToString(b[:])
	return Credentials{Ufrag: s[:12], Pwd: s[12:]}
}
