package command

import (
	"net"
	"net/netip"
	"net/url"
	"slices"
	"testing"

	"consilium/configs"
)

func TestPublicURL(t *testing.T) {
	tests := map[string]struct {
		cfg    configs.Config
		listen string
		want   string
	}{
		"given":            {configs.Config{PublicURL: "https://clinic.example/"}, "127.0.0.1", "https://clinic.example"},
		"loopback":         {configs.Config{}, "127.0.0.1", "http://localhost:4711"},
		"everywhere":       {configs.Config{}, "::", "http://localhost:4711"},
		"one address":      {configs.Config{}, "192.0.2.7", "http://192.0.2.7:4711"},
		"one IPv6 address": {configs.Config{}, "2001:db8::7", "http://[2001:db8::7]:4711"},
		"with certificate": {configs.Config{HTTP: configs.HTTP{Cert: "c", Key: "k"}}, "127.0.0.1", "https://localhost:4711"},
	}
	for name, test := range tests {
		got, err := publicURL(test.cfg, &net.TCPAddr{IP: net.ParseIP(test.listen), Port: 4711})
		if err != nil || got.String() != test.want {
			t.Errorf("%s: got %v, %v, want %s", name, got, err, test.want)
		}
	}
}

func TestAnnounced(t *testing.T) {
	machine := addrs("127.0.0.1", "::1", "fe80::1", "2001:db8::7", "192.0.2.7")
	tests := map[string]struct {
		listen, public string
		named          []string
		interfaces     []netip.Addr
		want           []netip.Addr
	}{
		"named wins":              {":7882", "https://clinic.example", []string{"198.51.100.1"}, machine, addrs("198.51.100.1")},
		"bound address":           {"127.0.0.1:0", "http://localhost:1", nil, machine, addrs("127.0.0.1")},
		"wildcard is no address":  {"0.0.0.0:0", "https://192.0.2.9", nil, machine, addrs("192.0.2.9")},
		"public address":          {":7882", "https://192.0.2.9", nil, machine, addrs("192.0.2.9")},
		"on this machine":         {":7882", "http://localhost:8080", nil, machine, addrs("127.0.0.1", "192.0.2.7", "2001:db8::7")},
		"by name":                 {":7882", "https://clinic.example", nil, machine, addrs("192.0.2.7", "2001:db8::7")},
		"machine without network": {":7882", "https://clinic.example", nil, addrs("127.0.0.1"), addrs("127.0.0.1")},
		"many interfaces": {
			":7882", "https://clinic.example", nil, addrs("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"),
			addrs("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"),
		},
	}
	for name, test := range tests {
		public, err := url.Parse(test.public)
		if err != nil {
			t.Fatal(err)
		}
		got, err := announced(configs.Media{Listen: test.listen, Announce: test.named}, public, test.interfaces)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, %v, want %v", name, got, err, test.want)
		}
	}
}

func addrs(texts ...string) []netip.Addr {
	var out []netip.Addr
	for _, text := range texts {
		out = append(out, netip.MustParseAddr(text))
	}
	return out
}
