package control

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"consilium/internal/id"
	"consilium/store"
)

// Languages are those that pages and messages are written in.
func Languages() []string { return []string{"ru", "en"} }

// NewClinic is what a clinic begins with.
type NewClinic struct {
	Slug         string
	Name         Text
	Zone         string
	Currency     string
	Languages    []string
	Licence      string
	Address      Text
	Phone        string
	Jurisdiction Jurisdiction
}

func (in *NewClinic) clinic() Clinic {
	return Clinic{
		ID: ClinicID(id.New()), Slug: in.Slug, Name: in.Name, Zone: in.Zone, Currency: in.Currency, Languages: in.Languages,
		Accent: defaultAccent, Licence: in.Licence, Address: in.Address, Phone: in.Phone, Jurisdiction: in.Jurisdiction,
		Settings: Settings{Quiet: DefaultQuiet()},
	}
}

// defaultAccent is the colour of a clinic that has not chosen one.
const defaultAccent = "#0f766e"

// Create makes a clinic. Only the server's operator does.
func (s *Clinics) Create(ctx context.Context, who Actor, in NewClinic) (Clinic, error) {
	c := in.clinic()
	if err := s.authorize(who, OpCreateClinic); err != nil {
		return c, err
	}
	if err := c.validate(); err != nil {
		return c, err
	}
	err := s.update(ctx, Operator(c.ID), func(u *unit) error {
		fresh := c
		for other, err := range u.t.clinics.List(u, store.Global) {
			if err != nil {
				return err
			}
			if other.Slug == c.Slug {
				return &Error{Code: CodeTaken, Message: "another clinic has this short name", Field: "/slug"}
			}
		}
		return u.putClinic(&fresh, "clinic.create")
	})
	return c, err
}

// Found makes the first clinic of a server and its first administrator, whose
// invitation is at path. Where a clinic is already, it changes nothing.
func (s *Clinics) Found(ctx context.Context, who Actor, in NewClinic, admin StaffInput) (c Clinic, m StaffMember, path string, err error) {
	if err := s.authorize(who, OpCreateClinic); err != nil {
		return c, m, "", err
	}
	c = in.clinic()
	if err := c.validate(); err != nil {
		return c, m, "", err
	}
	account := AccountID(id.New())
	err = s.update(ctx, Operator(c.ID), func(u *unit) error {
		for _, err := range u.t.clinics.List(u, store.Global) {
			if err != nil {
				return err
			}
			return &Error{Code: CodeTaken, Message: "there is a clinic already; nothing was changed"}
		}
		fresh, a := c, Account{ID: account, Role: RoleAdmin}
		if err := u.putClinic(&fresh, "clinic.create"); err != nil {
			return err
		}
		if err := u.setMember(&a, admin, 0); err != nil {
			return err
		}
		if err := u.audit("staff.register", "account", string(a.ID), string(a.Role)); err != nil {
			return err
		}
		if path, err = u.inviteStaff(&a); err != nil {
			return err
		}
		m, err = u.member(&a)
		return err
	})
	return c, m, path, err
}

// Settings returns the actor's clinic as its administrator may change it.
func (s *Clinics) Settings(ctx context.Context, who Actor) (Clinic, error) {
	var out Clinic
	if err := s.authorize(who, OpReadSettings); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) (err error) {
		out, err = u.clinic()
		return err
	})
	return out, err
}

// Consents lists the consents that a service needs before it.
func (s *Clinics) Consents(ctx context.Context, who Actor, service ServiceID) ([]ConsentNeed, error) {
	var out []ConsentNeed
	if err := s.authorize(who, OpReadClinic); err != nil {
		return nil, err
	}
	err := s.view(ctx, who, func(u *unit) error {
		v, err := u.service(service)
		if err != nil {
			return err
		}
		clinic, err := u.clinic()
		out = clinic.Jurisdiction.ConsentsFor(v.LawKind())
		return err
	})
	return out, err
}

// ClinicUpdate is what an administrator changes.
type ClinicUpdate struct {
	Name      Text
	Zone      string
	Languages []string
	Licence   string
	Address   Text
	Phone     string
	Accent    string
	Settings  Settings
}

// Update changes the actor's clinic. version is that of the clinic that was edited.
func (s *Clinics) Update(ctx context.Context, who Actor, to ClinicUpdate, version uint64) (Clinic, error) {
	var out Clinic
	if err := s.authorize(who, OpSetClinic); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		v, err := u.clinic()
		if err != nil {
			return err
		}
		if v.Rev != version {
			return fail(CodeVersionStale, "the clinic was changed elsewhere meanwhile; load it again")
		}
		v.Name, v.Zone, v.Languages, v.Licence = to.Name, to.Zone, to.Languages, to.Licence
		v.Address, v.Phone, v.Accent, v.Settings = to.Address, to.Phone, to.Accent, to.Settings
		if err := v.validate(); err != nil {
			return err
		}
		out = v
		return u.putClinic(&out, "clinic.set")
	})
	return out, err
}

// SetJurisdiction replaces what the law asks of a clinic. Only the operator does.
func (s *Clinics) SetJurisdiction(ctx context.Context, who Actor, p Jurisdiction) (Clinic, error) {
	var out Clinic
	if err := s.authorize(who, OpSetJurisdiction); err != nil {
		return out, err
	}
	if err := p.validate(); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) (err error) {
		if out, err = u.clinic(); err != nil {
			return err
		}
		out.Jurisdiction = p
		return u.putClinic(&out, "clinic.jurisdiction")
	})
	return out, err
}

// Suspend closes the actor's clinic: nobody signs in, nothing can be booked, and who
// is signed in is out at once. Its data stays as it is.
func (s *Clinics) Suspend(ctx context.Context, who Actor) error {
	if err := s.authorize(who, OpSuspendClinic); err != nil {
		return err
	}
	err := s.update(ctx, who, func(u *unit) error {
		v, err := u.clinic()
		if err != nil {
			return err
		}
		if err := v.open(); err != nil {
			return err
		}
		v.Suspended = u.now
		return u.putClinic(&v, "clinic.suspend")
	})
	if err != nil {
		return err
	}
	// From here on no session is good and none can begin: what is left is to cut the
	// open sockets, in steps that leave the store's writer to others.
	for more := true; more; {
		err := s.update(ctx, who, func(u *unit) error {
			more = false
			var ids []SessionID
			for v, err := range u.t.sessions.List(u, u.scope) {
				if err != nil {
					return err
				}
				if len(ids) == sessionPage {
					more = true
					break
				}
				ids = append(ids, v.ID)
			}
			for _, v := range ids {
				if err := u.endSession(v); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// sessionPage bounds the sessions that end in one transaction.
const sessionPage = 500

// Resume opens a suspended clinic again.
func (s *Clinics) Resume(ctx context.Context, who Actor) error {
	if err := s.authorize(who, OpSuspendClinic); err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		v, err := u.clinic()
		if err != nil {
			return err
		}
		if v.Suspended.IsZero() {
			return fail(CodeTransitionRefused, "this clinic is open")
		}
		v.Suspended = time.Time{}
		return u.putClinic(&v, "clinic.resume")
	})
}

// putClinic stores the unit's clinic and tells its pages.
func (u *unit) putClinic(c *Clinic, action string) error {
	if _, err := u.t.clinics.Put(u, store.Global, c, c.Rev); err != nil {
		return err
	}
	u.tell("clinic", string(c.ID), c.Rev, "clinic:"+string(c.ID))
	return u.audit(action, "clinic", string(c.ID), "")
}

// Forms of what a clinic is called.
var (
	slugForm     = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)
	currencyForm = regexp.MustCompile(`^[A-Z]{3}$`)
)

// validate says what is wrong, with the field that is to blame.
func (c *Clinic) validate() error {
	if !slugForm.MatchString(c.Slug) {
		return invalid("/slug", "1 to 40 of a-z, 0-9 and hyphens")
	}
	if len(c.Languages) == 0 || len(c.Languages) > len(Languages()) {
		return invalid("/languages", "at least one of %s", strings.Join(Languages(), ", "))
	}
	for i, l := range c.Languages {
		if !slices.Contains(Languages(), l) || slices.Contains(c.Languages[:i], l) {
			return invalid("/languages", "of %s, each once", strings.Join(Languages(), ", "))
		}
	}
	if err := c.Name.validate("/name", c.Languages, 120, true); err != nil {
		return err
	}
	if err := c.Address.validate("/address", c.Languages, 300, false); err != nil {
		return err
	}
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "" || c.Zone == "Local" {
		return invalid("/zone", "a time zone like Europe/Moscow")
	}
	if !currencyForm.MatchString(c.Currency) {
		return invalid("/currency", "three letters like RUB (ISO 4217)")
	}
	if err := line("/licence", c.Licence, 200, false); err != nil {
		return err
	}
	if err := line("/phone", c.Phone, 40, false); err != nil {
		return err
	}
	if err := checkAccent(c.Accent); err != nil {
		return err
	}
	if c.Jurisdiction.ID != "" {
		if err := c.Jurisdiction.validate(); err != nil {
			return err
		}
	}
	return c.Settings.validate()
}

// validate checks a text: only in the clinic's languages, and when needed in its
// first.
func (t Text) validate(field string, languages []string, most int, needed bool) error {
	for _, l := range slices.Sorted(maps.Keys(t)) {
		if !slices.Contains(Languages(), l) {
			return invalid(field, "no text in %q", l)
		}
		if err := line(field+"/"+l, t[l], most, false); err != nil {
			return err
		}
	}
	if needed && strings.TrimSpace(t[languages[0]]) == "" {
		return invalid(field+"/"+languages[0], "must not be empty")
	}
	return nil
}

// line checks one line of text.
func line(field, s string, most int, needed bool) error {
	switch {
	case needed && strings.TrimSpace(s) == "":
		return invalid(field, "must not be empty")
	case utf8.RuneCountInString(s) > most:
		return invalid(field, "at most %d characters", most)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, isControl):
		return invalid(field, "one line of plain text")
	}
	return nil
}

// readable is the contrast at which white text on a colour can be read (WCAG 1.4.3).
const readable = 4.5

// checkAccent takes a colour on which white text can be read.
func checkAccent(hex string) error {
	var r, g, b uint8
	if len(hex) != 7 {
		return invalid("/accent", "a colour like #0f766e")
	}
	if _, err := fmt.Sscanf(hex, "#%02x%02x%02x", &r, &g, &b); err != nil {
		return invalid("/accent", "a colour like #0f766e")
	}
	if c := 1.05 / (luminance(r, g, b) + 0.05); c < readable {
		return invalid("/accent", "too pale: white text on it has a contrast of %.1f, needed is %.1f", c, readable)
	}
	return nil
}
