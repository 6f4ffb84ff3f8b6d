package control

import (
	"context"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"consilium/store"
)

// Intervals of what runs by itself.
const (
	idleWait     = time.Minute      // longest sleep of the outbox: a lost wake-up costs no more
	alarmWait    = 15 * time.Second // the same of the timers: the machine's clock may be set
	retryWait    = time.Second
	housekeeping = time.Hour
)

// Run drives side effects, the state table's timers and housekeeping until ctx
// ends, and returns when all that it started has ended.
func (c *Control) Run(ctx context.Context) error {
	if err := c.expectPeople(ctx); err != nil {
		return err
	}
	if err := c.armReminders(ctx); err != nil {
		return err
	}
	var wg sync.WaitGroup
	wg.Go(func() { c.loop(ctx, c.wake, c.outboxTurn) })
	wg.Go(func() { c.loop(ctx, c.remindNow, c.reminderTurn) })
	wg.Go(func() { c.loop(ctx, c.courier.done, c.courierTurn) })
	wg.Go(func() { c.loop(ctx, c.presence.poke, c.roomsTurn) })
	wg.Go(func() { c.loop(ctx, c.alarmed, c.alarmTurn) })
	wg.Go(func() { c.loop(ctx, nil, c.housekeepingTurn) })
	wg.Go(func() { c.loop(ctx, c.queueAt, c.queueTurn) })
	wg.Go(func() { c.runPushes(ctx) })
	wg.Wait()
	c.courier.work.Wait()
	return nil
}

// loop calls turn, sleeps as long as it says, or until poked, and so on.
func (c *Control) loop(ctx context.Context, poke <-chan struct{}, turn func(context.Context) time.Duration) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-poke:
		case <-timer.C:
		}
		sleep := retryWait
		c.guarded(func() { sleep = turn(ctx) })
		timer.Reset(sleep)
	}
}

// guarded runs fn and keeps a panic of it from ending the process, with the calls that it
// carries. Work that runs by itself is tried again.
func (c *core) guarded(fn func()) {
	defer func() {
		if v := recover(); v != nil {
			c.log.Error("panic in background work", "panic", v, "stack", string(debug.Stack()))
		}
	}()
	fn()
}

func (c *Control) outboxTurn(ctx context.Context) time.Duration {
	next, err := c.runOutbox(ctx)
	return c.pause(ctx, "outbox", next, err)
}

// alarmTurn takes the edges whose time has come.
func (c *Control) alarmTurn(ctx context.Context) time.Duration {
	next, err := c.ringAll(ctx)
	return min(c.pause(ctx, "timers", next, err), alarmWait)
}

// roomsTurn looks at the visits of rooms where somebody came or went.
func (c *Control) roomsTurn(ctx context.Context) time.Duration {
	var failed error
	for _, room := range c.presence.take() {
		if err := c.watch(ctx, room); err != nil {
			c.presence.again(room)
			failed = err
		}
	}
	return c.pause(ctx, "rooms", time.Time{}, failed)
}

func (c *Control) housekeepingTurn(ctx context.Context) time.Duration {
	if err := errors.Join(c.tidy(ctx), c.sweepFiles(ctx)); err != nil && ctx.Err() == nil {
		c.log.Warn("housekeeping failed", "error", err)
	}
	return housekeeping
}

// pause turns the next due time into a sleep.
func (c *Control) pause(ctx context.Context, what string, next time.Time, err error) time.Duration {
	if err != nil {
		if ctx.Err() == nil {
			c.log.Warn("background work failed, will be tried again", "what", what, "error", err)
		}
		return retryWait
	}
	if next.IsZero() {
		return idleWait
	}
	return min(max(next.Sub(c.clock()), time.Millisecond), idleWait)
}

// tidy forgets what has expired: sessions, links, keys of old bookings.
func (c *Control) tidy(ctx context.Context) error {
	clinics, err := c.clinicIDs(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, clinic := range clinics {
		errs = append(errs, c.update(ctx, System(clinic), func(u *unit) error {
			return errors.Join(
				expire(u, u.t.sessions, func(v *Session) string { return string(v.ID) }, func(v *Session) bool { return !u.now.Before(v.Expires) }),
				expire(u, u.t.feeds, func(v *Feed) string { return v.ID }, func(v *Feed) bool {
					return !v.Revoked.IsZero() && u.now.Sub(v.Revoked) >= revokedFeeds
				}),
				expire(u, u.t.links, func(v *SignInLink) string { return v.ID }, func(v *SignInLink) bool { return !u.now.Before(v.Expires) }),
				expire(u, u.t.attempts, func(v *attempt) string { return v.ID }, func(v *attempt) bool { return !u.now.Before(v.Expires) }),
				expire(u, u.t.invites, func(v *Invite) string { return string(v.ID) }, func(v *Invite) bool { return u.now.Sub(v.Sent) >= inviteKept }),
				expire(u, u.t.idempotency, func(v *idempotent) string { return v.ID }, func(v *idempotent) bool { return u.now.Sub(v.At) >= idempotencyLife }),
			)
		}))
	}
	return errors.Join(errs...)
}

// tidyPage bounds one transaction of tidy; what is over it goes an hour later.
const tidyPage = 2000

func expire[T any](u *unit, from *store.Collection[T], id func(*T) string, over func(*T) bool) error {
	n := 0
	for v, err := range from.List(u, u.scope) {
		if err != nil {
			return err
		}
		if !over(&v) {
			continue
		}
		if n++; n > tidyPage {
			return nil
		}
		if err := from.Delete(u, u.scope, id(&v), store.Any); err != nil {
			return err
		}
	}
	return nil
}
