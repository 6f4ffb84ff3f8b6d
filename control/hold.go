package control

import "consilium/store"

// holdable is the guard of holding a slot as a patient, or for one.
func (u *unit) holdable(a *Appointment, in *input) error {
	if err := u.isFree(a, in); err != nil {
		return err
	}
	if u.who.Role == RolePatient {
		if err := u.holdsFew(a.Patient); err != nil {
			return err
		}
	}
	return u.offered(a, in)
}

// holdsFew bounds how much of the clinic's time one person can keep from others.
func (u *unit) holdsFew(id PatientID) error {
	k := store.Text(string(id))
	n := 0
	for other, err := range u.t.appointments.Range(u, u.scope, u.t.byPatient, k.Time(u.now), k.End()) {
		if err != nil {
			return err
		}
		if other.Status == Held && other.Wait == "" && u.onHold(&other) {
			n++
		}
	}
	if n >= u.cfg.MaxHolds {
		return fail(CodeTooMany, "at most %d times can be held at once", u.cfg.MaxHolds)
	}
	return nil
}
