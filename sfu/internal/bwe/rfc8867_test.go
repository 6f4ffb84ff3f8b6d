package bwe

import (
	"math/rand/v2"
	"testing"
	"time"
)

const s = time.Second

// The cases of RFC 8867 §5 with the figures of Cisco's ns-3 suite. The RFC sets no
// marks; those here are ours.

func TestVariableCapacityOneFlow(t *testing.T) { // §5.1
	for _, delay := range []time.Duration{10 * ms, 50 * ms, 100 * ms} {
		t.Run(delay.String(), func(t *testing.T) {
			l := newLink(step{0, 1e6}, step{40 * s, 2.5e6}, step{60 * s, 0.6e6}, step{80 * s, 1e6})
			l.delay = delay
			f := newFlow(l, wide(delay), 0)
			simulate(100*s, f)
			for _, c := range []struct {
				from, to time.Duration
				bits     float64
			}{{10 * s, 40 * s, 1e6}, {50 * s, 60 * s, 2.5e6}, {65 * s, 80 * s, 0.6e6}, {90 * s, 100 * s, 1e6}} {
				if got := f.mean(c.from, c.to) / c.bits; got < 0.8 {
					t.Errorf("utilisation from %v is %.2f", c.from, got)
				}
			}
			after := func(at time.Duration) bool { return at > 60*s && at < 62*s }
			if q := f.queueAt(0.95, 10*s, 100*s, after); q > 100*ms {
				t.Errorf("95th percentile of the queue is %v", q)
			}
			if lost := float64(l.dropped) / float64(l.dropped+l.passed); lost > 0.02 {
				t.Errorf("loss is %.3f", lost)
			}
			if got := f.rates[610]; got > 0.7e6 {
				t.Errorf("one second after the drop the estimate is %.0f", got)
			}
		})
	}
}

func TestVariableCapacityTwoFlows(t *testing.T) { // §5.2
	l := newLink(step{0, 4e6}, step{25 * s, 2e6}, step{50 * s, 3.5e6}, step{75 * s, 1e6}, step{100 * s, 2e6})
	back := wide(50 * ms)
	a, b := newFlow(l, back, 0), newFlow(l, back, 0)
	simulate(125*s, a, b)
	for _, c := range []struct {
		from, to time.Duration
		bits     float64
	}{{15 * s, 25 * s, 4e6}, {30 * s, 50 * s, 2e6}, {62 * s, 75 * s, 3.5e6}, {80 * s, 100 * s, 1e6}, {112 * s, 125 * s, 2e6}} {
		if got := (a.mean(c.from, c.to) + b.mean(c.from, c.to)) / c.bits; got < 0.75 {
			t.Errorf("utilisation from %v is %.2f", c.from, got)
		}
	}
	if j := jain(a.mean(95*s, 125*s), b.mean(95*s, 125*s)); j < 0.9 {
		t.Errorf("fairness %.2f", j)
	}
}

func TestCongestedFeedback(t *testing.T) { // §5.3
	l := newLink(step{0, 2e6}, step{20 * s, 1e6}, step{40 * s, 0.5e6}, step{60 * s, 2e6})
	back := newLink(step{0, 2e6}, step{35 * s, 0.8e6}, step{70 * s, 2e6})
	a := newFlow(l, back, 0)
	b := newFlow(back, l, 0)
	simulate(100*s, a, b)
	for _, c := range []struct {
		f        *flow
		from, to time.Duration
		bits     float64
	}{{a, 12 * s, 20 * s, 2e6}, {a, 25 * s, 40 * s, 1e6}, {a, 45 * s, 60 * s, 0.5e6}, {a, 75 * s, 100 * s, 2e6}, {b, 12 * s, 35 * s, 2e6}, {b, 40 * s, 70 * s, 0.8e6}, {b, 82 * s, 100 * s, 2e6}} {
		if got := c.f.mean(c.from, c.to) / c.bits; got < 0.7 {
			t.Errorf("utilisation from %v of %.1f Mbit/s is %.2f", c.from, c.bits/1e6, got)
		}
	}
}

func TestThreeFlows(t *testing.T) { // §5.4
	l := newLink(step{0, 3.5e6})
	back := wide(50 * ms)
	a, b, c := newFlow(l, back, 0), newFlow(l, back, 20*s), newFlow(l, back, 40*s)
	simulate(120*s, a, b, c)
	x, y, z := a.mean(90*s, 120*s), b.mean(90*s, 120*s), c.mean(90*s, 120*s)
	if j := jain(x, y, z); j < 0.9 {
		t.Errorf("fairness %.2f: %.0f %.0f %.0f", j, x, y, z)
	}
	if u := (x + y + z) / 3.5e6; u < 0.8 {
		t.Errorf("utilisation %.2f", u)
	}
}

func TestRoundTripFairness(t *testing.T) { // §5.5
	shared := newLink(step{0, 4e6})
	shared.delay = 0
	var flows []*flow
	var all []sender
	for i, d := range []time.Duration{10 * ms, 25 * ms, 50 * ms, 100 * ms, 150 * ms} {
		f := newFlow(shared, wide(2*d), time.Duration(i)*10*s)
		flows = append(flows, f)
		all = append(all, f)
	}
	simulate(300*s, all...)
	var got []float64
	for _, f := range flows {
		got = append(got, f.mean(200*s, 300*s))
	}
	if j := jain(got...); j < 0.7 {
		t.Errorf("fairness %.2f: %.0f", j, got)
	}
}

func TestAgainstLongTCP(t *testing.T) { // §5.6
	for _, c := range []struct {
		queue time.Duration
		share float64
	}{{300 * ms, 0.25}, {1000 * ms, 0.1}} {
		t.Run(c.queue.String(), func(t *testing.T) {
			l := newLink(step{0, 2e6})
			l.queue = c.queue
			back := wide(50 * ms)
			f := newFlow(l, back, 5*s)
			simulate(120*s, f, &tcp{forward: l, back: back, rng: l.rng})
			if got := f.mean(40*s, 120*s) / 1e6; got < c.share {
				t.Errorf("%.2f of a fair share is left", got)
			}
		})
	}
}

func TestAgainstShortTCP(t *testing.T) { // §5.7
	l := newLink(step{0, 2e6})
	back := wide(50 * ms)
	a, b := newFlow(l, back, 0), newFlow(l, back, 0)
	all := []sender{a, b}
	for i := range 10 {
		rng := rand.New(rand.NewPCG(uint64(i), 4))
		all = append(all, &tcp{forward: l, back: back, rng: rng, size: 20 + rng.IntN(200), start: time.Duration(rng.IntN(20)) * s})
	}
	simulate(150*s, all...)
	if got := (a.mean(40*s, 150*s) + b.mean(40*s, 150*s)) / 2e6; got < 0.2 {
		t.Errorf("%.2f of the link is left", got)
	}
}

func TestPauseAndResume(t *testing.T) { // §5.8
	l := newLink(step{0, 3.5e6})
	back := wide(50 * ms)
	a, b, c := newFlow(l, back, 0), newFlow(l, back, 0), newFlow(l, back, 0)
	b.paused = func(now time.Duration) bool { return now > 40*s && now < 60*s }
	simulate(120*s, a, b, c)
	before, after := b.mean(30*s, 40*s), b.mean(65*s, 70*s)
	if after < 0.5*min(before, 3.5e6/3) {
		t.Errorf("%.0f before the pause, %.0f five seconds after it", before, after)
	}
	if u := (a.mean(100*s, 120*s) + b.mean(100*s, 120*s) + c.mean(100*s, 120*s)) / 3.5e6; u < 0.8 {
		t.Errorf("utilisation %.2f", u)
	}
}

// What a media server meets beyond the RFC.

func TestLimitedSenderDoesNotDream(t *testing.T) {
	l := newLink(step{0, 10e6})
	f := newFlow(l, wide(50*ms), 0)
	f.source = func(time.Duration, float64) float64 { return 300_000 }
	simulate(60*s, f)
	if got := f.est.Bits(); got > 600_000 {
		t.Errorf("the estimate is %d while 300000 is sent", got)
	}
	if !f.est.Limited() && f.est.Bits() > 400_000 {
		t.Error("not known to be limited")
	}
}

// ladder sends the highest of three layers that fits the estimate, as an allocator
// would.
func ladder(f *flow) {
	f.source = func(_ time.Duration, estimate float64) float64 {
		f.est.SetDesired(1_700_000)
		switch {
		case estimate > 1_700_000:
			return 1_550_000
		case estimate > 600_000:
			return 550_000
		default:
			return 180_000
		}
	}
}

func TestProbesFindRisenCapacity(t *testing.T) {
	l := newLink(step{0, 2.5e6}, step{20 * s, 0.5e6}, step{50 * s, 2.5e6})
	f := newFlow(l, wide(50*ms), 0)
	ladder(f)
	simulate(70*s, f)
	if got := f.mean(15*s, 20*s); got < 1.4e6 {
		t.Errorf("the top layer was not reached at first: %.0f", got)
	}
	if got := f.mean(58*s, 60*s); got < 1.4e6 {
		t.Errorf("8 s after the rise %.0f arrives", got)
	}
	below := func(at time.Duration) bool { return at < 23*s }
	if q := f.queueAt(0.95, 20*s, 50*s, below); q > 100*ms {
		t.Errorf("3 s after the drop the queue is %v", q)
	}
	if lost := float64(l.dropped) / float64(l.dropped+l.passed); lost > 0.02 {
		t.Errorf("loss is %.3f", lost)
	}
}

func TestRandomLossIsNoCongestion(t *testing.T) {
	for _, c := range []struct {
		loss float64
		want float64
	}{{0.01, 1.4e6}, {0.05, 1.4e6}, {0.10, 1.2e6}} {
		l := newLink(step{0, 2e6})
		l.loss = c.loss
		f := newFlow(l, wide(50*ms), 0)
		simulate(60*s, f)
		if got := f.mean(30*s, 60*s); got < c.want*(1-c.loss) {
			t.Errorf("at %.0f %% loss %.0f arrives", 100*c.loss, got)
		}
	}
}

func TestJitterIsNoCongestion(t *testing.T) {
	l := newLink(step{0, 3e6})
	l.jitter, l.loss = 20*ms, 0.01
	f := newFlow(l, wide(50*ms), 0)
	ladder(f)
	simulate(300*s, f)
	down := 0
	for i := 300; i < len(f.rates); i++ {
		if f.rates[i-1] > 1.7e6 && f.rates[i] <= 1.7e6 {
			down++
		}
	}
	if down > 0 {
		t.Errorf("%d times down at a constant link", down)
	}
}

func TestSilenceHalves(t *testing.T) {
	l := newLink(step{0, 2e6})
	f := newFlow(l, wide(50*ms), 0)
	simulate(20*s, f)
	before := f.est.Bits()
	for now := 20 * s; now < 22*s; now += 25 * ms {
		f.est.Sent(now, 1200)
		f.est.Tick(now)
	}
	if got := f.est.Bits(); float64(got) > 0.6*float64(before) {
		t.Errorf("%d after two seconds without feedback, %d before", got, before)
	}
}

func TestFeedbackAllocatesNothing(t *testing.T) {
	l := newLink(step{0, 2e6})
	f := newFlow(l, wide(50*ms), 0)
	simulate(5*s, f)
	results := append(f.results[:0:0], f.results...)
	now := 5 * s
	if n := testing.AllocsPerRun(200, func() {
		now += 50 * ms
		for i := range results {
			results[i].Sent, results[i].Received = now-100*ms+time.Duration(i)*ms, now-50*ms+time.Duration(i)*ms
		}
		f.est.Sent(now, 1200)
		f.est.Feedback(results, now)
		f.est.Tick(now)
		f.est.Padding(now)
	}); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func BenchmarkSent(b *testing.B) {
	e := New(DefaultConfig())
	now := time.Duration(0)
	b.ReportAllocs()
	for b.Loop() {
		now += ms
		e.Sent(now, 1200)
	}
}

func BenchmarkSimulatedMinute(b *testing.B) {
	for b.Loop() {
		simulate(60*s, newFlow(newLink(step{0, 2e6}), wide(50*ms), 0))
	}
}
