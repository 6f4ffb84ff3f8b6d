package notify

import (
	"context"
	"errors"
	"testing"
)

type sink struct{ got []Message }

func (s *sink) Send(_ context.Context, m Message) error {
	s.got = append(s.got, m)
	return nil
}

func TestRouter(t *testing.T) {
	letters := &sink{}
	router := Router{Email: letters}
	tests := map[string]struct {
		message Message
		want    error
	}{
		"email":           {Message{Channel: Email, To: "anna@clinic.example", Text: "x"}, nil},
		"no gateway":      {Message{Channel: SMS, To: "+79991234567", Text: "x"}, ErrNoChannel},
		"unknown channel": {Message{Channel: "pigeon", To: "anna@clinic.example", Text: "x"}, ErrRefused},
		"display name":    {Message{Channel: Email, To: "Anna <anna@clinic.example>", Text: "x"}, ErrRefused},
		"two addresses":   {Message{Channel: Email, To: "a@b.example, c@d.example", Text: "x"}, ErrRefused},
		"header in it":    {Message{Channel: Email, To: "a@b.example\r\nBcc: c@d.example", Text: "x"}, ErrRefused},
		"subject header":  {Message{Channel: Email, To: "a@b.example", Subject: "x\r\nBcc: c@d.example", Text: "x"}, ErrRefused},
		"empty":           {Message{Channel: Email, To: "a@b.example"}, ErrRefused},
		"local number":    {Message{Channel: SMS, To: "89991234567", Text: "x"}, ErrRefused},
		"letters in it":   {Message{Channel: SMS, To: "+7999123456x", Text: "x"}, ErrRefused},
	}
	for name, test := range tests {
		if err := router.Send(t.Context(), test.message); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
	if len(letters.got) != 1 {
		t.Errorf("%d letters were sent, want 1", len(letters.got))
	}
}

func TestMask(t *testing.T) {
	for address, want := range map[string]string{
		"anna@clinic.example": "a•••@clinic.example", "яна@почта.example": "я•••@почта.example",
		"+79991234567": "+7••••••••67", "12": "•••", "": "•••",
	} {
		if got := Mask(address); got != want {
			t.Errorf("Mask(%q) = %q, want %q", address, got, want)
		}
	}
}
