package signaling

import (
	"fmt"
	"testing"
	"time"
)

func TestBucket(t *testing.T) {
	at := time.Unix(0, 0)
	b := newBucket(2, 3, at)
	steps := []struct {
		after time.Duration
		want  bool
	}{
		{0, true},
		{0, true},
		{0, true},
		{0, false},
		{499 * time.Millisecond, false},
		{time.Millisecond, true},
		{0, false},
		{time.Hour, true},
		{0, true},
		{0, true},
		{0, false},
		{-time.Hour, false}, // the clock went back
	}
	for i, s := range steps {
		at = at.Add(s.after)
		if got := b.take(at); got != s.want {
			t.Errorf("step %d: take = %v", i, got)
		}
	}
}

func TestRing(t *testing.T) {
	r := newRing(3, 10)
	for i := range 5 {
		r.add(fmt.Appendf(nil, "e%d", i+1))
	}
	tests := []struct {
		seq  uint64
		want string
		ok   bool
	}{
		{0, "", false},
		{1, "", false},
		{2, "[e3 e4 e5]", true},
		{4, "[e5]", true},
		{5, "[]", true},
		{6, "", false},
		{1<<64 - 1, "", false},
	}
	for _, tt := range tests {
		got, ok := r.since(tt.seq)
		if ok != tt.ok || (ok && fmt.Sprintf("%s", got) != tt.want) {
			t.Errorf("since(%d) = %s, %v", tt.seq, got, ok)
		}
	}
	r.add([]byte("longer"))
	if got, ok := r.since(4); !ok || fmt.Sprintf("%s", got) != "[e5 longer]" {
		t.Errorf("after a long event: %s, %v", got, ok)
	}
	r.add([]byte("longer than all the bytes"))
	if _, ok := r.since(6); ok || len(r.events) != 0 || r.bytes != 0 {
		t.Errorf("an event beyond the limit is kept: %+v", r)
	}
	if got, ok := r.since(7); !ok || len(got) != 0 {
		t.Errorf("since the last = %s, %v", got, ok)
	}
}

func TestOutbox(t *testing.T) {
	o := newOutbox(3, 10)
	push := func(s string, want bool) {
		t.Helper()
		if got := o.push([]byte(s)); got != want {
			t.Errorf("push(%q) = %v", s, got)
		}
	}
	push("1234", true)
	push("5678", true)
	push("901", false) // too many bytes
	push("90", true)
	push("", false) // too many messages
	if o.pushLossy(nil) {
		t.Error("a full queue took a hint")
	}
	if q, end := o.take(); len(q) != 3 || end != nil {
		t.Errorf("took %s, %v", q, end)
	}
	push("a", true)
	if o.pushLossy([]byte("b")) {
		t.Error("a half-full queue took a hint")
	}
	if !o.shut(4000, "first", false) || o.shut(4001, "second", true) {
		t.Error("not exactly the first shut counts")
	}
	push("lost", true)
	if q, end := o.take(); len(q) == 0 || end == nil || end.code != 4000 {
		t.Errorf("took %s, %v", q, end)
	}
}

func TestBars(t *testing.T) {
	b := newBars()
	at := time.Unix(1000, 0)
	b.add("k", at)
	if !b.stands("k", at) || !b.stands("k", at.Add(-time.Second)) {
		t.Error("an older grant counts")
	}
	if b.stands("k", at.Add(1)) || b.stands("other", at) {
		t.Error("a newer or another grant doesn't count")
	}
	b.sweep(at.Add(time.Minute))
	if !b.stands("k", at) {
		t.Error("forgotten while a grant may live")
	}
	b.sweep(at.Add(time.Minute + 1))
	if len(b.since) != 0 {
		t.Error("kept for ever")
	}
}

func TestLatest(t *testing.T) {
	size := len(encode(&Message{Text: "x"})) + 1
	msgs := []Message{{Text: "a"}, {Text: "b"}, {Text: "c"}}
	tests := []struct {
		limit int
		want  string
	}{
		{0, ""},
		{size - 1, ""},
		{size, "c"},
		{2*size + 1, "bc"},
		{100 * size, "abc"},
	}
	for _, tt := range tests {
		got := ""
		for _, m := range latest(msgs, tt.limit) {
			got += m.Text
		}
		if got != tt.want {
			t.Errorf("in %d bytes: %q, want %q", tt.limit, got, tt.want)
		}
	}
	if latest(nil, 100) == nil {
		t.Error("no messages must be an empty list on the wire")
	}
}
