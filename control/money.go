package control

// Money is an amount in the currency's minor units (kopecks, cents).
type Money struct {
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"` // ISO 4217
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
