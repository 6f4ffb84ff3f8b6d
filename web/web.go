package web

import (
	"bytes"
	"embed"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
	"time"
)

//go:embed all:dist
var embedded embed.FS

// The pages of the two entries, as the build names them.
const (
	clinicPage = "clinic.html"
	visitPage  = "visit.html"
)

// Options of Handler. The zero value serves the embedded application.
type Options struct {
	// HSTS tells browsers to come back by HTTPS only. Set it when the public address is https.
	HSTS bool
	// Files replaces the embedded application, for tests and development.
	Files fs.FS
}

// Handler serves the web application: hashed assets for ever, pages for any path of the
// application's own routes, and strict security headers with all of it. It expects that
// the API, the WebSocket and the health endpoints are routed before it. It is safe for
// concurrent use and holds all files in memory.
func Handler(opts Options) http.Handler {
	files := opts.Files
	if files == nil {
		// The directory is there by construction: the embed directive names it.
		files, _ = fs.Sub(embedded, "dist")
	}
	return &handler{hsts: opts.HSTS, files: load(files)}
}

type handler struct {
	// Static after construction.
	hsts  bool
	files map[string]*file
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	setSecurityHeaders(w.Header(), r.Host, h.hsts)
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if f, ok := h.files[name]; ok && !isPage(name) {
		f.serve(w, r)
		return
	}
	// A missing asset must not turn into a page: the browser would run HTML as code.
	if path.Ext(name) != "" && !isPage(name) {
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	if page, ok := h.files[pageFor(name)]; ok {
		page.serve(w, r)
		return
	}
	serveAbsent(w)
}

func isPage(name string) bool { return path.Ext(name) == ".html" }

// pageFor maps a path of the application's routes to the entry that has it.
func pageFor(name string) string {
	first, _, _ := strings.Cut(name, "/")
	if first == "visit" || first == "guest" || first == "invite" || first == visitPage {
		return visitPage
	}
	return clinicPage
}

// file is one built file with its ready-compressed forms; static after construction.
type file struct {
	name     string
	mime     string
	cache    string
	etag     string
	variants map[string][]byte // by content coding; "" is the file as it is
}

// serve writes the form of the file that the client prefers among brotli, gzip and plain.
func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	coding := ""
	accepted := r.Header.Get("Accept-Encoding")
	for _, c := range []string{"br", "gzip"} {
		if _, ok := f.variants[c]; ok && accepts(accepted, c) {
			coding = c
			break
		}
	}
	head := w.Header()
	head.Set("Content-Type", f.mime)
	head.Set("Cache-Control", f.cache)
	if len(f.variants) > 1 {
		head.Set("Vary", "Accept-Encoding")
	}
	etag := f.etag
	if coding != "" {
		head.Set("Content-Encoding", coding)
		etag += "-" + coding
	}
	head.Set("ETag", `"`+etag+`"`)
	http.ServeContent(w, r, f.name, time.Time{}, bytes.NewReader(f.variants[coding]))
}

// accepts reports whether an Accept-Encoding value admits a coding (RFC 9110, 12.5.3);
// a coding with q=0 is refused.
func accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		if !strings.EqualFold(strings.TrimSpace(name), coding) {
			continue
		}
		return !refused.MatchString(strings.TrimSpace(params))
	}
	return false
}

var refused = regexp.MustCompile(`^q=0(\.0{0,3})?$`)

// mimeOf does not rely on the machine's own table of types.
func mimeOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json", ".map":
		return "application/json"
	case ".woff2":
		return "font/woff2"
	case ".wasm":
		return "application/wasm"
	case ".webmanifest":
		return "application/manifest+json"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

const absent = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Consilium</title>
<h1>The server is up, its web application is not built in</h1>
<p>This binary was built without it. With Node 20 or newer at hand, run <code>make web</code>
in the source folder, then build the binary again; <code>make run</code> does both and starts it.</p>
<p>The API works: see <a href="/api/v1/openapi.json">/api/v1/openapi.json</a>.</p>
</html>
`

func serveAbsent(w http.ResponseWriter) {
	head := w.Header()
	head.Set("Content-Type", "text/html; charset=utf-8")
	head.Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte(absent))
}
