package notify

import "testing"

func TestParseAddress(t *testing.T) {
	for _, c := range []struct {
		typed   string
		channel Channel
		address string // "" for refused
	}{
		{"Anna.Petrova@Clinic.Example ", Email, "anna.petrova@clinic.example"},
		{"+7 (900) 000-01-78", SMS, "+79000000178"},
		{"8 900 000‑01‑78", SMS, "+79000000178"},
		{"+44 7700 900112", SMS, "+447700900112"},
		{"900 000-01-78", "", ""},
		{"7+9000000178", "", ""},
		{"anna@", "", ""},
		{"Anna <anna@clinic.example>", "", ""},
		{"anna@clinic.example\r\nBcc: x@example.org", "", ""},
		{"+7900000017x", "", ""},
		{"", "", ""},
	} {
		channel, address, err := ParseAddress(c.typed)
		if (err == nil) != (c.address != "") || err == nil && (channel != c.channel || address != c.address) {
			t.Errorf("%q: %s %s, %v", c.typed, channel, address, err)
		}
	}
}
