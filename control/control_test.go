package control

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"consilium/internal/grant"
	"consilium/store"
	"consilium/store/mem"
)

// noon is a Wednesday at 12:00 in the demo clinic's zone.
var noon = time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)

// testClock is a clock that a test moves.
type testClock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

func (c *testClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *testClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// testRooms records what control tells the live side.
type testRooms struct {
	mu     sync.Mutex // guards the following fields
	calls  []string
	topics []string
	told   chan string // every call, if not nil
}

func (r *testRooms) note(call string) {
	r.mu.Lock()
	r.calls = append(r.calls, call)
	told := r.told
	r.mu.Unlock()
	if told != nil {
		told <- call
	}
}

func (r *testRooms) Admit(room, identity string) error {
	r.note("admit " + room + " " + identity)
	return nil
}
func (r *testRooms) CloseRoom(room, reason string) { r.note("close " + room + " " + reason) }
func (r *testRooms) PublishChat(room string, _ Message) {
	r.note("chat " + room)
}
func (r *testRooms) Evict(room, identity, _ string) { r.note("evict " + room + " " + identity) }
func (r *testRooms) RevokeSession(session string)   { r.note("revoke " + session) }

func (r *testRooms) Publish(topic, kind, id string, _ uint64) {
	if why := mayHear(topic, kind); why != "" {
		panic(why)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.topics = append(r.topics, topic+" "+kind+" "+id)
}

func (r *testRooms) has(call string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.calls {
		if c == call {
			return true
		}
	}
	return false
}

func (r *testRooms) published(what string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.topics {
		if c == what {
			return true
		}
	}
	return false
}

// world is a control over an engine in memory with the demo clinic in it.
type world struct {
	*Control
	db    store.DB
	clock *testClock
	rooms *testRooms
	mail  *testSender
	demo  demo
	due   AppointmentView
}

func newWorld(t testing.TB) *world {
	t.Helper()
	db := mem.Open()
	t.Cleanup(func() { _ = db.Close() })
	return newWorldOn(t, db)
}

func newWorldOn(t testing.TB, db store.DB) *world {
	t.Helper()
	w := &world{db: db, clock: &testClock{now: noon}, rooms: &testRooms{}, mail: &testSender{}}
	grants, err := grant.NewKeeper(w.clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	cfg := DefaultConfig()
	cfg.Demo = true
	w.Control, err = New(cfg, Deps{DB: db, Blobs: mem.OpenBlobs(w.clock.Now), Grants: grants, Rooms: w.rooms, Sender: w.mail, Clock: w.clock.Now}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	seed := *w.core
	seed.silent = true
	w.demo = demo{core: &seed, now: noon}
	ctx := context.Background()
	if err := w.demo.openClinic(ctx); err != nil {
		t.Fatal(err)
	}
	if w.due, err = w.demo.dueNow(ctx); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *world) actor(key string) Actor { return w.demo.actors[key] }

func wantCode(t testing.TB, err error, want Code) {
	t.Helper()
	if got := ErrorCode(err); got != want {
		t.Fatalf("code %q, want %q (%v)", got, want, err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
