package bolt_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"consilium/store"
	"consilium/store/blobfs"
	"consilium/store/bolt"
)

var (
	crashes   = flag.Int("crashes", 200, "how often TestKill kills the writing process")
	powerCuts = flag.Int("powercuts", 10, "how often TestPowerCut cuts the power")
)

// The environment of the child process that writes until it is killed.
const (
	childDir  = "STORE_TEST_CHILD"
	childMode = "STORE_TEST_MODE"
	childName = "STORE_TEST_NAME" // prefix of its tokens: no two children share one
)

const (
	modeHonest = "honest" // acknowledges after Update has returned
	modeEarly  = "early"  // acknowledges before the commit: the control of TestKill
	modeNoSync = "nosync" // commits without fsync: the control of TestPowerCut
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, "child:", child(dir, os.Getenv(childMode), os.Getenv(childName)))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// entry is what the child writes, once per token: into a log, and as a record
// with a unique and a shared index and, some of them, a file.
type entry struct {
	Token  string
	Worker string
	Blob   store.Blob
}

const clinic = "clinic"

// refused marks tokens whose function fails after it has written: none may be seen.
const refused = "refused-"

var errRefused = errors.New("refused")

type workload struct {
	journal  *store.Log[entry]
	entries  *store.Collection[entry]
	byToken  *store.Index[entry]
	byWorker *store.Index[entry]
}

func newWorkload() workload {
	w := workload{
		journal:  store.NewLog[entry]("journal"),
		byToken:  store.UniqueBy("token", func(e *entry) store.Key { return store.Text(e.Token) }),
		byWorker: store.IndexBy("worker", func(e *entry) store.Key { return store.Text(e.Worker) }),
	}
	w.entries = store.NewCollection("entry", func(e *entry) string { return e.Token }, w.byToken, w.byWorker)
	return w
}

// child writes until it is killed or fails.
func child(dir, mode, name string) error {
	options := []bolt.Option{bolt.Reserve(0)}
	if mode == modeNoSync {
		options = append(options, bolt.NoSync())
	}
	db, err := bolt.Open(dir, options...)
	if err != nil {
		return err
	}
	blobs, err := blobfs.Open(dir, blobfs.Reserve(0))
	if err != nil {
		return err
	}
	w := newWorkload()
	failed := make(chan error, 8)
	for i := range 8 {
		go func() {
			worker := fmt.Sprintf("%s-w%d", name, i)
			for n := 0; ; n++ {
				if err := w.step(db, blobs, mode, worker, n); err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	return <-failed
}

func (w workload) step(db store.DB, blobs store.Blobs, mode, worker string, n int) error {
	ctx := context.Background()
	e := entry{Token: fmt.Sprintf("%s-%d", worker, n), Worker: worker}
	if n%7 == 3 {
		e.Token = refused + e.Token
	}
	if n%10 == 5 && mode != modeEarly {
		var err error
		if e.Blob, err = blobs.Put(ctx, clinic, "", strings.NewReader(strings.Repeat(e.Token, 500))); err != nil {
			return err
		}
	}
	var number uint64
	ack := func() { fmt.Printf("ack %s %d\n", e.Token, number) }
	err := db.Update(ctx, func(tx store.Tx) (err error) {
		if number, err = w.journal.Append(tx, clinic, &e); err != nil {
			return err
		}
		if _, err := w.entries.Put(tx, clinic, &e, 0); err != nil {
			return err
		}
		if strings.HasPrefix(e.Token, refused) {
			return errRefused
		}
		if mode == modeEarly {
			ack()
		}
		return nil
	})
	if errors.Is(err, errRefused) {
		return nil
	}
	if err == nil && mode != modeEarly {
		ack()
	}
	return err
}

// acks is what the parent knows: the number that each token was acknowledged with.
type acks map[string]uint64

// run starts a child, lets it write for a while after its first acknowledgement,
// calls stop, which must end it, and adds what it acknowledged.
func (a acks) run(t *testing.T, dir, mode, name string, stop func(*exec.Cmd)) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childMode+"="+mode, childName+"="+name)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	first := make(chan struct{})
	var once sync.Once
	done := make(chan struct{})
	go func() { // reads to the end: what lies in the pipe was acknowledged too
		defer close(done)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var token string
			var number uint64
			if _, err := fmt.Sscanf(lines.Text(), "ack %s %d", &token, &number); err != nil {
				continue
			}
			a[token] = number
			once.Do(func() { close(first) })
		}
	}()
	select {
	case <-first:
	case <-done:
	case <-time.After(30 * time.Second):
	}
	time.Sleep(time.Duration(rand.IntN(100)+5) * time.Millisecond) // how long the load runs is the point, not a wait
	stop(cmd)
	<-done
	_ = cmd.Wait()
	if len(a) == 0 {
		t.Fatalf("the child acknowledged nothing: %s", complaints.String())
	}
}

// missing counts the acknowledged tokens that the store doesn't hold, and fails
// the test over everything else that is not as it was written.
func (a acks) missing(t *testing.T, dir string) (lost int) {
	t.Helper()
	db, err := bolt.Open(dir, bolt.ViewLimit(time.Minute))
	if err != nil {
		t.Fatalf("open after the crash: %v", err)
	}
	defer db.Close()
	blobs, err := blobfs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorkload()
	err = db.View(context.Background(), func(tx store.Tx) error {
		seen := make(map[string]uint64)
		next := uint64(1)
		for e, err := range w.journal.Range(tx, clinic, 0, 0) {
			if err != nil {
				return err
			}
			if seen[e.Value.Token] != 0 {
				t.Errorf("token %s is there twice", e.Value.Token)
			}
			if e.N != next || strings.HasPrefix(e.Value.Token, refused) {
				t.Errorf("entry %d, token %s, where %d should be", e.N, e.Value.Token, next)
			}
			next++
			seen[e.Value.Token] = e.N
		}
		if last, err := w.journal.Last(tx, clinic); last != next-1 || err != nil {
			t.Errorf("last number is %d, %d entries, %v", last, next-1, err)
		}
		for token, number := range a {
			if seen[token] == 0 {
				lost++
			} else if seen[token] != number {
				t.Errorf("token %s has number %d, acknowledged as %d", token, seen[token], number)
			}
		}
		return w.agree(t, tx, blobs, seen)
	})
	if err != nil {
		t.Errorf("read after the crash: %v", err)
	}
	return lost
}

// agree compares records, index rows and files with the journal.
func (w workload) agree(t *testing.T, tx store.Tx, blobs store.Blobs, seen map[string]uint64) error {
	t.Helper()
	workers := make(map[string]int)
	records := 0
	for e, err := range w.entries.List(tx, clinic) {
		if err != nil {
			return err
		}
		records++
		workers[e.Worker]++
		if seen[e.Token] == 0 {
			t.Errorf("record %s has no entry in the journal", e.Token)
		}
		if _, _, err := w.entries.Find(tx, clinic, w.byToken, store.Text(e.Token)); err != nil {
			t.Errorf("record %s by its unique index: %v", e.Token, err)
		}
		if e.Blob.ID != "" {
			if err := sameContent(blobs, e); err != nil {
				t.Errorf("file of %s: %v", e.Token, err)
			}
		}
	}
	if records != len(seen) {
		t.Errorf("%d records, %d entries in the journal", records, len(seen))
	}
	for worker, want := range workers {
		n := 0
		for _, err := range w.entries.Where(tx, clinic, w.byWorker, store.Text(worker)) {
			if err != nil {
				return err
			}
			n++
		}
		if n != want {
			t.Errorf("worker %s: %d index rows, %d records", worker, n, want)
		}
	}
	return nil
}

func sameContent(blobs store.Blobs, e entry) error {
	f, err := blobs.Open(context.Background(), clinic, e.Blob.ID)
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != e.Blob.SHA256 {
		return fmt.Errorf("content's hash is %s, not %s", got, e.Blob.SHA256)
	}
	return nil
}
