package bolt_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"consilium/store"
	"consilium/store/bolt"
)

// BenchmarkWrites measures durable writes of 512 bytes under random keys: ours
// and, as the unit to compare with, plain bbolt's Batch and Update in the same
// run on the same disk. Every b.N is one acknowledged write.
func BenchmarkWrites(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("store/writers=%d", writers), func(b *testing.B) {
			db, err := bolt.Open(b.TempDir())
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			load(b, writers, func(key, value []byte) error {
				return db.Update(context.Background(), func(tx store.Tx) error {
					_, err := tx.Put("bench", key, value, store.Any)
					return err
				})
			})
		})
		b.Run(fmt.Sprintf("bbolt-batch/writers=%d", writers), func(b *testing.B) {
			db := plain(b)
			load(b, writers, func(key, value []byte) error {
				return db.Batch(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("bench")).Put(key, value) })
			})
		})
	}
	b.Run("bbolt-update/writers=1", func(b *testing.B) {
		db := plain(b)
		load(b, 1, func(key, value []byte) error {
			return db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte("bench")).Put(key, value) })
		})
	})
}

func plain(b *testing.B) *bbolt.DB {
	b.Helper()
	db, err := bbolt.Open(filepath.Join(b.TempDir(), "plain.db"), 0o600, &bbolt.Options{FreelistType: bbolt.FreelistMapType})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	err = db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucket([]byte("bench"))
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return db
}

// load shares b.N writes among writers and reports the rate and percentiles.
func load(b *testing.B, writers int, write func(key, value []byte) error) {
	b.Helper()
	var next atomic.Int64
	took := make([][]time.Duration, writers)
	var group sync.WaitGroup
	b.ResetTimer()
	start := time.Now()
	for w := range writers {
		group.Go(func() {
			key, value := make([]byte, 24), make([]byte, 512)
			for next.Add(1) <= int64(b.N) {
				rand.Read(key)
				rand.Read(value)
				at := time.Now()
				if err := write(slices.Clone(key), slices.Clone(value)); err != nil {
					b.Errorf("write: %v", err)
					return
				}
				took[w] = append(took[w], time.Since(at))
			}
		})
	}
	group.Wait()
	total := time.Since(start)
	b.StopTimer()
	all := slices.Concat(took...)
	if len(all) == 0 {
		return
	}
	slices.Sort(all)
	ms := func(q float64) float64 {
		return float64(all[int(q*float64(len(all)-1))].Microseconds()) / 1000
	}
	b.ReportMetric(float64(len(all))/total.Seconds(), "writes/s")
	b.ReportMetric(ms(0.50), "p50-ms")
	b.ReportMetric(ms(0.99), "p99-ms")
	b.ReportMetric(ms(1), "max-ms")
}
