package storetest

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"consilium/store"
)

func getPutDelete(t *testing.T, db store.DB) {
	if got := get(t, db, "a"); got != "" {
		t.Errorf("empty store has %q", got)
	}
	put(t, db, "a", "1", "b", "")
	if got := get(t, db, "a"); got != "1" {
		t.Errorf("got %q", got)
	}
	view(t, db, func(tx store.Tx) error {
		value, version, err := tx.Get(bucket, []byte("b"))
		if err != nil || len(value) != 0 || version == 0 {
			t.Errorf("an empty value reads as %q, version %d, %v", value, version, err)
		}
		return nil
	})
	update(t, db, func(tx store.Tx) error {
		if err := tx.Delete(bucket, []byte("a"), store.Any); err != nil {
			return err
		}
		_, _, err := tx.Get(bucket, []byte("a"))
		expect(t, "get after delete in the same transaction", err, store.ErrNotFound)
		expect(t, "second delete", tx.Delete(bucket, []byte("a"), store.Any), store.ErrNotFound)
		return nil
	})
	if got := get(t, db, "a"); got != "" {
		t.Errorf("deleted key has %q", got)
	}
}

func versions(t *testing.T, db store.DB) {
	key := []byte("a")
	update(t, db, func(tx store.Tx) error {
		_, err := tx.Put(bucket, key, nil, 7)
		expect(t, "put of a missing row at version 7", err, store.ErrConflict)
		v, err := tx.Put(bucket, key, []byte("1"), 0)
		if err != nil {
			return err
		}
		_, err = tx.Put(bucket, key, []byte("2"), 0)
		expect(t, "second create", err, store.ErrConflict)
		_, err = tx.Put(bucket, key, []byte("3"), v)
		return err
	})
	var version uint64
	view(t, db, func(tx store.Tx) (err error) {
		_, version, err = tx.Get(bucket, key)
		return err
	})
	for _, item := range rows(t, db) {
		if item.Version != version {
			t.Errorf("scan says version %d, get %d", item.Version, version)
		}
	}
	update(t, db, func(tx store.Tx) error {
		_, err := tx.Put(bucket, key, nil, version+1)
		expect(t, "put at a wrong version", err, store.ErrConflict)
		expect(t, "delete at a wrong version", tx.Delete(bucket, key, version+1), store.ErrConflict)
		_, err = tx.Put(bucket, key, []byte("4"), version)
		return err
	})
	err := db.Update(within(t), func(tx store.Tx) error {
		_, err := tx.Put(bucket, key, []byte("5"), version)
		return err
	})
	expect(t, "put at the old version", err, store.ErrConflict)
	if got := get(t, db, "a"); got != "4" {
		t.Errorf("got %q", got)
	}
}

func rows(t *testing.T, db store.DB) (items []store.Item) {
	t.Helper()
	view(t, db, func(tx store.Tx) error {
		items = nil
		for item, err := range tx.Scan(bucket, nil, nil) {
			if err != nil {
				return err
			}
			items = append(items, item)
		}
		return nil
	})
	return items
}

func versionsGrow(t *testing.T, db store.DB) {
	seen := make(map[uint64]bool)
	key := []byte("a")
	var last uint64
	for range 20 {
		var v uint64
		update(t, db, func(tx store.Tx) (err error) {
			v, err = tx.Put(bucket, key, nil, store.Any)
			return err
		})
		if seen[v] || v <= last || v == store.Any {
			t.Fatalf("version %d after %d", v, last)
		}
		seen[v], last = true, v
		update(t, db, func(tx store.Tx) error { return tx.Delete(bucket, key, v) })
	}
}

func scanBounds(t *testing.T, db store.DB) {
	put(t, db, "b", "", "a", "", "d", "", "c", "", "\x00", "", "\xff\xff", "", "ab", "")
	cases := []struct{ name, from, to, want, back string }{
		{"all", "", "", "\x00 a ab b c d \xff\xff ", "\xff\xff d c b ab a \x00 "},
		{"from a key", "b", "", "b c d \xff\xff ", "\xff\xff d c b "},
		{"to a key", "", "b", "\x00 a ab ", "ab a \x00 "},
		{"between keys", "aa", "cc", "ab b c ", "c b ab "},
		{"one", "c", "d", "c ", "c "},
		{"empty", "c", "c", "", ""},
		{"turned round", "d", "a", "", ""},
		{"behind all", "\xff\xff\xff", "", "", ""},
		{"to behind all", "d", "\xff\xff\xff", "d \xff\xff ", "\xff\xff d "},
	}
	for _, c := range cases {
		view(t, db, func(tx store.Tx) error {
			got, err := keys(tx.Scan(bucket, []byte(c.from), []byte(c.to)))
			if err != nil || got != c.want {
				t.Errorf("%s: got %q, want %q, %v", c.name, got, c.want, err)
			}
			got, err = keys(tx.ScanBack(bucket, []byte(c.from), []byte(c.to)))
			if err != nil || got != c.back {
				t.Errorf("%s, back: got %q, want %q, %v", c.name, got, c.back, err)
			}
			got, err = keys(tx.Scan("unknown", []byte(c.from), []byte(c.to)))
			if err != nil || got != "" {
				t.Errorf("unknown bucket: got %q, %v", got, err)
			}
			return nil
		})
	}
}

func scanOwnWrites(t *testing.T, db store.DB) {
	put(t, db, "a", "old", "c", "old", "e", "old")
	update(t, db, func(tx store.Tx) error {
		for _, k := range []string{"0", "b", "c", "z"} {
			if _, err := tx.Put(bucket, []byte(k), []byte("new"), store.Any); err != nil {
				return err
			}
		}
		if err := tx.Delete(bucket, []byte("e"), store.Any); err != nil {
			return err
		}
		got, err := keys(tx.Scan(bucket, nil, nil))
		if err != nil || got != "0 a b c z " {
			t.Errorf("scan gave %q, %v", got, err)
		}
		got, err = keys(tx.ScanBack(bucket, []byte("a"), []byte("z")))
		if err != nil || got != "c b a " {
			t.Errorf("scan back gave %q, %v", got, err)
		}
		for item, err := range tx.Scan(bucket, []byte("c"), []byte("d")) {
			if err != nil || string(item.Value) != "new" {
				t.Errorf("own write scans as %q, %v", item.Value, err)
			}
		}
		return nil
	})
	update(t, db, func(tx store.Tx) error {
		got, err := keys(tx.Scan(bucket, nil, nil))
		if err != nil || got != "0 a b c z " {
			t.Errorf("after the commit: %q, %v", got, err)
		}
		return nil
	})
}

func scanWhileWriting(t *testing.T, db store.DB) {
	put(t, db, "a", "", "b", "", "c", "")
	update(t, db, func(tx store.Tx) error {
		got := ""
		for item, err := range tx.Scan(bucket, nil, nil) {
			if err != nil {
				return err
			}
			got += string(item.Key)
			if len(got) > 3 {
				break
			}
			if err := tx.Delete(bucket, item.Key, item.Version); err != nil {
				return err
			}
			if _, err := tx.Put(bucket, append(item.Key, 'x'), nil, 0); err != nil {
				return err
			}
		}
		if got != "abc" {
			t.Errorf("the scan saw %q", got)
		}
		return nil
	})
	view(t, db, func(tx store.Tx) error {
		got, err := keys(tx.Scan(bucket, nil, nil))
		if err != nil || got != "ax bx cx " {
			t.Errorf("after it: %q, %v", got, err)
		}
		return nil
	})
}

func copies(t *testing.T, db store.DB) {
	put(t, db, "a", "first", "b", "first")
	var held []byte
	view(t, db, func(tx store.Tx) (err error) {
		held, _, err = tx.Get(bucket, []byte("a"))
		return err
	})
	items := rows(t, db)
	for i := range 50 { // enough that freed pages are used again
		put(t, db, "a", name("next", i), "b", name("next", i))
	}
	if string(held) != "first" || string(items[0].Key) != "a" || string(items[1].Value) != "first" {
		t.Errorf("values changed after the view: %q, %v", held, items)
	}
	key, value := []byte("k"), []byte("value")
	update(t, db, func(tx store.Tx) error {
		copy(key, "k")
		copy(value, "value")
		if _, err := tx.Put(bucket, key, value, store.Any); err != nil {
			return err
		}
		copy(key, "X")
		copy(value, "XXXXX")
		got, _, err := tx.Get(bucket, []byte("k"))
		if err != nil || string(got) != "value" {
			t.Errorf("the store kept the caller's slice: %q, %v", got, err)
		}
		copy(got, "YYYYY")
		return nil
	})
	if got := get(t, db, "k"); got != "value" {
		t.Errorf("the store kept the caller's slice: %q", got)
	}
}

func limits(t *testing.T, db store.DB) {
	update(t, db, func(tx store.Tx) error {
		_, err := tx.Put(bucket, make([]byte, store.MaxKey+1), nil, store.Any)
		expect(t, "long key", err, store.ErrTooLarge)
		_, err = tx.Put(bucket, []byte("a"), make([]byte, store.MaxValue+1), store.Any)
		expect(t, "long value", err, store.ErrTooLarge)
		return nil
	})
	err := db.Update(within(t), func(tx store.Tx) error {
		for i := range store.MaxTxBytes/store.MaxValue + 1 {
			if _, err := tx.Put(bucket, []byte(name("k", i)), make([]byte, store.MaxValue), store.Any); err != nil {
				return err
			}
		}
		return nil
	})
	expect(t, "long transaction", err, store.ErrTooLarge)
	if got := get(t, db, name("k", 0)); got != "" {
		t.Error("a part of a refused transaction was kept")
	}
}

func bigValues(t *testing.T, db store.DB) {
	value := func(i int) []byte { return bytes.Repeat([]byte{byte(i), byte(i >> 3), 7}, (store.MaxValue-i)/3) }
	for i := range 6 {
		update(t, db, func(tx store.Tx) error {
			_, err := tx.Put(bucket, []byte(name("k", i)), value(i), 0)
			return err
		})
	}
	for i := range 6 {
		if got := get(t, db, name("k", i)); got != string(value(i)) {
			t.Errorf("value %d came back changed", i)
		}
	}
}

func badArguments(t *testing.T, db store.DB) {
	for _, name := range []string{"", ".engine", string(make([]byte, 256))} {
		update(t, db, func(tx store.Tx) error {
			_, _, err := tx.Get(name, []byte("a"))
			expect(t, "get", err, store.ErrInvalid)
			_, err = tx.Put(name, []byte("a"), nil, store.Any)
			expect(t, "put", err, store.ErrInvalid)
			expect(t, "delete", tx.Delete(name, []byte("a"), store.Any), store.ErrInvalid)
			_, err = keys(tx.Scan(name, nil, nil))
			expect(t, "scan", err, store.ErrInvalid)
			return nil
		})
	}
	update(t, db, func(tx store.Tx) error {
		_, err := tx.Put(bucket, nil, nil, store.Any)
		expect(t, "empty key", err, store.ErrInvalid)
		return nil
	})
}

func closed(t *testing.T, db store.DB) {
	put(t, db, "a", "1")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	fn := func(store.Tx) error { t.Error("fn ran in a closed store"); return nil }
	expect(t, "view", db.View(context.Background(), fn), store.ErrClosed)
	expect(t, "update", db.Update(context.Background(), fn), store.ErrClosed)
	if err := db.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
		t.Errorf("second close: %v", err)
	}
}
