// Package munge gives each subscriber one continuous stream out of what the selector lets through: sequence numbers without holes of our making, timestamps that never run backwards, and VP8 picture ids that count only what was sent.
//
// A subscriber's track owns one [Rewriter]. For each packet of the source it now
// plays it calls exactly one of [Rewriter.Switch] (the first packet from a new
// source, or the first after a pause), [Rewriter.Forward] or [Rewriter.Drop]. A
// packet lost on the way in keeps its place, so that its retransmission, which
// comes late, gets the number the subscriber has been missing. Packets of a source
// that was left are not given to the Rewriter any more.
//
// A Rewriter is driven under its subscriber's lock; it knows no time but the
// arrival it is given and allocates only in [New].
package munge
