package control

import (
	"context"
	"strings"
	"time"

	"consilium/control/notify"
	"consilium/store"
)

// HelpPolicy is how a clinic gives help at once. A clinic that never set one has the
// defaults of defaultPolicy.
type HelpPolicy struct {
	store.Revised
	ID        string
	DutyEmail string // who is told when no doctor takes a call
	DutyPhone string
	PayLater  bool // paid services are given before they are paid
}

// thePolicy is the id of a clinic's one policy.
const thePolicy = "emergency"

// HelpSettings is a policy with the services that can be asked for now.
type HelpSettings struct {
	HelpPolicy
	Services []ServiceID
}

// defaultPolicy tells the clinic's own telephone number, if it takes messages.
func defaultPolicy(c *Clinic) HelpPolicy {
	channel, phone, err := notify.ParseAddress(c.Phone)
	if err != nil || channel != notify.SMS {
		phone = ""
	}
	return HelpPolicy{ID: thePolicy, DutyPhone: phone, PayLater: true}
}

// elsewhere is the emergency number of a clinic without a jurisdiction: the one that
// most countries answer.
const elsewhere = "112"

// emergencyNumber is whom to call when life is in danger.
func (c *Clinic) emergencyNumber() string {
	if c.Jurisdiction.Emergency == "" {
		return elsewhere
	}
	return c.Jurisdiction.Emergency
}

func (u *unit) helpPolicy() (HelpPolicy, error) {
	p, _, err := u.t.helpPolicies.Get(u, u.scope, thePolicy)
	if ErrorCode(missing(err, "policy")) != CodeNotFound {
		return p, err
	}
	clinic, err := u.clinic()
	return defaultPolicy(&clinic), err
}

// urgentServices lists what can be asked for now under the policy.
func (u *unit) urgentServices(p *HelpPolicy) ([]Service, error) {
	var out []Service
	for v, err := range u.t.services.List(u, u.scope) {
		if err != nil {
			return nil, err
		}
		if v.Active && v.Urgent && (v.Price.Minor == 0 || p.PayLater) {
			out = append(out, v)
		}
	}
	return out, nil
}

// Policy returns how the actor's clinic gives help at once.
func (s *Emergencies) Policy(ctx context.Context, who Actor) (HelpSettings, error) {
	var out HelpSettings
	if err := s.authorize(who, OpSetHelpPolicy); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) (err error) {
		out, err = u.helpSettings()
		return err
	})
	return out, err
}

func (u *unit) helpSettings() (HelpSettings, error) {
	p, err := u.helpPolicy()
	out := HelpSettings{HelpPolicy: p, Services: []ServiceID{}}
	if err != nil {
		return out, err
	}
	for v, err := range u.t.services.List(u, u.scope) {
		if err != nil {
			return out, err
		}
		if v.Urgent {
			out.Services = append(out.Services, v.ID)
		}
	}
	return out, nil
}

// SetPolicy replaces it. version is the one that the administrator saw.
func (s *Emergencies) SetPolicy(ctx context.Context, who Actor, p HelpSettings, version uint64) (HelpSettings, error) {
	var out HelpSettings
	if err := s.authorize(who, OpSetHelpPolicy); err != nil {
		return out, err
	}
	if err := p.check(); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		next := p.HelpPolicy
		next.ID = thePolicy
		known, _, err := u.t.helpPolicies.Get(u, u.scope, thePolicy)
		if err != nil && ErrorCode(missing(err, "policy")) != CodeNotFound {
			return err
		}
		if known.Rev != version {
			return stale()
		}
		if _, err := u.t.helpPolicies.Put(u, u.scope, &next, version); err != nil {
			return err
		}
		if err := u.setUrgent(p.Services); err != nil {
			return err
		}
		u.tell("emergency", thePolicy, next.Rev, "clinic:"+u.scope)
		if err := u.audit("emergency.policy", "clinic", u.scope, ""); err != nil {
			return err
		}
		out, err = u.helpSettings()
		return err
	})
	return out, err
}

// check normalises the policy and says what is wrong with it.
func (p *HelpSettings) check() (err error) {
	if p.DutyEmail, err = address(strings.TrimSpace(p.DutyEmail), notify.Email, "/dutyEmail"); err != nil {
		return err
	}
	p.DutyPhone, err = address(strings.TrimSpace(p.DutyPhone), notify.SMS, "/dutyPhone")
	return err
}

// setUrgent makes exactly these services those that can be asked for now.
func (u *unit) setUrgent(ids []ServiceID) error {
	wanted := map[ServiceID]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	var changed []Service
	for v, err := range u.t.services.List(u, u.scope) {
		if err != nil {
			return err
		}
		if v.Urgent != wanted[v.ID] {
			v.Urgent = wanted[v.ID]
			changed = append(changed, v)
		}
		delete(wanted, v.ID)
	}
	if len(wanted) > 0 {
		return invalid("/serviceIds", "no such service")
	}
	for i := range changed {
		if _, err := u.t.services.Put(u, u.scope, &changed[i], changed[i].Rev); err != nil {
			return err
		}
		u.tell("service", string(changed[i].ID), changed[i].Rev, "clinic:"+u.scope)
	}
	return nil
}

// localTime is a time as the clinic's people read it.
func (u *unit) localTime(at time.Time) (string, error) {
	clinic, err := u.clinic()
	if err != nil {
		return "", err
	}
	loc, err := clinic.Location()
	if err != nil {
		return "", err
	}
	return at.In(loc).Format("15:04"), nil
}
