package api

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"consilium/control"
)

// prefix leads every path of this version of the API. Changes within a version
// only add.
const prefix = "/api/v1"

// Config holds what the HTTP face needs to know about its place.
type Config struct {
	// PublicURL is the address that people's browsers use, without a path. With
	// https the session cookie becomes Secure and __Host-.
	PublicURL string
	// Version of the server, shown by GET /config.
	Version string
	// Languages of the web application.
	Languages []string
	// TrustedOrigins may send unsafe requests besides PublicURL's own origin.
	TrustedOrigins []string
	// TrustedProxies are believed when they say where a request comes from.
	TrustedProxies []netip.Prefix
}

type server struct {
	ctl    *control.Control
	cfg    Config
	log    *slog.Logger
	api    huma.API
	secure bool // the public URL is https
}

// New returns the handler of everything below /api/ and /ical/. It is safe for
// concurrent use.
func New(ctl *control.Control, cfg Config, log *slog.Logger) http.Handler {
	if len(cfg.Languages) == 0 {
		cfg.Languages = []string{"ru", "en"}
	}
	s := &server{ctl: ctl, cfg: cfg, log: log, secure: strings.HasPrefix(cfg.PublicURL, "https://")}
	mux := http.NewServeMux()
	s.api = humago.NewWithPrefix(mux, prefix, humaConfig())
	s.routes()
	spec := s.spec()
	mux.HandleFunc("GET "+prefix+"/openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/openapi+json")
		_, _ = w.Write(spec) // the client may be gone; there is nobody to tell
	})
	mux.HandleFunc(icalPath, s.ical)
	mux.HandleFunc("/", s.fallback(mux))
	return s.wrap(mux)
}

func humaConfig() huma.Config {
	registry := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	registry.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[Problem]())
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:       "Consilium",
				Version:     "1.0.0",
				Description: "The HTTP face of a clinic's server for remote consultations. Every error is an RFC 9457 problem with a stable `code`.",
				License:     &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"},
			},
			Components: &huma.Components{
				Schemas: registry,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"session": {Type: "apiKey", In: "cookie", Name: cookieName, Description: "Set by the sign-in operations; named " + secureCookieName + " when the server is reached by https."},
					"bearer":  {Type: "http", Scheme: "bearer", Description: "A token from signing in with as=token, or one of the clinic's own systems."},
				},
			},
			Tags: []*huma.Tag{
				{Name: "session", Description: "Signing in and out, the viewer"},
				{Name: "security", Description: "What people sign in with, their devices, tokens of the clinic's systems"},
				{Name: "schedule", Description: "Hours and free times"},
				{Name: "appointment", Description: "Plans to meet and their states"},
				{Name: "encounter", Description: "The consultation: room, chat, files, conclusion"},
				{Name: "clinic", Description: "Services, doctors, patients"},
				{Name: "staff", Description: "The people who work for the clinic"},
				{Name: "emergency", Description: "Help at once: the queue, doctors on duty, offers"},
				{Name: "invitation", Description: "Inviting patients, and accepting"},
				{Name: "access", Description: "Who sees a card, and who has"},
				{Name: "consent", Description: "What patients agree to"},
				{Name: "intake", Description: "What patients tell before a visit: questionnaires, answers, files"},
				{Name: "card", Description: "A patient's card and its documents"},
			},
		},
		Formats:                      map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat:                "application/json",
		RejectUnknownQueryParameters: true,
		Transformers:                 []huma.Transformer{toProblem},
	}
}

// toProblem rewrites the framework's errors; ours pass as they are.
func toProblem(ctx huma.Context, _ string, v any) (any, error) {
	if m, ok := v.(*huma.ErrorModel); ok {
		p := fromHuma(m)
		p.TraceID = requestID(ctx.Context())
		return p, nil
	}
	return v, nil
}

// spec returns the OpenAPI document, indented and stable.
func (s *server) spec() []byte {
	b, err := json.MarshalIndent(s.api.OpenAPI(), "", "  ")
	if err != nil { // a broken type in our own code; the OpenAPI test fails on it
		return fmt.Appendf(nil, "{%q: %q}", "error", err)
	}
	return append(b, '\n')
}

// fallback answers what no route took: 405 when another method would do, else 404.
func (s *server) fallback(mux *http.ServeMux) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var allow []string
		for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			probe := r.Clone(r.Context())
			probe.Method = m
			if _, pattern := mux.Handler(probe); pattern != "/" && pattern != "" {
				allow = append(allow, m)
			}
		}
		if len(allow) > 0 {
			w.Header().Set("Allow", strings.Join(allow, ", "))
			writeProblem(w, r, newProblem(http.StatusMethodNotAllowed, "method", "Allowed here: "+strings.Join(allow, ", ")))
			return
		}
		writeProblem(w, r, newProblem(http.StatusNotFound, string(control.CodeNotFound), "no such path"))
	}
}

func writeProblem(w http.ResponseWriter, r *http.Request, p *Problem) {
	p.TraceID = requestID(r.Context())
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // the client may be gone; there is nobody to tell
}
