// Package twcc keeps both ends of transport-wide congestion control (draft-holmer-rmcat-transport-wide-cc-extensions-01): what arrived from a publisher, and what became of the packets sent to a subscriber.
//
// Receiving, a peer owns a [Recorder]: [Recorder.Record] for every packet with the
// extension, [Recorder.Append] on a timer of 50 to 100 ms for the feedback to send.
//
// Sending, a peer owns a [Sender]: [Sender.Next] gives each outgoing packet its
// number, just before it is sealed, and remembers when it left and its size;
// [Sender.Feedback] turns the subscriber's report into [Result]s, which bwe reads.
//
// Nothing allocates after it was made. Times are durations since a start common to
// all calls; the subscriber's own clock appears only in [Result.Received]. Each
// value is driven by one goroutine or under one lock.
package twcc
