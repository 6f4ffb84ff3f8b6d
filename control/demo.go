package control

import (
	"context"
	"fmt"
	"time"

	"consilium/internal/id"
	"consilium/store"
)

// Links are the demo's sign-in links by who they are for: paths with the token
// in the fragment, which browsers never send.
type Links map[string]string

// URLs puts the server's public URL, without a slash at its end, before each path.
func (l Links) URLs(publicURL string) map[string]string {
	out := make(map[string]string, len(l))
	for who, path := range l {
		out[who] = publicURL + path
	}
	return out
}

// demoLinkLife is how long a demo link works.
const demoLinkLife = 7 * 24 * time.Hour

// SeedDemo makes the demo clinic in an empty store and keeps what is there in
// any other. It fills the present week's calendar if nothing stands in it, makes
// sure that one consultation is due now, and returns fresh sign-in links for
// admin, registrar, accountant, doctor, doctor2, doctor3, patient, patient2 and interpreter.
func (c *Control) SeedDemo(ctx context.Context) (Links, error) {
	seed := *c.core
	seed.silent = true
	d := demo{core: &seed, now: c.clock().UTC()}
	if err := d.openClinic(ctx); err != nil {
		return nil, fmt.Errorf("demo clinic: %w", err)
	}
	if err := d.fillWeek(ctx); err != nil {
		return nil, fmt.Errorf("demo week: %w", err)
	}
	due, err := d.dueNow(ctx)
	if err != nil {
		return nil, fmt.Errorf("demo visit: %w", err)
	}
	c.demoPassword = d.password
	links, err := d.links(ctx, due)
	if err != nil {
		return nil, fmt.Errorf("demo links: %w", err)
	}
	return links, nil
}

// DemoPassword is the staff's password of a demo clinic that this process has made; "" for
// one that was there before: it is shown once.
func (c *Control) DemoPassword() string { return c.demoPassword }

// demo is one run of SeedDemo.
type demo struct {
	*core
	password string
	now      time.Time
	clinic   Clinic
	loc      *time.Location
	// People by the keys of demo_data.go.
	actors   map[string]Actor
	services map[string]ServiceID
}

// past returns the operations of another moment.
func (d *demo) past(t time.Time) *Control { return newControl(d.core.at(t)) }

// openClinic finds the demo clinic, or makes it with its people and services.
func (d *demo) openClinic(ctx context.Context) error {
	err := d.db.View(ctx, func(tx store.Tx) error {
		for v, err := range d.t.clinics.List(tx, store.Global) {
			if err != nil {
				return err
			}
			if v.Demo {
				d.clinic = v
			}
		}
		return nil
	})
	if err != nil {
		return storeError(err)
	}
	if d.clinic.ID == "" {
		if err := d.found(ctx); err != nil {
			return err
		}
	}
	if d.loc, err = d.clinic.Location(); err != nil {
		return err
	}
	return d.meetPeople(ctx)
}

// found writes the clinic, its services and its people in one transaction.
func (d *demo) found(ctx context.Context) error {
	clinic := demoClinic()
	var err error
	if clinic.Jurisdiction, err = BuiltinJurisdiction("ru"); err != nil {
		return err
	}
	clinic.ID = ClinicID(id.New())
	people, services := demoPeople(), demoServices()
	ids := map[string]string{}
	for key := range people {
		ids[key] = id.New()
	}
	d.password = id.New()[:16]
	hash, err := d.hasher.Hash(ctx, d.password)
	if err != nil {
		return err
	}
	err = d.update(ctx, System(clinic.ID), func(u *unit) error {
		if _, err := u.t.clinics.Put(u, store.Global, &clinic, 0); err != nil {
			return err
		}
		for _, s := range services {
			if _, err := u.t.services.Put(u, u.scope, &s, 0); err != nil {
				return err
			}
		}
		for key, p := range people {
			if err := p.put(u, key, ids, d.now); err != nil {
				return err
			}
			if p.patient != nil {
				continue
			}
			c := Credential{Account: AccountID(ids[key]), Password: hash, PasswordSet: u.now}
			if err := u.putCredential(&c); err != nil {
				return err
			}
		}
		return u.audit("clinic.create", "clinic", u.scope, "demo")
	})
	d.clinic = clinic
	return err
}

// meetPeople fills in who can act. People are told apart by their names, which
// the demo never changes.
func (d *demo) meetPeople(ctx context.Context) error {
	d.actors, d.services = map[string]Actor{}, map[string]ServiceID{}
	for _, s := range demoServices() {
		d.services[string(s.ID)] = s.ID
	}
	byName := map[string]string{}
	for key, p := range demoPeople() {
		byName[p.account.Name] = key
	}
	return d.view(ctx, System(d.clinic.ID), func(u *unit) error {
		for v, err := range u.t.accounts.List(u, u.scope) {
			if err != nil {
				return err
			}
			if key := byName[v.Name]; key != "" && v.Role != RoleGuest {
				d.actors[key] = actorOf(d.clinic.ID, &v, &Session{})
			}
		}
		return nil
	})
}

// dueNow finds the visit of the first doctor and the first patient that can be
// joined now, or books one.
func (d *demo) dueNow(ctx context.Context) (AppointmentView, error) {
	doctor, patient := d.actors["doctor"], d.actors["patient"]
	now := newControl(d.core)
	found, _, err := now.Appointments.List(ctx, doctor, AppointmentFilter{
		From: d.now, To: d.now.Add(d.cfg.CheckInEarly), Patient: patient.Patient,
		Statuses: []Status{Booked, Waiting, InProgress},
	})
	if err != nil {
		return AppointmentView{}, err
	}
	if len(found) > 0 {
		return found[len(found)-1], nil
	}
	// A minute ahead at least, for by now some time has gone into filling the week.
	start := d.clock().UTC().Add(time.Minute).Truncate(5 * time.Minute)
	if err := d.clear(ctx, start, start.Add(45*time.Minute)); err != nil {
		return AppointmentView{}, err
	}
	var last error
	// Whoever is in a consultation with somebody else has the next free time.
	for ; start.Before(d.now.Add(12 * time.Hour)); start = start.Add(5 * time.Minute) {
		v, err := now.Appointments.Book(ctx, doctor, Booking{
			Patient: patient.Patient, Practitioner: doctor.Practitioner, Service: d.services["initial"], Start: start,
			Complaint: "Третий день болит горло, температура 37,8, кашель по ночам.", Waiver: demoWaiver,
		})
		if err == nil {
			return v, nil
		}
		if ErrorCode(err) != CodeSlotTaken {
			return v, err
		}
		last = err
	}
	return AppointmentView{}, last
}

// clear takes planned visits of the demo out of the way of the one that is due
// now; one that is under way stays.
func (d *demo) clear(ctx context.Context, from, to time.Time) error {
	admin := d.actors["admin"]
	now := newControl(d.core)
	found, _, err := now.Appointments.List(ctx, admin, AppointmentFilter{From: from, To: to, Statuses: []Status{Booked}})
	if err != nil {
		return err
	}
	for _, v := range found {
		if v.Appointment.Practitioner != d.actors["doctor"].Practitioner && v.Patient != d.actors["patient"].Patient {
			continue
		}
		if _, err := now.Appointments.Cancel(ctx, admin, v.ID, "Врач занят на другом приёме"); err != nil {
			return err
		}
	}
	return nil
}

// links makes a new sign-in link for each person.
func (d *demo) links(ctx context.Context, due AppointmentView) (Links, error) {
	interpreter, err := d.interpreter(ctx, due)
	if err != nil {
		return nil, err
	}
	next, err := d.nextVisit(ctx, d.actors["patient2"])
	if err != nil {
		return nil, err
	}
	out := Links{}
	tokens := map[string]string{}
	for _, who := range []string{"admin", "registrar", "accountant", "doctor", "doctor2", "doctor3", "patient", "patient2", "interpreter"} {
		// A store of an earlier version may lack somebody.
		if _, ok := d.actors[who]; ok || who == "interpreter" {
			tokens[who] = newToken(d.clinic.ID)
		}
	}
	err = d.update(ctx, System(d.clinic.ID), func(u *unit) error {
		for who, token := range tokens {
			link := SignInLink{Kind: LinkDemo, Account: d.actors[who].Account, Expires: u.now.Add(demoLinkLife), Demo: true}
			out[who] = "/demo#" + token
			switch who {
			case "patient":
				link.Kind, link.Appointment = LinkVisit, due.ID
				out[who] = "/visit#" + token
			case "patient2":
				link.Kind, link.Appointment = LinkVisit, next
				out[who] = "/visit#" + token
			case "interpreter":
				link.Kind, link.Appointment, link.Account = LinkGuest, due.ID, interpreter
				out[who] = "/guest#" + token
			}
			if err := u.putLink(token, link); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// interpreter is the guest of the visit that is due.
func (d *demo) interpreter(ctx context.Context, due AppointmentView) (AccountID, error) {
	now := newControl(d.core)
	e, err := now.Encounters.Get(ctx, d.actors["doctor"], due.Encounter)
	if err != nil {
		return "", err
	}
	for _, p := range e.Participants {
		if p.Relation == "interpreter" {
			return p.Account, nil
		}
	}
	inv, err := now.Encounters.InviteGuest(ctx, d.actors["doctor"], due.Encounter, demoInterpreter, "interpreter")
	return inv.Account, err
}

func (d *demo) nextVisit(ctx context.Context, who Actor) (AppointmentID, error) {
	found, _, err := newControl(d.core).Appointments.List(ctx, who, AppointmentFilter{
		From: d.now, To: d.now.AddDate(0, 0, 21), Statuses: []Status{Booked},
	})
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0].ID, nil
}
