package auth

import (
	"fmt"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// QR is a QR code as an SVG path over a square of Size modules, without the quiet zone.
type QR struct {
	Size int
	Path string
}

// NewQR draws a text.
func NewQR(text string) (QR, error) {
	code, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		return QR{}, fmt.Errorf("draw a QR code: %w", err)
	}
	box := code.Bounds()
	var path strings.Builder
	for y := range box.Dy() {
		for x := range box.Dx() {
			if r, _, _, _ := code.At(box.Min.X+x, box.Min.Y+y).RGBA(); r == 0 {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return QR{Size: box.Dx(), Path: path.String()}, nil
}
