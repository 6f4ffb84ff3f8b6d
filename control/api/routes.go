package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"consilium/control"
)

// handler serves one operation for a viewer. For public operations the viewer is
// the zero Actor.
type handler[I, O any] func(ctx context.Context, viewer control.Actor, in *I) (*O, error)

// access says who may call an operation at all; what a role may do is control's.
type access int

const (
	public   access = iota // nobody need be signed in
	signedIn               // a session is required
)

// routes registers every operation; each file registers its own beside its handlers.
func (s *server) routes() {
	s.sessionRoutes()
	s.signInRoutes()
	s.securityRoutes()
	s.clinicRoutes()
	s.settingsRoutes()
	s.staffRoutes()
	s.servicesRoutes()
	s.auditRoutes()
	s.scheduleRoutes()
	s.appointmentRoutes()
	s.calendarRoutes()
	s.feedRoutes()
	s.bookingRoutes()
	s.waitlistRoutes()
	s.encounterRoutes()
	s.chatRoutes()
	s.compositionRoutes()
	s.cardRoutes()
	s.emergencyRoutes()
	s.inviteRoutes()
	s.consentRoutes()
	s.accessRoutes()
	s.intakeRoutes()
}

// add registers an operation: authentication comes before the request is even
// decoded, and every error leaves as a problem.
func add[I, O any](s *server, who access, op huma.Operation, h handler[I, O]) {
	pattern := op.Method + " " + prefix + op.Path
	if who == signedIn {
		op.Security = []map[string][]string{{"session": {}}, {"bearer": {}}}
	}
	op.Middlewares = append(op.Middlewares, func(ctx huma.Context, next func(huma.Context)) {
		requestOf(ctx.Context()).pattern = pattern
		if who == public {
			next(ctx)
			return
		}
		viewer, err := s.viewer(ctx.Context())
		if err != nil {
			r, w := unwrap(ctx)
			p, _ := s.report(r.Context(), err).(*Problem)
			writeProblem(w, r, p)
			return
		}
		next(huma.WithValue(ctx, keyActor, viewer))
	})
	huma.Register(s.api, op, func(ctx context.Context, in *I) (*O, error) {
		viewer, _ := ctx.Value(keyActor).(control.Actor)
		out, err := h(ctx, viewer, in)
		if err != nil {
			return nil, s.report(ctx, err)
		}
		return out, nil
	})
}

// op describes an operation; its id is the name of the generated client's method.
func op(id, method, path, tag, summary string) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Tags: []string{tag}, Summary: summary,
		MaxBodyBytes: 256 << 10, BodyReadTimeout: 30 * time.Second,
	}
}

type none struct{}

// ByID is the input of operations on one thing.
type ByID struct {
	ID string `path:"id" maxLength:"64"`
}

// answer is a JSON body.
type answer[T any] struct {
	Body T
}

// versioned is a JSON body with its version as ETag.
type versioned[T any] struct {
	ETag string `header:"ETag" doc:"The version, quoted"`
	Body T
}

// signedAnswer sets or clears the session cookie.
type signedAnswer struct {
	SetCookie string `header:"Set-Cookie"`
	Body      Me
}

const (
	get   = http.MethodGet
	post  = http.MethodPost
	put   = http.MethodPut
	patch = http.MethodPatch
	del   = http.MethodDelete
)
