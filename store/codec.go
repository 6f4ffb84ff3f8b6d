package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// A stored value is an envelope: one byte that says how the payload is written,
// the record's schema number as a uvarint, then the payload.
const (
	formatJSON   byte = 1 // payload is JSON
	formatSealed byte = 2 // payload is JSON sealed by the Tx's Sealer
)

// Sealer seals and opens the values of a transaction. Collections and logs ask the
// Tx for it by themselves; without one they store plain JSON.
type Sealer interface {
	// Seal encrypts plain under the data key of owner in scope ("" = the
	// scope's own key) and binds it to ad: neither can be changed or moved.
	Seal(scope, owner string, ad, plain []byte) ([]byte, error)
	// Open reverses Seal, or says ErrCorrupt.
	Open(scope string, ad, sealed []byte) ([]byte, error)
	// Blind maps an index key to one that tells nothing about it but equality.
	Blind(scope, index string, key Key) (Key, error)
}

// place says where a value lives. All of it is authenticated with the value,
// so that a row can't be moved, swapped or passed off as another schema.
type place struct {
	bucket string
	key    []byte
	scope  string
	owner  string // whose data key seals the value; "" = the scope's
	schema uint64
}

func (p *place) ad(format byte, schema uint64) []byte {
	ad := make([]byte, 0, len(p.bucket)+len(p.key)+16)
	ad = append(ad, format)
	ad = binary.AppendUvarint(ad, schema)
	ad = binary.AppendUvarint(ad, uint64(len(p.bucket)))
	ad = append(ad, p.bucket...)
	return append(ad, p.key...)
}

func encode(tx Tx, p place, v any) ([]byte, error) {
	payload, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", p.bucket, err)
	}
	format := formatJSON
	if s := tx.Sealer(); s != nil {
		format = formatSealed
		if payload, err = s.Seal(p.scope, p.owner, p.ad(format, p.schema), payload); err != nil {
			return nil, fmt.Errorf("seal %s: %w", p.bucket, err)
		}
	}
	out := make([]byte, 0, len(payload)+4)
	out = append(out, format)
	out = binary.AppendUvarint(out, p.schema)
	return append(out, payload...), nil
}

func decode(tx Tx, p place, raw []byte, v any) error {
	payload, err := unwrap(tx, p, raw)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(payload, v); err != nil {
		return fmt.Errorf("decode %s: %w: %w", p.bucket, ErrCorrupt, err)
	}
	return nil
}

func unwrap(tx Tx, p place, raw []byte) ([]byte, error) {
	if len(raw) == 0 {
		return nil, fmt.Errorf("decode %s: %w: empty value", p.bucket, ErrCorrupt)
	}
	schema, n := binary.Uvarint(raw[1:])
	if n <= 0 {
		return nil, fmt.Errorf("decode %s: %w: bad envelope", p.bucket, ErrCorrupt)
	}
	format, payload := raw[0], raw[1+n:]
	sealer := tx.Sealer()
	sealed := sealer != nil
	// A sealed store takes no plain value: anybody who can write to the file
	// could otherwise plant one.
	switch {
	case format == formatSealed && sealed:
		plain, err := sealer.Open(p.scope, p.ad(format, schema), payload)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", p.bucket, err)
		}
		payload = plain
	case format == formatJSON && !sealed:
	case format == formatSealed:
		return nil, fmt.Errorf("decode %s: %w: the value is sealed, and no keys are given", p.bucket, ErrKey)
	default:
		return nil, fmt.Errorf("decode %s: %w: format %d", p.bucket, ErrCorrupt, format)
	}
	if schema > p.schema {
		return nil, fmt.Errorf("decode %s: %w: %d, known %d", p.bucket, ErrSchema, schema, p.schema)
	}
	return payload, nil
}
