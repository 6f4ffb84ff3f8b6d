package store

import (
	"encoding/binary"
	"time"
)

// Key is a composite key whose bytes sort as its parts do: first by the first
// part, then by the second, and so on. A key made of the leading parts only is
// a prefix of all keys that begin with them. The empty Key means "none".
type Key string

// Text begins a key with a string.
func Text(s string) Key { return Key("").Text(s) }

// Time begins a key with a time.
func Time(t time.Time) Key { return Key("").Time(t) }

// Number begins a key with a number.
func Number(n int64) Key { return Key("").Number(n) }

// Text appends a string, which sorts bytewise.
//
// Zero bytes are escaped as 00 FF and the end is 00 01, so that "a" sorts
// before "ab" whatever part follows, and no string is a prefix of another.
func (k Key) Text(s string) Key {
	b := make([]byte, 0, len(k)+len(s)+2)
	b = append(b, k...)
	for i := range len(s) {
		b = append(b, s[i])
		if s[i] == 0 {
			b = append(b, 0xFF)
		}
	}
	return Key(append(b, 0, 1))
}

// Time appends an instant with nanoseconds; the zone plays no part.
func (k Key) Time(t time.Time) Key {
	b := make([]byte, 0, len(k)+12)
	b = append(b, k...)
	b = binary.BigEndian.AppendUint64(b, uint64(t.Unix())^(1<<63))
	return Key(binary.BigEndian.AppendUint32(b, uint32(t.Nanosecond())))
}

// Number appends a signed number.
func (k Key) Number(n int64) Key {
	b := make([]byte, 0, len(k)+8)
	b = append(b, k...)
	return Key(binary.BigEndian.AppendUint64(b, uint64(n)^(1<<63)))
}

// CutTime takes the first part off a key that begins with an instant. It is false for one
// that is too short.
func (k Key) CutTime() (t time.Time, rest Key, ok bool) {
	if len(k) < 12 {
		return time.Time{}, k, false
	}
	seconds := binary.BigEndian.Uint64([]byte(k[:8])) ^ (1 << 63)
	return time.Unix(int64(seconds), int64(binary.BigEndian.Uint32([]byte(k[8:12])))).UTC(), k[12:], true
}

// End is the first key after all keys that begin with k: the upper bound of a
// range over a prefix. The empty Key stays empty, which means "no bound".
func (k Key) End() Key { return Key(prefixEnd([]byte(k))) }

// prefixEnd returns nil when nothing sorts after the prefix.
func prefixEnd(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] != 0xFF {
			end := append([]byte(nil), prefix[:i+1]...)
			end[i]++
			return end
		}
	}
	return nil
}

// textPrefix decodes the first text part of a key and returns it with the rest.
func textPrefix(key []byte) (text string, rest []byte, ok bool) {
	var out []byte
	for i := 0; i < len(key); i++ {
		if key[i] != 0 {
			out = append(out, key[i])
			continue
		}
		if i+1 == len(key) {
			return "", nil, false
		}
		switch key[i+1] {
		case 0x01:
			return string(out), key[i+2:], true
		case 0xFF:
			out = append(out, 0)
			i++
		default:
			return "", nil, false
		}
	}
	return "", nil, false
}
