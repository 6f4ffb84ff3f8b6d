//go:build !unix

package bolt

func freeBytes(string) (free int64, ok bool) { return 0, false }
