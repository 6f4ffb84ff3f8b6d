package record

import (
	"math"
	"strconv"
)

type rgb struct{ r, g, b int }

// palette is the few inks of a document: the clinic's accent and greys.
type palette struct {
	accent, tint                  rgb
	text, soft, line, card, white rgb
}

// newPalette reads #rrggbb. A light accent is darkened until text in it can be
// read on white paper.
func newPalette(accent string) palette {
	c, ok := parseHex(accent)
	if !ok {
		c = rgb{15, 98, 110}
	}
	for luminance(c) > 0.18 { // contrast of 4.5 to 1 against white
		c = rgb{c.r * 9 / 10, c.g * 9 / 10, c.b * 9 / 10}
	}
	return palette{
		accent: c, tint: mix(c, 0.07),
		text: rgb{28, 36, 44}, soft: rgb{98, 110, 121}, line: rgb{217, 223, 228},
		card: rgb{245, 247, 249}, white: rgb{255, 255, 255},
	}
}

func parseHex(s string) (rgb, bool) {
	if len(s) != 7 || s[0] != '#' {
		return rgb{}, false
	}
	v, err := strconv.ParseUint(s[1:], 16, 24)
	if err != nil {
		return rgb{}, false
	}
	return rgb{int(v >> 16), int(v >> 8 & 0xff), int(v & 0xff)}, true
}

// mix lays share of c over white.
func mix(c rgb, share float64) rgb {
	one := func(v int) int { return 255 - int(math.Round(float64(255-v)*share)) }
	return rgb{one(c.r), one(c.g), one(c.b)}
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(c rgb) float64 {
	one := func(v int) float64 { return linear(float64(v) / 255) }
	return 0.2126*one(c.r) + 0.7152*one(c.g) + 0.0722*one(c.b)
}

// linear undoes the transfer curve of sRGB (IEC 61966-2-1).
func linear(v float64) float64 {
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}
