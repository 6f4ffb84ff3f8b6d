package api

// Texts is what a clinic writes in several languages, by language.
type Texts map[string]string

// PublicClinic is a clinic as the sign-in page shows it.
type PublicClinic struct {
	ID        string   `json:"id"`
	Slug      string   `json:"slug" doc:"Short name in addresses"`
	Name      string   `json:"name"`
	Languages []string `json:"languages" nullable:"false"`
	Accent    string   `json:"accent" example:"#0f766e"`
	Phone     string   `json:"phone,omitempty"`
	Logo      string   `json:"logo,omitempty" doc:"Path of the clinic's picture"`
}

// ClinicUpdate is what an administrator changes about the clinic.
type ClinicUpdate struct {
	Name      Texts          `json:"name" doc:"By language"`
	Zone      string         `json:"zone" maxLength:"64" example:"Europe/Moscow"`
	Languages []string       `json:"languages" nullable:"false" minItems:"1" maxItems:"10" doc:"The first is the clinic's own"`
	Licence   string         `json:"licence" maxLength:"400"`
	Address   Texts          `json:"address" doc:"By language"`
	Phone     string         `json:"phone" maxLength:"80"`
	Accent    string         `json:"accent" maxLength:"16" example:"#0f766e" doc:"White text on it must be readable"`
	Settings  ClinicPolicies `json:"settings"`
}

// ClinicPolicies are the administrator's decisions.
type ClinicPolicies struct {
	RequireStrong bool        `json:"requireStrong" doc:"Staff sign in with an authenticator app or a passkey"`
	Quiet         *QuietHours `json:"quiet,omitempty" doc:"When no message goes out that can wait"`
	StaffIdleMin  int         `json:"staffIdleMin" doc:"A staff session unused for so long ends, in minutes; 0 for the server's default"`
	MaxGuests     *int        `json:"maxGuests,omitempty" doc:"Guests of one consultation; absent for the server's default"`
}

// QuietHours are by the clinic's clock and may go over midnight.
type QuietHours struct {
	From string `json:"from" maxLength:"5" example:"21:00"`
	To   string `json:"to" maxLength:"5" example:"08:00"`
}

// ClinicSettings is the clinic as its administrator sees it.
type ClinicSettings struct {
	ClinicUpdate
	ID           string       `json:"id"`
	Slug         string       `json:"slug"`
	Currency     string       `json:"currency"`
	Logo         string       `json:"logo,omitempty" doc:"Path of the clinic's picture"`
	Jurisdiction Jurisdiction `json:"jurisdiction"`
	Version      uint64       `json:"version"`
}

// Jurisdiction is what the law asks of the clinic; the server's operator keeps it.
type Jurisdiction struct {
	ID             string     `json:"id" example:"ru"`
	Name           string     `json:"name"`
	Note           string     `json:"note,omitempty"`
	Kinds          []KindRule `json:"kinds" nullable:"false"`
	Consents       []Consent  `json:"consents" nullable:"false"`
	RetentionYears int        `json:"retentionYears" doc:"How long records are kept; 0 when nothing is said"`
	Emergency      string     `json:"emergency,omitempty" doc:"Telephone number when life is in danger"`
}

// KindRule says whether a kind of service may be given remotely.
type KindRule struct {
	Kind   string `json:"kind" enum:"consultation,follow_up,second_opinion,treatment_change,first_diagnosis"`
	Allow  string `json:"allow" enum:"yes,after_visit,no" doc:"after_visit: only after a visit in person, which the booking names"`
	Reason string `json:"reason,omitempty"`
}

// Consent is a consent that patients give before a service.
type Consent struct {
	ID       string `json:"id"`
	Version  string `json:"version" doc:"A consent to another version is not current"`
	Required bool   `json:"required"`
	Title    string `json:"title"`
	Text     string `json:"text"`
}

// ConsentList is what a service needs before it.
type ConsentList struct {
	Items []Consent `json:"items" nullable:"false"`
}

// InPersonRef names the visit in person that a remote service builds on.
type InPersonRef struct {
	Date  string `json:"date" format:"date" maxLength:"10"`
	Place string `json:"place" minLength:"1" maxLength:"400" doc:"Clinic or doctor, in words"`
}
