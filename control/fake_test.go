package control

import (
	"context"
	"sync"
	"sync/atomic"

	"consilium/control/notify"
	"consilium/store"
)

// flakyBlobs fails to delete a number of times.
type flakyBlobs struct {
	store.Blobs
	mu       sync.Mutex // guards the following fields
	failures int
	tried    int
}

func (b *flakyBlobs) Delete(ctx context.Context, scope, id string) error {
	b.mu.Lock()
	b.tried++
	fails := b.tried <= b.failures
	b.mu.Unlock()
	if fails {
		return errFlaky
	}
	return b.Blobs.Delete(ctx, scope, id)
}

// faultyBlobs panics a number of times instead of deleting.
type faultyBlobs struct {
	store.Blobs
	panics int64
	tried  atomic.Int64
}

func (b *faultyBlobs) Delete(ctx context.Context, scope, id string) error {
	if b.tried.Add(1) <= b.panics {
		panic("broken")
	}
	return b.Blobs.Delete(ctx, scope, id)
}

func (b *flakyBlobs) calls() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.tried
}

// testSender keeps what was sent. answer, if set, decides first.
type testSender struct {
	answer func(context.Context, notify.Message) error

	mu   sync.Mutex // guards sent
	sent []notify.Message
}

func (s *testSender) Send(ctx context.Context, m notify.Message) error {
	if s.answer != nil {
		if err := s.answer(ctx, m); err != nil {
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, m)
	return nil
}

// to returns what was sent to an address, in order.
func (s *testSender) to(address string) []notify.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []notify.Message
	for _, m := range s.sent {
		if m.To == address {
			out = append(out, m)
		}
	}
	return out
}
