package backup_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"consilium/store"
	"consilium/store/backup"
	"consilium/store/blobfs"
	"consilium/store/bolt"
	"consilium/store/keyring"
)

const filled = 120 // notes in the folder

// backUp makes both backups of a folder.
func (f *folder) backUp(t testing.TB) (data, keys string) {
	t.Helper()
	dir := t.TempDir()
	data, keys = filepath.Join(dir, "data.backup"), filepath.Join(dir, "keys.backup")
	if _, err := backup.Data(ctx, data, f.kek, noon, f.raw, f.files); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Keys(ctx, keys, f.kek, noon, f.keys); err != nil {
		t.Fatal(err)
	}
	return data, keys
}

func TestBackupAndRestore(t *testing.T) {
	f := newFolder(t)
	f.fill(t, 0, filled)
	want := f.ask(filled)
	data, keys := f.backUp(t)
	f.fill(t, filled, filled+10) // not in the backup

	m, err := backup.Verify(ctx, data, f.kek)
	if err != nil || m.Kind != backup.KindData || !m.Created.Equal(noon) || m.KEK != f.kek.ID() || len(m.Parts) != 1+filled/20 {
		t.Errorf("manifest %+v, %v", m, err)
	}
	to := t.TempDir()
	if _, err := backup.Restore(ctx, data, dataDir(to), f.kek); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(ctx, keys, keysDir(to), f.kek); err != nil {
		t.Fatal(err)
	}
	again, err := openFolder(to, f.kek)
	if err != nil {
		t.Fatal(err)
	}
	defer again.close()
	same(t, again.ask(filled), want)
	if err := again.checks(); err != nil {
		t.Errorf("checks: %v", err)
	}
	again.fill(t, filled, filled+5)
}

func TestDrill(t *testing.T) {
	f := newFolder(t)
	f.fill(t, 0, filled)
	data, keys := f.backUp(t)
	scratch := t.TempDir()
	r, err := backup.Drill(ctx, data, keys, f.kek, scratch, noon.Add(time.Hour))
	if err := errors.Join(err, r.Err()); err != nil {
		t.Fatal(err)
	}
	if r.Age != time.Hour || r.Files.Files != filled/20 || r.Seals.Values < 2*filled || r.Restore <= 0 {
		t.Errorf("report %+v", r)
	}
	if _, err := json.Marshal(r); err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(scratch)
	if err != nil || len(left) != 0 {
		t.Errorf("the drill left %v, %v", left, err)
	}
	alien := newFolder(t)
	alienData, alienKeys := alien.backUp(t)
	_, err = backup.Drill(ctx, alienData, keys, f.kek, scratch, noon)
	expect(t, "data of another server", err, store.ErrKey)
	_, err = backup.Drill(ctx, data, alienKeys, f.kek, scratch, noon)
	expect(t, "keys of another server", err, store.ErrKey)
}

func expect(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestRestoreRefuses(t *testing.T) {
	f := newFolder(t)
	f.fill(t, 0, 20)
	data, _ := f.backUp(t)
	to := filepath.Join(t.TempDir(), "new")
	_, err := backup.Restore(ctx, data, to, keyring.NewKEK())
	expect(t, "another key", err, store.ErrKey)
	if err != nil && !strings.Contains(err.Error(), f.kek.ID()) {
		t.Errorf("the error does not name the key that is needed: %v", err)
	}
	_, err = backup.Restore(ctx, data, f.dir, f.kek)
	expect(t, "folder in use", err, backup.ErrNotEmpty)
	_, err = backup.Data(ctx, data, f.kek, noon, f.raw, f.files)
	expect(t, "backup over a backup", err, fs.ErrExist)
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	_, err = backup.Restore(stopped, data, to, f.kek)
	expect(t, "cancelled", err, context.Canceled)
	left, err := os.ReadDir(to)
	if err != nil || len(left) != 0 {
		t.Errorf("refused restores left %v, %v", left, err)
	}
	// What an earlier attempt left behind is in nobody's way.
	if err := os.MkdirAll(filepath.Join(to, ".restoring", "files"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(ctx, data, to, f.kek); err != nil {
		t.Errorf("restore after one that was cut off: %v", err)
	}
}

func TestFailedBackupLeavesNothing(t *testing.T) {
	f := newFolder(t)
	f.fill(t, 0, 20)
	dir := t.TempDir()
	stopped, cancel := context.WithCancel(ctx)
	cancel()
	_, err := backup.Data(stopped, filepath.Join(dir, "b"), f.kek, noon, f.raw, f.files)
	expect(t, "cancelled", err, context.Canceled)
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Nothing of what was written can be read from the disk without the keys.
func TestNothingShows(t *testing.T) {
	f := newFolder(t)
	f.fill(t, 0, filled)
	data, keys := f.backUp(t)
	for _, root := range []string{f.dir, filepath.Dir(data), filepath.Dir(keys)} {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			raw, err := os.ReadFile(path)
			contains(t, path, raw)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A patient who was erased is gone from older backups of the data too, as long as
// no older backup of the keys is left.
func TestErasedInBackups(t *testing.T) {
	f := newFolder(t)
	f.fill(t, 0, filled)
	oldData, oldKeys := f.backUp(t)
	if err := f.ring.Destroy(ctx, clinic, "patient3"); err != nil {
		t.Fatal(err)
	}
	_, newKeys := f.backUp(t)
	for name, c := range map[string]struct {
		keys string
		want error
	}{"with the new keys": {newKeys, store.ErrErased}, "with the old keys": {oldKeys, nil}} {
		to := t.TempDir()
		if _, err := backup.Restore(ctx, oldData, dataDir(to), f.kek); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Restore(ctx, c.keys, keysDir(to), f.kek); err != nil {
			t.Fatal(err)
		}
		again, err := openFolder(to, f.kek)
		if err != nil {
			t.Fatal(err)
		}
		answers := again.ask(filled)
		expect(t, name+": erased patient's note", answers["get note0003"].err, c.want)
		expect(t, name+": another patient's note", answers["get note0004"].err, nil)
		if err := again.checks(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := again.close(); err != nil {
			t.Error(err)
		}
	}
}

// A backup beside writers holds one state of the database and all files it names.
func TestBackupBesideWriters(t *testing.T) {
	f := newFolder(t)
	f.fill(t, 0, 40)
	done := make(chan struct{})
	go func() {
		defer close(done)
		f.fill(t, 40, 140)
	}()
	data, keys := f.backUp(t)
	<-done
	r, err := backup.Drill(ctx, data, keys, f.kek, t.TempDir(), noon)
	if err := errors.Join(err, r.Err()); err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	if _, err := backup.Restore(ctx, data, dataDir(to), f.kek); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(ctx, keys, keysDir(to), f.kek); err != nil {
		t.Fatal(err)
	}
	again, err := openFolder(to, f.kek)
	if err != nil {
		t.Fatal(err)
	}
	defer again.close()
	s, n := newSchema(), uint64(0)
	err = again.db.View(ctx, func(tx store.Tx) error {
		n = 0
		for note, err := range s.notes.List(tx, clinic) {
			if err != nil {
				return err
			}
			if note.File.ID != "" {
				if _, err := again.content(note.File.ID); err != nil {
					t.Errorf("file of %s: %v", note.ID, err)
				}
			}
			n++
		}
		last, err := s.numbers.Last(tx, clinic)
		if last != n {
			t.Errorf("%d notes, the sequence is at %d", n, last)
		}
		return err
	})
	if err != nil || n < 40 {
		t.Errorf("%d notes, %v", n, err)
	}
}

func TestBackupsTellWhatTheyAreNot(t *testing.T) {
	kek := keyring.NewKEK()
	path := filepath.Join(t.TempDir(), "b")
	for name, content := range map[string]string{"empty": "", "text": "hello\n", "no end of line": strings.Repeat("x", 1<<20), "other version": "consilium-backup-2 data " + kek.ID() + " 00\n"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := backup.Verify(ctx, path, kek)
		expect(t, name, err, store.ErrCorrupt)
	}
}

// An unsealed data folder can be backed up and drilled too.
func TestUnsealedFolder(t *testing.T) {
	dir, kek := t.TempDir(), keyring.NewKEK()
	db, err := bolt.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	files, err := blobfs.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := files.Put(ctx, clinic, "", strings.NewReader("content")); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "b")
	if _, err := backup.Data(ctx, path, kek, noon, db, files); err != nil {
		t.Fatal(err)
	}
	r, err := backup.Drill(ctx, path, "", kek, t.TempDir(), noon)
	if err := errors.Join(err, r.Err()); err != nil || r.Files.Files != 1 {
		t.Errorf("drill: %+v, %v", r, err)
	}
}
