//go:build !linux

package udp

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"time"
)

// Socket is a bound UDP port.
type Socket struct {
	Counters Counters

	conn *net.UDPConn
	shut atomic.Bool
}

// Listen binds a UDP port.
func Listen(at netip.AddrPort, o Options) (*Socket, error) {
	network := "udp"
	if at.Addr().Unmap().Is4() {
		network = "udp4"
	}
	conn, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, fmt.Errorf("bind %v: %w", at, err)
	}
	// The system grants what it can; less only means less slack.
	if o.ReceiveBuffer > 0 {
		_ = conn.SetReadBuffer(o.ReceiveBuffer)
	}
	if o.SendBuffer > 0 {
		_ = conn.SetWriteBuffer(o.SendBuffer)
	}
	return &Socket{conn: conn}, nil
}

// ListenPort binds one socket: this system does not divide a port's traffic.
func ListenPort(at netip.AddrPort, _ int, _ Match, o Options) (*Port, error) {
	s, err := Listen(at, o)
	if err != nil {
		return nil, err
	}
	return &Port{Sockets: []*Socket{s}}, nil
}

// LocalAddr returns the bound address.
func (s *Socket) LocalAddr() netip.AddrPort { return s.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

// Offload reports whether runs are given to the kernel in one piece.
func (s *Socket) Offload() bool { return false }

// Shut ends all reading: a Run in progress and each later one returns ErrClosed.
func (s *Socket) Shut() {
	s.shut.Store(true)
	_ = s.conn.SetReadDeadline(time.Unix(1, 0))
}

// Close frees the port. Nothing may use the socket during or after Close: call
// Shut first and wait for the readers' and writers' goroutines.
func (s *Socket) Close() error {
	if err := s.conn.Close(); err != nil {
		return fmt.Errorf("close udp socket: %w", err)
	}
	return nil
}

// Write sends one datagram now. It may be called from any goroutine.
func (s *Socket) Write(p []byte, to Addr) error {
	s.Counters.SendCalls.Add(1)
	if _, err := s.conn.WriteToUDPAddrPort(p, to.AddrPort()); err != nil {
		s.Counters.SendErrors.Add(1)
		return fmt.Errorf("send to %v: %w", to, err)
	}
	s.Counters.PacketsOut.Add(1)
	s.Counters.BytesOut.Add(uint64(len(p)))
	return nil
}

// Reader receives from a socket; one goroutine uses it.
type Reader struct {
	s    *Socket
	bufs [][]byte
	n    int
	from Addr
}

// NewReader returns a reader. Its first place needs a buffer before Run.
func (s *Socket) NewReader(n int) *Reader { return &Reader{s: s, bufs: make([][]byte, n)} }

// Size returns how many datagrams one read takes at most.
func (r *Reader) Size() int { return len(r.bufs) }

// SetBuffer gives place i a buffer that the next read may fill.
func (r *Reader) SetBuffer(i int, b []byte) { r.bufs[i] = b }

// Run calls handle for each datagram until the socket is shut, and then returns
// ErrClosed.
func (r *Reader) Run(handle func(n int)) error {
	for {
		n, from, err := r.s.conn.ReadFromUDPAddrPort(r.bufs[0])
		if r.s.shut.Load() || errors.Is(err, net.ErrClosed) {
			return ErrClosed
		}
		if err != nil {
			return fmt.Errorf("receive: %w", err)
		}
		r.n, r.from = n, FromAddrPort(from)
		r.s.Counters.ReceiveCalls.Add(1)
		r.s.Counters.PacketsIn.Add(1)
		r.s.Counters.BytesIn.Add(uint64(n))
		handle(1)
	}
}

// TryRead takes what is there without waiting, which this system cannot.
func (r *Reader) TryRead() (int, error) { return 0, nil }

// Datagram returns the length and source of the i-th datagram of the last read.
func (r *Reader) Datagram(int) (int, Addr) { return r.n, r.from }

type kernelBatch struct{}

func (*kernelBatch) init() {}

// send makes one call for each datagram.
func (b *Batch) send() {
	for _, d := range b.dests {
		for i := d.head; i >= 0; i = b.packets[i].next {
			p := b.packets[i]
			_ = b.s.Write(b.arena[p.off:p.off+p.n], d.addr)
		}
	}
}
