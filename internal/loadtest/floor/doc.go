// Package floor is the least a Go program can do to forward media: the unit in which the cost of the real server is measured, and nothing to be used for calls.
//
// One UDP socket, one goroutine, one read and one write call for each packet,
// AES-128-GCM by pion/srtp in place, and every packet of a participant sent to the
// others of its room as it came. It has no RTCP, no retransmission, no bandwidth
// estimation, no bounds. Participants enter by one HTTP request (see [Door]); ICE is
// lite, the server is passive in DTLS.
package floor
