package api

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPanicEndsOneRequestOnly(t *testing.T) {
	var log bytes.Buffer
	s := &server{log: slog.New(slog.NewTextHandler(&log, nil)), cfg: Config{PublicURL: "http://localhost"}}
	h := s.wrap(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/panic" {
			panic("broken")
		}
	}))
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/panic", nil))
	p := decode[Problem](t, rec)
	if rec.Code != 500 || p.Code != "internal" || p.TraceID == "" || strings.Contains(rec.Body.String(), "broken") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if !strings.Contains(log.String(), p.TraceID) || !strings.Contains(log.String(), "broken") {
		t.Errorf("log: %s", &log)
	}
	rec = httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/fine", nil))
	if rec.Code != 200 {
		t.Errorf("the next request: %d", rec.Code)
	}
}

func TestPointers(t *testing.T) {
	for in, want := range map[string]string{
		"body":               "",
		"body.items[3].tags": "/items/3/tags",
		"query.limit":        "query/limit",
		"path.id":            "path/id",
	} {
		if got := pointerOf(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}
