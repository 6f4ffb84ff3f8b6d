// Package packetcache holds received packets once for everyone who may still need them: the forwarding loop, answers to NACKs, and probes over RTX.
//
// A shard owns a [Pool]. It takes packets with [Pool.Get], receives into
// [Packet.Buffer], opens the packet in place, sets Data, Header, Frame, Ext and
// Arrival, and swaps a small packet into a small buffer with [Pool.Compact]. It
// puts the packet into its uplink's [Cache], which takes a reference of its own,
// forwards it, and drops its own reference with [Packet.Release]. A subscriber
// that must resend asks [Cache.Get], which returns the packet retained, so that
// the cache may forget it meanwhile.
//
// From the first Put on a packet is read-only: whoever rewrites a header writes
// it into a buffer of its own.
//
// Pool, Packet's counting and Cache are safe for concurrent use; a packet's
// fields are not, and are published by Put. Times are durations since a start
// that the caller chooses, the same one for all calls.
package packetcache
