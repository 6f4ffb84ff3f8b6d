package api

import (
	"net/http"
	"net/netip"
	"strings"
)

// networkOf returns the network that a request comes from, as throttles count it: one IPv4
// address, or the /64 that an IPv6 customer has to themselves. What X-Forwarded-For says is
// believed only from a proxy that the operator trusts, and only as far as trusted ones go.
func networkOf(r *http.Request, trusted []netip.Prefix) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return "" // not from a network at all
	}
	at := peer.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && isTrusted(at, trusted); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		at = hop.Unmap()
	}
	if at.Is6() {
		if p, err := at.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return at.String()
}

func isTrusted(at netip.Addr, trusted []netip.Prefix) bool {
	for _, p := range trusted {
		if p.Contains(at.WithZone("")) {
			return true
		}
	}
	return false
}
