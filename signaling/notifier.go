package signaling

import (
	"log/slog"
	"runtime/debug"
	"sync"
)

// maxNews bounds what waits for the observer: far more than all rooms of a server
// change in the time an observer may take.
const maxNews = 1 << 16

// notifier tells the observer what happens, in order, from its own goroutine.
type notifier struct {
	observer Observer
	log      *slog.Logger
	wake     chan struct{}
	stop     chan struct{}
	done     chan struct{}

	mu      sync.Mutex // guards the following fields
	queue   []func(Observer)
	dropped uint64
}

func newNotifier(o Observer, log *slog.Logger) *notifier {
	n := &notifier{
		observer: o, log: log,
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	go n.run()
	return n
}

func (n *notifier) add(f func(Observer)) {
	if n.observer == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.queue) >= maxNews {
		n.dropped++
		return
	}
	n.queue = append(n.queue, f)
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

func (n *notifier) run() {
	defer close(n.done)
	for {
		select {
		case <-n.wake:
			n.drain()
		case <-n.stop:
			n.drain()
			return
		}
	}
}

func (n *notifier) drain() {
	for {
		n.mu.Lock()
		queue := n.queue
		n.queue = nil
		n.mu.Unlock()
		if len(queue) == 0 {
			return
		}
		for _, f := range queue {
			n.call(f)
		}
	}
}

func (n *notifier) call(f func(Observer)) {
	defer func() {
		if p := recover(); p != nil {
			n.log.Error("observer panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	f(n.observer)
}

// lost returns how much news was dropped because the observer was too slow.
func (n *notifier) lost() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.dropped
}

// close tells what is queued and returns when the goroutine has ended.
func (n *notifier) close() {
	select {
	case <-n.stop:
	default:
		close(n.stop)
	}
	<-n.done
}
