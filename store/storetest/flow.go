package storetest

import (
	"context"
	"encoding/binary"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"consilium/store"
)

func errorUndoes(t *testing.T, db store.DB) {
	put(t, db, "a", "1")
	err := db.Update(within(t), func(tx store.Tx) error {
		if _, err := tx.Put(bucket, []byte("a"), []byte("2"), store.Any); err != nil {
			return err
		}
		if _, err := tx.Put(bucket, []byte("b"), []byte("2"), store.Any); err != nil {
			return err
		}
		return errRefused
	})
	if err != errRefused { //nolint:errorlint // the very error comes back, unwrapped
		t.Errorf("got %v", err)
	}
	if get(t, db, "a") != "1" || get(t, db, "b") != "" {
		t.Error("writes of a failed function are there")
	}
}

func panicUndoes(t *testing.T, db store.DB) {
	put(t, db, "a", "1")
	var caught any
	func() {
		defer func() { caught = recover() }()
		_ = db.Update(within(t), func(tx store.Tx) error {
			_, err := tx.Put(bucket, []byte("a"), []byte("2"), store.Any)
			var none []int
			_ = none[len(bucket)] // out of range
			return err
		})
	}()
	if caught == nil {
		t.Error("the caller did not see its panic")
	}
	exited := make(chan struct{})
	go func() {
		defer close(exited)
		_ = db.Update(context.Background(), func(store.Tx) error {
			runtime.Goexit()
			return nil
		})
	}()
	wait(t, "update whose goroutine exits", exited)
	if got := get(t, db, "a"); got != "1" {
		t.Errorf("after the panic: %q", got)
	}
	put(t, db, "a", "3")
	if got := get(t, db, "a"); got != "3" {
		t.Errorf("the store does not go on after a panic: %q", got)
	}
}

func runTwice(t *testing.T, db store.DB) {
	count := store.NewSequence("count")
	for want := uint64(1); want <= 5; want++ {
		var got uint64
		update(t, db, func(tx store.Tx) (err error) {
			got, err = count.Next(tx, "s")
			return err
		})
		if got != want {
			t.Fatalf("counted %d, want %d", got, want)
		}
	}
}

func viewReadOnly(t *testing.T, db store.DB) {
	put(t, db, "a", "1")
	view(t, db, func(tx store.Tx) error {
		_, err := tx.Put(bucket, []byte("a"), nil, store.Any)
		expect(t, "put in a view", err, store.ErrReadOnly)
		expect(t, "delete in a view", tx.Delete(bucket, []byte("a"), store.Any), store.ErrReadOnly)
		return nil
	})
}

// viewSnapshot keeps a view open while another goroutine commits.
func viewSnapshot(t *testing.T, db store.DB) {
	put(t, db, "a", "1")
	view(t, db, func(tx store.Tx) error {
		before, _, err := tx.Get(bucket, []byte("a"))
		if err != nil {
			return err
		}
		written := make(chan struct{})
		go func() {
			defer close(written)
			err := db.Update(context.Background(), func(tx store.Tx) error {
				_, err := tx.Put(bucket, []byte("a"), []byte("other"), store.Any)
				return err
			})
			if err != nil {
				t.Errorf("update beside a view: %v", err)
			}
		}()
		wait(t, "update beside a view", written)
		after, _, err := tx.Get(bucket, []byte("a"))
		if err != nil || string(after) != string(before) {
			t.Errorf("the view changed from %q to %q, %v", before, after, err)
		}
		return nil
	})
	if got := get(t, db, "a"); got != "other" {
		t.Errorf("a new view sees %q", got)
	}
}

func usedAfterEnd(t *testing.T, db store.DB) {
	put(t, db, "a", "1")
	for name, run := range map[string]func(context.Context, func(store.Tx) error) error{"view": db.View, "update": db.Update} {
		var kept store.Tx
		if err := run(within(t), func(tx store.Tx) error { kept = tx; return nil }); err != nil {
			t.Fatal(err)
		}
		_, _, err := kept.Get(bucket, []byte("a"))
		expect(t, name+": get", err, store.ErrDone)
		_, err = kept.Put(bucket, []byte("a"), nil, store.Any)
		expect(t, name+": put", err, store.ErrDone)
		expect(t, name+": delete", kept.Delete(bucket, []byte("a"), store.Any), store.ErrDone)
		_, err = keys(kept.Scan(bucket, nil, nil))
		expect(t, name+": scan", err, store.ErrDone)
	}
}

func nested(t *testing.T, db store.DB) {
	type run = func(context.Context, func(store.Tx) error) error
	inner := func(store.Tx) error { t.Error("the inner function ran"); return nil }
	for _, outer := range []run{db.View, db.Update} {
		for _, in := range []run{db.View, db.Update} {
			done := make(chan struct{})
			go func() {
				defer close(done)
				err := outer(context.Background(), func(store.Tx) error {
					expect(t, "nested", in(context.Background(), inner), store.ErrNested)
					return nil
				})
				if err != nil {
					t.Errorf("outer: %v", err)
				}
			}()
			wait(t, "nested transaction", done)
		}
	}
}

func cancelled(t *testing.T, db store.DB) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	fn := func(store.Tx) error { t.Error("fn ran"); return nil }
	expect(t, "view", db.View(ctx, fn), context.Canceled)
	expect(t, "update", db.Update(ctx, fn), context.Canceled)
}

// cancelledQueued cancels an Update that waits behind another one.
func cancelledQueued(t *testing.T, db store.DB) {
	started, release := make(chan struct{}), make(chan struct{})
	first := make(chan error, 1)
	go func() {
		var once sync.Once
		first <- db.Update(context.Background(), func(tx store.Tx) error {
			once.Do(func() { close(started) })
			<-release
			_, err := tx.Put(bucket, []byte("first"), []byte("1"), store.Any)
			return err
		})
	}()
	wait(t, "start of the first", started)
	ctx, cancel := context.WithCancel(context.Background())
	second := make(chan error, 1)
	go func() {
		second <- db.Update(ctx, func(store.Tx) error { t.Error("the cancelled one ran"); return nil })
	}()
	cancel()
	expect(t, "cancelled while queued", <-second, context.Canceled)
	close(release)
	if err := <-first; err != nil {
		t.Errorf("the first: %v", err)
	}
	if get(t, db, "first") != "1" {
		t.Error("the first one's write is gone")
	}
}

func increments(t *testing.T, db store.DB) {
	const workers, each = 16, 25
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for range each {
				err := db.Update(context.Background(), func(tx store.Tx) error {
					return add(tx, "counter", 1)
				})
				if err != nil {
					t.Errorf("increment: %v", err)
				}
			}
		})
	}
	group.Wait()
	if got := binary.BigEndian.Uint64([]byte(get(t, db, "counter"))); got != workers*each {
		t.Errorf("counted %d of %d", got, workers*each)
	}
}

func add(tx store.Tx, key string, n uint64) error {
	value, version, err := tx.Get(bucket, []byte(key))
	if errors.Is(err, store.ErrNotFound) {
		value, err = make([]byte, 8), nil
	}
	if err != nil {
		return err
	}
	sum := binary.BigEndian.Uint64(value) + n
	_, err = tx.Put(bucket, []byte(key), binary.BigEndian.AppendUint64(nil, sum), version)
	return err
}

// mixedOutcomes lets functions fail and panic among others that succeed, so
// that they share commits: every one must get its own outcome and no other.
func mixedOutcomes(t *testing.T, db store.DB) {
	const workers, each = 12, 20
	var kept atomic.Uint64
	var group sync.WaitGroup
	attempt := func(w, i int) (err error) {
		defer func() {
			if recover() != nil {
				err = errRefused
			}
		}()
		return db.Update(context.Background(), func(tx store.Tx) error {
			if err := add(tx, "counter", 1); err != nil {
				return err
			}
			if _, err := tx.Put(bucket, []byte(name(name("w", w), i)), nil, 0); err != nil {
				return err
			}
			switch (w + i) % 3 {
			case 1:
				return errRefused
			case 2:
				var none *store.Item
				none.Version++ // nil
			}
			return nil
		})
	}
	for w := range workers {
		group.Go(func() {
			for i := range each {
				err := attempt(w, i)
				want := error(nil)
				if (w+i)%3 != 0 {
					want = errRefused
				} else {
					kept.Add(1)
				}
				expect(t, "outcome", err, want)
			}
		})
	}
	group.Wait()
	if got := binary.BigEndian.Uint64([]byte(get(t, db, "counter"))); got != kept.Load() {
		t.Errorf("counter is %d, %d were acknowledged", got, kept.Load())
	}
	for w := range workers {
		for i := range each {
			view(t, db, func(tx store.Tx) error {
				_, _, err := tx.Get(bucket, []byte(name(name("w", w), i)))
				if there := err == nil; there != ((w+i)%3 == 0) {
					t.Errorf("row of %d/%d: there is %v", w, i, there)
				}
				return nil
			})
		}
	}
}

// viewsBesideWriters moves units between two rows; every view sees the same sum.
func viewsBesideWriters(t *testing.T, db store.DB) {
	const total = 1000
	update(t, db, func(tx store.Tx) error { return add(tx, "left", total) })
	update(t, db, func(tx store.Tx) error { return add(tx, "right", 0) })
	stop := make(chan struct{})
	var views, writers sync.WaitGroup
	for range 3 {
		writers.Go(func() {
			for range 40 {
				err := db.Update(context.Background(), func(tx store.Tx) error {
					if err := add(tx, "left", ^uint64(0)); err != nil {
						return err
					}
					return add(tx, "right", 1)
				})
				if err != nil {
					t.Errorf("move: %v", err)
				}
			}
		})
		views.Go(func() {
			for {
				err := db.View(context.Background(), func(tx store.Tx) error {
					sum := uint64(0)
					for _, key := range []string{"left", "right"} {
						value, _, err := tx.Get(bucket, []byte(key))
						if err != nil {
							return err
						}
						sum += binary.BigEndian.Uint64(value)
					}
					if sum != total {
						t.Errorf("a view saw %d of %d", sum, total)
					}
					return nil
				})
				if err != nil {
					t.Errorf("view: %v", err)
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	views.Wait()
}
