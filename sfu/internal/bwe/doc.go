// Package bwe estimates what the link to one subscriber carries and divides it among the tracks sent there.
//
// A subscriber owns one [Estimator]. [Estimator.Sent] for every packet that leaves,
// [Estimator.Feedback] with the results of each TWCC packet, [Estimator.Tick] every
// 25 ms or so; [Estimator.Bits] is then the estimate. [Estimator.Padding] says after
// each tick how many bytes of padding or resent packets to send for a probe.
//
// The subscriber's [Allocator] turns the estimate into a layer for each track: audio
// is taken off first, every track then gets its lowest layer, and what is left goes
// to upgrades by priority. The rate it would need for the next upgrades goes back
// with [Estimator.SetDesired], so that probes are made only when they can serve.
//
// The estimator joins three judges: a line through the one-way delay's growth sees a
// queue build up, the share of lost packets sees one overflow, and the rate that is
// acknowledged bounds both. While the sender has less to send than the estimate, the
// estimate does not grow by itself: only a probe may raise it.
//
// Times are durations since a start common to all calls, rates bits a second.
// Nothing allocates per packet; each value is driven under its subscriber's lock.
package bwe
