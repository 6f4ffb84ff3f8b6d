package api

import "time"

// Invitation asks a person to become a doctor's patient.
type Invitation struct {
	ID           string     `json:"id"`
	Practitioner Ref        `json:"practitioner"`
	Channel      string     `json:"channel" enum:"email,sms"`
	Address      string     `json:"address" doc:"Masked once somebody has answered"`
	Name         string     `json:"name,omitempty" doc:"As it was typed; the patient says their own"`
	State        string     `json:"state" enum:"open,expired,review,accepted,revoked"`
	Sent         time.Time  `json:"sent"`
	Sends        int        `json:"sends" doc:"How often it was sent"`
	Expires      time.Time  `json:"expires"`
	Answered     *time.Time `json:"answered,omitempty"`
	Patient      *Ref       `json:"patient,omitempty" doc:"Who accepted"`
	Known        bool       `json:"known,omitempty" doc:"The person had a card already"`
	Repeated     bool       `json:"repeated,omitempty" doc:"The person was invited already; this sent a new link"`
	Given        *Identity  `json:"given,omitempty" doc:"For the desk, while it is to decide: who the person says they are"`
	Match        *Ref       `json:"match,omitempty" doc:"For the desk: the card that it may be"`
}

// Identity is who somebody says they are.
type Identity struct {
	Name      string `json:"name"`
	BirthDate string `json:"birthDate" format:"date"`
}

// InvitationList is a list of invitations.
type InvitationList struct {
	Items    []Invitation `json:"items" nullable:"false"`
	Channels []string     `json:"channels" nullable:"false" doc:"The ways to people that are set up: email, sms"`
}

// InvitationRequest says whom to invite.
type InvitationRequest struct {
	Contact        string `json:"contact" minLength:"3" maxLength:"254" doc:"Email address or telephone number, as typed"`
	Name           string `json:"name,omitempty" maxLength:"120"`
	PractitionerID string `json:"practitionerId,omitempty" maxLength:"64" doc:"Whose patient; a doctor's own by default"`
	Locale         string `json:"locale,omitempty" maxLength:"16" doc:"Language of the message; the clinic's first by default"`
}

// InvitationDecision is the desk's answer about a person who may have a card.
type InvitationDecision struct {
	Same bool `json:"same" doc:"The card is theirs; otherwise they get a new one"`
}

// InvitationToken carries the secret of an invitation's link.
type InvitationToken struct {
	Token string `json:"token" minLength:"1" maxLength:"256" doc:"The part of the link after #"`
}

// InvitationCode carries the code that came to the invited person.
type InvitationCode struct {
	Token string `json:"token" minLength:"1" maxLength:"256"`
	Code  string `json:"code" minLength:"1" maxLength:"32"`
}

// InvitationProof is what the form is sent with.
type InvitationProof struct {
	Proof string `json:"proof" doc:"Works once, for 30 minutes"`
}

// InvitationOffer is what an invited person is shown.
type InvitationOffer struct {
	Clinic       OfferClinic `json:"clinic"`
	Practitioner OfferDoctor `json:"practitioner"`
	Channel      string      `json:"channel" enum:"email,sms"`
	Address      string      `json:"address" doc:"Masked: where the code goes"`
	Name         string      `json:"name,omitempty"`
	Locale       string      `json:"locale"`
	Expires      time.Time   `json:"expires"`
	Consents     []Consent   `json:"consents" nullable:"false"`
}

// OfferClinic is the clinic that invites.
type OfferClinic struct {
	Name      string   `json:"name"`
	Accent    string   `json:"accent"`
	Phone     string   `json:"phone,omitempty"`
	Languages []string `json:"languages" nullable:"false"`
}

// OfferDoctor is the doctor who invites.
type OfferDoctor struct {
	Name      string `json:"name"`
	Specialty string `json:"specialty"`
}

// InvitationAnswer is what a person says of themselves.
type InvitationAnswer struct {
	Token     string          `json:"token" minLength:"1" maxLength:"256"`
	Proof     string          `json:"proof" minLength:"1" maxLength:"256"`
	Name      string          `json:"name" minLength:"1" maxLength:"120"`
	BirthDate string          `json:"birthDate" format:"date"`
	Sex       string          `json:"sex" enum:"female,male,other,unknown"`
	Locale    string          `json:"locale" minLength:"2" maxLength:"16"`
	Consents  []ConsentAnswer `json:"consents" nullable:"false" maxItems:"20"`
}

// InvitationOutcome is what accepting came to.
type InvitationOutcome struct {
	Review bool `json:"review" doc:"The clinic may know the person: its desk decides, then sends a new link"`
	Me     *Me  `json:"me,omitempty" doc:"Who is signed in now"`
}

// ConsentAnswer is what a patient says to one text.
type ConsentAnswer struct {
	ID      string `json:"id" minLength:"1" maxLength:"64"`
	Version string `json:"version" minLength:"1" maxLength:"64"`
	Given   bool   `json:"given"`
}

// ConsentAnswers are a patient's answers.
type ConsentAnswers struct {
	Answers []ConsentAnswer `json:"answers" nullable:"false" minItems:"1" maxItems:"20"`
}

// ConsentState is a text with the patient's answer.
type ConsentState struct {
	Consent
	Given   bool           `json:"given" doc:"This very version was agreed to"`
	Before  string         `json:"before,omitempty" doc:"The version that was agreed to last and not taken back"`
	History []ConsentEvent `json:"history" nullable:"false"`
}

// ConsentEvent is one answer.
type ConsentEvent struct {
	Version string    `json:"version"`
	Given   bool      `json:"given"`
	At      time.Time `json:"at"`
}

// MyConsents is what the clinic asks a patient to agree to.
type MyConsents struct {
	Items []ConsentState `json:"items" nullable:"false"`
}
