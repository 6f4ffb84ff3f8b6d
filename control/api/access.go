package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"consilium/control"
)

func (s *server) accessRoutes() {
	const tag = "access"
	glass := op("breakGlass", post, "/patients/{id}/break-glass", tag, "Open a card in an emergency: half an hour, with a reason, and told")
	glass.DefaultStatus = 201
	add(s, signedIn, glass, s.breakGlass)
	add(s, signedIn, op("listBreakGlass", get, "/break-glass", tag, "Emergency accesses, the latest first"), s.listBreakGlass)
	add(s, signedIn, op("endBreakGlass", del, "/break-glass/{id}", tag, "End an emergency access before its time"), s.endBreakGlass)
	add(s, signedIn, op("transferPatient", post, "/patients/{id}/transfer", tag, "Give a patient another attending doctor"), s.transferPatient)
	add(s, signedIn, op("inviteColleague", post, "/encounters/{id}/colleagues", tag, "Ask another doctor to join this consultation only"), s.inviteColleague)
	add(s, signedIn, op("removeParticipant", del, "/encounters/{id}/participants/{identity}", tag, "Take a guest or a colleague out, at once and for good"), s.removeParticipant)
	add(s, signedIn, op("listJoint", get, "/joint", tag, "Consultations that the doctor was asked to join"), s.listJoint)
	add(s, signedIn, op("getErasure", get, "/patients/{id}/erasure", tag, "Whether a patient can be erased, and what the law keeps"), s.getErasure)
	add(s, signedIn, op("erasePatient", del, "/patients/{id}", tag, "Erase a patient: records, files, login and keys, for good"), s.erasePatient)
	s.exportRoute()
	add(s, signedIn, op("listReadings", get, "/me/readings", tag, "Who has read the patient's card"), s.listReadings)
}

func (s *server) exportRoute() {
	export := op("exportCard", get, "/me/export", "access", "The patient's own copy of their card and files, as a ZIP archive")
	export.Responses = map[string]*huma.Response{"200": {
		Description: "card.json and the files",
		Content:     map[string]*huma.MediaType{"application/zip": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}},
	}}
	add(s, signedIn, export, s.exportCard)
}

func (s *server) exportCard(ctx context.Context, who control.Actor, _ *none) (*content, error) {
	export, err := s.ctl.Patients.Export(ctx, who)
	if err != nil {
		return nil, err
	}
	return &content{func(c huma.Context) {
		r, w := unwrap(c)
		w.Header().Set("Content-Type", "application/zip")
		w.Header().Set("Content-Disposition", `attachment; filename="card.zip"`)
		if err := export.Write(r.Context(), w); err != nil {
			// The beginning is on its way: only a cut connection says that it is not whole.
			s.log.Warn("export was cut off", "request", requestID(r.Context()), "error", err)
			abort(w)
		}
	}}, nil
}

// abort cuts the connection of an answer that can't be finished.
func abort(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

type breakGlassInput struct {
	ByID
	Body BreakGlassRequest
}

type transferInput struct {
	ByID
	Body TransferRequest
}

type colleagueInput struct {
	ByID
	Body ColleagueRequest
}

type participantInput struct {
	ByID
	Identity string `path:"identity" maxLength:"64"`
}

func (s *server) breakGlass(ctx context.Context, who control.Actor, in *breakGlassInput) (*answer[BreakGlass], error) {
	v, err := s.ctl.Patients.BreakGlass(ctx, who, control.PatientID(in.ID), in.Body.Reason)
	if err != nil {
		return nil, err
	}
	return &answer[BreakGlass]{breakGlassOf(&v)}, nil
}

func (s *server) listBreakGlass(ctx context.Context, who control.Actor, _ *none) (*answer[BreakGlassList], error) {
	found, err := s.ctl.Patients.ListBreakGlass(ctx, who)
	if err != nil {
		return nil, err
	}
	out := BreakGlassList{Items: []BreakGlass{}}
	for i := range found {
		out.Items = append(out.Items, breakGlassOf(&found[i]))
	}
	return &answer[BreakGlassList]{out}, nil
}

func (s *server) endBreakGlass(ctx context.Context, who control.Actor, in *ByID) (*answer[BreakGlass], error) {
	v, err := s.ctl.Patients.EndBreakGlass(ctx, who, control.BreakGlassID(in.ID))
	if err != nil {
		return nil, err
	}
	return &answer[BreakGlass]{breakGlassOf(&v)}, nil
}

func breakGlassOf(v *control.BreakGlassView) BreakGlass {
	out := BreakGlass{
		ID: string(v.ID), Patient: Ref{ID: string(v.Patient), Name: v.PatientName},
		Practitioner: Ref{ID: string(v.Practitioner), Name: v.ByName}, Reason: v.Reason, At: v.At, Until: v.Until,
		EndedBy: string(v.EndedBy), Open: v.Open, Reads: v.Reads,
	}
	if !v.Ended.IsZero() {
		ended := v.Ended
		out.Ended = &ended
	}
	return out
}

func (s *server) transferPatient(ctx context.Context, who control.Actor, in *transferInput) (*none, error) {
	return nil, s.ctl.Patients.Transfer(ctx, who, control.PatientID(in.ID), control.PractitionerID(in.Body.PractitionerID), in.Body.Reason)
}

func (s *server) inviteColleague(ctx context.Context, who control.Actor, in *colleagueInput) (*none, error) {
	return nil, s.ctl.Encounters.InviteColleague(ctx, who, control.EncounterID(in.ID), control.PractitionerID(in.Body.PractitionerID))
}

func (s *server) removeParticipant(ctx context.Context, who control.Actor, in *participantInput) (*none, error) {
	return nil, s.ctl.Encounters.RemoveParticipant(ctx, who, control.EncounterID(in.ID), control.AccountID(in.Identity))
}

func (s *server) listJoint(ctx context.Context, who control.Actor, _ *none) (*answer[AppointmentList], error) {
	found, err := s.ctl.Encounters.Joint(ctx, who)
	if err != nil {
		return nil, err
	}
	out := AppointmentList{Items: []Appointment{}}
	for i := range found {
		out.Items = append(out.Items, appointmentOf(who, &found[i]))
	}
	return &answer[AppointmentList]{out}, nil
}

func (s *server) listReadings(ctx context.Context, who control.Actor, _ *none) (*answer[ReadingList], error) {
	found, err := s.ctl.Patients.Readings(ctx, who)
	if err != nil {
		return nil, err
	}
	out := ReadingList{Items: []Reading{}}
	for _, v := range found {
		out.Items = append(out.Items, Reading{Name: v.ByName, Kind: string(v.Kind), First: v.First, Last: v.Last, Times: v.Times})
	}
	return &answer[ReadingList]{out}, nil
}

func (s *server) getErasure(ctx context.Context, who control.Actor, in *ByID) (*answer[Erasure], error) {
	v, err := s.ctl.Patients.Erasure(ctx, who, control.PatientID(in.ID))
	if err != nil {
		return nil, err
	}
	return &answer[Erasure]{erasureOf(&v)}, nil
}

func (s *server) erasePatient(ctx context.Context, who control.Actor, in *ByID) (*answer[Erasure], error) {
	v, err := s.ctl.Patients.Erase(ctx, who, control.PatientID(in.ID))
	if err != nil {
		return nil, err
	}
	return &answer[Erasure]{erasureOf(&v)}, nil
}

func erasureOf(v *control.Erasure) Erasure {
	out := Erasure{Allowed: v.Allowed, Open: v.Open, Years: v.Years, Visits: v.Visits, Documents: []KeptDocument{}, Done: v.Done}
	if !v.Until.IsZero() {
		out.KeptUntil = &v.Until
	}
	for _, d := range v.Documents {
		out.Documents = append(out.Documents, KeptDocument{ID: string(d.ID), Kind: string(d.Kind), CreatedAt: d.Created})
	}
	return out
}
