package bolt_test

import (
	"fmt"
	"os/exec"
	"testing"
)

// TestKill kills a process that writes with eight goroutines, again and again:
// everything it had acknowledged is there, once.
func TestKill(t *testing.T) {
	if lost, acked := kills(t, modeHonest, *crashes); lost > 0 {
		t.Errorf("%d of %d acknowledged writes are lost", lost, acked)
	} else {
		t.Logf("%d kills, %d acknowledged writes, none lost", *crashes, acked)
	}
}

// TestKillControl shows that TestKill can see a loss: a process that
// acknowledges before its commit loses some.
func TestKillControl(t *testing.T) {
	lost, acked := 0, 0
	for range 8 { // as a rule the first five kills are enough
		l, a := kills(t, modeEarly, 5)
		if lost, acked = lost+l, acked+a; lost > 0 {
			break
		}
	}
	if lost == 0 {
		t.Errorf("nothing of %d writes acknowledged too early is lost: the test sees no losses", acked)
	}
	t.Logf("%d of %d writes acknowledged too early are lost", lost, acked)
}

func kills(t *testing.T, mode string, times int) (lost, acked int) {
	const perFolder = 10 // the same folder is opened again after a kill, but its check stays short
	var dir string
	var known acks
	for i := range times {
		if i%perFolder == 0 {
			dir, known = t.TempDir(), acks{}
		}
		before := len(known)
		known.run(t, dir, mode, fmt.Sprint("c", i), func(cmd *exec.Cmd) { _ = cmd.Process.Kill() })
		acked += len(known) - before
		missing := known.missing(t, dir)
		lost += missing
		if missing > 0 { // counted once
			known = acks{}
		}
	}
	return lost, acked
}
