package control

import (
	"strconv"

	"consilium/control/notify"
)

// dutyContact sends a message to the clinic's duty contact, by mail and by SMS as far
// as the clinic named them. It says nothing about who the patient is: whoever is called
// opens the board.
func (u *unit) dutyContact(e *Emergency, what MessageKind, values map[string]string) error {
	p, err := u.helpPolicy()
	if err != nil {
		return err
	}
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	for channel, to := range map[notify.Channel]string{notify.Email: p.DutyEmail, notify.SMS: p.DutyPhone} {
		if to == "" {
			continue
		}
		if err := u.send(Recipient{Channel: channel, Address: to, Locale: clinic.Language(), Patient: e.Patient}, what, values); err != nil {
			return err
		}
	}
	return nil
}

// tellDutyContact says that a patient waits and no doctor has taken the call.
func (u *unit) tellDutyContact(e *Emergency, q *queue) error {
	at, err := u.localTime(e.Asked)
	if err != nil {
		return err
	}
	return u.dutyContact(e, MsgEmergency, map[string]string{"at": at, "doctors": strconv.Itoa(len(q.doctors)), "link": "/emergencies"})
}

// askCallBack says that nobody took the call and that the patient is to be called.
func (u *unit) askCallBack(e *Emergency) error {
	at, err := u.localTime(e.Asked)
	if err != nil {
		return err
	}
	return u.dutyContact(e, MsgCallBack, map[string]string{"at": at, "link": "/calendar/" + string(e.ID)})
}
