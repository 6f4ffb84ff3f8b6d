// Package turn relays media for clients that cannot reach the media server
// directly.
//
// It wraps the TURN server of Pion (RFC 8656 over UDP, TCP and TLS) in the
// rules a public relay needs: short-lived credentials that can be revoked, a
// peer policy that names the only addresses traffic may go to, quotas, and
// limits on what an unauthenticated stranger can make it do. It knows neither
// rooms nor people: an identity is an opaque string to it.
package turn
