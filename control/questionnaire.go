package control

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"consilium/store"
)

// QuestionKind says how a question is answered.
type QuestionKind string

// The kinds of question.
const (
	AskText     QuestionKind = "text" // one line
	AskLongText QuestionKind = "long_text"
	AskYesNo    QuestionKind = "yes_no"
	AskOne      QuestionKind = "one_of"
	AskSeveral  QuestionKind = "several_of"
	AskNumber   QuestionKind = "number" // with a unit
	AskDate     QuestionKind = "date"
)

// QuestionKinds lists the kinds.
func QuestionKinds() []QuestionKind {
	return []QuestionKind{AskText, AskLongText, AskYesNo, AskOne, AskSeveral, AskNumber, AskDate}
}

// Question is one question of a questionnaire.
type Question struct {
	ID       string // unique in its questionnaire; stays when the words change
	Kind     QuestionKind
	Label    Text
	Help     Text
	Required bool
	Options  []Option // one_of, several_of
	Unit     Text     // number
	Min, Max *float64 // number; nil for no bound
}

// Option is one of the answers to choose from.
type Option struct {
	ID    string
	Label Text
}

// Questionnaire is what patients are asked before a visit of one service. What was
// published stays under its version, for those who have answered it.
type Questionnaire struct {
	store.Revised
	Service   ServiceID
	Version   int // 0 for none yet
	Questions []Question
	By        AccountID
	At        time.Time
}

func questionnaireID(service ServiceID, version int) string {
	return fmt.Sprintf("%s/%06d", service, version)
}

// Bounds of a questionnaire: a person fills it in on a phone.
const (
	maxQuestions = 40
	maxLabel     = 300
	maxHelp      = 500
	minOptions   = 2
	maxOptions   = 30
	maxOption    = 120
	maxUnit      = 20
	maxQuestion  = 32 // characters of an id
)

// Questionnaires is about what patients are asked before a visit.
type Questionnaires struct{ *core }

// Get returns a service's questionnaire; one of version 0 without questions when the
// clinic has made none.
func (s *Questionnaires) Get(ctx context.Context, who Actor, service ServiceID) (Questionnaire, error) {
	var out Questionnaire
	if err := s.authorize(who, OpReadQuestionnaire); err != nil {
		return out, err
	}
	err := s.view(ctx, who, func(u *unit) error {
		if _, err := u.service(service); err != nil {
			return err
		}
		var err error
		out, err = u.questionnaire(service)
		return err
	})
	return out, err
}

// Set publishes a new version. version is the revision of the one that was edited, 0
// when there was none. The same questions again are no new version.
func (s *Questionnaires) Set(ctx context.Context, who Actor, service ServiceID, questions []Question, version uint64) (Questionnaire, error) {
	var out Questionnaire
	if err := s.authorize(who, OpSetQuestionnaire); err != nil {
		return out, err
	}
	questions = tidyQuestions(questions)
	err := s.update(ctx, who, func(u *unit) error {
		clinic, err := u.clinic()
		if err != nil {
			return err
		}
		if _, err := u.service(service); err != nil {
			return err
		}
		if err := validateQuestions(questions, clinic.Languages); err != nil {
			return err
		}
		v, err := u.questionnaire(service)
		if err != nil {
			return err
		}
		if v.Rev != version {
			return fail(CodeVersionStale, "the questionnaire was changed elsewhere meanwhile; load it again")
		}
		if out = v; reflect.DeepEqual(v.Questions, questions) {
			return nil
		}
		v.Version, v.Questions, v.By, v.At = v.Version+1, questions, who.Account, u.now
		kept := v
		if _, err := u.t.asked.Put(u, u.scope, &kept, 0); err != nil {
			return err
		}
		if _, err := u.t.questionnaires.Put(u, u.scope, &v, version); err != nil {
			return err
		}
		out = v
		u.tell("questionnaire", string(service), v.Rev, "clinic:"+u.scope)
		return u.audit("questionnaire.set", "service", string(service), fmt.Sprintf("version %d", v.Version))
	})
	return out, err
}

// questionnaire loads what patients of a service are asked now.
func (u *unit) questionnaire(service ServiceID) (Questionnaire, error) {
	v, _, err := u.t.questionnaires.Get(u, u.scope, string(service))
	if errors.Is(err, store.ErrNotFound) {
		return Questionnaire{Service: service}, nil
	}
	return v, err
}

// questionnaireAt loads what was asked in a version.
func (u *unit) questionnaireAt(service ServiceID, version int) (Questionnaire, error) {
	if version == 0 {
		return Questionnaire{Service: service}, nil
	}
	v, _, err := u.t.asked.Get(u, u.scope, questionnaireID(service, version))
	return v, missing(err, "questionnaire")
}

// tidyQuestions leaves out the languages in which nothing was written, so that readers of
// those get the words of another.
func tidyQuestions(all []Question) []Question {
	out := slices.Clone(all)
	for i := range out {
		q := &out[i]
		q.Label, q.Help, q.Unit, q.Options = q.Label.written(), q.Help.written(), q.Unit.written(), slices.Clone(q.Options)
		for j := range q.Options {
			q.Options[j].Label = q.Options[j].Label.written()
		}
	}
	return out
}

// written returns the text without the languages in which it is empty; nil for none.
func (t Text) written() Text {
	var out Text
	for l, s := range t {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		if out == nil {
			out = Text{}
		}
		out[l] = s
	}
	return out
}

// validateQuestions names the first field that can't be kept.
func validateQuestions(all []Question, languages []string) error {
	if len(all) > maxQuestions {
		return invalid("/questions", "at most %d questions", maxQuestions)
	}
	seen := map[string]bool{}
	for i := range all {
		q, at := &all[i], fmt.Sprintf("/questions/%d", i)
		if !plainID(q.ID) || seen[q.ID] {
			return invalid(at+"/id", "1 to %d letters, digits and hyphens, each question its own", maxQuestion)
		}
		seen[q.ID] = true
		if err := q.validate(at, languages); err != nil {
			return err
		}
	}
	return nil
}

func (q *Question) validate(at string, languages []string) error {
	if !slices.Contains(QuestionKinds(), q.Kind) {
		return invalid(at+"/kind", "no such kind of question")
	}
	if err := q.Label.validate(at+"/label", languages, maxLabel, true); err != nil {
		return err
	}
	if err := q.Help.validate(at+"/help", languages, maxHelp, false); err != nil {
		return err
	}
	choice, number := q.Kind == AskOne || q.Kind == AskSeveral, q.Kind == AskNumber
	switch {
	case choice && (len(q.Options) < minOptions || len(q.Options) > maxOptions):
		return invalid(at+"/options", "%d to %d answers to choose from", minOptions, maxOptions)
	case !choice && len(q.Options) > 0:
		return invalid(at+"/options", "this kind of question has no answers to choose from")
	case !number && (len(q.Unit) > 0 || q.Min != nil || q.Max != nil):
		return invalid(at+"/unit", "only numbers have a unit and bounds")
	}
	seen := map[string]bool{}
	for i, o := range q.Options {
		to := fmt.Sprintf("%s/options/%d", at, i)
		if !plainID(o.ID) || seen[o.ID] {
			return invalid(to+"/id", "1 to %d letters, digits and hyphens, each answer its own", maxQuestion)
		}
		seen[o.ID] = true
		if err := o.Label.validate(to+"/label", languages, maxOption, true); err != nil {
			return err
		}
	}
	for _, bound := range []*float64{q.Min, q.Max} {
		if bound != nil && (math.IsNaN(*bound) || math.Abs(*bound) > 1e9) {
			return invalid(at+"/min", "between minus and plus a thousand million")
		}
	}
	if q.Min != nil && q.Max != nil && *q.Min > *q.Max {
		return invalid(at+"/max", "must not be less than the least")
	}
	return q.Unit.validate(at+"/unit", languages, maxUnit, false)
}

func plainID(s string) bool {
	if s == "" || len(s) > maxQuestion {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return true
}
