package loadtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"consilium/internal/id"
)

// run is one load test under way.
type run struct {
	plan     Plan
	door     Door
	clock    clock
	identity *identity
	progress *progress
	pump     *pump
	run      string // makes the rooms' names unique

	mu      sync.Mutex // guards what follows
	peers   []*peer
	base    uint32
	errs    map[string]int
	connect []time.Duration
	leaves  int
	failed  int
}

// Run carries out plan through door. show, which may be nil, is told how far it is. A
// participant who cannot join is counted, not an error; an error means that nothing
// was measured.
func Run(ctx context.Context, plan Plan, door Door, show func(Progress)) (*Report, error) {
	if err := plan.Validate(); err != nil {
		return nil, err
	}
	who, err := newIdentity()
	if err != nil {
		return nil, err
	}
	c := clock{time.Now()}
	r := &run{
		plan: plan, door: door, clock: c, identity: who, pump: newPump(c), run: id.New()[:8],
		progress: &progress{show: show, last: Progress{Total: plan.Rooms * plan.Size}},
		base:     1 << 20, errs: map[string]int{},
	}
	report := &Report{Plan: plan, Started: c.start.UTC()}
	if plan.PID > 0 {
		before, err := ProcessUsage(plan.PID)
		if err != nil {
			return nil, err
		}
		report.Server = &Server{BaseRSS: before.RSS}
		report.Server.join = before.CPU
	}
	pumping, stop := context.WithCancel(context.WithoutCancel(ctx))
	var pumps sync.WaitGroup
	pumps.Go(func() { r.pump.run(pumping) })
	defer func() {
		stop()
		pumps.Wait()
	}()
	err = r.measure(ctx, report)
	r.leave(context.WithoutCancel(ctx))
	if err != nil {
		return nil, err
	}
	return report, nil
}

func (r *run) measure(ctx context.Context, report *Report) error {
	r.join(ctx)
	r.mu.Lock()
	joined := len(r.peers)
	r.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if joined == 0 {
		return fmt.Errorf("nobody could join: %s", r.worst())
	}
	if report.Server != nil {
		after, err := ProcessUsage(r.plan.PID)
		if err != nil {
			return err
		}
		report.Server.joinCPU(after, joined)
	}
	if err := r.phase(ctx, "settling", r.plan.Warmup); err != nil {
		return err
	}
	var before Usage
	if report.Server != nil {
		var err error
		if before, err = ProcessUsage(r.plan.PID); err != nil {
			return err
		}
	}
	begun := r.clock.now()
	r.pump.begin()
	r.each(func(p *peer) { p.recv.begin() })
	var churn sync.WaitGroup
	churning, stop := context.WithCancel(ctx)
	if r.plan.Churn > 0 {
		churn.Go(func() { r.churn(churning) })
	}
	err := r.phase(ctx, "measuring", r.plan.Duration)
	elapsed := r.clock.now() - begun
	var after Usage
	if report.Server != nil {
		var e error
		if after, e = ProcessUsage(r.plan.PID); e != nil {
			err = errors.Join(err, fmt.Errorf("the server has ended: %w", e))
		}
	}
	stop()
	churn.Wait()
	if err != nil {
		return err
	}
	r.finish(report, elapsed)
	if report.Server != nil {
		report.Server.measured(before, after, elapsed, report.Received.Packets, joined)
	}
	return nil
}

// phase waits, telling how far it is.
func (r *run) phase(ctx context.Context, name string, length time.Duration) error {
	start := r.clock.now()
	t := time.NewTicker(250 * time.Millisecond)
	defer t.Stop()
	for {
		gone := r.clock.now() - start
		if gone >= length {
			return nil
		}
		r.progress.update(func(p *Progress) { p.Phase, p.Done = name, float64(gone)/float64(length) })
		left := time.NewTimer(min(length-gone, 250*time.Millisecond))
		select {
		case <-ctx.Done():
			left.Stop()
			return ctx.Err()
		case <-left.C:
		}
	}
}

// join brings everybody in, room by room, at the plan's rate.
func (r *run) join(ctx context.Context) {
	var all sync.WaitGroup
	gap := time.Duration(float64(time.Second) / r.plan.JoinsPerSecond)
	next := r.clock.now()
	n := 0
	for room := range r.plan.Rooms {
		for i := range r.plan.Size {
			if wait := next - r.clock.now(); wait > 0 {
				t := time.NewTimer(wait)
				select {
				case <-ctx.Done():
					t.Stop()
				case <-t.C:
				}
			}
			if ctx.Err() != nil {
				break
			}
			next += gap
			n++
			all.Go(func() { r.enter(ctx, room, i) })
			r.progress.update(func(p *Progress) { p.Phase, p.Done = "joining", float64(n)/float64(p.Total) })
		}
	}
	all.Wait()
}

// enter brings one participant in and lets it send.
func (r *run) enter(ctx context.Context, room, i int) {
	r.mu.Lock()
	base := r.base
	r.base += 16
	r.mu.Unlock()
	who := Who{
		Room:     fmt.Sprintf("%s%s-%d", RoomPrefix, r.run, room),
		Identity: fmt.Sprintf("loadtest-%s-%d-%d-%d", r.run, room, i, base), Publish: r.plan.publishes(i),
	}
	p := newPeer(r.plan, who, i, base, r.clock, r.identity)
	err := p.join(ctx, r.door)
	if err != nil {
		_ = p.close(context.WithoutCancel(ctx)) // it never was in
		r.mu.Lock()
		r.errs[err.Error()]++
		r.failed++
		r.mu.Unlock()
		r.progress.update(func(p *Progress) { p.Failed++ })
		return
	}
	r.pump.add(p)
	r.mu.Lock()
	r.peers = append(r.peers, p)
	r.connect = append(r.connect, p.joined-p.joinStart)
	r.mu.Unlock()
	r.progress.update(func(p *Progress) { p.Joined++ })
}

// churn makes participants leave and others come in their place.
func (r *run) churn(ctx context.Context) {
	rng := rand.New(rand.NewPCG(1, 1))
	gap := time.Duration(float64(time.Second) / r.plan.Churn)
	t := time.NewTicker(gap)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		r.mu.Lock()
		if len(r.peers) == 0 {
			r.mu.Unlock()
			continue
		}
		k := rng.IntN(len(r.peers))
		p := r.peers[k]
		r.peers = append(r.peers[:k], r.peers[k+1:]...)
		r.leaves++
		r.mu.Unlock()
		var room, i, base int
		if _, err := fmt.Sscanf(p.who.Identity[len("loadtest-")+len(r.run):], "-%d-%d-%d", &room, &i, &base); err != nil {
			continue
		}
		r.out(context.WithoutCancel(ctx), p)
		r.enter(context.WithoutCancel(ctx), room, i) // its patience is bounded
	}
}

// out takes a participant out of its room.
func (r *run) out(ctx context.Context, p *peer) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	r.pump.remove(p)
	if err := p.close(ctx); err != nil {
		r.mu.Lock()
		r.errs[err.Error()]++
		r.mu.Unlock()
	}
}

// leave takes everybody out.
func (r *run) leave(ctx context.Context) {
	r.mu.Lock()
	peers := r.peers
	r.peers = nil
	r.mu.Unlock()
	r.progress.update(func(p *Progress) { p.Phase, p.Done = "leaving", 0 })
	var all sync.WaitGroup
	for _, p := range peers {
		all.Go(func() { r.out(ctx, p) })
	}
	all.Wait()
}

func (r *run) each(f func(*peer)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.peers {
		f(p)
	}
}

// worst is the most frequent error.
func (r *run) worst() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	text, most := "no reason known", 0
	for e, n := range r.errs {
		if n > most {
			text, most = e, n
		}
	}
	return text
}

// finish fills the report with what participants saw.
func (r *run) finish(report *Report, elapsed time.Duration) {
	var got received
	var latency histogram
	var firsts []time.Duration
	r.each(func(p *peer) {
		p.recv.end(&got, &latency)
		// Only who came to a room where somebody sent already waited for a packet.
		if at, ok := p.recv.firstAt(); ok && r.someoneBefore(p) {
			firsts = append(firsts, at-p.joinStart)
		}
	})
	r.mu.Lock()
	defer r.mu.Unlock()
	report.Elapsed = elapsed
	report.Joined, report.Failed, report.Leaves = len(r.peers), r.failed, r.leaves
	report.Errors = r.errs
	report.Connect = summarize(r.connect)
	report.FirstPacket = summarize(firsts)
	report.Received = Received{
		Streams: got.streams, Packets: got.packets, Bytes: got.bytes, Expected: got.expected, Lost: got.lost, Repaired: got.rtx, Other: got.other,
		PacketsPerSecond: float64(got.packets) / elapsed.Seconds(), BitsPerSecond: float64(got.bytes*8) / elapsed.Seconds(),
	}
	if got.expected > 0 {
		report.Received.LossPercent = 100 * float64(got.lost) / float64(got.expected)
	}
	ms := func(q float64) float64 { return latency.percentile(q).Seconds() * 1e3 }
	report.Latency = Latency{P50: ms(0.5), P90: ms(0.9), P95: ms(0.95), P99: ms(0.99), Max: latency.max.Seconds() * 1e3, Samples: latency.count}
	report.SentLate = r.pump.end().Seconds() * 1e3
}

// someoneBefore reports whether another publisher was in p's room before p came. The
// caller holds mu.
func (r *run) someoneBefore(p *peer) bool {
	for _, o := range r.peers {
		if o != p && o.who.Room == p.who.Room && len(o.streams) > 0 && o.joined < p.joinStart {
			return true
		}
	}
	return false
}
