package control

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"consilium/store"
)

// fakeScanner finds what holds the word "virus"; err makes it give no answer.
type fakeScanner struct{ err error }

func (f *fakeScanner) Scan(_ context.Context, file io.Reader) (string, error) {
	b, err := io.ReadAll(file)
	if err == nil && bytes.Contains(b, []byte("virus")) {
		return "Test.Virus", f.err
	}
	return "", errors.Join(err, f.err)
}

// TestScannerDecides: what it finds and what it can't answer for is refused, leaves
// no file and stands on the audit trail.
func TestScannerDecides(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.begin(t)
	scanner := &fakeScanner{}
	w.core.scanner = scanner
	blobs := &countedBlobs{Blobs: w.blobs}
	w.core.blobs = blobs
	up := func(content string) error {
		_, _, err := w.Documents.Upload(ctx, w.actor("patient"), w.due.Encounter, Upload{Name: "a.txt", Content: strings.NewReader(content)})
		return err
	}
	must(t, up("harmless"))
	wantCode(t, up(strings.Repeat("x", 100_000)+"virus"), CodeMalware)
	scanner.err = errors.New("no such socket")
	wantCode(t, up("harmless"), CodeUnscanned)
	scanner.err = nil
	must(t, up("harmless again")) // without a restart
	if blobs.put != 4 || blobs.gone != 2 {
		t.Errorf("%d files were stored and %d removed, want 4 and 2", blobs.put, blobs.gone)
	}
	var notes map[string]int
	must(t, w.view(ctx, System(w.demo.clinic.ID), func(u *unit) error {
		notes = map[string]int{}
		for e, err := range u.t.trail.Range(u, u.scope, 0, 0) {
			if err != nil {
				return err
			}
			if e.Value.Action == "document.refuse" {
				notes[e.Value.Note]++
			}
		}
		return nil
	}))
	if notes[noteMalware] != 1 || notes[noteUnscanned] != 1 {
		t.Errorf("audit trail: %v", notes)
	}
}

// countedBlobs counts files that come and go.
type countedBlobs struct {
	store.Blobs
	put, gone int
}

func (b *countedBlobs) Put(ctx context.Context, scope, owner string, r io.Reader) (store.Blob, error) {
	b.put++
	return b.Blobs.Put(ctx, scope, owner, r)
}

func (b *countedBlobs) Delete(ctx context.Context, scope, id string) error {
	b.gone++
	return b.Blobs.Delete(ctx, scope, id)
}

// archive makes a ZIP file, not compressed, of entries with these names and contents.
func archive(t *testing.T, entries ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: entries[i], Method: zip.Store})
		if err == nil {
			_, err = io.WriteString(w, entries[i+1])
		}
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

// bomb is a small archive that unpacks to so many MiB of zeroes.
func bomb(t *testing.T, mib int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("zeroes")
	must(t, err)
	for block := make([]byte, 1<<20); mib > 0; mib-- {
		_, err := w.Write(block)
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

func TestArchivesAreBounded(t *testing.T) {
	many := make([]string, 0, 2*(archiveEntries+1))
	for i := range archiveEntries + 1 {
		many = append(many, string(rune('a'+i%26))+strings.Repeat("x", i%50), "")
	}
	good := archive(t, "word/document.xml", "<xml/>", "images/1.png", strings.Repeat("picture", 1000))
	end := bytes.LastIndex(good, zipEnd)
	dir := bytes.Index(good, zipEntry)
	changed := func(at int, value uint32) []byte {
		b := bytes.Clone(good)
		binary.LittleEndian.PutUint32(b[at:], value)
		return b
	}
	for name, c := range map[string]struct {
		file []byte
		want bool
	}{
		"an office document":          {good, true},
		"empty":                       {archive(t), true},
		"with a comment":              {append(changed(end+18, 4<<16>>16)[:len(good)-2], append([]byte{4, 0}, "text"...)...), true},
		"after another file's bytes":  {append([]byte(strings.Repeat("x", 500)), good...), true},
		"unpacks to 99 MiB":           {changed(dir+24, 99<<20), true},
		"unpacks to 120 MiB":          {changed(dir+24, 120<<20), false},
		"says it holds 3 GiB":         {changed(dir+24, 3<<30), false},
		"64-bit sizes":                {changed(dir+24, zip64), false},
		"entries that share bytes":    {changed(dir+20, uint32(len(good))), false},
		"too many entries":            {archive(t, many...), false},
		"fewer entries than it tells": {changed(end+8, 3|3<<16), false},
		"more entries than it tells":  {changed(end+8, 1|1<<16), false},
		"a directory of another size": {changed(end+12, uint32(len(good)*2)), false},
		"a name that leads out":       {archive(t, "../../etc/passwd", "x"), false},
		"a name of Windows":           {archive(t, `..\autoexec.bat`, "x"), false},
		"a name from the root":        {archive(t, "/etc/passwd", "x"), false},
		"a drive's name":              {archive(t, "C:autoexec.bat", "x"), false},
		"a very long name":            {archive(t, strings.Repeat("n", archiveName+1), "x"), false},
		"cut short":                   {good[:len(good)-30], false},
		"only a beginning":            {[]byte("PK\x03\x04"), false},
	} {
		if got, err := soundArchive(bytes.NewReader(c.file)); got != c.want || err != nil {
			t.Errorf("%s: %v, %v, want %v", name, got, err, c.want)
		}
	}
}

// TestArchiveBombIsRefused goes the whole way of an upload, and fast.
func TestArchiveBombIsRefused(t *testing.T) {
	w := newWorld(t)
	w.begin(t)
	file := bomb(t, 101)
	start := time.Now()
	_, _, err := w.Documents.Upload(t.Context(), w.actor("patient"), w.due.Encounter, Upload{Name: "scans.zip", Content: bytes.NewReader(file)})
	wantCode(t, err, CodeTypeRefused)
	t.Logf("%d bytes that unpack to 101 MiB, refused after %s", len(file), time.Since(start))
}

// FuzzArchive: no bytes make the reader of directories fail or run on.
func FuzzArchive(f *testing.F) {
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := soundArchive(bytes.NewReader(b)); err != nil {
			t.Errorf("reading from memory failed: %v", err)
		}
	})
}
