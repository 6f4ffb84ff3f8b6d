package notify

import (
	"fmt"
	"strings"
	"unicode"
)

// ParseAddress reads what a person typed as an email address or a telephone number and
// returns the one way to write it, so that the same person is found again. A number
// without a country may begin with 8, as people in Russia write it.
func ParseAddress(typed string) (Channel, string, error) {
	typed = strings.TrimSpace(typed)
	if strings.Contains(typed, "@") {
		address := strings.ToLower(typed)
		return Email, address, CheckEmail(address)
	}
	var number strings.Builder
	for i, r := range typed {
		switch {
		case r == '+' && i == 0, r >= '0' && r <= '9':
			number.WriteRune(r)
		case unicode.IsSpace(r) || strings.ContainsRune("-–().\u2011", r):
		default:
			return "", "", fmt.Errorf("%w: neither an email address nor a telephone number", ErrRefused)
		}
	}
	out := number.String()
	if rest, ok := strings.CutPrefix(out, "8"); ok && len(rest) == 10 {
		out = "+7" + rest
	}
	return SMS, out, CheckPhone(out)
}
