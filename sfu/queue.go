package sfu

import "sync"

// queue runs events one after the other on a goroutine of its own, so that
// neither the packet path nor a lock's holder ever waits for a listener.
//
// It grows with what happens in rooms, which is a few events for each join; a
// listener that blocks breaks its contract, and is the only way to make it long.
type queue struct {
	sfu *SFU

	mu     sync.Mutex // guards what follows; a leaf
	wake   sync.Cond
	jobs   []job
	closed bool
}

type job struct {
	p   *Participant
	run func()
}

func newQueue(s *SFU) *queue {
	q := &queue{sfu: s}
	q.wake.L = &q.mu
	return q
}

// post queues a job on behalf of a participant.
func (s *SFU) post(p *Participant, run func()) {
	q := s.events
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs = append(q.jobs, job{p, run})
	q.wake.Signal()
}

func (q *queue) run() {
	for {
		q.mu.Lock()
		for len(q.jobs) == 0 && !q.closed {
			q.wake.Wait()
		}
		jobs := q.jobs
		q.jobs = nil
		q.mu.Unlock()
		if len(jobs) == 0 {
			return
		}
		for _, j := range jobs {
			q.do(j)
		}
	}
}

// do runs a job. A panic in a listener removes its participant only.
func (q *queue) do(j job) {
	defer func() {
		if v := recover(); v != nil {
			q.sfu.panicked(v)
			j.p.removed.Store(true) // it is told nothing more
			j.p.leave(RemovedClosed)
		}
	}()
	j.run()
}

// close lets the queue finish what it holds and then end.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.wake.Signal()
}

// survive ends a panic on the packet path: what it was about is removed.
func (s *SFU) survive(t *transport) {
	if v := recover(); v != nil {
		s.panicked(v)
		if t != nil {
			p := t.owner
			s.post(p, func() { p.leave(RemovedClosed) })
		}
	}
}

func (s *SFU) panicked(v any) {
	s.counters.panics.Add(1)
	s.log.Error("recovered from a fault; its participant is removed", "panic", v)
}
