package api

import (
	"context"

	"consilium/control"
	"consilium/control/notify"
)

func (s *server) staffRoutes() {
	const tag = "staff"
	add(s, signedIn, op("listStaff", get, "/staff", tag, "The people who work for the clinic"), s.listStaff)
	register := op("registerStaff", post, "/staff", tag, "Register a member of staff and invite them")
	register.DefaultStatus = 201
	add(s, signedIn, register, s.registerStaff)
	add(s, signedIn, op("getStaff", get, "/staff/{id}", tag, "One member of staff, by account"), s.getStaff)
	add(s, signedIn, op("setStaff", put, "/staff/{id}", tag, "Change a member of staff"), s.setStaff)
	add(s, signedIn, op("inviteStaff", post, "/staff/{id}/invite", tag, "Invite again who has not signed in yet; the invitation before stops working"), s.inviteStaff)
	add(s, signedIn, op("closeStaff", post, "/staff/{id}/close", tag, "End a member's access at once"), s.closeStaff)
	add(s, signedIn, op("reopenStaff", post, "/staff/{id}/reopen", tag, "Give a member's access back"), s.reopenStaff)
}

type registerStaffInput struct{ Body StaffRegistration }

type setStaffInput struct {
	ByID
	IfMatch string `header:"If-Match" maxLength:"40" doc:"Version of the member that was edited; required"`
	Body    StaffUpdate
}

func (s *server) listStaff(ctx context.Context, who control.Actor, _ *none) (*answer[StaffList], error) {
	found, err := s.ctl.Staff.List(ctx, who)
	out := StaffList{Items: []StaffMember{}}
	for i := range found {
		out.Items = append(out.Items, s.memberOf(&found[i]))
	}
	return &answer[StaffList]{out}, err
}

func (s *server) registerStaff(ctx context.Context, who control.Actor, in *registerStaffInput) (*answer[StaffInvitation], error) {
	to, err := in.Body.parse()
	if err != nil {
		return nil, err
	}
	to.Role = control.Role(in.Body.Role)
	v, path, err := s.ctl.Staff.Register(ctx, who, to)
	return s.invitation(&v, path), err
}

func (s *server) getStaff(ctx context.Context, who control.Actor, in *ByID) (*versioned[StaffMember], error) {
	v, err := s.ctl.Staff.Get(ctx, who, control.AccountID(in.ID))
	return s.memberAnswer(&v), err
}

func (s *server) setStaff(ctx context.Context, who control.Actor, in *setStaffInput) (*versioned[StaffMember], error) {
	version, err := ifMatch(in.IfMatch)
	if err != nil {
		return nil, err
	}
	to, err := in.Body.parse()
	if err != nil {
		return nil, err
	}
	v, err := s.ctl.Staff.Edit(ctx, who, control.AccountID(in.ID), to, version)
	return s.memberAnswer(&v), err
}

func (s *server) inviteStaff(ctx context.Context, who control.Actor, in *ByID) (*answer[StaffInvitation], error) {
	v, path, err := s.ctl.Staff.Invite(ctx, who, control.AccountID(in.ID))
	return s.invitation(&v, path), err
}

func (s *server) closeStaff(ctx context.Context, who control.Actor, in *ByID) (*answer[Farewell], error) {
	v, err := s.ctl.Staff.Close(ctx, who, control.AccountID(in.ID))
	out := Farewell{Member: s.memberOf(&v.Member), Visits: []Appointment{}}
	for i := range v.Visits {
		out.Visits = append(out.Visits, appointmentOf(who, &v.Visits[i]))
	}
	return &answer[Farewell]{out}, err
}

func (s *server) reopenStaff(ctx context.Context, who control.Actor, in *ByID) (*versioned[StaffMember], error) {
	v, err := s.ctl.Staff.Reopen(ctx, who, control.AccountID(in.ID))
	return s.memberAnswer(&v), err
}

// invitation tells where the link went. It opens an account, so it is shown only where
// no mail would bring it.
func (s *server) invitation(v *control.StaffMember, path string) *answer[StaffInvitation] {
	out := StaffInvitation{Member: s.memberOf(v)}
	for _, channel := range s.ctl.Channels() {
		out.Sent = out.Sent || channel == notify.Email
	}
	if !out.Sent {
		out.Link = s.cfg.PublicURL + path
	}
	return &answer[StaffInvitation]{out}
}

// parse reads what a client sent; what it means is control's to judge.
func (u *StaffUpdate) parse() (control.StaffInput, error) {
	out := control.StaffInput{Name: u.Name, Email: u.Email, Phone: u.Phone, Locale: u.Locale}
	if u.Doctor == nil {
		return out, nil
	}
	d := &control.DoctorInput{Specialty: control.Text(u.Doctor.Specialty), LicenceNo: u.Doctor.LicenceNo, Languages: u.Doctor.Languages}
	var err error
	if d.LicenceUntil, err = optionalDate(u.Doctor.LicenceUntil, "/doctor/licenceUntil"); err != nil {
		return out, err
	}
	for _, id := range u.Doctor.ServiceIDs {
		d.Services = append(d.Services, control.ServiceID(id))
	}
	out.Doctor = d
	return out, nil
}

func (s *server) memberAnswer(v *control.StaffMember) *versioned[StaffMember] {
	return &versioned[StaffMember]{ETag: etag(v.Account.Rev), Body: s.memberOf(v)}
}

func (s *server) memberOf(v *control.StaffMember) StaffMember {
	a, now := &v.Account, s.ctl.Staff.Now()
	out := StaffMember{
		AccountID: string(a.ID), State: string(v.State(now)), Version: a.Rev,
		StaffRegistration: StaffRegistration{
			Role: string(a.Role), StaffUpdate: StaffUpdate{Name: a.Name, Email: a.Email, Phone: a.Phone, Locale: a.Locale},
		},
	}
	if v.Doctor == nil {
		return out
	}
	out.PractitionerID, out.LicenceOver = string(v.Doctor.ID), !now.Before(v.Doctor.LicenceExpires)
	d := &StaffDoctor{
		Specialty: textsOf(v.Doctor.Specialty), LicenceNo: v.Doctor.LicenceNo, LicenceUntil: dateOf(v.LicenceUntil),
		Languages: append([]string{}, v.Doctor.Languages...), ServiceIDs: []string{},
	}
	for _, id := range v.Doctor.Services {
		d.ServiceIDs = append(d.ServiceIDs, string(id))
	}
	out.Doctor = d
	return out
}
