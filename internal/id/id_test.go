package id

import "testing"

func TestNew(t *testing.T) {
	seen := make(map[string]bool)
	for range 10_000 {
		s := New()
		if !Valid(s) {
			t.Fatalf("New made %q, which is not valid", s)
		}
		if seen[s] {
			t.Fatalf("New made %q twice", s)
		}
		seen[s] = true
	}
}

func TestSecret(t *testing.T) {
	a, b := Secret(), Secret()
	if len(a) != 52 || a == b {
		t.Fatalf("secrets %q and %q", a, b)
	}
}

func TestValid(t *testing.T) {
	tests := []struct {
		name string
		in   string
		want bool
	}{
		{"empty", "", false},
		{"short", "0123456789abcdefghjkmnpqr", false},
		{"good", "0123456789abcdefghjkmnpqr0", true},
		{"long", "0123456789abcdefghjkmnpqr00", false},
		{"upper case", "0123456789ABCDEFGHJKMNPQR0", false},
		{"letter outside the alphabet", "0123456789abcdefghijkmnpq0", false},
		{"slash", "0123456789abcdefghjkmnpq/0", false},
		{"unused bits set", "0123456789abcdefghjkmnpqrz", false},
		{"not ASCII", "0123456789abcdefghjkmnpqЖ", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Valid(tt.in); got != tt.want {
				t.Errorf("Valid(%q) = %v, want %v", tt.in, got, tt.want)
			}
		})
	}
}
