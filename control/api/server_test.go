package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"consilium/control"
	"consilium/internal/grant"
	"consilium/store"
	"consilium/store/mem"
)

// noon is a Wednesday at 12:00 in the demo clinic's zone.
var noon = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

// site is the API over the demo clinic, with a session per person.
type site struct {
	t       testing.TB
	handler http.Handler
	ctl     *control.Control
	db      store.DB
	links   control.Links
	cookies map[string]string
	log     *bytes.Buffer
}

// newEmptySite is the API over an empty store.
func newEmptySite(t testing.TB) *site {
	t.Helper()
	db := mem.Open()
	t.Cleanup(func() { _ = db.Close() })
	clock := func() time.Time { return noon }
	grants, err := grant.NewKeeper(clock)
	if err != nil {
		t.Fatal(err)
	}
	cfg := control.DefaultConfig()
	cfg.Demo = true
	s := &site{t: t, db: db, cookies: map[string]string{}, log: &bytes.Buffer{}}
	log := s.logger()
	s.ctl, err = control.New(cfg, control.Deps{
		DB: db, Blobs: mem.OpenBlobs(clock), Grants: grants, Clock: clock,
		ICE: func(string) []control.ICEServer { return []control.ICEServer{{URLs: []string{"stun:127.0.0.1:3478"}}} },
	}, log)
	if err != nil {
		t.Fatal(err)
	}
	s.handler = New(s.ctl, Config{PublicURL: "http://localhost:8080", Version: "test"}, log)
	return s
}

func newSite(t testing.TB) *site {
	t.Helper()
	s := newEmptySite(t)
	var err error
	if s.links, err = s.ctl.SeedDemo(context.Background()); err != nil {
		t.Fatal(err)
	}
	for who, link := range s.links {
		s.signIn(who, link)
	}
	return s
}

func (s *site) logger() *slog.Logger { return slog.New(slog.NewTextHandler(s.log, nil)) }

// signIn opens a session with a demo link and keeps its cookie.
func (s *site) signIn(who, link string) {
	s.t.Helper()
	path, token, _ := strings.Cut(link, "#")
	rec := s.do("", "POST", "/api/v1/sessions"+path, map[string]string{"token": token})
	if rec.Code != http.StatusOK {
		s.t.Fatalf("sign in %s: %d %s", who, rec.Code, rec.Body)
	}
	s.cookies[who] = strings.SplitN(rec.Header().Get("Set-Cookie"), ";", 2)[0]
}

// header changes a request.
type header [2]string

// do sends a request as one of the people ("" is nobody). A body of type
// io.Reader goes as it is, any other as JSON.
func (s *site) do(who, method, path string, body any, headers ...header) *httptest.ResponseRecorder {
	s.t.Helper()
	var r io.Reader
	switch b := body.(type) {
	case nil:
	case io.Reader:
		r = b
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			s.t.Fatal(err)
		}
		r = bytes.NewReader(raw)
	}
	req := httptest.NewRequest(method, "http://localhost:8080"+path, r)
	if r != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c := s.cookies[who]; c != "" {
		req.Header.Set("Cookie", c)
	}
	for _, h := range headers {
		req.Header.Set(h[0], h[1])
	}
	rec := httptest.NewRecorder()
	s.handler.ServeHTTP(rec, req)
	return rec
}

// ok sends a request that must succeed and decodes its answer.
func ok[T any](s *site, who, method, path string, body any, headers ...header) T {
	s.t.Helper()
	rec := s.do(who, method, path, body, headers...)
	if rec.Code/100 != 2 {
		s.t.Fatalf("%s %s %s: %d %s", who, method, path, rec.Code, rec.Body)
	}
	return decode[T](s.t, rec)
}

func decode[T any](t testing.TB, rec *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if rec.Body.Len() == 0 {
		return v
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v in %s", err, rec.Body)
	}
	return v
}

// refused sends a request that must fail with a problem of this status and code.
func (s *site) refused(who, method, path string, body any, status int, code string, headers ...header) Problem {
	s.t.Helper()
	rec := s.do(who, method, path, body, headers...)
	p := decode[Problem](s.t, rec)
	if rec.Code != status || p.Code != code || p.Status != status {
		s.t.Fatalf("%s %s %s: %d %s, want %d %s", who, method, path, rec.Code, rec.Body, status, code)
	}
	if ct := rec.Header().Get("Content-Type"); ct != "application/problem+json" {
		s.t.Errorf("content type %q of a problem", ct)
	}
	if p.TraceID == "" || p.Type != "urn:consilium:problem:"+code {
		s.t.Errorf("incomplete problem: %s", rec.Body)
	}
	return p
}
