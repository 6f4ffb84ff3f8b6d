package backup_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"consilium/store"
	"consilium/store/backup"
	"consilium/store/bolt"
)

var (
	benchMiB   = flag.Int("mib", 128, "MiB of records and files in the folder of the benchmarks, half each")
	benchFiles = flag.Int("files", 1000, "files in the folder of the benchmarks")
)

// bulk fills a folder with records of 1 KiB and with files.
func (f *folder) bulk(b *testing.B) {
	b.Helper()
	half := *benchMiB << 20 / 2
	type record struct {
		ID   string
		Data []byte
	}
	records := store.NewCollection("bulk", func(r *record) string { return r.ID })
	const perTx = 1000
	for done := 0; done < half>>10; done += perTx {
		err := f.db.Update(ctx, func(tx store.Tx) error {
			for i := range perTx {
				r := record{ID: fmt.Sprintf("%09d", done+i), Data: make([]byte, 700)} // 1 KiB as JSON and sealed
				rand.Read(r.Data)
				if _, err := records.Put(tx, clinic, &r, 0); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	content := make([]byte, half / *benchFiles)
	rand.Read(content)
	for range *benchFiles {
		if _, err := f.files.Put(ctx, clinic, "", bytes.NewReader(content)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFolder measures the way of a whole folder: backup, restore, opening
// and checking. For the figures of a gibibyte with 10,000 files:
//
//	go test -run NONE -bench Folder -benchtime 1x ./store/backup -mib 1024 -files 10000
func BenchmarkFolder(b *testing.B) {
	f := newFolder(b)
	f.bulk(b)
	b.ResetTimer()
	for range b.N {
		dir := b.TempDir()
		data, keys := filepath.Join(dir, "data.backup"), filepath.Join(dir, "keys.backup")
		lap := stopwatch(b)
		if _, err := backup.Data(ctx, data, f.kek, noon, f.raw, f.files); err != nil {
			b.Fatal(err)
		}
		lap("backup-s")
		if _, err := backup.Keys(ctx, keys, f.kek, noon, f.keys); err != nil {
			b.Fatal(err)
		}
		lap("backup-keys-s")
		if _, err := backup.Restore(ctx, data, dataDir(dir), f.kek); err != nil {
			b.Fatal(err)
		}
		if _, err := backup.Restore(ctx, keys, keysDir(dir), f.kek); err != nil {
			b.Fatal(err)
		}
		lap("restore-s")
		again, err := openFolder(dir, f.kek)
		if err != nil {
			b.Fatal(err)
		}
		lap("open-s")
		if err := again.checks(); err != nil {
			b.Fatal(err)
		}
		lap("check-s")
		if err := again.close(); err != nil {
			b.Fatal(err)
		}
		before, after, err := bolt.Compact(ctx, dataDir(dir))
		if err != nil {
			b.Fatal(err)
		}
		lap("compact-s")
		b.ReportMetric(float64(before>>20), "db-MiB")
		b.ReportMetric(float64(after>>20), "compacted-MiB")
	}
}

func stopwatch(b *testing.B) func(unit string) {
	b.Helper()
	last := time.Now()
	return func(unit string) {
		b.ReportMetric(time.Since(last).Seconds(), unit)
		last = time.Now()
	}
}

// BenchmarkWriteBesideBackup measures single writes while nothing else goes on
// and while a backup runs: the difference is what the backup adds.
func BenchmarkWriteBesideBackup(b *testing.B) {
	f := newFolder(b)
	f.bulk(b)
	for _, busy := range []bool{false, true} {
		b.Run(fmt.Sprintf("backup=%v", busy), func(b *testing.B) {
			stop, end := context.WithCancel(ctx)
			defer end()
			done := make(chan struct{})
			if busy {
				go func() {
					defer close(done)
					for i := 0; stop.Err() == nil; i++ {
						_, err := backup.Data(stop, filepath.Join(b.TempDir(), fmt.Sprint(i)), f.kek, noon, f.raw, f.files)
						if err != nil && stop.Err() == nil {
							b.Errorf("backup: %v", err)
						}
					}
				}()
			} else {
				close(done)
			}
			b.ResetTimer()
			took := make([]time.Duration, 0, b.N)
			for i := range b.N {
				start := time.Now()
				err := f.raw.Update(ctx, func(tx store.Tx) error {
					_, err := tx.Put("bench", fmt.Appendf(nil, "%09d", i), make([]byte, 512), store.Any)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(start))
			}
			b.StopTimer()
			end()
			<-done
			slices.Sort(took)
			for name, q := range map[string]float64{"p50-ms": 0.5, "p99-ms": 0.99, "max-ms": 1} {
				b.ReportMetric(float64(took[int(q*float64(len(took)-1))].Microseconds())/1000, name)
			}
		})
	}
}
