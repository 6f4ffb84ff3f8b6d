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

// Reader receives batches from a socket; one goroutine uses it. It waits in
// the kernel rather than in the runtime's poller: a datagram that finds the
// server idle then costs one wake-up and one system call.
type Reader struct {
	s     *Socket
	msgs  []mmsghdr
	iovs  []unix.Iovec
	addrs []sockaddr
}

// NewReader returns a reader of up to n datagrams per call. Each of its places
// needs a buffer (SetBuffer) before the first Read.
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

// Size returns how many datagrams one Read takes at most.
func (r *Reader) Size() int { return len(r.msgs) }

// SetBuffer gives place i a buffer that the next Read may fill. The reader
// keeps it until it is replaced.
func (r *Reader) SetBuffer(i int, b []byte) {
	r.iovs[i].Base = &b[0]
	r.iovs[i].SetLen(len(b))
}

// Read waits for at least one datagram and takes those that are there. It
// returns ErrClosed once the socket is shut.
func (r *Reader) Read() (int, error) {
	for i := range r.msgs {
		r.msgs[i].hdr.Namelen = unix.SizeofSockaddrInet6
	}
	for {
		if r.s.shut.Load() {
			return 0, ErrClosed
		}
		n, _, e := unix.Syscall6(unix.SYS_RECVMMSG, uintptr(r.s.fd), uintptr(unsafe.Pointer(&r.msgs[0])), uintptr(len(r.msgs)),
			unix.MSG_WAITFORONE, 0, 0)
		switch {
		case r.s.shut.Load():
			return 0, ErrClosed
		case e == unix.EINTR || e == unix.EAGAIN || e == unix.ECONNREFUSED:
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
// Read. A datagram longer than its buffer has length 0.
func (r *Reader) Datagram(i int) (int, Addr) {
	n := int(r.msgs[i].n)
	if r.msgs[i].hdr.Flags&unix.MSG_TRUNC != 0 {
		n = 0
	}
	return n, r.addrs[i].get()
}
