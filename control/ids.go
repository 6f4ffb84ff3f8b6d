package control

// Identifiers are random strings of internal/id. Each noun has its own type, so
// that the compiler refuses a patient's id where an appointment's is meant.
type (
	// ClinicID names a clinic and leads the key of every record it owns.
	ClinicID string
	// AccountID names a login; it is also a person's identity in a room.
	AccountID string
	// SessionID names one signed-in device.
	SessionID string
	// PractitionerID names a doctor.
	PractitionerID string
	// PatientID names a patient.
	PatientID string
	// ServiceID names a priced service of a clinic.
	ServiceID string
	// AppointmentID names a plan to meet.
	AppointmentID string
	// EncounterID names a meeting; it is also the name of its room.
	EncounterID string
	// WaitID names an entry of the waiting list.
	WaitID string
	// InviteID names an invitation of a patient.
	InviteID string
	// BreakGlassID names an emergency access to a card.
	BreakGlassID string
	// DocumentID names a document of a patient's card.
	DocumentID string
)
