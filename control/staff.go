package control

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"consilium/control/calendar"
	"consilium/control/notify"
	"consilium/internal/id"
)

// Staff is about the people who work for a clinic. Only its administrators, and the
// server's operator, register and change them.
type Staff struct{ *core }

// StaffMember is an account of the clinic's with the doctor behind it, if it is one.
type StaffMember struct {
	Account      Account
	Doctor       *Practitioner
	LicenceUntil calendar.Date // the last day of a doctor's licence
}

// State says where a member of staff is between invitation and farewell.
func (m *StaffMember) State(now time.Time) StaffState {
	switch {
	case m.Account.Closed:
		return StaffClosed
	case m.Account.Invited.IsZero():
		return StaffActive
	case now.Sub(m.Account.Invited) >= activateLife:
		return StaffLate
	}
	return StaffInvited
}

// StaffState is where a member of staff is between invitation and farewell.
type StaffState string

// The states.
const (
	StaffInvited StaffState = "invited" // has not yet chosen how to sign in
	StaffLate    StaffState = "late"    // and the invitation has expired
	StaffActive  StaffState = "active"
	StaffClosed  StaffState = "closed"
)

// StaffInput is what is told about a member of staff.
type StaffInput struct {
	Role   Role // of a new one; it never changes
	Name   string
	Email  string // where the invitation and codes go
	Phone  string // "" for none
	Locale string // "" for the clinic's first language
	Doctor *DoctorInput
}

// DoctorInput is what is told about a doctor.
type DoctorInput struct {
	Specialty    Text
	LicenceNo    string
	LicenceUntil calendar.Date // the last day
	Languages    []string      // of consultations
	Services     []ServiceID
}

// staffRoles are those that an administrator gives.
func staffRoles() []Role { return []Role{RoleAdmin, RoleRegistrar, RoleAccountant, RolePractitioner} }

// Now is the time by which states of members are told.
func (s *Staff) Now() time.Time { return s.clock().UTC() }

// List returns the clinic's staff, by name; the closed ones come last.
func (s *Staff) List(ctx context.Context, who Actor) ([]StaffMember, error) {
	if err := s.authorize(who, OpListStaff); err != nil {
		return nil, err
	}
	var out []StaffMember
	err := s.view(ctx, who, func(u *unit) error {
		out = nil
		for a, err := range u.t.accounts.List(u, u.scope) {
			if err != nil {
				return err
			}
			if !a.Role.Staff() {
				continue
			}
			m, err := u.member(&a)
			if err != nil {
				return err
			}
			out = append(out, m)
		}
		return nil
	})
	slices.SortFunc(out, func(a, b StaffMember) int {
		closed := func(m *StaffMember) int {
			if m.Account.Closed {
				return 1
			}
			return 0
		}
		return cmp.Or(closed(&a)-closed(&b), cmp.Compare(a.Account.Name, b.Account.Name), cmp.Compare(a.Account.ID, b.Account.ID))
	})
	return out, err
}

// Get returns one member of staff.
func (s *Staff) Get(ctx context.Context, who Actor, account AccountID) (StaffMember, error) {
	var out StaffMember
	if err := s.authorize(who, OpListStaff); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) (err error) {
		out, err = u.staff(account)
		return err
	})
	return out, err
}

// Register makes a member of staff and invites them. The path is that of the link by
// which they choose how to sign in; it also goes to their mail.
func (s *Staff) Register(ctx context.Context, who Actor, in StaffInput) (out StaffMember, path string, err error) {
	if err := s.authorize(who, OpSetStaff); err != nil {
		return out, "", err
	}
	if !slices.Contains(staffRoles(), in.Role) {
		return out, "", invalid("/role", "clinic_admin, registrar, accountant or practitioner")
	}
	account, doctor := AccountID(id.New()), PractitionerID(id.New())
	err = s.update(ctx, who, func(u *unit) error {
		a := Account{ID: account, Role: in.Role}
		if in.Role == RolePractitioner {
			a.Practitioner = doctor
		}
		if err := u.setMember(&a, in, 0); err != nil {
			return err
		}
		if err := u.audit("staff.register", "account", string(a.ID), string(a.Role)); err != nil {
			return err
		}
		if path, err = u.inviteStaff(&a); err != nil {
			return err
		}
		out, err = u.member(&a)
		return err
	})
	return out, path, err
}

// Edit changes a member of staff. version is that of the account that was edited.
func (s *Staff) Edit(ctx context.Context, who Actor, account AccountID, in StaffInput, version uint64) (StaffMember, error) {
	var out StaffMember
	if err := s.authorize(who, OpSetStaff); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		m, err := u.staff(account)
		if err != nil {
			return err
		}
		a := m.Account
		if a.Rev != version {
			return fail(CodeVersionStale, "this person was changed elsewhere meanwhile; load them again")
		}
		if err := u.setMember(&a, in, version); err != nil {
			return err
		}
		if err := u.audit("staff.edit", "account", string(a.ID), string(a.Role)); err != nil {
			return err
		}
		out, err = u.member(&a)
		return err
	})
	return out, err
}

// setMember checks what is told about a member, and writes account and doctor.
func (u *unit) setMember(a *Account, in StaffInput, version uint64) error {
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	in.Name = strings.TrimSpace(in.Name)
	if err := line("/name", in.Name, 120, true); err != nil {
		return err
	}
	a.Name, a.Locale = in.Name, in.Locale
	if a.Locale == "" {
		a.Locale = clinic.Language()
	}
	if !slices.Contains(clinic.Languages, a.Locale) {
		return invalid("/locale", "the clinic does not speak this language")
	}
	if a.Email, err = address(in.Email, notify.Email, "/email"); err != nil {
		return err
	}
	if a.Email == "" {
		return invalid("/email", "the invitation goes there")
	}
	if a.Phone, err = address(in.Phone, notify.SMS, "/phone"); err != nil {
		return err
	}
	if err := u.ownLogins(a); err != nil {
		return err
	}
	if a.Role == RolePractitioner {
		if err := u.setDoctor(a, in.Doctor, &clinic); err != nil {
			return err
		}
	} else if in.Doctor != nil {
		return invalid("/doctor", "only doctors have licences and services")
	}
	if _, err := u.t.accounts.Put(u, u.scope, a, version); err != nil {
		return err
	}
	u.tell("staff", string(a.ID), a.Rev, "clinic:"+u.scope)
	return nil
}

// setDoctor writes the doctor behind an account.
func (u *unit) setDoctor(a *Account, in *DoctorInput, clinic *Clinic) error {
	if in == nil {
		return invalid("/doctor", "a doctor has a licence")
	}
	if err := in.Specialty.validate("/doctor/specialty", clinic.Languages, 120, true); err != nil {
		return err
	}
	if err := line("/doctor/licenceNo", in.LicenceNo, 60, true); err != nil {
		return err
	}
	loc, err := clinic.Location()
	if err != nil {
		return err
	}
	if in.LicenceUntil == (calendar.Date{}) {
		return invalid("/doctor/licenceUntil", "say how long the licence holds")
	}
	if len(in.Languages) == 0 || len(in.Languages) > 20 {
		return invalid("/doctor/languages", "1 to 20")
	}
	for _, l := range in.Languages {
		if !languageForm.MatchString(l) {
			return invalid("/doctor/languages", "codes of languages, like ru")
		}
	}
	for _, s := range in.Services {
		if _, err := u.service(s); err != nil {
			return invalid("/doctor/services", "no such service")
		}
	}
	d := Practitioner{ID: a.Practitioner, Account: a.ID}
	if known, err := u.practitioner(a.Practitioner); err == nil {
		d = known
	} else if ErrorCode(err) != CodeNotFound {
		return err
	}
	y, m, day := in.LicenceUntil.Year, in.LicenceUntil.Month, in.LicenceUntil.Day
	d.Name, d.Specialty, d.LicenceNo = a.Name, in.Specialty, strings.TrimSpace(in.LicenceNo)
	d.LicenceExpires = time.Date(y, m, day+1, 0, 0, 0, 0, loc).UTC()
	d.Languages, d.Services = in.Languages, in.Services
	return u.putDoctor(&d)
}

func (u *unit) putDoctor(d *Practitioner) error {
	if _, err := u.t.practitioners.Put(u, u.scope, d, d.Rev); err != nil {
		return err
	}
	u.tell("practitioner", string(d.ID), d.Rev, "clinic:"+u.scope, "practitioner:"+string(d.ID))
	return nil
}

// ownLogins refuses an address by which another member of staff signs in: a family
// may share one, colleagues may not.
func (u *unit) ownLogins(a *Account) error {
	for i, key := range a.logins() {
		for other, err := range u.t.accounts.Where(u, u.scope, u.t.accountsByLogin, key) {
			if err != nil {
				return err
			}
			if other.ID != a.ID && other.Role.Staff() {
				field := "/email"
				if i > 0 {
					field = "/phone"
				}
				return &Error{Code: CodeTaken, Message: "another member of staff has this address", Field: field}
			}
		}
	}
	return nil
}

// staff returns a member of the clinic's staff.
func (u *unit) staff(account AccountID) (StaffMember, error) {
	a, err := u.account(account)
	if err != nil {
		return StaffMember{}, err
	}
	if !a.Role.Staff() {
		return StaffMember{}, notFound("member of staff")
	}
	return u.member(&a)
}

func (u *unit) member(a *Account) (StaffMember, error) {
	m := StaffMember{Account: *a}
	if a.Practitioner == "" {
		return m, nil
	}
	d, err := u.practitioner(a.Practitioner)
	if err != nil {
		return m, err
	}
	clinic, err := u.clinic()
	if err != nil {
		return m, err
	}
	loc, err := clinic.Location()
	if err != nil {
		return m, err
	}
	m.Doctor, m.LicenceUntil = &d, calendar.DateOf(d.LicenceExpires.Add(-time.Nanosecond).In(loc))
	return m, nil
}

// address reads a typed address of one channel; "" stays.
func address(typed string, want notify.Channel, field string) (string, error) {
	if typed == "" {
		return "", nil
	}
	channel, out, err := notify.ParseAddress(typed)
	if err != nil || channel != want || utf8.RuneCountInString(out) > 254 {
		return "", invalid(field, "this is no address to write to")
	}
	return out, nil
}
