package auth

import (
	"container/list"
	"sync"
	"time"
)

// Throttle says how often something may be tried, for each key apart: an account, a
// network, a destination of messages. It holds a bounded number of keys and forgets the
// one that was longest not asked for. It is safe for concurrent use.
//
// It slows guessing and does not lock anybody out: a person whose account is being
// guessed at signs in from a device that is known, which has a key of its own.
type Throttle struct {
	burst  float64
	every  time.Duration // one try comes back after so long
	memory int

	mu     sync.Mutex // guards the following
	known  map[string]*list.Element
	recent *list.List // of *bucket, the latest first
}

type bucket struct {
	key  string
	left float64
	at   time.Time
}

// NewThrottle allows burst tries at once and one more after each period of every, and
// remembers at most memory keys.
func NewThrottle(burst int, every time.Duration, memory int) *Throttle {
	return &Throttle{burst: float64(burst), every: every, memory: max(memory, 1), known: map[string]*list.Element{}, recent: list.New()}
}

// Take spends one try of key. When there is none it returns how long until there is.
func (t *Throttle) Take(key string, now time.Time) (wait time.Duration, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.bucket(key, now)
	if past := now.Sub(b.at); past > 0 {
		b.left = min(t.burst, b.left+float64(past)/float64(t.every))
		b.at = now
	}
	if b.left < 1 {
		return time.Duration((1 - b.left) * float64(t.every)), false
	}
	b.left--
	return 0, true
}

// Forgive gives key all its tries back, after it has shown to be the right person.
func (t *Throttle) Forgive(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e, ok := t.known[key]; ok {
		delete(t.known, key)
		t.recent.Remove(e)
	}
}

func (t *Throttle) bucket(key string, now time.Time) *bucket {
	if e, ok := t.known[key]; ok {
		t.recent.MoveToFront(e)
		if b, ok := e.Value.(*bucket); ok {
			return b
		}
	}
	for len(t.known) >= t.memory {
		oldest := t.recent.Back()
		if b, ok := t.recent.Remove(oldest).(*bucket); ok {
			delete(t.known, b.key)
		}
	}
	b := &bucket{key: key, left: t.burst, at: now}
	t.known[key] = t.recent.PushFront(b)
	return b
}
