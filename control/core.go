package control

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"consilium/control/auth"
	"consilium/control/notify"
	"consilium/control/notify/letter"
	"consilium/control/passkey"
	"consilium/store"
)

// core is what every service of Control shares. It holds no lock by value, so
// that at can copy it.
type core struct {
	// Static after construction.
	cfg      Config
	db       store.DB
	blobs    store.Blobs
	scanner  Scanner  // nil: files are not looked into
	shredder Shredder // nil: nothing is sealed
	grants   Grants
	ice      func(identity string) []ICEServer
	clock    func() time.Time
	log      *slog.Logger
	may      allowed
	edges    []Edge
	t        *tables

	passkeys *passkey.Site // nil where browsers allow none
	hasher   *auth.Hasher
	limits   *limits
	born     time.Time      // when the server started
	inviters *auth.Throttle // doctors, by what they send
	invited  *auth.Throttle // people, by what they are sent

	rooms    *atomic.Pointer[Rooms]
	presence *presence
	wake     chan struct{} // one slot: the outbox has something
	sender   notify.Sender // nil: nothing can be sent
	letters  *letter.Writer
	courier  *courier
	silent   bool // steps of appointments are told to nobody: the demo's seed

	remindNow chan struct{} // one slot: there is a new reminder
	queueAt   chan struct{} // one slot: somebody's queue or team has changed
	pusher    *pusher
	alarmed   chan struct{} // one slot: an alarm was set
}

// at returns a core whose clock stands at t: the demo's past is made by the same
// operations as the present.
func (c *core) at(t time.Time) *core {
	past := *c
	past.clock = func() time.Time { return t }
	return &past
}

// live calls fn with the live side, if there is one.
func (c *core) live(fn func(Rooms)) {
	if r := c.rooms.Load(); r != nil {
		fn(*r)
	}
}

// unit is one transaction of control: the store's, who asks, the time, and what
// is to be told once it has committed.
type unit struct {
	store.Tx
	*core
	who   Actor
	scope string
	now   time.Time
	news  []news
	after []func(Rooms)
	jobs  int
	slow  bool // there is one for the courier

	reminds bool // there is a new reminder
	// What the emergencies' queue does after the commit.
	queueChanged bool
	pushes       []push
	armed        bool
}

// news is a change that open pages want to hear of.
type news struct {
	topics  []string
	kind    string
	id      string
	version uint64
}

// update runs fn in one transaction of the actor's clinic. What fn gathered in
// the unit happens after the commit; fn itself may run twice.
func (c *core) update(ctx context.Context, who Actor, fn func(*unit) error) error {
	now := c.clock().UTC()
	var done *unit
	err := c.db.Update(ctx, func(tx store.Tx) error {
		u := &unit{Tx: tx, core: c, who: who, scope: who.scope(), now: now}
		if err := fn(u); err != nil {
			return err
		}
		done = u
		return nil
	})
	if err != nil {
		return storeError(err)
	}
	c.live(func(r Rooms) {
		for _, do := range done.after {
			do(r)
		}
		for _, n := range done.news {
			for _, topic := range n.topics {
				r.Publish(topic, n.kind, n.id, n.version)
			}
		}
	})
	c.pusher.add(done.pushes)
	if done.queueChanged {
		select {
		case c.queueAt <- struct{}{}:
		default: // already poked
		}
	}
	if done.jobs > 0 {
		poke(c.wake)
	}
	if done.reminds {
		poke(c.remindNow)
	}
	if done.slow {
		poke(c.courier.done)
	}
	if done.armed {
		poke(c.alarmed)
	}
	return nil
}

// view runs fn on a snapshot of the actor's clinic.
func (c *core) view(ctx context.Context, who Actor, fn func(*unit) error) error {
	now := c.clock().UTC()
	return storeError(c.db.View(ctx, func(tx store.Tx) error {
		return fn(&unit{Tx: tx, core: c, who: who, scope: who.scope(), now: now})
	}))
}

// storeError gives the store's errors that a caller can act on a code.
func storeError(err error) error {
	var e *Error
	switch {
	case err == nil || errors.As(err, &e):
		return err
	case errors.Is(err, store.ErrConflict):
		return &Error{Code: CodeVersionStale, Message: "somebody else changed it meanwhile", Err: err}
	case errors.Is(err, store.ErrNoSpace), errors.Is(err, store.ErrReadOnly), errors.Is(err, store.ErrClosed):
		return &Error{Code: CodeUnavailable, Message: "nothing can be stored at the moment", Err: err}
	}
	return fmt.Errorf("store: %w", err)
}

// missing turns the store's "not found" into ours.
func missing(err error, what string) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return notFound(what)
	}
	return err
}

// tell lets the pages that follow the topics know of a change after the commit.
func (u *unit) tell(kind, id string, version uint64, topics ...string) {
	u.news = append(u.news, news{topics, kind, id, version})
}
