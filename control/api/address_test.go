package api

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestNetworkOf(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct{ name, peer, forwarded, want string }{
		{"straight", "192.0.2.1:1", "", "192.0.2.1"},
		{"a stranger's word", "192.0.2.1:1", "198.51.100.9", "192.0.2.1"},
		{"by a proxy", "10.1.2.3:1", "198.51.100.9", "198.51.100.9"},
		{"what came before the proxies is the client's word", "10.1.2.3:1", "203.0.113.7, 198.51.100.9, 10.9.9.9", "198.51.100.9"},
		{"a proxy that says nonsense", "10.1.2.3:1", "198.51.100.9, nonsense", "10.1.2.3"},
		{"a proxy that says nothing", "10.1.2.3:1", "", "10.1.2.3"},
		{"IPv6 by its network", "[2001:db8:1:2:3:4:5:6]:1", "", "2001:db8:1:2::/64"},
		{"IPv6 by a proxy", "[fd00::1]:1", "2001:db8:1:2::9", "2001:db8:1:2::/64"},
		{"IPv4 within IPv6", "[::ffff:192.0.2.1]:1", "", "192.0.2.1"},
		{"no network", "@", "", ""},
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.RemoteAddr = c.peer
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		if got := networkOf(r, proxies); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
