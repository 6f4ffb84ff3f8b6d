package control

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of what a patient writes before a visit, in characters.
const (
	maxAnswer     = 500
	maxLongAnswer = 4000
	maxComplaint  = 2000
	maxCardWords  = 1000
)

// Answers are what a patient said, by question. A choice is answered by ids of options,
// yes or no by these words, a number with a point, a date as YYYY-MM-DD.
type Answers map[string][]string

// validate keeps what can be kept: answers to questions that were asked, of the right
// kind and size. What is not answered is left out. Whether all is there that must be, and
// numbers are within their bounds, is complete's to say: people are not done yet.
func (a Answers) validate(q *Questionnaire) (Answers, error) {
	out := Answers{}
	for id := range a {
		if !slices.ContainsFunc(q.Questions, func(q Question) bool { return q.ID == id }) {
			if len(id) > maxQuestion || !plainID(id) {
				id = ""
			}
			return nil, invalid("/answers/"+id, "there is no such question")
		}
	}
	for i := range q.Questions {
		question := &q.Questions[i]
		values := a[question.ID]
		if len(values) == 0 || len(values) == 1 && strings.TrimSpace(values[0]) == "" {
			continue
		}
		kept, err := question.read(values)
		if err != nil {
			return nil, err
		}
		out[question.ID] = kept
	}
	return out, nil
}

// read checks the form of one answer.
func (q *Question) read(values []string) ([]string, error) {
	at := "/answers/" + q.ID
	if q.Kind != AskSeveral && len(values) != 1 {
		return nil, invalid(at, "one answer")
	}
	switch value := values[0]; q.Kind {
	case AskYesNo:
		if value != "yes" && value != "no" {
			return nil, invalid(at, "yes or no")
		}
	case AskOne, AskSeveral:
		var chosen []string
		for _, o := range q.Options {
			if slices.Contains(values, o.ID) {
				chosen = append(chosen, o.ID)
			}
		}
		if len(chosen) != len(values) {
			return nil, invalid(at, "choose among the answers offered, each once")
		}
		return chosen, nil
	case AskNumber:
		if _, ok := number(value); !ok {
			return nil, invalid(at, "a number such as 36.6")
		}
	case AskDate:
		if !plausibleDate(value) {
			return nil, invalid(at, "a date as YYYY-MM-DD")
		}
	case AskText:
		return values, prose(at, value, maxAnswer)
	default:
		return values, prose(at, value, maxLongAnswer)
	}
	return values, nil
}

// complete names what is missing or out of bounds, as JSON pointers in the order of the
// questions.
func (a Answers) complete(q *Questionnaire) []string {
	var wrong []string
	for i := range q.Questions {
		question := &q.Questions[i]
		values := a[question.ID]
		if len(values) == 0 && question.Required || len(values) > 0 && !question.within(values[0]) {
			wrong = append(wrong, "/answers/"+question.ID)
		}
	}
	return wrong
}

// within reports whether an answer of the right form is within the question's bounds.
func (q *Question) within(value string) bool {
	if q.Kind != AskNumber {
		return true
	}
	n, ok := number(value)
	return ok && (q.Min == nil || n >= *q.Min) && (q.Max == nil || n <= *q.Max)
}

func number(s string) (float64, bool) {
	if len(s) > 20 || strings.Trim(s, "0123456789.-") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil && !math.IsInf(n, 0) && !math.IsNaN(n)
}

func plausibleDate(s string) bool {
	t, err := time.Parse(time.DateOnly, s)
	return err == nil && t.Year() >= 1900 && t.Year() < 2200
}

// prose checks text of one or more lines.
func prose(field, s string, most int) error {
	switch {
	case utf8.RuneCountInString(s) > most:
		return invalid(field, "at most %d characters", most)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return r != '\n' && r != '\t' && isControl(r) }):
		return invalid(field, "no control characters")
	}
	return nil
}
