package api

import (
	"context"

	"consilium/control"
)

func (s *server) securityRoutes() {
	const tag = "security"
	add(s, public, op("signInActivation", post, "/sessions/activation", tag, "Open a session by an activation link, to choose how to sign in"), s.signIn(control.LinkActivate))
	add(s, signedIn, op("getSecurity", get, "/me/security", tag, "What the viewer signs in with"), s.getSecurity)
	add(s, signedIn, op("setPassword", put, "/me/security/password", tag, "Set or change the password; all other sessions end"), s.setPassword)
	add(s, signedIn, op("startAuthenticator", post, "/me/security/app", tag, "Make a secret for an authenticator app"), s.startAuthenticator)
	add(s, signedIn, op("confirmAuthenticator", put, "/me/security/app", tag, "Take the authenticator into use by its first code"), s.confirmAuthenticator)
	add(s, signedIn, op("removeAuthenticator", del, "/me/security/app", tag, "Take the authenticator out of use"), s.removeAuthenticator)
	add(s, signedIn, op("startPasskey", post, "/me/security/passkeys/options", tag, "Begin to make a passkey"), s.startPasskey)
	add(s, signedIn, op("addPasskey", post, "/me/security/passkeys", tag, "Take a passkey into use"), s.addPasskey)
	add(s, signedIn, op("renamePasskey", patch, "/me/security/passkeys/{id}", tag, "Rename a passkey"), s.renamePasskey)
	add(s, signedIn, op("removePasskey", del, "/me/security/passkeys/{id}", tag, "Take a passkey out of use"), s.removePasskey)
	add(s, signedIn, op("renewRecoveryCodes", post, "/me/security/recovery", tag, "Make ten recovery codes, in place of those before"), s.renewRecoveryCodes)
	add(s, signedIn, op("finishEnrolment", post, "/me/security/finish", tag, "End the time in which only a sign-in can be set up"), s.finishEnrolment)
	add(s, signedIn, op("listSessions", get, "/sessions", tag, "The viewer's signed-in devices"), s.listSessions)
	add(s, signedIn, op("endSession", del, "/sessions/{id}", tag, "Sign one device out"), s.endSession)
	add(s, signedIn, op("endSessions", del, "/sessions", tag, "Sign out everywhere, here too"), s.endSessions)
	add(s, signedIn, op("listTokens", get, "/tokens", tag, "Tokens of the clinic's own systems"), s.listTokens)
	add(s, signedIn, op("createToken", post, "/tokens", tag, "Make a token; its secret is shown once"), s.createToken)
	add(s, signedIn, op("revokeToken", del, "/tokens/{id}", tag, "Revoke a token"), s.revokeToken)
}

type (
	newPasswordInput   struct{ Body NewPassword }
	appCodeInput       struct{ Body AppCode }
	newPasskeyInput    struct{ Body NewPasskey }
	renamePasskeyInput struct {
		ByID
		Body PasskeyName
	}
	newTokenInput struct{ Body NewAPIToken }
	renewedAnswer struct {
		SetCookie string `header:"Set-Cookie"`
		Body      RenewedSession
	}
)

func (s *server) getSecurity(ctx context.Context, who control.Actor, _ *none) (*answer[Security], error) {
	v, err := s.ctl.Security.View(ctx, who)
	if err != nil {
		return nil, err
	}
	out := Security{
		Email: v.Email, Phone: v.Phone, PasswordSet: optional(v.Password), App: v.App, Passkeys: []Passkey{}, CanPasskey: v.PasskeysWork,
		Recovery: v.Recovery, Required: v.Required, Fresh: v.Fresh,
	}
	for _, k := range v.Passkeys {
		out.Passkeys = append(out.Passkeys, showPasskey(k))
	}
	return &answer[Security]{out}, nil
}

func showPasskey(k control.Passkey) Passkey {
	return Passkey{ID: k.ID, Name: k.Name, CreatedAt: k.Created, UsedAt: optional(k.Used)}
}

// renewed gives a session's new secret the way that the old one came.
func (s *server) renewed(ctx context.Context, in control.SignedIn) (*renewedAnswer, error) {
	me, err := s.me(ctx, in.Actor)
	if err != nil {
		return nil, err
	}
	out := &renewedAnswer{Body: RenewedSession{Me: me}}
	if requestOf(ctx).bearer {
		out.Body.Token = &BearerToken{Token: in.Token, ExpiresAt: in.Expires}
	} else {
		out.SetCookie = s.cookie(in.Token, in.Expires)
	}
	return out, nil
}

func (s *server) setPassword(ctx context.Context, who control.Actor, in *newPasswordInput) (*renewedAnswer, error) {
	signed, err := s.ctl.Security.SetPassword(ctx, who, in.Body.Password)
	if err != nil {
		return nil, err
	}
	return s.renewed(ctx, signed)
}

func (s *server) startAuthenticator(ctx context.Context, who control.Actor, _ *none) (*answer[NewAuthenticator], error) {
	v, err := s.ctl.Security.StartApp(ctx, who)
	return &answer[NewAuthenticator]{NewAuthenticator{Secret: v.Secret, URI: v.URI, QRSize: v.QR.Size, QRPath: v.QR.Path}}, err
}

func (s *server) confirmAuthenticator(ctx context.Context, who control.Actor, in *appCodeInput) (*none, error) {
	return &none{}, s.ctl.Security.ConfirmApp(ctx, who, in.Body.Code)
}

func (s *server) removeAuthenticator(ctx context.Context, who control.Actor, _ *none) (*none, error) {
	return &none{}, s.ctl.Security.RemoveApp(ctx, who)
}

func (s *server) startPasskey(ctx context.Context, who control.Actor, _ *none) (*answer[PasskeyOptions], error) {
	options, err := s.ctl.Security.StartPasskey(ctx, who)
	return &answer[PasskeyOptions]{PasskeyOptions{Options: options}}, err
}

func (s *server) addPasskey(ctx context.Context, who control.Actor, in *newPasskeyInput) (*answer[Passkey], error) {
	v, err := s.ctl.Security.AddPasskey(ctx, who, in.Body.Name, in.Body.Credential)
	return &answer[Passkey]{showPasskey(v)}, err
}

func (s *server) renamePasskey(ctx context.Context, who control.Actor, in *renamePasskeyInput) (*none, error) {
	return &none{}, s.ctl.Security.RenamePasskey(ctx, who, in.ID, in.Body.Name)
}

func (s *server) removePasskey(ctx context.Context, who control.Actor, in *ByID) (*none, error) {
	return &none{}, s.ctl.Security.RemovePasskey(ctx, who, in.ID)
}

func (s *server) renewRecoveryCodes(ctx context.Context, who control.Actor, _ *none) (*answer[RecoveryCodes], error) {
	codes, err := s.ctl.Security.NewRecovery(ctx, who)
	return &answer[RecoveryCodes]{RecoveryCodes{Codes: codes}}, err
}

func (s *server) finishEnrolment(ctx context.Context, who control.Actor, _ *none) (*renewedAnswer, error) {
	signed, err := s.ctl.Security.FinishEnrolment(ctx, who)
	if err != nil {
		return nil, err
	}
	return s.renewed(ctx, signed)
}

func (s *server) listSessions(ctx context.Context, who control.Actor, _ *none) (*answer[SessionList], error) {
	all, err := s.ctl.Security.Sessions(ctx, who)
	if err != nil {
		return nil, err
	}
	out := SessionList{Items: []SessionInfo{}}
	for _, v := range all {
		by := "link"
		if v.Kind == control.LinkSignIn {
			by = "sign_in"
		}
		out.Items = append(out.Items, SessionInfo{
			ID: string(v.ID), Device: v.Device, By: by, CreatedAt: v.Created, SeenAt: v.LastSeen, Current: v.ID == who.Session,
		})
	}
	return &answer[SessionList]{out}, nil
}

func (s *server) endSession(ctx context.Context, who control.Actor, in *ByID) (*none, error) {
	return &none{}, s.ctl.Security.EndSession(ctx, who, control.SessionID(in.ID))
}

func (s *server) endSessions(ctx context.Context, who control.Actor, _ *none) (*signedOut, error) {
	if err := s.ctl.Security.EndSessions(ctx, who); err != nil {
		return nil, err
	}
	return &signedOut{SetCookie: s.noCookie(), ClearSiteData: `"cache", "storage"`}, nil
}

func (s *server) listTokens(ctx context.Context, who control.Actor, _ *none) (*answer[APITokenList], error) {
	all, err := s.ctl.Tokens.List(ctx, who)
	if err != nil {
		return nil, err
	}
	out := APITokenList{Items: []APIToken{}, Scopes: control.ScopeNames()}
	for _, v := range all {
		out.Items = append(out.Items, showToken(v))
	}
	return &answer[APITokenList]{out}, nil
}

func showToken(v control.APIToken) APIToken {
	return APIToken{ID: string(v.ID), Name: v.Name, Scopes: v.Scopes.Names(), CreatedAt: v.Created, ExpiresAt: v.Expires, UsedAt: optional(v.Used)}
}

func (s *server) createToken(ctx context.Context, who control.Actor, in *newTokenInput) (*answer[CreatedAPIToken], error) {
	v, secret, err := s.ctl.Tokens.Create(ctx, who, control.NewToken{Name: in.Body.Name, Scopes: in.Body.Scopes, Expires: in.Body.ExpiresAt})
	return &answer[CreatedAPIToken]{CreatedAPIToken{APIToken: showToken(v), Token: secret}}, err
}

func (s *server) revokeToken(ctx context.Context, who control.Actor, in *ByID) (*none, error) {
	return &none{}, s.ctl.Tokens.Revoke(ctx, who, in.ID)
}
