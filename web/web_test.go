package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

func built() fstest.MapFS {
	text := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	return fstest.MapFS{
		".gitkeep":           text(""),
		"clinic.html":        text("<title>clinic</title>"),
		"visit.html":         text("<title>visit</title>"),
		"favicon.svg":        text("<svg/>"),
		"assets/a-1.js":      text("plain"),
		"assets/a-1.js.br":   text("brotli"),
		"assets/a-1.js.gz":   text("gzip"),
		"assets/b-2.js":      text("small"),
		"assets/f-3.woff2":   text("font"),
		"assets/style-4.css": text("a{}"),
	}
}

func get(t *testing.T, h http.Handler, target string, header ...string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, target, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	res := w.Result()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestRoutesAndCaching(t *testing.T) {
	h := Handler(Options{Files: built()})
	for _, c := range []struct {
		name, path, encoding string
		status               int
		body, cache, mime    string
		coding               string
	}{
		{name: "root", path: "/", status: 200, body: "clinic", cache: cacheNever, mime: "text/html; charset=utf-8"},
		{name: "staff route", path: "/patients/01h2x", status: 200, body: "clinic", cache: cacheNever},
		{name: "patient", path: "/visit", status: 200, body: "visit", cache: cacheNever},
		{name: "patient route", path: "/visit/abc", status: 200, body: "visit", cache: cacheNever},
		{name: "guest", path: "/guest", status: 200, body: "visit", cache: cacheNever},
		{name: "looks like visit", path: "/visitors", status: 200, body: "clinic", cache: cacheNever},
		{name: "page by file name", path: "/visit.html", status: 200, body: "visit", cache: cacheNever},
		{name: "asset", path: "/assets/a-1.js", status: 200, body: "plain", cache: cacheForever, mime: "text/javascript; charset=utf-8"},
		{name: "asset in brotli", path: "/assets/a-1.js", encoding: "gzip, deflate, br", status: 200, body: "brotli", cache: cacheForever, coding: "br"},
		{name: "asset in gzip", path: "/assets/a-1.js", encoding: "gzip;q=0.5", status: 200, body: "gzip", coding: "gzip"},
		{name: "brotli refused", path: "/assets/a-1.js", encoding: "br;q=0, gzip", status: 200, body: "gzip", coding: "gzip"},
		{name: "no compressed form", path: "/assets/b-2.js", encoding: "br", status: 200, body: "small"},
		{name: "font", path: "/assets/f-3.woff2", status: 200, body: "font", mime: "font/woff2"},
		{name: "icon", path: "/favicon.svg", status: 200, body: "<svg/>", cache: cacheDay, mime: "image/svg+xml"},
		{name: "missing asset", path: "/assets/gone.js", status: 404, cache: "no-store"},
		{name: "no way out of dist", path: "/../../etc/passwd.txt", status: 404},
		{name: "hidden file", path: "/.gitkeep", status: 404},
	} {
		t.Run(c.name, func(t *testing.T) {
			res, body := get(t, h, c.path, "Accept-Encoding", c.encoding)
			if res.StatusCode != c.status || !strings.Contains(body, c.body) {
				t.Fatalf("got %d %q, want %d with %q", res.StatusCode, body, c.status, c.body)
			}
			if got := res.Header.Get("Cache-Control"); c.cache != "" && got != c.cache {
				t.Errorf("Cache-Control %q, want %q", got, c.cache)
			}
			if got := res.Header.Get("Content-Type"); c.mime != "" && got != c.mime {
				t.Errorf("Content-Type %q, want %q", got, c.mime)
			}
			if got := res.Header.Get("Content-Encoding"); got != c.coding {
				t.Errorf("Content-Encoding %q, want %q", got, c.coding)
			}
		})
	}
}

func TestRevalidation(t *testing.T) {
	h := Handler(Options{Files: built()})
	first, _ := get(t, h, "/calendar")
	again, _ := get(t, h, "/calendar", "If-None-Match", first.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified {
		t.Fatalf("got %d, want 304", again.StatusCode)
	}
}

func TestSecurityHeaders(t *testing.T) {
	h := Handler(Options{Files: built(), HSTS: true})
	res, _ := get(t, h, "http://clinic.example:8080/")
	csp := res.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'self'", "frame-ancestors 'none'", "wss://clinic.example:8080"} {
		if !strings.Contains(csp, want) {
			t.Errorf("policy %q lacks %q", csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q allows inline or eval", csp)
	}
	if res.Header.Get("Strict-Transport-Security") == "" {
		t.Error("no Strict-Transport-Security though asked for")
	}
	if p := res.Header.Get("Permissions-Policy"); !strings.Contains(p, "camera=(self)") || !strings.Contains(p, "display-capture=(self)") {
		t.Errorf("Permissions-Policy %q", p)
	}
}

func TestForgedHostStaysOutOfThePolicy(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Host = "evil; script-src *"
	w := httptest.NewRecorder()
	Handler(Options{Files: built()}).ServeHTTP(w, r)
	if csp := w.Header().Get("Content-Security-Policy"); strings.Contains(csp, "evil") {
		t.Fatalf("policy %q", csp)
	}
}

func TestOtherMethodsAreRefused(t *testing.T) {
	w := httptest.NewRecorder()
	Handler(Options{Files: built()}).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Fatalf("got %d", w.Code)
	}
}

func TestWithoutABuildItSaysHowToGetOne(t *testing.T) {
	h := Handler(Options{Files: fstest.MapFS{".gitkeep": &fstest.MapFile{}}})
	res, body := get(t, h, "/calendar")
	if res.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "make web") {
		t.Fatalf("got %d %q", res.StatusCode, body)
	}
}

func TestEmbedded(t *testing.T) {
	res, body := get(t, Handler(Options{}), "/")
	if res.StatusCode != http.StatusOK && !strings.Contains(body, "make web") {
		t.Fatalf("got %d %q", res.StatusCode, body)
	}
}
