package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"consilium/control/notify"
	"consilium/internal/id"
	"consilium/store"
)

// Job is a side effect that its transaction promised: done at least once after
// the commit, also when the server stopped in between.
type Job struct {
	store.Revised
	ID       string
	Kind     JobKind
	Object   string // id of what it is about
	Note     string
	Due      time.Time
	Attempts int

	Until   time.Time // from then on it is of no use and given up; zero for never. Slow jobs only.
	Patient PatientID // whose key seals it; "" for the clinic's. Slow jobs only.
	Message *notify.Message
}

// JobKind says what a job does.
type JobKind string

// The kinds of job.
const (
	JobCloseRoom  JobKind = "room.close"  // Object: encounter; Note: reason
	JobDeleteBlob JobKind = "blob.delete" // Object: blob
	JobNothing    JobKind = "nothing"     // stands in for a message to nobody, see SignIns

	JobSendMessage  JobKind = "message.send"  // Note: kind of message; Message: itself
	JobConsentPaper JobKind = "consent.paper" // Object: consent
	JobOfferSlots   JobKind = "slots.offer"   // Object: practitioner; Note: from/to
	JobAccessEnds   JobKind = "access.ends"   // Object: patient; Note: practitioner whose access to the card has run out
	JobErase        JobKind = "patient.erase" // Object: patient; Note: account, and whose keys go besides
)

// slow reports whether jobs of a kind wait for other machines. Those are the courier's,
// who does several at once.
func (k JobKind) slow() bool { return k == JobSendMessage }

// lane names what a job waits for: one that stands still holds up no other.
func (j *Job) lane() string {
	if j.Message != nil {
		return string(j.Kind) + " " + string(j.Message.Channel)
	}
	return string(j.Kind)
}

const (
	jobPage     = 50
	jobBackoff  = time.Second
	jobMaxDelay = 10 * time.Minute
)

// enqueue promises a side effect in the unit's transaction. A retried
// transaction promises it once: the former attempt's writes are gone.
func (u *unit) enqueue(j Job) error {
	if j.ID == "" {
		j.ID = id.New()
	}
	if j.Due.IsZero() {
		j.Due = u.now
	}
	if j.Kind.slow() {
		u.slow = true
		_, err := u.t.slowJobs.Put(u, u.scope, &j, 0)
		return err
	}
	if _, err := u.t.jobs.Put(u, u.scope, &j, 0); err != nil {
		return err
	}
	u.jobs++
	return nil
}

// runOutbox does what is due, clinic by clinic, and returns when the next job
// comes due; zero for none.
func (c *core) runOutbox(ctx context.Context) (next time.Time, err error) {
	clinics, err := c.clinicIDs(ctx)
	if err != nil {
		return next, err
	}
	now := c.clock().UTC()
	for _, clinic := range clinics {
		var due []Job
		more := time.Time{}
		err := c.view(ctx, System(clinic), func(u *unit) error {
			due, more = nil, time.Time{}
			for j, err := range u.t.jobs.Range(u, u.scope, u.t.jobsByDue, "", "") {
				if err != nil {
					return err
				}
				if j.Due.After(now) || len(due) == jobPage {
					more = j.Due
					return nil
				}
				due = append(due, j)
			}
			return nil
		})
		if err != nil {
			return next, err
		}
		for _, j := range due {
			again, err := c.finishJob(ctx, clinic, j, c.doJob(ctx, clinic, j))
			if err != nil {
				return next, err
			}
			more = earlier(more, again)
		}
		next = earlier(next, more)
	}
	return next, nil
}

// doJob performs one job. Each kind may run twice with the effect of once.
func (c *core) doJob(ctx context.Context, clinic ClinicID, j Job) error {
	switch j.Kind {
	case JobCloseRoom:
		c.live(func(r Rooms) { r.CloseRoom(j.Object, j.Note) })
		c.presence.forget(j.Object)
		return nil
	case JobNothing:
		return nil
	case JobAccessEnds:
		c.live(func(r Rooms) {
			r.Publish("practitioner:"+j.Note, "card", j.Object, 0)
			r.Publish("clinic:"+string(clinic), "break_glass", j.Object, 0)
		})
		return nil
	case JobErase:
		return c.erase(ctx, System(clinic), j)
	case JobOfferSlots:
		return c.offerSlots(ctx, clinic, j)
	case JobConsentPaper:
		return c.issueConsent(ctx, clinic, j.Object)
	case JobDeleteBlob:
		err := c.blobs.Delete(ctx, string(clinic), j.Object)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		return err
	}
	return fmt.Errorf("unknown kind %q", j.Kind)
}

// finishJob removes a job that was done, or plans its next attempt.
func (c *core) finishJob(ctx context.Context, clinic ClinicID, j Job, outcome error) (again time.Time, err error) {
	err = c.update(ctx, System(clinic), func(u *unit) error {
		if outcome == nil {
			return u.t.jobs.Delete(u, u.scope, j.ID, j.Rev)
		}
		retry := j
		retry.Attempts++
		retry.Due = u.now.Add(backoff(retry.Attempts))
		again = retry.Due
		_, err := u.t.jobs.Put(u, u.scope, &retry, j.Rev)
		return err
	})
	if outcome != nil {
		c.log.Warn("side effect failed, will be tried again", "kind", string(j.Kind), "attempts", j.Attempts+1, "error", outcome)
	}
	return again, err
}

// backoff is the pause after so many tries.
func backoff(attempts int) time.Duration {
	return min(jobBackoff<<min(attempts, 16), jobMaxDelay)
}

// clinicIDs lists the clinics of this server.
func (c *core) clinicIDs(ctx context.Context) ([]ClinicID, error) {
	var out []ClinicID
	err := c.db.View(ctx, func(tx store.Tx) error {
		out = nil
		for v, err := range c.t.clinics.List(tx, store.Global) {
			if err != nil {
				return err
			}
			out = append(out, v.ID)
		}
		return nil
	})
	return out, storeError(err)
}

// earlier returns the earlier of two times, of which zero means never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || (!b.IsZero() && b.Before(a)) {
		return b
	}
	return a
}
