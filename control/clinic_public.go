package control

import (
	"context"
	"math"

	"consilium/store"
)

// Open lists the clinics whose pages anybody may see, for the sign-in page.
func (s *Clinics) Open(ctx context.Context) ([]Clinic, error) {
	var out []Clinic
	err := s.db.View(ctx, func(tx store.Tx) error {
		out = nil
		for v, err := range s.t.clinics.List(tx, store.Global) {
			if err != nil {
				return err
			}
			if v.Suspended.IsZero() {
				out = append(out, v)
			}
		}
		return nil
	})
	return out, storeError(err)
}

// luminance is a colour's relative luminance (WCAG 2.2).
func luminance(r, g, b uint8) float64 {
	channel := func(v uint8) float64 {
		c := float64(v) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(r) + 0.7152*channel(g) + 0.0722*channel(b)
}
