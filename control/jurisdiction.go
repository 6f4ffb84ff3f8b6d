package control

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Jurisdiction is what the law of a clinic's country asks of it, as data: a clinic has
// a copy, which the operator replaces when the law changes.
type Jurisdiction struct {
	ID       string                   `json:"id"`
	Name     Text                     `json:"name"`
	Note     Text                     `json:"note,omitempty"` // on which law it rests
	Kinds    map[ServiceKind]KindRule `json:"kinds"`
	Consents []ConsentNeed            `json:"consents"`
	// RetentionYears is how long records are kept after the last visit.
	RetentionYears int    `json:"retentionYears"`
	Emergency      string `json:"emergency"` // the telephone number that people call when life is in danger
}

// ServiceKind is what a service is to the law.
type ServiceKind string

// The kinds of service.
const (
	KindConsultation    ServiceKind = "consultation" // complaints, advice, whether to come in person
	KindFollowUp        ServiceKind = "follow_up"    // how a treatment goes
	KindSecondOpinion   ServiceKind = "second_opinion"
	KindTreatmentChange ServiceKind = "treatment_change"
	KindFirstDiagnosis  ServiceKind = "first_diagnosis"
)

// ServiceKinds lists the kinds, the most common first.
func ServiceKinds() []ServiceKind {
	return []ServiceKind{KindConsultation, KindFollowUp, KindSecondOpinion, KindTreatmentChange, KindFirstDiagnosis}
}

// Allowance says whether a kind of service may be given remotely.
type Allowance string

// The allowances.
const (
	AllowYes        Allowance = "yes"
	AllowAfterVisit Allowance = "after_visit" // only after a visit in person, which the booking names
	AllowNo         Allowance = "no"
)

// KindRule is what holds for a kind of service, and why.
type KindRule struct {
	Allow  Allowance `json:"allow"`
	Reason Text      `json:"reason,omitempty"`
}

// ConsentNeed is a consent that patients give before a service.
type ConsentNeed struct {
	ID       string        `json:"id"`
	Version  string        `json:"version"` // a consent given to another version is not current
	Required bool          `json:"required"`
	Title    Text          `json:"title"`
	Text     Text          `json:"text"`
	Kinds    []ServiceKind `json:"kinds,omitempty"` // empty for every kind
}

// InPersonRef names the visit in person that a remote service builds on.
type InPersonRef struct {
	Date  string // YYYY-MM-DD
	Place string // the clinic or doctor, in words
}

//go:embed jurisdictions
var jurisdictionFiles embed.FS

// Jurisdictions lists the ids of the jurisdictions that come with the program.
func Jurisdictions() []string {
	var out []string
	entries, err := jurisdictionFiles.ReadDir("jurisdictions")
	if err != nil { // they are in the program
		return nil
	}
	for _, e := range entries {
		out = append(out, strings.TrimSuffix(e.Name(), ".json"))
	}
	return out
}

// BuiltinJurisdiction returns a jurisdiction that comes with the program.
func BuiltinJurisdiction(id string) (Jurisdiction, error) {
	if !slices.Contains(Jurisdictions(), id) {
		return Jurisdiction{}, invalid("/jurisdiction", "no such jurisdiction; there are %s", strings.Join(Jurisdictions(), ", "))
	}
	text, err := jurisdictionFiles.ReadFile(path.Join("jurisdictions", id+".json"))
	if err != nil {
		return Jurisdiction{}, fmt.Errorf("read the jurisdiction: %w", err)
	}
	return ParseJurisdiction(text)
}

// ParseJurisdiction reads a jurisdiction that an operator wrote.
func ParseJurisdiction(text []byte) (Jurisdiction, error) {
	var p Jurisdiction
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, &Error{Code: CodeInvalid, Field: "/jurisdiction", Message: "the jurisdiction is no JSON of the right form: " + err.Error()}
	}
	return p, p.validate()
}

func (p *Jurisdiction) validate() error {
	switch {
	case p.ID == "" || len(p.Name) == 0:
		return invalid("/jurisdiction", "a jurisdiction has an id and a name")
	case p.Emergency == "":
		return invalid("/jurisdiction/emergency", "say which number people call when life is in danger")
	case p.RetentionYears < 1 || p.RetentionYears > 100:
		return invalid("/jurisdiction/retentionYears", "1 to 100")
	}
	for kind, rule := range p.Kinds {
		if !slices.Contains(ServiceKinds(), kind) {
			return invalid("/jurisdiction/kinds", "there is no kind of service %q", string(kind))
		}
		if !slices.Contains([]Allowance{AllowYes, AllowAfterVisit, AllowNo}, rule.Allow) {
			return invalid("/jurisdiction/kinds/"+string(kind), "yes, after_visit or no")
		}
	}
	seen := map[string]bool{}
	for i, c := range p.Consents {
		if c.ID == "" || c.Version == "" || len(c.Title) == 0 || len(c.Text) == 0 || seen[c.ID] {
			return invalid(fmt.Sprintf("/jurisdiction/consents/%d", i), "a consent has an id of its own, a version, a title and a text")
		}
		seen[c.ID] = true
	}
	return nil
}

// Rule returns what holds for a kind of service. A clinic without a jurisdiction, and a
// kind that a jurisdiction does not name, are not restricted.
func (p *Jurisdiction) Rule(kind ServiceKind) KindRule {
	if rule, ok := p.Kinds[kind]; ok {
		return rule
	}
	return KindRule{Allow: AllowYes}
}

// ConsentsFor lists the consents that a service needs.
func (p *Jurisdiction) ConsentsFor(kind ServiceKind) []ConsentNeed {
	out := []ConsentNeed{}
	for _, c := range p.Consents {
		if len(c.Kinds) == 0 || slices.Contains(c.Kinds, kind) {
			out = append(out, c)
		}
	}
	return out
}

// permit refuses a service that the jurisdiction does not allow, with the reason.
func (p *Jurisdiction) permit(s *Service, ref *InPersonRef, locale, fallback string) error {
	rule := p.Rule(s.LawKind())
	reason := rule.Reason.In(locale, fallback)
	switch {
	case rule.Allow == AllowNo:
		if reason == "" {
			reason = "this service may not be given remotely"
		}
		return fail(CodeServiceForbidden, "%s", reason)
	case rule.Allow == AllowAfterVisit && ref == nil:
		if reason == "" {
			reason = "name the visit in person that this service builds on"
		}
		return &Error{Code: CodeInPersonRequired, Message: reason, Field: "/inPerson"}
	}
	return nil
}

// validate checks what was typed about the visit in person.
func (r *InPersonRef) validate(now time.Time) error {
	if r == nil {
		return nil
	}
	day, err := time.Parse(time.DateOnly, r.Date)
	if err != nil {
		return invalid("/inPerson/date", "want YYYY-MM-DD")
	}
	if day.After(now.Add(24 * time.Hour)) { // the farthest zone's today
		return invalid("/inPerson/date", "the visit in person comes first")
	}
	if day.Before(now.AddDate(-5, 0, 0)) {
		return invalid("/inPerson/date", "at most five years ago")
	}
	r.Place = strings.TrimSpace(r.Place)
	if r.Place == "" || utf8.RuneCountInString(r.Place) > 200 || strings.ContainsFunc(r.Place, isControl) {
		return invalid("/inPerson/place", "1 to 200 characters")
	}
	return nil
}
