package bwe

import (
	"math"
	"time"

	"consilium/sfu/internal/twcc"
)

// Config bounds an estimator, in bits a second.
type Config struct {
	Start, Min, Max int64
}

// DefaultConfig fits a browser on any link a consultation can be held over.
func DefaultConfig() Config {
	return Config{Start: 600_000, Min: 50_000, Max: 20_000_000}
}

const (
	// backoff is how much of the acknowledged rate remains after congestion.
	backoff = 0.85
	// limitedBelow is the share of the estimate under which the sender counts as
	// limited by what it has to send.
	limitedBelow = 0.75
	// headroom is how far above the acknowledged rate the estimate may grow.
	headroom = 1.5
	// lossWindow is how long losses are gathered for one judgement.
	lossWindow = 400 * time.Millisecond
	// lossTolerated above what the link loses anyway is not congestion.
	lossTolerated = 0.08
	// standing is a queue that a falling delay would have drained.
	standing = 90 * time.Millisecond
	// silence without feedback after which the estimate is halved.
	silence = 1500 * time.Millisecond
)

// Estimator estimates what the link to one subscriber carries. Use New.
type Estimator struct {
	cfg  Config
	bits float64

	trend trend
	sent  meter
	acked meter

	rtt          time.Duration
	lastTick     time.Duration
	lastDecrease time.Duration
	lastFeedback time.Duration
	fed          bool
	congested    time.Duration // last sign of congestion
	limitedSince time.Duration
	limited      bool

	// The rate at which congestion last appeared: near it the estimate grows
	// carefully, beyond it ever faster.
	ceiling    float64
	deviation  float64
	growth     float64
	arrivalOff time.Duration // maps received times to ours for the acked meter
	haveOff    bool

	loss  losses
	rival rivalry
	probe probe
}

// New returns an estimator at cfg.Start.
func New(cfg Config) *Estimator {
	return &Estimator{cfg: cfg, bits: float64(cfg.Start), growth: 1.08, congested: -time.Hour, lastDecrease: -time.Hour}
}

// Bits is the estimate in bits a second.
func (e *Estimator) Bits() int64 { return int64(e.bits) }

// AckedBits is the rate that arrives at the subscriber, 0 while unknown.
func (e *Estimator) AckedBits(now time.Duration) int64 {
	bits, _ := e.acked.bits(now)
	return bits
}

// Loss is the share of packets lost lately, from 0 to 1.
func (e *Estimator) Loss() float64 { return e.loss.recent }

// QueueDelay is the part of the one-way delay that a queue causes.
func (e *Estimator) QueueDelay() time.Duration { return e.trend.queue }

// Limited reports whether the sender has had less to send than the estimate.
func (e *Estimator) Limited() bool { return e.limited }

// Sent notes a packet of size bytes that leaves now, of any class.
func (e *Estimator) Sent(now time.Duration, size int) {
	e.sent.add(now, size)
	e.probe.sent(now, size)
}

// Feedback takes the results of one feedback packet that arrives now, as
// twcc.Sender gives them.
func (e *Estimator) Feedback(results []twcc.Result, now time.Duration) {
	if len(results) == 0 {
		return
	}
	if now-e.lastFeedback > time.Second { // after a pause old slots would dilute the rate
		e.acked = meter{}
	}
	e.fed, e.lastFeedback = true, now
	for i := range results {
		r := &results[i]
		e.loss.add(r)
		e.probe.result(r)
		if r.Lost {
			continue
		}
		if rtt := now - r.Sent; e.rtt == 0 || i == len(results)-1 {
			e.rtt += (rtt - e.rtt) / 4
			if e.rtt < rtt/8 {
				e.rtt = rtt
			}
		}
		// The acked meter counts by arrival, in our clock: the newest arrival is
		// taken to be now, whatever the feedback's own delay.
		if off := now - r.Received; !e.haveOff || off < e.arrivalOff {
			e.arrivalOff, e.haveOff = off, true
		}
		e.acked.add(r.Received+e.arrivalOff, int(r.Size))
		e.trend.add(r)
	}
	e.arrivalOff += time.Millisecond / 4 // lets the offset follow a drifting clock
	e.judge(now)
}

// Tick lets time pass: growth, silence of the subscriber, probes.
func (e *Estimator) Tick(now time.Duration) {
	if e.lastTick == 0 {
		e.lastTick = now
		e.lastFeedback = max(e.lastFeedback, now)
	}
	elapsed := now - e.lastTick
	if elapsed <= 0 {
		return
	}
	e.lastTick = now
	e.watchLimit(now)
	if e.fed && now-e.lastFeedback > silence && e.sentSomething(now) {
		e.set(e.bits / 2)
		e.congested, e.lastFeedback = now, now
		e.probe.abort(now)
		return
	}
	e.grow(now, elapsed)
	if got, ok := e.probe.finish(now, e.rtt); ok && got > e.bits && now-e.congested > e.rtt {
		e.set(got)
		e.deviation, e.ceiling = 0, 0
	}
	e.probe.plan(now, e)
}

func (e *Estimator) sentSomething(now time.Duration) bool {
	bits, ok := e.sent.bits(now)
	return ok && bits > 0
}

func (e *Estimator) watchLimit(now time.Duration) {
	bits, ok := e.sent.bits(now)
	limited := ok && float64(bits) < limitedBelow*e.bits
	if limited && !e.limited {
		e.limitedSince = now
	}
	e.limited = limited
}

// judge looks for congestion after new results.
func (e *Estimator) judge(now time.Duration) {
	overused := e.trend.state == overuse
	if overused {
		e.congested = now
	}
	if e.trend.queue > standing && e.trend.state != underuse {
		overused = true
	}
	wait := max(e.rtt, 100*time.Millisecond)
	acked, known := e.acked.bits(now)
	e.rival.watch(now, e.trend.queue, e.bits, overused)
	if e.rival.active {
		if e.loss.fresh > 0 && now-e.lastDecrease > wait {
			e.probe.abort(now)
			e.set(e.bits * competeBackoff)
			e.lastDecrease, e.congested = now, now
		}
		e.loss.fresh = 0
		return
	}
	e.loss.fresh = 0
	if overused && e.probe.active() {
		// The probe made this queue; it ends, and only a queue that stays speaks
		// against the estimate.
		e.probe.abort(now)
		e.trend.forget()
		e.congested, e.lastDecrease = now, now+2*probeTime+e.rtt
		return
	}
	if overused && now-e.lastDecrease > wait {
		target := e.bits * 0.9
		if known {
			target = backoff * float64(acked)
			e.remember(float64(acked))
		}
		e.congested = now
		// A sender that is limited by its material has not caused the queue with
		// its estimate; only a rate really sent may be taken back.
		if target < e.bits {
			e.set(target)
		}
		e.lastDecrease, e.growth = now, 1.08
		return
	}
	if share, ok := e.loss.judge(now); ok && now-e.lastDecrease > max(wait, lossWindow) {
		e.probe.abort(now)
		e.congested, e.lastDecrease, e.growth = now, now, 1.08
		e.set(e.bits * (1 - share/2))
		if known {
			e.remember(float64(acked))
		}
	}
}

// remember keeps the rate at which the link was full.
func (e *Estimator) remember(bits float64) {
	if e.ceiling == 0 || math.Abs(bits-e.ceiling) > 3*max(e.deviation, 0.1*e.ceiling) {
		e.ceiling, e.deviation = bits, 0.1*bits
		return
	}
	e.deviation += 0.05 * (math.Abs(bits-e.ceiling) - e.deviation)
	e.ceiling += 0.2 * (bits - e.ceiling)
}

func (e *Estimator) grow(now, elapsed time.Duration) {
	if !e.fed || now-e.lastFeedback > 300*time.Millisecond || e.limited {
		return
	}
	if e.rival.active {
		if now-e.lastDecrease > e.rtt {
			rtt := max(e.rtt, 50*time.Millisecond).Seconds()
			e.set(e.bits + elapsed.Seconds()*8*1200/(rtt*rtt))
		}
		return
	}
	if e.trend.state != normal ||
		now-e.congested < max(2*e.rtt, 300*time.Millisecond) {
		return
	}
	seconds := elapsed.Seconds()
	target := e.bits
	if e.ceiling > 0 && math.Abs(e.bits-e.ceiling) < max(3*e.deviation, 0.1*e.ceiling) && now-e.congested < 10*time.Second {
		// Near the ceiling: about one packet more for each time it takes to see
		// the effect.
		target += seconds * 8 * 1200 / (e.rtt + 100*time.Millisecond).Seconds()
	} else {
		if e.bits > e.ceiling {
			e.growth = min(e.growth+0.05*seconds, 1.3)
		}
		target *= math.Pow(e.growth, seconds)
	}
	if acked, ok := e.acked.bits(now); ok {
		target = min(target, headroom*float64(acked)+10_000)
	}
	if target > e.bits {
		e.set(target)
	}
}

func (e *Estimator) set(bits float64) {
	e.bits = min(max(bits, float64(e.cfg.Min)), float64(e.cfg.Max))
}

// losses judges the share of lost packets. What a link loses at any rate, a radio
// link's noise, is learnt and taken off: answering it with ever less would help
// nobody.
type losses struct {
	since       time.Duration
	total, gone int
	fresh       int // lost since the last judgement
	recent      float64
	inherent    float64
	history     [8]float64
	n           int
	consecutive int
}

func (l *losses) add(r *twcc.Result) {
	l.total++
	if r.Lost {
		l.gone++
		l.fresh++
	}
}

// judge returns the share lost to congestion when a window is full and it is too
// much.
func (l *losses) judge(now time.Duration) (float64, bool) {
	if l.total < 15 || now-l.since < lossWindow {
		return 0, false
	}
	share := float64(l.gone) / float64(l.total)
	l.since, l.total, l.gone = now, 0, 0
	l.recent += (share - l.recent) / 2
	l.history[l.n%len(l.history)] = share
	l.n++
	if l.n >= len(l.history) {
		least := l.history[0]
		for _, h := range l.history[1:] {
			least = min(least, h)
		}
		if least > l.inherent {
			l.inherent += (least - l.inherent) / 4
		} else {
			l.inherent = least
		}
	}
	excess := share - l.inherent
	if excess <= lossTolerated {
		l.consecutive = 0
		return 0, false
	}
	// One window over the mark may be chance; two are not, nor is a heavy one.
	l.consecutive++
	return excess, l.consecutive >= 2 || excess > 0.3
}
