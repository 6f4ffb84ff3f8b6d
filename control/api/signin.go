package api

import (
	"context"
	"strings"
	"time"

	"consilium/control"
	"consilium/control/notify"
)

func (s *server) signInRoutes() {
	const tag = "session"
	add(s, public, op("startSignIn", post, "/sign-in", tag, "Begin to sign in"), s.startSignIn)
	add(s, public, op("signInPassword", post, "/sign-in/password", tag, "Answer with the password"), s.signInPassword)
	add(s, public, op("sendSignInCode", post, "/sign-in/send", tag, "Ask for a code by email or SMS"), s.sendSignInCode)
	add(s, public, op("signInCode", post, "/sign-in/code", tag, "Answer with the code that was sent"), s.signInCode)
	add(s, public, op("signInPerson", post, "/sign-in/person", tag, "Say who it is, of the people who share a login"), s.signInPerson)
	add(s, public, op("signInApp", post, "/sign-in/app", tag, "Answer with an authenticator's code"), s.signInApp)
	add(s, public, op("signInRecovery", post, "/sign-in/recovery", tag, "Answer with a recovery code"), s.signInRecovery)
	add(s, public, op("startSignInPasskey", post, "/sign-in/passkey", tag, "Ask for a passkey"), s.startSignInPasskey)
	add(s, public, op("signInPasskey", post, "/sign-in/passkey/answer", tag, "Answer with what the passkey signed"), s.signInPasskey)
	add(s, public, op("forgotPassword", post, "/sign-in/forgot", tag, "Ask for a link to a new password"), s.forgotPassword)
	add(s, public, op("resetPassword", post, "/sign-in/reset", tag, "Set a new password by a link"), s.resetPassword)
}

type (
	startSignInInput  struct{ Body SignInStart }
	passwordInput     struct{ Body SignInPassword }
	sendInput         struct{ Body SignInSend }
	codeInput         struct{ Body SignInCode }
	personInput       struct{ Body SignInPerson }
	startPasskeyInput struct{ Body PasskeyStart }
	passkeyInput      struct{ Body SignInPasskey }
	forgotInput       struct{ Body ForgottenPassword }
	resetInput        struct{ Body PasswordReset }
	signInStepAnswer  struct {
		SetCookie []string `header:"Set-Cookie"`
		Body      SignInStep
	}
)

// caller is the device behind a request; device is what an application outside a browser
// sent in the body.
func (s *server) caller(ctx context.Context, device string) control.Caller {
	req := requestOf(ctx)
	c := control.Caller{Address: req.address, Agent: req.agent, Device: device, Session: req.session}
	if c.Device == "" {
		c.Device = req.device
	}
	return c
}

// proof is a sign-in under way; in a browser its second half is the cookie.
func proof(ctx context.Context, p SignInProof) control.Proof {
	if p.Browser == "" {
		p.Browser = requestOf(ctx).signIn
	}
	return control.Proof{Attempt: p.Attempt, Browser: p.Browser}
}

func (s *server) startSignIn(ctx context.Context, _ control.Actor, in *startSignInInput) (*signInStepAnswer, error) {
	clinic, err := s.ctl.SignIns.Clinic(ctx, control.ClinicID(in.Body.ClinicID))
	if err != nil {
		return nil, err
	}
	bearer := in.Body.As == "token"
	step, err := s.ctl.SignIns.Start(ctx, clinic, in.Body.Login, bearer, s.caller(ctx, in.Body.Device))
	if err != nil {
		return nil, err
	}
	return s.begun(ctx, step, bearer)
}

// begun is a sign-in's first answer: to a browser the second half goes as a cookie.
func (s *server) begun(ctx context.Context, step control.Step, bearer bool) (*signInStepAnswer, error) {
	out, err := s.stepAnswer(ctx, step)
	if err != nil {
		return nil, err
	}
	out.Body.Attempt = step.Proof.Attempt
	if bearer {
		out.Body.Browser = step.Proof.Browser
	} else {
		out.SetCookie = append(out.SetCookie, s.signInCookie(step.Proof.Browser, step.Expires))
	}
	return out, nil
}

// stepAnswer shows a step. At the end the session goes into a cookie, or into the body
// when a token was asked for.
func (s *server) stepAnswer(ctx context.Context, step control.Step) (*signInStepAnswer, error) {
	out := &signInStepAnswer{Body: SignInStep{Step: string(step.At), ExpiresAt: step.Expires, SentTo: step.SentTo, ResendAt: optional(step.Resend)}}
	for _, p := range step.People {
		out.Body.People = append(out.Body.People, SignInName{ID: string(p.ID), Name: p.Name, Role: string(p.Role)})
	}
	for _, f := range step.Second {
		out.Body.Second = append(out.Body.Second, SecondFactor{Factor: string(f.Factor), Channel: string(f.Channel), To: f.To})
	}
	if step.Done == nil {
		return out, nil
	}
	me, err := s.me(ctx, step.Done.Actor)
	if err != nil {
		return nil, err
	}
	out.Body.Me = &me
	if step.Done.Bearer {
		out.Body.Token = &BearerToken{Token: step.Done.Token, ExpiresAt: step.Done.Expires, Device: step.Done.Device}
		return out, nil
	}
	out.SetCookie = []string{s.cookie(step.Done.Token, step.Done.Expires), s.signInCookie("", time.Time{}), s.deviceCookie(step.Done.Device)}
	return out, nil
}

func (s *server) stepped(ctx context.Context, step control.Step, err error) (*signInStepAnswer, error) {
	if err != nil {
		return nil, err
	}
	return s.stepAnswer(ctx, step)
}

func (s *server) signInPassword(ctx context.Context, _ control.Actor, in *passwordInput) (*signInStepAnswer, error) {
	step, err := s.ctl.SignIns.Password(ctx, proof(ctx, in.Body.SignInProof), in.Body.Password, s.caller(ctx, in.Body.Device))
	return s.stepped(ctx, step, err)
}

func (s *server) sendSignInCode(ctx context.Context, _ control.Actor, in *sendInput) (*signInStepAnswer, error) {
	step, err := s.ctl.SignIns.SendCode(ctx, proof(ctx, in.Body.SignInProof), notify.Channel(in.Body.Channel), s.caller(ctx, in.Body.Device))
	return s.stepped(ctx, step, err)
}

func (s *server) signInCode(ctx context.Context, _ control.Actor, in *codeInput) (*signInStepAnswer, error) {
	step, err := s.ctl.SignIns.Code(ctx, proof(ctx, in.Body.SignInProof), in.Body.Code, s.caller(ctx, in.Body.Device))
	return s.stepped(ctx, step, err)
}

func (s *server) signInPerson(ctx context.Context, _ control.Actor, in *personInput) (*signInStepAnswer, error) {
	step, err := s.ctl.SignIns.Choose(ctx, proof(ctx, in.Body.SignInProof), control.AccountID(in.Body.PersonID), s.caller(ctx, in.Body.Device))
	return s.stepped(ctx, step, err)
}

func (s *server) signInApp(ctx context.Context, _ control.Actor, in *codeInput) (*signInStepAnswer, error) {
	step, err := s.ctl.SignIns.App(ctx, proof(ctx, in.Body.SignInProof), in.Body.Code, s.caller(ctx, in.Body.Device))
	return s.stepped(ctx, step, err)
}

func (s *server) signInRecovery(ctx context.Context, _ control.Actor, in *codeInput) (*signInStepAnswer, error) {
	step, err := s.ctl.SignIns.Recovery(ctx, proof(ctx, in.Body.SignInProof), in.Body.Code, s.caller(ctx, in.Body.Device))
	return s.stepped(ctx, step, err)
}

func (s *server) startSignInPasskey(ctx context.Context, _ control.Actor, in *startPasskeyInput) (*signInStepAnswer, error) {
	b := in.Body
	c := s.caller(ctx, b.Device)
	if b.Attempt != "" {
		step, err := s.ctl.SignIns.AskPasskey(ctx, proof(ctx, SignInProof{Attempt: b.Attempt, Browser: b.Browser}), c)
		if err != nil {
			return nil, err
		}
		out, err := s.stepAnswer(ctx, step.Step)
		if err == nil {
			out.Body.Options = step.Options
		}
		return out, err
	}
	clinic, err := s.ctl.SignIns.Clinic(ctx, control.ClinicID(b.ClinicID))
	if err != nil {
		return nil, err
	}
	step, err := s.ctl.SignIns.StartPasskey(ctx, clinic, b.As == "token", c)
	if err != nil {
		return nil, err
	}
	out, err := s.begun(ctx, step.Step, b.As == "token")
	if err == nil {
		out.Body.Options = step.Options
	}
	return out, err
}

func (s *server) signInPasskey(ctx context.Context, _ control.Actor, in *passkeyInput) (*signInStepAnswer, error) {
	step, err := s.ctl.SignIns.Passkey(ctx, proof(ctx, in.Body.SignInProof), in.Body.Credential, s.caller(ctx, in.Body.Device))
	return s.stepped(ctx, step, err)
}

func (s *server) forgotPassword(ctx context.Context, _ control.Actor, in *forgotInput) (*none, error) {
	clinic, err := s.ctl.SignIns.Clinic(ctx, control.ClinicID(in.Body.ClinicID))
	if err != nil {
		return nil, err
	}
	return &none{}, s.ctl.SignIns.Forgot(ctx, clinic, in.Body.Login, s.caller(ctx, ""))
}

func (s *server) resetPassword(ctx context.Context, _ control.Actor, in *resetInput) (*none, error) {
	return &none{}, s.ctl.SignIns.Reset(ctx, strings.TrimSpace(in.Body.Token), in.Body.Password)
}

// optional is nil for no time.
func optional(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
