package control

import (
	"fmt"
	"math"
)

// Money is an amount in the currency's minor units (kopecks, cents).
type Money struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"` // ISO 4217
}

// minorDigits are the currencies whose minor unit is not a hundredth (ISO 4217).
func minorDigits(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	}
	return 2
}

// String writes an amount for people, like "1250 RUB" or "12.500 KWD".
func (m Money) String() string {
	digits := minorDigits(m.Currency)
	unit := int64(math.Pow10(digits))
	if m.Minor%unit == 0 {
		return fmt.Sprintf("%d %s", m.Minor/unit, m.Currency)
	}
	sign, minor := "", m.Minor
	if minor < 0 {
		sign, minor = "-", -minor
	}
	return fmt.Sprintf("%s%d.%0*d %s", sign, minor/unit, digits, minor%unit, m.Currency)
}

// Text is what a clinic writes in several languages: locale to text.
type Text map[string]string

// In returns the text in the locale, else in the fallback, else in any language
// (the first by name, so that the answer is stable).
func (t Text) In(locale, fallback string) string {
	if s, ok := t[locale]; ok {
		return s
	}
	if s, ok := t[fallback]; ok {
		return s
	}
	best := ""
	for l := range t {
		if best == "" || l < best {
			best = l
		}
	}
	return t[best]
}
