// Package nack decides which lost packets to ask for again and which of those asked for to send again (RFC 4585 §6.2.1), without holding a packet itself.
//
// An uplink owns a [Generator]: it tells it each arriving sequence number with
// [Generator.Receive], and on a timer of 10 to 20 ms asks [Generator.Due] what to
// request from the publisher. When [Generator.Overrun] says that too much was lost
// to be worth asking, it requests a key frame instead.
//
// A subscriber's track owns a [Responder]: it notes every packet it sends with
// [Responder.Sent], and asks [Responder.Request] for every number in a NACK. The
// answer leads to the packet in the publisher's packetcache and to the numbers it
// went out with, so that the copy sent again is the same to the byte.
//
// Both allocate only when they are made, take the time as a duration since a start
// common to all calls, and are driven by one goroutine or under one lock each.
package nack
