package record

import (
	"strings"
	"unicode"

	"golang.org/x/image/font/sfnt"
)

// missing stands for every character that the font cannot show, so that its
// loss is seen and not silent.
const missing = '□'

// glyphs knows which characters a font has.
type glyphs struct {
	font *sfnt.Font
	buf  sfnt.Buffer
	seen map[rune]bool
}

func newGlyphs(ttf []byte) (*glyphs, error) {
	f, err := sfnt.Parse(ttf)
	if err != nil {
		return nil, err
	}
	return &glyphs{font: f, seen: make(map[rune]bool)}, nil
}

// has reports whether r can be shown. The PDF writer addresses glyphs by 16
// bits, so that characters beyond are missing even where the font has them.
func (g *glyphs) has(r rune) bool {
	if r > 0xffff {
		return false
	}
	ok, known := g.seen[r]
	if !known {
		i, err := g.font.GlyphIndex(&g.buf, r)
		ok = err == nil && i != 0
		g.seen[r] = ok
	}
	return ok
}

// clean makes text printable: line ends become "\n", tabs and odd spaces
// become spaces, characters without a shape of their own go (they reorder or
// hide text), and those the font lacks are replaced.
func (g *glyphs) clean(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	var b strings.Builder
	replaced := false
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\v' || r == '\f':
			r = '\n'
		case r == '\u00a0' || r == '\u202f':
			r = '\u00a0'
		case unicode.IsSpace(r):
			r = ' '
		case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r):
			continue
		case unicode.IsControl(r):
			r = missing
		case unicode.Is(unicode.Mn, r) && replaced:
			continue // an accent or skin tone on a replaced character
		case !g.has(r):
			r = missing
		}
		replaced = r == missing
		b.WriteRune(r)
	}
	return b.String()
}

// line is clean on one line.
func (g *glyphs) line(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(g.clean(s), "\n", " ")), " ")
}

// wrap breaks one paragraph into lines that measure at most width, at spaces
// where there are any and inside a word where one is too long.
func wrap(s string, width float64, measure func(string) float64) []string {
	var lines []string
	var cur string
	for _, word := range strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }) {
		next := word
		if cur != "" {
			next = cur + " " + word
		}
		if measure(next) <= width {
			cur = next
			continue
		}
		if cur != "" {
			lines = append(lines, cur)
		}
		for measure(word) > width {
			head := fit(word, width, measure)
			lines, word = append(lines, head), word[len(head):]
		}
		cur = word
	}
	if cur != "" || len(lines) == 0 {
		lines = append(lines, cur)
	}
	return lines
}

// fit returns the longest beginning of word within width, of one character at
// least.
func fit(word string, width float64, measure func(string) float64) string {
	ends := make([]int, 0, len(word))
	for i := range word {
		if i > 0 {
			ends = append(ends, i)
		}
	}
	ends = append(ends, len(word))
	lo, hi := 0, len(ends)-1
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if measure(word[:ends[mid]]) <= width {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return word[:ends[lo]]
}

// visual puts the right-to-left runs of one line into the order in which they
// are drawn. It does what a line of a name or a word needs (runs of Hebrew or
// Arabic in a left-to-right text), not all of the Unicode algorithm; Arabic
// letters are not joined.
func visual(s string) string {
	r := []rune(s)
	for i := 0; i < len(r); {
		if !rightToLeft(r[i]) {
			i++
			continue
		}
		end := i + 1
		for j := end; j < len(r) && (rightToLeft(r[j]) || !unicode.IsLetter(r[j]) && !unicode.IsDigit(r[j])); j++ {
			if rightToLeft(r[j]) {
				end = j + 1
			}
		}
		for a, b := i, end-1; a < b; a, b = a+1, b-1 {
			r[a], r[b] = r[b], r[a]
		}
		i = end
	}
	return string(r)
}

func rightToLeft(r rune) bool {
	return unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko)
}
