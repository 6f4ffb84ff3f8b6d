package api

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
