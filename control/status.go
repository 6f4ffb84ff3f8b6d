package control

// Status is the stage of an appointment. Which stage follows which is the state
// table's to say.
type Status string

// The statuses. Those without an edge in the state table are names that the
// field uses and that pages know how to show.
const (
	Requested       Status = "requested"
	Held            Status = "held"
	Queued          Status = "queued"
	AwaitingPayment Status = "awaiting_payment"
	Booked          Status = "booked"
	Waiting         Status = "waiting"
	InProgress      Status = "in_progress"
	Interrupted     Status = "interrupted"
	Documenting     Status = "documenting"
	Completed       Status = "completed"
	Amended         Status = "amended"
	Rescheduled     Status = "rescheduled"
	Cancelled       Status = "cancelled"
	CancelledClinic Status = "cancelled_clinic"
	Withdrawn       Status = "withdrawn"
	Declined        Status = "declined"
	Expired         Status = "expired"
	NoShow          Status = "no_show"
	ProviderNoShow  Status = "provider_no_show"
	Failed          Status = "failed"
	EnteredInError  Status = "entered_in_error"
)

// Statuses lists all statuses in the order of a visit's life.
func Statuses() []Status {
	return []Status{
		Requested, Held, Queued, AwaitingPayment, Booked, Waiting, InProgress, Interrupted,
		Documenting, Completed, Amended, Rescheduled, Cancelled, CancelledClinic, Withdrawn,
		Declined, Expired, NoShow, ProviderNoShow, Failed, EnteredInError,
	}
}

// Busy reports whether an appointment in this status keeps its doctor's and its
// patient's time from others. A consultation that has ended gives back what is
// left of its time.
func (s Status) Busy() bool {
	switch s {
	case Held, AwaitingPayment, Booked, Waiting, InProgress, Interrupted:
		return true
	}
	return false
}

// Open reports whether a visit is still ahead or under way.
func (s Status) Open() bool {
	switch s {
	case Requested, Held, Queued, AwaitingPayment, Booked, Waiting, InProgress, Interrupted:
		return true
	}
	return false
}

// GivesAccess reports whether the doctor of an appointment in this status may
// see the patient's card.
func (s Status) GivesAccess() bool {
	switch s {
	case Waiting, InProgress, Interrupted, Documenting:
		return true
	}
	return false
}
