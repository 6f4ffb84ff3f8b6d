package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"consilium/store"
)

// RunDB checks an engine. open returns an empty store, which the suite closes.
func RunDB(t *testing.T, open func(t *testing.T) store.DB) {
	cases := []struct {
		name string
		run  func(*testing.T, store.DB)
	}{
		{"get put delete", getPutDelete},
		{"versions", versions},
		{"versions are not used twice", versionsGrow},
		{"scan order and bounds", scanBounds},
		{"scan sees own writes", scanOwnWrites},
		{"scan while writing", scanWhileWriting},
		{"values are copies", copies},
		{"an error undoes everything", errorUndoes},
		{"a panic undoes everything", panicUndoes},
		{"fn may run twice", runTwice},
		{"view is read only", viewReadOnly},
		{"view is a snapshot", viewSnapshot},
		{"nothing works after the end", usedAfterEnd},
		{"nested transactions are refused", nested},
		{"cancelled context", cancelled},
		{"cancelled while queued", cancelledQueued},
		{"limits", limits},
		{"big values", bigValues},
		{"bad arguments", badArguments},
		{"closed", closed},
		{"concurrent increments", increments},
		{"failures among successes", mixedOutcomes},
		{"views beside writers", viewsBesideWriters},
		{"collection", collection},
		{"collection conflicts", collectionConflicts},
		{"unique index", uniqueIndex},
		{"index ranges", indexRanges},
		{"multi-valued index", multiIndex},
		{"scopes", scopes},
		{"tallies", tallies},
		{"sequence", sequence},
		{"log", logEntries},
		{"broken index rows", brokenRows},
		{"newer schema", newerSchema},
		{"against a model", againstModel},
		{"migrations", migrations},
		{"recounts", recounts},
		{"pointers", pointers},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			db := open(t)
			t.Cleanup(func() {
				if err := db.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			c.run(t, db)
		})
	}
}

const bucket = "things"

// patience bounds every wait of the suite.
const patience = 20 * time.Second

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

func update(t *testing.T, db store.DB, fn func(store.Tx) error) {
	t.Helper()
	if err := db.Update(within(t), fn); err != nil {
		t.Fatalf("update: %v", err)
	}
}

func view(t *testing.T, db store.DB, fn func(store.Tx) error) {
	t.Helper()
	if err := db.View(within(t), fn); err != nil {
		t.Fatalf("view: %v", err)
	}
}

func put(t *testing.T, db store.DB, pairs ...string) {
	t.Helper()
	update(t, db, func(tx store.Tx) error {
		for i := 0; i < len(pairs); i += 2 {
			if _, err := tx.Put(bucket, []byte(pairs[i]), []byte(pairs[i+1]), store.Any); err != nil {
				return err
			}
		}
		return nil
	})
}

// get returns "" for a key that isn't there.
func get(t *testing.T, db store.DB, key string) string {
	t.Helper()
	var got string
	view(t, db, func(tx store.Tx) error {
		value, _, err := tx.Get(bucket, []byte(key))
		if errors.Is(err, store.ErrNotFound) {
			got = ""
			return nil
		}
		got = string(value)
		return err
	})
	return got
}

func expect(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// keys runs through a scan and joins the keys.
func keys(seq func(func(store.Item, error) bool)) (string, error) {
	out := ""
	for item, err := range seq {
		if err != nil {
			return out, err
		}
		out += string(item.Key) + " "
	}
	return out, nil
}

// wait fails the test when done isn't closed in time.
func wait(t *testing.T, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("%s: no end after %v", what, patience)
	}
}

var errRefused = errors.New("refused by the function")

func name(prefix string, n int) string { return fmt.Sprintf("%s%04d", prefix, n) }
