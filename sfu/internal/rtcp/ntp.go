package rtcp

import "time"

// NTP is a time or a span of 64 bits: seconds since 1900 above, their fraction
// below (RFC 3550 §4).
type NTP uint64

// ntpEpoch is the Unix time of NTP's zero.
const ntpEpoch = -2208988800

// NTPTime converts wall time t.
func NTPTime(t time.Time) NTP {
	return NTP(t.Unix()-ntpEpoch)<<32 | NTP((uint64(t.Nanosecond())<<32)/uint64(time.Second))
}

// NTPSpan converts a span of time.
func NTPSpan(d time.Duration) NTP {
	return NTP(d/time.Second)<<32 + NTP((int64(d%time.Second)<<32)/int64(time.Second))
}

// Middle is the 32 bits in the middle that LSR and DLSR use.
func (n NTP) Middle() uint32 { return uint32(n >> 16) }

// Span is n as a duration, for spans up to 68 years either way.
func (n NTP) Span() time.Duration {
	whole := time.Duration(int32(n>>32)) * time.Second
	return whole + time.Duration((uint64(uint32(n))*uint64(time.Second))>>32)
}

// Clock follows the sender reports of one stream and so knows which timestamp
// belongs to which moment of the publisher's wall clock. The zero value knows
// nothing. All streams of one publisher share that wall clock, which is what
// makes lip-sync and switches between simulcast layers exact.
type Clock struct {
	info  SenderInfo
	at    time.Duration
	rate  uint32
	known bool
}

// Observe takes a sender report that arrived now, of a stream of rate ticks a
// second.
func (c *Clock) Observe(info SenderInfo, rate uint32, now time.Duration) {
	if info.NTP == 0 || rate == 0 { // a sender without wall clock (RFC 3550 §6.4.1)
		return
	}
	*c = Clock{info: info, at: now, rate: rate, known: true}
}

// Known reports whether a sender report has been observed.
func (c *Clock) Known() bool { return c.known }

// NTP is the publisher's wall time at timestamp ts, which lies within half a wrap
// of the last report (6.6 hours at 90 kHz).
func (c *Clock) NTP(ts uint32) (NTP, bool) {
	if !c.known {
		return 0, false
	}
	ticks := int64(int32(ts - c.info.Timestamp))
	return c.info.NTP + NTP(ticks/int64(c.rate))<<32 + NTP((ticks%int64(c.rate))<<32/int64(c.rate)), true
}

// Timestamp is the stream's timestamp at the publisher's wall time t.
func (c *Clock) Timestamp(t NTP) (uint32, bool) {
	if !c.known {
		return 0, false
	}
	diff := int64(t - c.info.NTP)
	seconds, fraction := diff>>32, uint64(uint32(diff))
	return c.info.Timestamp + uint32(seconds*int64(c.rate)) + uint32((fraction*uint64(c.rate)+1<<31)>>32), true
}

// Align expresses timestamp ts of this stream in the clock of stream other, the
// prev of munge.Rewriter.Switch. False when either is unknown.
func (c *Clock) Align(ts uint32, other *Clock) (uint32, bool) {
	t, ok := c.NTP(ts)
	if !ok {
		return 0, false
	}
	return other.Timestamp(t)
}

// Now is the publisher's wall time and the stream's timestamp at the present
// moment, as far as the last report tells: what a sender report to a subscriber
// says, after munge's offset was added to the timestamp.
func (c *Clock) Now(now time.Duration) (t NTP, ts uint32, ok bool) {
	if !c.known {
		return 0, 0, false
	}
	t = c.info.NTP + NTPSpan(now-c.at)
	ts, _ = c.Timestamp(t)
	return t, ts, true
}

// LastSR and its delay are what a report block to the publisher says of its last
// sender report.
func (c *Clock) LastSR(now time.Duration) (lastSR, delay uint32) {
	if !c.known {
		return 0, 0
	}
	return c.info.NTP.Middle(), NTPSpan(now - c.at).Middle()
}
