package api

import (
	"context"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"consilium/control"
	"consilium/control/notify"
)

func (s *server) intakeRoutes() {
	const tag = "intake"
	add(s, signedIn, op("getQuestionnaire", get, "/clinic/services/{id}/questionnaire", tag, "What patients are asked before a visit of the service"), s.getQuestionnaire)
	add(s, signedIn, op("setQuestionnaire", put, "/clinic/services/{id}/questionnaire", tag, "Publish other questions; who has answered keeps those that they answered"), s.setQuestionnaire)
	add(s, signedIn, op("getIntake", get, "/appointments/{id}/intake", tag, "What the patient tells before the visit; to the doctor while the visit opens the card"), s.getIntake)
	add(s, signedIn, op("saveIntake", put, "/appointments/{id}/intake", tag, "Save what the patient wrote so far, or say that it is all"), s.saveIntake)
	up := op("addIntakeFile", post, "/appointments/{id}/intake/files", tag, "Send a file before the visit; the body is the file")
	up.DefaultStatus = 201
	up.RequestBody = &huma.RequestBody{
		Required: true,
		Content: map[string]*huma.MediaType{
			"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
		},
	}
	add(s, signedIn, up, s.addIntakeFile)
	add(s, signedIn, op("removeIntakeFile", del, "/appointments/{id}/intake/files/{file}", tag, "Take a file back, until the visit begins"), s.removeIntakeFile)
	add(s, signedIn, op("decideCorrection", post, "/appointments/{id}/intake/corrections", tag, "The doctor accepts or refuses what the patient says about the card"), s.decideCorrection)
	add(s, signedIn, op("getContact", get, "/me/contact", "session", "How the patient is written to about visits"), s.getContact)
	add(s, signedIn, op("setContact", put, "/me/contact", "session", "Choose how to be written to about visits"), s.setContact)
}

type setQuestionnaireInput struct {
	ByID
	IfMatch string `header:"If-Match" maxLength:"40" doc:"Version of the questionnaire that was edited, 0 for none yet; required"`
	Body    QuestionnaireUpdate
}

type saveIntakeInput struct {
	ByID
	IfMatch string `header:"If-Match" maxLength:"40" doc:"Version of the intake that was edited, 0 before the first; required"`
	Body    IntakeUpdate
}

type removeFileInput struct {
	ByID
	File string `path:"file" maxLength:"64"`
}

type correctionInput struct {
	ByID
	Body CardDecision
}

type setContactInput struct{ Body ContactUpdate }

func (s *server) getQuestionnaire(ctx context.Context, who control.Actor, in *ByID) (*versioned[Questionnaire], error) {
	v, err := s.ctl.Questionnaires.Get(ctx, who, control.ServiceID(in.ID))
	return questionnaireAnswer(&v), err
}

func (s *server) setQuestionnaire(ctx context.Context, who control.Actor, in *setQuestionnaireInput) (*versioned[Questionnaire], error) {
	version, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	v, err := s.ctl.Questionnaires.Set(ctx, who, control.ServiceID(in.ID), in.Body.parse(), version)
	return questionnaireAnswer(&v), err
}

func (u *QuestionnaireUpdate) parse() []control.Question {
	var out []control.Question
	for _, q := range u.Questions {
		one := control.Question{
			ID: q.ID, Kind: control.QuestionKind(q.Kind), Label: control.Text(q.Label), Help: control.Text(q.Help),
			Required: q.Required, Unit: control.Text(q.Unit), Min: q.Min, Max: q.Max,
		}
		for _, o := range q.Options {
			one.Options = append(one.Options, control.Option{ID: o.ID, Label: control.Text(o.Label)})
		}
		out = append(out, one)
	}
	return out
}

func questionnaireAnswer(v *control.Questionnaire) *versioned[Questionnaire] {
	out := Questionnaire{
		ServiceID: string(v.Service), Number: v.Version, Version: v.Rev,
		QuestionnaireUpdate: QuestionnaireUpdate{Questions: []QuestionText{}},
	}
	if !v.At.IsZero() {
		out.Published = &v.At
	}
	for _, q := range v.Questions {
		one := QuestionText{
			ID: q.ID, Kind: string(q.Kind), Label: textsOf(q.Label), Help: q.Help, Required: q.Required, Unit: q.Unit, Min: q.Min, Max: q.Max,
		}
		for _, o := range q.Options {
			one.Options = append(one.Options, OptionText{ID: o.ID, Label: textsOf(o.Label)})
		}
		out.Questions = append(out.Questions, one)
	}
	return &versioned[Questionnaire]{ETag: etag(v.Rev), Body: out}
}

func (s *server) getIntake(ctx context.Context, who control.Actor, in *ByID) (*versioned[Intake], error) {
	v, err := s.ctl.Intakes.Get(ctx, who, control.AppointmentID(in.ID))
	return s.intakeAnswer(who, &v, err)
}

func (s *server) saveIntake(ctx context.Context, who control.Actor, in *saveIntakeInput) (*versioned[Intake], error) {
	version, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	body := control.IntakeInput{
		Version: in.Body.Number, Complaint: in.Body.Complaint, Answers: control.Answers{}, Card: map[control.CardPart]string{}, Submit: in.Body.Submit,
	}
	for _, a := range in.Body.Answers {
		body.Answers[a.Question] = a.Values
	}
	for _, c := range in.Body.Card {
		body.Card[control.CardPart(c.Part)] = c.Said
	}
	v, err := s.ctl.Intakes.Save(ctx, who, control.AppointmentID(in.ID), version, body)
	return s.intakeAnswer(who, &v, err)
}

func (s *server) addIntakeFile(ctx context.Context, who control.Actor, in *uploadInput) (*versioned[Intake], error) {
	name, err := url.PathUnescape(in.FileName)
	if err != nil {
		return nil, &control.Error{Code: control.CodeInvalid, Message: "must be percent-encoded UTF-8", Field: "header/X-File-Name"}
	}
	v, err := s.ctl.Intakes.AddFile(ctx, who, control.AppointmentID(in.ID), control.Upload{Name: name, ClientID: in.ClientID, Content: in.body})
	return s.intakeAnswer(who, &v, err)
}

func (s *server) removeIntakeFile(ctx context.Context, who control.Actor, in *removeFileInput) (*versioned[Intake], error) {
	v, err := s.ctl.Intakes.RemoveFile(ctx, who, control.AppointmentID(in.ID), control.DocumentID(in.File))
	return s.intakeAnswer(who, &v, err)
}

func (s *server) decideCorrection(ctx context.Context, who control.Actor, in *correctionInput) (*versioned[Intake], error) {
	v, err := s.ctl.Intakes.Decide(ctx, who, control.AppointmentID(in.ID), control.CardPart(in.Body.Part), in.Body.Accept)
	return s.intakeAnswer(who, &v, err)
}

func (s *server) intakeAnswer(who control.Actor, v *control.IntakeView, err error) (*versioned[Intake], error) {
	if err != nil {
		return nil, err
	}
	out := Intake{
		AppointmentID: string(v.Appointment.ID), Appointment: appointmentOf(who, &v.Appointment), Version: v.Rev, Editable: v.Editable,
		Complaint: v.Complaint, Number: v.Version, Questions: []Question{}, Answers: []Answer{}, Card: []CardWords{}, Files: []IntakeFile{},
	}
	if !v.Saved.IsZero() {
		out.SavedAt = &v.Saved
	}
	if !v.Submitted.IsZero() {
		out.SubmittedAt = &v.Submitted
	}
	for i := range v.Questions {
		q := questionOf(who.Locale, &v.Questions[i])
		out.Questions = append(out.Questions, q)
		if values, ok := v.Answers[q.ID]; ok {
			out.Answers = append(out.Answers, Answer{Question: q.ID, Values: values})
		}
	}
	for _, part := range control.CardParts() {
		words := CardWords{Part: string(part), Known: v.Card[part]}
		if c, ok := v.Corrections[part]; ok {
			words.Said, words.Decided = &c.Text, c.Decided
		}
		out.Card = append(out.Card, words)
	}
	for _, d := range v.Documents {
		out.Files = append(out.Files, IntakeFile{ID: string(d.ID), Name: d.Title, Mime: d.Mime, Size: d.Size})
	}
	return &versioned[Intake]{ETag: etag(v.Rev), Body: out}, nil
}

func questionOf(locale string, q *control.Question) Question {
	out := Question{
		ID: q.ID, Kind: string(q.Kind), Label: q.Label.In(locale, ""), Help: q.Help.In(locale, ""), Required: q.Required,
		Options: []Option{}, Unit: q.Unit.In(locale, ""), Min: q.Min, Max: q.Max,
	}
	for _, o := range q.Options {
		out.Options = append(out.Options, Option{ID: o.ID, Label: o.Label.In(locale, "")})
	}
	return out
}

// usual is the word for no choice of one's own.
const usual = "usual"

func (s *server) getContact(ctx context.Context, who control.Actor, _ *none) (*answer[Contact], error) {
	v, err := s.ctl.Sessions.Contact(ctx, who)
	return contactAnswer(&v), err
}

func (s *server) setContact(ctx context.Context, who control.Actor, in *setContactInput) (*answer[Contact], error) {
	wish := notify.Channel(in.Body.Channel)
	if in.Body.Channel == usual {
		wish = ""
	}
	v, err := s.ctl.Sessions.SetContact(ctx, who, wish)
	return contactAnswer(&v), err
}

func contactAnswer(v *control.Contact) *answer[Contact] {
	out := Contact{Channel: usual, Ways: []ContactWay{}}
	if v.Wish != "" {
		out.Channel = string(v.Wish)
	}
	for _, w := range v.Ways {
		out.Ways = append(out.Ways, ContactWay{Channel: string(w.Channel), To: w.To, Works: w.Works})
	}
	return &answer[Contact]{out}
}
