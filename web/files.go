package web

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"strings"
)

const (
	cacheForever = "public, max-age=31536000, immutable"
	cacheDay     = "public, max-age=86400"
	cacheNever   = "no-cache"
)

// compressed are the endings under which the build leaves compressed forms.
var compressed = map[string]string{".br": "br", ".gz": "gzip"}

// load reads a build into memory. An unreadable file is as good as an absent one: the
// handler then says that the application is not built in.
func load(dist fs.FS) map[string]*file {
	files := make(map[string]*file)
	read := func(name string) []byte {
		body, err := fs.ReadFile(dist, name)
		if err != nil {
			return nil
		}
		return body
	}
	_ = fs.WalkDir(dist, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return nil
		}
		for ending := range compressed {
			if strings.HasSuffix(name, ending) {
				return nil
			}
		}
		body := read(name)
		if body == nil {
			return nil
		}
		sum := sha256.Sum256(body)
		f := &file{
			name:     name,
			mime:     mimeOf(name),
			cache:    cacheOf(name),
			etag:     hex.EncodeToString(sum[:8]),
			variants: map[string][]byte{"": body},
		}
		for ending, coding := range compressed {
			if small := read(name + ending); small != nil {
				f.variants[coding] = small
			}
		}
		files[name] = f
		return nil
	})
	return files
}

// cacheOf: the build puts a hash of the content into the names of all assets.
func cacheOf(name string) string {
	switch {
	case strings.HasPrefix(name, "assets/"):
		return cacheForever
	case isPage(name):
		return cacheNever
	}
	return cacheDay
}
