package loadtest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Usage is what a process has used so far.
type Usage struct {
	CPU      time.Duration // user and system time
	User     time.Duration
	RSS      int64 // bytes, now
	Threads  int
	Switches uint64 // context switches of its threads
}

// clockTick is the unit of times in /proc, the same on all Linux systems Go runs on.
const clockTick = 10 * time.Millisecond

// ProcessUsage reads the usage of a local process. It works on Linux.
func ProcessUsage(pid int) (Usage, error) {
	dir := filepath.Join("/proc", strconv.Itoa(pid))
	stat, err := os.ReadFile(filepath.Join(dir, "stat"))
	if err != nil {
		return Usage{}, fmt.Errorf("read process: %w", err)
	}
	// The name in parentheses may hold spaces; fields are counted after it.
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 22 {
		return Usage{}, fmt.Errorf("read process: %d fields in stat", len(fields))
	}
	number := func(i int) int64 {
		n, _ := strconv.ParseInt(fields[i], 10, 64) // the kernel writes only numbers here
		return n
	}
	u := Usage{User: time.Duration(number(11)) * clockTick, RSS: number(21) * int64(os.Getpagesize()), Threads: int(number(17))}
	u.CPU = u.User + time.Duration(number(12))*clockTick
	tasks, err := filepath.Glob(filepath.Join(dir, "task", "*"))
	if err != nil {
		return u, fmt.Errorf("list threads: %w", err)
	}
	for _, task := range tasks {
		status, err := os.ReadFile(filepath.Join(task, "status"))
		if err != nil {
			continue // the thread has ended meanwhile
		}
		for line := range strings.Lines(string(status)) {
			if key, value, _ := strings.Cut(line, ":"); strings.HasSuffix(key, "ctxt_switches") {
				n, _ := strconv.ParseUint(strings.TrimSpace(value), 10, 64)
				u.Switches += n
			}
		}
	}
	return u, nil
}
