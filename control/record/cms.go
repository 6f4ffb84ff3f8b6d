package record

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/asn1"
	"fmt"
	"slices"
)

// DER tags used below (X.690).
const (
	tagInteger  = 0x02
	tagOctets   = 0x04
	tagNull     = 0x05
	tagSequence = 0x30
	tagSet      = 0x31
	tagContext0 = 0xa0
)

// cms is a CAdES baseline signature over content, which it does not hold. It
// is built here, not by a library, because PAdES forbids the signing-time
// attribute that libraries add (EN 319 142-1 §6.3: the time is in the PDF).
func (s *Signer) cms(content []byte) ([]byte, error) {
	digest := sha256.Sum256(content)
	certHash := sha256.Sum256(s.cert.Raw)
	attrs := [][]byte{
		attribute("1.2.840.113549.1.9.3", oid("1.2.840.113549.1.7.1")), // content-type: data
		attribute("1.2.840.113549.1.9.4", der(tagOctets, digest[:])),   // message-digest
		attribute("1.2.840.113549.1.9.16.2.47", der(tagSequence, der(tagSequence, // signing-certificate-v2, RFC 5035
			der(tagSequence, der(tagOctets, certHash[:]))))),
	}
	slices.SortFunc(attrs, bytes.Compare) // DER orders the elements of a set
	set := der(tagSet, attrs...)
	hashed := sha256.Sum256(set)
	signature, err := s.key.Sign(rand.Reader, hashed[:], crypto.SHA256)
	if err != nil {
		return nil, fmt.Errorf("record: sign: %w", err)
	}
	sha := der(tagSequence, oid("2.16.840.1.101.3.4.2.1"))
	algorithm := der(tagSequence, oid("1.2.840.113549.1.1.11"), der(tagNull)) // sha256WithRSAEncryption
	if _, ok := s.key.Public().(*ecdsa.PublicKey); ok {
		algorithm = der(tagSequence, oid("1.2.840.10045.4.3.2")) // ecdsa-with-SHA256
	}
	serial, err := asn1.Marshal(s.cert.SerialNumber)
	if err != nil {
		return nil, fmt.Errorf("record: encode serial: %w", err)
	}
	version := der(tagInteger, []byte{1})
	signer := der(tagSequence, version,
		der(tagSequence, s.cert.RawIssuer, serial),
		sha, der(tagContext0, set[len(set)-bodyLen(attrs):]), algorithm, der(tagOctets, signature))
	signed := der(tagSequence, version, der(tagSet, sha),
		der(tagSequence, oid("1.2.840.113549.1.7.1")),
		der(tagContext0, s.cert.Raw),
		der(tagSet, signer))
	return der(tagSequence, oid("1.2.840.113549.1.7.2"), der(tagContext0, signed)), nil
}

// attribute is an Attribute with one value.
func attribute(id string, value []byte) []byte {
	return der(tagSequence, oid(id), der(tagSet, value))
}

// der encodes a tag, the length of parts together, and parts.
func der(tag byte, parts ...[]byte) []byte {
	n := bodyLen(parts)
	out := []byte{tag}
	switch {
	case n < 0x80:
		out = append(out, byte(n))
	case n < 0x100:
		out = append(out, 0x81, byte(n))
	default:
		out = append(out, 0x82, byte(n>>8), byte(n)) // all of ours are below 64 KiB
	}
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func bodyLen(parts [][]byte) int {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	return n
}

// oid encodes a dotted object identifier.
func oid(dotted string) []byte {
	var body []byte
	first, value, seen := 0, 0, 0
	flush := func() {
		switch seen++; seen {
		case 1:
			first = value
		case 2:
			body = append(body, byte(first*40+value))
		default:
			body = append(body, base128(value)...)
		}
		value = 0
	}
	for _, c := range []byte(dotted) {
		if c == '.' {
			flush()
			continue
		}
		value = value*10 + int(c-'0')
	}
	flush()
	return der(0x06, body)
}

// base128 is the encoding of one arc: seven bits a byte, the last without the
// high bit.
func base128(v int) []byte {
	out := []byte{byte(v & 0x7f)}
	for v >>= 7; v > 0; v >>= 7 {
		out = append([]byte{byte(v&0x7f) | 0x80}, out...)
	}
	return out
}
