package control

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"consilium/control/notify"
	"consilium/internal/id"
)

// Recipient is where a message to one person goes, and in which language.
type Recipient struct {
	Channel notify.Channel
	Address string // in the form that notify.CheckEmail or CheckPhone takes
	Locale  string // "" for the clinic's first language
	// Patient, when the message is to or about one, seals it under that patient's key.
	Patient PatientID
}

// MessageKind says what a message is about. Its words are in control/notify/letter.
type MessageKind string

// The kinds of message.
const (
	MsgCode       MessageKind = "code"        // a sign-in code
	MsgInvitation MessageKind = "invitation"  // to a future patient
	MsgActivation MessageKind = "activation"  // to a new member of staff
	MsgVisit      MessageKind = "visit"       // the link to a visit, asked for
	MsgBooked     MessageKind = "booked"      // to the patient, as all about a visit
	MsgChanged    MessageKind = "changed"     // another time
	MsgCancelled  MessageKind = "cancelled"   // by the clinic
	MsgDeclined   MessageKind = "declined"    // a request
	MsgReminder   MessageKind = "reminder"    // of a visit
	MsgBreakGlass MessageKind = "break_glass" // a card was opened in an emergency
	MsgReset      MessageKind = "reset"       // the link to a new password
	MsgSecurity   MessageKind = "security"    // what somebody signs in with has changed
	MsgEmergency  MessageKind = "emergency"   // to the duty contact: a patient waits and no doctor came
	MsgCallBack   MessageKind = "call_back"   // to the duty contact: nobody came at all
	MsgTest       MessageKind = "test"        // by the operator

	MsgReminderDoctor MessageKind = "reminder_doctor" // of a visit, to its doctor

	MsgOffer        MessageKind = "offer"         // a freed time is held for who waited for one
	MsgMissed       MessageKind = "missed"        // the patient did not come
	MsgDoctorMissed MessageKind = "doctor_missed" // the doctor did not
	MsgFailed       MessageKind = "failed"        // the line was lost for good
)

// messageRule is what holds for a kind of message.
type messageRule struct {
	// values are the names that its words need beside those that every message has:
	// clinic, phone. "link" is a path on this server, like /visit#token.
	values []string
	// life is how long it is worth sending: it is given up when it could not be by then.
	life time.Duration
	// urgent messages go before all others: somebody sits and waits.
	urgent bool
}

// messageRules is the table of the kinds. What has no row is refused.
func messageRules() map[MessageKind]messageRule {
	const day = 24 * time.Hour
	return map[MessageKind]messageRule{
		MsgCode:       {values: []string{"code"}, life: 10 * time.Minute, urgent: true},
		MsgInvitation: {values: []string{"from", "link", "until"}, life: 3 * day},
		MsgActivation: {values: []string{"name", "link", "until"}, life: 3 * day},
		MsgVisit:      {values: []string{"when", "link"}, life: time.Hour, urgent: true},
		MsgBooked:     {values: []string{"when", "doctor", "zone", "link"}, life: day},
		MsgChanged:    {values: []string{"when", "before", "doctor", "zone", "link"}, life: day},
		MsgCancelled:  {values: []string{"when", "doctor", "reason"}, life: day},
		MsgDeclined:   {values: []string{"when", "doctor", "reason"}, life: day},
		MsgReminder:   {values: []string{"in", "when", "doctor", "zone", "link", "ask"}, life: time.Hour},
		MsgBreakGlass: {values: []string{"when", "doctor"}, life: 3 * day},
		MsgReset:      {values: []string{"link"}, life: resetLife, urgent: true},
		MsgSecurity:   {values: []string{"what", "when"}, life: 3 * day},
		MsgEmergency:  {values: []string{"at", "doctors", "link"}, life: 30 * time.Minute, urgent: true},
		MsgCallBack:   {values: []string{"at", "link"}, life: 2 * time.Hour, urgent: true},
		MsgTest:       {life: 10 * time.Minute, urgent: true},

		MsgReminderDoctor: {values: []string{"in", "when", "zone", "link"}, life: time.Hour},

		MsgOffer:        {values: []string{"when", "doctor", "zone", "until", "link"}, life: time.Hour, urgent: true},
		MsgMissed:       {values: []string{"when", "doctor", "fee", "link"}, life: day},
		MsgDoctorMissed: {values: []string{"when", "doctor", "link"}, life: day},
		MsgFailed:       {values: []string{"when", "doctor", "link"}, life: day},
	}
}

// urgency is how far before its time an urgent job is due, so that it overtakes those
// that have been waiting.
const urgency = time.Hour

// send promises a message in the unit's transaction: it goes out after the commit, is
// tried again while it is worth it, and is given up with an audit event. values are those
// of the kind's row in messageRules. Nothing about a person's health belongs in them.
func (u *unit) send(to Recipient, what MessageKind, values map[string]string) error {
	return u.sendWith(to, what, values, nil)
}

// sendWith is send with files; an SMS leaves them out.
func (u *unit) sendWith(to Recipient, what MessageKind, values map[string]string, files []notify.Attachment) error {
	return u.sendUntil(to, what, values, files, time.Time{})
}

// sendUntil is sendWith for a message that has another life than its kind, if until is set.
func (u *unit) sendUntil(to Recipient, what MessageKind, values map[string]string, files []notify.Attachment, until time.Time) error {
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	if to.Locale == "" {
		to.Locale = clinic.Language()
	}
	rule, ok := messageRules()[what]
	if !ok {
		return fmt.Errorf("unknown kind of message %q", what)
	}
	m, err := u.word(to, what, rule, values, &clinic)
	if err != nil {
		return err
	}
	if to.Channel == notify.Email {
		m.Attachments = files
	}
	if until.IsZero() {
		until = u.now.Add(rule.life)
	}
	due := u.now
	if rule.urgent {
		due = due.Add(-urgency)
	}
	return u.enqueue(Job{
		ID: m.ID, Kind: JobSendMessage, Note: string(what), Due: due, Until: until, Patient: to.Patient, Message: &m,
	})
}

// word makes the message itself and checks that it can go out at all.
func (u *unit) word(to Recipient, what MessageKind, rule messageRule, values map[string]string, clinic *Clinic) (notify.Message, error) {
	m := notify.Message{ID: id.New(), Channel: to.Channel, To: to.Address}
	values = maps.Clone(values)
	if values == nil {
		values = map[string]string{}
	}
	for _, name := range rule.values {
		if _, ok := values[name]; !ok {
			return m, fmt.Errorf("message %s needs the value %q", what, name)
		}
	}
	if path, ok := values["link"]; ok && strings.HasPrefix(path, "/") {
		values["link"] = u.cfg.PublicURL + path
	}
	locale := u.letters.Locale(to.Locale)
	values["clinic"], values["phone"] = clinic.Name.In(locale, clinic.Language()), clinic.Phone
	words := u.letters.Email
	if to.Channel == notify.SMS {
		words = u.letters.SMS
	}
	letter, err := words(string(what), locale, values)
	if err != nil {
		return m, err
	}
	m.Subject, m.Text, m.HTML = letter.Subject, letter.Text, letter.HTML
	return m, m.Check()
}

// carries reports whether the operator has set up a channel, so that a page can say at
// once that nothing will arrive. Messages to any other channel are given up when their
// turn comes.
func (c *core) carries(channel notify.Channel) bool {
	if c.sender == nil {
		return false
	}
	if some, ok := c.sender.(interface{ Carries(notify.Channel) bool }); ok {
		return some.Carries(channel)
	}
	return true
}

// Channels lists the ways to people that the operator has set up.
func (c *Control) Channels() []notify.Channel {
	return slices.DeleteFunc([]notify.Channel{notify.Email, notify.SMS}, func(channel notify.Channel) bool { return !c.carries(channel) })
}
