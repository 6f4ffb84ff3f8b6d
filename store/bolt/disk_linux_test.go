package bolt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"consilium/store"
	"consilium/store/blobfs"
	"consilium/store/bolt"
)

// ext4Shutdown is EXT4_IOC_SHUTDOWN, _IOR('X', 125, __u32): from that moment on
// nothing reaches the device, as when the power fails.
const (
	ext4Shutdown   = 0x8004587d
	shutdownNoLogs = 2 // EXT4_GOING_FLAGS_NOLOGFLUSH: not even the file system's journal
)

// disk is a small ext4 file system in a file.
type disk struct {
	t     *testing.T
	image string
	mount string
}

func newDisk(t *testing.T) *disk {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("needs root, to mount a file system of its own")
	}
	for _, tool := range []string{"mkfs.ext4", "mount", "umount"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("needs %s", tool)
		}
	}
	d := &disk{t: t, image: filepath.Join(t.TempDir(), "disk"), mount: t.TempDir()}
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(d.image, 96<<20); err != nil {
		t.Fatal(err)
	}
	d.command("mkfs.ext4", "-q", "-F", d.image)
	if out, err := exec.Command("mount", "-o", "loop", d.image, d.mount).CombinedOutput(); err != nil {
		t.Skipf("can't mount a loop device here: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", d.mount).Run() })
	return d
}

func (d *disk) command(name string, args ...string) {
	d.t.Helper()
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		d.t.Fatalf("%s: %v: %s", name, err, out)
	}
}

// cut switches the power off.
func (d *disk) cut() {
	d.t.Helper()
	f, err := os.Open(d.mount)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	if err := unix.IoctlSetPointerInt(int(f.Fd()), ext4Shutdown, shutdownNoLogs); err != nil {
		d.t.Skipf("this file system can't be shut down: %v", err)
	}
}

// restart mounts what had reached the device; the file system recovers.
func (d *disk) restart() {
	d.t.Helper()
	d.command("umount", d.mount)
	d.command("mount", "-o", "loop", d.image, d.mount)
}

func (d *disk) folder() string { return filepath.Join(d.mount, "data") }

// TestPowerCut cuts the power under a process that writes: everything it had
// acknowledged is there, once, files included.
func TestPowerCut(t *testing.T) {
	d := newDisk(t)
	known := acks{}
	for i := range *powerCuts {
		d.powerCut(known, modeHonest, i)
		if lost := known.missing(t, d.folder()); lost > 0 {
			t.Fatalf("cut %d: %d of %d acknowledged writes are lost", i, lost, len(known))
		}
	}
	t.Logf("%d power cuts, %d acknowledged writes, none lost", *powerCuts, len(known))
}

// TestPowerCutControl shows that TestPowerCut can see a loss: without fsync some
// writes are lost, or the whole file is.
func TestPowerCutControl(t *testing.T) {
	d := newDisk(t)
	known := acks{}
	d.powerCut(known, modeNoSync, 0)
	db, err := bolt.Open(d.folder(), bolt.Reserve(0))
	if err != nil {
		t.Logf("without fsync the store does not open any more: %v", err)
		return
	}
	defer db.Close()
	lost := 0
	err = db.View(context.Background(), func(tx store.Tx) error {
		w := newWorkload()
		for token := range known {
			if there, err := w.entries.Has(tx, clinic, token); err != nil || !there {
				lost++
			}
		}
		return nil
	})
	if err != nil || lost == 0 {
		t.Errorf("nothing of %d writes without fsync is lost (%v): the test sees no losses", len(known), err)
	}
	t.Logf("%d of %d writes without fsync are lost", lost, len(known))
}

func (d *disk) powerCut(known acks, mode string, n int) {
	d.t.Helper()
	known.run(d.t, d.folder(), mode, fmt.Sprint("p", n), func(cmd *exec.Cmd) {
		d.cut()
		_ = cmd.Process.Kill()
	})
	d.restart()
}

// TestMediumRefusesWrites takes the device away under an open store: writes say
// so, reads go on.
func TestMediumRefusesWrites(t *testing.T) {
	d := newDisk(t)
	db, err := bolt.Open(d.folder(), bolt.Reserve(0))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := put(db, "a", "1"); err != nil {
		t.Fatal(err)
	}
	d.cut()
	for range 3 {
		if err := put(db, "a", "2"); !errors.Is(err, store.ErrReadOnly) {
			t.Errorf("write without a device: %v", err)
		}
		if value, _, err := get(db, "a"); value != "1" || err != nil {
			t.Errorf("read without a device: %q, %v", value, err)
		}
	}
}

// TestDiskFull fills a disk: writes refuse, reads go on, nothing acknowledged is
// lost, and writing goes on when there is room again.
func TestDiskFull(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root, to mount a file system of its own")
	}
	mount := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=6m", "none", mount).CombinedOutput(); err != nil {
		t.Skipf("can't mount a tmpfs here: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", mount).Run() })
	ballast := filepath.Join(mount, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	db := open(t, filepath.Join(mount, "data"), bolt.Reserve(0))
	blobs, err := blobfs.Open(filepath.Join(mount, "data"), blobfs.Reserve(0))
	if err != nil {
		t.Fatal(err)
	}
	value := strings.Repeat("x", 20_000)
	n := 0
	for ; ; n++ {
		if err = put(db, fmt.Sprint(n), value); err != nil {
			break
		}
	}
	if !errors.Is(err, store.ErrNoSpace) || n == 0 {
		t.Fatalf("after %d writes: %v", n, err)
	}
	if _, err := blobs.Put(context.Background(), clinic, "", strings.NewReader(strings.Repeat("x", 4<<20))); !errors.Is(err, store.ErrNoSpace) {
		t.Errorf("file on a full disk: %v", err)
	}
	check := func() {
		t.Helper()
		for i := range n {
			if got, _, err := get(db, fmt.Sprint(i)); got != value || err != nil {
				t.Fatalf("write %d: %d bytes, %v", i, len(got), err)
			}
		}
	}
	check()
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := put(db, fmt.Sprint(n), value); err != nil {
		t.Fatalf("write after there is room again: %v", err)
	}
	n++
	check()
	if _, err := blobs.Put(context.Background(), clinic, "", strings.NewReader("small")); err != nil {
		t.Errorf("file after there is room again: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = open(t, filepath.Join(mount, "data"), bolt.Reserve(0))
	check()
}
