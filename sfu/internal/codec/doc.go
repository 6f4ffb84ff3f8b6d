// Package codec reads what an RTP payload says of its frame: whether it begins one, whether a decoder can begin there, and which layer it is of.
//
// The uplink calls [Parse] once for each packet; the resulting [Frame] travels
// with the packet to every subscriber's selector. A subscriber of VP8 writes its
// payload with [AppendVP8], which puts that subscriber's own picture id and
// TL0PICIDX in place; every other payload is copied as it is. [ParseRED] and
// [AppendRED] read and write redundant audio (RFC 2198).
//
// VP8 is RFC 7741, VP9 RFC 9628, H.264 RFC 6184, AV1 the AOM's RTP payload
// format 1.0. Nothing here allocates, looks into the coded picture further than
// it must, or keeps a reference to its input; every function is safe for
// concurrent use.
package codec
