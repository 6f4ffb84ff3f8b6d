package udp

import (
	"encoding/binary"
	"net/netip"
)

// Addr is an IP address and port in a form that is cheap to compare and to use
// as a map key. IPv4 addresses are kept as IPv4-mapped IPv6 addresses.
type Addr struct {
	IP    [16]byte
	Scope uint32 // interface index of a link-local address, else 0
	Port  uint16
}

// FromAddrPort converts a netip address. A zone's name is dropped: such an
// address is only good for comparing.
func FromAddrPort(ap netip.AddrPort) Addr {
	return Addr{IP: ap.Addr().As16(), Port: ap.Port()}
}

// AddrPort converts to the netip form, IPv4 as IPv4.
func (a Addr) AddrPort() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom16(a.IP).Unmap(), a.Port)
}

// Is4 reports an IPv4 address.
func (a Addr) Is4() bool {
	return binary.BigEndian.Uint64(a.IP[:8]) == 0 && binary.BigEndian.Uint32(a.IP[8:12]) == 0xffff
}

// IsZero reports the zero Addr, which no datagram comes from.
func (a Addr) IsZero() bool { return a == Addr{} }

// String returns the usual "ip:port" form.
func (a Addr) String() string { return a.AddrPort().String() }
