package command

import (
	"cmp"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"

	"consilium/configs"
)

// maxAnnounced bounds the addresses that browsers are told: each one costs every browser
// a check.
const maxAnnounced = 4

// publicURL returns the address people use, without a slash at the end. When the operator
// left it empty it is the one the listener got, as localhost when it listens on loopback
// or everywhere.
func publicURL(cfg configs.Config, listener net.Addr) (*url.URL, error) {
	if cfg.PublicURL != "" {
		u, err := url.Parse(cfg.PublicURL)
		if err != nil {
			return nil, fmt.Errorf("%w: publicUrl: %w", configs.ErrInvalid, err)
		}
		u.Path = ""
		return u, nil
	}
	addr, err := netip.ParseAddrPort(listener.String())
	if err != nil {
		return nil, fmt.Errorf("read the address of the listener: %w", err)
	}
	scheme := "http"
	if cfg.HTTP.Cert != "" {
		scheme = "https"
	}
	host := "localhost"
	if ip := addr.Addr().Unmap(); !ip.IsLoopback() && !ip.IsUnspecified() {
		host = ip.String()
	}
	return &url.URL{Scheme: scheme, Host: net.JoinHostPort(host, strconv.Itoa(int(addr.Port())))}, nil
}

// announced returns the addresses that browsers are told to send media to: the ones the
// operator named, or the one that media listens on, or those of the machine's interfaces.
// Loopback comes first when people open the server on this very machine.
func announced(cfg configs.Media, public *url.URL, interfaces []netip.Addr) ([]netip.Addr, error) {
	var out []netip.Addr
	for _, text := range cfg.Announce {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			return nil, fmt.Errorf("%w: media.announce: %w", configs.ErrInvalid, err)
		}
		out = append(out, addr)
	}
	if len(out) > 0 {
		return out, nil
	}
	if host, _, err := net.SplitHostPort(cfg.Listen); err == nil && host != "" {
		if addr, err := netip.ParseAddr(host); err == nil && !addr.IsUnspecified() {
			return []netip.Addr{addr}, nil
		}
	}
	if host, err := netip.ParseAddr(public.Hostname()); err == nil && !host.IsLoopback() {
		return []netip.Addr{host}, nil
	}
	if local(public) {
		out = append(out, netip.AddrFrom4([4]byte{127, 0, 0, 1}))
	}
	usable := slices.DeleteFunc(slices.Clone(interfaces), func(a netip.Addr) bool {
		return a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified()
	})
	slices.SortStableFunc(usable, func(a, b netip.Addr) int { // IPv4 first: more networks carry it
		return cmp.Compare(a.BitLen(), b.BitLen())
	})
	out = append(out, usable...)
	if len(out) == 0 {
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1})}, nil
	}
	return out[:min(len(out), maxAnnounced)], nil
}

// relayHost returns the name or address that browsers are told for the relay. For a
// server opened as localhost that is an address: browsers look names of relays up apart
// from pages.
func relayHost(cfg configs.TURN, public *url.URL, announced []netip.Addr) string {
	switch {
	case cfg.Host != "":
		return cfg.Host
	case local(public) && len(announced) > 0:
		return announced[0].String()
	default:
		return public.Hostname()
	}
}

// local reports whether people open the server on the machine it runs on.
func local(public *url.URL) bool {
	host := public.Hostname()
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && addr.IsLoopback()
}

// interfaceAddrs lists this machine's addresses.
func interfaceAddrs() ([]netip.Addr, error) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("list this machine's addresses: %w", err)
	}
	var out []netip.Addr
	for _, a := range addrs {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			out = append(out, prefix.Addr().Unmap())
		}
	}
	return out, nil
}
