package loadtest

import (
	"context"
	"sync"
	"time"
)

// Who is a participant to let in.
type Who struct {
	Room     string
	Identity string
	Publish  bool
}

// Track says what an offer sends on one media section.
type Track struct {
	Mid    string
	Source string // microphone or camera
}

// Door lets participants into a server's rooms.
type Door interface {
	// Enter brings who in with an offer and returns the answer. The returned
	// function leaves; it is called once, with a context of its own.
	Enter(ctx context.Context, who Who, offer string, tracks []Track) (answer string, leave func(context.Context) error, err error)
}

// clock is the process-wide time that packets are stamped with.
type clock struct{ start time.Time }

func (c clock) now() time.Duration { return time.Since(c.start) }

// progress hands the present numbers to whoever shows them.
type progress struct {
	mu   sync.Mutex
	last Progress
	show func(Progress)
}

// Progress is how far a run has come.
type Progress struct {
	Phase  string // joining, settling, measuring, leaving
	Joined int
	Failed int
	Total  int
	Done   float64 // share of the phase
}

func (p *progress) update(f func(*Progress)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f(&p.last)
	if p.show != nil {
		p.show(p.last)
	}
}
