package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"consilium/control"
	"consilium/internal/id"
)

type contextKey int

const (
	keyRequest contextKey = iota // *request
	keyActor                     // control.Actor
)

// request is what the outer middleware knows about one request and the inner
// layers add to.
type request struct {
	id      string
	pattern string // the route's pattern, never the path: paths carry ids
	session string // token of the session
	bearer  bool   // it came as one, not as a cookie
	signIn  string // cookie: second half of a sign-in under way
	device  string // cookie: this browser signed in before
	address string // network that the request comes from
	agent   string // User-Agent, raw
	locale  string // Accept-Language, raw
}

func requestOf(ctx context.Context) *request {
	if r, ok := ctx.Value(keyRequest).(*request); ok {
		return r
	}
	return &request{}
}

func requestID(ctx context.Context) string { return requestOf(ctx).id }

// wrap puts around every route, from outside in: request id and log, recovery,
// headers, the cross-origin check.
func (s *server) wrap(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	for _, origin := range append([]string{s.cfg.PublicURL}, s.cfg.TrustedOrigins...) {
		if origin == "" {
			continue
		}
		if err := cross.AddTrustedOrigin(origin); err != nil {
			s.log.Error("trusted origin ignored", "origin", origin, "error", err)
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		writeProblem(w, r, newProblem(http.StatusForbidden, "cross_origin", "This request came from another site."))
	}))
	guarded := cross.Handler(next)

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started := time.Now()
		req := &request{
			id: id.New(), signIn: s.read(r, signInCookieName), device: s.read(r, deviceCookieName),
			address: networkOf(r, s.cfg.TrustedProxies), agent: r.UserAgent(), locale: r.Header.Get("Accept-Language"),
		}
		req.session, req.bearer = s.sessionToken(r)
		r = r.WithContext(context.WithValue(r.Context(), keyRequest, req))
		rec := &recorder{ResponseWriter: w}
		s.headers(w.Header())
		w.Header().Set("X-Request-Id", req.id)
		defer func() {
			if v := recover(); v != nil {
				s.log.Error("panic in a request", "request", req.id, "panic", v, "stack", string(debug.Stack()))
				if !rec.wrote {
					writeProblem(rec, r, newProblem(http.StatusInternalServerError, string(control.CodeInternal), "The server failed; the log has the reason."))
				}
			}
			level := slog.LevelInfo
			if rec.status >= 500 {
				level = slog.LevelError
			}
			s.log.Log(r.Context(), level, "request", "method", r.Method, "route", req.pattern,
				"status", rec.status, "ms", time.Since(started).Milliseconds(), "request", req.id)
		}()
		if req.bearer {
			// No page of another site can make a browser send this header: the cookie,
			// which it could, counts for nothing here.
			next.ServeHTTP(rec, r)
			return
		}
		guarded.ServeHTTP(rec, r)
	})
}

// headers are those of every answer; a download overrides what it must.
func (s *server) headers(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	h.Set("Vary", "Cookie, Accept-Language")
	if s.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// recorder remembers the status for the log.
type recorder struct {
	http.ResponseWriter
	status int
	wrote  bool
}

func (r *recorder) WriteHeader(status int) {
	if !r.wrote {
		r.status, r.wrote = status, true
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if !r.wrote {
		r.status, r.wrote = http.StatusOK, true
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection's deadlines.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// report logs an internal error under the request's id and returns its problem.
func (s *server) report(ctx context.Context, err error) error {
	p := problemOf(err)
	p.TraceID = requestID(ctx)
	if p.Status >= 500 && !errors.Is(err, context.Canceled) {
		s.log.Error("request failed", "request", p.TraceID, "route", requestOf(ctx).pattern, "error", err)
	}
	return p
}
