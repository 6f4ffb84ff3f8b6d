package signaling

import (
	"sync"
	"time"

	"consilium/internal/grant"
)

// bars remembers for as long as a grant can live who was removed, which rooms were
// closed and which logins ended, so that a grant signed before that opens nothing.
type bars struct {
	mu sync.Mutex // guards since
	// since holds when the newest bar of each key was put up.
	since map[string]time.Time
}

func newBars() *bars { return &bars{since: make(map[string]time.Time)} }

func barRoom(room string) string             { return "room\x00" + room }
func barPerson(room, identity string) string { return "person\x00" + room + "\x00" + identity }
func barLogin(login string) string           { return "login\x00" + login }

func (b *bars) add(key string, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.since[key] = now
}

// stands reports whether a grant signed at issued falls under the bar.
func (b *bars) stands(key string, issued time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	at, ok := b.since[key]
	return ok && !issued.After(at)
}

func (b *bars) sweep(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for key, at := range b.since {
		if now.Sub(at) > grant.MaxLife {
			delete(b.since, key)
		}
	}
}
