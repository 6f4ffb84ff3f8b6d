// Package sfu forwards audio and video between the participants of rooms.
//
// A client offers, the server answers: one bundled transport per participant
// carries what it publishes and the slots it receives on. The package takes
// media at the UDP socket, owns the keys, and rewrites each packet for each
// subscriber; it knows neither accounts nor the signaling connection.
//
// A packet's way is shard.go (receive batch) → ingress.go (open, find its
// stream) → uplink.go (order, ring, what was lost) → downlink.go (select,
// rewrite) → egress.go (seal, batch) → the socket. Nothing on that way
// allocates, logs or takes a lock that two rooms share; what is said back to
// publishers leaves with the same batch. Time alone acts in ticker.go, ten times
// a second, and listeners are called from queue.go.
//
// Locks are taken in this order: SFU.mu, Room.mu, transport.mu, ingress.mu,
// egress.mu. The others (shard.mu, SFU.ufragMu, uplink.clockMu and keyMu, the
// queue's and the caches') are leaves. A packet takes the publisher's ingress.mu
// and then, one after the other, each subscriber's egress.mu.
package sfu
