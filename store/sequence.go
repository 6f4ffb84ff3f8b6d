package store

import (
	"errors"
	"fmt"
)

// Sequence counts 1, 2, 3, … within each scope. A number taken in a transaction
// that fails is given out again, so there are no gaps: invoices may be numbered
// with it.
type Sequence struct{ bucket string }

// NewSequence names a sequence; the name is its bucket and never changes.
func NewSequence(name string) *Sequence { return &Sequence{bucket: name} }

// Next takes the next number.
func (s *Sequence) Next(tx Tx, scope string) (uint64, error) {
	last, rev, err := s.read(tx, scope)
	if err != nil {
		return 0, err
	}
	p := s.place(scope)
	raw, err := encode(tx, p, last+1)
	if err != nil {
		return 0, err
	}
	if _, err := tx.Put(s.bucket, p.key, raw, rev); err != nil {
		return 0, fmt.Errorf("sequence %s: %w", s.bucket, err)
	}
	return last + 1, nil
}

// Last is the number taken last, 0 before the first.
func (s *Sequence) Last(tx Tx, scope string) (uint64, error) {
	last, _, err := s.read(tx, scope)
	return last, err
}

func (s *Sequence) read(tx Tx, scope string) (last, rev uint64, err error) {
	if scope == "" {
		return 0, 0, fmt.Errorf("sequence %s: %w: empty scope", s.bucket, ErrInvalid)
	}
	p := s.place(scope)
	raw, rev, err := tx.Get(s.bucket, p.key)
	switch {
	case errors.Is(err, ErrNotFound):
		return 0, 0, nil
	case err != nil:
		return 0, 0, fmt.Errorf("sequence %s: %w", s.bucket, err)
	}
	err = decode(tx, p, raw, &last)
	return last, rev, err
}

func (s *Sequence) place(scope string) place {
	return place{bucket: s.bucket, key: []byte(Text(scope)), scope: scope, schema: 1}
}
