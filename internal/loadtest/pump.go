package loadtest

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// maintainEvery keeps consent fresh and reports flowing.
const maintainEvery = 2 * time.Second

// event is something a participant does at a moment.
type event struct {
	at     time.Duration
	peer   *peer
	stream *stream // nil to maintain
}

type events []event

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].at < e[j].at }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

// pump makes participants send: one goroutine for many, because a timer for each
// would cost more than its packets.
type pump struct {
	clock clock
	wake  chan struct{}

	busy sync.Mutex // held while events run, so that remove can wait; taken before mu
	late histogram  // guarded by busy: how late packets were sent

	mu    sync.Mutex // guards what follows
	queue events
	gone  map[*peer]bool
}

func newPump(c clock) *pump {
	return &pump{clock: c, wake: make(chan struct{}, 1), gone: map[*peer]bool{}}
}

// add lets p send from now on, each stream from a moment of its own.
func (u *pump) add(p *peer) {
	now := u.clock.now()
	u.mu.Lock()
	for _, s := range p.streams {
		s.next = now + time.Duration(p.rng.Int64N(int64(s.interval)))
		heap.Push(&u.queue, event{s.next, p, s})
	}
	heap.Push(&u.queue, event{now, p, nil})
	u.mu.Unlock()
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

// remove makes p silent; when it returns nothing of p runs any more.
func (u *pump) remove(p *peer) {
	u.mu.Lock()
	u.gone[p] = true
	u.mu.Unlock()
	u.busy.Lock()
	defer u.busy.Unlock()
	u.mu.Lock()
	defer u.mu.Unlock()
	kept := u.queue[:0]
	for _, e := range u.queue {
		if e.peer != p {
			kept = append(kept, e)
		}
	}
	u.queue = kept
	heap.Init(&u.queue)
	delete(u.gone, p)
}

// begin starts to measure how late packets are sent, end tells it.
func (u *pump) begin() {
	u.busy.Lock()
	defer u.busy.Unlock()
	u.late = histogram{}
}

func (u *pump) end() time.Duration {
	u.busy.Lock()
	defer u.busy.Unlock()
	return u.late.percentile(0.99)
}

// run sends until ctx ends.
func (u *pump) run(ctx context.Context) {
	t := time.NewTimer(time.Hour)
	defer t.Stop()
	for {
		wait := u.work()
		t.Reset(wait)
		select {
		case <-ctx.Done():
			return
		case <-u.wake:
		case <-t.C:
		}
	}
}

// work does what is due and returns how long nothing will be.
func (u *pump) work() time.Duration {
	u.busy.Lock()
	defer u.busy.Unlock()
	for {
		u.mu.Lock()
		if len(u.queue) == 0 {
			u.mu.Unlock()
			return time.Hour
		}
		now := u.clock.now()
		if wait := u.queue[0].at - now; wait > 0 {
			u.mu.Unlock()
			return wait
		}
		e := heap.Pop(&u.queue).(event)
		if u.gone[e.peer] {
			u.mu.Unlock()
			continue
		}
		next := event{now + maintainEvery, e.peer, nil}
		if s := e.stream; s != nil {
			next = event{e.at + s.interval, e.peer, s}
			if now-next.at > time.Second { // this process was stopped: don't send it all at once
				next.at = now
			}
			s.next = next.at
		}
		heap.Push(&u.queue, next)
		u.mu.Unlock()
		if e.stream == nil {
			e.peer.maintain(now)
			continue
		}
		u.late.add(now - e.at)
		e.stream.frame(now, e.peer.transmit)
	}
}
