package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// SealReport is what CheckSeals found.
type SealReport struct {
	Values   int      `json:"values"`
	Erased   int      `json:"erased"`
	Problems []string `json:"problems"` // at most 100; they name buckets, no values
}

// Err is nil when no problem was found, otherwise ErrCorrupt with the first one.
func (r SealReport) Err() error {
	if len(r.Problems) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %d values, the first: %s", ErrCorrupt, len(r.Problems), r.Problems[0])
}

// checkPage is how many rows of a bucket CheckSeals reads in one view.
const checkPage = 500

// CheckSeals opens every sealed value of the buckets of a sealed store, without
// knowing what is in them. Reading and writing go on meanwhile.
func CheckSeals(ctx context.Context, db DB, buckets []string) (SealReport, error) {
	var r SealReport
	for _, bucket := range buckets {
		for from := []byte(nil); ; {
			var next []byte
			var page SealReport
			err := db.View(ctx, func(tx Tx) (err error) {
				page = SealReport{}
				next, err = page.check(tx, bucket, from)
				return err
			})
			if err != nil {
				return r, fmt.Errorf("check seals: %w", err)
			}
			r.Values += page.Values
			r.Erased += page.Erased
			if len(r.Problems) < 100 {
				r.Problems = append(r.Problems, page.Problems...)
			}
			if next == nil {
				break
			}
			from = next
		}
	}
	return r, nil
}

// check opens the values from a key on and returns where to go on.
func (r *SealReport) check(tx Tx, bucket string, from []byte) (next []byte, err error) {
	n := 0
	for item, err := range tx.Scan(bucket, from, nil) {
		if err != nil {
			return nil, err
		}
		if n++; n > checkPage {
			return item.Key, nil
		}
		// Rows of indexes hold an id, those of the schema are plain.
		if bucket == schemaBucket || len(item.Value) == 0 || item.Value[0] != formatSealed {
			continue
		}
		r.Values++
		scope, _, _ := textPrefix(item.Key)
		p := place{bucket: bucket, key: item.Key, scope: scope, schema: Any}
		switch _, err := unwrap(tx, p, item.Value); {
		case errors.Is(err, ErrErased):
			r.Erased++
		case err != nil:
			r.Problems = append(r.Problems, strings.TrimPrefix(err.Error(), "open "))
		}
	}
	return nil, nil
}
