package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"consilium/control"
	"consilium/control/calendar"
)

func (s *server) settingsRoutes() {
	const tag = "clinic"
	add(s, signedIn, op("getClinic", get, "/clinic", tag, "The clinic and its settings, for its administrator"), s.getClinic)
	add(s, signedIn, op("setClinic", put, "/clinic", tag, "Change the clinic and its settings"), s.setClinic)
	logo := op("setLogo", put, "/clinic/logo", tag, "Set the clinic's picture: PNG, JPEG or GIF, at most 512 KiB; the body is the file")
	logo.RequestBody = &huma.RequestBody{Required: true, Content: binary()}
	add(s, signedIn, logo, s.setLogo)
	add(s, signedIn, op("removeLogo", del, "/clinic/logo", tag, "Take the clinic's picture away"), s.removeLogo)
	add(s, signedIn, op("listConsents", get, "/consents", tag, "The consents that patients give before a service"), s.listConsents)
	// The version in the path only makes browsers ask anew.
	picture := op("getLogo", get, "/clinics/{id}/logo", tag, "A clinic's picture, for anybody")
	picture.Responses = map[string]*huma.Response{"200": {Description: "The picture", Content: binary()}}
	add(s, public, picture, s.getLogo)
}

// binary is the content of a file.
func binary() map[string]*huma.MediaType {
	return map[string]*huma.MediaType{
		"application/octet-stream": {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}},
	}
}

type setClinicInput struct {
	IfMatch string `header:"If-Match" maxLength:"40" doc:"Version of the clinic that was edited; required"`
	Body    ClinicUpdate
}

type logoInput struct{ body io.Reader }

// Resolve keeps the body for the handler.
func (in *logoInput) Resolve(ctx huma.Context) []error {
	in.body = ctx.BodyReader()
	_ = ctx.SetReadDeadline(time.Now().Add(time.Minute)) // not every connection has deadlines
	return nil
}

type getLogoInput struct {
	ByID
	V string `query:"v" maxLength:"64" doc:"Any: a new picture has another"`
}

type listConsentsInput struct {
	ServiceID string `query:"serviceId" required:"true" maxLength:"64"`
}

func (s *server) getClinic(ctx context.Context, who control.Actor, _ *none) (*versioned[ClinicSettings], error) {
	v, err := s.ctl.Clinics.Settings(ctx, who)
	return clinicAnswer(who, &v), err
}

func (s *server) setClinic(ctx context.Context, who control.Actor, in *setClinicInput) (*versioned[ClinicSettings], error) {
	version, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	to, err := in.Body.parse()
	if err != nil {
		return nil, err
	}
	v, err := s.ctl.Clinics.Update(ctx, who, to, version)
	return clinicAnswer(who, &v), err
}

func (s *server) setLogo(ctx context.Context, who control.Actor, in *logoInput) (*versioned[ClinicSettings], error) {
	v, err := s.ctl.Clinics.SetLogo(ctx, who, in.body)
	return clinicAnswer(who, &v), err
}

func (s *server) removeLogo(ctx context.Context, who control.Actor, _ *none) (*versioned[ClinicSettings], error) {
	v, err := s.ctl.Clinics.RemoveLogo(ctx, who)
	return clinicAnswer(who, &v), err
}

func (s *server) listConsents(ctx context.Context, who control.Actor, in *listConsentsInput) (*answer[ConsentList], error) {
	found, err := s.ctl.Clinics.Consents(ctx, who, control.ServiceID(in.ServiceID))
	return &answer[ConsentList]{ConsentList{Items: consentsOf(who, found)}}, err
}

func (s *server) getLogo(ctx context.Context, _ control.Actor, in *getLogoInput) (*content, error) {
	file, logo, err := s.ctl.Clinics.Logo(ctx, control.ClinicID(in.ID))
	if err != nil {
		return nil, err
	}
	return &content{func(c huma.Context) {
		defer file.Close()
		r, w := unwrap(c)
		w.Header().Set("Content-Type", logo.Mime)
		w.Header().Set("Cache-Control", "public, max-age=300")
		w.Header().Set("Content-Disposition", "inline")
		http.ServeContent(w, r, "", time.Time{}, file)
	}}, nil
}

// parse reads what a client sent; what it means is control's to judge.
func (u *ClinicUpdate) parse() (control.ClinicUpdate, error) {
	out := control.ClinicUpdate{
		Name: control.Text(u.Name), Zone: u.Zone, Languages: u.Languages, Licence: u.Licence,
		Address: control.Text(u.Address), Phone: u.Phone, Accent: u.Accent,
		Settings: control.Settings{
			RequireStrong: u.Settings.RequireStrong, StaffIdle: minutes(u.Settings.StaffIdleMin), MaxGuests: u.Settings.MaxGuests,
		},
	}
	if q := u.Settings.Quiet; q != nil {
		window, err := (&HoursWindow{From: q.From, To: q.To}).window("/settings/quiet")
		if err != nil {
			return out, err
		}
		out.Settings.Quiet = control.Quiet{From: window.From, To: window.To}
	}
	return out, nil
}

func clinicAnswer(who control.Actor, v *control.Clinic) *versioned[ClinicSettings] {
	out := ClinicSettings{
		ID: string(v.ID), Slug: v.Slug, Currency: v.Currency, Logo: logoPath(v), Jurisdiction: jurisdictionOf(who, &v.Jurisdiction), Version: v.Rev,
		ClinicUpdate: ClinicUpdate{
			Name: textsOf(v.Name), Zone: v.Zone, Languages: append([]string{}, v.Languages...), Licence: v.Licence,
			Address: textsOf(v.Address), Phone: v.Phone, Accent: v.Accent,
			Settings: ClinicPolicies{
				RequireStrong: v.Settings.RequireStrong, StaffIdleMin: int(v.Settings.StaffIdle.Minutes()), MaxGuests: v.Settings.MaxGuests,
			},
		},
	}
	if q := v.Settings.Quiet; q != (control.Quiet{}) {
		w := windowOf(calendar.Window{From: q.From, To: q.To})
		out.Settings.Quiet = &QuietHours{From: w.From, To: w.To}
	}
	return &versioned[ClinicSettings]{ETag: etag(v.Rev), Body: out}
}

func jurisdictionOf(who control.Actor, v *control.Jurisdiction) Jurisdiction {
	out := Jurisdiction{
		ID: v.ID, Name: v.Name.In(who.Locale, ""), Note: v.Note.In(who.Locale, ""), Kinds: []KindRule{},
		Consents: consentsOf(who, v.Consents), RetentionYears: v.RetentionYears, Emergency: v.Emergency,
	}
	for _, kind := range control.ServiceKinds() {
		rule := v.Rule(kind)
		out.Kinds = append(out.Kinds, KindRule{Kind: string(kind), Allow: string(rule.Allow), Reason: rule.Reason.In(who.Locale, "")})
	}
	return out
}

func consentsOf(who control.Actor, all []control.ConsentNeed) []Consent {
	out := []Consent{}
	for _, c := range all {
		out = append(out, Consent{
			ID: c.ID, Version: c.Version, Required: c.Required, Title: c.Title.In(who.Locale, ""), Text: c.Text.In(who.Locale, ""),
		})
	}
	return out
}

// publicClinics are the open clinics in the visitor's language.
func (s *server) publicClinics(ctx context.Context) ([]PublicClinic, error) {
	all, err := s.ctl.Clinics.Open(ctx)
	out := []PublicClinic{}
	for i := range all {
		v := &all[i]
		out = append(out, PublicClinic{
			ID: string(v.ID), Slug: v.Slug, Name: v.Name.In(firstLanguage(requestOf(ctx).locale, v.Languages), v.Language()),
			Languages: append([]string{}, v.Languages...), Accent: v.Accent, Phone: v.Phone, Logo: logoPath(v),
		})
	}
	return out, err
}

// logoPath is where a clinic's picture is; a new picture has a new path.
func logoPath(v *control.Clinic) string {
	if v.Logo.Blob == "" {
		return ""
	}
	return prefix + "/clinics/" + string(v.ID) + "/logo?v=" + v.Logo.Blob[:8]
}

func textsOf(t control.Text) Texts {
	if t == nil {
		return Texts{}
	}
	return Texts(t)
}
