package control

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"consilium/control/notify"
	"consilium/control/passkey/passkeytest"
	"consilium/store"
)

const (
	doctorMail   = "doctor@clinic.example"
	doctorPhone  = "+79001112233"
	patientPhone = "+79000000178"
	goodPassword = "зелёный чайник поёт"
)

// newSignInWorld is a world in which the doctor and the patient can sign in.
func newSignInWorld(t testing.TB) *world {
	t.Helper()
	w := newWorld(t)
	w.reach(t, "doctor", doctorMail, doctorPhone)
	w.reach(t, "patient", "", patientPhone)
	w.password(t, "doctor", goodPassword)
	return w
}

func (w *world) clinic() ClinicID { return w.demo.clinic.ID }

// reach gives a person an address and a number.
func (w *world) reach(t testing.TB, key, email, phone string) {
	t.Helper()
	w.change(t, key, func(a *Account) { a.Email, a.Phone = email, phone })
}

func (w *world) change(t testing.TB, key string, fn func(*Account)) {
	t.Helper()
	must(t, w.update(context.Background(), System(w.clinic()), func(u *unit) error {
		a, err := u.account(w.actor(key).Account)
		if err != nil {
			return err
		}
		fn(&a)
		_, err = u.t.accounts.Put(u, u.scope, &a, a.Rev)
		return err
	}))
}

func (w *world) password(t testing.TB, key, password string) {
	t.Helper()
	hash, err := w.hasher.Hash(context.Background(), password)
	must(t, err)
	must(t, w.update(context.Background(), System(w.clinic()), func(u *unit) error { return u.setPassword(w.actor(key).Account, hash) }))
}

// fresh is the actor of a person who has just signed in in full.
func (w *world) fresh(t testing.TB, key string) Actor {
	t.Helper()
	in, err := w.Sessions.SignIn(context.Background(), LinkDemo, w.link(t.(*testing.T), LinkDemo, key, w.clock.Now().Add(time.Hour)))
	must(t, err)
	return in.Actor
}

// withApp gives a person an authenticator and returns what shows its code.
func (w *world) withApp(t testing.TB, key string) func() string {
	t.Helper()
	who := w.fresh(t, key)
	app, err := w.Security.StartApp(context.Background(), who)
	must(t, err)
	show := func() string { return totpAt(t, app.Secret, w.clock.Now()) }
	must(t, w.Security.ConfirmApp(context.Background(), who, show()))
	w.clock.Advance(time.Minute) // a code works once
	return show
}

func totpAt(t testing.TB, secret string, at time.Time) string {
	t.Helper()
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	must(t, err)
	mac := hmac.New(sha1.New, raw)
	var counter [8]byte
	binary.BigEndian.PutUint64(counter[:], uint64(at.Unix()/30))
	mac.Write(counter[:])
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	return fmt.Sprintf("%06d", binary.BigEndian.Uint32(sum[offset:])&0x7fffffff%1_000_000)
}

// withPasskey gives a person a passkey.
func (w *world) withPasskey(t testing.TB, key string) *passkeytest.Device {
	t.Helper()
	ctx := context.Background()
	who := w.fresh(t, key)
	options, err := w.Security.StartPasskey(ctx, who)
	must(t, err)
	device := passkeytest.New("http://localhost:8080", "localhost")
	made, err := device.Create(options)
	must(t, err)
	_, err = w.Security.AddPasskey(ctx, who, "Ноутбук", made)
	must(t, err)
	return device
}

// visitor is somebody at a browser who signs in.
type visitor struct {
	*world
	t      testing.TB
	caller Caller
	step   Step
	proof  Proof
}

func (w *world) visitor(t testing.TB) *visitor {
	return &visitor{world: w, t: t, caller: Caller{Address: "192.0.2.1", Agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/148.0 Safari/537.36"}}
}

// start begins a sign-in; the visitor's steps then follow each other.
func (v *visitor) start(login string) *visitor {
	v.t.Helper()
	step, err := v.SignIns.Start(context.Background(), v.clinic(), login, false, v.caller)
	must(v.t, err)
	v.step, v.proof = step, step.Proof
	return v
}

func (v *visitor) took(step Step, err error) error {
	if err == nil {
		v.step = step
	}
	return err
}

func (v *visitor) enterPassword(password string) error {
	return v.took(v.SignIns.Password(context.Background(), v.proof, password, v.caller))
}

func (v *visitor) askCode(channel notify.Channel) error {
	return v.took(v.SignIns.SendCode(context.Background(), v.proof, channel, v.caller))
}

func (v *visitor) enterCode(code string) error {
	return v.took(v.SignIns.Code(context.Background(), v.proof, code, v.caller))
}

func (v *visitor) enterApp(code string) error {
	return v.took(v.SignIns.App(context.Background(), v.proof, code, v.caller))
}

func (v *visitor) choose(id AccountID) error {
	return v.took(v.SignIns.Choose(context.Background(), v.proof, id, v.caller))
}

// in is who the visitor became.
func (v *visitor) in() Actor {
	v.t.Helper()
	if v.step.At != StepDone {
		v.t.Fatalf("not in: %+v", v.step)
	}
	who, err := v.Sessions.Authenticate(context.Background(), v.step.Done.Token)
	must(v.t, err)
	return who
}

func wrong(code string) string {
	if code[0] == '0' {
		return "1" + code[1:]
	}
	return "0" + code[1:]
}

func TestStaffShowTwoFactors(t *testing.T) {
	w := newSignInWorld(t)
	t.Run("password, then a code over either way", func(t *testing.T) {
		for _, channel := range []notify.Channel{notify.Email, notify.SMS} {
			v := w.visitor(t).start(doctorMail)
			must(t, v.enterPassword(goodPassword))
			if v.step.At != StepSecond || len(v.step.Second) != 2 || strings.Contains(fmt.Sprint(v.step.Second), doctorMail) {
				t.Fatalf("%+v", v.step)
			}
			must(t, v.askCode(channel))
			must(t, v.enterCode(w.lastCode(t)))
			if who := v.in(); who.Account != w.actor("doctor").Account || !who.Fresh || who.Enrol {
				t.Errorf("%+v", who)
			}
			w.clock.Advance(time.Hour)
		}
	})
	t.Run("a code, then the password", func(t *testing.T) {
		v := w.visitor(t).start(doctorPhone)
		must(t, v.askCode(""))
		must(t, v.enterCode(w.lastCode(t)))
		if len(v.step.Second) != 1 || v.step.Second[0].Factor != FactorPassword {
			t.Fatalf("another code would be the same kind again: %+v", v.step)
		}
		wantCode(t, v.askCode(notify.Email), CodeInvalid)
		must(t, v.enterPassword(goodPassword))
		v.in()
		w.clock.Advance(time.Hour)
	})
	app := w.withApp(t, "doctor")
	t.Run("an authenticator, and nothing less once it is there", func(t *testing.T) {
		v := w.visitor(t).start(doctorMail)
		must(t, v.enterPassword(goodPassword))
		if len(v.step.Second) != 1 || v.step.Second[0].Factor != FactorApp {
			t.Fatalf("%+v", v.step)
		}
		wantCode(t, v.askCode(notify.Email), CodeInvalid)
		code := app()
		wantCode(t, v.enterApp(wrong(code)), CodeFactorWrong)
		must(t, v.enterApp(code))
		v.in()
		again := w.visitor(t).start(doctorMail)
		must(t, again.enterPassword(goodPassword))
		wantCode(t, again.enterApp(code), CodeFactorWrong) // it was used
		w.clock.Advance(time.Hour)
	})
	t.Run("a recovery code, once", func(t *testing.T) {
		codes, err := w.Security.NewRecovery(context.Background(), w.fresh(t, "doctor"))
		must(t, err)
		v := w.visitor(t).start(doctorMail)
		must(t, v.enterPassword(goodPassword))
		must(t, v.took(v.SignIns.Recovery(context.Background(), v.proof, strings.ToUpper(codes[0]), v.caller)))
		v.in()
		v = w.visitor(t).start(doctorMail)
		must(t, v.enterPassword(goodPassword))
		wantCode(t, v.took(v.SignIns.Recovery(context.Background(), v.proof, codes[0], v.caller)), CodeFactorWrong)
	})
	t.Run("no step can be left out", func(t *testing.T) {
		v := w.visitor(t).start(doctorMail)
		wantCode(t, v.enterApp(app()), CodeAttemptOver)
		wantCode(t, v.took(v.SignIns.Recovery(context.Background(), v.proof, "x", v.caller)), CodeAttemptOver)
		_, err := v.SignIns.AskPasskey(context.Background(), v.proof, v.caller)
		wantCode(t, err, CodeAttemptOver)
		wantCode(t, v.choose(w.actor("doctor").Account), CodeAttemptOver)
	})
}

func TestPatientsSignInByCode(t *testing.T) {
	w := newSignInWorld(t)
	v := w.visitor(t).start("8 900 000-01-78")
	must(t, v.askCode(""))
	must(t, v.enterCode(w.lastCode(t)))
	if who := v.in(); who.Patient != w.actor("patient").Patient || who.Appointment != "" {
		t.Errorf("%+v", who)
	}
	w.clock.Advance(time.Hour)

	app := w.withApp(t, "patient") // now a second factor is asked for
	v = w.visitor(t).start(patientPhone)
	must(t, v.askCode(""))
	must(t, v.enterCode(w.lastCode(t)))
	if v.step.At != StepSecond {
		t.Fatalf("%+v", v.step)
	}
	must(t, v.enterApp(app()))
	v.in()
}

func TestFamiliesChooseWhoTheyAre(t *testing.T) {
	w := newSignInWorld(t)
	w.reach(t, "volkov", "", patientPhone)
	v := w.visitor(t).start(patientPhone)
	if len(v.step.People) != 0 {
		t.Fatal("names were told to somebody unknown")
	}
	must(t, v.askCode(""))
	must(t, v.enterCode(w.lastCode(t)))
	if v.step.At != StepPerson || len(v.step.People) != 2 {
		t.Fatalf("%+v", v.step)
	}
	wantCode(t, v.choose(w.actor("doctor").Account), CodeNotFound)
	must(t, v.choose(w.actor("volkov").Account))
	if v.in().Patient != w.actor("volkov").Patient {
		t.Error("another person came in")
	}
	// One password for one login: the second is refused while there is a first.
	w.password(t, "volkov", goodPassword)
	_, err := w.Security.SetPassword(context.Background(), w.fresh(t, "patient"), "другой пароль совсем")
	wantCode(t, err, CodePasswordShared)
}

func TestPasskeyAloneIsEnough(t *testing.T) {
	ctx := context.Background()
	w := newSignInWorld(t)
	device := w.withPasskey(t, "doctor")
	v := w.visitor(t)
	begin, err := w.SignIns.StartPasskey(ctx, w.clinic(), false, v.caller)
	must(t, err)
	v.proof = begin.Proof
	signed, err := device.Get(begin.Options)
	must(t, err)
	must(t, v.took(w.SignIns.Passkey(ctx, v.proof, signed, v.caller)))
	if v.in().Account != w.actor("doctor").Account {
		t.Error("another person came in")
	}

	v = w.visitor(t).start(doctorMail)
	must(t, v.enterPassword(goodPassword))
	begin, err = w.SignIns.AskPasskey(ctx, v.proof, v.caller)
	must(t, err)
	signed, err = device.Get(begin.Options)
	must(t, err)
	must(t, v.took(w.SignIns.Passkey(ctx, v.proof, signed, v.caller)))
	v.in()
}

func TestClinicsCanRequireStrongFactors(t *testing.T) {
	ctx := context.Background()
	w := newSignInWorld(t)
	w.requireStrong(t)
	v := w.visitor(t).start(doctorMail)
	must(t, v.enterPassword(goodPassword))
	must(t, v.askCode(notify.Email))
	must(t, v.enterCode(w.lastCode(t)))
	who := v.in()
	if !who.Enrol {
		t.Fatal("not asked to enrol")
	}
	_, _, err := w.Appointments.List(ctx, who, AppointmentFilter{From: noon, To: noon.Add(time.Hour)})
	wantCode(t, err, CodeEnrolmentRequired)
	_, err = w.Security.FinishEnrolment(ctx, who)
	wantCode(t, err, CodeEnrolmentRequired)
	app, err := w.Security.StartApp(ctx, who)
	must(t, err)
	must(t, w.Security.ConfirmApp(ctx, who, totpAt(t, app.Secret, w.clock.Now())))
	renewed, err := w.Security.FinishEnrolment(ctx, who)
	must(t, err)
	if _, err := w.Sessions.Authenticate(ctx, v.step.Done.Token); ErrorCode(err) != CodeUnauthenticated {
		t.Errorf("the session before the change of rights: %v", err)
	}
	who, err = w.Sessions.Authenticate(ctx, renewed.Token)
	must(t, err)
	_, _, err = w.Appointments.List(ctx, who, AppointmentFilter{From: noon, To: noon.Add(time.Hour)})
	must(t, err)
	wantCode(t, w.Security.RemoveApp(ctx, who), CodeEnrolmentRequired)
}

func TestActivation(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	w.reach(t, "registrar", "desk@clinic.example", "")
	var path string
	must(t, w.update(ctx, System(w.clinic()), func(u *unit) error {
		account, err := u.account(w.actor("registrar").Account)
		if err != nil {
			return err
		}
		// The demonstration gave them a password; a new member of staff has none.
		if err := u.t.credentials.Delete(u, u.scope, string(account.ID), store.Any); err != nil {
			return err
		}
		path, err = u.inviteToActivate(&account)
		return err
	}))
	token := strings.TrimPrefix(path, "/activate#")
	in, err := w.Sessions.SignIn(ctx, LinkActivate, token)
	must(t, err)
	who := in.Actor
	if !who.Enrol || !who.Activating || !who.Fresh {
		t.Fatalf("%+v", who)
	}
	_, err = w.Patients.List(ctx, who)
	wantCode(t, err, CodeEnrolmentRequired)
	_, err = w.Security.FinishEnrolment(ctx, who)
	wantCode(t, err, CodeEnrolmentRequired)
	_, err = w.Security.SetPassword(ctx, who, "password")
	wantCode(t, err, CodePasswordWeak)
	set, err := w.Security.SetPassword(ctx, who, goodPassword)
	must(t, err)
	who, err = w.Sessions.Authenticate(ctx, set.Token)
	must(t, err)
	if !who.Enrol {
		t.Fatal("free before it was finished")
	}
	done, err := w.Security.FinishEnrolment(ctx, who)
	must(t, err)
	who, err = w.Sessions.Authenticate(ctx, done.Token)
	must(t, err)
	_, err = w.Patients.List(ctx, who)
	must(t, err)
	_, err = w.Sessions.SignIn(ctx, LinkActivate, token)
	wantCode(t, err, CodeLinkInvalid)
}

func TestForgottenPassword(t *testing.T) {
	ctx := context.Background()
	w := newSignInWorld(t)
	open := w.fresh(t, "doctor")
	must(t, w.SignIns.Forgot(ctx, w.clinic(), doctorMail, Caller{Address: "192.0.2.1"}))
	token := w.lastLink(t)
	wantCode(t, w.SignIns.Reset(ctx, token, "short"), CodePasswordWeak)
	const other = "совсем другой секрет"
	must(t, w.SignIns.Reset(ctx, token, other))
	wantCode(t, w.SignIns.Reset(ctx, token, other), CodeLinkInvalid)
	if !w.rooms.has("revoke " + string(open.Session)) {
		t.Error("an open session went on")
	}
	v := w.visitor(t).start(doctorMail)
	wantCode(t, v.enterPassword(goodPassword), CodeFactorWrong)
	must(t, v.enterPassword(other))
	if v.step.At != StepSecond {
		t.Error("a new password let somebody in by itself")
	}
	must(t, w.SignIns.Forgot(ctx, w.clinic(), doctorMail, Caller{Address: "192.0.2.1"}))
	late := w.lastLink(t)
	w.clock.Advance(time.Hour)
	wantCode(t, w.SignIns.Reset(ctx, late, other), CodeLinkInvalid)
}

func TestChangesNeedAFreshSignIn(t *testing.T) {
	ctx := context.Background()
	w := newSignInWorld(t)
	byLink, err := w.Sessions.SignIn(ctx, LinkVisit, w.link(t, LinkVisit, "patient", noon.Add(time.Hour)))
	must(t, err)
	_, err = w.Security.StartApp(ctx, byLink.Actor)
	wantCode(t, err, CodeConfirmRequired)
	v := w.visitor(t).start(doctorMail)
	must(t, v.enterPassword(goodPassword))
	must(t, v.askCode(notify.Email))
	must(t, v.enterCode(w.lastCode(t)))
	w.clock.Advance(freshFor)
	_, err = w.Security.SetPassword(ctx, v.in(), "ещё один секрет")
	wantCode(t, err, CodeConfirmRequired)
}

func TestDevices(t *testing.T) {
	ctx := context.Background()
	w := newSignInWorld(t)
	enter := func() (Actor, string) {
		v := w.visitor(t).start(patientPhone)
		must(t, v.askCode(""))
		must(t, v.enterCode(w.lastCode(t)))
		w.clock.Advance(5 * time.Minute)
		return v.in(), v.step.Done.Token
	}
	first, firstToken := enter()
	second, secondToken := enter()
	list, err := w.Security.Sessions(ctx, second)
	must(t, err)
	if len(list) != 2 || list[0].ID != second.Session || list[0].Device != "Chrome, Windows" {
		t.Fatalf("%+v", list)
	}
	wantCode(t, w.Security.EndSession(ctx, w.fresh(t, "doctor"), first.Session), CodeNotFound)
	must(t, w.Security.EndSession(ctx, second, first.Session))
	_, err = w.Sessions.Authenticate(ctx, firstToken)
	wantCode(t, err, CodeUnauthenticated)
	must(t, w.Security.EndSessions(ctx, second))
	_, err = w.Sessions.Authenticate(ctx, secondToken)
	wantCode(t, err, CodeUnauthenticated)
	for _, gone := range []Actor{first, second} {
		if !w.rooms.has("revoke " + string(gone.Session)) {
			t.Error("open sockets were not told")
		}
	}
}

func TestDeviceName(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1": "Safari, iPhone",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0 Mobile Safari/537.36":            "Samsung Internet, Android",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                  "Firefox, Linux",
		"<script>alert(1)</script>": "", "": "", "curl/8": "",
	} {
		if got := deviceName(agent); got != want {
			t.Errorf("%s: %q, want %q", agent, got, want)
		}
	}
}

func TestAPITokens(t *testing.T) {
	ctx := context.Background()
	w := newSignInWorld(t)
	admin := w.fresh(t, "admin")
	ask := NewToken{Name: "Учёт", Scopes: []string{"appointments:read"}, Expires: noon.Add(48 * time.Hour)}
	_, _, err := w.Tokens.Create(ctx, w.fresh(t, "doctor"), ask)
	wantCode(t, err, CodeDenied)
	for _, bad := range []NewToken{
		{Name: "", Scopes: ask.Scopes, Expires: ask.Expires},
		{Name: "x", Expires: ask.Expires},
		{Name: "x", Scopes: []string{"everything"}, Expires: ask.Expires},
		{Name: "x", Scopes: ask.Scopes, Expires: noon},
		{Name: "x", Scopes: ask.Scopes},
	} {
		_, _, err := w.Tokens.Create(ctx, admin, bad)
		wantCode(t, err, CodeInvalid)
	}
	made, secret, err := w.Tokens.Create(ctx, admin, ask)
	must(t, err)
	_, _, err = w.Tokens.Create(ctx, admin, ask)
	wantCode(t, err, CodeInvalid)
	who, err := w.Sessions.Authenticate(ctx, secret)
	must(t, err)
	day := AppointmentFilter{From: noon.Add(-24 * time.Hour), To: noon.Add(24 * time.Hour)}
	_, _, err = w.Appointments.List(ctx, who, day)
	must(t, err)
	for op := range w.may {
		want := op == OpReadMe || slices.Contains(scopes()["appointments:read"], op)
		if got := w.authorize(who, op) == nil; got != want {
			t.Errorf("%s: allowed %v", op, got)
		}
	}
	list, err := w.Tokens.List(ctx, admin)
	must(t, err)
	if len(list) != 1 || list[0].Used.IsZero() || strings.Contains(fmt.Sprintf("%+v", list), secret[len(tokenPrefix)+27:]) {
		t.Errorf("%+v", list)
	}
	must(t, w.Tokens.Revoke(ctx, admin, string(made.ID)))
	_, err = w.Sessions.Authenticate(ctx, secret)
	wantCode(t, err, CodeUnauthenticated)

	_, secret, err = w.Tokens.Create(ctx, admin, ask)
	must(t, err)
	w.clock.Advance(48 * time.Hour)
	for _, token := range []string{secret, tokenPrefix, tokenPrefix + "x.y", tokenPrefix + newToken(w.clinic()), strings.TrimPrefix(secret, tokenPrefix)} {
		_, err = w.Sessions.Authenticate(ctx, token)
		wantCode(t, err, CodeUnauthenticated)
	}
}

// TestScopesGiveNoCards: what a clinic's own system can be allowed never reaches into a
// consultation or how people sign in.
func TestScopesGiveNoCards(t *testing.T) {
	may := newAllowed()
	for name, ops := range scopes() {
		for _, op := range ops {
			if !may[op][RoleAdmin] {
				t.Errorf("scope %s covers %s, which the token's role may not do", name, op)
			}
			switch op {
			case OpReadCard, OpReadChat, OpWriteChat, OpReadDocument, OpUpload, OpJoin, OpOpenLive, OpReadComposition, OpWriteComposition, OpSignComposition,
				OpReadSecurity, OpChangeSecurity, OpManageTokens, OpListSessions, OpEndSession, OpResetFactors,
				OpBreakGlass, OpReadReadings, OpExportCard, OpTransferPatient, OpDecideInvite, OpAmend, OpSetStaff, OpSetClinic, OpReadAudit:
				t.Errorf("scope %s covers %s", name, op)
			}
		}
	}
}
