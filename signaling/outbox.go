package signaling

import "sync"

// outbox is the bounded queue between a session and its socket's writer. It never
// drops a message silently: when it is full the socket has to go.
type outbox struct {
	maxMessages, maxBytes int
	wake                  chan struct{} // holds one signal for the writer

	mu      sync.Mutex // guards the following fields
	queue   [][]byte
	bytes   int
	closing *closing
}

// closing is how a socket is to be closed.
type closing struct {
	code   int
	reason string
}

func newOutbox(maxMessages, maxBytes int) *outbox {
	return &outbox{maxMessages: maxMessages, maxBytes: maxBytes, wake: make(chan struct{}, 1)}
}

// push queues a message and reports whether there was room. After shut it takes
// nothing and reports true: the socket is going anyway.
func (o *outbox) push(b []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing != nil {
		return true
	}
	if len(o.queue) >= o.maxMessages || o.bytes+len(b) > o.maxBytes {
		return false
	}
	o.queue = append(o.queue, b)
	o.bytes += len(b)
	o.signal()
	return true
}

// pushLossy queues a message that may be lost, when the queue is less than half full.
func (o *outbox) pushLossy(b []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing != nil || len(o.queue) >= o.maxMessages/2 || o.bytes+len(b) > o.maxBytes/2 {
		return false
	}
	o.queue = append(o.queue, b)
	o.bytes += len(b)
	o.signal()
	return true
}

// shut asks the writer to close the socket after what is queued, or at once when drop
// is set. The first call counts and reports true.
func (o *outbox) shut(code int, reason string, drop bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closing != nil {
		return false
	}
	o.closing = &closing{code: code, reason: reason}
	if drop {
		o.queue, o.bytes = nil, 0
	}
	o.signal()
	return true
}

// closes reports whether the socket is to be closed.
func (o *outbox) closes() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.closing != nil
}

// take returns what is queued and, when the socket is to be closed after it, how.
func (o *outbox) take() ([][]byte, *closing) {
	o.mu.Lock()
	defer o.mu.Unlock()
	q := o.queue
	o.queue, o.bytes = nil, 0
	return q, o.closing
}

func (o *outbox) signal() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}
