package bwe

import (
	"time"

	"consilium/sfu/internal/twcc"
)

const (
	// probeTime is how long a probe lasts. The queue a failed one leaves is at
	// most this long, because it never asks for more than twice the rate.
	probeTime = 100 * time.Millisecond
	// probeStep is how far ahead each call of Padding sends: the interval of Tick.
	probeStep = 25 * time.Millisecond
	// probeQuiet is how long no congestion must have been seen before one.
	probeQuiet = 1500 * time.Millisecond
	// probeGap is the least time between probes; failures double it.
	probeGap    = 1500 * time.Millisecond
	probeGapMax = 6 * time.Second
	// probeFactor is how far a probe reaches.
	probeFactor = 2.0
)

// probe sends, for a moment, as much as would be wanted, and looks at the rate at
// which that arrives.
type probe struct {
	desired float64

	running   bool
	measuring bool // sent out, feedback awaited
	target    float64
	begun     time.Duration
	ended     time.Duration
	bytes     int // sent since begun, media included

	results   int
	lost      int
	ackBytes  int // received so far
	newest    time.Duration
	firstSent time.Duration
	firstRecv time.Duration

	// Measured from the first packet of the first group to that of the last, so
	// that groups sent at once are not taken for a slow link.
	groupBytes int
	groupSent  time.Duration
	groupRecv  time.Duration

	next time.Duration
	gap  time.Duration
	made uint64
}

// SetDesired tells the rate that all wanted layers would need. A probe is made
// only while it is above the estimate; 0 makes none.
func (e *Estimator) SetDesired(bits int64) { e.probe.desired = float64(bits) }

// Probes counts the probes made.
func (e *Estimator) Probes() uint64 { return e.probe.made }

// Padding is how many bytes should be sent now on top of the media for the probe
// that is under way, 0 mostly. Whatever is sent for it goes through Sent as well.
func (e *Estimator) Padding(now time.Duration) int {
	p := &e.probe
	if !p.running {
		return 0
	}
	elapsed := min(now-p.begun+probeStep, probeTime)
	want := int(p.target*elapsed.Seconds()/8) - p.bytes
	if now-p.begun >= probeTime-probeStep/2 {
		p.running, p.measuring, p.ended = false, true, now
	}
	return max(want, 0)
}

// plan begins a probe when one could help and would not hurt.
func (p *probe) plan(now time.Duration, e *Estimator) {
	if p.active() || now < p.next || !e.limited || !e.fed || p.desired <= e.bits {
		return
	}
	if now-e.congested < probeQuiet || e.trend.queue > 30*time.Millisecond || now-e.lastFeedback > 300*time.Millisecond {
		return
	}
	if p.gap == 0 {
		p.gap = probeGap
	}
	*p = probe{
		desired: p.desired, gap: p.gap, made: p.made + 1,
		running: true, begun: now, target: min(probeFactor*e.bits, p.desired*1.2, float64(e.cfg.Max)),
	}
}

func (p *probe) sent(now time.Duration, size int) {
	if p.running && now >= p.begun {
		p.bytes += size
	}
}

// result takes what became of a packet, if it was sent during the probe.
func (p *probe) result(r *twcc.Result) {
	if !p.active() || r.Sent < p.begun || p.measuring && r.Sent > p.ended {
		return
	}
	if r.Lost {
		p.results++
		p.lost++
		return
	}
	if p.results == p.lost { // the first to arrive opens the interval
		p.firstSent, p.firstRecv, p.newest = r.Sent, r.Received, r.Sent
	} else if r.Sent-p.newest >= burst/2 {
		p.groupBytes, p.groupSent, p.groupRecv = p.ackBytes, r.Sent, r.Received
	}
	p.newest = max(p.newest, r.Sent)
	p.ackBytes += int(r.Size)
	p.results++
}

func (p *probe) active() bool { return p.running || p.measuring }

// abort ends a probe that meets congestion.
func (p *probe) abort(now time.Duration) {
	if p.active() {
		p.failed(now)
	}
}

func (p *probe) failed(now time.Duration) {
	p.running, p.measuring = false, false
	p.gap = min(2*max(p.gap, probeGap), probeGapMax)
	p.next = now + p.gap
}

// finish judges a probe when its feedback has had time to come, and returns the
// rate it showed.
func (p *probe) finish(now, rtt time.Duration) (float64, bool) {
	if !p.measuring || now-p.ended < rtt+150*time.Millisecond {
		return 0, false
	}
	send, recv := p.groupSent-p.firstSent, p.groupRecv-p.firstRecv
	if p.results < 5 || p.lost*10 > p.results || send < probeTime/3 || recv <= 0 {
		p.failed(now)
		return 0, false
	}
	sent := float64(p.groupBytes*8) / send.Seconds()
	got := float64(p.groupBytes*8) / recv.Seconds()
	p.measuring = false
	if got < 0.9*sent { // the link is full at this rate
		p.failed(now)
		return 0.9 * got, true
	}
	p.gap = probeGap
	p.next = now + p.gap
	return 0.95 * min(got, sent), true
}
