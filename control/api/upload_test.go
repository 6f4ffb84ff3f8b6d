package api

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"consilium/control"
)

// script is what must never run.
const script = `<script>alert(document.domain)</script>`

// hostileFiles are sent one by one: refused, or kept as what they are by content.
var hostileFiles = []struct {
	what, name, content string
	mime                string // what it is kept as; "" is refused
}{
	{"a page", "page.html", "<!DOCTYPE html>" + script, ""},
	{"a page named as a picture", "photo.png", "<html>" + script, ""},
	{"a page after a byte order mark", "note.txt", "\xef\xbb\xbf<html>" + script, ""},
	{"a page after white space", "note.txt", " \t\r\n\f\n" + script, ""},
	{"a page in another case", "note.txt", "<HtMl><body onload=alert(1)>", ""},
	{"an unknown element", "note.txt", "<x onclick=alert(1)>press</x>", ""},
	{"SVG", "drawing.svg", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, ""},
	{"SVG as XML", "drawing.svg", `<?xml version="1.0"?><svg onload="alert(1)"/>`, ""},
	{"XSLT", "style.xsl", `<?xml version="1.0"?><xsl:stylesheet/>`, ""},
	{"UTF-16", "page.htm", "\xfe\xff\x00<\x00h\x00t\x00m\x00l\x00>", ""},
	{"PostScript", "scan.eps", "%!PS-Adobe-3.0\n(x) run", ""},
	{"a program of Windows", "scan.pdf", "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff", ""},
	{"a program of Linux", "scan.jpg", "\x7fELF\x02\x01\x01\x00\x00\x00", ""},
	{"a shortcut of Windows", "scan.lnk", "L\x00\x00\x00\x01\x14\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00", ""},
	{"an old office document with macros", "scan.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 64), ""},
	{"WebAssembly", "scan.wasm", "\x00asm\x01\x00\x00\x00", ""},
	{"gzip", "scan.gz", "\x1f\x8b\x08\x00\x00\x00\x00\x00", ""},
	{"RAR", "scan.rar", "Rar!\x1a\x07\x01\x00", ""},
	{"half an archive", "report.docx", "PK\x03\x04" + strings.Repeat("x", 100), ""},
	{"JavaScript in a GIF", "photo.gif", "GIF89a/*" + strings.Repeat("\x00", 16) + "*/=1;alert(1)//", "image/gif"},
	{"a page in a JPEG", "photo.html", "\xff\xd8\xff\xe0" + script, "image/jpeg"},
	{"a page in a PDF", "scan.html", "%PDF-1.7\n" + script, "application/pdf"},
	{"a page after text", "note.html", strings.Repeat("text ", 200) + script, "text/plain; charset=utf-8"},
	{"a script of the shell", "run.sh", "#!/bin/sh\nrm -rf /\n", "text/plain; charset=utf-8"},
	{"a formula for a spreadsheet", "sums.csv", `=HYPERLINK("http://evil.example","press")`, "text/plain; charset=utf-8"},
	{"a name that leads out", "../../../../etc/cron.d/x.txt", "text", "text/plain; charset=utf-8"},
	{"a name with a header in it", "a\r\nSet-Cookie: x=y\r\n\r\n" + script + ".txt", "text", "text/plain; charset=utf-8"},
	{"a name that reads backwards", "photo\u202egpj.exe", "text", "text/plain; charset=utf-8"},
	{"a name of 1,000 letters", strings.Repeat("a", 900) + ".txt", "text", "text/plain; charset=utf-8"},
}

// TestHostileFiles: what a browser would run is refused; what is kept comes back as a
// download that no browser runs, sniffs or frames, under a name that holds no path.
func TestHostileFiles(t *testing.T) {
	s := newSite(t)
	room := ok[Me](s, "patient", "GET", "/api/v1/me", nil).Visit.EncounterID
	for _, c := range hostileFiles {
		t.Run(c.what, func(t *testing.T) {
			s := *s
			s.t = t
			name := header{"X-File-Name", url.PathEscape(c.name)}
			rec := s.do("doctor", "POST", "/api/v1/encounters/"+room+"/files", strings.NewReader(c.content), name, header{"Content-Type", "text/html"})
			if c.mime == "" {
				if p := decode[Problem](t, rec); rec.Code != http.StatusUnsupportedMediaType || p.Code != "type_refused" {
					t.Fatalf("%d %s", rec.Code, rec.Body)
				}
				return
			}
			if rec.Code != http.StatusCreated {
				t.Fatalf("%d %s", rec.Code, rec.Body)
			}
			up := decode[Upload](t, rec)
			if up.Document.Mime != c.mime {
				t.Errorf("kept as %s", up.Document.Mime)
			}
			s.downloads(t, up.Document, c.content)
		})
	}
}

func (s *site) downloads(t *testing.T, doc Document, content string) {
	t.Helper()
	for _, query := range []string{"", "?inline=true"} {
		rec := s.do("patient", "GET", "/api/v1/documents/"+doc.ID+"/content"+query, nil)
		if rec.Code != http.StatusOK || rec.Body.String() != content {
			t.Fatalf("%d, %d bytes", rec.Code, rec.Body.Len())
		}
		h := rec.Header()
		shown := query != "" && doc.Mime == "application/pdf"
		want := map[string]string{
			"Content-Type": doc.Mime, "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
			"Cross-Origin-Resource-Policy": "same-origin", "Set-Cookie": "",
		}
		for k, v := range want {
			if got := h.Get(k); !strings.HasPrefix(got, v) || v == "" && got != "" {
				t.Errorf("%s%s: %q", k, query, got)
			}
		}
		policy := h.Get("Content-Security-Policy")
		if !strings.Contains(policy, "default-src 'none'") || !shown && !strings.Contains(policy, "sandbox") || strings.Contains(policy, "script") {
			t.Errorf("policy%s: %q", query, policy)
		}
		disposition := h.Get("Content-Disposition")
		if !shown && !strings.HasPrefix(disposition, "attachment") {
			t.Errorf("disposition%s: %q", query, disposition)
		}
		if strings.ContainsAny(doc.Title, "/\\<>\"\r\n\u202e") || strings.ContainsAny(disposition, "\r\n") || len([]rune(doc.Title)) > 120 {
			t.Errorf("called %q, %q", doc.Title, disposition)
		}
	}
}

// TestEndlessUploadIsCut: a body without a length, far over the limit, is refused
// while it comes, before it has cost its size in memory or disk.
func TestEndlessUploadIsCut(t *testing.T) {
	s := newSite(t)
	room := ok[Me](s, "patient", "GET", "/api/v1/me", nil).Visit.EncounterID
	web := httptest.NewServer(s.handler)
	defer web.Close()
	endless := &zeroes{}
	req, err := http.NewRequestWithContext(t.Context(), "POST", web.URL+"/api/v1/encounters/"+room+"/files",
		io.MultiReader(strings.NewReader("%PDF-1.7 "), endless))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", s.cookies["doctor"])
	answer, err := web.Client().Do(req)
	limit := int64(control.DefaultConfig().MaxUpload)
	if err == nil {
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("answered %d", answer.StatusCode)
		}
	} // else: cut off while it was still sending, which a client may see as a broken pipe
	if endless.sent > 2*limit {
		t.Errorf("%d bytes were taken, the limit is %d", endless.sent, limit)
	}
}

// zeroes never ends.
type zeroes struct{ sent int64 }

func (z *zeroes) Read(p []byte) (int, error) {
	clear(p)
	z.sent += int64(len(p))
	return len(p), nil
}

// TestLogInjection: whatever a stranger puts into a request, each line of the log is
// one of ours, and holds nothing of it.
func TestLogInjection(t *testing.T) {
	s := newSite(t)
	s.log.Reset()
	forged := "x\r\ntime=2026-01-01T00:00:00Z level=ERROR msg=canary-7391\u2028\x1b[2J"
	for _, who := range []string{"", "doctor"} {
		for _, path := range []string{"/api/v1/" + url.PathEscape(forged), "/api/v1/appointments/" + url.PathEscape(forged), "/api/v1/appointments?from=" + url.QueryEscape(forged)} {
			s.do(who, "GET", path, nil, header{"User-Agent", forged}, header{"Accept-Language", forged}, header{"X-Request-Id", forged}, header{"Cookie", "consilium_session=" + forged})
		}
		s.do(who, "POST", "/api/v1/sessions/demo", map[string]string{"token": forged})
		s.do(who, "PATCH", "/api/v1/me", map[string]string{"locale": forged})
		s.do(who, "POST", "/api/v1/live", nil, header{"Origin", "http://canary-7391.example"})
		s.do(who, "BREW", "/api/v1/me", strings.NewReader(forged), header{"Content-Type", forged})
	}
	room := ok[Me](s, "patient", "GET", "/api/v1/me", nil).Visit.EncounterID
	s.do("doctor", "POST", "/api/v1/encounters/"+room+"/files", strings.NewReader("text"), header{"X-File-Name", url.PathEscape(forged)})
	lines := strings.Split(strings.TrimSpace(s.log.String()), "\n")
	if len(lines) < 10 {
		t.Fatalf("only %d lines: %s", len(lines), s.log)
	}
	for _, line := range lines {
		if !strings.HasPrefix(line, "time=") || strings.Count(line, "level=") != 1 {
			t.Errorf("not a line of ours: %q", line)
		}
		for what, secret := range map[string]string{"what was sent": "canary-7391", "a session": strings.SplitN(s.cookies["doctor"], "=", 2)[1], "a control character": "\x1b"} {
			if strings.Contains(line, secret) {
				t.Errorf("%s stands in the log: %q", what, line)
			}
		}
	}
}

// TestAnswersEchoNothing: an error's text holds nothing of what was sent.
func TestAnswersEchoNothing(t *testing.T) {
	s := newSite(t)
	canary := "canary" + hex.EncodeToString([]byte(fmt.Sprint(noon.Unix())))
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{"GET", "/api/v1/appointments/" + canary, nil},
		{"GET", "/api/v1/" + canary, nil},
		{"GET", "/api/v1/appointments?status=" + canary, nil},
		{"PATCH", "/api/v1/me", map[string]string{"locale": canary}},
		{"PATCH", "/api/v1/me", bytes.NewReader([]byte(`{"locale": ` + canary + `}`))},
		{"POST", "/api/v1/sessions/demo", map[string]string{"token": canary}},
	} {
		rec := s.do("doctor", c.method, c.path, c.body)
		if rec.Code < 400 || strings.Contains(rec.Body.String(), canary) {
			t.Errorf("%s %s: %d %s", c.method, c.path, rec.Code, rec.Body)
		}
	}
}
