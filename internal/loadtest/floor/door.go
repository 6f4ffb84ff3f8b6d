package floor

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"consilium/internal/loadtest"
)

// ServeHTTP lets a participant in (POST /enter with the offer) or out (POST /leave);
// room and name are in the query.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch {
	case r.Method != http.MethodPost:
		http.Error(w, "post an offer", http.StatusMethodNotAllowed)
	case r.URL.Path == "/enter":
		answer, err := s.enter(q.Get("name"), q.Get("room"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, answer)
	case r.URL.Path == "/leave":
		s.leave(q.Get("name"), q.Get("room"))
	default:
		http.NotFound(w, r)
	}
}

// Door enters a floor server over HTTP.
type Door struct{ URL string }

var _ loadtest.Door = Door{}

// Enter implements [loadtest.Door].
func (d Door) Enter(ctx context.Context, who loadtest.Who, offer string, _ []loadtest.Track) (string, func(context.Context) error, error) {
	q := url.Values{"room": {who.Room}, "name": {who.Identity}}
	answer, err := d.post(ctx, "enter", q, offer)
	if err != nil {
		return "", nil, err
	}
	return answer, func(ctx context.Context) error {
		_, err := d.post(ctx, "leave", q, "")
		return err
	}, nil
}

func (d Door) post(ctx context.Context, path string, q url.Values, body string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL+"/"+path+"?"+q.Encode(), strings.NewReader(body))
	if err != nil {
		return "", fmt.Errorf("floor: %w", err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", fmt.Errorf("floor: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return "", fmt.Errorf("floor: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("floor: %s: %s", res.Status, text)
	}
	return string(text), nil
}
