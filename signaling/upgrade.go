package signaling

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// problem is a refusal before the upgrade, as RFC 9457 wants it.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

var (
	foreignOrigin = &problem{
		Status: http.StatusForbidden, Code: "foreign_origin",
		Detail: "Pages of this origin may not connect.",
	}
	noSubprotocol = &problem{
		Status: http.StatusBadRequest, Code: "subprotocol_required",
		Detail: "Offer the WebSocket subprotocol " + Subprotocol + ".",
	}
	notWebSocket = &problem{
		Status: http.StatusUpgradeRequired, Code: "upgrade_required",
		Detail: "This address speaks WebSocket only.",
	}
	crowded = &problem{
		Status: http.StatusServiceUnavailable, Code: "busy",
		Detail: "Too many sockets wait to be greeted; try again in a few seconds.",
	}
	stopping = &problem{
		Status: http.StatusServiceUnavailable, Code: "unavailable",
		Detail: "The server is stopping; try again in a few seconds.",
	}
)

const retryAfterSec = 3

func (p *problem) write(w http.ResponseWriter) {
	body := *p
	body.Type, body.Title = "about:blank", http.StatusText(p.Status)
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	switch p.Status {
	case http.StatusUpgradeRequired:
		w.Header().Set("Upgrade", "websocket")
		w.Header().Set("Connection", "Upgrade")
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", strconv.Itoa(retryAfterSec))
	}
	w.WriteHeader(p.Status)
	// The client may be gone; there is nobody else to tell.
	_ = json.NewEncoder(w).Encode(body)
}

// precheck says why a request can't become a socket, or nil.
func (s *Server) precheck(r *http.Request) *problem {
	switch {
	case !hasToken(r.Header["Upgrade"], "websocket"):
		return notWebSocket
	case !s.originAllowed(r):
		return foreignOrigin
	case !hasToken(r.Header["Sec-Websocket-Protocol"], Subprotocol):
		return noSubprotocol
	}
	return nil
}

// originAllowed holds a page to the configured origins. "null", the origin of
// sandboxed and local pages, is foreign.
func (s *Server) originAllowed(r *http.Request) bool {
	origins := r.Header["Origin"]
	if len(origins) == 0 {
		return true
	}
	if len(origins) > 1 {
		return false
	}
	origin := strings.ToLower(origins[0])
	if len(s.cfg.Origins) > 0 {
		return slices.ContainsFunc(s.cfg.Origins, func(o string) bool { return strings.EqualFold(o, origin) })
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

func hasToken(values []string, token string) bool {
	for _, v := range values {
		for t := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(strings.TrimSpace(t), token) {
				return true
			}
		}
	}
	return false
}
