package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"consilium/store"
)

// RunBlobs checks a file store. open returns an empty one that tells the time by now.
func RunBlobs(t *testing.T, open func(t *testing.T, now func() time.Time) store.Blobs) {
	cases := []struct {
		name string
		run  func(*testing.T, store.Blobs)
	}{
		{"sizes", blobSizes},
		{"seeking", blobSeeking},
		{"scopes", blobScopes},
		{"bad ids", blobBadIDs},
		{"delete", blobDelete},
		{"failing reader", blobFailingReader},
		{"cancelled", blobCancelled},
		{"concurrent", blobConcurrent},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.run(t, open(t, time.Now)) })
	}
	t.Run("sweep", func(t *testing.T) {
		ahead := time.Duration(0)
		blobSweep(t, open(t, func() time.Time { return time.Now().Add(ahead) }), &ahead)
	})
}

// noise is reproducible content.
func noise(size int) []byte {
	rng := rand.New(rand.NewPCG(uint64(size), 7))
	out := make([]byte, size)
	for i := range out {
		out[i] = byte(rng.Uint32())
	}
	return out
}

func putBlob(t *testing.T, blobs store.Blobs, scope string, content []byte) store.Blob {
	t.Helper()
	blob, err := blobs.Put(within(t), scope, "owner", bytes.NewReader(content))
	if err != nil {
		t.Fatalf("put: %v", err)
	}
	return blob
}

func readBlob(ctx context.Context, blobs store.Blobs, scope, id string) (content []byte, err error) {
	f, err := blobs.Open(ctx, scope, id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(f)
}

func blobSizes(t *testing.T, blobs store.Blobs) {
	const chunk = 64 << 10
	for _, size := range []int{0, 1, 1000, chunk - 1, chunk, chunk + 1, 2 * chunk, 5*chunk + 17} {
		content := noise(size)
		blob := putBlob(t, blobs, clinic, content)
		sum := sha256.Sum256(content)
		if blob.Size != int64(size) || blob.SHA256 != hex.EncodeToString(sum[:]) || !store.ValidBlobID(blob.ID) {
			t.Errorf("size %d: described as %+v", size, blob)
		}
		got, err := readBlob(within(t), blobs, clinic, blob.ID)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("size %d: read %d bytes, equal %v, %v", size, len(got), bytes.Equal(got, content), err)
		}
	}
}

func blobSeeking(t *testing.T, blobs store.Blobs) {
	content := noise(200_000)
	blob := putBlob(t, blobs, clinic, content)
	f, err := blobs.Open(within(t), clinic, blob.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if end, err := f.Seek(0, io.SeekEnd); end != int64(len(content)) || err != nil {
		t.Errorf("the end is at %d, %v", end, err)
	}
	if n, err := f.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("read at the end: %d, %v", n, err)
	}
	for _, at := range []int64{150_000, 0, 65_535, 65_536, 131_071, 199_999} {
		if _, err := f.Seek(at, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, 100)
		n, err := io.ReadFull(f, got)
		want := content[at:min(at+100, int64(len(content)))]
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) || !bytes.Equal(got[:n], want) {
			t.Errorf("at %d: %d bytes, %v", at, n, err)
		}
	}
	if _, err := f.Seek(-1, io.SeekStart); err == nil {
		t.Error("a seek before the start succeeds")
	}
}

func blobScopes(t *testing.T, blobs store.Blobs) {
	blob := putBlob(t, blobs, clinic, []byte("content"))
	_, err := readBlob(within(t), blobs, "other", blob.ID)
	expect(t, "open from another scope", err, store.ErrNotFound)
	expect(t, "delete from another scope", blobs.Delete(within(t), "other", blob.ID), store.ErrNotFound)
	if _, err := readBlob(within(t), blobs, clinic, blob.ID); err != nil {
		t.Errorf("open from its own: %v", err)
	}
	_, err = blobs.Put(within(t), "", "", bytes.NewReader(nil))
	expect(t, "put without a scope", err, store.ErrInvalid)
}

func blobBadIDs(t *testing.T, blobs store.Blobs) {
	putBlob(t, blobs, clinic, []byte("content"))
	for _, id := range []string{"", "a", "..", "../../etc/passwd", "tmp", store.NewBlobID(), "UPPERCASEUPPERCASEUPPERCAS", "zz/zzzzzzzzzzzzzzzzzzzzzzz0"} {
		_, err := blobs.Open(within(t), clinic, id)
		expect(t, "open "+id, err, store.ErrNotFound)
		expect(t, "delete "+id, blobs.Delete(within(t), clinic, id), store.ErrNotFound)
	}
}

func blobDelete(t *testing.T, blobs store.Blobs) {
	blob, other := putBlob(t, blobs, clinic, []byte("a")), putBlob(t, blobs, clinic, []byte("b"))
	if err := blobs.Delete(within(t), clinic, blob.ID); err != nil {
		t.Fatal(err)
	}
	_, err := readBlob(within(t), blobs, clinic, blob.ID)
	expect(t, "open after delete", err, store.ErrNotFound)
	expect(t, "second delete", blobs.Delete(within(t), clinic, blob.ID), store.ErrNotFound)
	if _, err := readBlob(within(t), blobs, clinic, other.ID); err != nil {
		t.Errorf("the other file: %v", err)
	}
}

func blobFailingReader(t *testing.T, blobs store.Blobs) {
	r := io.MultiReader(bytes.NewReader(noise(100_000)), iotest.ErrReader(errRefused))
	blob, err := blobs.Put(within(t), clinic, "", r)
	expect(t, "put", err, errRefused)
	if blob != (store.Blob{}) {
		t.Errorf("a failed put describes %+v", blob)
	}
}

func blobCancelled(t *testing.T, blobs store.Blobs) {
	blob := putBlob(t, blobs, clinic, []byte("a"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := blobs.Put(ctx, clinic, "", bytes.NewReader([]byte("b")))
	expect(t, "put", err, context.Canceled)
	_, err = blobs.Open(ctx, clinic, blob.ID)
	expect(t, "open", err, context.Canceled)
	expect(t, "delete", blobs.Delete(ctx, clinic, blob.ID), context.Canceled)
}

func blobConcurrent(t *testing.T, blobs store.Blobs) {
	var group sync.WaitGroup
	for w := range 8 {
		group.Go(func() {
			for i := range 5 {
				content := noise(1000*w + i)
				blob, err := blobs.Put(context.Background(), clinic, "", bytes.NewReader(content))
				if err != nil {
					t.Errorf("put: %v", err)
					return
				}
				got, err := readBlob(context.Background(), blobs, clinic, blob.ID)
				if err != nil || !bytes.Equal(got, content) {
					t.Errorf("read: %v", err)
				}
			}
		})
	}
	group.Wait()
}

func blobSweep(t *testing.T, blobs store.Blobs, ahead *time.Duration) {
	kept, orphan := putBlob(t, blobs, clinic, []byte("kept")), putBlob(t, blobs, clinic, []byte("orphan"))
	live := func(scope, id string) (bool, error) {
		if scope != clinic {
			t.Errorf("asked about scope %q", scope)
		}
		return id == kept.ID, nil
	}
	sweep := func(want int) {
		t.Helper()
		if n, err := blobs.Sweep(within(t), time.Minute, live); n != want || err != nil {
			t.Errorf("swept %d of %d, %v", n, want, err)
		}
	}
	sweep(0)
	*ahead = store.OrphanAge - time.Hour
	sweep(0) // a minute was asked for, and OrphanAge is the least
	*ahead = store.OrphanAge + time.Hour
	_, err := blobs.Sweep(within(t), 0, func(string, string) (bool, error) { return false, errRefused })
	expect(t, "live fails", err, errRefused)
	sweep(1)
	_, err = readBlob(within(t), blobs, clinic, orphan.ID)
	expect(t, "the orphan", err, store.ErrNotFound)
	if _, err := readBlob(within(t), blobs, clinic, kept.ID); err != nil {
		t.Errorf("the file with a record: %v", err)
	}
}
