package control

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
)

// Bounds of an archive. The server never unpacks one; whoever downloads it does.
const (
	archiveEntries  = 10_000
	archiveRatio    = 100       // unpacked to packed, from archiveSmall on
	archiveSmall    = 100 << 20 // unpacked bytes that any archive may have
	archiveUnpacked = 2 << 30   // unpacked bytes that none may exceed
	archiveName     = 1000      // bytes of a name within
)

// Parts of a ZIP file (APPNOTE 4.3), little-endian.
const (
	zipEndLen   = 22 // the end record, without its comment
	zipEntryLen = 46 // an entry of the directory, without name, extra and comment
	zip64       = 0xffffffff
)

var (
	zipEnd   = []byte("PK\x05\x06")
	zipEntry = []byte("PK\x01\x02")
)

// soundArchive reads a ZIP file's directory, piece by piece, and reports whether
// what it promises is bounded: the number of entries, their size and ratio, no
// entries that share their bytes, no names that lead out of the folder. An error
// is of the reader alone.
func soundArchive(f io.ReadSeeker) (bool, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return false, err
	}
	tail := make([]byte, min(size, zipEndLen+1<<16))
	if _, err := f.Seek(-int64(len(tail)), io.SeekEnd); err != nil {
		return false, err
	}
	if _, err := io.ReadFull(f, tail); err != nil {
		return false, err
	}
	at := bytes.LastIndex(tail, zipEnd)
	if at < 0 || at+zipEndLen > len(tail) {
		return false, nil
	}
	end := tail[at:]
	entries := int(binary.LittleEndian.Uint16(end[10:]))
	length := int64(binary.LittleEndian.Uint32(end[12:]))
	start := size - int64(len(tail)) + int64(at) - length
	if entries > archiveEntries || start < 0 { // 64-bit directories have 0xffff here
		return false, nil
	}
	if _, err := f.Seek(start, io.SeekStart); err != nil {
		return false, err
	}
	return soundDirectory(bufio.NewReader(io.LimitReader(f, length)), entries, size)
}

func soundDirectory(r io.Reader, entries int, size int64) (bool, error) {
	var packed, unpacked int64
	head, name := make([]byte, zipEntryLen), make([]byte, archiveName)
	cut := func(err error) (bool, error) {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return false, nil
		}
		return false, err
	}
	for range entries {
		if _, err := io.ReadFull(r, head); err != nil {
			return cut(err)
		}
		one, all := binary.LittleEndian.Uint32(head[20:]), binary.LittleEndian.Uint32(head[24:])
		nameLen := int(binary.LittleEndian.Uint16(head[28:]))
		rest := int64(binary.LittleEndian.Uint16(head[30:])) + int64(binary.LittleEndian.Uint16(head[32:]))
		if !bytes.HasPrefix(head, zipEntry) || one == zip64 || all == zip64 || nameLen > archiveName {
			return false, nil
		}
		packed, unpacked = packed+int64(one), unpacked+int64(all)
		if _, err := io.ReadFull(r, name[:nameLen]); err != nil {
			return cut(err)
		}
		if leadsOut(string(name[:nameLen])) {
			return false, nil
		}
		if _, err := io.CopyN(io.Discard, r, rest); err != nil {
			return cut(err)
		}
	}
	if n, err := io.Copy(io.Discard, io.LimitReader(r, 1)); n > 0 || err != nil {
		return false, err // more than the end record tells of
	}
	bomb := unpacked > archiveUnpacked || unpacked > archiveSmall && unpacked > archiveRatio*size
	return !bomb && packed <= size, nil
}

// leadsOut reports whether an entry's name would be unpacked elsewhere than below
// the folder that a person chose.
func leadsOut(name string) bool {
	name = strings.ReplaceAll(name, "\\", "/")
	return strings.HasPrefix(name, "/") || len(name) > 1 && name[1] == ':' ||
		strings.Contains("/"+name+"/", "/../") || strings.ContainsRune(name, 0)
}
