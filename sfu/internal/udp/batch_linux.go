package udp

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The kernel's bounds of one offloaded run (UDP_MAX_SEGMENTS of the oldest
// kernels that have it, and the largest UDP payload).
const (
	maxSegments = 64
	maxRun      = 65000
)

// fullWait is how long in milliseconds, and fullTries how often, a flush waits
// for a full socket before it gives up what must be kept.
const (
	fullWait  = 2
	fullTries = 5
)

// segmentControl is a control message that carries the segment size.
type segmentControl struct {
	hdr  unix.Cmsghdr
	size uint16
	_    [6]byte
}

type kernelBatch struct {
	msgs  []mmsghdr
	iovs  []unix.Iovec
	ctls  []segmentControl
	names []sockaddr
	keep  []bool
	held  []int // datagrams in each message
}

func (k *kernelBatch) init() {
	k.msgs = make([]mmsghdr, batchPackets)
	k.iovs = make([]unix.Iovec, batchPackets)
	k.ctls = make([]segmentControl, batchPackets)
	k.names = make([]sockaddr, batchPackets)
	k.keep = make([]bool, batchPackets)
	k.held = make([]int, batchPackets)
	for i := range k.ctls {
		h := &k.ctls[i].hdr
		h.Level, h.Type = unix.IPPROTO_UDP, unix.UDP_SEGMENT
		h.SetLen(unix.CmsgLen(2))
	}
}

// send lays the queued datagrams out as messages, one for each run, and hands
// them to the kernel. What of a run lies side by side is one piece of it.
func (b *Batch) send() {
	k := &b.kernel
	offload := b.s.offload.Load()
	nm, ni := 0, 0
	bytes, segments := 0, 0
	for d := range b.dests {
		nameLen := k.names[d].set(b.dests[d].addr, b.s.four)
		for i := b.dests[d].head; i >= 0; {
			size, total, held, first := b.packets[i].n, int32(0), 0, ni
			keep, end := false, int32(-1)
			for i >= 0 {
				p := &b.packets[i]
				if held > 0 && (!offload || held == maxSegments || total+p.n > maxRun || p.n > size) {
					break
				}
				if p.off == end {
					k.iovs[ni-1].SetLen(int(k.iovs[ni-1].Len) + int(p.n))
				} else {
					k.iovs[ni].Base = &b.arena[p.off]
					k.iovs[ni].SetLen(int(p.n))
					ni++
				}
				held++
				end = p.off + p.n
				total += p.n
				keep = keep || p.keep
				i = p.next
				if p.n < size { // a shorter one ends the run
					break
				}
			}
			m := &k.msgs[nm]
			m.hdr.Name = (*byte)(unsafe.Pointer(&k.names[d]))
			m.hdr.Namelen = nameLen
			m.hdr.Iov = &k.iovs[first]
			m.hdr.SetIovlen(ni - first)
			if held > 1 {
				k.ctls[nm].size = uint16(size)
				m.hdr.Control = (*byte)(unsafe.Pointer(&k.ctls[nm]))
				m.hdr.SetControllen(unix.CmsgSpace(2))
				segments += held
			} else {
				m.hdr.Control = nil
				m.hdr.SetControllen(0)
			}
			k.keep[nm], k.held[nm] = keep, held
			nm++
			bytes += int(total)
		}
	}
	lost := b.hand(nm)
	c := &b.s.Counters
	c.PacketsOut.Add(uint64(len(b.packets) - lost))
	c.BytesOut.Add(uint64(bytes))
	if segments > 0 {
		c.Segments.Add(uint64(segments))
	}
}

// maxHand bounds the messages of one call, which the runtime does not see: it
// keeps the processor for no longer than a fraction of a millisecond.
const maxHand = 64

// hand gives the first n messages to the kernel and returns how many datagrams
// of them were lost.
func (b *Batch) hand(n int) (lost int) {
	k, c := &b.kernel, &b.s.Counters
	tries := 0
	for i := 0; i < n; {
		r, _, e := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(b.s.fd), uintptr(unsafe.Pointer(&k.msgs[i])), uintptr(min(n-i, maxHand)), unix.MSG_DONTWAIT, 0, 0)
		c.SendCalls.Add(1)
		m := &k.msgs[i]
		switch {
		case e == 0:
			i += int(r)
		case e == unix.EINTR:
		case (e == unix.EAGAIN || e == unix.ENOBUFS) && tries < fullTries:
			if tries == 0 {
				var shed int
				n, shed = b.shed(i, n)
				lost += shed
			}
			tries++
			fds := [1]unix.PollFd{{Fd: int32(b.s.fd), Events: unix.POLLOUT}}
			_, _ = unix.Poll(fds[:], fullWait)
		case e == unix.EAGAIN || e == unix.ENOBUFS:
			for ; i < n; i++ {
				lost += k.held[i]
				c.DroppedFull.Add(uint64(k.held[i]))
			}
		case k.held[i] > 1:
			// The route cannot cut runs (EIO, EINVAL): never ask again.
			b.s.offload.Store(false)
			lost += b.singly(m)
			i++
		default:
			c.SendErrors.Add(1)
			lost++
			i++
		}
	}
	return lost
}

// shed drops the expendable messages from i on. It returns the new end and how
// many datagrams went.
func (b *Batch) shed(i, n int) (end, lost int) {
	k := &b.kernel
	end = i
	for ; i < n; i++ {
		if k.keep[i] {
			k.msgs[end], k.keep[end], k.held[end] = k.msgs[i], true, k.held[i]
			end++
			continue
		}
		lost += k.held[i]
	}
	b.s.Counters.DroppedFull.Add(uint64(lost))
	return end, lost
}

// singly sends a run's datagrams one by one and returns how many were lost.
func (b *Batch) singly(m *mmsghdr) (lost int) {
	size := int((*segmentControl)(unsafe.Pointer(m.hdr.Control)).size)
	iovs := unsafe.Slice(m.hdr.Iov, int(m.hdr.Iovlen))
	one := m.hdr
	one.Control = nil
	one.SetControllen(0)
	one.SetIovlen(1)
	for i := range iovs {
		for rest := unsafe.Slice(iovs[i].Base, int(iovs[i].Len)); len(rest) > 0; {
			n := min(size, len(rest))
			piece := unix.Iovec{Base: &rest[0]}
			piece.SetLen(n)
			rest = rest[n:]
			one.Iov = &piece
			_, _, e := unix.Syscall(unix.SYS_SENDMSG, uintptr(b.s.fd), uintptr(unsafe.Pointer(&one)), unix.MSG_DONTWAIT)
			b.s.Counters.SendCalls.Add(1)
			if e != 0 {
				b.s.Counters.SendErrors.Add(1)
				lost++
			}
		}
	}
	return lost
}
