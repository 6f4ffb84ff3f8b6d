// Package loadtest drives a media server with many lean participants and measures what it delivers and what it costs.
//
// [Run] carries out a [Plan]: it brings participants into rooms through a [Door]
// (a Consilium server's WebSocket, see [Consilium]; or anything else that answers an
// offer), lets them send, receive, come and go, and returns a [Report]. The
// participants share one process with the clock that stamps their packets, so that
// latency needs no clocks to agree.
//
// A participant is not a PeerConnection. It has one UDP socket, checks the path and
// answers checks (RFC 8445, the controlling side), shakes hands by DTLS, and sends
// packets that were built beforehand; what it costs must not drown what is measured.
// It does answer NACKs, ask for what it lost, and send transport-wide feedback,
// sender and receiver reports, because a server's cost depends on them.
package loadtest
