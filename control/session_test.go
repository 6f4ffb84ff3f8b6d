package control

import (
	"context"
	"testing"
	"time"
)

// link makes a link of a kind for a person and returns its token.
func (w *world) link(t *testing.T, kind LinkKind, key string, expires time.Time) string {
	t.Helper()
	token := newToken(w.demo.clinic.ID)
	must(t, w.update(context.Background(), System(w.demo.clinic.ID), func(u *unit) error {
		return u.putLink(token, SignInLink{Kind: kind, Account: w.actor(key).Account, Expires: expires})
	}))
	return token
}

func TestSignIn(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	day := noon.Add(24 * time.Hour)
	demo := w.link(t, LinkDemo, "doctor", day)
	visit := w.link(t, LinkVisit, "patient", day)
	past := w.link(t, LinkVisit, "patient", noon)
	for _, c := range []struct {
		name  string
		kind  LinkKind
		token string
		want  Code
	}{
		{"a demo link", LinkDemo, demo, ""},
		{"again", LinkDemo, demo, ""},
		{"a visit's link", LinkVisit, visit, ""},
		{"of another kind", LinkGuest, visit, CodeLinkInvalid},
		{"expired", LinkVisit, past, CodeLinkInvalid},
		{"unknown", LinkVisit, newToken(w.demo.clinic.ID), CodeLinkInvalid},
		{"of an unknown clinic", LinkVisit, newToken("00000000000000000000000000"), CodeLinkInvalid},
		{"no token at all", LinkVisit, "x", CodeLinkInvalid},
		{"the stored hash", LinkVisit, hashToken(visit), CodeLinkInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.Sessions.SignIn(ctx, c.kind, c.token)
			wantCode(t, err, c.want)
		})
	}
	w.core.cfg.Demo = false
	w.Sessions.cfg.Demo = false
	_, err := w.Sessions.SignIn(ctx, LinkDemo, demo)
	wantCode(t, err, CodeNotFound)
}

func TestSessionEnds(t *testing.T) {
	ctx := context.Background()
	start := func(t *testing.T, key string) (*world, SignedIn) {
		w := newWorld(t)
		in, err := w.Sessions.SignIn(ctx, LinkVisit, w.link(t, LinkVisit, key, noon.Add(48*time.Hour)))
		must(t, err)
		who, err := w.Sessions.Authenticate(ctx, in.Token)
		must(t, err)
		if who != in.Actor {
			t.Fatalf("%+v, want %+v", who, in.Actor)
		}
		return w, in
	}
	t.Run("idle staff after 30 minutes", func(t *testing.T) {
		w, in := start(t, "doctor")
		w.clock.Advance(29 * time.Minute)
		_, err := w.Sessions.Authenticate(ctx, in.Token)
		must(t, err)
		w.clock.Advance(29 * time.Minute) // the last use counts
		_, err = w.Sessions.Authenticate(ctx, in.Token)
		must(t, err)
		w.clock.Advance(30 * time.Minute)
		_, err = w.Sessions.Authenticate(ctx, in.Token)
		wantCode(t, err, CodeUnauthenticated)
	})
	t.Run("not while in a room", func(t *testing.T) {
		w, in := start(t, "doctor")
		w.Joined("room", string(in.Actor.Account), string(RolePractitioner), false)
		w.clock.Advance(2 * time.Hour)
		_, err := w.Sessions.Authenticate(ctx, in.Token)
		must(t, err)
	})
	t.Run("patients have longer", func(t *testing.T) {
		w, in := start(t, "patient")
		w.clock.Advance(3 * time.Hour)
		_, err := w.Sessions.Authenticate(ctx, in.Token)
		must(t, err)
	})
	t.Run("all after 12 hours", func(t *testing.T) {
		w, in := start(t, "doctor")
		for range 36 {
			w.clock.Advance(20 * time.Minute)
			_, err := w.Sessions.Authenticate(ctx, in.Token)
			if w.clock.Now().Sub(noon) >= 12*time.Hour {
				wantCode(t, err, CodeUnauthenticated)
			} else {
				must(t, err)
			}
		}
		must(t, w.tidy(ctx))
		must(t, w.view(ctx, System(w.demo.clinic.ID), func(u *unit) error {
			if ok, err := u.t.sessions.Has(u, u.scope, hashToken(in.Token)); ok || err != nil {
				t.Error("the expired session is still stored", err)
			}
			return nil
		}))
	})
	t.Run("by signing out", func(t *testing.T) {
		w, in := start(t, "doctor")
		must(t, w.Sessions.SignOut(ctx, in.Actor))
		_, err := w.Sessions.Authenticate(ctx, in.Token)
		wantCode(t, err, CodeUnauthenticated)
		if !w.rooms.has("revoke " + string(in.Actor.Session)) {
			t.Error("open sockets were not told")
		}
	})
	t.Run("by closing the account", func(t *testing.T) {
		w, in := start(t, "doctor")
		must(t, w.update(ctx, System(in.Actor.Clinic), func(u *unit) error {
			a, err := u.account(in.Actor.Account)
			if err != nil {
				return err
			}
			a.Closed = true
			_, err = u.t.accounts.Put(u, u.scope, &a, a.Rev)
			return err
		}))
		_, err := w.Sessions.Authenticate(ctx, in.Token)
		wantCode(t, err, CodeUnauthenticated)
	})
	t.Run("forged", func(t *testing.T) {
		w, in := start(t, "doctor")
		for _, token := range []string{"", "x", in.Token + "x", string(in.Actor.Session), string(in.Actor.Clinic) + "." + string(in.Actor.Session)} {
			_, err := w.Sessions.Authenticate(ctx, token)
			wantCode(t, err, CodeUnauthenticated)
		}
	})
}

func TestGuest(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	doctor, room := w.actor("doctor"), w.due.Encounter
	inv, err := w.Encounters.InviteGuest(ctx, doctor, room, " Sofia\u202e ", "interpreter")
	wantCode(t, err, CodeInvalid)
	inv, err = w.Encounters.InviteGuest(ctx, doctor, room, " Sofia ", "interpreter")
	must(t, err)
	in, err := w.Sessions.SignIn(ctx, LinkGuest, inv.Token)
	must(t, err)
	ticket, err := w.Encounters.Join(ctx, in.Actor, room)
	must(t, err)
	if !ticket.Lobby {
		t.Error("a guest need not wait")
	}
	_, err = w.PostChat(ctx, string(room), string(inv.Account), "1", "hello")
	wantCode(t, err, CodeDenied)
	_, err = w.Encounters.Admit(ctx, doctor, room, inv.Account)
	wantCode(t, err, CodeTransitionRefused) // nobody has come yet
	w.Joined(string(room), string(inv.Account), string(RoleGuest), true)
	v, err := w.Encounters.Admit(ctx, doctor, room, inv.Account)
	must(t, err)
	if v.Status != Booked || !w.rooms.has("admit "+string(room)+" "+string(inv.Account)) {
		t.Errorf("admitting a guest: %s, calls %v", v.Status, w.rooms.calls)
	}
	_, err = w.PostChat(ctx, string(room), string(inv.Account), "1", "hello")
	must(t, err)
	// Another consultation does not exist for a guest.
	other, err := w.Appointments.Book(ctx, doctor, w.booking("belova", noon.Add(24*time.Hour)))
	must(t, err)
	_, err = w.Encounters.Get(ctx, in.Actor, other.Encounter)
	wantCode(t, err, CodeNotFound)
	// The end of the consultation is the end of the guest.
	_, err = w.Appointments.Cancel(ctx, doctor, w.due.ID, "moved")
	must(t, err)
	_, err = w.Sessions.Authenticate(ctx, in.Token)
	wantCode(t, err, CodeUnauthenticated)
	_, err = w.Sessions.SignIn(ctx, LinkGuest, inv.Token)
	wantCode(t, err, CodeLinkInvalid)
	_, err = w.PostChat(ctx, string(room), string(inv.Account), "2", "hello?")
	wantCode(t, err, CodeDenied)
}

func TestTooManyGuests(t *testing.T) {
	w := newWorld(t)
	for i := range w.cfg.MaxGuests + 1 {
		_, err := w.Encounters.InviteGuest(context.Background(), w.actor("doctor"), w.due.Encounter, "Guest", "relative")
		if i < w.cfg.MaxGuests {
			must(t, err)
		} else {
			wantCode(t, err, CodeTooMany)
		}
	}
}
