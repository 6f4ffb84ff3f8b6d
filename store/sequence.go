package store

import (
	"encoding/binary"
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
	if _, err := tx.Put(s.bucket, []byte(Text(scope)), binary.BigEndian.AppendUint64(nil, last+1), rev); err != nil {
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
	raw, rev, err := tx.Get(s.bucket, []byte(Text(scope)))
	switch {
	case errors.Is(err, ErrNotFound):
		return 0, 0, nil
	case err != nil:
		return 0, 0, fmt.Errorf("sequence %s: %w", s.bucket, err)
	case len(raw) != 8:
		return 0, 0, fmt.Errorf("sequence %s: %w: %d bytes", s.bucket, ErrCorrupt, len(raw))
	}
	return binary.BigEndian.Uint64(raw), rev, nil
}
