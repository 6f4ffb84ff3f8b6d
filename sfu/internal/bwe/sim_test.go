package bwe

import (
	"math"
	"math/rand/v2"
	"sort"
	"time"

	"consilium/sfu/internal/twcc"
)

const ms = time.Millisecond

// step is a capacity in bits a second from a moment on.
type step struct {
	at   time.Duration
	bits float64
}

// link is a drop-tail queue in front of a wire, in virtual time.
type link struct {
	steps  []step
	delay  time.Duration // one way
	queue  time.Duration // longest wait
	loss   float64       // at random
	jitter time.Duration
	rng    *rand.Rand

	free    time.Duration // when the wire is free again
	last    time.Duration // last arrival: the link keeps the order
	dropped int
	passed  int
}

func (l *link) capacity(now time.Duration) float64 {
	bits := l.steps[0].bits
	for _, s := range l.steps {
		if s.at <= now {
			bits = s.bits
		}
	}
	return bits
}

// send returns when a packet arrives, and false when it is lost.
func (l *link) send(now time.Duration, size int) (time.Duration, bool) {
	start := max(now, l.free)
	if start-now > l.queue {
		l.dropped++
		return 0, false
	}
	l.free = start + time.Duration(float64(size*8)/l.capacity(now)*float64(time.Second))
	if l.loss > 0 && l.rng.Float64() < l.loss {
		l.dropped++
		return 0, false
	}
	l.passed++
	at := l.free + l.delay
	if l.jitter > 0 {
		at += time.Duration(l.rng.Float64() * float64(l.jitter))
	}
	l.last = max(l.last, at)
	return l.last, true
}

func (l *link) waiting(now time.Duration) time.Duration { return max(l.free-now, 0) }

// sender is one thing that sends over the link.
type sender interface{ run(now time.Duration) }

type arrived struct {
	at   time.Duration
	seq  uint16
	size int
}

// flow is a subscriber: what it gets, its feedback, and the estimator under test.
type flow struct {
	forward, back *link
	start         time.Duration
	paused        func(now time.Duration) bool
	source        func(now time.Duration, estimate float64) float64 // bits a second to send; nil sends the estimate

	est    *Estimator
	send   *twcc.Sender
	rec    twcc.Recorder
	credit float64

	flight   []arrived
	feedback []struct {
		at time.Duration
		b  []byte
	}
	lastFeedback time.Duration
	lastTick     time.Duration
	results      []twcc.Result
	padding      int

	got   []float64 // bits received in each 100 ms
	rates []float64 // estimate at the end of each
	queue []time.Duration
}

func newFlow(forward, back *link, start time.Duration) *flow {
	cfg := DefaultConfig()
	cfg.Start = 300_000
	return &flow{forward: forward, back: back, start: start, est: New(cfg), send: twcc.NewSender(4096)}
}

func (f *flow) emit(now time.Duration, size int, class twcc.Class) {
	seq := f.send.Next(now, size, class, 0)
	f.est.Sent(now, size)
	if at, ok := f.forward.send(now, size); ok {
		f.flight = append(f.flight, arrived{at, seq, size})
	}
}

func (f *flow) run(now time.Duration) {
	slot := int(now / (100 * ms))
	for len(f.got) <= slot {
		f.got = append(f.got, 0)
		f.rates = append(f.rates, float64(f.est.Bits()))
		f.queue = append(f.queue, f.forward.waiting(now))
	}
	if now < f.start {
		return
	}
	for len(f.flight) > 0 && f.flight[0].at <= now {
		f.rec.Record(f.flight[0].seq, f.flight[0].at)
		f.got[slot] += float64(f.flight[0].size * 8)
		f.flight = f.flight[1:]
	}
	if now-f.lastFeedback >= 50*ms {
		f.lastFeedback = now
		for {
			b, ok := f.rec.Append(nil, 1, 2)
			if !ok {
				break
			}
			if at, ok := f.back.send(now, len(b)+50); ok {
				f.feedback = append(f.feedback, struct {
					at time.Duration
					b  []byte
				}{at, b})
			}
		}
	}
	for len(f.feedback) > 0 && f.feedback[0].at <= now {
		f.results, _ = f.send.Feedback(f.feedback[0].b, f.results[:0])
		f.est.Feedback(f.results, now)
		f.feedback = f.feedback[1:]
	}
	if now-f.lastTick >= 25*ms {
		f.lastTick = now
		f.est.Tick(now)
		f.padding = f.est.Padding(now)
	}
	for f.padding > 0 {
		n := min(f.padding, 1200)
		f.emit(now, max(n, 60), twcc.Probe)
		f.padding -= n
	}
	if f.paused != nil && f.paused(now) {
		return
	}
	rate := float64(f.est.Bits())
	if f.source != nil {
		rate = f.source(now, rate)
	}
	// Video frames of 30 a second, spread as a pacer of a publisher does.
	f.credit += rate / 8 / 1000
	for f.credit >= 1200 {
		f.credit -= 1200
		f.emit(now, 1200, twcc.Media)
	}
}

// tcp is a long transfer after Reno.
type tcp struct {
	forward, back *link
	start         time.Duration
	size          int // packets to send, 0 for ever
	cwnd, thresh  float64
	inFlight      int
	sent          int
	acks          []time.Duration
	losses        []time.Duration
	recover       time.Duration
	bytes         float64
	rng           *rand.Rand
	idleUntil     time.Duration
}

func (t *tcp) run(now time.Duration) {
	if now < t.start || now < t.idleUntil {
		return
	}
	if t.cwnd == 0 {
		t.cwnd, t.thresh = 4, 1e9
	}
	for len(t.acks) > 0 && t.acks[0] <= now {
		t.acks = t.acks[1:]
		t.inFlight--
		if t.cwnd < t.thresh {
			t.cwnd++
		} else {
			t.cwnd += 1 / t.cwnd
		}
	}
	for len(t.losses) > 0 && t.losses[0] <= now {
		t.losses = t.losses[1:]
		t.inFlight--
		if now > t.recover {
			t.cwnd = math.Max(t.cwnd/2, 2)
			t.thresh = t.cwnd
			t.recover = now + 2*t.forward.delay + t.forward.waiting(now)
		}
	}
	for float64(t.inFlight) < t.cwnd && (t.size == 0 || t.sent < t.size) {
		at, ok := t.forward.send(now, 1500)
		t.inFlight++
		t.sent++
		if ok {
			t.bytes += 1500
			t.acks = append(t.acks, at+t.forward.delay)
		} else {
			t.losses = append(t.losses, now+t.forward.waiting(now)+2*t.forward.delay)
			sort.Slice(t.losses, func(i, j int) bool { return t.losses[i] < t.losses[j] })
		}
	}
	if t.size > 0 && t.sent >= t.size && t.inFlight == 0 {
		t.sent, t.cwnd = 0, 0
		t.idleUntil = now + time.Duration(t.rng.ExpFloat64()*float64(10*time.Second))
	}
}

// simulate lets the senders run for a while, in steps of a millisecond.
func simulate(length time.Duration, senders ...sender) {
	for now := ms; now < length; now += ms {
		for _, s := range senders {
			s.run(now)
		}
	}
}

func newLink(steps ...step) *link {
	return &link{steps: steps, delay: 50 * ms, queue: 300 * ms, rng: rand.New(rand.NewPCG(7, 7))}
}

// wide is a return path that never matters.
func wide(delay time.Duration) *link {
	return &link{steps: []step{{0, 1e9}}, delay: delay, queue: time.Second, rng: rand.New(rand.NewPCG(8, 8))}
}

// mean of what a flow received between two moments, in bits a second.
func (f *flow) mean(from, to time.Duration) float64 {
	total := 0.0
	a, b := int(from/(100*ms)), min(int(to/(100*ms)), len(f.got))
	for _, x := range f.got[a:b] {
		total += x
	}
	return total / (float64(b-a) / 10)
}

// queueAt is a percentile of the queue's delay between two moments, leaving out
// the moments that skip names.
func (f *flow) queueAt(p float64, from, to time.Duration, skip func(time.Duration) bool) time.Duration {
	var all []time.Duration
	for i := int(from / (100 * ms)); i < min(int(to/(100*ms)), len(f.queue)); i++ {
		if at := time.Duration(i) * 100 * ms; skip == nil || !skip(at) {
			all = append(all, f.queue[i])
		}
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	return all[int(p*float64(len(all)-1))]
}

// jain is Jain's index of fairness.
func jain(x ...float64) float64 {
	var sum, squares float64
	for _, v := range x {
		sum += v
		squares += v * v
	}
	return sum * sum / (float64(len(x)) * squares)
}
