package record

import (
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"unicode"
)

// missing stands for every character that the font cannot show, so that its
// loss is seen and not silent.
const missing = '□'

// glyphs knows which characters a font has.
type glyphs struct{ has map[rune]bool }

// newGlyphs reads a font's character map: format 4 (OpenType "cmap"), which
// covers the 16 bits by which the PDF writer addresses characters too.
func newGlyphs(ttf []byte) (*glyphs, error) {
	table, err := cmapFormat4(ttf)
	if err != nil {
		return nil, err
	}
	u16 := func(at int) int { return int(binary.BigEndian.Uint16(table[at:])) }
	n := u16(6) / 2
	ends, starts := 14, 16+2*n
	deltas, ranges := starts+2*n, starts+4*n
	if len(table) < ranges+2*n {
		return nil, errFont
	}
	g := &glyphs{has: make(map[rune]bool)}
	for i := range n {
		first, last := u16(starts+2*i), u16(ends+2*i)
		delta, offset := u16(deltas+2*i), u16(ranges+2*i)
		for c := first; c <= last && c < 0xffff; c++ {
			glyph := (c + delta) & 0xffff
			if offset != 0 {
				at := ranges + 2*i + offset + 2*(c-first)
				if at+2 > len(table) {
					return nil, errFont
				}
				glyph = u16(at)
			}
			if glyph != 0 {
				g.has[rune(c)] = true
			}
		}
	}
	return g, nil
}

var errFont = errors.New("record: the font has no usable character map")

// cmapFormat4 finds the Unicode character map in a TrueType file.
func cmapFormat4(ttf []byte) ([]byte, error) {
	u16 := func(b []byte, at int) int { return int(binary.BigEndian.Uint16(b[at:])) }
	u32 := func(b []byte, at int) int { return int(binary.BigEndian.Uint32(b[at:])) }
	if len(ttf) < 12 || len(ttf) < 12+16*u16(ttf, 4) {
		return nil, errFont
	}
	for i := range u16(ttf, 4) {
		entry := ttf[12+16*i:]
		if string(entry[:4]) != "cmap" || u32(entry, 8)+4 > len(ttf) {
			continue
		}
		cmap := ttf[u32(entry, 8):]
		for j := range u16(cmap, 2) {
			at := u32(cmap, 4+8*j+4)
			if u16(cmap, 4+8*j) == 3 && u16(cmap, 4+8*j+2) == 1 && at+16 < len(cmap) && u16(cmap, at) == 4 {
				return cmap[at:], nil
			}
		}
	}
	return nil, errFont
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
		case !g.has[r]:
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
		slices.Reverse(r[i:end])
		i = end
	}
	return string(r)
}

func rightToLeft(r rune) bool {
	return unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko)
}
