// Package udp moves datagrams in and out of one UDP port with as few system
// calls as the kernel allows; it does not know what they carry.
//
// A [Reader] brings a batch of datagrams per call (recvmmsg). A [Batch] gathers what is to leave, orders it
// by destination, lets the kernel cut runs of equal datagrams (UDP_SEGMENT) and
// sends all of it in one call (sendmmsg). Where the system has no such calls,
// the same types make one call per datagram.
//
// After New no call allocates.
package udp
