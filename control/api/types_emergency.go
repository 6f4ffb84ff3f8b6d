package api

import "time"

// HelpForm is what a patient is asked before joining the queue for help at once.
type HelpForm struct {
	EmergencyNumber string         `json:"emergencyNumber" example:"112" doc:"Of the country's emergency service; always to be shown"`
	Questions       []HelpQuestion `json:"questions" nullable:"false"`
	Services        []Service      `json:"services" nullable:"false" doc:"What can be asked for now; none: the clinic gives no help at once"`
	OnDuty          int            `json:"onDuty" doc:"Doctors on duty now"`
	OpenID          string         `json:"openId,omitempty" doc:"The viewer's own place in the queue, if they wait already"`
}

// HelpQuestion is a sign of danger that is asked for.
type HelpQuestion struct {
	Key     string `json:"key" example:"chest"`
	Text    string `json:"text"`
	CallNow bool   `json:"callNow" doc:"Yes means to call the emergency service at once"`
}

// HelpRequest asks for help now.
type HelpRequest struct {
	ServiceID string   `json:"serviceId" minLength:"1" maxLength:"64"`
	Modality  string   `json:"modality,omitempty" enum:"chat,audio,video" doc:"Default: the service's first"`
	RedFlags  []string `json:"redFlags" nullable:"false" maxItems:"30" doc:"Keys of the questions answered with yes"`
	Complaint string   `json:"complaint,omitempty" maxLength:"2000" doc:"What happened, in the patient's words"`
}

// Emergency is a patient's place in the queue for help at once.
type Emergency struct {
	ID              string      `json:"id" doc:"Also the id of its appointment"`
	Appointment     Appointment `json:"appointment"`
	EmergencyNumber string      `json:"emergencyNumber" example:"112"`
	Band            int         `json:"band" minimum:"1" maximum:"3" doc:"1 comes first; it rises with waiting"`
	AskedAt         time.Time   `json:"askedAt"`
	Position        int         `json:"position" doc:"From 1; 0 when nobody waits any more"`
	Wait            *HelpWait   `json:"wait,omitempty" doc:"Absent when nobody knows"`
	OnDuty          int         `json:"onDuty" doc:"Doctors on duty now"`
	EscalatedAt     *time.Time  `json:"escalatedAt,omitempty" doc:"When the clinic's duty contact was told"`
	Offers          []DeskOffer `json:"offers,omitempty" doc:"For the clinic's desk"`
}

// HelpWait is how long there still is to wait, going by what happened lately and who is
// on duty.
type HelpWait struct {
	Seconds int `json:"seconds"`
}

// DeskOffer is to whom a call was offered.
type DeskOffer struct {
	Practitioner Ref       `json:"practitioner"`
	State        string    `json:"state" enum:"open,declined,missed,over"`
	Until        time.Time `json:"until"`
	Chosen       bool      `json:"chosen" doc:"By the desk"`
}

// EmergencyList is the queue by who is helped first.
type EmergencyList struct {
	Items []Emergency `json:"items" nullable:"false"`
}

// Assignment puts a call to one doctor.
type Assignment struct {
	PractitionerID string `json:"practitionerId" minLength:"1" maxLength:"64"`
}

// Offer is a call for help put to the viewer. It says nothing about who the patient is.
type Offer struct {
	ID       string    `json:"id"`
	Band     int       `json:"band" minimum:"1" maximum:"3"`
	AskedAt  time.Time `json:"askedAt"`
	Until    time.Time `json:"until" doc:"Then it goes on to others"`
	Seconds  int       `json:"seconds" doc:"Left until then, by the server's clock"`
	Service  string    `json:"service"`
	Modality string    `json:"modality" enum:"chat,audio,video"`
	Language string    `json:"language" example:"ru" doc:"What the patient speaks"`
	Chosen   bool      `json:"chosen" doc:"The clinic's desk chose the viewer"`
}

// OfferList is what is offered to the viewer now, the most urgent first.
type OfferList struct {
	Items []Offer `json:"items" nullable:"false"`
}

// Duty is whether a doctor is on duty for emergencies.
type Duty struct {
	Practitioner Ref        `json:"practitioner"`
	On           bool       `json:"on"`
	Since        *time.Time `json:"since,omitempty"`
	Until        *time.Time `json:"until,omitempty"`
	Busy         bool       `json:"busy" doc:"In a consultation"`
	Asked        bool       `json:"asked" doc:"Offers were missed: say that you are there by turning the duty on again"`
	Off          string     `json:"off,omitempty" enum:"off,over,missed,signed_out" doc:"Why it ended"`
}

// DutyList is who is on duty.
type DutyList struct {
	Items []Duty `json:"items" nullable:"false"`
}

// DutyUpdate turns the viewer's duty on or off.
type DutyUpdate struct {
	On    bool       `json:"on"`
	Until *time.Time `json:"until,omitempty" doc:"When it ends by itself, at most 24 hours ahead; needed to turn it on"`
}

// PushKey is what a page subscribes to Web Push with.
type PushKey struct {
	Key string `json:"key" doc:"applicationServerKey, base64url"`
}

// PushSubscription is where the viewer's browser wants to be woken.
type PushSubscription struct {
	Endpoint string `json:"endpoint" maxLength:"1000" format:"uri"`
	Key      string `json:"p256dh" maxLength:"100" doc:"base64url without padding"`
	Auth     string `json:"auth" maxLength:"50" doc:"base64url without padding"`
}

// EmergencySettings are how a clinic gives help at once.
type EmergencySettings struct {
	DutyEmail  string   `json:"dutyEmail,omitempty" maxLength:"254" doc:"Who is told when no doctor takes a call"`
	DutyPhone  string   `json:"dutyPhone,omitempty" maxLength:"30"`
	PayLater   bool     `json:"payLater" doc:"Paid services are given at once and paid afterwards"`
	ServiceIDs []string `json:"serviceIds" nullable:"false" maxItems:"200" doc:"What can be asked for now"`
	Version    uint64   `json:"version" readOnly:"true" required:"false" doc:"Send it as If-Match"`
}
