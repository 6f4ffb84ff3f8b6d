package sfu

import (
	"fmt"
	"net"
	"net/netip"
)

// announced returns the addresses to put into answers: the configured ones, the
// one bound to, or those of the machine's interfaces.
func announced(list []netip.Addr, bound netip.AddrPort) ([]netip.AddrPort, error) {
	var out []netip.AddrPort
	add := func(a netip.Addr) { out = append(out, netip.AddrPortFrom(a.Unmap(), bound.Port())) }
	for _, a := range list {
		add(a)
	}
	if len(out) > 0 {
		return out, nil
	}
	if !bound.Addr().IsUnspecified() {
		add(bound.Addr())
		return out, nil
	}
	nets, err := net.InterfaceAddrs()
	if err != nil {
		return nil, fmt.Errorf("list interface addresses: %w", err)
	}
	var loopback netip.Addr
	for _, n := range nets {
		p, ok := n.(*net.IPNet)
		if !ok {
			continue
		}
		a, ok := netip.AddrFromSlice(p.IP)
		a = a.Unmap()
		switch {
		case !ok || a.IsLinkLocalUnicast() || a.IsMulticast() || bound.Addr().Is4() && !a.Is4():
		case a.IsLoopback():
			if !loopback.IsValid() || a.Is4() {
				loopback = a
			}
		default:
			add(a)
		}
	}
	if loopback.IsValid() {
		// Last, for clients on the same machine.
		add(loopback)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no address to announce: set one")
	}
	return out, nil
}
