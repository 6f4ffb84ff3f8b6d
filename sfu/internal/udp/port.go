package udp

import "errors"

// Match picks datagrams by their first two bytes: those of which the bits of Mask are
// Value.
type Match struct{ Mask, Value uint16 }

// Port is the sockets bound to one UDP port.
type Port struct {
	// Sockets divide what comes by its source: what comes from one address always
	// comes to the same one.
	Sockets []*Socket
	// Aside takes the datagrams that were to be put aside, or is nil where the system
	// cannot tell them apart, and they come to Sockets with the rest. What comes here
	// wakes nobody: it is there for a Reader's TryRead.
	Aside *Socket
}

// All returns every socket of the port.
func (p *Port) All() []*Socket {
	if p.Aside == nil {
		return p.Sockets
	}
	return append(p.Sockets[:len(p.Sockets):len(p.Sockets)], p.Aside)
}

// Shut ends all reading from the port.
func (p *Port) Shut() {
	for _, s := range p.All() {
		s.Shut()
	}
}

// Close frees the port, under the conditions of [Socket.Close].
func (p *Port) Close() error {
	var errs []error
	for _, s := range p.All() {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
