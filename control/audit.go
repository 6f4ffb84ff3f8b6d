package control

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// AuditEvent is one entry of a clinic's audit trail. Entries are numbered
// without gaps and chained: Hash covers the entry and the one before it, so a
// changed, removed or inserted entry is noticed. It holds ids, no names and no
// clinical text.
type AuditEvent struct {
	At     time.Time
	Actor  AccountID // empty for the server itself
	Role   Role
	Action string // "appointment.cancel", "card.read", …
	Kind   string // of the object
	Object string // its id
	From   Status `json:",omitempty"`
	To     Status `json:",omitempty"`
	Note   string `json:",omitempty"` // of a fixed set of words, never free text
	Prev   string
	Hash   string
}

// seal sets Prev and Hash.
func (e *AuditEvent) seal(n uint64, prev string) error {
	e.Prev, e.Hash = prev, ""
	raw, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("hash audit event: %w", err)
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%s", n, raw))
	e.Hash = hex.EncodeToString(sum[:])
	return nil
}

// audit records what the unit's actor did, in the unit's own transaction.
func (u *unit) audit(action, kind, object, note string) error {
	return u.record(AuditEvent{Actor: u.who.Account, Role: u.who.Role, Action: action, Kind: kind, Object: object, Note: note})
}

// record appends an event with its hash to the trail.
func (u *unit) record(e AuditEvent) error {
	e.At = u.now
	last, err := u.t.trail.Last(u, u.scope)
	if err != nil {
		return err
	}
	prev := ""
	if last > 0 {
		before, err := u.t.trail.Get(u, u.scope, last)
		if err != nil {
			return fmt.Errorf("audit trail: %w", err)
		}
		prev = before.Hash
	}
	if err := e.seal(last+1, prev); err != nil {
		return err
	}
	_, err = u.t.trail.Append(u, u.scope, &e)
	return err
}

// Audit is about a clinic's audit trail.
type Audit struct{ *core }
