package api

import "time"

// PublicConfig is what a page needs to know before anybody has signed in.
type PublicConfig struct {
	Version   string   `json:"version" doc:"Version of the server"`
	Demo      bool     `json:"demo" doc:"Whether the demo clinic's sign-in links work"`
	Languages []string `json:"languages" nullable:"false" doc:"Languages of the web application"`
	Passkeys  bool     `json:"passkeys" doc:"Whether passkeys work at this server's address"`
	// Clinics are those that are open.
	Clinics []PublicClinic `json:"clinics" nullable:"false" doc:"The open clinics; one signs in to one of them"`
}

// Ref is a name to show and the id behind it.
type Ref struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Money is an amount in minor units.
type Money struct {
	Minor    int64  `json:"minor" doc:"Amount in minor units (kopecks, cents)"`
	Currency string `json:"currency" doc:"ISO 4217" example:"RUB"`
}

// Clinic is the viewer's clinic.
type Clinic struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Zone      string   `json:"zone" example:"Europe/Moscow" doc:"IANA time zone"`
	Currency  string   `json:"currency" example:"RUB"`
	Languages []string `json:"languages" nullable:"false"`
	Accent    string   `json:"accent" example:"#0f766e" doc:"The clinic's colour"`
	Logo      string   `json:"logo,omitempty" doc:"Path of the clinic's picture"`
	Phone     string   `json:"phone,omitempty"`
	Emergency string   `json:"emergency,omitempty" doc:"Telephone number when life is in danger"`
}

// Visit says which consultation a patient's or guest's home is about.
type Visit struct {
	AppointmentID string `json:"appointmentId"`
	EncounterID   string `json:"encounterId"`
}

// Me is the viewer.
type Me struct {
	AccountID string `json:"accountId" doc:"Also the viewer's identity in a room"`
	Role      string `json:"role" enum:"clinic_admin,registrar,accountant,practitioner,patient,guest"`
	Person    Ref    `json:"person" doc:"The practitioner, patient or account behind the login"`
	Clinic    Clinic `json:"clinic"`
	Locale    string `json:"locale" example:"ru"`
	Demo      bool   `json:"demo"`
	Home      string `json:"home" enum:"calendar,visit,enrol"`
	Visit     *Visit `json:"visit,omitempty"`
}

// Service is a priced service of the clinic.
type Service struct {
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	DurationMin int      `json:"durationMin"`
	Price       Money    `json:"price"`
	Modalities  []string `json:"modalities" nullable:"false" enum:"chat,audio,video"`
	Kind        string   `json:"kind" enum:"consultation,follow_up,second_opinion,treatment_change,first_diagnosis"`
	Allow       string   `json:"allow" enum:"yes,after_visit,no" doc:"Whether the law lets it be given remotely; after_visit: the booking names a visit in person"`
	Reason      string   `json:"reason,omitempty" doc:"Why it is restricted"`
	Urgent      bool     `json:"urgent" doc:"Patients ask for it now, in the queue for help at once, and not for a time ahead"`
	Booking     string   `json:"booking" enum:"instant,request,payment" doc:"What a patient's confirmation of a held time leads to: booked at once, asked of the clinic, or on to the payment"`
}

// Practitioner is a doctor of the clinic.
type Practitioner struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	Specialty  string   `json:"specialty"`
	Languages  []string `json:"languages" nullable:"false"`
	ServiceIDs []string `json:"serviceIds" nullable:"false" doc:"Services the doctor gives"`
	Licence    *Licence `json:"licence,omitempty" doc:"For the clinic's staff only"`
}

// Licence is what allows a doctor to practise. Nobody is booked past its end.
type Licence struct {
	No      string    `json:"no"`
	Expires time.Time `json:"expires" doc:"From this instant on the doctor can't be booked"`
}

// ServiceList is a list of services.
type ServiceList struct {
	Items []Service `json:"items" nullable:"false"`
}

// PractitionerList is a list of practitioners.
type PractitionerList struct {
	Items []Practitioner `json:"items" nullable:"false"`
}

// PatientList is a list of patients' names.
type PatientList struct {
	Items []PatientItem `json:"items" nullable:"false"`
}

// LiveTicket opens a WebSocket for the viewer's live events.
type LiveTicket struct {
	Grant string `json:"grant" doc:"Single use, expires within a minute"`
}

// SignIn carries the secret of a sign-in link.
type SignIn struct {
	Token string `json:"token" minLength:"1" maxLength:"256" doc:"The part of the link after #"`
}

// MeUpdate changes the viewer's own settings.
type MeUpdate struct {
	Locale string `json:"locale" minLength:"2" maxLength:"16" example:"en"`
}

// Card is a patient's electronic card.
type Card struct {
	Patient    CardPatient     `json:"patient"`
	Encounters []CardEncounter `json:"encounters" nullable:"false"`
	Documents  []Document      `json:"documents" nullable:"false"`
	Access     CardAccess      `json:"access"`
}

// CardPatient is the identity part of a card.
type CardPatient struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	BirthDate string `json:"birthDate" format:"date"`
	Sex       string `json:"sex" enum:"female,male,other,unknown"`
	Phone     string `json:"phone,omitempty"`
	Email     string `json:"email,omitempty"`
	Attending *Ref   `json:"attending,omitempty" doc:"The attending doctor"`
}

// CardEncounter is one consultation in a card.
type CardEncounter struct {
	ID           string    `json:"id"`
	Start        time.Time `json:"start"`
	End          time.Time `json:"end"`
	Status       string    `json:"status" enum:"requested,held,queued,awaiting_payment,booked,waiting,in_progress,interrupted,documenting,completed,amended,rescheduled,cancelled,cancelled_clinic,withdrawn,declined,expired,no_show,provider_no_show,failed,entered_in_error"`
	Service      string    `json:"service"`
	Practitioner Ref       `json:"practitioner"`
	Diagnosis    string    `json:"diagnosis,omitempty" doc:"From the signed conclusion"`
}

// CardAccess says why the viewer sees the card.
type CardAccess struct {
	Kind         string     `json:"kind" enum:"own,encounter,colleague,break_glass" doc:"own: the patient; encounter: the doctor of an open consultation; colleague: asked to join one; break_glass: an emergency"`
	EncounterID  string     `json:"encounterId,omitempty"`
	BreakGlassID string     `json:"breakGlassId,omitempty"`
	Until        *time.Time `json:"until,omitempty" doc:"When it closes at the latest; absent while the consultation's end is open"`
}

// Document is a file of a card.
type Document struct {
	ID          string    `json:"id"`
	Kind        string    `json:"kind" enum:"conclusion,chat_file,intake_file,contract,consent"`
	Title       string    `json:"title"`
	Mime        string    `json:"mime"`
	Size        int64     `json:"size" doc:"Bytes"`
	SHA256      string    `json:"sha256"`
	CreatedAt   time.Time `json:"createdAt"`
	EncounterID string    `json:"encounterId"`
	Status      string    `json:"status" enum:"current,superseded"`
	Author      string    `json:"author"`
}
