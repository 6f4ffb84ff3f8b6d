package api

import (
	"context"

	"consilium/control"
)

func (s *server) encounterRoutes() {
	const tag = "encounter"
	add(s, signedIn, op("getEncounter", get, "/encounters/{id}", tag, "A consultation, its people and its chat"), s.getEncounter)
	add(s, signedIn, op("joinEncounter", post, "/encounters/{id}/join", tag, "A ticket into the room; a patient is checked in by it"), s.joinEncounter)
	add(s, signedIn, op("admitParticipant", post, "/encounters/{id}/admit", tag, "Let a person in from the waiting room"), s.admit)
	guest := op("inviteGuest", post, "/encounters/{id}/guests", tag, "Invite a third person to this consultation only")
	guest.DefaultStatus = 201
	add(s, signedIn, guest, s.inviteGuest)
	add(s, signedIn, op("finishEncounter", post, "/encounters/{id}/finish", tag, "End the consultation: the room closes, the conclusion is drafted"), s.finish)
}

type admitInput struct {
	ByID
	Body Admission
}

type guestInput struct {
	ByID
	Body GuestInvitation
}

func (s *server) getEncounter(ctx context.Context, who control.Actor, in *ByID) (*answer[Encounter], error) {
	v, err := s.ctl.Encounters.Get(ctx, who, control.EncounterID(in.ID))
	if err != nil {
		return nil, err
	}
	out := Encounter{
		ID: string(v.ID), Appointment: appointmentOf(who, &v.Appointment), Complaint: v.Complaint,
		Participants: []Participant{}, Messages: messagesOf(v.Messages),
	}
	for _, p := range v.Participants {
		out.Participants = append(out.Participants, Participant{
			Identity: string(p.Account), Name: p.Name, Role: string(p.Role), Relation: p.Relation,
			Present: v.Present[p.Account], Admitted: p.Admitted,
		})
	}
	if !v.StartedAt.IsZero() {
		out.StartedAt = &v.StartedAt
	}
	if !v.FinishedAt.IsZero() {
		out.FinishedAt = &v.FinishedAt
	}
	return &answer[Encounter]{out}, nil
}

func (s *server) joinEncounter(ctx context.Context, who control.Actor, in *ByID) (*answer[JoinTicket], error) {
	v, err := s.ctl.Encounters.Join(ctx, who, control.EncounterID(in.ID))
	if err != nil {
		return nil, err
	}
	out := JoinTicket{Grant: v.Grant, Room: v.Room, Lobby: v.Lobby, IceServers: []ICEServer{}}
	for _, ice := range v.ICE {
		out.IceServers = append(out.IceServers, ICEServer{URLs: append([]string{}, ice.URLs...), Username: ice.Username, Credential: ice.Credential})
	}
	return &answer[JoinTicket]{out}, nil
}

func (s *server) admit(ctx context.Context, who control.Actor, in *admitInput) (*versioned[Appointment], error) {
	v, err := s.ctl.Encounters.Admit(ctx, who, control.EncounterID(in.ID), control.AccountID(in.Body.Identity))
	return appointmentAnswer(who, &v), err
}

func (s *server) inviteGuest(ctx context.Context, who control.Actor, in *guestInput) (*answer[GuestLink], error) {
	v, err := s.ctl.Encounters.InviteGuest(ctx, who, control.EncounterID(in.ID), in.Body.Name, in.Body.Relation)
	if err != nil {
		return nil, err
	}
	return &answer[GuestLink]{GuestLink{
		Link: s.cfg.PublicURL + "/guest#" + v.Token, Identity: string(v.Account), Expires: v.Expires,
	}}, nil
}

func (s *server) finish(ctx context.Context, who control.Actor, in *ByID) (*versioned[Appointment], error) {
	v, err := s.ctl.Encounters.Finish(ctx, who, control.EncounterID(in.ID))
	return appointmentAnswer(who, &v), err
}
