package control

import (
	"context"
	"errors"
	"fmt"
	"time"

	"consilium/store"
)

// AuditHead is the end of a clinic's audit trail at a moment, to be kept elsewhere:
// a chain alone can't show that its end was cut off, or that all of it was written
// anew.
type AuditHead struct {
	Clinic ClinicID  `json:"clinic"`
	N      uint64    `json:"n"` // of the last entry; 0 for an empty trail
	Hash   string    `json:"hash"`
	At     time.Time `json:"at"`
}

// AuditDamage says which entry of a trail is the first that is wrong.
type AuditDamage struct {
	Entry uint64
	What  string
	Err   error // of the store, if it is to blame
}

// Error names the entry.
func (d *AuditDamage) Error() string { return fmt.Sprintf("audit entry %d %s", d.Entry, d.What) }

// Unwrap returns the store's error.
func (d *AuditDamage) Unwrap() error { return d.Err }

// verifyPage bounds one view: it must be short.
const verifyPage = 500

// Verify reads a clinic's whole trail and returns how many entries are good. An entry
// that does not fit the chain, or one of the heads that were kept elsewhere, is an
// *AuditDamage.
func (s *Audit) Verify(ctx context.Context, clinic ClinicID, heads ...AuditHead) (uint64, error) {
	kept := map[uint64]string{}
	for _, h := range heads {
		if h.Clinic != clinic || h.N == 0 {
			continue
		}
		if other, ok := kept[h.N]; ok && other != h.Hash {
			return 0, &AuditDamage{Entry: h.N, What: "has two different hashes among the heads that were kept: the trail was rolled back and went another way"}
		}
		kept[h.N] = h.Hash
	}
	var n uint64
	prev := ""
	for {
		var end uint64
		var hash string
		whole := false
		err := s.view(ctx, System(clinic), func(u *unit) (err error) {
			end, hash, whole, err = u.verifyPage(n, prev, kept)
			return err
		})
		if err != nil {
			return end, err
		}
		n, prev = end, hash
		if whole {
			break
		}
	}
	for _, h := range heads {
		if h.Clinic == clinic && h.N > n {
			return n, &AuditDamage{Entry: n + 1, What: fmt.Sprintf("is missing: the trail had %d entries on %s and was cut off or rolled back", h.N, h.At.UTC().Format(time.DateTime))}
		}
	}
	return n, nil
}

// verifyPage checks the entries after n, whose hash is prev. whole says that these
// were the last.
func (u *unit) verifyPage(n uint64, prev string, kept map[uint64]string) (end uint64, hash string, whole bool, err error) {
	end, hash = n, prev
	for entry, err := range u.t.trail.Range(u, u.scope, n+1, n+1+verifyPage) {
		if err != nil {
			return end, hash, false, &AuditDamage{Entry: end + 1, What: "can't be read: " + err.Error(), Err: err}
		}
		if entry.N != end+1 {
			return end, hash, false, &AuditDamage{Entry: end + 1, What: "is missing"}
		}
		want := entry.Value
		if err := want.seal(entry.N, hash); err != nil {
			return end, hash, false, err
		}
		if want.Hash != entry.Value.Hash || entry.Value.Prev != hash {
			return end, hash, false, &AuditDamage{Entry: entry.N, What: "does not fit the chain: it or its place was changed"}
		}
		if head, ok := kept[entry.N]; ok && head != entry.Value.Hash {
			return end, hash, false, &AuditDamage{Entry: entry.N, What: "is not the one whose hash was kept elsewhere: the trail was written anew up to it"}
		}
		end, hash = entry.N, entry.Value.Hash
	}
	last, err := u.t.trail.Last(u, u.scope)
	if err != nil {
		return end, hash, false, &AuditDamage{Entry: end + 1, What: "can't be counted: " + err.Error(), Err: err}
	}
	if end < n+verifyPage && end != last {
		return end, hash, false, &AuditDamage{Entry: end + 1, What: "is missing"}
	}
	return end, hash, end == last, nil
}

// At returns a clinic's entry of a number as a head; one that is not there has no
// hash.
func (s *Audit) At(ctx context.Context, clinic ClinicID, n uint64) (AuditHead, error) {
	out := AuditHead{Clinic: clinic, N: n, At: s.clock().UTC()}
	err := s.view(ctx, System(clinic), func(u *unit) error {
		entry, err := u.t.trail.Get(u, u.scope, n)
		if errors.Is(err, store.ErrNotFound) {
			return nil
		}
		out.Hash = entry.Hash
		return err
	})
	return out, err
}

// Head returns the present end of a clinic's trail.
func (s *Audit) Head(ctx context.Context, clinic ClinicID) (AuditHead, error) {
	out := AuditHead{Clinic: clinic, At: s.clock().UTC()}
	err := s.view(ctx, System(clinic), func(u *unit) (err error) {
		if out.N, err = u.t.trail.Last(u, u.scope); err != nil || out.N == 0 {
			return err
		}
		last, err := u.t.trail.Get(u, u.scope, out.N)
		out.Hash = last.Hash
		return err
	})
	return out, err
}
