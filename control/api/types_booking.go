package api

import "time"

// Waiver says why something is not paid beforehand.
type Waiver struct {
	WaiverReason string `json:"waiverReason" minLength:"1" maxLength:"500"`
}

// Rescheduling says where a visit goes.
type Rescheduling struct {
	Start          time.Time `json:"start"`
	PractitionerID string    `json:"practitionerId,omitempty" maxLength:"64" doc:"Default: the same doctor"`
	Reason         string    `json:"reason,omitempty" maxLength:"500"`
}

// FollowUp asks for the visit after a consultation.
type FollowUp struct {
	ServiceID    string `json:"serviceId,omitempty" maxLength:"64" doc:"Default: the same service"`
	Days         int    `json:"days,omitempty" minimum:"0" maximum:"366" doc:"About so many days after the consultation; default 14"`
	WaiverReason string `json:"waiverReason,omitempty" maxLength:"500" doc:"By the doctor: why it is not paid beforehand; default: it was agreed at the visit"`

	Start time.Time `json:"start,omitzero" doc:"The very time, such as one that was suggested; days says nothing then"`
}

// ModalityChoice is how a consultation is held.
type ModalityChoice struct {
	Modality string `json:"modality" enum:"chat,audio,video"`
}

// CancellationStep is one line of a service's cancellation terms.
type CancellationStep struct {
	BeforeMin     int `json:"beforeMin" doc:"Cancelled at least so long before the start"`
	RefundPercent int `json:"refundPercent" doc:"So much of the price is given back"`
}

// Cancellation is what it means to cancel a visit now.
type Cancellation struct {
	RefundPercent int                `json:"refundPercent" doc:"Of the price"`
	Fee           Money              `json:"fee" doc:"What the patient pays, or does not get back"`
	Until         *time.Time         `json:"until,omitempty" doc:"When this changes; missing when it no longer does"`
	MoveUntil     time.Time          `json:"moveUntil" doc:"Until then the patient may move the visit instead"`
	Steps         []CancellationStep `json:"steps" nullable:"false" doc:"The service's terms, the earliest first; below the last nothing is given back"`
}

// WaitWish asks for a place on the waiting list.
type WaitWish struct {
	PatientID      string `json:"patientId" minLength:"1" maxLength:"64"`
	ServiceID      string `json:"serviceId" minLength:"1" maxLength:"64"`
	PractitionerID string `json:"practitionerId,omitempty" maxLength:"64" doc:"Default: any who gives the service"`
	First          string `json:"first" format:"date" doc:"First day that suits, in the clinic's zone"`
	Last           string `json:"last" format:"date" doc:"Last day that suits"`
}

// WaitEntry is a place on the waiting list.
type WaitEntry struct {
	ID           string             `json:"id"`
	Status       string             `json:"status" enum:"waiting,offered,booked,left,over"`
	Patient      Ref                `json:"patient"`
	Service      AppointmentService `json:"service"`
	Practitioner *AppointmentDoctor `json:"practitioner,omitempty" doc:"Missing for any doctor"`
	First        string             `json:"first" format:"date"`
	Last         string             `json:"last" format:"date"`
	Created      time.Time          `json:"created"`
	Before       int                `json:"before" doc:"While it waits: how many others are offered the same times sooner"`
	Offer        *Appointment       `json:"offer,omitempty" doc:"A free time that is held for the patient: confirm or release it"`
}

// WaitList is the open part of the waiting list, by turn.
type WaitList struct {
	Items []WaitEntry `json:"items" nullable:"false"`
}
