package api

// StaffUpdate is what an administrator tells about a member of staff.
type StaffUpdate struct {
	Name   string       `json:"name" minLength:"1" maxLength:"240"`
	Email  string       `json:"email" minLength:"3" maxLength:"254" doc:"The invitation goes there"`
	Phone  string       `json:"phone,omitempty" maxLength:"40"`
	Locale string       `json:"locale,omitempty" maxLength:"16" doc:"Language of their pages and messages; default: the clinic's first"`
	Doctor *StaffDoctor `json:"doctor,omitempty" doc:"For practitioners, who need it"`
}

// StaffRegistration makes a member of staff.
type StaffRegistration struct {
	StaffUpdate
	Role string `json:"role" enum:"clinic_admin,registrar,accountant,practitioner"`
}

// StaffDoctor is what makes a member of staff a doctor.
type StaffDoctor struct {
	Specialty    Texts    `json:"specialty" doc:"By language"`
	LicenceNo    string   `json:"licenceNo" minLength:"1" maxLength:"120"`
	LicenceUntil string   `json:"licenceUntil" format:"date" maxLength:"10" doc:"The last day of the licence"`
	Languages    []string `json:"languages" nullable:"false" minItems:"1" maxItems:"20" doc:"Of consultations"`
	ServiceIDs   []string `json:"serviceIds" nullable:"false" maxItems:"200" doc:"Services that the doctor gives"`
}

// StaffMember is one of the clinic's staff.
type StaffMember struct {
	StaffRegistration
	AccountID      string `json:"accountId"`
	PractitionerID string `json:"practitionerId,omitempty"`
	State          string `json:"state" enum:"invited,late,active,closed" doc:"late: the invitation expired unused"`
	LicenceOver    bool   `json:"licenceOver,omitempty" doc:"The doctor can't be booked any more"`
	Version        uint64 `json:"version"`
}

// StaffList is the clinic's staff, by name; who is closed comes last.
type StaffList struct {
	Items []StaffMember `json:"items" nullable:"false"`
}

// StaffInvitation says where an invitation went.
type StaffInvitation struct {
	Member StaffMember `json:"member"`
	Sent   bool        `json:"sent" doc:"Whether it goes out by mail"`
	Link   string      `json:"link,omitempty" doc:"The link itself, where this server sends no mail: hand it over"`
}

// Farewell is what remains when a member of staff has gone.
type Farewell struct {
	Member StaffMember   `json:"member"`
	Visits []Appointment `json:"visits" nullable:"false" doc:"Visits ahead that need a decision"`
}

// CancelStep is one step of a cancellation policy.
type CancelStep struct {
	BeforeMin     int `json:"beforeMin" minimum:"0" doc:"Cancelled at least so many minutes before the start"`
	RefundPercent int `json:"refundPercent" minimum:"0" maximum:"100"`
}

// ServiceUpdate is what an administrator tells about a service.
type ServiceUpdate struct {
	Name         Texts        `json:"name" doc:"By language"`
	DurationMin  int          `json:"durationMin" minimum:"5" maximum:"480"`
	PriceMinor   int64        `json:"priceMinor" minimum:"0" doc:"In minor units of the clinic's currency"`
	Modalities   []string     `json:"modalities" nullable:"false" minItems:"1" enum:"chat,audio,video"`
	Kind         string       `json:"kind" enum:"consultation,follow_up,second_opinion,treatment_change,first_diagnosis" doc:"What it is to the law"`
	CancelPolicy []CancelStep `json:"cancelPolicy" nullable:"false" maxItems:"10" doc:"What a patient who cancels gets back, the earliest first; empty for the usual"`
	Active       bool         `json:"active" doc:"Whether it can be booked"`
	PayLater     bool         `json:"payLater,omitempty" doc:"Whether patients may book it and pay afterwards"`
}

// ServiceSettings is a service as its administrator sees it.
type ServiceSettings struct {
	ServiceUpdate
	ID       string `json:"id"`
	Currency string `json:"currency"`
	Allow    string `json:"allow" enum:"yes,after_visit,no" doc:"Whether the law lets it be given remotely"`
	Version  uint64 `json:"version"`
}

// ServiceSettingsList is every service of the clinic.
type ServiceSettingsList struct {
	Items         []ServiceSettings `json:"items" nullable:"false"`
	DefaultCancel []CancelStep      `json:"defaultCancel" nullable:"false" doc:"The usual cancellation policy"`
}
