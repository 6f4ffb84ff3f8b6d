// Package rtcp writes and reads the control packets a media server needs (RFC 3550 §6, RFC 4585, RFC 5104) without allocating, and keeps the few numbers that go into them.
//
// Reading: [Packets] walks a compound packet; for each [Packet] ask by its Type and
// Count for the part wanted: [Packet.SenderInfo], [Packet.Reports], [Packet.Nacks],
// [Packet.FIRs]. Writing: the Append functions each add one packet to a compound;
// a compound begins with a report and an SDES unless reduced size (RFC 5506) was
// negotiated.
//
// Per received stream a [Reception] makes report blocks and a [Clock] follows the
// publisher's sender reports; per sent stream the [Clock] of its source, shifted by
// munge's offset, makes the sender reports that lip-sync hangs on. A [Keyframe]
// decides when to ask a publisher for a key frame.
//
// Values are driven by one goroutine or under one lock each. Times are durations
// since a start common to all calls; [NTP] times are 64-bit, RFC 3550 §4.
package rtcp
