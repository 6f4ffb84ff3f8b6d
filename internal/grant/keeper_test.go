package grant

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// clock is a settable time for keepers.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newClock() *clock {
	return &clock{at: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)}
}

func newKeeper(t *testing.T, c *clock) *Keeper {
	t.Helper()
	k, err := NewKeeper(c.now)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sign(t *testing.T, k *Keeper, g Grant) string {
	t.Helper()
	token, err := k.Sign(g)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestRedeemReturnsWhatWasSigned(t *testing.T) {
	c := newClock()
	k := newKeeper(t, c)
	in := Grant{
		Kind: Room, Clinic: "c1", Subject: "p1", Session: "s1", Name: "Анна «Б» \u2028",
		Role: "patient", Room: "e1", Lobby: true, Publish: true, Topics: []string{"a", "b"},
	}
	got, err := k.Redeem(sign(t, k, in))
	if err != nil {
		t.Fatal(err)
	}
	if got.ID == "" || !got.Issued.Equal(c.at) || !got.Expires.Equal(c.at.Add(MaxLife)) {
		t.Errorf("Sign filled in %+v", got)
	}
	got.ID, got.Issued, got.Expires = "", time.Time{}, time.Time{}
	if !reflect.DeepEqual(got, in) {
		t.Errorf("got %+v, want %+v", got, in)
	}
}

func TestRedeemRefuses(t *testing.T) {
	c := newClock()
	k, other := newKeeper(t, c), newKeeper(t, c)
	good := func() string { return sign(t, k, Grant{Kind: Live, Subject: "p"}) }
	used := good()
	if _, err := k.Redeem(used); err != nil {
		t.Fatal(err)
	}
	flipped := []byte(good())
	flipped[10] ^= 1
	parts := strings.Split(good(), ".")
	tests := []struct {
		name  string
		token string
		want  error
	}{
		{"empty", "", ErrMalformed},
		{"no dots", "g1", ErrMalformed},
		{"JSON Web Token with no algorithm", "eyJhbGciOiJub25lIn0.e30.", ErrMalformed},
		{"too long", strings.Repeat("a", maxToken+1), ErrMalformed},
		{"other version", "g2." + parts[1] + "." + parts[2], ErrMalformed},
		{"signature not base64", parts[0] + "." + parts[1] + ".!!", ErrMalformed},
		{"no signature", parts[0] + "." + parts[1] + ".", ErrForged},
		{"flipped bit", string(flipped), ErrForged},
		{"body of another grant", parts[0] + "." + strings.Split(good(), ".")[1] + "." + parts[2], ErrForged},
		{"other key", sign(t, other, Grant{Kind: Live}), ErrForged},
		{"used", used, ErrUsed},
		{"expired", sign(t, k, Grant{Kind: Live, Expires: c.at}), ErrExpired},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := k.Redeem(tt.token); !errors.Is(err, tt.want) {
				t.Errorf("Redeem = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestGrantExpires(t *testing.T) {
	c := newClock()
	k := newKeeper(t, c)
	token := sign(t, k, Grant{Kind: Live})
	c.at = c.at.Add(MaxLife)
	if _, err := k.Redeem(token); !errors.Is(err, ErrExpired) {
		t.Errorf("Redeem after MaxLife = %v", err)
	}
	if _, err := k.Sign(Grant{Expires: c.at.Add(MaxLife + time.Second)}); !errors.Is(err, ErrLife) {
		t.Errorf("Sign with a long life = %v", err)
	}
}

func TestUsedGrantsAreForgottenOnlyAfterExpiry(t *testing.T) {
	c := newClock()
	k := newKeeper(t, c)
	for range 100 {
		if _, err := k.Redeem(sign(t, k, Grant{Kind: Live})); err != nil {
			t.Fatal(err)
		}
	}
	if len(k.used) != 100 {
		t.Fatalf("%d used grants kept, want 100", len(k.used))
	}
	c.at = c.at.Add(MaxLife)
	if _, err := k.Redeem(sign(t, k, Grant{Kind: Live})); err != nil {
		t.Fatal(err)
	}
	if len(k.used) != 1 {
		t.Errorf("%d used grants kept after their expiry, want 1", len(k.used))
	}
}

func TestFullMemoryRefuses(t *testing.T) {
	c := newClock()
	k := newKeeper(t, c)
	for range maxUsed {
		k.used[time.Duration(len(k.used)).String()] = c.at.Add(MaxLife)
	}
	if _, err := k.Redeem(sign(t, k, Grant{Kind: Live})); !errors.Is(err, ErrBusy) {
		t.Errorf("Redeem with full memory = %v, want ErrBusy", err)
	}
}

func TestNewKeeperWithKey(t *testing.T) {
	key := bytes.Repeat([]byte{7}, 32)
	a, err := NewKeeperWithKey(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	b, err := NewKeeperWithKey(key, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Redeem(sign(t, a, Grant{Kind: Live})); err != nil {
		t.Errorf("grant of a keeper with the same key: %v", err)
	}
	if _, err := NewKeeperWithKey(key[:31], nil); err == nil {
		t.Error("a short key was taken")
	}
}

func FuzzRedeem(f *testing.F) {
	k, err := NewKeeper(nil)
	if err != nil {
		f.Fatal(err)
	}
	token, err := k.Sign(Grant{Kind: Room, Subject: "p"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add("g1.e30.AAAA")
	f.Add(token[:len(token)-1])
	f.Fuzz(func(t *testing.T, s string) {
		if s == token {
			return
		}
		if _, err := k.Redeem(s); err == nil {
			t.Errorf("Redeem took %q", s)
		}
	})
}
