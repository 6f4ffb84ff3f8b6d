package control

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"consilium/control/notify"
	"consilium/store"
)

// Bounds of the slow jobs: those that wait for other machines. They run side by side, so
// that one machine that does not answer holds up neither the others nor the server.
const (
	courierLane   = 8   // at most so many at once for one kind of job or channel,
	courierClinic = 4   // of which for one clinic
	courierScan   = 500 // due jobs of one clinic looked at in a turn
	sendTimeout   = 30 * time.Second
	// stopGrace is how long what is under way may still take when the server stops: a
	// message that was handed over and not written down as sent is sent again.
	stopGrace = 5 * time.Second
)

// errGiveUp marks the outcome of a job that must not be tried again.
var errGiveUp = errors.New("given up")

// courier says which slow jobs are under way.
type courier struct {
	done chan struct{} // one slot: a job ended, there is room for another
	work sync.WaitGroup

	mu    sync.Mutex // guards the following
	jobs  map[string]bool
	lanes map[string]int

	sent, failed, gaveUp atomic.Uint64
}

func newCourier() *courier {
	return &courier{done: make(chan struct{}, 1), jobs: map[string]bool{}, lanes: map[string]int{}}
}

// MessageStats counts what became of messages since the start.
type MessageStats struct {
	Sent   uint64 // taken over by the next station
	Failed uint64 // tries that did not work and are repeated
	GaveUp uint64 // refused for good, or too old
}

// MessageStats returns the counts.
func (c *Control) MessageStats() MessageStats {
	return MessageStats{c.courier.sent.Load(), c.courier.failed.Load(), c.courier.gaveUp.Load()}
}

// begin takes a place for a job, if there is one.
func (q *courier) begin(clinic ClinicID, j *Job) bool {
	lane, own := j.lane(), j.lane()+" "+string(clinic)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.jobs[j.ID] || q.lanes[lane] >= courierLane || q.lanes[own] >= courierClinic {
		return false
	}
	q.jobs[j.ID] = true
	q.lanes[lane]++
	q.lanes[own]++
	return true
}

func (q *courier) end(clinic ClinicID, j *Job) {
	lane, own := j.lane(), j.lane()+" "+string(clinic)
	q.mu.Lock()
	delete(q.jobs, j.ID)
	for _, at := range []string{lane, own} {
		if q.lanes[at]--; q.lanes[at] == 0 {
			delete(q.lanes, at)
		}
	}
	q.mu.Unlock()
	poke(q.done)
}

// poke wakes a loop that has a channel of one slot.
func poke(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default: // already woken
	}
}

// courierTurn starts the slow jobs that are due and have a place, and sleeps until the
// next comes due; a job that ends wakes it before.
func (c *Control) courierTurn(ctx context.Context) time.Duration {
	next, err := c.runSlow(ctx)
	return c.pause(ctx, "messages", next, err)
}

func (c *core) runSlow(ctx context.Context) (next time.Time, err error) {
	clinics, err := c.clinicIDs(ctx)
	if err != nil {
		return next, err
	}
	now := c.clock().UTC()
	for _, clinic := range clinics {
		var due []Job
		more := time.Time{}
		err := c.view(ctx, System(clinic), func(u *unit) error {
			due, more = nil, time.Time{}
			for j, err := range u.t.slowJobs.Range(u, u.scope, u.t.slowByDue, "", "") {
				if err != nil {
					return err
				}
				if j.Due.After(now) {
					more = j.Due
					return nil
				}
				if due = append(due, j); len(due) == courierScan {
					return nil // the end of one of them brings the next turn
				}
			}
			return nil
		})
		if err != nil {
			return next, err
		}
		for _, j := range due {
			if c.courier.begin(clinic, &j) {
				c.courier.work.Go(func() { c.guarded(func() { c.carry(ctx, clinic, j) }) })
			}
		}
		next = earlier(next, more)
	}
	return next, nil
}

// carry does one slow job. It outlives ctx by stopGrace. The next try is written down
// before the first: whatever ends the server in between, nobody is written to again and
// again, and a store that takes no writes sends nothing.
func (c *core) carry(ctx context.Context, clinic ClinicID, j Job) {
	defer c.courier.end(clinic, &j)
	ctx, cancel := lingering(ctx, stopGrace)
	defer cancel()
	switch err := c.claim(ctx, clinic, &j); {
	case errors.Is(err, store.ErrConflict):
		return // it ended after the turn had listed it
	case err != nil:
		c.log.Warn("a side effect has to wait", "kind", string(j.Kind), "error", err)
		rest(ctx, retryWait)
		return
	}
	outcome := c.doSlowJob(ctx, clinic, &j)
	if outcome != nil && !errors.Is(outcome, errGiveUp) {
		c.courier.failed.Add(1)
		c.log.Warn("side effect failed, will be tried again", "kind", string(j.Kind), "about", j.Note, "attempts", j.Attempts, "error", outcome)
		return
	}
	for ctx.Err() == nil {
		err := c.settle(ctx, clinic, &j, outcome)
		if err == nil {
			return
		}
		c.log.Warn("a side effect was done and could not be written down", "kind", string(j.Kind), "error", err)
		rest(ctx, retryWait)
	}
}

// claim counts a try and plans the one after it.
func (c *core) claim(ctx context.Context, clinic ClinicID, j *Job) error {
	var claimed Job
	err := c.update(ctx, System(clinic), func(u *unit) (err error) {
		claimed = *j
		claimed.Attempts++
		claimed.Due = u.now.Add(backoff(claimed.Attempts))
		claimed.Rev, err = u.t.slowJobs.Put(u, u.scope, &claimed, j.Rev)
		return err
	})
	if err == nil {
		*j = claimed
	}
	return err
}

// settle removes a job that was done or given up.
func (c *core) settle(ctx context.Context, clinic ClinicID, j *Job, outcome error) error {
	err := c.update(ctx, System(clinic), func(u *unit) error {
		if outcome != nil {
			if err := u.audit("message.give_up", "message", j.ID, j.Note); err != nil {
				return err
			}
		}
		return u.t.slowJobs.Delete(u, u.scope, j.ID, j.Rev)
	})
	if err != nil {
		return err
	}
	if outcome != nil {
		c.courier.gaveUp.Add(1)
		c.log.Warn("side effect given up", "kind", string(j.Kind), "about", j.Note, "attempts", j.Attempts, "error", outcome)
		return nil
	}
	c.courier.sent.Add(1)
	return nil
}

// doSlowJob performs one slow job. Each kind may run twice with the effect of once.
func (c *core) doSlowJob(ctx context.Context, _ ClinicID, j *Job) error {
	if !j.Until.IsZero() && !c.clock().Before(j.Until) {
		return fmt.Errorf("%w: too old", errGiveUp)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	switch j.Kind {
	case JobSendMessage:
		return c.deliver(ctx, j.Message)
	}
	return fmt.Errorf("unknown kind %q", j.Kind)
}

// deliver hands a message to the next station.
func (c *core) deliver(ctx context.Context, m *notify.Message) error {
	if c.sender == nil || m == nil {
		return fmt.Errorf("%w: %w", errGiveUp, notify.ErrNoChannel)
	}
	err := c.sender.Send(ctx, *m)
	if errors.Is(err, notify.ErrRefused) || errors.Is(err, notify.ErrNoChannel) {
		return fmt.Errorf("%w: %w", errGiveUp, err)
	}
	return err
}

// rest waits, at most until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// lingering returns a context that ends some time after ctx does.
func lingering(ctx context.Context, extra time.Duration) (context.Context, context.CancelFunc) {
	out, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := time.NewTimer(extra)
		defer timer.Stop()
		select {
		case <-timer.C:
			cancel()
		case <-out.Done():
		}
	})
	return out, func() { stop(); cancel() }
}
