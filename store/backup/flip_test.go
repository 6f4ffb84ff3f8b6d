package backup_test

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"consilium/store/backup"
	"consilium/store/bolt"
	"consilium/store/keyring"
)

var flips = flag.Int("flips", 1000, "how many bytes TestFlippedBytes changes, one at a time")

// The environment of the child process that reads damaged folders: whatever the
// damage does to it, the test goes on.
const (
	flipDir   = "STORE_TEST_FLIP"
	flipFirst = "STORE_TEST_FLIP_FIRST" // number of its first flip
)

const flipNotes = 70

func TestMain(m *testing.M) {
	flag.Parse()
	if dir := os.Getenv(flipDir); dir != "" {
		first, err := strconv.Atoi(os.Getenv(flipFirst))
		if err == nil {
			err = flipChild(dir, first)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// Verdicts on a changed byte.
const (
	noticed  = "noticed"  // opening or a read says so
	late     = "late"     // reads are right or incomplete, and the checks say so
	harmless = "harmless" // everything is as it was: nothing lies at that place
	unused   = "of these in unused pages"
	wrong    = "WRONG" // an answer differs, and nobody says so
)

// TestFlippedBytes changes one byte at random in database, key ring or files, a
// thousand times: none is served changed, and none stays unnoticed.
func TestFlippedBytes(t *testing.T) {
	f := newFolder(t)
	f.fill(t, 0, flipNotes)
	if err := f.close(); err != nil {
		t.Fatal(err)
	}
	if err := keyring.WriteKEK(filepath.Join(f.dir, "kek"), f.kek); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"data", "keys"} {
		// Without free pages, where no change can matter.
		if _, _, err := bolt.Compact(ctx, filepath.Join(f.dir, name)); err != nil {
			t.Fatal(err)
		}
		trim(t, filepath.Join(f.dir, name, bolt.FileName))
	}
	count := make(map[string]int)
	for first, crashes := 0, 0; first < *flips; {
		next, err := runFlipChild(t, f.dir, first, count)
		if err == nil {
			break
		}
		// A process that dies over a damaged file has noticed, but must not.
		t.Errorf("flip %d ended the process: %v", next, err)
		first = next + 1
		if crashes++; crashes > 5 {
			break
		}
	}
	t.Logf("%d flips: %v", *flips, count)
	if count[wrong] > 0 {
		t.Errorf("%d changed bytes were served", count[wrong])
	}
	// Compacting leaves a page or two that the file doesn't use. But for those only
	// zeroes, where nothing lies, may be changed unnoticed.
	if count[unused] > 2+*flips/100 {
		t.Errorf("%d changed bytes that were not zero went unnoticed", count[unused])
	}
	if count[noticed] == 0 || count[harmless] == *flips {
		t.Error("no flip was noticed: the test changes nothing")
	}
}

// runFlipChild counts verdicts until the child ends, and returns the number of
// the flip that it was at.
func runFlipChild(t *testing.T, dir string, first int, count map[string]int) (at int, err error) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-flips", fmt.Sprint(*flips))
	cmd.Env = append(os.Environ(), flipDir+"="+dir, flipFirst+"="+fmt.Sprint(first))
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	at = first
	for lines := bufio.NewScanner(out); lines.Scan(); {
		n, verdict, ok := strings.Cut(lines.Text(), " ")
		if !ok {
			continue
		}
		verdict, what, _ := strings.Cut(verdict, " ")
		count[verdict]++
		if verdict == wrong {
			t.Errorf("flip %s: %s", n, what)
		}
		if verdict == harmless && !strings.Contains(what, "from 00 ") {
			count[unused]++
		}
		at++
	}
	if err := cmd.Wait(); err != nil {
		text := complaints.String()
		return at, fmt.Errorf("%w: %s", err, text[:min(len(text), 2000)])
	}
	return at, nil
}

// flipChild does the flips from first on and prints a verdict on each.
func flipChild(dir string, first int) error {
	kek, err := keyring.ReadKEK(filepath.Join(dir, "kek"))
	if err != nil {
		return err
	}
	want, err := judge(dir, kek, nil)
	if err != nil || want.verdict != noticed && want.verdict != harmless {
		return fmt.Errorf("the sound folder: %s, %w", want.verdict, err)
	}
	targets, err := flipTargets(dir)
	if err != nil {
		return err
	}
	for i := first; i < *flips; i++ {
		rng := rand.New(rand.NewPCG(uint64(i), 99))
		path := targets[i%len(targets)]
		verdict, err := flip(dir, path, kek, want.answers, rng)
		if err != nil {
			return err
		}
		fmt.Println(i, verdict)
	}
	return nil
}

// flipTargets lists the files to change. The database comes more often than one
// small file: it has more ways to be damaged.
func flipTargets(dir string) ([]string, error) {
	var files []string
	err := filepath.WalkDir(filepath.Join(dir, "data", "files"), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() {
			files = append(files, path)
		}
		return err
	})
	slices.Sort(files)
	db, ring := filepath.Join(dir, "data", "consilium.db"), filepath.Join(dir, "keys", "consilium.db")
	return append(files[:2:2], db, db, db, db, db, ring, ring), err
}

// flip changes a byte, looks what comes of it, and changes it back.
func flip(dir, path string, kek keyring.KEK, want map[string]answer, rng *rand.Rand) (verdict string, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	good, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	at := int64(rng.IntN(usedSize(good)))
	old := good[at]
	changed := old ^ byte(1+rng.IntN(255))
	if _, err := f.WriteAt([]byte{changed}, at); err != nil {
		return "", err
	}
	result, err := judge(dir, kek, want)
	if err != nil {
		return "", err
	}
	// Opening may have written, so the whole file is put back.
	if err := os.WriteFile(path, good, 0o600); err != nil {
		return "", err
	}
	name, _ := filepath.Rel(dir, path)
	return fmt.Sprintf("%s %s byte %d from %02x to %02x %s", result.verdict, name, at, old, changed, result.why), nil
}

// usedSize leaves out the zeroes at the end of a database file, which are no part
// of it yet.
func usedSize(raw []byte) int {
	n := len(raw)
	for n > 1 && raw[n-1] == 0 {
		n--
	}
	return n
}

// trim cuts off the pages at the end of a database file that were never used, so
// that changing it is quick.
func trim(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const page = 64 << 10 // or a divisor of it
	if err := os.Truncate(path, int64((usedSize(raw)+page-1)/page*page)); err != nil {
		t.Fatal(err)
	}
}

type judgement struct {
	verdict string
	why     string
	answers map[string]answer
}

// judge opens a folder, asks everything and compares with what it should be.
func judge(dir string, kek keyring.KEK, want map[string]answer) (j judgement, err error) {
	f, err := openFolder(dir, kek)
	if err != nil {
		return judgement{verdict: noticed, why: err.Error()}, nil
	}
	defer func() { err = errors.Join(err, f.close()) }()
	j.answers = f.ask(flipNotes)
	differs, failed := "", ""
	for question, w := range want {
		g := j.answers[question]
		switch {
		case g.err != nil && failed == "":
			failed = question + ": " + g.err.Error()
		case g.err == nil && g.text != w.text:
			if !isSubsequence(g.text, w.text) {
				return judgement{verdict: wrong, why: question}, nil
			}
			differs = question
		}
	}
	checked := f.checks()
	switch {
	case failed != "":
		return judgement{verdict: noticed, why: failed, answers: j.answers}, nil
	case checked != nil:
		return judgement{verdict: late, why: checked.Error(), answers: j.answers}, nil
	case differs != "":
		return judgement{verdict: wrong, why: differs, answers: j.answers}, nil
	}
	return judgement{verdict: harmless, answers: j.answers}, nil
}

// isSubsequence tells whether an answer holds nothing but lines of the right one.
func isSubsequence(got, want string) bool {
	rest := strings.Split(want, "\n")
	for _, line := range strings.Split(got, "\n") {
		at := slices.Index(rest, line)
		if at < 0 {
			return false
		}
		rest = rest[at+1:]
	}
	return true
}

// TestFlippedBytesInBackups: a backup is refused over any changed byte.
func TestFlippedBytesInBackups(t *testing.T) {
	f := newFolder(t)
	f.fill(t, 0, 45)
	data, keys := f.backUp(t)
	rng := rand.New(rand.NewPCG(5, 99))
	for _, path := range []string{data, keys} {
		good, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := range max(*flips/4, 1) {
			at := rng.IntN(len(good))
			if i < 120 {
				at = i // all of the first line
			}
			bad := slices.Clone(good)
			bad[at] ^= byte(1 + rng.IntN(255))
			if err := os.WriteFile(path, bad, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := backup.Verify(ctx, path, f.kek); err == nil {
				t.Errorf("byte %d of %s changed, and nobody noticed", at, filepath.Base(path))
			}
		}
		for range 20 {
			if err := os.WriteFile(path, good[:rng.IntN(len(good))], 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := backup.Verify(ctx, path, f.kek); err == nil {
				t.Error("a backup that was cut short is taken for whole")
			}
		}
	}
}
