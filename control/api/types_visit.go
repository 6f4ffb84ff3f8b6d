package api

import "time"

// Appointment is a plan to meet, as one viewer sees it.
type Appointment struct {
	ID           string             `json:"id"`
	No           string             `json:"no" doc:"Number for people, gapless per clinic and year" example:"2026-000017"`
	Status       string             `json:"status" enum:"requested,held,queued,awaiting_payment,booked,waiting,in_progress,interrupted,documenting,completed,amended,rescheduled,cancelled,cancelled_clinic,withdrawn,declined,expired,no_show,provider_no_show,failed,entered_in_error"`
	Start        time.Time          `json:"start"`
	End          time.Time          `json:"end"`
	Zone         string             `json:"zone" doc:"The clinic's time zone"`
	Service      AppointmentService `json:"service"`
	Modality     string             `json:"modality" enum:"chat,audio,video"`
	Price        Money              `json:"price"`
	Practitioner AppointmentDoctor  `json:"practitioner"`
	Patient      Ref                `json:"patient"`
	EncounterID  string             `json:"encounterId,omitempty" doc:"Set from the booking on; names the room"`
	Since        time.Time          `json:"since" doc:"When the present status began"`
	Actions      []string           `json:"actions" nullable:"false" enum:"join,admit,check_in,leave,cancel,confirm,decline,no_show,finish,write,sign,open_card,hold,request,pay,settle,release,begin,amend,reschedule,follow_up,switch_modality,report_error,approve_error,refute_error,fill_in" doc:"What the viewer may do now"`
	Version      uint64             `json:"version"`
	Reason       string             `json:"reason,omitempty" doc:"Why it was cancelled or declined"`
	InPerson     *InPersonRef       `json:"inPerson,omitempty" doc:"The visit in person that the service builds on"`

	IntakeFilled    bool       `json:"intakeFilled,omitempty" doc:"The patient has told what there is to tell before the visit"`
	HoldExpires     *time.Time `json:"holdExpires,omitempty" doc:"Until when the time is kept: held and awaiting_payment"`
	Offered         bool       `json:"offered,omitempty" doc:"Held for a patient who was on the waiting list"`
	Fee             *Money     `json:"fee,omitempty" doc:"What the cancellation or the no-show costs the patient"`
	WaiverReason    string     `json:"waiverReason,omitempty" doc:"Why it is not paid beforehand; pay_later and follow_up are words of the server. Only for staff"`
	Sequence        int        `json:"sequence" doc:"How often it was moved (iCalendar's SEQUENCE)"`
	ThreadID        string     `json:"threadId" doc:"Stays when the visit moves (iCalendar's UID)"`
	RescheduledFrom string     `json:"rescheduledFrom,omitempty" doc:"The appointment that moved here"`
	RescheduledTo   string     `json:"rescheduledTo,omitempty" doc:"The appointment that this one moved to"`
	Attention       string     `json:"attention,omitempty" enum:"doctor_missed,unsigned,long_unsigned,error_reported" doc:"What the clinic has to look after; only for staff"`
	ErrorReason     string     `json:"errorReason,omitempty" doc:"Why it was reported as an error; only for staff"`
}

// AppointmentService is the service of an appointment.
type AppointmentService struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	DurationMin int    `json:"durationMin"`
}

// AppointmentDoctor is the doctor of an appointment.
type AppointmentDoctor struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Specialty string `json:"specialty"`
}

// AppointmentList is one page of appointments, by start.
type AppointmentList struct {
	Items []Appointment `json:"items" nullable:"false"`
	Next  string        `json:"next,omitempty" doc:"Cursor of the next page"`
}

// Booking asks for a visit.
type Booking struct {
	PatientID      string    `json:"patientId" minLength:"1" maxLength:"64"`
	PractitionerID string    `json:"practitionerId" minLength:"1" maxLength:"64"`
	ServiceID      string    `json:"serviceId" minLength:"1" maxLength:"64"`
	Start          time.Time `json:"start"`
	Modality       string    `json:"modality,omitempty" enum:"chat,audio,video" doc:"Default: the service's first"`
	Complaint      string    `json:"complaint,omitempty" maxLength:"2000" doc:"What the patient comes with, in their words"`
	WaiverReason   string    `json:"waiverReason,omitempty" maxLength:"500" doc:"Why a priced service is booked without payment"`

	InPerson *InPersonRef `json:"inPerson,omitempty" doc:"The visit in person that the service builds on, where the law wants one"`
}

// Confirmation books a hold or a request.
type Confirmation struct {
	Complaint    string `json:"complaint,omitempty" maxLength:"2000" doc:"Of a hold: what the patient comes with"`
	Modality     string `json:"modality,omitempty" enum:"chat,audio,video" doc:"Of a hold; default: as held"`
	WaiverReason string `json:"waiverReason,omitempty" maxLength:"500" doc:"Why a priced service is booked without payment"`
}

// Reason says why.
type Reason struct {
	Reason string `json:"reason" maxLength:"500"`
}

// JoinTicket is all that a device needs to enter a room.
type JoinTicket struct {
	Grant      string      `json:"grant" doc:"Single use, expires within a minute"`
	Room       string      `json:"room"`
	IceServers []ICEServer `json:"iceServers" nullable:"false"`
	Lobby      bool        `json:"lobby" doc:"Whether the person waits until admitted"`
}

// ICEServer is a STUN or TURN server with credentials of the visit.
type ICEServer struct {
	URLs       []string `json:"urls" nullable:"false"`
	Username   string   `json:"username,omitempty"`
	Credential string   `json:"credential,omitempty"`
}

// Admission names who is let in.
type Admission struct {
	Identity string `json:"identity" minLength:"1" maxLength:"64" doc:"Account id, as the room shows it"`
}

// GuestInvitation asks for a link for a third person.
type GuestInvitation struct {
	Name     string `json:"name" minLength:"1" maxLength:"120"`
	Relation string `json:"relation" enum:"interpreter,relative,colleague,other"`
}

// GuestLink is the link to give to the guest; it is shown once.
type GuestLink struct {
	Link     string    `json:"link"`
	Identity string    `json:"identity"`
	Expires  time.Time `json:"expires"`
}

// Encounter is a consultation: who takes part and what was said.
type Encounter struct {
	ID           string        `json:"id"`
	Appointment  Appointment   `json:"appointment"`
	Complaint    string        `json:"complaint,omitempty" doc:"What the patient comes with; only for patient and doctor"`
	Participants []Participant `json:"participants" nullable:"false"`
	Messages     []Message     `json:"messages" nullable:"false" doc:"The last 100"`
	StartedAt    *time.Time    `json:"startedAt,omitempty"`
	FinishedAt   *time.Time    `json:"finishedAt,omitempty"`
}

// Participant is a person of a consultation.
type Participant struct {
	Identity string `json:"identity"`
	Name     string `json:"name"`
	Role     string `json:"role" enum:"practitioner,patient,guest"`
	Relation string `json:"relation,omitempty"`
	Present  bool   `json:"present" doc:"In the room or its waiting room now"`
	Admitted bool   `json:"admitted"`
}

// Message is one chat message.
type Message struct {
	ID         string    `json:"id"`
	Seq        uint64    `json:"seq" doc:"Order within the consultation, from 1"`
	ClientID   string    `json:"clientId"`
	Sender     string    `json:"sender" doc:"Identity"`
	SenderName string    `json:"senderName"`
	SenderRole string    `json:"senderRole" enum:"practitioner,patient,guest"`
	At         time.Time `json:"at"`
	Text       string    `json:"text"`
	File       *File     `json:"file,omitempty"`
}

// File is a chat message's attachment; its id is that of the document.
type File struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Mime string `json:"mime"`
	Size int64  `json:"size" doc:"Bytes"`
}

// MessageList is a consultation's chat from a sequence number on.
type MessageList struct {
	Items []Message `json:"items" nullable:"false"`
}

// Upload is the answer to a file sent.
type Upload struct {
	Document Document `json:"document"`
	Message  Message  `json:"message"`
}

// Composition is the doctor's conclusion.
type Composition struct {
	EncounterID string     `json:"encounterId"`
	Status      string     `json:"status" enum:"draft,final"`
	Version     uint64     `json:"version" doc:"Send it as If-Match"`
	Sections    Sections   `json:"sections"`
	Mandatory   []string   `json:"mandatory" nullable:"false" doc:"Sections that must not be empty to sign"`
	Prefilled   []string   `json:"prefilled" nullable:"false" doc:"Sections that the server filled and the doctor has not changed"`
	SignedAt    *time.Time `json:"signedAt,omitempty"`
	Signer      string     `json:"signer,omitempty"`
	DocumentID  string     `json:"documentId,omitempty" doc:"The signed PDF"`
	Amendment   string     `json:"amendment,omitempty" doc:"Why the version before was amended"`
}

// Amendment is a new version of a signed conclusion.
type Amendment struct {
	Sections Sections `json:"sections"`
	Reason   string   `json:"reason" minLength:"1" maxLength:"500"`
}

// Sections are the parts of a conclusion.
type Sections struct {
	Complaint     string `json:"complaint" maxLength:"10000"`
	Anamnesis     string `json:"anamnesis" maxLength:"10000"`
	Findings      string `json:"findings" maxLength:"10000"`
	DiagnosisCode string `json:"diagnosisCode" maxLength:"16" doc:"ICD-10" example:"J06.9"`
	Diagnosis     string `json:"diagnosis" maxLength:"2000"`
	Plan          string `json:"plan" maxLength:"10000"`
}

// CompositionUpdate replaces the draft's sections.
type CompositionUpdate struct {
	Sections Sections `json:"sections"`
}
