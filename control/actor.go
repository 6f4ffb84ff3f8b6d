package control

import "slices"

// Role is what a login is for. The authorisation table in authz.go has a column
// for each.
type Role string

// The roles.
const (
	RoleAdmin        Role = "clinic_admin"
	RoleRegistrar    Role = "registrar"  // books and receives; sees no card
	RoleAccountant   Role = "accountant" // money only
	RolePractitioner Role = "practitioner"
	RolePatient      Role = "patient"
	RoleGuest        Role = "guest"    // a relative, an interpreter: one consultation only
	RoleSystem       Role = "system"   // the server's own timers; never a login
	RoleOperator     Role = "operator" // who runs the server's commands; never a login
)

// Staff reports whether the role works for the clinic.
func (r Role) Staff() bool {
	switch r {
	case RoleAdmin, RoleRegistrar, RoleAccountant, RolePractitioner:
		return true
	}
	return false
}

// Actor is who asks: the outcome of signing in, or the server itself. Every
// operation takes one and checks it first.
type Actor struct {
	Clinic       ClinicID
	Account      AccountID
	Session      SessionID
	Role         Role
	Practitioner PractitionerID // for RolePractitioner
	Patient      PatientID      // for RolePatient
	Encounter    EncounterID    // for RoleGuest
	Appointment  AppointmentID  // which visit the sign-in link was about, if any
	Name         string
	Locale       string

	Fresh      bool    // all factors were shown in the last minutes
	Enrol      bool    // may do nothing but set up how they sign in
	Activating bool    // came by an activation link
	Token      TokenID // of a clinic's own system; it may do what its scopes say
	Scopes     Scopes
}

// System is the server acting for a clinic by itself.
func System(clinic ClinicID) Actor {
	return Actor{Clinic: clinic, Role: RoleSystem}
}

func (a Actor) scope() string { return string(a.Clinic) }

// Party is what an actor is to one appointment. The state table speaks of
// parties, so that "the doctor" there always means this appointment's doctor.
type Party string

// The parties.
const (
	PartyPatient Party = "patient" // the appointment's patient
	PartyDoctor  Party = "doctor"  // the appointment's practitioner
	PartyAdmin   Party = "admin"   // an administrator of the clinic, or the server's operator by command
	PartyDesk    Party = "desk"    // a registrar of the clinic
	// PartyColleague is another doctor who was asked to join, while it is open.
	PartyColleague Party = "colleague"
	PartyGuest     Party = "guest"  // invited to the appointment's encounter
	PartySystem    Party = "system" // the server
)

// partyTo returns what the actor is to the appointment, or "" if it is none of
// the actor's business: then the appointment does not exist for them.
func (a Actor) partyTo(p *Appointment) Party {
	switch a.Role {
	case RoleAdmin, RoleOperator:
		return PartyAdmin
	case RoleRegistrar:
		return PartyDesk
	case RolePractitioner:
		if a.Practitioner == p.Practitioner {
			return PartyDoctor
		}
		if p.joint() && slices.Contains(p.Colleagues, a.Practitioner) {
			return PartyColleague
		}
	case RolePatient:
		if a.Patient == p.Patient {
			return PartyPatient
		}
	case RoleGuest:
		if a.Encounter == p.Encounter {
			return PartyGuest
		}
	case RoleSystem:
		return PartySystem
	}
	return ""
}
