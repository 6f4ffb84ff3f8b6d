package control

import (
	"context"

	"consilium/control/calendar"
	"consilium/store"
)

// maxOutside bounds the list of visits outside the hours.
const maxOutside = 200

// Outside lists a doctor's visits ahead that the hours no longer cover, by start:
// those who change their hours keep what was booked, and want to know it. Requests
// that wait for an answer are among them.
func (s *Schedules) Outside(ctx context.Context, who Actor, id PractitionerID) ([]AppointmentView, error) {
	if err := s.authorize(who, OpListOutside); err != nil {
		return nil, err
	}
	if who.Role == RolePractitioner && who.Practitioner != id {
		return nil, fail(CodeDenied, "doctors see their own visits")
	}
	var out []AppointmentView
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		if _, err := u.practitioner(id); err != nil {
			return err
		}
		schedule, err := u.schedule(id)
		if err != nil {
			return err
		}
		zone, err := u.location()
		if err != nil {
			return err
		}
		from, to := u.now, u.now.AddDate(0, 0, maxHorizonDays)
		open := schedule.Rules.Expand(zone, from.Add(-maxDuration), to.Add(maxDuration))
		sight := u.newSight()
		k := store.Text(string(id))
		for a, err := range u.t.appointments.Range(u, u.scope, u.t.byDoctor, k.Time(from), k.Time(to)) {
			if err != nil {
				return err
			}
			if !a.Status.Open() || calendar.Covered(open, a.Start, a.End) {
				continue
			}
			v, err := sight.show(&a)
			if err != nil {
				return err
			}
			if out = append(out, v); len(out) == maxOutside {
				return nil
			}
		}
		return nil
	})
	return out, err
}
