package udp

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Socket is a bound UDP port.
type Socket struct {
	Counters Counters

	fd      int
	file    *os.File        // owns fd; nil when quiet
	raw     syscall.RawConn // of file
	four    bool            // an AF_INET socket
	local   netip.AddrPort
	offload atomic.Bool
	shut    atomic.Bool
}

// Listen binds a UDP port. An unspecified IPv6 address takes both families;
// where the system has no IPv6 it falls back to IPv4.
func Listen(at netip.AddrPort, o Options) (*Socket, error) {
	family := unix.AF_INET6
	if at.Addr().Unmap().Is4() {
		family = unix.AF_INET
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil && family == unix.AF_INET6 && at.Addr().IsUnspecified() {
		family, at = unix.AF_INET, netip.AddrPortFrom(netip.IPv4Unspecified(), at.Port())
		fd, err = unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	}
	if err != nil {
		return nil, fmt.Errorf("open udp socket: %w", err)
	}
	s := &Socket{fd: fd, four: family == unix.AF_INET}
	if err := s.bind(at, o); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	s.offload.Store(o.Offload && s.canSegment())
	if o.quiet {
		return s, nil
	}
	s.file = os.NewFile(uintptr(fd), "udp")
	if s.raw, err = s.file.SyscallConn(); err != nil {
		_ = s.file.Close()
		return nil, fmt.Errorf("wait on udp socket: %w", err)
	}
	return s, nil
}

// ListenPort binds n sockets to one port, and one more for what aside picks, unless
// that is the zero Match or the kernel refuses.
func ListenPort(at netip.AddrPort, n int, aside Match, o Options) (*Port, error) {
	// The first is bound alone, so that a port in use is noticed, also when its owner
	// would share it.
	first, err := Listen(at, o)
	if err != nil {
		return nil, err
	}
	p := &Port{Sockets: []*Socket{first}}
	if n == 1 && aside == (Match{}) {
		return p, nil
	}
	if err := p.divide(n, aside, o); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// divide adds the other sockets and tells the kernel which datagram is whose. It goes
// by the order in which they were bound.
func (p *Port) divide(n int, aside Match, o Options) error {
	first := p.Sockets[0]
	if err := first.share(); err != nil {
		return err
	}
	o.reusePort = true
	for len(p.Sockets) < n {
		s, err := Listen(first.LocalAddr(), o)
		if err != nil {
			return err
		}
		p.Sockets = append(p.Sockets, s)
	}
	if aside == (Match{}) {
		return nil
	}
	o.quiet = true
	s, err := Listen(first.LocalAddr(), o)
	if err != nil {
		return err
	}
	if first.steer(n, aside) != nil {
		return s.Close() // without a program it would get a share of everything
	}
	p.Aside = s
	return nil
}

// share lets other sockets of this process have the port too.
func (s *Socket) share() error {
	if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		return fmt.Errorf("set SO_REUSEPORT: %w", err)
	}
	return nil
}

func (s *Socket) bind(at netip.AddrPort, o Options) error {
	var sa unix.Sockaddr
	if s.four {
		sa = &unix.SockaddrInet4{Port: int(at.Port()), Addr: at.Addr().Unmap().As4()}
	} else {
		v6only := 0
		if !at.Addr().IsUnspecified() {
			v6only = 1
		}
		if err := unix.SetsockoptInt(s.fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, v6only); err != nil {
			return fmt.Errorf("set IPV6_V6ONLY: %w", err)
		}
		sa = &unix.SockaddrInet6{Port: int(at.Port()), Addr: at.Addr().As16()}
	}
	if o.reusePort {
		if err := s.share(); err != nil {
			return err
		}
	}
	// The kernel caps both at net.core.[rw]mem_max unless we are privileged.
	for _, b := range []struct{ force, plain, size int }{
		{unix.SO_RCVBUFFORCE, unix.SO_RCVBUF, o.ReceiveBuffer},
		{unix.SO_SNDBUFFORCE, unix.SO_SNDBUF, o.SendBuffer},
	} {
		if b.size > 0 && unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, b.force, b.size) != nil {
			if err := unix.SetsockoptInt(s.fd, unix.SOL_SOCKET, b.plain, b.size); err != nil {
				return fmt.Errorf("set socket buffer: %w", err)
			}
		}
	}
	if err := unix.Bind(s.fd, sa); err != nil {
		return fmt.Errorf("bind %v: %w", at, err)
	}
	got, err := unix.Getsockname(s.fd)
	if err != nil {
		return fmt.Errorf("read bound address: %w", err)
	}
	switch got := got.(type) {
	case *unix.SockaddrInet4:
		s.local = netip.AddrPortFrom(netip.AddrFrom4(got.Addr), uint16(got.Port))
	case *unix.SockaddrInet6:
		s.local = netip.AddrPortFrom(netip.AddrFrom16(got.Addr), uint16(got.Port))
	}
	return nil
}

// canSegment asks the kernel whether it knows UDP_SEGMENT at all. Whether a
// route can use it shows only at the first send: see Batch.
func (s *Socket) canSegment() bool {
	_, err := unix.GetsockoptInt(s.fd, unix.IPPROTO_UDP, unix.UDP_SEGMENT)
	return err == nil
}

// LocalAddr returns the bound address.
func (s *Socket) LocalAddr() netip.AddrPort { return s.local }

// Offload reports whether runs are given to the kernel in one piece.
func (s *Socket) Offload() bool { return s.offload.Load() }

// Shut ends all reading: a Run in progress and each later one returns ErrClosed.
func (s *Socket) Shut() {
	s.shut.Store(true)
	if s.file != nil {
		_ = s.file.SetReadDeadline(time.Unix(1, 0))
	}
}

// Close frees the port. Nothing may use the socket during or after Close: call
// Shut first and wait for the readers' and writers' goroutines.
func (s *Socket) Close() error {
	var err error
	if s.file != nil {
		err = s.file.Close()
	} else {
		err = unix.Close(s.fd)
	}
	if err != nil {
		return fmt.Errorf("close udp socket: %w", err)
	}
	return nil
}

// Write sends one datagram now. It may be called from any goroutine.
func (s *Socket) Write(p []byte, to Addr) error {
	if len(p) == 0 || s.shut.Load() {
		return ErrClosed
	}
	var sa sockaddr
	n := sa.set(to, s.four)
	// Raw, as the Reader's calls are: this one cannot block either.
	_, _, e := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(s.fd), uintptr(unsafe.Pointer(&p[0])), uintptr(len(p)),
		unix.MSG_DONTWAIT, uintptr(unsafe.Pointer(&sa)), uintptr(n))
	s.Counters.SendCalls.Add(1)
	if e != 0 {
		s.Counters.SendErrors.Add(1)
		return fmt.Errorf("send to %v: %w", to, e)
	}
	s.Counters.PacketsOut.Add(1)
	s.Counters.BytesOut.Add(uint64(len(p)))
	return nil
}

// sockaddr holds either family's address as the kernel wants it. The two share
// the place of family and port.
type sockaddr struct {
	unix.RawSockaddrInet6
}

func (r *sockaddr) set(a Addr, four bool) uint32 {
	if four {
		r4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(r))
		r4.Family = unix.AF_INET
		r4.Port = swap(a.Port)
		r4.Addr = [4]byte(a.IP[12:])
		return unix.SizeofSockaddrInet4
	}
	r.Family = unix.AF_INET6
	r.Port = swap(a.Port)
	r.Flowinfo = 0
	r.Addr = a.IP
	r.Scope_id = a.Scope
	return unix.SizeofSockaddrInet6
}

func (r *sockaddr) get() Addr {
	if r.Family == unix.AF_INET {
		r4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(r))
		a := Addr{Port: swap(r4.Port)}
		a.IP[10], a.IP[11] = 0xff, 0xff
		copy(a.IP[12:], r4.Addr[:])
		return a
	}
	return Addr{IP: r.Addr, Scope: r.Scope_id, Port: swap(r.Port)}
}

// swap turns a port between the host's and the network's order.
func swap(p uint16) uint16 {
	b := (*[2]byte)(unsafe.Pointer(&p))
	return uint16(b[0])<<8 | uint16(b[1])
}
