package udp

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mmsghdr is the kernel's struct mmsghdr; the trailing field is its padding.
type mmsghdr struct {
	hdr unix.Msghdr
	n   uint32
	_   [4]byte
}

// Reader receives batches from a socket; one goroutine uses it.
//
// It waits in the runtime's poller, and its calls, none of which can block, are
// raw: a call announced to the runtime also wakes the runtime's monitor, which
// then looks about every 20 µs for a while. In sparse traffic that costs more
// than the forwarding, as does a thread that blocks in the kernel itself.
type Reader struct {
	s     *Socket
	msgs  []mmsghdr
	iovs  []unix.Iovec
	addrs []sockaddr
}

// NewReader returns a reader of up to n datagrams per call. Each of its places
// needs a buffer (SetBuffer) before Run.
func (s *Socket) NewReader(n int) *Reader {
	r := &Reader{s: s, msgs: make([]mmsghdr, n), iovs: make([]unix.Iovec, n), addrs: make([]sockaddr, n)}
	for i := range r.msgs {
		h := &r.msgs[i].hdr
		h.Name = (*byte)(unsafe.Pointer(&r.addrs[i]))
		h.Iov = &r.iovs[i]
		h.SetIovlen(1)
	}
	return r
}

// Size returns how many datagrams one read takes at most.
func (r *Reader) Size() int { return len(r.msgs) }

// SetBuffer gives place i a buffer that the next read may fill. The reader
// keeps it until it is replaced.
func (r *Reader) SetBuffer(i int, b []byte) {
	r.iovs[i].Base = &b[0]
	r.iovs[i].SetLen(len(b))
}

// Run calls handle for each batch of n datagrams until the socket is shut, and
// then returns ErrClosed.
//
// All of it happens inside one wait of the runtime's poller. Readiness is told
// once for each arrival, so a batch that was not full says that nothing is left,
// and the next wait needs no call that finds nothing first.
func (r *Reader) Run(handle func(n int)) error {
	var failed error
	err := r.s.raw.Read(func(uintptr) bool {
		for {
			n, err := r.TryRead()
			if err != nil {
				failed = err
				return true
			}
			if n > 0 {
				handle(n)
			}
			if n < len(r.msgs) {
				return r.s.shut.Load()
			}
		}
	})
	switch {
	case r.s.shut.Load():
		return ErrClosed
	case failed != nil:
		return failed
	case err != nil:
		return fmt.Errorf("wait for datagrams: %w", err)
	}
	return ErrClosed
}

// TryRead takes what is there without waiting; it returns 0 when that is nothing.
func (r *Reader) TryRead() (int, error) {
	for i := range r.msgs {
		r.msgs[i].hdr.Namelen = unix.SizeofSockaddrInet6
	}
	for {
		n, _, e := unix.RawSyscall6(unix.SYS_RECVMMSG, uintptr(r.s.fd), uintptr(unsafe.Pointer(&r.msgs[0])), uintptr(len(r.msgs)),
			unix.MSG_DONTWAIT, 0, 0)
		switch {
		case e == unix.EAGAIN:
			return 0, nil
		case e == unix.EINTR || e == unix.ECONNREFUSED:
			continue
		case e != 0:
			return 0, fmt.Errorf("receive: %w", e)
		}
		bytes := 0
		for i := range int(n) {
			bytes += int(r.msgs[i].n)
		}
		r.s.Counters.ReceiveCalls.Add(1)
		r.s.Counters.PacketsIn.Add(uint64(n))
		r.s.Counters.BytesIn.Add(uint64(bytes))
		return int(n), nil
	}
}

// Datagram returns the length and source of the i-th datagram of the last
// read. A datagram longer than its buffer has length 0.
func (r *Reader) Datagram(i int) (int, Addr) {
	n := int(r.msgs[i].n)
	if r.msgs[i].hdr.Flags&unix.MSG_TRUNC != 0 {
		n = 0
	}
	return n, r.addrs[i].get()
}
