package sfu

import (
	"consilium/sfu/internal/codec"
	"consilium/sfu/internal/packetcache"
	"consilium/sfu/internal/udp"
)

// outbox is where one goroutine gathers what it sends: a batch with its number, by
// which destinations keep their places, and before it the run of packets that are to
// be forwarded together.
//
// A subscriber's state is spread over dozens of cache lines, and with many subscribers
// they are cold again when the next packet comes. Forwarding what came of a stream in one
// go fetches them once for all of it, and leaves it side by side for the kernel.
type outbox struct {
	*udp.Batch
	id int

	run   []*packetcache.Packet // each with a reference
	of    *uplink
	codec codec.Codec
}

// maxRun bounds a run: the packets of a large frame.
const maxRun = 32

func newOutbox(b *udp.Batch, id int) *outbox {
	return &outbox{Batch: b, id: id, run: make([]*packetcache.Packet, 0, maxRun)}
}

// forward adds a packet, with its reference, to the run of its uplink. It goes on to
// the subscribers when the outbox settles or a packet of another stream comes.
func (out *outbox) forward(u *uplink, c codec.Codec, p *packetcache.Packet) {
	if out.of != u || out.codec != c || len(out.run) == maxRun {
		out.settle()
		out.of, out.codec = u, c
	}
	out.run = append(out.run, p)
}

// settle forwards the run. A panic in it costs the publisher its place.
func (out *outbox) settle() {
	if len(out.run) == 0 {
		return
	}
	u := out.of
	owner := u.track.owner
	defer owner.room.sfu.survive(owner.transport.Load())
	defer out.finish()
	for _, d := range *u.track.downs.Load() {
		d.forward(out, u, out.codec, out.run)
	}
}

// finish gives the references back.
func (out *outbox) finish() {
	for i, p := range out.run {
		p.Release()
		out.run[i] = nil
	}
	out.run, out.of = out.run[:0], nil
}
