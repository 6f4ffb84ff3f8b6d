package bwe

import (
	"time"

	"consilium/sfu/internal/twcc"
)

const (
	// burst joins packets sent so close together into one group: what leaves
	// together says nothing about the queue by arriving together.
	burst = 5 * time.Millisecond
	// trendLength is how many groups the line goes through.
	trendLength = 20
	// trendSmoothing of the accumulated delay.
	trendSmoothing = 0.9
	// trendGain scales the slope to the threshold's milliseconds.
	trendGain = 4.0
	// overuseTime is how long the slope must stay over the threshold.
	overuseTime = 10 * time.Millisecond

	// overuseQueue is the queue, beyond what jitter makes usual, under which a
	// growing delay is taken for chance.
	overuseQueue = 12 * time.Millisecond

	thresholdStart = 12.5 // ms
	thresholdMin   = 6.0
	thresholdMax   = 600.0
	thresholdUp    = 0.0087 // per ms, towards a slope above
	thresholdDown  = 0.039
)

type usage uint8

const (
	normal usage = iota
	overuse
	underuse
)

type group struct {
	first, last time.Duration // sent
	arrival     time.Duration // of the last packet
	began       time.Duration // arrival of the first
}

// trend watches how the one-way delay grows: a straight line through the last
// groups' smoothed delay, compared with a threshold that adapts to the link, so
// that a delay-based flow is not starved by loss-based ones beside it.
type trend struct {
	current, previous group
	open, have        bool

	started    bool
	start      time.Duration
	sum        float64 // accumulated delay variation, ms
	smooth     float64
	x, y       [trendLength]float64
	n, at      int
	groups     int
	slope      float64
	threshold  float64
	overSince  time.Duration
	over       bool
	lastUpdate time.Duration
	state      usage

	base  [6]time.Duration // least one-way delay of each of the last minutes' tens of seconds
	basis time.Duration    // when base[0] began
	haveB bool
	queue time.Duration // smoothed delay above the least
	usual time.Duration // what queue is at quiet times: the path's jitter
}

// add takes a received packet in the order of sending.
func (t *trend) add(r *twcc.Result) {
	t.observe(r)
	if !t.open {
		t.current = group{r.Sent, r.Sent, r.Received, r.Received}
		t.open = true
		return
	}
	if r.Sent < t.current.first { // older than the group: reordered
		return
	}
	if r.Sent-t.current.first <= burst {
		t.current.last = max(t.current.last, r.Sent)
		t.current.arrival = max(t.current.arrival, r.Received)
		return
	}
	// Packets that drain from one queue in a bunch (radio links) are one group
	// too: they arrive closer together than they were sent.
	sendGap, arrivalGap := r.Sent-t.current.last, r.Received-t.current.arrival
	if arrivalGap-sendGap < 0 && arrivalGap <= burst && r.Received-t.current.began < 100*time.Millisecond {
		t.current.last = r.Sent
		t.current.arrival = max(t.current.arrival, r.Received)
		return
	}
	if t.have {
		t.delta(t.current.last-t.previous.last, t.current.arrival-t.previous.arrival)
	}
	t.previous, t.have = t.current, true
	t.current = group{r.Sent, r.Sent, r.Received, r.Received}
}

// observe follows the least one-way delay, which is the path without a queue. The
// two clocks' offset cancels out, their drift is forgotten within a minute.
func (t *trend) observe(r *twcc.Result) {
	oneWay := r.Received - r.Sent
	if !t.haveB {
		t.haveB, t.basis = true, r.Sent
		for i := range t.base {
			t.base[i] = oneWay
		}
	}
	if r.Sent-t.basis > 10*time.Second {
		copy(t.base[1:], t.base[:len(t.base)-1])
		t.base[0], t.basis = oneWay, r.Sent
	}
	t.base[0] = min(t.base[0], oneWay)
	least := t.base[0]
	for _, b := range t.base[1:] {
		least = min(least, b)
	}
	t.queue += (oneWay - least - t.queue) / 8
}

func (t *trend) delta(send, arrival time.Duration) {
	now := t.current.arrival
	if !t.started {
		t.started, t.start, t.threshold, t.lastUpdate = true, now, thresholdStart, now
	}
	variation := float64(arrival-send) / float64(time.Millisecond)
	t.sum += variation
	t.smooth = trendSmoothing*t.smooth + (1-trendSmoothing)*t.sum
	t.x[t.at], t.y[t.at] = float64(now-t.start)/float64(time.Millisecond), t.smooth
	t.at = (t.at + 1) % trendLength
	t.n = min(t.n+1, trendLength)
	t.groups = min(t.groups+1, 60)
	previous := t.slope
	if t.n == trendLength {
		t.slope = t.fit()
	}
	t.judge(t.slope*float64(t.groups)*trendGain, t.slope >= previous, now)
}

// forget drops the line, as after a probe whose queue says nothing of the media.
func (t *trend) forget() {
	t.n, t.at, t.slope, t.groups = 0, 0, 0, 0
	t.over, t.state = false, normal
}

// fit is the slope of the least-squares line.
func (t *trend) fit() float64 {
	var mx, my float64
	for i := range t.n {
		mx += t.x[i]
		my += t.y[i]
	}
	mx /= float64(t.n)
	my /= float64(t.n)
	var num, den float64
	for i := range t.n {
		dx := t.x[i] - mx
		num += dx * (t.y[i] - my)
		den += dx * dx
	}
	if den == 0 {
		return t.slope
	}
	return num / den
}

func (t *trend) judge(value float64, rising bool, now time.Duration) {
	switch {
	case value > t.threshold:
		if !t.over {
			t.over, t.overSince = true, now
		}
		if now-t.overSince >= overuseTime && rising && t.queue > t.usual+overuseQueue {
			t.state = overuse
		}
	case value < -t.threshold:
		t.over, t.state = false, underuse
	default:
		t.over, t.state = false, normal
		t.usual += (min(t.queue, standing/2) - t.usual) / 256
	}
	size := value
	if size < 0 {
		size = -size
	}
	elapsed := min(float64(now-t.lastUpdate)/float64(time.Millisecond), 100)
	t.lastUpdate = now
	if size > t.threshold+15 { // a spike, not the link's manner
		return
	}
	k := thresholdUp
	if size < t.threshold {
		k = thresholdDown
	}
	t.threshold = min(max(t.threshold+k*(size-t.threshold)*elapsed, thresholdMin), thresholdMax)
}
