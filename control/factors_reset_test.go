package control

import (
	"context"
	"strings"
	"testing"

	"consilium/control/notify"
)

// TestResetFactors: somebody who lost their second factor gets in with what is left, once
// the operator has taken it away; and they are told.
func TestResetFactors(t *testing.T) {
	ctx := context.Background()
	t.Run("a doctor with a password", func(t *testing.T) {
		w := newSignInWorld(t)
		operator := Operator(w.clinic())
		_, err := w.Security.ResetFactors(ctx, operator, doctorMail)
		wantCode(t, err, CodeTransitionRefused) // there is nothing to reset
		w.withApp(t, "doctor")
		w.taken(t, MsgSecurity)
		w.withPasskey(t, "doctor")
		session := w.fresh(t, "doctor")
		_, err = w.Security.NewRecovery(ctx, session)
		must(t, err)
		w.taken(t, MsgSecurity)

		out, err := w.Security.ResetFactors(ctx, operator, " Doctor@Clinic.example ")
		must(t, err)
		if out.Account.ID != session.Account || !out.App || out.Passkeys != 1 || out.Recovery != 10 || out.Link != "" || !out.Told {
			t.Errorf("%+v", out)
		}
		if text := w.taken(t, MsgSecurity); !strings.Contains(text, "сброшены") {
			t.Errorf("the doctor is told %q", text)
		}
		if n := w.trailOf(t, "factors.reset", string(session.Account)); n != 1 {
			t.Errorf("%d entries in the trail", n)
		}
		if !w.rooms.has("revoke " + string(session.Session)) {
			t.Error("the session's sockets are still open")
		}
		v := w.visitor(t).start(doctorMail)
		must(t, v.enterPassword(goodPassword))
		must(t, v.askCode(notify.Email))
		must(t, v.enterCode(w.lastCode(t)))
		if who := v.in(); who.Account != session.Account || who.Enrol {
			t.Errorf("in as %+v", who)
		}
	})
	t.Run("where the clinic requires the stronger ones they are set up anew", func(t *testing.T) {
		w := newSignInWorld(t)
		w.withApp(t, "doctor")
		w.requireStrong(t)
		_, err := w.Security.ResetFactors(ctx, Operator(w.clinic()), string(w.actor("doctor").Account))
		must(t, err)
		v := w.visitor(t).start(doctorMail)
		must(t, v.enterPassword(goodPassword))
		must(t, v.askCode(notify.Email))
		must(t, v.enterCode(w.lastCode(t)))
		if !v.in().Enrol {
			t.Error("not asked to enrol")
		}
	})
	t.Run("staff without a password get a link", func(t *testing.T) {
		w := newSignInWorld(t)
		w.withPasskey(t, "doctor")
		w.password(t, "doctor", goodPassword)
		must(t, w.update(ctx, System(w.clinic()), func(u *unit) error {
			c, err := u.credential(w.actor("doctor").Account)
			must(t, err)
			c.Password = ""
			return u.putCredential(&c)
		}))
		out, err := w.Security.ResetFactors(ctx, Operator(w.clinic()), doctorPhone)
		must(t, err)
		_, token, ok := strings.Cut(out.Link, "/activate#")
		if !ok {
			t.Fatalf("link %q", out.Link)
		}
		in, err := w.Sessions.SignIn(ctx, LinkActivate, token)
		must(t, err)
		if !in.Actor.Enrol || in.Actor.Account != w.actor("doctor").Account {
			t.Errorf("in as %+v", in.Actor)
		}
	})
	t.Run("only the operator, and only one person", func(t *testing.T) {
		w := newSignInWorld(t)
		w.withApp(t, "doctor")
		for _, who := range []string{"admin", "registrar", "accountant", "doctor", "patient"} {
			_, err := w.Security.ResetFactors(ctx, w.actor(who), doctorMail)
			wantCode(t, err, CodeDenied)
		}
		for _, nobody := range []string{"", "nobody@clinic.example", "+79990000000", "x", "@"} {
			_, err := w.Security.ResetFactors(ctx, Operator(w.clinic()), nobody)
			wantCode(t, err, CodeNotFound)
		}
		w.reach(t, "volkov", "", doctorPhone)
		_, err := w.Security.ResetFactors(ctx, Operator(w.clinic()), doctorPhone)
		wantCode(t, err, CodeInvalid)
		if !strings.Contains(err.Error(), string(w.actor("volkov").Account)) {
			t.Errorf("the people behind the number are not named: %v", err)
		}
	})
}
