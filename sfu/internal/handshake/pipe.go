package handshake

import (
	"net"
	"os"
	"sync"
	"time"

	"github.com/pion/transport/v5/deadline"
)

// pipe is the packet connection the DTLS library reads from: a bounded queue
// of datagrams that the socket's owner fills.
type pipe struct {
	send func([]byte)
	in   chan []byte
	read *deadline.Deadline
	gone chan struct{}
	once sync.Once
}

var _ net.PacketConn = (*pipe)(nil)

// pipeDepth holds two flights of a handshake; more is dropped as a network would.
const pipeDepth = 32

func newPipe(send func([]byte)) *pipe {
	return &pipe{send: send, in: make(chan []byte, pipeDepth), read: deadline.New(), gone: make(chan struct{})}
}

// push queues a copy of a datagram, or drops it when the queue is full.
func (p *pipe) push(b []byte) {
	select {
	case p.in <- append([]byte(nil), b...):
	default:
	}
}

func (p *pipe) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case <-p.gone:
		return 0, nil, net.ErrClosed
	case <-p.read.Done():
		return 0, nil, os.ErrDeadlineExceeded
	case d := <-p.in:
		return copy(b, d), p.LocalAddr(), nil
	}
}

func (p *pipe) WriteTo(b []byte, _ net.Addr) (int, error) {
	select {
	case <-p.gone:
		return 0, net.ErrClosed
	default:
		p.send(b)
		return len(b), nil
	}
}

func (p *pipe) Close() error {
	p.once.Do(func() { close(p.gone) })
	return nil
}

// LocalAddr returns a placeholder: addresses are the business of ICE.
func (p *pipe) LocalAddr() net.Addr { return &net.UDPAddr{} }

func (p *pipe) SetReadDeadline(t time.Time) error {
	p.read.Set(t)
	return nil
}

func (p *pipe) SetDeadline(t time.Time) error    { return p.SetReadDeadline(t) }
func (p *pipe) SetWriteDeadline(time.Time) error { return nil }
