package control

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"consilium/control/auth"
	"consilium/control/notify"
	"consilium/control/passkey/passkeytest"
)

// TestT26PasswordSpray: 10,000 networks try one password each against one account, and one
// network tries a thousand. The account's own bucket stops both; its owner, on the device
// that they know, comes in all the while.
func TestT26PasswordSpray(t *testing.T) {
	ctx := context.Background()
	w := newSignInWorld(t)
	owner := w.visitor(t).start(doctorMail)
	must(t, owner.enterPassword(goodPassword))
	must(t, owner.askCode(notify.Email))
	must(t, owner.enterCode(w.lastCode(t)))
	owner.in()
	known := owner.step.Done.Device
	w.clock.Advance(time.Hour)

	checked, refused := 0, 0
	spray := func(login string, c Caller) {
		step, err := w.SignIns.Start(ctx, w.clinic(), login, false, c)
		if ErrorCode(err) == CodeSlowDown {
			refused++
			return
		}
		must(t, err)
		_, err = w.SignIns.Password(ctx, step.Proof, "неверный пароль", c)
		switch ErrorCode(err) {
		case CodeFactorWrong:
			checked++
		case CodeSlowDown:
			refused++
			var e *Error
			if !errors.As(err, &e) || e.RetryAfter <= 0 {
				t.Fatal("no word on when to try again")
			}
		default:
			t.Fatal(err)
		}
	}
	for i := range 10_000 {
		spray(doctorMail, Caller{Address: fmt.Sprintf("198.51.%d.%d", i/250, i%250)})
	}
	for range 1000 {
		spray(doctorMail, Caller{Address: "203.0.113.1"})
	}
	if checked > 10 {
		t.Errorf("%d passwords were checked, want at most 10", checked)
	}
	if refused < 10_900 {
		t.Errorf("%d of 11,000 were refused", refused)
	}

	again := w.visitor(t)
	again.caller.Device = known
	again.start(doctorMail)
	must(t, again.enterPassword(goodPassword))

	// Made-up logins have their own table: they push no real account's bucket out.
	for i := range 3000 {
		_, _ = w.SignIns.Start(ctx, w.clinic(), fmt.Sprintf("made-up-%d@example.org", i), false, Caller{Address: fmt.Sprintf("198.18.%d.%d", i/250, i%250)})
	}
	checked = 0
	w.limits.all.Forgive("")
	spray(doctorMail, Caller{Address: "203.0.113.99"})
	if checked != 0 {
		t.Error("the account's bucket was pushed out")
	}
}

// TestT26UnknownPeopleLookTheSame walks the same steps for a login that somebody has and
// one that nobody has, and counts the work: hashes, transactions, answers.
func TestT26UnknownPeopleLookTheSame(t *testing.T) {
	ctx := context.Background()
	walk := func(login string) (answers []string) {
		w := newSignInWorld(t)
		v := w.visitor(t)
		note := func(step Step, err error) {
			answers = append(answers, fmt.Sprintf("%s %d %d %v %v", step.At, len(step.People), len(step.Second), err, step.Resend.IsZero()))
		}
		step, err := w.SignIns.Start(ctx, w.clinic(), login, false, v.caller)
		note(step, err)
		proof := step.Proof
		for range 3 {
			note(w.SignIns.Password(ctx, proof, "неверный пароль", v.caller))
		}
		note(w.SignIns.SendCode(ctx, proof, "", v.caller))
		note(w.SignIns.SendCode(ctx, proof, "", v.caller)) // too soon
		for range 6 {
			note(w.SignIns.Code(ctx, proof, "no code", v.caller))
		}
		note(w.SignIns.Code(ctx, proof, "no code", v.caller))
		note(w.SignIns.App(ctx, proof, "000000", v.caller))
		for range 4 {
			answers = append(answers, fmt.Sprint(w.SignIns.Forgot(ctx, w.clinic(), login, v.caller)))
		}
		return answers
	}
	known, unknown := walk(doctorMail), walk("nobody@clinic.example")
	for i := range known {
		if known[i] != unknown[i] {
			t.Errorf("answer %d: %q for somebody, %q for nobody", i, known[i], unknown[i])
		}
	}
}

// TestT26EqualTiming compares how long a wrong password takes. The bound is generous: what
// would be seen is a hash that was left out, which is nearly all of the time.
func TestT26EqualTiming(t *testing.T) {
	ctx := context.Background()
	w := newSignInWorld(t)
	took := func(login string) time.Duration {
		best := time.Hour
		for range 5 {
			v := w.visitor(t).start(login)
			start := time.Now()
			_, err := w.SignIns.Password(ctx, v.proof, "неверный пароль", v.caller)
			best = min(best, time.Since(start))
			wantCode(t, err, CodeFactorWrong)
		}
		return best
	}
	known, unknown := took(doctorMail), took("nobody@clinic.example")
	if ratio := float64(known) / float64(unknown); ratio < 0.5 || ratio > 2 {
		t.Errorf("%s for somebody, %s for nobody", known, unknown)
	}
}

// TestT27CodeGuessing: 10,000 codes at one account, however many sign-ins and networks
// they are spread over, are at most 92 tries a day: a chance below 1 in 10,000.
func TestT27CodeGuessing(t *testing.T) {
	ctx := context.Background()
	w := newSignInWorld(t)
	tries := 0
	var v *visitor
	for i := range 10_000 {
		c := Caller{Address: fmt.Sprintf("198.51.%d.%d", i/250, i%250)}
		if v == nil {
			step, err := w.SignIns.Start(ctx, w.clinic(), patientPhone, false, c)
			if err != nil {
				w.clock.Advance(8 * time.Second) // 10,000 in a day
				continue
			}
			v = &visitor{world: w, t: t, caller: c, proof: step.Proof}
			if v.askCode("") != nil {
				v = nil
				w.clock.Advance(8 * time.Second)
				continue
			}
			w.taken(t, MsgCode)
		}
		v.caller.Address = c.Address
		switch code := ErrorCode(v.enterCode("no code")); code {
		case CodeFactorWrong:
			tries++
		case CodeCodeOver, CodeAttemptOver:
			if code == CodeCodeOver {
				tries++
			}
			v = nil
		case CodeSlowDown:
		default:
			t.Fatal(code)
		}
		w.clock.Advance(8 * time.Second)
	}
	if tries > 93 {
		t.Errorf("%d tries in a day, want at most 93", tries)
	}
	t.Logf("%d tries of 10,000 were looked at", tries)
}

// TestT27Codes: a code is for its own sign-in, its own browser, once, and 5 tries.
func TestT27Codes(t *testing.T) {
	w := newSignInWorld(t)
	ask := func(login string) (*visitor, string) {
		v := w.visitor(t).start(login)
		must(t, v.askCode(""))
		code := w.lastCode(t)
		w.clock.Advance(time.Minute)
		return v, code
	}
	t.Run("another login's", func(t *testing.T) {
		mine, code := ask(patientPhone)
		theirs, _ := ask(doctorPhone)
		wantCode(t, theirs.enterCode(code), CodeFactorWrong)
		must(t, mine.enterCode(code))
	})
	t.Run("another sign-in's of the same login", func(t *testing.T) {
		_, code := ask(patientPhone)
		second, fresh := ask(patientPhone)
		if code != fresh {
			wantCode(t, second.enterCode(code), CodeFactorWrong)
		}
	})
	t.Run("reused", func(t *testing.T) {
		v, code := ask(patientPhone)
		must(t, v.enterCode(code))
		wantCode(t, v.enterCode(code), CodeAttemptOver)
	})
	t.Run("an older one after another was sent", func(t *testing.T) {
		v, code := ask(patientPhone)
		must(t, v.askCode(""))
		if fresh := w.lastCode(t); fresh != code {
			wantCode(t, v.enterCode(code), CodeFactorWrong)
			must(t, v.enterCode(fresh))
		}
	})
	w.clock.Advance(24 * time.Hour)
	t.Run("after ten minutes", func(t *testing.T) {
		v, code := ask(patientPhone)
		w.clock.Advance(auth.CodeLife)
		wantCode(t, v.enterCode(code), CodeAttemptOver)
	})
	t.Run("from another browser", func(t *testing.T) {
		v, code := ask(patientPhone)
		thief := *v
		thief.proof.Browser = "x"
		wantCode(t, thief.enterCode(code), CodeAttemptOver)
		must(t, v.enterCode(code))
	})
	t.Run("after five wrong ones", func(t *testing.T) {
		v, code := ask(patientPhone)
		for range auth.CodeTries - 1 {
			wantCode(t, v.enterCode(wrong(code)), CodeFactorWrong)
		}
		wantCode(t, v.enterCode(wrong(code)), CodeCodeOver)
		wantCode(t, v.enterCode(code), CodeCodeOver)
	})
	w.clock.Advance(24 * time.Hour)
	t.Run("fifty at once", func(t *testing.T) {
		v, code := ask(patientPhone)
		var looked atomic.Int32
		var group sync.WaitGroup
		for range 50 {
			group.Go(func() {
				_, err := w.SignIns.Code(context.Background(), v.proof, wrong(code), v.caller)
				if ErrorCode(err) == CodeFactorWrong {
					looked.Add(1)
				}
			})
		}
		group.Wait()
		// The fifth ends the code, and what comes after it is not compared; the tenth, which
		// ends the sign-in as well, is answered like a wrong one.
		if n := looked.Load(); n != auth.CodeTries {
			t.Errorf("%d answers said that the code was wrong, want %d", n, auth.CodeTries)
		}
		if err := v.enterCode(code); err == nil {
			t.Error("the right code worked after fifty wrong ones")
		}
	})
}

// TestT28Passkeys: what is forged is refused, uses its challenge up, and is in the trail.
func TestT28Passkeys(t *testing.T) {
	ctx := context.Background()
	for name, forge := range map[string]struct {
		change func(*passkeytest.Device)
		note   string
	}{
		"another origin":     {func(d *passkeytest.Device) { d.Origin = "http://localhost.evil.example" }, "refused"},
		"another site's id":  {func(d *passkeytest.Device) { d.RPID = "evil.example" }, "refused"},
		"owner not verified": {func(d *passkeytest.Device) { d.Unverified = true }, "refused"},
		"counter went back":  {func(d *passkeytest.Device) { d.Counter = 0 }, "cloned"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newSignInWorld(t)
			device := w.withPasskey(t, "doctor")
			enter := func() ([]byte, Proof, error) {
				begin, err := w.SignIns.StartPasskey(ctx, w.clinic(), false, Caller{})
				must(t, err)
				signed, err := device.Get(begin.Options)
				must(t, err)
				_, err = w.SignIns.Passkey(ctx, begin.Proof, signed, Caller{})
				return signed, begin.Proof, err
			}
			for range 3 {
				signed, proof, err := enter()
				must(t, err)
				_, err = w.SignIns.Passkey(ctx, proof, signed, Caller{})
				wantCode(t, err, CodeAttemptOver) // replayed to its own challenge
				begin, err := w.SignIns.StartPasskey(ctx, w.clinic(), false, Caller{})
				must(t, err)
				_, err = w.SignIns.Passkey(ctx, begin.Proof, signed, Caller{})
				wantCode(t, err, CodePasskeyRefused) // and to another one
			}
			forge.change(device)
			signed, proof, err := enter()
			wantCode(t, err, CodePasskeyRefused)
			_, err = w.SignIns.Passkey(ctx, proof, signed, Caller{})
			wantCode(t, err, CodeAttemptOver)
			must(t, w.view(ctx, System(w.clinic()), func(u *unit) error {
				var found AuditEvent
				for entry, err := range u.t.trail.Range(u, u.scope, 1, 1<<40) {
					if err != nil {
						return err
					}
					// The replays above are refused too: the forged answer is the last.
					if entry.Value.Action == "passkey.refuse" {
						found = entry.Value
					}
				}
				if found.Note != forge.note || found.Object != string(w.actor("doctor").Account) {
					t.Errorf("%+v", found)
				}
				return nil
			}))
		})
	}
}

// TestT29SessionsChange: nothing known of a session before a change of rights is worth
// anything after it.
func TestT29SessionsChange(t *testing.T) {
	ctx := context.Background()
	w := newSignInWorld(t)
	enter := func(old string) *visitor {
		v := w.visitor(t)
		v.caller.Session = old
		v.start(patientPhone)
		must(t, v.askCode(""))
		must(t, v.enterCode(w.lastCode(t)))
		w.clock.Advance(5 * time.Minute)
		return v
	}
	gone := func(name, token string) {
		t.Helper()
		if _, err := w.Sessions.Authenticate(ctx, token); ErrorCode(err) != CodeUnauthenticated {
			t.Errorf("%s: %v", name, err)
		}
	}
	first := enter("")
	second := enter(first.step.Done.Token)
	if first.step.Done.Token == second.step.Done.Token {
		t.Error("a sign-in kept the secret that was there before")
	}
	gone("the session that a sign-in replaced", first.step.Done.Token)

	set, err := w.Security.SetPassword(ctx, second.in(), "ещё один длинный секрет")
	must(t, err)
	gone("after a new password", second.step.Done.Token)
	who, err := w.Sessions.Authenticate(ctx, set.Token)
	must(t, err)
	must(t, w.Sessions.SignOut(ctx, who))
	gone("after signing out", set.Token)

	third := enter("")
	w.change(t, "patient", func(a *Account) { a.Role = RoleRegistrar })
	gone("after the role changed", third.step.Done.Token)
}

// TestT30ParallelSignIns: a hundred people sign in at once. At most four passwords are
// hashed at a time, and the process grows by less than 256 MiB.
func TestT30ParallelSignIns(t *testing.T) {
	w := newSignInWorld(t)
	logins := make([]string, 100)
	for i := range logins {
		logins[i] = fmt.Sprintf("person-%d@example.org", i)
	}
	logins[0] = doctorMail
	runtime.GC()
	before := residentBytes(t)
	var peak atomic.Int64
	stop := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				peak.Store(max(peak.Load(), residentBytes(t)))
			}
		}
	})
	var group sync.WaitGroup
	var answered, slow atomic.Int32
	for i, login := range logins {
		group.Go(func() {
			ctx := context.Background()
			c := Caller{Address: fmt.Sprintf("192.0.2.%d", i)}
			step, err := w.SignIns.Start(ctx, w.clinic(), login, false, c)
			if err == nil {
				_, err = w.SignIns.Password(ctx, step.Proof, "неверный пароль", c)
			}
			switch ErrorCode(err) {
			case CodeFactorWrong:
				answered.Add(1)
			case CodeSlowDown:
				slow.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	close(stop)
	watch.Wait()
	grown := (peak.Load() - before) >> 20
	t.Logf("%d answered, %d told to slow down, %d MiB more", answered.Load(), slow.Load(), grown)
	if answered.Load() < 20 {
		t.Errorf("only %d of 100 were answered", answered.Load())
	}
	if grown > 256 && !raced {
		t.Errorf("the process grew by %d MiB", grown)
	}
}
