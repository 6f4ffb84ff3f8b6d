package api

import (
	"context"

	"consilium/control"
	"consilium/control/notify"
)

func (s *server) inviteRoutes() {
	const tag = "invitation"
	add(s, signedIn, op("listInvitations", get, "/invitations", tag, "Invitations of patients, the newest first"), s.listInvitations)
	invite := op("invitePatient", post, "/invitations", tag, "Invite a person by email or SMS; who is invited already gets a new link")
	invite.DefaultStatus = 201
	add(s, signedIn, invite, s.invitePatient)
	add(s, signedIn, op("resendInvitation", post, "/invitations/{id}/resend", tag, "Send it again, with a new link"), s.resendInvitation)
	add(s, signedIn, op("decideInvitation", post, "/invitations/{id}/decide", tag, "Say whether a person who answered has a card already"), s.decideInvitation)
	add(s, signedIn, op("revokeInvitation", del, "/invitations/{id}", tag, "Take it back: its link opens nothing any more"), s.revokeInvitation)

	add(s, public, op("openInvitation", post, "/invitation/open", tag, "What an invitation is about; uses nothing up"), s.openInvitation)
	add(s, public, op("sendInvitationCode", post, "/invitation/code", tag, "Send a code to where the invitation went"), s.sendInvitationCode)
	add(s, public, op("verifyInvitationCode", post, "/invitation/verify", tag, "Turn the code into the proof that the form needs"), s.verifyInvitationCode)
	add(s, public, op("acceptInvitation", post, "/invitation/accept", tag, "Become a patient, signed in at once"), s.acceptInvitation)
}

type inviteInput struct{ Body InvitationRequest }

type decideInput struct {
	ByID
	Body InvitationDecision
}

type invitationTokenInput struct{ Body InvitationToken }

type invitationCodeInput struct{ Body InvitationCode }

type invitationAnswerInput struct{ Body InvitationAnswer }

type acceptedAnswer struct {
	SetCookie string `header:"Set-Cookie"`
	Body      InvitationOutcome
}

func (s *server) listInvitations(ctx context.Context, who control.Actor, _ *none) (*answer[InvitationList], error) {
	found, err := s.ctl.Invites.List(ctx, who)
	if err != nil {
		return nil, err
	}
	out := InvitationList{Items: []Invitation{}, Channels: []string{}}
	for _, c := range s.ctl.Channels() {
		out.Channels = append(out.Channels, string(c))
	}
	for i := range found {
		out.Items = append(out.Items, invitationOf(who, &found[i]))
	}
	return &answer[InvitationList]{out}, nil
}

func (s *server) invitePatient(ctx context.Context, who control.Actor, in *inviteInput) (*answer[Invitation], error) {
	b := in.Body
	v, err := s.ctl.Invites.Send(ctx, who, control.Invitee{
		Contact: b.Contact, Name: b.Name, Practitioner: control.PractitionerID(b.PractitionerID), Locale: b.Locale,
	})
	return invitationAnswer(who, v, err)
}

func (s *server) resendInvitation(ctx context.Context, who control.Actor, in *ByID) (*answer[Invitation], error) {
	v, err := s.ctl.Invites.Resend(ctx, who, control.InviteID(in.ID))
	return invitationAnswer(who, v, err)
}

func (s *server) decideInvitation(ctx context.Context, who control.Actor, in *decideInput) (*answer[Invitation], error) {
	v, err := s.ctl.Invites.Decide(ctx, who, control.InviteID(in.ID), in.Body.Same)
	return invitationAnswer(who, v, err)
}

func (s *server) revokeInvitation(ctx context.Context, who control.Actor, in *ByID) (*answer[Invitation], error) {
	v, err := s.ctl.Invites.Revoke(ctx, who, control.InviteID(in.ID))
	return invitationAnswer(who, v, err)
}

func invitationAnswer(who control.Actor, v control.InviteView, err error) (*answer[Invitation], error) {
	if err != nil {
		return nil, err
	}
	return &answer[Invitation]{invitationOf(who, &v)}, nil
}

func invitationOf(who control.Actor, v *control.InviteView) Invitation {
	out := Invitation{
		ID: string(v.ID), Practitioner: Ref{ID: string(v.Practitioner.ID), Name: v.Practitioner.Name},
		Channel: string(v.Channel), Address: v.Address, Name: v.Name, State: string(v.State), Sent: v.Sent, Sends: v.Sends,
		Expires: v.Expires, Known: v.Known, Repeated: v.Repeated,
	}
	if !v.Answered.IsZero() {
		answered := v.Answered
		out.Answered, out.Address = &answered, notify.Mask(v.Address)
	}
	if v.PatientName != "" {
		out.Patient = &Ref{ID: string(v.Invite.Patient), Name: v.PatientName}
	}
	if v.State == control.InviteReview && who.Role != control.RolePractitioner {
		out.Given = &Identity{Name: v.Given.Name, BirthDate: v.Given.BirthDate}
		out.Match = &Ref{ID: string(v.Match), Name: v.MatchName}
	}
	return out
}

func (s *server) openInvitation(ctx context.Context, _ control.Actor, in *invitationTokenInput) (*answer[InvitationOffer], error) {
	v, err := s.ctl.Invites.Offer(ctx, in.Body.Token)
	if err != nil {
		return nil, err
	}
	locale := firstLanguage(requestOf(ctx).locale, v.Clinic.Languages)
	if locale == "" {
		locale = v.Locale
	}
	out := InvitationOffer{
		Clinic: OfferClinic{
			Name: v.Clinic.Name.In(locale, v.Clinic.Language()), Accent: v.Clinic.Accent, Phone: v.Clinic.Phone,
			Languages: append([]string{}, v.Clinic.Languages...),
		},
		Practitioner: OfferDoctor{Name: v.Doctor.Name, Specialty: v.Doctor.Specialty.In(locale, v.Clinic.Language())},
		Channel:      string(v.Channel), Address: v.Address, Name: v.Name, Locale: v.Locale, Expires: v.Expires, Consents: []Consent{},
	}
	for i := range v.Consents {
		out.Consents = append(out.Consents, consentTextOf(&v.Consents[i], locale, v.Clinic.Language()))
	}
	return &answer[InvitationOffer]{out}, nil
}

func (s *server) sendInvitationCode(ctx context.Context, _ control.Actor, in *invitationTokenInput) (*none, error) {
	return nil, s.ctl.Invites.SendCode(ctx, in.Body.Token)
}

func (s *server) verifyInvitationCode(ctx context.Context, _ control.Actor, in *invitationCodeInput) (*answer[InvitationProof], error) {
	proof, err := s.ctl.Invites.Verify(ctx, in.Body.Token, in.Body.Code)
	if err != nil {
		return nil, err
	}
	return &answer[InvitationProof]{InvitationProof{proof}}, nil
}

func (s *server) acceptInvitation(ctx context.Context, _ control.Actor, in *invitationAnswerInput) (*acceptedAnswer, error) {
	b := in.Body
	done, err := s.ctl.Invites.Accept(ctx, b.Token, b.Proof, control.InviteAnswer{
		Name: b.Name, BirthDate: b.BirthDate, Sex: b.Sex, Locale: b.Locale, Consents: consentAnswers(b.Consents), From: requestOf(ctx).address, Agent: requestOf(ctx).agent,
	})
	if err != nil {
		return nil, err
	}
	if done.Review {
		return &acceptedAnswer{Body: InvitationOutcome{Review: true}}, nil
	}
	me, err := s.me(ctx, done.Actor)
	if err != nil {
		return nil, err
	}
	return &acceptedAnswer{SetCookie: s.cookie(done.Token, done.Expires), Body: InvitationOutcome{Me: &me}}, nil
}

func (s *server) consentRoutes() {
	const tag = "consent"
	add(s, signedIn, op("listMyConsents", get, "/me/consents", tag, "What the clinic asks the patient to agree to, and what they said"), s.listMyConsents)
	add(s, signedIn, op("answerMyConsents", post, "/me/consents", tag, "Agree, or take an agreement back"), s.answerMyConsents)
}

type consentsInput struct{ Body ConsentAnswers }

func (s *server) listMyConsents(ctx context.Context, who control.Actor, _ *none) (*answer[MyConsents], error) {
	found, err := s.ctl.Consents.Mine(ctx, who)
	return s.consentAnswer(ctx, who, found, err)
}

func (s *server) answerMyConsents(ctx context.Context, who control.Actor, in *consentsInput) (*answer[MyConsents], error) {
	found, err := s.ctl.Consents.Answer(ctx, who, consentAnswers(in.Body.Answers), requestOf(ctx).address)
	return s.consentAnswer(ctx, who, found, err)
}

func (s *server) consentAnswer(ctx context.Context, who control.Actor, found []control.ConsentState, err error) (*answer[MyConsents], error) {
	if err != nil {
		return nil, err
	}
	clinic, err := s.ctl.Clinics.Get(ctx, who)
	if err != nil {
		return nil, err
	}
	out := MyConsents{Items: []ConsentState{}}
	for i := range found {
		v := &found[i]
		item := ConsentState{Consent: consentTextOf(&v.Need, who.Locale, clinic.Language()), Given: v.Given, Before: v.Before, History: []ConsentEvent{}}
		for _, h := range v.History {
			item.History = append(item.History, ConsentEvent{Version: h.Version, Given: h.Given, At: h.At})
		}
		out.Items = append(out.Items, item)
	}
	return &answer[MyConsents]{out}, nil
}

func consentTextOf(v *control.ConsentNeed, locale, fallback string) Consent {
	return Consent{ID: v.ID, Version: v.Version, Required: v.Required, Title: v.Title.In(locale, fallback), Text: v.Text.In(locale, fallback)}
}

func consentAnswers(in []ConsentAnswer) []control.ConsentAnswer {
	out := make([]control.ConsentAnswer, len(in))
	for i, a := range in {
		out[i] = control.ConsentAnswer{ID: a.ID, Version: a.Version, Given: a.Given}
	}
	return out
}
