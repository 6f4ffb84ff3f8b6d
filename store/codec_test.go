package store

import (
	"bytes"
	"context"
	"errors"
	"testing"
)

// oneKey is a Keys with a single key for all.
type oneKey struct{ key *DataKey }

func newOneKey(t testing.TB) oneKey {
	t.Helper()
	key, err := NewDataKey("owner", 1, bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return oneKey{key}
}

func (oneKey) ID() string { return "one" }
func (k oneKey) Current(context.Context, string, string) (*DataKey, error) {
	return k.key, nil
}

func (k oneKey) Lookup(_ context.Context, _, owner string, generation uint64) (*DataKey, error) {
	if owner != "owner" || generation != 1 {
		return nil, ErrKey
	}
	return k.key, nil
}

func (k oneKey) Blinding(context.Context, string) ([]byte, error) { return make([]byte, 32), nil }

type nothing struct{ Text string }

// A sealed value opens only as it was sealed and where it was sealed.
func TestSealBindsItsPlace(t *testing.T) {
	tx := sealedTx{ctx: context.Background(), keys: newOneKey(t)}
	home := place{bucket: "things", key: []byte("key"), scope: "clinic", owner: "owner", schema: 2}
	raw, err := encode(tx, home, nothing{"secret"})
	if err != nil {
		t.Fatal(err)
	}
	var v nothing
	if err := decode(tx, home, raw, &v); err != nil || v.Text != "secret" {
		t.Fatalf("decoded %+v, %v", v, err)
	}
	if bytes.Contains(raw, []byte("secret")) {
		t.Error("the sealed value shows its text")
	}
	for name, p := range map[string]place{
		"another key": {bucket: "things", key: []byte("kez"), schema: 2}, "another bucket": {bucket: "thing", key: []byte("skey"), schema: 2},
	} {
		expectCorrupt(t, name, decode(tx, p, raw, &v))
	}
	for at := range raw {
		for bit := range 8 {
			changed := bytes.Clone(raw)
			changed[at] ^= 1 << bit
			if err := decode(tx, home, changed, &v); err == nil {
				t.Errorf("bit %d of byte %d changed, and nobody noticed", bit, at)
			}
		}
	}
	for n := range raw {
		if err := decode(tx, home, raw[:n], &v); err == nil {
			t.Errorf("cut to %d bytes, and nobody noticed", n)
		}
	}
	again, err := encode(tx, home, nothing{"secret"})
	if err != nil || bytes.Equal(again, raw) {
		t.Errorf("two seals of one value are equal, %v", err)
	}
}

func expectCorrupt(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, ErrCorrupt) {
		t.Errorf("%s: %v", what, err)
	}
}

func FuzzDecode(f *testing.F) {
	p := place{bucket: "b", key: []byte("k"), scope: "s", owner: "owner", schema: 1}
	tx := sealedTx{ctx: context.Background(), keys: newOneKey(f)}
	for _, tx := range []Tx{tx, &WriteSet{}} {
		raw, err := encode(tx, p, nothing{"x"})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte{formatSealed, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 0xff, 0xff, 0xff, 0xff, 0x0f})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var v nothing
		// Of all byte strings a fuzzer can find, none opens as a sealed value but
		// the seeds.
		if err := decode(tx, p, raw, &v); err == nil && v.Text != "x" {
			t.Errorf("opened %x as %q", raw, v.Text)
		}
		_ = decode(&WriteSet{}, p, raw, &v)
	})
}
