package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"consilium/store"
)

// idempotent is the memory of a change made with an Idempotency-Key.
type idempotent struct {
	store.Revised
	ID          string // hash of account and key
	Body        string // hash of what was asked
	Appointment AppointmentID
	At          time.Time
}

// idempotencyLife is how long a key is remembered.
const idempotencyLife = 7 * 24 * time.Hour

// Given returns the same operations under conditions: they are refused when the
// appointment is no longer at the version that the caller saw (0 for any), and done
// once for a key ("" for none).
func (s *Appointments) Given(version uint64, key string) *Appointments {
	return &Appointments{core: s.core, version: version, key: key}
}

// once makes one change of an appointment in one transaction and shows it. The same
// key with the same body shows the same appointment again and changes nothing; two
// at the same time come one after the other, as all changes do.
func (s *Appointments) once(ctx context.Context, who Actor, key, what string, body any, change func(*unit) (*Appointment, error)) (AppointmentView, error) {
	var out AppointmentView
	place := hashed(string(who.Account), key)
	raw, err := json.Marshal(body)
	if err != nil {
		return out, invalid("/start", "this time can't be written down")
	}
	mark := hashed(what, string(raw))
	err = s.update(ctx, who, func(u *unit) error {
		known, err := u.repeated(key, place, mark)
		if err != nil {
			return err
		}
		var a *Appointment
		if known != "" {
			v, err := u.appointment(known)
			if err != nil {
				return err
			}
			a = &v
		} else {
			if a, err = change(u); err != nil {
				return err
			}
			if key != "" {
				if _, err := u.t.idempotency.Put(u, u.scope, &idempotent{ID: place, Body: mark, Appointment: a.ID, At: u.now}, store.Any); err != nil {
					return err
				}
			}
		}
		out, err = u.show(a)
		return err
	})
	return out, err
}

// repeated returns the appointment that the same key led to before, if any. The
// same key with another body is refused.
func (u *unit) repeated(key, place, mark string) (AppointmentID, error) {
	if key == "" {
		return "", nil
	}
	known, _, err := u.t.idempotency.Get(u, u.scope, place)
	if errors.Is(err, store.ErrNotFound) || (err == nil && u.now.Sub(known.At) >= idempotencyLife) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if known.Body != mark {
		return "", fail(CodeIdempotencyReused, "this Idempotency-Key came before with another request")
	}
	return known.Appointment, nil
}

func hashed(parts ...string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", parts))
	return hex.EncodeToString(sum[:])
}
