// Package rtp reads and rewrites RTP packets in place (RFC 3550, RFC 8285, RFC 4588), without copying them and without knowing what they carry.
//
// The way of a packet: [Classify] tells STUN, DTLS, RTP and RTCP apart at the
// socket. [Header.Parse] reads a packet once; its offsets then lead to the
// extensions and the payload. [IDs] maps the meaning of an extension to the
// number that one peer negotiated for it. Going out, a subscriber's header is
// built with [AppendHeader] and an [Extensions] block whose layout is prepared
// once per subscriber, then the payload is appended; [Pad] fills a packet up to
// a wanted size. [AppendRTX] and [UnwrapRTX] are the two ends of RFC 4588.
//
// Nothing here allocates, keeps a reference to the bytes it was given, or knows
// the time. All types are plain values owned by their caller and are not safe
// for concurrent use.
package rtp
