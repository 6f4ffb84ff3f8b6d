//go:build unix

package disk

import "golang.org/x/sys/unix"

// freeBytes is what an unprivileged process may still write to the disk of path.
func freeBytes(path string) (free int64, ok bool) {
	var fs unix.Statfs_t
	if err := unix.Statfs(path, &fs); err != nil {
		return 0, false
	}
	return int64(fs.Bavail) * int64(fs.Bsize), true
}
