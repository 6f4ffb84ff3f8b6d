package api

import (
	"net/http"
	"strings"
	"time"
)

// Names of the cookies. With https each begins with hostPrefix, which binds it to this very
// host: no other site of the same domain can set it.
const (
	hostPrefix       = "__Host-"
	cookieName       = "consilium_session"
	secureCookieName = hostPrefix + cookieName
	signInCookieName = "consilium_sign_in" // second half of a sign-in under way
	deviceCookieName = "consilium_device"  // this browser signed in before
)

const deviceCookieLife = 365 * 24 * time.Hour

// named returns a cookie's name at this server's address.
func (s *server) named(name string) string {
	if s.secure {
		return hostPrefix + name
	}
	return name
}

func (s *server) read(r *http.Request, name string) string {
	c, err := r.Cookie(s.named(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// sessionToken returns a request's session: the token of an application outside a browser,
// or the cookie.
func (s *server) sessionToken(r *http.Request) (token string, bearer bool) {
	if token, ok := bearerOf(r); ok {
		return token, true
	}
	return s.read(r, cookieName), false
}

func bearerOf(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(token), true
}

func (s *server) make(name, value string) *http.Cookie {
	return &http.Cookie{
		Name: s.named(name), Value: value, Path: "/",
		HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode,
	}
}

func (s *server) cookie(token string, expires time.Time) string {
	c := s.make(cookieName, token)
	c.Expires = expires
	return c.String()
}

func (s *server) noCookie() string {
	c := s.make(cookieName, "")
	c.MaxAge = -1
	return c.String()
}

// signInCookie lives as long as the sign-in; an empty value ends it.
func (s *server) signInCookie(value string, expires time.Time) string {
	c := s.make(signInCookieName, value)
	c.SameSite = http.SameSiteStrictMode
	if c.Expires = expires; value == "" {
		c.MaxAge = -1
	}
	return c.String()
}

func (s *server) deviceCookie(value string) string {
	c := s.make(deviceCookieName, value)
	c.SameSite = http.SameSiteStrictMode
	c.MaxAge = int(deviceCookieLife.Seconds())
	return c.String()
}
