package notify

import (
	"strings"
	"unicode/utf8"
)

// Mask hides most of an address, so that a page can say where a code went without
// telling it to who looks over a shoulder: a•••@clinic.example, +7•••••••67.
func Mask(address string) string {
	if name, domain, ok := strings.Cut(address, "@"); ok {
		_, size := utf8.DecodeRuneInString(name)
		return name[:size] + "•••@" + domain
	}
	if len(address) < 6 {
		return "•••"
	}
	return address[:2] + strings.Repeat("•", len(address)-4) + address[len(address)-2:]
}
