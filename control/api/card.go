package api

import (
	"context"
	"mime"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"consilium/control"
)

func (s *server) cardRoutes() {
	const tag = "card"
	add(s, signedIn, op("getCard", get, "/patients/{id}/card", tag, "A patient's card"), s.getCard)
	content := op("getDocumentContent", get, "/documents/{id}/content", tag, "The file itself, as a download")
	content.Responses = map[string]*huma.Response{"200": {
		Description: "The file",
		Content: map[string]*huma.MediaType{
			"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		},
	}}
	add(s, signedIn, content, s.getDocumentContent)
}

type contentInput struct {
	ByID
	Inline bool `query:"inline" doc:"Show a PDF instead of downloading it"`
}

type content struct {
	Body func(huma.Context)
}

func (s *server) getCard(ctx context.Context, who control.Actor, in *ByID) (*answer[Card], error) {
	v, err := s.ctl.Patients.Card(ctx, who, control.PatientID(in.ID))
	if err != nil {
		return nil, err
	}
	out := Card{
		Patient: CardPatient{
			ID: string(v.Patient.ID), Name: v.Patient.Name, BirthDate: v.Patient.BirthDate, Sex: v.Patient.Sex,
			Phone: v.Patient.Phone, Email: v.Patient.Email,
		},
		Encounters: []CardEncounter{}, Documents: []Document{},
		Access: CardAccess{Kind: "own"},
	}
	if a := v.Access; a != nil {
		out.Access = CardAccess{Kind: string(a.Kind), EncounterID: string(a.Encounter), BreakGlassID: string(a.BreakGlass)}
		if !a.Until.IsZero() {
			out.Access.Until = &a.Until
		}
	}
	if v.Attending != nil {
		out.Patient.Attending = &Ref{ID: string(v.Attending.ID), Name: v.Attending.Name}
	}
	for _, e := range v.Encounters {
		out.Encounters = append(out.Encounters, CardEncounter{
			ID: string(e.ID), Start: e.Start, End: e.End, Status: string(e.Status), Service: e.Service.In(who.Locale, ""),
			Practitioner: Ref{ID: string(e.Practitioner.ID), Name: e.Practitioner.Name}, Diagnosis: e.Diagnosis,
		})
	}
	for i := range v.Documents {
		out.Documents = append(out.Documents, documentOf(&v.Documents[i]))
	}
	return &answer[Card]{out}, nil
}

func (s *server) getDocumentContent(ctx context.Context, who control.Actor, in *contentInput) (*content, error) {
	doc, err := s.ctl.Documents.Open(ctx, who, control.DocumentID(in.ID))
	if err != nil {
		return nil, err
	}
	return &content{func(c huma.Context) {
		defer doc.Close()
		r, w := unwrap(c)
		serveDocument(w, r, &doc, in.Inline && doc.Mime == "application/pdf")
	}}, nil
}

// serveDocument sends a file as a download that no browser runs. A PDF may be
// shown instead: by the browser's own viewer, which a sandbox would forbid.
func serveDocument(w http.ResponseWriter, r *http.Request, doc *control.DocumentContent, inline bool) {
	h := w.Header()
	h.Set("Content-Type", doc.Mime)
	name := doc.Title
	switch doc.Kind {
	case control.DocConclusion, control.DocContract, control.DocConsent:
		name += ".pdf"
	}
	disposition := "attachment"
	if inline {
		disposition = "inline"
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'")
	}
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": name}))
	h.Set("ETag", `"`+doc.SHA256+`"`)
	http.ServeContent(w, r, "", time.Time{}, doc)
}
