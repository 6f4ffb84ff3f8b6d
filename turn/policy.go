package turn

import (
	"net"
	"net/netip"
)

// translated are IPv6 ranges in which an IPv4 address hides behind some
// translator or tunnel. Whoever relays to them relays to an IPv4 address that
// no rule has looked at, so they are never peers.
var translated = []netip.Prefix{
	netip.MustParsePrefix("::/96"),           // IPv4-compatible, RFC 4291 §2.5.5.1; holds :: and ::1
	netip.MustParsePrefix("::ffff:0:0:0/96"), // IPv4-translated, RFC 2765
	netip.MustParsePrefix("64:ff9b::/96"),    // NAT64, RFC 6052
	netip.MustParsePrefix("64:ff9b:1::/48"),  // local NAT64, RFC 8215
	netip.MustParsePrefix("2001::/32"),       // Teredo, RFC 4380
	netip.MustParsePrefix("2002::/16"),       // 6to4, RFC 3056
	netip.MustParsePrefix("fec0::/10"),       // site-local, RFC 3879
}

// neverPeers are IPv4 ranges that name no single host.
var neverPeers = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),   // "this network": 0.0.0.0 reaches loopback
	netip.MustParsePrefix("224.0.0.0/4"), // multicast
	netip.MustParsePrefix("240.0.0.0/4"), // reserved and broadcast
}

// policy decides on peers: what names no single host is never one, the rest
// is asked of allow.
type policy struct {
	allow func(netip.AddrPort) bool
}

// permits reports whether packets may go to and come from peer.
func (p policy) permits(peer netip.AddrPort) bool {
	if peer.Port() == 0 || peer.Addr().Zone() != "" {
		return false
	}
	addr := peer.Addr().Unmap()
	if !plain(addr) {
		return false
	}
	return p.allow(netip.AddrPortFrom(addr, peer.Port()))
}

// plain reports whether addr names one host, and openly so. Loopback is plain:
// a media server that listens there is a peer like any other once allowed.
func plain(addr netip.Addr) bool {
	if !addr.IsValid() || addr.IsUnspecified() || addr.IsMulticast() {
		return false
	}
	if addr.Is4() {
		for _, p := range neverPeers {
			if p.Contains(addr) {
				return false
			}
		}
		return true
	}
	if addr == netip.IPv6Loopback() {
		return true
	}
	for _, p := range translated {
		if p.Contains(addr) {
			return false
		}
	}
	return !isatap(addr)
}

// isatap reports an interface identifier of RFC 5214 §6.1, which carries an
// IPv4 address in its last 32 bits under any prefix.
func isatap(addr netip.Addr) bool {
	b := addr.As16()
	return (b[8] == 0 || b[8] == 2) && b[9] == 0 && b[10] == 0x5e && b[11] == 0xfe
}

// addrPort converts the address types of the net package; ok is false for
// others.
func addrPort(a net.Addr) (netip.AddrPort, bool) {
	switch a := a.(type) {
	case *net.UDPAddr:
		ap := a.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), true
	case *net.TCPAddr:
		ap := a.AddrPort()
		return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port()), true
	}
	return netip.AddrPort{}, false
}
