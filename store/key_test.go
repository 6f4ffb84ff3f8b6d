package store

import (
	"cmp"
	"math"
	"strings"
	"testing"
	"testing/quick"
	"time"
)

type parts struct {
	A  string
	N  int64
	T  int64
	NS uint32
	B  string
}

func (p parts) time() time.Time { return time.Unix(p.T>>20, int64(p.NS%1e9)) }
func (p parts) key() Key        { return Text(p.A).Number(p.N).Time(p.time()).Text(p.B) }
func (p parts) compare(q parts) int {
	return cmp.Or(strings.Compare(p.A, q.A), cmp.Compare(p.N, q.N), p.time().Compare(q.time()), strings.Compare(p.B, q.B))
}

func TestKeysSortAsTheirParts(t *testing.T) {
	agree := func(p, q parts) bool { return strings.Compare(string(p.key()), string(q.key())) == p.compare(q) }
	if err := quick.Check(agree, &quick.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
	near := func(p parts, b string) bool { // most of the parts equal
		q := p
		q.B = b
		return agree(p, q) && agree(q, p)
	}
	if err := quick.Check(near, nil); err != nil {
		t.Error(err)
	}
	ordered := []parts{
		{A: ""},
		{A: "", N: math.MinInt64 + 1},
		{A: "", N: -1, B: "\xff"},
		{A: "\x00"},
		{A: "\x00\x00"},
		{A: "\x00\x01"},
		{A: "\x00\xff"},
		{A: "\x01"},
		{A: "a", N: -1},
		{A: "a", N: 0},
		{A: "a", T: 1 << 20},
		{A: "a", N: 1},
		{A: "a", N: math.MaxInt64},
		{A: "a\x00"},
		{A: "a\x00b"},
		{A: "ab"},
		{A: "b"},
		{A: "\xff"},
		{A: "\xff\xff"},
	}
	for _, p := range ordered {
		for _, q := range ordered {
			if !agree(p, q) {
				t.Errorf("%+v and %+v sort wrong", p, q)
			}
		}
	}
}

func TestKeyPrefixes(t *testing.T) {
	holds := func(a, b, rest string) bool {
		prefix, full := Text(a), Text(a).Text(b)+Key(rest)
		inside := full >= prefix && full < prefix.End()
		other := Text(b) + Key(rest)
		outside := a == b || other < prefix || other >= prefix.End()
		text, left, ok := textPrefix([]byte(full))
		return inside && outside && ok && text == a && string(left) == string(Text(b))+rest
	}
	if err := quick.Check(holds, &quick.Config{MaxCount: 5000}); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"", "abc", "abc\x00", "abc\x00\x02", "\x00\xff"} {
		if text, _, ok := textPrefix([]byte(bad)); ok {
			t.Errorf("%q decodes as %q", bad, text)
		}
	}
	if end := Key("\xff\xff").End(); end != "" {
		t.Errorf("the end of the last prefix is %q", end)
	}
}

func TestTimesOfAllCenturies(t *testing.T) {
	last := Key("")
	for _, at := range []string{"0001-01-01T00:00:00Z", "1899-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "2026-02-01T10:00:00+03:00", "2026-02-01T08:00:00Z", "9999-12-31T23:59:59Z"} {
		when, err := time.Parse(time.RFC3339Nano, at)
		if err != nil {
			t.Fatal(err)
		}
		key := Time(when)
		if key <= last || len(key) != 12 {
			t.Errorf("%s sorts before its predecessor", at)
		}
		last = key
	}
}

func TestBlobIDs(t *testing.T) {
	seen := make(map[string]bool)
	for range 1000 {
		id := NewBlobID()
		if len(id) != 26 || !ValidBlobID(id) || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}
	for _, id := range []string{"", "..", strings.Repeat("u", 26), strings.Repeat("0", 25), strings.Repeat("0", 27), strings.Repeat("A", 26), "../" + strings.Repeat("0", 23), strings.Repeat("0", 24) + "\n\n"} {
		if ValidBlobID(id) {
			t.Errorf("%q is taken for an id", id)
		}
	}
}
