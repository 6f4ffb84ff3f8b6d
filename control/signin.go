package control

import (
	"context"
	"strings"
	"time"

	"consilium/control/auth"
	"consilium/control/notify"
	"consilium/internal/id"
)

// SignIns is about proving who one is, step by step: a login, a first factor, who it is if
// several people share the login, a second factor where one is asked for. What a caller
// learns before the first factor is the same for people who exist and people who do not.
type SignIns struct{ *core }

// hashWait is how long a sign-in waits for its turn at hashing: then it is better to say
// so than to let the wave grow.
const hashWait = 4 * time.Second

// Step is what a sign-in asks for next.
type Step struct {
	Proof   Proof // at the start only
	Expires time.Time
	At      StepKind
	People  []PersonChoice // at StepPerson
	Second  []SecondChoice // at StepSecond
	SentTo  string         // where the last code went, masked
	Resend  time.Time      // when another code can be asked for
	Done    *SignedIn      // at StepDone
}

// StepKind says where a sign-in stands.
type StepKind string

// The steps.
const (
	StepFirst  StepKind = "first"  // a password or a code
	StepPerson StepKind = "person" // which of those who share the login
	StepSecond StepKind = "second"
	StepDone   StepKind = "done"
)

// PersonChoice is one of the people behind a shared login.
type PersonChoice struct {
	ID   AccountID
	Name string
	Role Role
}

// SecondChoice is a second factor that the person has.
type SecondChoice struct {
	Factor  Factor
	Channel notify.Channel // of a code
	To      string         // masked
}

// Start begins a sign-in. The login is an email address or a telephone number; whether
// anybody has it is not told. bearer asks for a token at the end instead of a cookie.
func (s *SignIns) Start(ctx context.Context, clinic ClinicID, login string, bearer bool, c Caller) (Step, error) {
	var out Step
	channel, address, err := notify.ParseAddress(login)
	if err != nil {
		return out, invalid("/login", "an email address, or a telephone number with its country")
	}
	proof := Proof{Attempt: newToken(clinic), Browser: id.Secret()}
	a := attempt{
		ID: hashToken(proof.Attempt), Browser: hashToken(proof.Browser), Login: address, Channel: channel,
		Tries: attemptTries, Bearer: bearer,
	}
	var who tried
	err = s.view(ctx, System(clinic), func(u *unit) (err error) {
		if err := u.openForSignIn(); err != nil {
			return err
		}
		if a.People, err = u.peopleOf(address); err != nil {
			return err
		}
		a.Expires = u.now.Add(attemptLife)
		who, err = u.tried(&a, c)
		return err
	})
	if err != nil {
		return out, err
	}
	if err := s.limits.take(tryStart, who, c.Address, s.clock()); err != nil {
		return out, err
	}
	err = s.update(ctx, System(clinic), func(u *unit) error {
		_, err := u.t.attempts.Put(u, u.scope, &a, 0)
		return err
	})
	return Step{Proof: proof, Expires: a.Expires, At: StepFirst}, err
}

// openForSignIn refuses a clinic that is not there or has closed.
func (u *unit) openForSignIn() error {
	clinic, err := u.clinic()
	if err != nil {
		return err
	}
	return clinic.open()
}

// begin finds an attempt and spends a try at it.
func (s *SignIns) begin(ctx context.Context, p Proof, c Caller, kind tryKind) (attempt, error) {
	var a attempt
	clinic, ok := clinicOfToken(p.Attempt)
	if !ok {
		return a, overAttempt()
	}
	var who tried
	err := s.view(ctx, System(clinic), func(u *unit) (err error) {
		if a, err = u.attempt(p); err != nil {
			return err
		}
		who, err = u.tried(&a, c)
		return err
	})
	if err != nil {
		return a, err
	}
	return a, s.limits.take(kind, who, c.Address, s.clock())
}

// Password answers with a password, as the first factor or as the second after a code.
func (s *SignIns) Password(ctx context.Context, p Proof, password string, c Caller) (Step, error) {
	a, err := s.begin(ctx, p, c, tryPassword)
	if err != nil {
		return Step{}, err
	}
	clinic, _ := clinicOfToken(p.Attempt)
	var owner AccountID
	var hash string
	err = s.view(ctx, System(clinic), func(u *unit) error {
		owner, hash, err = u.passwordOf(&a)
		return err
	})
	if err != nil {
		return Step{}, err
	}
	fits, err := s.verify(ctx, hash, password)
	if err != nil {
		return Step{}, err
	}
	return s.answer(ctx, p, c, func(u *unit, a *attempt) error {
		if a.First == FactorPassword || a.First != "" && a.Account != owner {
			return overAttempt()
		}
		if _, now, err := u.passwordOf(a); err != nil || now != hash { // changed meanwhile
			fits = false
		}
		if !fits {
			a.Tries--
			return wrongFactor()
		}
		if a.First == "" {
			a.First, a.Account = FactorPassword, owner
		} else {
			a.Second = FactorPassword
		}
		return nil
	})
}

// passwordOf returns whose password an attempt is about, and its hash. Of people who share
// a login at most one has a password that works with it; so that there is one hash to
// check, as for a login that nobody has.
func (u *unit) passwordOf(a *attempt) (AccountID, string, error) {
	people := a.People
	if a.Account != "" {
		people = []AccountID{a.Account}
	}
	for _, id := range people {
		cred, err := u.credential(id)
		if err != nil {
			return "", "", err
		}
		if cred.Password != "" {
			return id, cred.Password, nil
		}
	}
	return "", "", nil
}

// verify checks a password, waiting a little for its turn.
func (s *SignIns) verify(ctx context.Context, hash, password string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, hashWait)
	defer cancel()
	fits, err := s.hasher.Verify(ctx, hash, password)
	return fits, busy(err)
}

// SendCode sends a code: to the login as the first factor, or over a channel of the
// account as the second.
func (s *SignIns) SendCode(ctx context.Context, p Proof, channel notify.Channel, c Caller) (Step, error) {
	a, err := s.begin(ctx, p, c, trySend)
	if err != nil {
		return Step{}, err
	}
	var out Step
	clinic, _ := clinicOfToken(p.Attempt)
	err = s.update(ctx, System(clinic), func(u *unit) error {
		if a, err = u.attempt(p); err != nil {
			return err
		}
		to, known, err := u.codeGoesTo(&a, channel)
		if err != nil {
			return err
		}
		if wait := a.Sent.Add(resendAfter).Sub(u.now); wait > 0 {
			return slowDown(wait)
		}
		made, code := auth.NewChallenge(a.ID, u.now)
		a.Code, a.Sent = &made, u.now
		if known {
			err = u.send(to, MsgCode, map[string]string{"code": code})
		} else {
			err = u.enqueue(Job{Kind: JobNothing}) // as much work as a message
		}
		if err != nil {
			return err
		}
		out = Step{Expires: a.Expires, At: StepFirst, SentTo: notify.Mask(to.Address), Resend: u.now.Add(resendAfter)}
		if a.First != "" {
			out.At = StepSecond
			if out.Second, err = u.secondsOf(&a); err != nil {
				return err
			}
		}
		_, err = u.t.attempts.Put(u, u.scope, &a, a.Rev)
		return err
	})
	return out, err
}

// codeGoesTo returns where an attempt's code is to be sent, and whether anybody is there.
func (u *unit) codeGoesTo(a *attempt, channel notify.Channel) (to Recipient, known bool, err error) {
	if a.First == "" {
		to = Recipient{Channel: a.Channel, Address: a.Login}
		if len(a.People) == 0 {
			return to, false, nil
		}
		account, err := u.account(a.People[0])
		to.Locale, to.Patient = account.Locale, account.Patient
		return to, true, err
	}
	choices, err := u.secondsOf(a)
	if err != nil {
		return to, false, err
	}
	account, err := u.account(a.Account)
	if err != nil {
		return to, false, err
	}
	for _, choice := range choices {
		if choice.Factor == FactorCode && choice.Channel == channel {
			to = Recipient{Channel: channel, Address: account.Email, Locale: account.Locale, Patient: account.Patient}
			if channel == notify.SMS {
				to.Address = account.Phone
			}
			return to, true, nil
		}
	}
	return to, false, invalid("/channel", "no code goes there in this sign-in")
}

// Code answers with a code that was sent.
func (s *SignIns) Code(ctx context.Context, p Proof, code string, c Caller) (Step, error) {
	if _, err := s.begin(ctx, p, c, tryCode); err != nil {
		return Step{}, err
	}
	return s.answer(ctx, p, c, func(u *unit, a *attempt) error {
		if a.Code == nil {
			return fail(CodeFactorWrong, "ask for a code first")
		}
		made := *a.Code
		err := made.Try(a.ID, code, u.now)
		a.Code = &made
		if err != nil {
			a.Tries--
			if made.Tries == 0 && a.Tries > 0 {
				return fail(CodeCodeOver, "this code was tried too often; ask for another")
			}
			return wrongFactor()
		}
		a.Code = nil
		if a.First == "" {
			a.First = FactorCode
		} else {
			a.Second = FactorCode
		}
		return nil
	})
}

// Choose says which of the people behind a shared login it is.
func (s *SignIns) Choose(ctx context.Context, p Proof, person AccountID, c Caller) (Step, error) {
	return s.answer(ctx, p, c, func(_ *unit, a *attempt) error {
		if a.First == "" || a.Account != "" {
			return overAttempt()
		}
		for _, id := range a.People {
			if id == person {
				a.Account = id
				return nil
			}
		}
		a.Tries--
		return notFound("person")
	})
}

// App answers with an authenticator's code.
func (s *SignIns) App(ctx context.Context, p Proof, code string, c Caller) (Step, error) {
	return s.second(ctx, p, c, FactorApp, func(u *unit, cred *Credential) bool {
		if cred.App == nil {
			return false
		}
		app := *cred.App
		fits := app.Use(code, u.now)
		cred.App = &app
		return fits
	})
}

// Recovery answers with one of the codes for the day when all else is lost.
func (s *SignIns) Recovery(ctx context.Context, p Proof, code string, c Caller) (Step, error) {
	return s.second(ctx, p, c, FactorRecovery, func(_ *unit, cred *Credential) bool {
		return cred.Recovery.Use(strings.TrimSpace(code))
	})
}

// second judges a second factor that a credential holds.
func (s *SignIns) second(ctx context.Context, p Proof, c Caller, factor Factor, fits func(*unit, *Credential) bool) (Step, error) {
	if _, err := s.begin(ctx, p, c, tryApp); err != nil {
		return Step{}, err
	}
	return s.answer(ctx, p, c, func(u *unit, a *attempt) error {
		if a.First == "" || a.Account == "" {
			return overAttempt()
		}
		cred, err := u.credential(a.Account)
		if err != nil {
			return err
		}
		if !fits(u, &cred) {
			a.Tries--
			return wrongFactor()
		}
		a.Second = factor
		return u.putCredential(&cred)
	})
}

// hashers is how many passwords are hashed at once: 19 MiB each.
const hashers = 4

// Clinic returns the clinic that a sign-in is for: the only open one, or the one named.
func (s *SignIns) Clinic(ctx context.Context, named ClinicID) (ClinicID, error) {
	open, err := (&Clinics{s.core}).Open(ctx)
	switch {
	case err != nil:
		return "", err
	case named != "":
		for _, v := range open {
			if v.ID == named {
				return named, nil
			}
		}
		return "", notFound("clinic")
	case len(open) != 1:
		return "", invalid("/clinicId", "there are several clinics: say which one")
	}
	return open[0].ID, nil
}
