package control

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"consilium/store"
)

// trailOf is a demo clinic's trail of some length.
func trailOf(t *testing.T, n int) (*world, ClinicID) {
	t.Helper()
	w := newWorld(t)
	clinic := w.demo.clinic.ID
	for i := range n {
		must(t, w.update(context.Background(), w.actor("admin"), func(u *unit) error {
			return u.audit("test.entry", "account", fmt.Sprint(i), "")
		}))
	}
	return w, clinic
}

// forge changes the rows of the trail below the rules, as one can who has the keys.
func (w *world) forge(t *testing.T, fn func(tx store.Tx, rows []store.Item) error) {
	t.Helper()
	must(t, w.db.Update(context.Background(), func(tx store.Tx) error {
		var rows []store.Item
		for item, err := range tx.Scan("audit", nil, nil) {
			if err != nil {
				return err
			}
			rows = append(rows, item)
		}
		return fn(tx, rows)
	}))
}

// entries loads the whole trail.
func (w *world) entries(t *testing.T, clinic ClinicID) []AuditEvent {
	t.Helper()
	var out []AuditEvent
	must(t, w.view(context.Background(), System(clinic), func(u *unit) error {
		out = nil
		for e, err := range u.t.trail.Range(u, u.scope, 1, 0) {
			if err != nil {
				return err
			}
			out = append(out, e.Value)
		}
		return nil
	}))
	return out
}

// rewrite replaces the trail by these entries, chained anew from the first changed on.
func (w *world) rewrite(t *testing.T, clinic ClinicID, entries []AuditEvent) {
	t.Helper()
	w.forge(t, func(tx store.Tx, rows []store.Item) error {
		for _, row := range rows {
			if err := tx.Delete("audit", row.Key, store.Any); err != nil {
				return err
			}
		}
		for item, err := range tx.Scan("audit/next", nil, nil) {
			if err != nil {
				return err
			}
			if err := tx.Delete("audit/next", item.Key, store.Any); err != nil {
				return err
			}
		}
		prev := ""
		for i := range entries {
			if err := entries[i].seal(uint64(i)+1, prev); err != nil {
				return err
			}
			prev = entries[i].Hash
			if _, err := w.t.trail.Append(tx, string(clinic), &entries[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func wantDamage(t *testing.T, name string, err error, entry uint64) {
	t.Helper()
	var d *AuditDamage
	if !errors.As(err, &d) || d.Entry != entry {
		t.Errorf("%s: %v, want damage at entry %d", name, err, entry)
	}
}

// TestAuditTampering is T40: what is done to the trail from below is named by its
// first bad entry; what the chain can't show, a head that is kept elsewhere does.
func TestAuditTampering(t *testing.T) {
	ctx := context.Background()
	w, clinic := trailOf(t, 20)
	n, err := w.Audit.Verify(ctx, clinic)
	must(t, err)
	head, err := w.Audit.Head(ctx, clinic)
	must(t, err)
	if n < 20 || head.N != n || head.Hash == "" {
		t.Fatalf("%d entries, head %+v", n, head)
	}
	original := w.entries(t, clinic)
	for name, attack := range map[string]struct {
		do    func(tx store.Tx, rows []store.Item) error
		entry uint64
	}{
		"edited": {func(tx store.Tx, rows []store.Item) error {
			forged := append([]byte(nil), rows[4].Value...)
			forged[len(forged)-80] ^= 1
			_, err := tx.Put("audit", rows[4].Key, forged, store.Any)
			return err
		}, 5},
		"deleted": {func(tx store.Tx, rows []store.Item) error { return tx.Delete("audit", rows[9].Key, store.Any) }, 10},
		"reordered": {func(tx store.Tx, rows []store.Item) error {
			if _, err := tx.Put("audit", rows[6].Key, rows[7].Value, store.Any); err != nil {
				return err
			}
			_, err := tx.Put("audit", rows[7].Key, rows[6].Value, store.Any)
			return err
		}, 7},
		"repeated": {func(tx store.Tx, rows []store.Item) error {
			_, err := tx.Put("audit", rows[3].Key, rows[2].Value, store.Any)
			return err
		}, 4},
		"cut off": {func(tx store.Tx, rows []store.Item) error {
			for _, row := range rows[len(rows)-3:] {
				if err := tx.Delete("audit", row.Key, store.Any); err != nil {
					return err
				}
			}
			return nil
		}, n - 2},
		"emptied": {func(tx store.Tx, rows []store.Item) error {
			for _, row := range rows {
				if err := tx.Delete("audit", row.Key, store.Any); err != nil {
					return err
				}
			}
			return nil
		}, 1},
	} {
		w.forge(t, attack.do)
		_, err := w.Audit.Verify(ctx, clinic)
		wantDamage(t, name, err, attack.entry)
		w.rewrite(t, clinic, original)
	}
	_, err = w.Audit.Verify(ctx, clinic, head)
	must(t, err)

	// Who knows how the chain is made can write a good one; not one with this head.
	edited := w.entries(t, clinic)
	edited[4].Object = "somebody else"
	w.rewrite(t, clinic, edited)
	_, err = w.Audit.Verify(ctx, clinic)
	must(t, err)
	_, err = w.Audit.Verify(ctx, clinic, head)
	wantDamage(t, "written anew", err, n)

	w.rewrite(t, clinic, original[:len(original)-3])
	_, err = w.Audit.Verify(ctx, clinic)
	must(t, err)
	_, err = w.Audit.Verify(ctx, clinic, head)
	wantDamage(t, "cut off and counted anew", err, n-2)

	// The whole database is put back to an older state and goes on from there.
	w.rewrite(t, clinic, original[:len(original)-3])
	for range 5 {
		must(t, w.update(ctx, w.actor("admin"), func(u *unit) error { return u.audit("test.other", "account", "", "") }))
	}
	_, err = w.Audit.Verify(ctx, clinic, head)
	wantDamage(t, "rolled back", err, n)
	second, err := w.Audit.Head(ctx, clinic)
	must(t, err)
	second.N = head.N
	_, err = w.Audit.Verify(ctx, clinic, head, second)
	wantDamage(t, "two ways", err, n)
}

func TestAuditOverManyPages(t *testing.T) {
	ctx := context.Background()
	w, clinic := trailOf(t, 2*verifyPage)
	head, err := w.Audit.Head(ctx, clinic)
	must(t, err)
	for _, want := range []uint64{head.N, head.N} {
		n, err := w.Audit.Verify(ctx, clinic, head)
		must(t, err)
		if n != want {
			t.Errorf("%d entries read, want %d", n, want)
		}
	}
	entries := w.entries(t, clinic)
	w.rewrite(t, clinic, entries[:verifyPage])
	if n, err := w.Audit.Verify(ctx, clinic); err != nil || n != verifyPage {
		t.Errorf("%d entries of a trail of exactly a page, %v", n, err)
	}
}

func TestAuditList(t *testing.T) {
	ctx := context.Background()
	w, clinic := trailOf(t, 0)
	admin := w.actor("admin")
	for i := range 700 {
		w.clock.Advance(time.Minute)
		who := admin
		if i%100 == 0 {
			who = w.actor("doctor")
		}
		must(t, w.update(ctx, who, func(u *unit) error { return u.audit("card.read", "patient", string(w.actor("patient").Patient), "") }))
	}
	for _, key := range []string{"doctor", "registrar", "accountant", "patient"} {
		_, _, err := w.Audit.List(ctx, w.actor(key), AuditFilter{})
		wantCode(t, err, CodeDenied)
	}
	seen := map[uint64]bool{}
	all := func(f AuditFilter) int {
		t.Helper()
		n, last := 0, uint64(1<<62)
		for {
			lines, before, err := w.Audit.List(ctx, admin, f)
			must(t, err)
			for _, l := range lines {
				if l.N >= last {
					t.Fatalf("entry %d after %d", l.N, last)
				}
				last = l.N
				seen[l.N] = true
				n++
			}
			if before == 0 {
				return n
			}
			f.Before = before
		}
	}
	total := all(AuditFilter{Limit: 33})
	if last, err := w.Audit.Verify(ctx, clinic); err != nil || uint64(total) != last || len(seen) != total {
		t.Errorf("%d lines of %d entries, %v", total, last, err)
	}
	if n := all(AuditFilter{Actor: w.actor("doctor").Account, Area: "card"}); n != 7 {
		t.Errorf("%d of the doctor's, want 7", n)
	}
	if n := all(AuditFilter{From: noon.Add(time.Minute), To: noon.Add(11 * time.Minute)}); n != 10 {
		t.Errorf("%d within ten minutes, want 10", n)
	}
	if n := all(AuditFilter{To: noon}); n != 0 {
		t.Errorf("%d before the beginning", n)
	}
	// Reading is recorded, once for all pages.
	lines, _, err := w.Audit.List(ctx, admin, AuditFilter{Area: "audit"})
	must(t, err)
	if len(lines) != 5 || lines[0].ActorName != "Ольга Викторовна Лебедева" {
		t.Errorf("%d readings: %+v", len(lines), lines)
	}
	lines, _, err = w.Audit.List(ctx, admin, AuditFilter{Object: string(w.actor("patient").Patient), Limit: 1})
	must(t, err)
	if lines[0].ObjectName != "Иван Петрович Соколов" {
		t.Errorf("the object is %q", lines[0].ObjectName)
	}
}
