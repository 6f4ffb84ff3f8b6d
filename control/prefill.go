package control

import (
	"fmt"
	"strings"

	"consilium/store"
)

// prefill makes the draft that a conclusion begins with, from what is known: the
// patient's words at booking and in the chat, the card, the last visits.
func (u *unit) prefill(a *Appointment) (Composition, error) {
	out := Composition{Encounter: a.Encounter, Patient: a.Patient, Status: CompositionDraft, Prefilled: []string{}}
	clinic, err := u.clinic()
	if err != nil {
		return out, err
	}
	w := phrasesFor(clinic.Language())
	if out.Sections.Complaint, err = u.complaint(a, w); err != nil {
		return out, err
	}
	if out.Sections.Anamnesis, err = u.anamnesis(a, w, &clinic); err != nil {
		return out, err
	}
	if out.Sections.Findings, err = u.filesSent(a, w); err != nil {
		return out, err
	}
	for _, name := range sectionNames() {
		if *out.Sections.field(name) != "" {
			out.Prefilled = append(out.Prefilled, name)
		}
	}
	return out, nil
}

// draft is part of finishing: the draft is there when the doctor opens it. What
// the doctor wrote during the talk stays; sections still empty are filled.
func (u *unit) draft(a *Appointment) error {
	fresh, err := u.prefill(a)
	if err != nil {
		return err
	}
	known, err := u.composition(a.Encounter)
	if err != nil {
		return err
	}
	if known != nil {
		for _, name := range fresh.Prefilled {
			if *known.Sections.field(name) == "" {
				*known.Sections.field(name) = *fresh.Sections.field(name)
				known.Prefilled = append(known.Prefilled, name)
			}
		}
		fresh = *known
	}
	if _, err := u.t.compositions.Put(u, u.scope, &fresh, fresh.Rev); err != nil {
		return err
	}
	u.tell("composition", string(a.Encounter), fresh.Rev, "practitioner:"+string(a.Practitioner))
	return nil
}

// complaint is what the patient wrote: before the visit, then in the chat.
func (u *unit) complaint(a *Appointment, w phrases) (string, error) {
	var lines []string
	before, err := u.complaintOf(a)
	if err != nil {
		return "", err
	}
	if before != "" {
		lines = append(lines, before)
	}
	k := store.Text(string(a.Encounter))
	var said []string
	size := 0
	for m, err := range u.t.messages.Range(u, u.scope, u.t.bySeq, k, k.End()) {
		if err != nil {
			return "", err
		}
		if m.SenderRole == string(RolePatient) && m.Text != "" && size < 2000 {
			said = append(said, "— "+m.Text)
			size += len(m.Text)
		}
	}
	if len(said) > 0 {
		lines = append(lines, w.chat)
		lines = append(lines, said...)
	}
	return strings.Join(lines, "\n"), nil
}

// anamnesis is what the card knows.
func (u *unit) anamnesis(a *Appointment, w phrases, clinic *Clinic) (string, error) {
	patient, err := u.patient(a.Patient)
	if err != nil {
		return "", err
	}
	var lines []string
	if s := patient.Allergies.In(clinic.Language(), ""); s != "" {
		lines = append(lines, w.allergies+" "+s)
	}
	if s := patient.Conditions.In(clinic.Language(), ""); s != "" {
		lines = append(lines, w.conditions+" "+s)
	}
	if s := patient.Medicines.In(clinic.Language(), ""); s != "" {
		lines = append(lines, w.medicines+" "+s)
	}
	loc, err := clinic.Location()
	if err != nil {
		return "", err
	}
	k := store.Text(string(a.Patient))
	before := 0
	for past, err := range u.t.appointments.RangeBack(u, u.scope, u.t.byPatient, k, k.Time(a.Start)) {
		if err != nil {
			return "", err
		}
		if past.Status != Completed && past.Status != Amended {
			continue
		}
		note, err := u.composition(past.Encounter)
		if err != nil {
			return "", err
		}
		if note != nil && note.Status == CompositionFinal {
			lines = append(lines, fmt.Sprintf("%s %s: %s", w.before, past.Start.In(loc).Format("02.01.2006"), note.Sections.diagnosis()))
			before++
		}
		if before == 3 {
			break
		}
	}
	return strings.Join(lines, "\n"), nil
}

// filesSent lists the files sent before the visit and in its chat: the doctor has
// looked at them.
func (u *unit) filesSent(a *Appointment, w phrases) (string, error) {
	intake, err := u.intake(a)
	if err != nil {
		return "", err
	}
	k := store.Text(string(a.Patient))
	var names []string
	for d, err := range u.t.documents.Range(u, u.scope, u.t.docsByPatient, k, k.End()) {
		if err != nil {
			return "", err
		}
		if d.Encounter == a.Encounter && d.Kind == DocChatFile || intake.has(d.ID) {
			names = append(names, d.Title)
		}
	}
	if len(names) == 0 {
		return "", nil
	}
	return w.files + " " + strings.Join(names, ", ") + ".", nil
}

// phrases are the few words of a draft, in the clinic's language.
type phrases struct{ chat, allergies, conditions, medicines, before, files, conclusion string }

func phrasesFor(language string) phrases {
	if language == "ru" {
		return phrases{
			chat: "Из переписки во время консультации:", allergies: "Аллергии:", conditions: "Хронические заболевания:",
			medicines: "Постоянно принимает:",
			before:    "Консультация", files: "Изучены присланные файлы:", conclusion: "Заключение",
		}
	}
	return phrases{
		chat: "From the chat during the consultation:", allergies: "Allergies:", conditions: "Chronic conditions:",
		medicines: "Regular medicines:",
		before:    "Consultation of", files: "Files sent and reviewed:", conclusion: "Conclusion",
	}
}
