package web

import (
	"net/http"
	"regexp"
	"strings"
)

// policy is the content security policy without connect-src. Styles and scripts come from
// files only; blob: serves pictures from the chat and the browser's own media.
var policy = []string{
	"default-src 'self'",
	"script-src 'self'",
	"style-src 'self'",
	"img-src 'self' blob: data:",
	"media-src 'self' blob: mediastream:",
	"font-src 'self'",
	"worker-src 'self'",
	"object-src 'none'",
	"frame-src 'none'",
	"frame-ancestors 'none'",
	"base-uri 'none'",
	"form-action 'self'",
}

// permissions name what the pages may ask the browser for; everything else that could
// touch a patient's privacy is off.
const permissions = "camera=(self), microphone=(self), display-capture=(self), " +
	"fullscreen=(self), picture-in-picture=(self), autoplay=(self), " +
	"screen-wake-lock=(self), speaker-selection=(self), " +
	"geolocation=(), payment=(), usb=(), serial=(), hid=(), midi=(), browsing-topics=()"

var plainHost = regexp.MustCompile(`^[A-Za-z0-9.-]+(:[0-9]+)?$|^\[[0-9A-Fa-f:.]+\](:[0-9]+)?$`)

// setSecurityHeaders writes the headers that every answer of the application carries.
func setSecurityHeaders(head http.Header, host string, hsts bool) {
	// Older Safari does not count the page's own WebSocket as 'self', so it is named.
	connect := "connect-src 'self'"
	if plainHost.MatchString(host) {
		connect += " ws://" + host + " wss://" + host
	}
	head.Set("Content-Security-Policy", strings.Join(policy, "; ")+"; "+connect)
	head.Set("Permissions-Policy", permissions)
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("X-Frame-Options", "DENY")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("X-Robots-Tag", "noindex")
	if hsts {
		head.Set("Strict-Transport-Security", "max-age=31536000")
	}
}
