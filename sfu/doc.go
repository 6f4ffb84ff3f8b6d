// Package sfu forwards audio and video between the participants of rooms.
//
// A client offers, the server answers: one bundled transport per participant
// carries what it publishes and the slots it receives on. The package takes
// media at the UDP socket, owns the keys, and rewrites each packet for each
// subscriber; it knows neither accounts nor the signaling connection.
//
// A packet's way is socket.go (receive batch) → transport.go (decrypt) →
// uplink.go (order, ring, feedback) → downlink.go (select, rewrite) →
// egress.go (seal, batch) → socket. Nothing on that way allocates, logs or
// takes a lock that two rooms share.
package sfu
