package api

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestRequests shares one site among what leaves it as it was.
func TestRequests(t *testing.T) {
	s := newSite(t)
	for name, test := range map[string]func(*testing.T, *site){
		"bad requests": testBadRequests, "same origin": testSameOriginIsTaken, "uploads": testUploads,
		"secure cookie": testSecureCookie, "languages": testLanguageOfAnswers, "pages": testAppointmentPages,
		"schedule": testSchedule, "licence": testLicence,
	} {
		t.Run(name, func(t *testing.T) {
			mine := *s
			mine.t = t
			test(t, &mine)
		})
	}
}

func testBadRequests(t *testing.T, s *site) {
	me := ok[Me](s, "patient", "GET", "/api/v1/me", nil)
	room := "/api/v1/encounters/" + me.Visit.EncounterID
	visit := ok[Appointment](s, "doctor", "GET", "/api/v1/appointments/"+me.Visit.AppointmentID, nil)
	current := []header{{"If-Match", etag(visit.Version)}}
	for _, c := range []struct {
		name, who, method, path, body string
		status                        int
		code                          string
		headers                       []header
	}{
		{"no JSON", "doctor", "PATCH", "/api/v1/me", `{"locale":`, 400, "malformed", nil},
		{"no body", "doctor", "PATCH", "/api/v1/me", "", 400, "malformed", nil},
		{"another type", "doctor", "PATCH", "/api/v1/me", `{"locale":7}`, 422, "invalid", nil},
		{"an unknown field", "doctor", "PATCH", "/api/v1/me", `{"locale":"ru","admin":true}`, 422, "invalid", nil},
		{"an unknown language", "doctor", "PATCH", "/api/v1/me", `{"locale":"xx"}`, 422, "invalid", nil},
		{"a missing field", "doctor", "POST", "/api/v1/appointments", `{"patientId":"x"}`, 422, "invalid", nil},
		{"a body too large", "doctor", "PATCH", "/api/v1/me", `{"locale":"` + strings.Repeat("x", 300<<10) + `"}`, 413, "too_large", nil},
		{"an unknown media type", "doctor", "PATCH", "/api/v1/me", `locale: ru`, 415, "media_type", []header{{"Content-Type", "application/yaml"}}},
		{"an unknown query parameter", "doctor", "GET", "/api/v1/appointments?form=2026", "", 422, "invalid", nil},
		{"a bad time", "doctor", "GET", "/api/v1/appointments?from=today", "", 422, "invalid", nil},
		{"a bad status", "doctor", "GET", "/api/v1/appointments?status=lost", "", 422, "invalid", nil},
		{"a bad limit", "doctor", "GET", "/api/v1/appointments?limit=201", "", 422, "invalid", nil},
		{"a foreign cursor", "doctor", "GET", "/api/v1/appointments?cursor=%21", "", 422, "invalid", nil},
		{"an endless range backwards", "doctor", "GET", "/api/v1/appointments?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", "", 422, "invalid", nil},
		{"a range of a century", "doctor", "GET", "/api/v1/appointments?from=1970-01-01T00:00:00Z&to=2070-01-01T00:00:00Z", "", 422, "invalid", nil},
		{"a long id", "doctor", "GET", "/api/v1/appointments/" + strings.Repeat("x", 65), "", 422, "invalid", nil},
		{"an unknown path", "doctor", "GET", "/api/v1/nothing", "", 404, "not_found", nil},
		{"a path outside the version", "doctor", "GET", "/api/v2/me", "", 404, "not_found", nil},
		{"another method", "doctor", "DELETE", "/api/v1/me", "", 405, "method", nil},
		{"an empty file", "patient", "POST", room + "/files", "", 403, "denied", nil},
		{"a reason too long", "doctor", "POST", "/api/v1/appointments/x/cancel", `{"reason":"` + strings.Repeat("x", 501) + `"}`, 422, "invalid", nil},
		{"no reason", "doctor", "POST", "/api/v1/appointments/" + me.Visit.AppointmentID + "/cancel", `{"reason":""}`, 422, "invalid", current},
		{"a change without a version", "doctor", "POST", "/api/v1/appointments/" + me.Visit.AppointmentID + "/cancel", `{"reason":"x"}`, 428, "version_required", nil},
		{"a change of an old version", "doctor", "POST", "/api/v1/appointments/" + me.Visit.AppointmentID + "/cancel", `{"reason":"x"}`, 412, "version_stale", []header{{"If-Match", `"1"`}}},
		{"a change of no version", "doctor", "POST", "/api/v1/appointments/" + me.Visit.AppointmentID + "/cancel", `{"reason":"x"}`, 412, "version_stale", []header{{"If-Match", `"0"`}}},
		{"a change of nonsense", "doctor", "POST", "/api/v1/appointments/" + me.Visit.AppointmentID + "/cancel", `{"reason":"x"}`, 412, "version_stale", []header{{"If-Match", "*"}}},
		{"a stale token", "", "POST", "/api/v1/sessions/visit", `{"token":"` + me.Clinic.ID + `.secret"}`, 401, "link_invalid", nil},
		{"another site's form", "doctor", "POST", "/api/v1/live", "", 403, "cross_origin", []header{{"Origin", "https://evil.example"}}},
		{"another site's fetch", "doctor", "POST", "/api/v1/live", "", 403, "cross_origin", []header{{"Sec-Fetch-Site", "cross-site"}}},
		{"a sandboxed frame", "doctor", "DELETE", "/api/v1/session", "", 403, "cross_origin", []header{{"Origin", "null"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := *s
			s.t = t
			var body any
			if c.body != "" {
				body = strings.NewReader(c.body)
			}
			p := s.refused(c.who, c.method, c.path, body, c.status, c.code, c.headers...)
			if strings.Contains(p.Detail, "xxxx") {
				t.Error("the problem echoes what was sent")
			}
		})
	}
	if got := ok[Me](s, "doctor", "GET", "/api/v1/me", nil).Locale; got != "ru" {
		t.Errorf("a refused request changed the locale to %s", got)
	}
}

func testSameOriginIsTaken(t *testing.T, s *site) {
	for _, h := range []header{{"Origin", "http://localhost:8080"}, {"Sec-Fetch-Site", "same-origin"}} {
		if rec := s.do("doctor", "POST", "/api/v1/live", nil, h); rec.Code != http.StatusOK {
			t.Errorf("%v: %d %s", h, rec.Code, rec.Body)
		}
	}
}

func testUploads(t *testing.T, s *site) {
	me := ok[Me](s, "patient", "GET", "/api/v1/me", nil)
	files := "/api/v1/encounters/" + me.Visit.EncounterID + "/files"
	for _, c := range []struct {
		name, fileName, content string
		status                  int
		code                    string
	}{
		{"empty", "a.txt", "", 422, "invalid"},
		{"HTML by content", "a.txt", "<html><script>alert(1)</script>", 415, "type_refused"},
		{"SVG", "a.png", `<?xml version="1.0"?><svg onload="alert(1)"/>`, 415, "type_refused"},
		{"an executable", "a.pdf", "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff", 415, "type_refused"},
		{"a bad name", "%zz", "text", 422, "invalid"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := *s
			s.t = t
			s.refused("doctor", "POST", files, strings.NewReader(c.content), c.status, c.code, header{"X-File-Name", c.fileName})
		})
	}
	h := []header{{"X-File-Name", "..%2F..%2Fetc%2Fpasswd%00%E2%80%AE.html"}, {"X-Client-Id", "u1"}}
	up := ok[Upload](s, "doctor", "POST", files, strings.NewReader("%PDF-1.7 text"), h...)
	if up.Document.Title != "passwd_html.pdf" || up.Document.Mime != "application/pdf" {
		t.Errorf("stored as %q, %s", up.Document.Title, up.Document.Mime)
	}
	again := ok[Upload](s, "doctor", "POST", files, strings.NewReader("%PDF-1.7 text"), h...)
	if again.Document.ID != up.Document.ID || again.Message.ID != up.Message.ID {
		t.Error("the same client id made two files")
	}
	all := ok[MessageList](s, "patient", "GET", "/api/v1/encounters/"+me.Visit.EncounterID+"/messages", nil)
	if len(all.Items) != 1 || all.Items[0].File == nil || all.Items[0].File.ID != up.Document.ID {
		t.Errorf("messages: %+v", all.Items)
	}
}

func testSecureCookie(t *testing.T, s *site) {
	s.handler = New(s.ctl, Config{PublicURL: "https://clinic.example"}, s.logger())
	_, token, _ := strings.Cut(s.links["doctor"], "#")
	rec := s.do("", "POST", "/api/v1/sessions/demo", SignIn{Token: token})
	cookie := rec.Header().Get("Set-Cookie")
	for _, want := range []string{"__Host-consilium_session=", "Path=/;", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("cookie without %s: %s", want, cookie)
		}
	}
	if strings.Contains(cookie, "Domain") || rec.Header().Get("Strict-Transport-Security") == "" {
		t.Errorf("headers: %v", rec.Header())
	}
	if rec := s.do("doctor", "GET", "/api/v1/me", nil); rec.Code != 401 {
		t.Errorf("the cookie of http works over https: %d", rec.Code)
	}
}

func testLanguageOfAnswers(t *testing.T, s *site) {
	for _, c := range []struct{ accept, want string }{
		{"", "Клиника «Меридиан»"},
		{"en", "Meridian Clinic"},
		{"en-GB,en;q=0.9,ru;q=0.5", "Meridian Clinic"},
		{"fr,ru;q=0.8", "Клиника «Меридиан»"},
		{"fr", "Клиника «Меридиан»"},
		{"*", "Клиника «Меридиан»"},
	} {
		if got := ok[Me](s, "doctor", "GET", "/api/v1/me", nil, header{"Accept-Language", c.accept}).Clinic.Name; got != c.want {
			t.Errorf("%q: %q", c.accept, got)
		}
	}
}

func testLicence(t *testing.T, s *site) {
	for who, staff := range map[string]bool{"admin": true, "doctor2": true, "patient2": false} {
		for _, d := range ok[PractitionerList](s, who, "GET", "/api/v1/practitioners", nil).Items {
			if (d.Licence != nil) != staff {
				t.Errorf("%s sees licence %+v", who, d.Licence)
			}
			if staff && (d.Licence.No == "" || !d.Licence.Expires.After(noon)) {
				t.Errorf("%s sees licence %+v", who, d.Licence)
			}
		}
	}
}

func testSchedule(t *testing.T, s *site) {
	doctor := ok[Me](s, "doctor", "GET", "/api/v1/me", nil).Person.ID
	path := "/api/v1/practitioners/" + doctor + "/schedule"
	hours := ok[Schedule](s, "doctor", "GET", path, nil)
	if len(hours.Weekly) != 3 || hours.Weekly[0].From != "09:00" || hours.Weekly[2].Days[0] != "sat" || hours.StepMin != 15 {
		t.Fatalf("hours: %+v", hours)
	}
	slots := ok[SlotList](s, "patient2", "GET", "/api/v1/slots?serviceId=initial&practitionerId="+doctor, nil)
	if slots.Zone != "Europe/Moscow" || len(slots.Items) == 0 {
		t.Fatalf("slots: %+v", slots)
	}
	change := hours.ScheduleUpdate
	s.refused("doctor", "PUT", path, change, 428, "version_required")
	for _, bad := range []HoursWindow{{"18:00", "09:00"}, {"09:00", "24:30"}} {
		change.Weekly = []HoursRule{{HoursWindow: bad, Days: []string{"mon"}}}
		p := s.refused("doctor", "PUT", path, change, 422, "invalid", header{"If-Match", etag(hours.Version)})
		if len(p.Errors) != 1 || !strings.HasPrefix(p.Errors[0].Pointer, "/weekly/0") {
			t.Errorf("%v: %+v", bad, p.Errors)
		}
	}
	change.Weekly = []HoursRule{}
	change.Exceptions = []HoursException{{First: "2026-11-26", Last: "2026-11-26", Windows: []HoursWindow{{"09:00", "24:00"}}}}
	saved := ok[Schedule](s, "doctor", "PUT", path, change, header{"If-Match", etag(hours.Version)})
	if saved.Exceptions[0].Windows[0].To != "24:00" || saved.Version == hours.Version {
		t.Errorf("saved: %+v", saved)
	}
	slots = ok[SlotList](s, "patient2", "GET", "/api/v1/slots?serviceId=initial&practitionerId="+doctor, nil)
	if len(slots.Items) != 57 || !slots.Items[0].Start.Equal(noon.Add(21*time.Hour+30*time.Minute)) { // a visit stands at 09:00
		t.Errorf("%d slots, first %v", len(slots.Items), slots.Items[0])
	}
	s.refused("patient2", "GET", "/api/v1/slots", nil, 422, "invalid")
	s.refused("patient2", "GET", "/api/v1/slots?serviceId=none", nil, 404, "not_found")
	s.refused("patient2", "GET", "/api/v1/slots?serviceId=initial&to=2027-11-26T00:00:00Z", nil, 422, "invalid")
}

func testAppointmentPages(t *testing.T, s *site) {
	path := "/api/v1/appointments?from=2026-11-01T00:00:00Z&to=2026-12-31T00:00:00Z"
	all := ok[AppointmentList](s, "admin", "GET", path+"&limit=200", nil)
	if len(all.Items) < 15 || all.Next != "" {
		t.Fatalf("%d items, next %q", len(all.Items), all.Next)
	}
	var paged []string
	next := ""
	for {
		page := ok[AppointmentList](s, "admin", "GET", path+"&limit=4"+next, nil)
		for _, a := range page.Items {
			paged = append(paged, a.ID)
		}
		if page.Next == "" {
			break
		}
		next = "&cursor=" + page.Next
	}
	if len(paged) != len(all.Items) {
		t.Fatalf("%d in pages, %d at once", len(paged), len(all.Items))
	}
	for i, a := range all.Items {
		if a.ID != paged[i] {
			t.Errorf("page order differs at %d", i)
		}
		if i > 0 && a.Start.Before(all.Items[i-1].Start) {
			t.Errorf("not by start at %d", i)
		}
	}
	some := ok[AppointmentList](s, "doctor", "GET", path+"&status=completed,booked", nil)
	for _, a := range some.Items {
		if a.Status != "completed" && a.Status != "booked" {
			t.Errorf("status %s", a.Status)
		}
	}
}
