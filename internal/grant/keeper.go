package grant

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"consilium/internal/id"
)

const (
	version  = "g1"
	keySize  = 32
	maxToken = 8 << 10
	// maxUsed bounds the memory of redeemed grants: 64k a minute is far beyond
	// what one server can serve.
	maxUsed    = 1 << 16
	sweepEvery = 5 * time.Second
)

var b64 = base64.RawURLEncoding.Strict()

// Keeper signs grants and redeems each at most once. It is safe for concurrent use.
type Keeper struct {
	key []byte
	now func() time.Time

	mu    sync.Mutex // guards the following fields
	used  map[string]time.Time
	swept time.Time
}

// NewKeeper returns a keeper with a random key: when the process ends, so do all
// outstanding grants. A nil now means time.Now.
func NewKeeper(now func() time.Time) (*Keeper, error) {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return nil, fmt.Errorf("make grant key: %w", err)
	}
	return NewKeeperWithKey(key, now)
}

// NewKeeperWithKey returns a keeper with the given key of at least 32 bytes, for a
// program that signs grants for another process's server. Single use is kept per
// keeper. The key is copied. A nil now means time.Now.
func NewKeeperWithKey(key []byte, now func() time.Time) (*Keeper, error) {
	if len(key) < keySize {
		return nil, fmt.Errorf("grant key has %d bytes, want at least %d", len(key), keySize)
	}
	if now == nil {
		now = time.Now
	}
	return &Keeper{
		key:  append([]byte(nil), key...),
		now:  now,
		used: make(map[string]time.Time),
	}, nil
}

// Sign returns g as a token. It sets ID and Issued, and Expires when that is zero;
// an Expires more than MaxLife away is ErrLife.
func (k *Keeper) Sign(g Grant) (string, error) {
	now := k.now()
	g.ID, g.Issued = id.New(), now.UTC()
	if g.Expires.IsZero() {
		g.Expires = now.Add(MaxLife)
	}
	g.Expires = g.Expires.UTC()
	if g.Expires.Sub(now) > MaxLife {
		return "", fmt.Errorf("sign grant for %s: %w", g.Expires.Sub(now), ErrLife)
	}
	body, err := json.Marshal(g)
	if err != nil {
		return "", fmt.Errorf("encode grant: %w", err)
	}
	payload := version + "." + b64.EncodeToString(body)
	return payload + "." + b64.EncodeToString(k.mac(payload)), nil
}

// Redeem checks the token's signature (in constant time), its expiry and that it was
// not redeemed before, and returns the grant. After a nil error the token is used up.
func (k *Keeper) Redeem(token string) (Grant, error) {
	if len(token) > maxToken {
		return Grant{}, ErrMalformed
	}
	cut := strings.LastIndexByte(token, '.')
	if cut < 0 {
		return Grant{}, ErrMalformed
	}
	payload := token[:cut]
	sum, err := b64.DecodeString(token[cut+1:])
	if err != nil {
		return Grant{}, ErrMalformed
	}
	body, ok := strings.CutPrefix(payload, version+".")
	if !ok {
		return Grant{}, ErrMalformed
	}
	if !hmac.Equal(sum, k.mac(payload)) {
		return Grant{}, ErrForged
	}
	raw, err := b64.DecodeString(body)
	if err != nil {
		return Grant{}, ErrMalformed
	}
	var g Grant
	if err := json.Unmarshal(raw, &g); err != nil {
		return Grant{}, errors.Join(ErrMalformed, err)
	}
	now := k.now()
	// The second test holds a token of a keeper with other rules to our limit.
	if !now.Before(g.Expires) || g.Expires.Sub(g.Issued) > MaxLife {
		return Grant{}, ErrExpired
	}
	if err := k.spend(g.ID, g.Expires, now); err != nil {
		return Grant{}, err
	}
	return g, nil
}

// spend notes that the grant was used. It refuses when the memory is full, because
// forgetting a used grant would let it be used again.
func (k *Keeper) spend(grant string, expires, now time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, ok := k.used[grant]; ok {
		return ErrUsed
	}
	if now.Sub(k.swept) >= sweepEvery {
		for g, exp := range k.used {
			if !now.Before(exp) {
				delete(k.used, g)
			}
		}
		k.swept = now
	}
	if len(k.used) >= maxUsed {
		return ErrBusy
	}
	k.used[grant] = expires
	return nil
}

func (k *Keeper) mac(payload string) []byte {
	h := hmac.New(sha256.New, k.key)
	h.Write([]byte(payload))
	return h.Sum(nil)
}
