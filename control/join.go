package control

import (
	"context"

	"consilium/internal/grant"
)

// JoinTicket is what a device needs to enter a room.
type JoinTicket struct {
	Grant string
	Room  string
	ICE   []ICEServer
	Lobby bool
}

// Join gives the actor a ticket into the encounter's room. A patient is checked
// in by it and waits until the doctor admits them; so does a guest. Who was
// admitted once comes straight back.
func (s *Encounters) Join(ctx context.Context, who Actor, id EncounterID) (JoinTicket, error) {
	var out JoinTicket
	if err := s.authorize(who, OpJoin); err != nil {
		return out, err
	}
	var me Participant
	err := s.update(ctx, who, func(u *unit) error {
		e, a, err := u.meeting(id)
		if err != nil {
			return err
		}
		p := e.participant(who.Account)
		if p == nil {
			return notFound("encounter")
		}
		if err := u.transit(&a, ActJoin, &input{}); err != nil {
			return err
		}
		if p.Joined.IsZero() {
			p.Joined = u.now
			if _, err := u.t.encounters.Put(u, u.scope, &e, e.Rev); err != nil {
				return err
			}
			if err := u.arm(&a); err != nil {
				return err
			}
		}
		me = *p
		return u.audit("encounter.join", "encounter", string(id), "")
	})
	if err != nil {
		return out, err
	}
	out = JoinTicket{Room: string(id), Lobby: !me.Admitted, ICE: s.ice(string(who.Account))}
	out.Grant, err = s.grants.Sign(grant.Grant{
		Kind: grant.Room, Clinic: string(who.Clinic), Subject: string(who.Account), Session: string(who.Session),
		Name: me.Name, Role: string(me.Role), Room: string(id), Lobby: out.Lobby, Publish: true,
	})
	return out, err
}

// Admit lets a person in from the waiting room. When it is the patient, the
// consultation begins.
func (s *Encounters) Admit(ctx context.Context, who Actor, id EncounterID, person AccountID) (AppointmentView, error) {
	var out AppointmentView
	if err := s.authorize(who, OpAdmit); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		e, a, err := u.meeting(id)
		if err != nil {
			return err
		}
		p := e.participant(person)
		if p == nil {
			return invalid("/identity", "nobody of this name takes part")
		}
		if p.Role == RolePatient {
			err = u.transit(&a, ActAdmit, &input{})
		} else {
			_, err = u.permit(&a, ActAdmit, &input{})
		}
		if err != nil {
			return err
		}
		if err := u.changeEncounter(id, func(e *Encounter) { e.participant(person).Admitted = true }); err != nil {
			return err
		}
		u.after = append(u.after, func(r Rooms) {
			if err := r.Admit(string(id), string(person)); err != nil {
				// They are between two connections: the next join needs no waiting.
				s.log.Debug("admitted while out of the room", "room", string(id), "error", err)
			}
		})
		u.tell("encounter", string(id), e.Rev, u.topicsOf(&a)...)
		if err := u.audit("encounter.admit", "account", string(person), string(p.Role)); err != nil {
			return err
		}
		out, err = u.show(&a)
		return err
	})
	return out, err
}

// Finish ends the consultation; the conclusion remains to be written.
func (s *Encounters) Finish(ctx context.Context, who Actor, id EncounterID) (AppointmentView, error) {
	var out AppointmentView
	if err := s.authorize(who, OpFinish); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		_, a, err := u.meeting(id)
		if err != nil {
			return err
		}
		if err := u.transit(&a, ActFinish, &input{}); err != nil {
			return err
		}
		out, err = u.show(&a)
		return err
	})
	return out, err
}

// OpenLive gives the actor a ticket for the live events of what they may see.
func (s *Sessions) OpenLive(ctx context.Context, who Actor) (string, error) {
	if err := s.authorize(who, OpOpenLive); err != nil {
		return "", err
	}
	var topics []string
	switch who.Role {
	case RoleAdmin, RoleRegistrar:
		topics = []string{"clinic:" + string(who.Clinic)}
	case RolePractitioner:
		topics = []string{"practitioner:" + string(who.Practitioner)}
	case RolePatient:
		topics = []string{"patient:" + string(who.Patient)}
	case RoleGuest:
		topics = []string{"encounter:" + string(who.Encounter)}
	}
	return s.grants.Sign(grant.Grant{
		Kind: grant.Live, Clinic: string(who.Clinic), Subject: string(who.Account), Session: string(who.Session),
		Name: who.Name, Role: string(who.Role), Topics: topics,
	})
}
