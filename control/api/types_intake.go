package api

import "time"

// Questionnaire is what patients are asked before a visit of one service.
type Questionnaire struct {
	ServiceID string     `json:"serviceId"`
	Number    int        `json:"number" doc:"Counts what was published; 0 for none yet"`
	Published *time.Time `json:"published,omitempty"`
	Version   uint64     `json:"version" doc:"Send it as If-Match"`
	QuestionnaireUpdate
}

// QuestionnaireUpdate replaces the questions. Whoever has answered keeps those that they
// answered.
type QuestionnaireUpdate struct {
	Questions []QuestionText `json:"questions" nullable:"false" maxItems:"40" doc:"In the order in which they are asked"`
}

// QuestionText is a question in every language of the clinic.
type QuestionText struct {
	ID       string            `json:"id" minLength:"1" maxLength:"32" doc:"Of the questionnaire's own; stays when the words change"`
	Kind     string            `json:"kind" enum:"text,long_text,yes_no,one_of,several_of,number,date"`
	Label    map[string]string `json:"label"`
	Help     map[string]string `json:"help,omitempty"`
	Required bool              `json:"required"`
	Options  []OptionText      `json:"options,omitempty" maxItems:"30" doc:"one_of and several_of: what to choose from"`
	Unit     map[string]string `json:"unit,omitempty" doc:"number: what is counted"`
	Min      *float64          `json:"min,omitempty"`
	Max      *float64          `json:"max,omitempty"`
}

// OptionText is an answer to choose, in every language of the clinic.
type OptionText struct {
	ID    string            `json:"id" minLength:"1" maxLength:"32"`
	Label map[string]string `json:"label"`
}

// Intake is what a patient tells before a visit.
type Intake struct {
	AppointmentID string       `json:"appointmentId"`
	Appointment   Appointment  `json:"appointment"`
	Version       uint64       `json:"version" doc:"Send it as If-Match; 0 before anything was saved"`
	Editable      bool         `json:"editable" doc:"The viewer may still change it: until the visit begins"`
	SavedAt       *time.Time   `json:"savedAt,omitempty"`
	SubmittedAt   *time.Time   `json:"submittedAt,omitempty" doc:"The patient said that this is all"`
	Complaint     string       `json:"complaint"`
	Number        int          `json:"number" doc:"Number of the questionnaire that the questions are of; 0 for none"`
	Questions     []Question   `json:"questions" nullable:"false" doc:"As they were asked; as they are now if nothing is answered"`
	Answers       []Answer     `json:"answers" nullable:"false"`
	Card          []CardWords  `json:"card" nullable:"false" doc:"What the card says, and what the patient says instead"`
	Files         []IntakeFile `json:"files" nullable:"false"`
}

// Question is a question in the viewer's language.
type Question struct {
	ID       string   `json:"id"`
	Kind     string   `json:"kind" enum:"text,long_text,yes_no,one_of,several_of,number,date"`
	Label    string   `json:"label"`
	Help     string   `json:"help,omitempty"`
	Required bool     `json:"required"`
	Options  []Option `json:"options" nullable:"false"`
	Unit     string   `json:"unit,omitempty"`
	Min      *float64 `json:"min,omitempty"`
	Max      *float64 `json:"max,omitempty"`
}

// Option is an answer to choose.
type Option struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

// Answer is what the patient said to one question.
type Answer struct {
	Question string   `json:"question" minLength:"1" maxLength:"32"`
	Values   []string `json:"values" nullable:"false" maxItems:"30" doc:"Ids of options; yes or no; a number with a point; a date as YYYY-MM-DD; or text"`
}

// CardWords is a part of the card beside what the patient says about it.
type CardWords struct {
	Part    string  `json:"part" enum:"birth_date,allergies,medicines"`
	Known   string  `json:"known" doc:"What the card says"`
	Said    *string `json:"said,omitempty" doc:"What the patient says instead: a proposal to the doctor"`
	Decided string  `json:"decided,omitempty" enum:"accepted,refused"`
}

// IntakeFile is a file sent before the visit; its id is that of the document.
type IntakeFile struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Mime string `json:"mime"`
	Size int64  `json:"size" doc:"Bytes"`
}

// IntakeUpdate replaces what the patient wrote.
type IntakeUpdate struct {
	Number    int              `json:"number" minimum:"0" doc:"Number of the questionnaire that was on the page"`
	Complaint string           `json:"complaint" maxLength:"2000"`
	Answers   []Answer         `json:"answers" nullable:"false" maxItems:"40"`
	Card      []CardCorrection `json:"card" nullable:"false" maxItems:"3" doc:"What is not right in the card"`
	Submit    bool             `json:"submit,omitempty" doc:"This is all: refused while something required is missing"`
}

// CardCorrection is what the patient says a part of the card should hold.
type CardCorrection struct {
	Part string `json:"part" enum:"birth_date,allergies,medicines"`
	Said string `json:"said" maxLength:"1000"`
}

// CardDecision accepts or refuses a correction.
type CardDecision struct {
	Part   string `json:"part" enum:"birth_date,allergies,medicines"`
	Accept bool   `json:"accept"`
}

// Contact is how a patient is written to about their visits.
type Contact struct {
	Channel string       `json:"channel" enum:"usual,email,sms"`
	Ways    []ContactWay `json:"ways" nullable:"false" doc:"What reaches the patient, the first that works is used"`
}

// ContactWay is a channel that reaches the patient.
type ContactWay struct {
	Channel string `json:"channel" enum:"email,sms"`
	To      string `json:"to" doc:"The address, mostly hidden"`
	Works   bool   `json:"works" doc:"The clinic's server sends this kind of message"`
}

// ContactUpdate chooses how one is written to.
type ContactUpdate struct {
	Channel string `json:"channel" enum:"usual,email,sms"`
}
