package api

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// program asks as a calendar program does: with no cookie and no headers of ours.
func (s *site) program(method, url, tag string) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequest(method, strings.TrimPrefix(url, "http://localhost:8080"), nil)
	if tag != "" {
		r.Header.Set("If-None-Match", tag)
	}
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, r)
	return rec
}

func TestFeedOverHTTP(t *testing.T) {
	s := newSite(t)
	rec := s.do("doctor", "POST", "/api/v1/feeds", map[string]any{"scope": "own"})
	if rec.Code != http.StatusCreated {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
	var made FeedAddress
	if err := json.Unmarshal(rec.Body.Bytes(), &made); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(made.URL, "http://localhost:8080/ical/") || !strings.HasSuffix(made.URL, ".ics") {
		t.Fatalf("address %q", made.URL)
	}
	list := s.do("doctor", "GET", "/api/v1/feeds", nil)
	_, secret, _ := strings.Cut(strings.TrimSuffix(made.URL, ".ics"), ".")
	if !strings.Contains(list.Body.String(), made.ID) || strings.Contains(list.Body.String(), secret) {
		t.Errorf("the list: %s", list.Body)
	}

	got := s.program("GET", made.URL, "")
	tag := got.Header().Get("ETag")
	if got.Code != http.StatusOK || tag == "" || !strings.HasPrefix(got.Body.String(), "BEGIN:VCALENDAR\r\n") ||
		got.Header().Get("Content-Type") != "text/calendar; charset=utf-8" || !strings.HasPrefix(got.Header().Get("Cache-Control"), "private") {
		t.Fatalf("%d %v\n%s", got.Code, got.Header(), got.Body)
	}
	for _, header := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		if again := s.program("GET", made.URL, header); again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s: %d with %d bytes", header, again.Code, again.Body.Len())
		}
	}
	if head := s.program("HEAD", made.URL, ""); head.Code != http.StatusOK || head.Body.Len() != 0 || head.Header().Get("ETag") != tag {
		t.Errorf("HEAD: %d %v", head.Code, head.Header())
	}
	for _, wrong := range []string{"/ical/", "/ical/x.ics", strings.TrimSuffix(made.URL, ".ics"), strings.Replace(made.URL, ".ics", "0.ics", 1)} {
		if got := s.program("GET", wrong, ""); got.Code != http.StatusNotFound {
			t.Errorf("%s: %d", wrong, got.Code)
		}
	}
	if got := s.program("PUT", made.URL, ""); got.Code != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %d", got.Code)
	}
	if rec := s.do("doctor", "DELETE", "/api/v1/feeds/"+made.ID, nil); rec.Code != http.StatusNoContent {
		t.Errorf("revoke: %d %s", rec.Code, rec.Body)
	}
	if got := s.program("GET", made.URL, tag); got.Code != http.StatusGone {
		t.Errorf("after revoking: %d", got.Code)
	}
	if strings.Contains(s.log.String(), secret) {
		t.Error("the log holds the address's secret")
	}
}
