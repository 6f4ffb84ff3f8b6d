package api

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

// TestJourney is a consultation from sign-in to the signed PDF in the card, over HTTP.
func TestJourney(t *testing.T) {
	s := newSite(t)
	me := ok[Me](s, "patient", "GET", "/api/v1/me", nil)
	if me.Home != "visit" || me.Visit == nil || me.Role != "patient" || !me.Demo || me.Clinic.Name != "Клиника «Меридиан»" {
		t.Fatalf("me: %+v", me)
	}
	visit, room := me.Visit.AppointmentID, "/api/v1/encounters/"+me.Visit.EncounterID
	status := func(who, want string) Appointment {
		t.Helper()
		a := ok[Appointment](s, who, "GET", "/api/v1/appointments/"+visit, nil)
		if a.Status != want {
			t.Fatalf("status %q, want %q", a.Status, want)
		}
		return a
	}
	if a := status("doctor", "booked"); strings.Join(a.Actions, " ") != "join switch_modality reschedule cancel" {
		t.Errorf("doctor's actions: %v", a.Actions)
	}
	s.refused("doctor", "GET", "/api/v1/patients/"+me.Person.ID+"/card", nil, 403, "access_closed")

	ticket := ok[JoinTicket](s, "patient", "POST", room+"/join", nil)
	if !ticket.Lobby || ticket.Grant == "" || ticket.Room != me.Visit.EncounterID || len(ticket.IceServers) != 1 {
		t.Fatalf("ticket: %+v", ticket)
	}
	status("doctor", "waiting")
	if d := ok[JoinTicket](s, "doctor", "POST", room+"/join", nil); d.Lobby {
		t.Error("the doctor has to wait")
	}
	ok[Card](s, "doctor", "GET", "/api/v1/patients/"+me.Person.ID+"/card", nil)
	a := ok[Appointment](s, "doctor", "POST", room+"/admit", Admission{Identity: me.AccountID})
	if a.Status != "in_progress" {
		t.Fatalf("after admit: %s", a.Status)
	}
	if again := ok[JoinTicket](s, "patient", "POST", room+"/join", nil); again.Lobby {
		t.Error("after a reload the patient waits again")
	}
	ctx := t.Context()
	if _, err := s.ctl.PostChat(ctx, me.Visit.EncounterID, me.AccountID, "c1", "Болит горло <script>"); err != nil {
		t.Fatal(err)
	}
	png := append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat([]byte{1}, 100)...)
	up := ok[Upload](s, "patient", "POST", room+"/files", bytes.NewReader(png), header{"X-File-Name", "%D1%81%D0%BD%D0%B8%D0%BC%D0%BE%D0%BA.png"})
	if up.Document.Title != "снимок.png" || up.Document.Mime != "image/png" || up.Message.Seq != 2 || up.Document.Size != 108 {
		t.Fatalf("upload: %+v", up)
	}
	file := s.do("doctor", "GET", "/api/v1/documents/"+up.Document.ID+"/content", nil)
	if file.Code != 200 || !bytes.Equal(file.Body.Bytes(), png) {
		t.Fatalf("download: %d", file.Code)
	}
	for name, want := range map[string]string{
		"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
	} {
		if got := file.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := file.Header().Get("Content-Disposition"); !strings.HasPrefix(got, "attachment;") {
		t.Errorf("disposition %q", got)
	}

	if a := ok[Appointment](s, "doctor", "POST", room+"/finish", nil); a.Status != "documenting" {
		t.Fatalf("after finish: %s", a.Status)
	}
	s.refused("patient", "POST", room+"/join", nil, 409, "transition_refused")
	draft := ok[Composition](s, "doctor", "GET", room+"/composition", nil)
	if !strings.Contains(draft.Sections.Complaint, "Болит горло") || !strings.Contains(draft.Sections.Anamnesis, "пенициллин") || !strings.Contains(draft.Sections.Findings, "снимок.png") {
		t.Fatalf("draft: %+v", draft.Sections)
	}
	version := func(c Composition) header { return header{"If-Match", etag(c.Version)} }
	s.refused("doctor", "POST", room+"/composition/sign", nil, 428, "version_required")
	p := s.refused("doctor", "POST", room+"/composition/sign", nil, 422, "incomplete", version(draft))
	if len(p.Errors) != 2 || p.Errors[0].Pointer != "/sections/diagnosis" {
		t.Errorf("incomplete: %+v", p.Errors)
	}
	text := draft.Sections
	text.Diagnosis, text.DiagnosisCode, text.Plan = "Острый фарингит", "J02.9", "Полоскание, покой."
	s.refused("doctor", "PUT", room+"/composition", CompositionUpdate{text}, 428, "version_required")
	saved := ok[Composition](s, "doctor", "PUT", room+"/composition", CompositionUpdate{text}, version(draft))
	s.refused("doctor", "PUT", room+"/composition", CompositionUpdate{text}, 412, "version_stale", version(draft))
	s.refused("doctor", "POST", room+"/composition/sign", nil, 412, "version_stale", version(draft))
	final := ok[Composition](s, "doctor", "POST", room+"/composition/sign", nil, version(saved))
	if final.Status != "final" || final.DocumentID == "" || final.Signer != "Анна Сергеевна Морозова" {
		t.Fatalf("final: %+v", final)
	}
	status("patient", "completed")
	s.refused("doctor", "GET", "/api/v1/patients/"+me.Person.ID+"/card", nil, 403, "access_closed")
	s.refused("doctor", "GET", "/api/v1/documents/"+final.DocumentID+"/content", nil, 403, "access_closed")
	card := ok[Card](s, "patient", "GET", "/api/v1/patients/"+me.Person.ID+"/card", nil)
	if card.Encounters[0].Diagnosis != "J02.9 Острый фарингит" || card.Access.Kind != "own" {
		t.Errorf("card: %+v", card.Encounters[0])
	}
	kinds := map[string]bool{}
	for _, d := range card.Documents {
		if d.EncounterID == me.Visit.EncounterID {
			kinds[d.Kind] = true
		}
	}
	if !kinds["conclusion"] || !kinds["chat_file"] {
		t.Errorf("documents of the visit: %v", kinds)
	}
	pdf := s.do("patient", "GET", "/api/v1/documents/"+final.DocumentID+"/content?inline=true", nil)
	if pdf.Code != http.StatusOK || !bytes.HasPrefix(pdf.Body.Bytes(), []byte("%PDF-")) || !strings.HasPrefix(pdf.Header().Get("Content-Disposition"), "inline;") {
		t.Errorf("pdf: %d %v", pdf.Code, pdf.Header())
	}
	for _, private := range []string{"Соколов", "фарингит", "горло", me.Visit.EncounterID, me.Person.ID} {
		if strings.Contains(s.log.String(), private) {
			t.Errorf("the log holds %q", private)
		}
	}
}
