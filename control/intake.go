package control

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"consilium/store"
)

// Intake is what a patient tells before a visit: the complaint, the answers to the
// service's questionnaire, files, and what is not right in the card. It is saved as they
// write, belongs to the visit wherever it moves, and can be changed until the visit
// begins.
type Intake struct {
	store.Revised
	Thread      AppointmentID // of the appointment
	Patient     PatientID
	Version     int // of the questionnaire that the answers are to
	Complaint   string
	Answers     Answers
	Files       []DocumentID
	Corrections map[CardPart]Correction
	Saved       time.Time
	Submitted   time.Time // when the patient said that this is all; zero until then
}

// IntakeView is an intake as the patient or the doctor of the visit sees it.
type IntakeView struct {
	Intake
	Appointment AppointmentView
	Questions   []Question // as they were asked, or as they are now if nothing is answered
	Documents   []Document // Files
	Card        map[CardPart]string
	Editable    bool // by the viewer, now
}

// IntakeInput is all that a patient may write.
type IntakeInput struct {
	Version   int // of the questionnaire that was on the page
	Complaint string
	Answers   Answers
	Card      map[CardPart]string // parts of the card that the patient wants put right
	Submit    bool                // this is all; what must be answered is
}

// Intakes is about what patients tell before a visit.
type Intakes struct{ *core }

// Get returns the intake of a visit, also before anything was written: to its patient
// always, to its doctor while the visit opens the card to them. Each reading by a doctor
// is on the audit trail.
func (s *Intakes) Get(ctx context.Context, who Actor, id AppointmentID) (IntakeView, error) {
	var out IntakeView
	if err := s.authorize(who, OpReadIntake); err != nil {
		return out, err
	}
	read := s.view
	if who.Role != RolePatient {
		read = s.update
	}
	err := read(ctx, who, func(u *unit) error {
		a, err := u.appointment(id)
		if err != nil {
			return err
		}
		if !u.seesClinical(&a) {
			return accessClosed()
		}
		if out, err = u.showIntake(&a); err != nil || who.Role == RolePatient {
			return err
		}
		return u.audit("intake.read", "appointment", string(a.ID), "")
	})
	return out, err
}

// Save replaces what the patient wrote. version is the revision of the intake that they
// saw, 0 for one that was never saved.
func (s *Intakes) Save(ctx context.Context, who Actor, id AppointmentID, version uint64, in IntakeInput) (IntakeView, error) {
	var out IntakeView
	if err := s.authorize(who, OpFillIntake); err != nil {
		return out, err
	}
	if err := prose("/complaint", in.Complaint, maxComplaint); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		a, v, err := u.fillable(id)
		if err != nil {
			return err
		}
		if v.Rev != version {
			return fail(CodeVersionStale, "this was changed on another device meanwhile; load it again")
		}
		if len(v.Answers) > 0 && v.Version != in.Version {
			return fail(CodeVersionStale, "the answers are to other questions; load them again")
		}
		asked, err := u.questionnaireAt(a.Service, in.Version)
		if err != nil {
			return err
		}
		if v.Answers, err = in.Answers.validate(&asked); err != nil {
			return err
		}
		v.Version, v.Complaint, v.Saved = in.Version, in.Complaint, u.now
		if err := u.correct(&v, in.Card); err != nil {
			return err
		}
		wrong := v.Answers.complete(&asked)
		switch {
		case in.Submit && len(wrong) > 0:
			return &Error{Code: CodeIncomplete, Message: "answer what must be answered first", Fields: wrong}
		case in.Submit:
			v.Submitted = u.now
		case len(wrong) > 0:
			v.Submitted = time.Time{}
		}
		if err := u.keepIntake(&a, &v); err != nil {
			return err
		}
		if in.Submit {
			if err := u.audit("intake.submit", "appointment", string(a.ID), ""); err != nil {
				return err
			}
		}
		out, err = u.showIntake(&a)
		return err
	})
	return out, err
}

// fillable loads a visit and its intake for the patient to write in.
func (u *unit) fillable(id AppointmentID) (Appointment, Intake, error) {
	a, err := u.appointment(id)
	if err != nil {
		return a, Intake{}, err
	}
	if _, err := u.permit(&a, ActFillIn, &input{}); err != nil {
		return a, Intake{}, err
	}
	v, err := u.intake(&a)
	return a, v, err
}

// intake loads the intake of a visit; before anything was written, one that begins with
// what the patient said at booking.
func (u *unit) intake(a *Appointment) (Intake, error) {
	v, _, err := u.t.intakes.Get(u, u.scope, string(a.Thread()))
	if errors.Is(err, store.ErrNotFound) {
		return Intake{Thread: a.Thread(), Patient: a.Patient, Complaint: a.Complaint}, nil
	}
	return v, err
}

// keepIntake writes it, and on the appointment whether it is filled in: that alone is
// what the clinic's other pages show.
func (u *unit) keepIntake(a *Appointment, v *Intake) error {
	if _, err := u.t.intakes.Put(u, u.scope, v, v.Rev); err != nil {
		return err
	}
	// The patient's own page is not told: it is where this comes from.
	u.tell("intake", string(a.ID), v.Rev, "practitioner:"+string(a.Practitioner))
	if filled := !v.Submitted.IsZero(); filled != a.Filled {
		a.Filled = filled
		if _, err := u.t.appointments.Put(u, u.scope, a, a.Rev); err != nil {
			return err
		}
		u.announce(a)
	}
	return nil
}

func (u *unit) showIntake(a *Appointment) (IntakeView, error) {
	var out IntakeView
	var err error
	if out.Intake, err = u.intake(a); err != nil {
		return out, err
	}
	asked := Questionnaire{}
	if len(out.Answers) > 0 {
		asked, err = u.questionnaireAt(a.Service, out.Version)
	} else {
		asked, err = u.questionnaire(a.Service)
		out.Version = asked.Version
	}
	if err != nil {
		return out, err
	}
	out.Questions = asked.Questions
	for _, id := range out.Files {
		d, _, err := u.t.documents.Get(u, u.scope, string(id))
		if err != nil {
			return out, err
		}
		out.Documents = append(out.Documents, d)
	}
	patient, err := u.patient(a.Patient)
	if err != nil {
		return out, err
	}
	clinic, err := u.clinic()
	if err != nil {
		return out, err
	}
	out.Card = patient.words(u.who.Locale, clinic.Language())
	_, refused := u.permit(a, ActFillIn, &input{})
	out.Editable = refused == nil
	out.Appointment, err = u.show(a)
	return out, err
}

// complaintOf is what the patient comes with, in the words that they chose last.
func (u *unit) complaintOf(a *Appointment) (string, error) {
	v, err := u.intake(a)
	return strings.TrimSpace(v.Complaint), err
}

// unfilled reports whether the patient is asked questions before the visit and has not
// answered them.
func (u *unit) unfilled(a *Appointment) (bool, error) {
	if a.Filled {
		return false, nil
	}
	asked, err := u.questionnaire(a.Service)
	return len(asked.Questions) > 0, err
}

// CardPart is a part of the card that the intake shows to the patient.
type CardPart string

// The parts.
const (
	CardBirthDate CardPart = "birth_date"
	CardAllergies CardPart = "allergies"
	CardMedicines CardPart = "medicines"
)

// CardParts lists the parts.
func CardParts() []CardPart { return []CardPart{CardBirthDate, CardAllergies, CardMedicines} }

// Correction is what a patient says the card should hold. It is a proposal: the card
// changes when the doctor accepts it.
type Correction struct {
	Text    string
	Decided string // accepted, refused; "" until the doctor has looked at it
	By      AccountID
	At      time.Time
}

// The decisions.
const (
	CorrectionAccepted = "accepted"
	CorrectionRefused  = "refused"
)

// words are the parts of the card in a language.
func (p *Patient) words(locale, fallback string) map[CardPart]string {
	return map[CardPart]string{
		CardBirthDate: p.BirthDate,
		CardAllergies: p.Allergies.In(locale, fallback), CardMedicines: p.Medicines.In(locale, fallback),
	}
}

// correct takes over what the patient says about the card. What the card says already is
// no correction; what the doctor has decided stays decided.
func (u *unit) correct(v *Intake, said map[CardPart]string) error {
	patient, err := u.patient(v.Patient)
	if err != nil {
		return err
	}
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	card, out := patient.words(u.who.Locale, clinic.Language()), map[CardPart]Correction{}
	for part, c := range v.Corrections {
		if c.Decided != "" {
			out[part] = c
		}
	}
	for part, text := range said {
		at := "/card/" + string(part)
		text = strings.TrimSpace(text)
		switch part {
		case CardBirthDate:
			if !plausibleDate(text) || text > u.now.Format(time.DateOnly) {
				return invalid(at, "a day of the past as YYYY-MM-DD")
			}
		case CardAllergies, CardMedicines:
			if err := prose(at, text, maxCardWords); err != nil {
				return err
			}
		default:
			return invalid("/card", "there is no such part of the card")
		}
		if text == card[part] {
			continue
		}
		if known := v.Corrections[part]; known.Decided == "" || known.Text != text {
			out[part] = Correction{Text: text}
		}
	}
	v.Corrections = out
	return nil
}

// Decide accepts or refuses a correction of the card: an accepted one is in the card with
// this transaction. Only the visit's doctor decides, while the card is open to them.
func (s *Intakes) Decide(ctx context.Context, who Actor, id AppointmentID, part CardPart, accept bool) (IntakeView, error) {
	var out IntakeView
	if err := s.authorize(who, OpDecideIntake); err != nil {
		return out, err
	}
	err := s.update(ctx, who, func(u *unit) error {
		a, err := u.appointment(id)
		if err != nil {
			return err
		}
		if u.who.partyTo(&a) != PartyDoctor || !u.seesClinical(&a) {
			return accessClosed()
		}
		v, err := u.intake(&a)
		if err != nil {
			return err
		}
		c, ok := v.Corrections[part]
		if !ok {
			return notFound("correction")
		}
		if c.Decided != "" {
			return fail(CodeTransitionRefused, "it was decided already")
		}
		c.Decided, c.By, c.At = CorrectionRefused, who.Account, u.now
		if accept {
			c.Decided = CorrectionAccepted
			if err := u.putRight(v.Patient, part, c.Text); err != nil {
				return err
			}
		}
		v.Corrections = maps.Clone(v.Corrections)
		v.Corrections[part] = c
		if err := u.keepIntake(&a, &v); err != nil {
			return err
		}
		if out, err = u.showIntake(&a); err != nil {
			return err
		}
		return u.audit("intake.decide", "patient", string(v.Patient), fmt.Sprintf("%s %s", part, c.Decided))
	})
	return out, err
}

// putRight changes a part of the card to the patient's words, in the clinic's language.
func (u *unit) putRight(id PatientID, part CardPart, text string) error {
	patient, err := u.patient(id)
	if err != nil {
		return err
	}
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	words := Text{clinic.Language(): text}
	if text == "" {
		words = nil
	}
	switch part {
	case CardBirthDate:
		patient.BirthDate = text
	case CardAllergies:
		patient.Allergies = words
	case CardMedicines:
		patient.Medicines = words
	}
	if _, err := u.t.patients.Put(u, u.scope, &patient, patient.Rev); err != nil {
		return err
	}
	u.tell("patient", string(id), patient.Rev, "patient:"+string(id), "practitioner:"+string(u.who.Practitioner))
	return nil
}

// has reports whether a file is one of the intake's.
func (v *Intake) has(file DocumentID) bool { return slices.Contains(v.Files, file) }
