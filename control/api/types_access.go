package api

import "time"

// PatientItem is a patient in a list: a name and whose patient.
type PatientItem struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Attending *Ref   `json:"attending,omitempty" doc:"The attending doctor"`
}

// BreakGlassRequest opens a card in an emergency.
type BreakGlassRequest struct {
	Reason string `json:"reason" minLength:"10" maxLength:"500" doc:"Told to the clinic's administration and shown to the patient"`
}

// BreakGlass is a doctor's access to a card in an emergency.
type BreakGlass struct {
	ID           string     `json:"id"`
	Patient      Ref        `json:"patient"`
	Practitioner Ref        `json:"practitioner"`
	Reason       string     `json:"reason"`
	At           time.Time  `json:"at"`
	Until        time.Time  `json:"until"`
	Ended        *time.Time `json:"ended,omitempty" doc:"When it was ended before its time"`
	EndedBy      string     `json:"endedBy,omitempty" doc:"The role of who ended it"`
	Open         bool       `json:"open"`
	Reads        int        `json:"reads" doc:"How often the card or a document of it was read"`
}

// BreakGlassList is a list of emergency accesses.
type BreakGlassList struct {
	Items []BreakGlass `json:"items" nullable:"false"`
}

// TransferRequest gives a patient another attending doctor.
type TransferRequest struct {
	PractitionerID string `json:"practitionerId" minLength:"1" maxLength:"64"`
	Reason         string `json:"reason,omitempty" maxLength:"500"`
}

// ColleagueRequest asks another doctor to join one consultation.
type ColleagueRequest struct {
	PractitionerID string `json:"practitionerId" minLength:"1" maxLength:"64"`
}

// Reading is one person's reading of a card under one right.
type Reading struct {
	Name  string    `json:"name"`
	Kind  string    `json:"kind" enum:"encounter,colleague,break_glass"`
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	Times int       `json:"times" doc:"How often the card or a document of it was read"`
}

// ReadingList is who has read a card, the latest first.
type ReadingList struct {
	Items []Reading `json:"items" nullable:"false"`
}

// Erasure says whether a patient can be erased.
type Erasure struct {
	Allowed   bool           `json:"allowed"`
	Open      int            `json:"open" doc:"visits ahead, under way, or without a signed conclusion"`
	KeptUntil *time.Time     `json:"keptUntil,omitempty" doc:"the clinic's law keeps what is there until then"`
	Years     int            `json:"years" doc:"that the law keeps records after the last visit"`
	Visits    int            `json:"visits" doc:"that took place"`
	Documents []KeptDocument `json:"documents" nullable:"false"`
	Done      bool           `json:"done"`
}

// KeptDocument is a document that the law keeps.
type KeptDocument struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind"`
	CreatedAt time.Time `json:"createdAt"`
}
