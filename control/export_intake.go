package control

import (
	"time"

	"consilium/store"
)

// exportIntake is what the patient told before one visit.
type exportIntake struct {
	Visit       time.Time           `json:"visit"`
	Saved       time.Time           `json:"saved"`
	Complaint   string              `json:"complaint,omitempty"`
	Answers     []exportAnswer      `json:"answers,omitempty"`
	Corrections map[CardPart]string `json:"cardCorrections,omitempty"`
}

type exportAnswer struct {
	Question string   `json:"question"`
	Answer   []string `json:"answer"`
}

// intakes adds what the patient told before visits, with the questions as they were asked.
func (x *Export) intakes(u *unit) error {
	k := store.Text(string(x.who.Patient))
	for a, err := range u.t.appointments.RangeBack(u, u.scope, u.t.byPatient, k, k.End()) {
		if err != nil {
			return err
		}
		v, err := u.intake(&a)
		if err != nil {
			return err
		}
		if v.Rev == 0 || a.Successor != "" { // told nothing, or told of where it moved to
			continue
		}
		asked, err := u.questionnaireAt(a.Service, v.Version)
		if err != nil {
			return err
		}
		out := exportIntake{Visit: a.Start, Saved: v.Saved, Complaint: v.Complaint, Corrections: map[CardPart]string{}}
		for i := range asked.Questions {
			q := &asked.Questions[i]
			if values, ok := v.Answers[q.ID]; ok {
				out.Answers = append(out.Answers, exportAnswer{q.Label.In(x.who.Locale, ""), q.spoken(values, x.who.Locale)})
			}
		}
		for part, c := range v.Corrections {
			out.Corrections[part] = c.Text
		}
		x.card.Told = append(x.card.Told, out)
	}
	return nil
}

// spoken returns an answer with the words of the options instead of their ids.
func (q *Question) spoken(values []string, locale string) []string {
	if len(q.Options) == 0 {
		return values
	}
	var out []string
	for _, o := range q.Options {
		for _, id := range values {
			if id == o.ID {
				out = append(out, o.Label.In(locale, ""))
			}
		}
	}
	return out
}
