package sfu

import (
	"time"

	"consilium/sfu/internal/bwe"
	"consilium/sfu/internal/crypt"
	"consilium/sfu/internal/rtp"
	"consilium/sfu/internal/twcc"
)

// paceEvery is how often a subscriber's estimate lets time pass. It runs when a
// packet leaves, so an idle subscriber costs nothing.
const paceEvery = 25 * time.Millisecond

// maxPadding bounds what one step of a probe sends at once, in packets.
const maxPadding = 40

// pace is what a subscriber's path is believed to carry. Without transport-wide
// feedback nothing is known and nothing limited.
type pace struct {
	est    *bwe.Estimator
	tickAt time.Duration
}

// begin starts to estimate.
func (p *pace) begin(bps int) {
	cfg := bwe.DefaultConfig()
	cfg.Start = int64(bps)
	p.est = bwe.New(cfg)
}

// bits returns the estimate in bit/s, or false when there is none.
func (p *pace) bits() (int64, bool) {
	if p.est == nil {
		return 0, false
	}
	return p.est.Bits(), true
}

// What proves that a path really is too narrow for the smallest pictures. Delay
// alone also comes from a busy machine at either end.
const (
	sufferLoss  = 0.04
	sufferQueue = 400 * time.Millisecond
)

// suffers reports that even the least may be too much for the path.
func (p *pace) suffers() bool {
	return p.est != nil && (p.est.Loss() > sufferLoss || p.est.QueueDelay() > sufferQueue)
}

// elapse lets time pass for the estimate and sends what its probe wants. The
// caller holds e.mu.
func (e *egress) elapse(out *outbox, now time.Duration) {
	if e.pace.est == nil || now-e.pace.tickAt < paceEvery {
		return
	}
	e.pace.tickAt = now
	e.pace.est.Tick(now)
	bytes := e.pace.est.Padding(now)
	for n := 0; bytes > 0 && n < maxPadding; n++ {
		sent := e.pad(out, now)
		if sent == 0 {
			return
		}
		bytes -= sent
	}
}

// paddingSize is the most padding one packet can have (RFC 3550 §5.1).
const paddingSize = 255

// pad sends a packet of nothing but padding on a slot's retransmission stream,
// where it disturbs no decoder, and returns its size. The caller holds e.mu.
func (e *egress) pad(out *outbox, now time.Duration) int {
	to := e.to.Load()
	for _, d := range e.slots {
		pt := d.repairs()
		if pt == 0 || to == nil || !d.ready() {
			continue
		}
		d.rtxSeq++
		b := e.header(out.Buffer(), rtp.Fixed{
			SSRC: d.rtx, Timestamp: d.rw.LastTimestamp(), Seq: d.rtxSeq, PayloadType: pt,
		}, &e.video, paddingSize, twcc.Probe, now)
		b = rtp.Pad(b, paddingSize)
		if !e.seal(out, d.resend, b, d.rtxSeq, *to, false) {
			return 0
		}
		return len(b) + crypt.Overhead
	}
	return 0
}
