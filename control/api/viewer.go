package api

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"consilium/control"
)

func unwrap(ctx huma.Context) (*http.Request, http.ResponseWriter) { return humago.Unwrap(ctx) }

// viewer returns who a request's session belongs to, with the language that the
// answer is to be in.
func (s *server) viewer(ctx context.Context) (control.Actor, error) {
	req := requestOf(ctx)
	who, err := s.ctl.Sessions.Authenticate(ctx, req.session)
	if err != nil {
		return who, err
	}
	if req.locale == "" {
		return who, nil
	}
	clinic, err := s.ctl.Clinics.Get(ctx, who)
	if err != nil {
		return who, err
	}
	if l := firstLanguage(req.locale, clinic.Languages); l != "" {
		who.Locale = l
	}
	return who, nil
}

// firstLanguage returns the first language of an Accept-Language header that is
// among those known; quality values are taken to be in order, as browsers send
// them. A first choice that is unknown gives way to the next.
func firstLanguage(header string, known []string) string {
	for part := range strings.SplitSeq(header, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		for _, k := range known {
			if base == k {
				return k
			}
		}
	}
	return ""
}
