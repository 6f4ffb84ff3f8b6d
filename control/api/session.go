package api

import (
	"context"

	"consilium/control"
)

func (s *server) sessionRoutes() {
	const tag = "session"
	add(s, public, op("getConfig", get, "/config", tag, "What a page needs to know before sign-in"), s.getConfig)
	add(s, public, op("signInDemo", post, "/sessions/demo", tag, "Sign in by a demo link (demo mode only)"), s.signIn(control.LinkDemo))
	add(s, public, op("signInVisit", post, "/sessions/visit", tag, "Sign in by a patient's link"), s.signIn(control.LinkVisit))
	add(s, public, op("signInGuest", post, "/sessions/guest", tag, "Sign in by a guest's link"), s.signIn(control.LinkGuest))
	add(s, signedIn, op("signOut", del, "/session", tag, "End the session"), s.signOut)
	add(s, signedIn, op("getMe", get, "/me", tag, "The viewer"), s.getMe)
	add(s, signedIn, op("updateMe", patch, "/me", tag, "Change the viewer's own settings"), s.updateMe)
	add(s, signedIn, op("openLive", post, "/live", tag, "A ticket for the viewer's live events"), s.openLive)
}

type signInInput struct{ Body SignIn }

type updateMeInput struct{ Body MeUpdate }

type signedOut struct {
	SetCookie     string `header:"Set-Cookie"`
	ClearSiteData string `header:"Clear-Site-Data"`
}

func (s *server) getConfig(ctx context.Context, _ control.Actor, _ *none) (*answer[PublicConfig], error) {
	clinics, err := s.publicClinics(ctx)
	return &answer[PublicConfig]{PublicConfig{Version: s.cfg.Version, Demo: s.ctl.Demo(), Languages: s.cfg.Languages, Passkeys: s.ctl.SignIns.Passkeys(), Clinics: clinics}}, err
}

func (s *server) signIn(kind control.LinkKind) handler[signInInput, signedAnswer] {
	return func(ctx context.Context, _ control.Actor, in *signInInput) (*signedAnswer, error) {
		signed, err := s.ctl.Sessions.SignInFrom(ctx, kind, in.Body.Token, s.caller(ctx, ""))
		if err != nil {
			return nil, err
		}
		me, err := s.me(ctx, signed.Actor)
		if err != nil {
			return nil, err
		}
		return &signedAnswer{SetCookie: s.cookie(signed.Token, signed.Expires), Body: me}, nil
	}
}

func (s *server) signOut(ctx context.Context, who control.Actor, _ *none) (*signedOut, error) {
	if err := s.ctl.Sessions.SignOut(ctx, who); err != nil {
		return nil, err
	}
	return &signedOut{SetCookie: s.noCookie(), ClearSiteData: `"cache", "storage"`}, nil
}

func (s *server) getMe(ctx context.Context, who control.Actor, _ *none) (*answer[Me], error) {
	me, err := s.me(ctx, who)
	return &answer[Me]{me}, err
}

func (s *server) updateMe(ctx context.Context, who control.Actor, in *updateMeInput) (*answer[Me], error) {
	if err := s.ctl.Sessions.SetLocale(ctx, who, in.Body.Locale); err != nil {
		return nil, err
	}
	who.Locale = in.Body.Locale
	return s.getMe(ctx, who, nil)
}

func (s *server) openLive(ctx context.Context, who control.Actor, _ *none) (*answer[LiveTicket], error) {
	grant, err := s.ctl.Sessions.OpenLive(ctx, who)
	return &answer[LiveTicket]{LiveTicket{Grant: grant}}, err
}

func (s *server) me(ctx context.Context, who control.Actor) (Me, error) {
	p, err := s.ctl.Sessions.Profile(ctx, who)
	if err != nil {
		return Me{}, err
	}
	out := Me{
		AccountID: string(who.Account), Role: string(who.Role), Person: Ref{ID: p.PersonID, Name: who.Name},
		Clinic: Clinic{
			ID: string(p.Clinic.ID), Name: p.Clinic.Name.In(who.Locale, p.Clinic.Language()), Zone: p.Clinic.Zone,
			Currency: p.Clinic.Currency, Languages: p.Clinic.Languages, Accent: p.Clinic.Accent,
			Logo: logoPath(&p.Clinic), Phone: p.Clinic.Phone, Emergency: p.Clinic.Jurisdiction.Emergency,
		},
		Locale: p.Locale, Demo: s.ctl.Demo(), Home: "visit",
	}
	if who.Role.Staff() {
		out.Home = "calendar"
	}
	if who.Enrol {
		out.Home = "enrol"
	}
	if p.VisitAppID != "" {
		out.Visit = &Visit{AppointmentID: string(p.VisitAppID), EncounterID: string(p.Encounter)}
	}
	return out, nil
}
