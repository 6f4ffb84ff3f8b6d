package turn

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Credentials is what a client puts into one entry of its iceServers. Expires
// bounds new allocations; one that exists can be refreshed after it.
type Credentials struct {
	URLs       []string
	Username   string
	Credential string
	Expires    time.Time
}

// mint makes and judges credentials of the form "expiry:identity", with the
// HMAC of that username as the password, so that it keeps nothing per client
// but revocations.
type mint struct {
	secret []byte
	ttl    time.Duration
	now    func() time.Time

	mu sync.Mutex
	// ended holds, per revoked identity, the greatest expiry (Unix seconds)
	// that any credential issued before the revocation can carry. An entry
	// outlived by its credentials is dropped.
	ended map[string]int64
}

func newMint(secret []byte, ttl time.Duration, now func() time.Time) *mint {
	return &mint{secret: secret, ttl: ttl, now: now, ended: make(map[string]int64)}
}

// issue returns a username, its password and the moment it expires.
func (m *mint) issue(identity string) (username, password string, expires time.Time) {
	expiry := m.now().Add(m.ttl).Unix()
	m.mu.Lock()
	// A credential issued in the second of a revocation must not look like
	// one from before it.
	if end, ok := m.ended[identity]; ok && expiry <= end {
		expiry = end + 1
	}
	m.mu.Unlock()
	username = strconv.FormatInt(expiry, 10) + ":" + identity
	return username, m.password(username), time.Unix(expiry, 0)
}

// password is the HMAC-SHA-256 of a username.
func (m *mint) password(username string) string {
	mac := hmac.New(sha256.New, m.secret)
	mac.Write([]byte(username))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// parse splits a username; ok is false for one that issue cannot have made.
// Whether it was really issued shows only in the message integrity.
func (m *mint) parse(username string) (identity string, expiry int64, ok bool) {
	number, identity, found := strings.Cut(username, ":")
	if !found || identity == "" {
		return "", 0, false
	}
	expiry, err := strconv.ParseInt(number, 10, 64)
	if err != nil || strconv.FormatInt(expiry, 10) != number {
		return "", 0, false
	}
	return identity, expiry, true
}

// revoked reports whether a credential was ended by revoke.
func (m *mint) revoked(identity string, expiry int64) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	end, ok := m.ended[identity]
	return ok && expiry <= end
}

// revoke ends everything issued to identity until now.
func (m *mint) revoke(identity string) {
	now := m.now()
	m.mu.Lock()
	defer m.mu.Unlock()
	// A credential past its expiry still refreshes what it allocated, so an
	// entry stays as long as that could go on: an allocation whose owner is
	// revoked is closed at once, and without it the expiry decides alone.
	for id, end := range m.ended {
		if end < now.Unix() {
			delete(m.ended, id)
		}
	}
	end := now.Add(m.ttl).Unix()
	if old, ok := m.ended[identity]; ok && old >= end {
		end = old + 1
	}
	m.ended[identity] = end
}
