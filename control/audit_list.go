package control

import (
	"context"
	"errors"
	"slices"
	"sort"
	"strings"
	"time"

	"consilium/store"
)

// AuditFilter selects entries of the trail.
type AuditFilter struct {
	Actor    AccountID // "" for anybody
	Area     string    // the first part of the action: "card", "appointment"; "" for any
	Object   string    // an id; "" for any
	From, To time.Time // zero for no bound
	Before   uint64    // the cursor of the page before; 0 for the newest
	Limit    int       // 1 … 200, else 50
}

// AuditLine is an entry with the names of who and what it is about, as far as they
// are known today.
type AuditLine struct {
	N          uint64
	Event      AuditEvent
	ActorName  string
	ObjectName string
}

// Bounds of one page: so many entries are read at most, so that a filter that fits
// little does not hold a view open.
const (
	auditScan  = 5000
	auditChunk = 250
	// auditSlack is how far the clock may have been set back without an entry being
	// left out of a time range.
	auditSlack = 24 * time.Hour
)

// List returns entries, the newest first, and the cursor of what is before them; 0
// for none. A page may hold less than the limit, even nothing, and have more before
// it. Reading the trail is itself an entry of it.
func (s *Audit) List(ctx context.Context, who Actor, f AuditFilter) (lines []AuditLine, before uint64, err error) {
	if err := s.authorize(who, OpReadAudit); err != nil {
		return nil, 0, err
	}
	if f.Limit < 1 || f.Limit > 200 {
		f.Limit = 50
	}
	if f.Before == 0 {
		note := ""
		if f.Actor != "" || f.Area != "" || f.Object != "" || !f.From.IsZero() || !f.To.IsZero() {
			note = "filtered"
		}
		err := s.update(ctx, who, func(u *unit) error { return u.audit("audit.read", "clinic", u.scope, note) })
		if err != nil {
			return nil, 0, err
		}
	}
	err = s.view(ctx, who, func(u *unit) error {
		lines, before = nil, 0
		found, next, err := u.auditPage(f)
		if err != nil {
			return err
		}
		before = next
		names := map[string]string{}
		for _, e := range found {
			line := AuditLine{N: e.N, Event: e.Value}
			if line.ActorName, err = once(names, "account "+string(e.Value.Actor), u.nameOf); err != nil {
				return err
			}
			if line.ObjectName, err = once(names, e.Value.Kind+" "+e.Value.Object, u.nameOf); err != nil {
				return err
			}
			lines = append(lines, line)
		}
		return nil
	})
	return lines, before, err
}

// auditPage walks the trail from its end, or the cursor, back.
func (u *unit) auditPage(f AuditFilter) (found []store.Entry[AuditEvent], next uint64, err error) {
	last, err := u.t.trail.Last(u, u.scope)
	if err != nil {
		return nil, 0, err
	}
	hi := last + 1 // entries below it are still to be read
	if f.Before > 0 {
		hi = min(hi, f.Before)
	}
	if !f.To.IsZero() {
		hi, err = u.auditUntil(f.To.Add(auditSlack), hi)
		if err != nil {
			return nil, 0, err
		}
	}
	for read := 0; hi > 1 && read < auditScan; {
		lo := uint64(1)
		if hi > auditChunk {
			lo = hi - auditChunk
		}
		var chunk []store.Entry[AuditEvent]
		for e, err := range u.t.trail.Range(u, u.scope, lo, hi) {
			if err != nil {
				return nil, 0, err
			}
			chunk = append(chunk, e)
		}
		for _, e := range slices.Backward(chunk) {
			if read++; f.fits(&e.Value) {
				found = append(found, e)
			}
			if len(found) == f.Limit && e.N > 1 {
				return found, e.N, nil
			}
			if !f.From.IsZero() && e.Value.At.Before(f.From.Add(-auditSlack)) {
				return found, 0, nil
			}
		}
		hi = lo
	}
	if hi <= 1 {
		return found, 0, nil
	}
	return found, hi, nil
}

// auditUntil returns the number below which all entries up to a time are.
func (u *unit) auditUntil(t time.Time, hi uint64) (uint64, error) {
	var failed error
	n := sort.Search(int(hi)-1, func(i int) bool {
		e, err := u.t.trail.Get(u, u.scope, uint64(i)+1)
		if err != nil {
			failed = errors.Join(failed, err)
			return true
		}
		return e.At.After(t)
	})
	return uint64(n) + 1, failed
}

func (f *AuditFilter) fits(e *AuditEvent) bool {
	area, _, _ := strings.Cut(e.Action, ".")
	return (f.Actor == "" || e.Actor == f.Actor) && (f.Area == "" || area == f.Area) && (f.Object == "" || e.Object == f.Object) &&
		(f.From.IsZero() || !e.At.Before(f.From)) && (f.To.IsZero() || e.At.Before(f.To))
}

// nameOf says in words what a kind and an id stand for today; "" when it is unknown
// or has no name that an administrator may see.
func (u *unit) nameOf(what string) (name string, err error) {
	kind, object, _ := strings.Cut(what, " ")
	if object == "" {
		return "", nil
	}
	switch kind {
	case "account":
		v, _, e := u.t.accounts.Get(u, u.scope, object)
		name, err = v.Name, e
	case "practitioner":
		v, _, e := u.t.practitioners.Get(u, u.scope, object)
		name, err = v.Name, e
	case "patient":
		v, _, e := u.t.patients.Get(u, u.scope, object)
		name, err = v.Name, e
	case "appointment":
		v, _, e := u.t.appointments.Get(u, u.scope, object)
		name, err = v.No, e
	case "encounter":
		e, _, err := u.t.encounters.Get(u, u.scope, object)
		if err != nil {
			return "", unknown(err)
		}
		return u.nameOf("appointment " + string(e.Appointment))
	case "service":
		v, _, e := u.t.services.Get(u, u.scope, object)
		name, err = v.Name.In(u.who.Locale, ""), e
	}
	return name, unknown(err)
}

// unknown drops the errors that say that something is not there any more.
func unknown(err error) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrErased) || errors.Is(err, store.ErrInvalid) {
		return nil
	}
	return err
}

// Export returns a page of a clinic's trail for its operator, the oldest first, from
// the entry after a number on. The first page is recorded in the trail.
func (s *Audit) Export(ctx context.Context, who Actor, after uint64, limit int) ([]store.Entry[AuditEvent], error) {
	if err := s.authorize(who, OpExportAudit); err != nil {
		return nil, err
	}
	if after == 0 {
		err := s.update(ctx, who, func(u *unit) error { return u.audit("audit.export", "clinic", u.scope, "") })
		if err != nil {
			return nil, err
		}
	}
	var out []store.Entry[AuditEvent]
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		for e, err := range u.t.trail.Range(u, u.scope, after+1, after+1+uint64(limit)) {
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}
