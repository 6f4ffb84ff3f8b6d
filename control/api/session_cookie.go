package api

import (
	"net/http"
	"time"
)

const (
	cookieName       = "consilium_session"
	secureCookieName = "__Host-consilium_session"
)

func (s *server) cookieName() string {
	if s.secure {
		return secureCookieName
	}
	return cookieName
}

func (s *server) sessionToken(r *http.Request) string {
	c, err := r.Cookie(s.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

func (s *server) cookie(token string, expires time.Time) string {
	c := &http.Cookie{
		Name: s.cookieName(), Value: token, Path: "/", Expires: expires,
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	}
	return c.String()
}

func (s *server) noCookie() string {
	c := &http.Cookie{
		Name: s.cookieName(), Path: "/", MaxAge: -1,
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	}
	return c.String()
}
