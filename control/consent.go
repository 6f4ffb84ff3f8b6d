package control

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"consilium/internal/id"
	"consilium/store"
)

// Consent is one answer of a patient to one version. Answers are only added:
// taking one back is another answer.
type Consent struct {
	store.Revised
	ID         string
	Patient    PatientID
	N          int    // counts the patient's answers
	Need       string // id of the jurisdiction's consent
	Version    string
	Locale     string // language that it was read in
	TextSHA256 string
	Given      bool // false: taken back
	At         time.Time
	By         AccountID
	Salt       string
	Address    string // salted hash of the network address that it came from
}

// ConsentAnswer is what a patient says to one text that they were shown.
type ConsentAnswer struct {
	ID      string
	Version string
	Given   bool
}

// ConsentState is what the clinic asks for now, and what the patient said.
type ConsentState struct {
	Need    ConsentNeed
	Given   bool   // this very version
	Before  string // the version that was agreed to last and not taken back
	At      time.Time
	History []Consent // oldest first
}

// Consents is about what patients agree to.
type Consents struct{ *core }

// Mine returns what the clinic asks the patient to agree to, with their answers.
func (s *Consents) Mine(ctx context.Context, who Actor) ([]ConsentState, error) {
	if err := s.authorize(who, OpReadConsents); err != nil {
		return nil, err
	}
	var out []ConsentState
	err := s.view(ctx, who, func(u *unit) (err error) {
		out, err = u.consentsOf(who.Patient)
		return err
	})
	return out, err
}

// Answer records what the patient says to the texts shown. from is the network
// address of the request. A version that is not the clinic's newest is refused:
// nobody agrees to what they were not shown.
func (s *Consents) Answer(ctx context.Context, who Actor, answers []ConsentAnswer, from string) ([]ConsentState, error) {
	if err := s.authorize(who, OpAnswerConsents); err != nil {
		return nil, err
	}
	var out []ConsentState
	err := s.update(ctx, who, func(u *unit) error {
		if err := u.answerConsents(who.Patient, who.Account, who.Locale, answers, from); err != nil {
			return err
		}
		var err error
		out, err = u.consentsOf(who.Patient)
		return err
	})
	return out, err
}

// answerConsents adds a patient's answers.
func (u *unit) answerConsents(patient PatientID, by AccountID, locale string, answers []ConsentAnswer, from string) error {
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	n := 0
	k := store.Text(string(patient))
	for v, err := range u.t.consents.Range(u, u.scope, u.t.consentsByPatient, k, k.End()) {
		if err != nil {
			return err
		}
		n = v.N
	}
	for _, a := range answers {
		n++
		i := slices.IndexFunc(clinic.Jurisdiction.Consents, func(n ConsentNeed) bool { return n.ID == a.ID })
		if i < 0 {
			return notFound("consent")
		}
		need := clinic.Jurisdiction.Consents[i]
		if a.Version != need.Version {
			return fail(CodeConsentNeeded, "the text has changed meanwhile; read the new one")
		}
		salt := make([]byte, 16)
		rand.Read(salt) // never fails
		v := Consent{
			ID: id.New(), Patient: patient, N: n, Need: a.ID, Version: a.Version, Locale: locale,
			TextSHA256: need.digest(locale, clinic.Language()), Given: a.Given, At: u.now, By: by,
			Salt: hex.EncodeToString(salt), Address: addressHash(salt, from),
		}
		if _, err := u.t.consents.Put(u, u.scope, &v, 0); err != nil {
			return err
		}
		if err := u.keepWording(&need, locale, clinic.Language()); err != nil {
			return err
		}
		action := "consent.give"
		if !a.Given {
			action = "consent.withdraw"
		}
		if err := u.record(AuditEvent{Actor: by, Role: RolePatient, Action: action, Kind: "patient", Object: string(patient), Note: need.ID + " " + need.Version}); err != nil {
			return err
		}
	}
	u.tell("patient", string(patient), 0, "patient:"+string(patient))
	return u.issueConsents(patient)
}

// addressHash keeps enough of a network address to confirm it, and not the address.
func addressHash(salt []byte, from string) string {
	sum := sha256.Sum256(append(slices.Clone(salt), from...))
	return hex.EncodeToString(sum[:])
}

// digest names the wording that somebody read, in their language.
func (n *ConsentNeed) digest(locale, fallback string) string {
	sum := sha256.Sum256([]byte(n.Title.In(locale, fallback) + "\n" + n.Text.In(locale, fallback)))
	return hex.EncodeToString(sum[:])
}

// consentsOf returns the clinic's texts with a patient's answers.
func (u *unit) consentsOf(patient PatientID) ([]ConsentState, error) {
	clinic, err := u.clinic()
	if err != nil {
		return nil, err
	}
	out := make([]ConsentState, len(clinic.Jurisdiction.Consents))
	for i, need := range clinic.Jurisdiction.Consents {
		out[i].Need = need
	}
	k := store.Text(string(patient))
	for v, err := range u.t.consents.Range(u, u.scope, u.t.consentsByPatient, k, k.End()) {
		if err != nil {
			return nil, err
		}
		for i := range out {
			s := &out[i]
			if s.Need.ID != v.Need {
				continue
			}
			s.History = append(s.History, v)
			s.At, s.Before = v.At, ""
			if v.Given {
				s.Before = v.Version
			}
			s.Given = v.Given && v.Version == s.Need.Version
		}
	}
	return out, nil
}

// consented is the guard of a patient's coming: what the clinic asks for now was
// agreed to, in its present wording.
func (u *unit) consented(a *Appointment, _ *input) error {
	if u.who.Role != RolePatient {
		return nil
	}
	needs, err := u.missingConsents(a)
	if err != nil {
		return err
	}
	if len(needs) > 0 {
		titles := make([]string, len(needs))
		for i, need := range needs {
			titles[i] = need.Title.In(u.who.Locale, "")
		}
		return fail(CodeConsentNeeded, "read and agree to these documents of the clinic first: %s", strings.Join(titles, "; "))
	}
	return nil
}

// firstAgreed is the guard of a patient's first coming to a visit in writing, which the
// doctor may begin alone. Who comes back is not asked again.
func (u *unit) firstAgreed(a *Appointment, in *input) error {
	if u.who.Role != RolePatient || a.Modality != ModalityChat {
		return nil
	}
	e, err := u.encounter(a.Encounter)
	if err != nil {
		return err
	}
	if p := e.participant(u.who.Account); p != nil && !p.Joined.IsZero() {
		return nil
	}
	return u.consented(a, in)
}

// missingConsents lists what the patient has yet to agree to before the visit.
func (u *unit) missingConsents(a *Appointment) ([]ConsentNeed, error) {
	service, err := u.service(a.Service)
	if err != nil {
		return nil, err
	}
	states, err := u.consentsOf(a.Patient)
	if err != nil {
		return nil, err
	}
	var out []ConsentNeed
	for _, s := range states {
		if s.Need.Required && !s.Given && s.Need.concerns(service.LawKind()) {
			out = append(out, s.Need)
		}
	}
	return out, nil
}

// concerns reports whether the consent is needed for a kind of service.
func (n *ConsentNeed) concerns(kind ServiceKind) bool {
	return len(n.Kinds) == 0 || slices.Contains(n.Kinds, kind)
}

// agreeToAll is how the demo's patients come to have agreed.
func (u *unit) agreeToAll(p *Patient) error {
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	var answers []ConsentAnswer
	for _, n := range clinic.Jurisdiction.Consents {
		answers = append(answers, ConsentAnswer{n.ID, n.Version, true})
	}
	return u.answerConsents(p.ID, p.Account, "ru", answers, "")
}
