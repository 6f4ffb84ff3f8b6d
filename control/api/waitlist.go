package api

import (
	"context"

	"consilium/control"
)

func (s *server) waitlistRoutes() {
	const tag = "appointment"
	add(s, signedIn, op("listWaitlist", get, "/waitlist", tag, "Who waits for a free time: the patient's own wishes, or all for staff, by turn"), s.listWaitlist)
	join := op("joinWaitlist", post, "/waitlist", tag, "Wait for a free time; freed ones are held for those who wait, in turn")
	join.DefaultStatus = 201
	add(s, signedIn, join, s.joinWaitlist)
	leave := op("leaveWaitlist", del, "/waitlist/{id}", tag, "No longer wait; an offer that is held is given back")
	leave.DefaultStatus = 204
	add(s, signedIn, leave, s.leaveWaitlist)
}

type wishInput struct {
	Body WaitWish
}

func (s *server) listWaitlist(ctx context.Context, who control.Actor, _ *none) (*answer[WaitList], error) {
	found, err := s.ctl.Waitlist.List(ctx, who)
	if err != nil {
		return nil, err
	}
	out := WaitList{Items: []WaitEntry{}}
	for i := range found {
		out.Items = append(out.Items, waitOf(who, &found[i]))
	}
	return &answer[WaitList]{out}, nil
}

func (s *server) joinWaitlist(ctx context.Context, who control.Actor, in *wishInput) (*answer[WaitEntry], error) {
	b := in.Body
	wish := control.Wish{Patient: control.PatientID(b.PatientID), Service: control.ServiceID(b.ServiceID), Practitioner: control.PractitionerID(b.PractitionerID)}
	var err error
	if wish.First, err = optionalDate(b.First, "/first"); err != nil {
		return nil, err
	}
	if wish.Last, err = optionalDate(b.Last, "/last"); err != nil {
		return nil, err
	}
	v, err := s.ctl.Waitlist.Join(ctx, who, wish)
	if err != nil {
		return nil, err
	}
	return &answer[WaitEntry]{waitOf(who, &v)}, nil
}

func (s *server) leaveWaitlist(ctx context.Context, who control.Actor, in *ByID) (*none, error) {
	return nil, s.ctl.Waitlist.Leave(ctx, who, control.WaitID(in.ID))
}

func waitOf(who control.Actor, v *control.WaitView) WaitEntry {
	out := WaitEntry{
		ID: string(v.ID), Status: string(v.Status), Patient: Ref{ID: string(v.Patient), Name: v.PatientName},
		Service: AppointmentService{ID: string(v.Service.ID), Name: v.Service.Name.In(who.Locale, ""), DurationMin: int(v.Service.Duration.Minutes())},
		First:   dateOf(v.First), Last: dateOf(v.Last), Created: v.Created, Before: v.Before,
	}
	if d := v.Practitioner; d != nil {
		out.Practitioner = &AppointmentDoctor{ID: string(d.ID), Name: d.Name, Specialty: d.Specialty.In(who.Locale, "")}
	}
	if v.Offer != nil {
		offer := appointmentOf(who, v.Offer)
		out.Offer = &offer
	}
	return out
}
