package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func TestHasher(t *testing.T) {
	h := NewHasher(2)
	hash, err := h.Hash(t.Context(), "правильная лошадь")
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.Hash(t.Context(), "правильная лошадь")
	if err != nil || again == hash {
		t.Errorf("the same password gave the same hash (%v)", err)
	}
	tests := map[string]struct {
		hash, password string
		want           bool
	}{
		"right":           {hash, "правильная лошадь", true},
		"wrong":           {hash, "правильная собака", false},
		"empty":           {hash, "", false},
		"unknown person":  {"", "правильная лошадь", false},
		"unknown, empty":  {"", "", false},
		"longer than any": {hash, strings.Repeat("x", 1<<20), false},
	}
	for name, test := range tests {
		if got, err := h.Verify(t.Context(), test.hash, test.password); err != nil || got != test.want {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	for _, bad := range []string{"x", strings.Replace(hash, "m=19456", "m=1048576", 1), hash[:len(hash)-2]} {
		if ok, err := h.Verify(t.Context(), bad, "правильная лошадь"); ok || err == nil {
			t.Errorf("%q: got %v, %v, want an error", bad, ok, err)
		}
	}
}

func TestHasherIsBounded(t *testing.T) {
	h := NewHasher(1)
	h.slots <- struct{}{} // somebody is at work
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Hash(ctx, "a long password"); !errors.Is(err, ErrBusy) {
		t.Errorf("Hash gave %v, want %v", err, ErrBusy)
	}
	if _, err := h.Verify(ctx, "", "a long password"); !errors.Is(err, ErrBusy) {
		t.Errorf("Verify gave %v, want %v", err, ErrBusy)
	}
}

func TestCheckPassword(t *testing.T) {
	personal := []string{"Анна Сергеевна Волкова", "anna.volkova@clinic.example"}
	for password, good := range map[string]bool{
		"зелёный чайник поёт": true, "tr4mway under snow": true, "Волкова любит чай": true,
		"short": false, "aaaaaaaaaaaa": false, "abababababab": false, "1234567890": false, "9876543210": false,
		"Password123456": false, "пароль12345": false, "волкова2026": false, "annaanna2026": false,
		strings.Repeat("ab c", 100): false, "\xff\xfe\xff\xfe\xff\xfe\xff\xfe\xff\xfe": false,
	} {
		if err := CheckPassword(password, personal...); (err == nil) != good || err != nil && !errors.Is(err, ErrWeak) {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func TestChallenge(t *testing.T) {
	wrong := func(code string) string { // another code of the same form
		if code[0] == '0' {
			return "1" + code[1:]
		}
		return "0" + code[1:]
	}
	c, code := NewChallenge("sign-in 1", start)
	if len(code) != CodeDigits {
		t.Fatalf("code %q", code)
	}
	if err := c.Try("sign-in 1", wrong(code), start); !errors.Is(err, ErrCodeWrong) {
		t.Errorf("wrong code: %v", err)
	}
	if err := c.Try("sign-in 2", code, start); !errors.Is(err, ErrCodeWrong) {
		t.Errorf("code for another sign-in: %v", err)
	}
	if err := c.Try("sign-in 1", " "+code[:3]+" "+code[3:], start.Add(CodeLife-1)); err != nil {
		t.Errorf("right code with spaces: %v", err)
	}
	if err := c.Try("sign-in 1", code, start); !errors.Is(err, ErrCodeSpent) {
		t.Errorf("second use: %v", err)
	}

	c, code = NewChallenge("x", start)
	if err := c.Try("x", code, start.Add(CodeLife)); !errors.Is(err, ErrCodeExpired) {
		t.Errorf("late: %v", err)
	}
	for i := range CodeTries {
		want := ErrCodeWrong
		if i == CodeTries-1 {
			want = ErrCodeSpent
		}
		if err := c.Try("x", wrong(code), start); !errors.Is(err, want) {
			t.Errorf("try %d: %v, want %v", i, err, want)
		}
	}
	if err := c.Try("x", code, start); !errors.Is(err, ErrCodeSpent) {
		t.Errorf("right code after too many tries: %v", err)
	}
}

func TestAuthenticatorFollowsRFC6238(t *testing.T) {
	// RFC 6238, appendix B: SHA-1, the last six of eight digits.
	a := Authenticator{Secret: []byte("12345678901234567890")}
	for unix, want := range map[int64]string{59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130"} {
		if got := totp(a.Secret, unix/totpPeriod); got != want {
			t.Errorf("at %d: %s, want %s", unix, got, want)
		}
	}
}

func TestAuthenticatorSpendsEachCode(t *testing.T) {
	a := NewAuthenticator()
	at := func(d time.Duration) string { return totp(a.Secret, start.Add(d).Unix()/totpPeriod) }
	if a.Use(at(2*totpPeriod*time.Second), start) || a.Use(at(-2*totpPeriod*time.Second), start) {
		t.Error("a code two steps away was taken")
	}
	if !a.Use(at(-totpPeriod*time.Second), start) {
		t.Error("the code of the step before was refused")
	}
	if !a.Use(at(0), start) {
		t.Error("the present code was refused")
	}
	if a.Use(at(0), start) || a.Use(at(-totpPeriod*time.Second), start) {
		t.Error("a code was taken twice")
	}
	if a.Use("", start) || a.Use("000", start) {
		t.Error("half a code was taken")
	}
	if uri := a.URI("Клиника", "anna@clinic.example"); !strings.HasPrefix(uri, "otpauth://totp/") || !strings.Contains(uri, a.Text()) {
		t.Errorf("URI %s", uri)
	}
}

func TestRecovery(t *testing.T) {
	r, codes := NewRecovery()
	before := len(r.Digests)
	if len(codes) != recoveryCodes {
		t.Fatalf("%d codes", len(codes))
	}
	if r.Use("aaaa-aaaa-aaaa-aaaa") {
		t.Error("an unknown code was taken")
	}
	if !r.Use(strings.ToUpper(strings.ReplaceAll(codes[3], "-", " "))) {
		t.Error("a code as a person types it was refused")
	}
	if r.Use(codes[3]) || len(r.Digests) != before-1 {
		t.Error("a code was taken twice")
	}
}

func TestThrottle(t *testing.T) {
	limit := NewThrottle(3, time.Minute, 2)
	for i := range 3 {
		if _, ok := limit.Take("a", start); !ok {
			t.Errorf("try %d was refused", i)
		}
	}
	wait, ok := limit.Take("a", start.Add(15*time.Second))
	if ok || wait != 45*time.Second {
		t.Errorf("fourth try: %v, %v", wait, ok)
	}
	if _, ok := limit.Take("a", start.Add(-time.Hour)); ok {
		t.Error("a clock set back gave a try")
	}
	if _, ok := limit.Take("b", start); !ok {
		t.Error("another key was refused")
	}
	if _, ok := limit.Take("a", start.Add(time.Minute)); !ok {
		t.Error("no try came back")
	}
	limit.Forgive("a")
	if _, ok := limit.Take("a", start); !ok {
		t.Error("a forgiven key was refused")
	}
	for i := range 100 {
		limit.Take(fmt.Sprint(i), start)
	}
	if len(limit.known) > 2 || limit.recent.Len() > 2 {
		t.Errorf("%d keys remembered", len(limit.known))
	}
}

func TestThrottleAtOnce(t *testing.T) {
	limit := NewThrottle(10, time.Hour, 100)
	var (
		group   sync.WaitGroup
		mu      sync.Mutex
		allowed int
	)
	for range 100 {
		group.Go(func() {
			if _, ok := limit.Take("x", start); ok {
				mu.Lock()
				allowed++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if allowed != 10 {
		t.Errorf("%d tries allowed, want 10", allowed)
	}
}
