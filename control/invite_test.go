package control

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"consilium/control/notify"
	"consilium/store"
)

// take returns the one message that waits to be sent to an address, and takes it
// off the outbox.
func (w *world) take(t testing.TB, address string) notify.Message {
	t.Helper()
	var out []notify.Message
	must(t, w.update(context.Background(), System(w.demo.clinic.ID), func(u *unit) error {
		out = nil
		var ids []string
		for j, err := range u.t.slowJobs.List(u, u.scope) {
			if err != nil {
				return err
			}
			if j.Message != nil && j.Message.To == address {
				out, ids = append(out, *j.Message), append(ids, j.ID)
			}
		}
		for _, id := range ids {
			if err := u.t.slowJobs.Delete(u, u.scope, id, store.Any); err != nil {
				return err
			}
		}
		return nil
	}))
	if len(out) != 1 {
		t.Fatalf("%d messages to %s, want 1", len(out), address)
	}
	return out[0]
}

var (
	inviteLink = regexp.MustCompile(`/invite#(\S+)`)
	sixDigits  = regexp.MustCompile(`\b[0-9]{6}\b`)
)

// invited sends an invitation and returns the token of its link.
func (w *world) invited(t testing.TB, who, contact string) (InviteView, string) {
	t.Helper()
	in := Invitee{Contact: contact}
	if w.actor(who).Role != RolePractitioner {
		in.Practitioner = w.actor("doctor").Practitioner
	}
	v, err := w.Invites.Send(context.Background(), w.actor(who), in)
	must(t, err)
	return v, w.tokenTo(t, v.Address)
}

func (w *world) tokenTo(t testing.TB, address string) string {
	t.Helper()
	found := inviteLink.FindStringSubmatch(w.take(t, address).Text)
	if found == nil {
		t.Fatal("the message has no link")
	}
	return found[1]
}

// proven asks for a code, reads it and returns the proof.
func (w *world) proven(t testing.TB, token, address string) string {
	t.Helper()
	ctx := context.Background()
	must(t, w.Invites.SendCode(ctx, token))
	proof, err := w.Invites.Verify(ctx, token, sixDigits.FindString(w.take(t, address).Text))
	must(t, err)
	return proof
}

// me is how a person answers an invitation of the demo clinic.
func (w *world) me(t testing.TB, name, born string) InviteAnswer {
	t.Helper()
	out := InviteAnswer{Name: name, BirthDate: born, Sex: "female", Locale: "ru", From: "192.0.2.7"}
	offered, err := w.Clinics.Get(context.Background(), w.actor("doctor"))
	must(t, err)
	for _, n := range offered.Jurisdiction.Consents {
		out.Consents = append(out.Consents, ConsentAnswer{n.ID, n.Version, true})
	}
	return out
}

func TestInvitation(t *testing.T) {
	ctx := context.Background()
	const address = "nina.orlova@mail.example"
	w := newWorld(t)
	v, token := w.invited(t, "doctor", " Nina.Orlova@Mail.example")
	if v.State != InviteOpen || v.Repeated || v.Address != address {
		t.Fatalf("%+v", v)
	}
	offer, err := w.Invites.Offer(ctx, token)
	must(t, err)
	if offer.Address != "n•••@mail.example" || offer.Doctor.ID != w.actor("doctor").Practitioner || len(offer.Consents) != 3 {
		t.Errorf("offer %+v", offer)
	}
	proof := w.proven(t, token, address)
	in := w.me(t, "Нина  Сергеевна Орлова", "1991-02-03")
	done, err := w.Invites.Accept(ctx, token, proof, in)
	must(t, err)
	who, err := w.Sessions.Authenticate(ctx, done.Token)
	must(t, err)
	if who.Role != RolePatient || who.Name != "Нина Сергеевна Орлова" {
		t.Errorf("signed in as %+v", who)
	}
	card, err := w.Patients.Card(ctx, who, who.Patient)
	must(t, err)
	if card.Attending == nil || card.Attending.ID != w.actor("doctor").Practitioner || card.Patient.Email != address {
		t.Errorf("card %+v", card.Patient)
	}
	states, err := w.Consents.Mine(ctx, who)
	must(t, err)
	for _, s := range states {
		if !s.Given || len(s.History) != 1 || strings.Contains(s.History[0].Address, "192.0.2.7") || s.History[0].TextSHA256 == "" {
			t.Errorf("consent %+v", s)
		}
	}
	list, err := w.Invites.List(ctx, w.actor("doctor"))
	must(t, err)
	if len(list) != 1 || list[0].State != InviteAccepted || list[0].PatientName != who.Name {
		t.Errorf("list %+v", list)
	}
	if !w.rooms.published("practitioner:" + string(w.actor("doctor").Practitioner) + " invitation " + string(v.ID)) {
		t.Error("the doctor's pages were not told")
	}

	// Single use: nothing of it works again.
	_, err = w.Invites.Offer(ctx, token)
	wantCode(t, err, CodeLinkInvalid)
	wantCode(t, w.Invites.SendCode(ctx, token), CodeLinkInvalid)
	_, err = w.Invites.Accept(ctx, token, proof, in)
	wantCode(t, err, CodeLinkInvalid)
	_, err = w.Invites.Resend(ctx, w.actor("doctor"), v.ID)
	wantCode(t, err, CodeTransitionRefused)

	// Nothing that a person said is on the audit trail.
	must(t, w.view(ctx, System(w.demo.clinic.ID), func(u *unit) error {
		for e, err := range u.t.trail.Range(u, u.scope, 1, 1<<40) {
			must(t, err)
			if strings.Contains(e.Value.Note, "Орлова") || strings.Contains(e.Value.Note, "mail.example") {
				t.Errorf("the trail tells %q", e.Value.Note)
			}
		}
		return nil
	}))
}

func TestInvitationRefused(t *testing.T) {
	ctx := context.Background()
	const address = "+79000001122"
	t.Run("who may", func(t *testing.T) {
		w := newWorld(t)
		for who, want := range map[string]Code{"patient": CodeDenied, "accountant": CodeDenied} {
			_, err := w.Invites.Send(ctx, w.actor(who), Invitee{Contact: address, Practitioner: w.actor("doctor").Practitioner})
			wantCode(t, err, want)
		}
		_, err := w.Invites.Send(ctx, w.actor("registrar"), Invitee{Contact: address})
		wantCode(t, err, CodeInvalid)
		_, err = w.Invites.Send(ctx, w.actor("doctor"), Invitee{Contact: address, Practitioner: w.actor("doctor2").Practitioner})
		wantCode(t, err, CodeDenied)
		v, _ := w.invited(t, "registrar", address)
		_, err = w.Invites.Revoke(ctx, w.actor("doctor2"), v.ID)
		wantCode(t, err, CodeNotFound)
		_, err = w.Invites.Decide(ctx, w.actor("doctor"), v.ID, true)
		wantCode(t, err, CodeDenied)
	})
	t.Run("wrong contacts", func(t *testing.T) {
		w := newWorld(t)
		for _, contact := range []string{"", "x", "a@b\r\nBcc: c@d", "12345", "Anna <a@b.example>"} {
			_, err := w.Invites.Send(ctx, w.actor("doctor"), Invitee{Contact: contact})
			wantCode(t, err, CodeInvalid)
		}
	})
	t.Run("expired, then sent again: the old link stays dead", func(t *testing.T) {
		w := newWorld(t)
		v, old := w.invited(t, "doctor", address)
		w.clock.Advance(inviteLife)
		_, err := w.Invites.Offer(ctx, old)
		wantCode(t, err, CodeLinkInvalid)
		list, err := w.Invites.List(ctx, w.actor("registrar"))
		must(t, err)
		if list[0].State != InviteExpired {
			t.Errorf("state %s", list[0].State)
		}
		_, err = w.Invites.Resend(ctx, w.actor("doctor"), v.ID)
		must(t, err)
		fresh := w.tokenTo(t, address)
		_, err = w.Invites.Offer(ctx, old)
		wantCode(t, err, CodeLinkInvalid)
		_, err = w.Invites.Offer(ctx, fresh)
		must(t, err)
	})
	t.Run("a second invitation replaces the first", func(t *testing.T) {
		w := newWorld(t)
		first, old := w.invited(t, "doctor", address)
		again, _ := w.invited(t, "doctor", "8 900 000-11-22")
		if again.ID != first.ID || !again.Repeated || again.Sends != 2 {
			t.Errorf("%+v", again)
		}
		_, err := w.Invites.Offer(ctx, old)
		wantCode(t, err, CodeLinkInvalid)
		other, _ := w.invited(t, "doctor2", address)
		if other.ID == first.ID {
			t.Error("two doctors share an invitation")
		}
	})
	t.Run("revoked", func(t *testing.T) {
		w := newWorld(t)
		v, token := w.invited(t, "doctor", address)
		proof := w.proven(t, token, address)
		_, err := w.Invites.Revoke(ctx, w.actor("doctor"), v.ID)
		must(t, err)
		_, err = w.Invites.Accept(ctx, token, proof, w.me(t, "A", "1990-01-01"))
		wantCode(t, err, CodeLinkInvalid)
	})
	t.Run("throttled by destination and by doctor", func(t *testing.T) {
		w := newWorld(t)
		for range toBurst {
			w.invited(t, "doctor", address)
		}
		_, err := w.Invites.Send(ctx, w.actor("doctor2"), Invitee{Contact: address})
		wantCode(t, err, CodeTooMany)
		w.clock.Advance(toEvery)
		w.invited(t, "doctor2", address)
		n := 0
		for ; n < 100; n++ {
			if _, err := w.Invites.Send(ctx, w.actor("doctor"), Invitee{Contact: "p" + strings.Repeat("x", n) + "@mail.example"}); err != nil {
				wantCode(t, err, CodeTooMany)
				break
			}
		}
		if n > invitesBurst {
			t.Errorf("%d invitations at once", n)
		}
	})
	t.Run("codes: wrong five times, old, another invitation's", func(t *testing.T) {
		w := newWorld(t)
		_, token := w.invited(t, "doctor", address)
		must(t, w.Invites.SendCode(ctx, token))
		wantCode(t, w.Invites.SendCode(ctx, token), CodeTooMany)
		code := sixDigits.FindString(w.take(t, address).Text)
		wrong := "000000"
		if code == wrong {
			wrong = "000001"
		}
		for range 4 {
			_, err := w.Invites.Verify(ctx, token, wrong)
			wantCode(t, err, CodeWrongCode)
		}
		_, err := w.Invites.Verify(ctx, token, wrong)
		wantCode(t, err, CodeSpentCode)
		_, err = w.Invites.Verify(ctx, token, code)
		wantCode(t, err, CodeSpentCode)

		w.clock.Advance(codeEvery)
		must(t, w.Invites.SendCode(ctx, token))
		code = sixDigits.FindString(w.take(t, address).Text)
		_, theirs := w.invited(t, "doctor", "other@mail.example")
		_, err = w.Invites.Verify(ctx, theirs, code)
		if err == nil {
			t.Error("a code opened another invitation")
		}
		w.clock.Advance(10 * time.Minute)
		_, err = w.Invites.Verify(ctx, token, code)
		wantCode(t, err, CodeSpentCode)
	})
	t.Run("no proof, an old proof, a proof twice", func(t *testing.T) {
		w := newWorld(t)
		_, token := w.invited(t, "doctor", address)
		in := w.me(t, "A B", "1990-01-01")
		_, err := w.Invites.Accept(ctx, token, "guess", in)
		wantCode(t, err, CodeSpentCode)
		proof := w.proven(t, token, address)
		w.clock.Advance(inviteProofs)
		_, err = w.Invites.Accept(ctx, token, proof, in)
		wantCode(t, err, CodeSpentCode)
	})
	t.Run("what is wrong in the form uses nothing up", func(t *testing.T) {
		w := newWorld(t)
		_, token := w.invited(t, "doctor", address)
		proof := w.proven(t, token, address)
		for name, change := range map[string]func(*InviteAnswer){
			"no name": func(a *InviteAnswer) { a.Name = " " }, "control": func(a *InviteAnswer) { a.Name = "A\u202eB" },
			"future": func(a *InviteAnswer) { a.BirthDate = "2030-01-01" }, "no day": func(a *InviteAnswer) { a.BirthDate = "1990-02-30" },
			"sex": func(a *InviteAnswer) { a.Sex = "x" },
		} {
			in := w.me(t, "A B", "1990-01-01")
			change(&in)
			if _, err := w.Invites.Accept(ctx, token, proof, in); ErrorCode(err) != CodeInvalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		in := w.me(t, "A B", "1990-01-01")
		in.Consents[1].Given = false
		_, err := w.Invites.Accept(ctx, token, proof, in)
		wantCode(t, err, CodeConsentNeeded)
		in = w.me(t, "A B", "1990-01-01")
		in.Consents[0].Version = "0"
		_, err = w.Invites.Accept(ctx, token, proof, in)
		wantCode(t, err, CodeConsentNeeded)
		_, err = w.Invites.Accept(ctx, token, proof, w.me(t, "A B", "1990-01-01"))
		must(t, err)
	})
	t.Run("tokens of nowhere", func(t *testing.T) {
		w := newWorld(t)
		_, token := w.invited(t, "doctor", address)
		for _, bad := range []string{"", "x", "x.y", token + "x", strings.Replace(token, ".", ".0", 1), string(w.demo.clinic.ID) + "." + strings.Repeat("z", 300)} {
			_, err := w.Invites.Offer(ctx, bad)
			wantCode(t, err, CodeLinkInvalid)
		}
	})
}

// Two devices accept at once: one person arises.
func TestInvitationRaced(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	_, token := w.invited(t, "doctor", "twice@mail.example")
	proof := w.proven(t, token, "twice@mail.example")
	before, err := w.Patients.List(ctx, w.actor("admin"))
	must(t, err)
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { _, errs[i] = w.Invites.Accept(ctx, token, proof, w.me(t, "Пётр Два", "1990-01-01")) })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			wantCode(t, err, CodeLinkInvalid)
		}
	}
	after, err := w.Patients.List(ctx, w.actor("admin"))
	must(t, err)
	if won != 1 || len(after) != len(before)+1 {
		t.Errorf("%d won, %d new patients", won, len(after)-len(before))
	}
}

// Nobody gets a second card.
func TestInvitationOfKnownPerson(t *testing.T) {
	ctx := context.Background()
	const address = "kira@mail.example"
	accept := func(t *testing.T, w *world, who, to, name, born string) (Accepted, InviteView) {
		t.Helper()
		v, token := w.invited(t, who, to)
		done, err := w.Invites.Accept(ctx, token, w.proven(t, token, v.Address), w.me(t, name, born))
		must(t, err)
		return done, v
	}
	t.Run("the same contact, name and day: the same card", func(t *testing.T) {
		w := newWorld(t)
		first, _ := accept(t, w, "doctor", address, "Кира Ёлкина", "1980-05-05")
		again, _ := accept(t, w, "doctor2", address, "кира елкина", "1980-05-05")
		if again.Actor.Patient != first.Actor.Patient || again.Actor.Account != first.Actor.Account {
			t.Error("a second card arose")
		}
		card, err := w.Patients.Card(ctx, again.Actor, again.Actor.Patient)
		must(t, err)
		if card.Attending.ID != w.actor("doctor").Practitioner {
			t.Error("an invitation moved a patient to another doctor")
		}
	})
	t.Run("a family's contact: a card of their own", func(t *testing.T) {
		w := newWorld(t)
		first, _ := accept(t, w, "doctor", address, "Кира Ёлкина", "1980-05-05")
		child, _ := accept(t, w, "doctor", address, "Миша Ёлкин", "2015-06-06")
		if child.Review || child.Actor.Patient == first.Actor.Patient {
			t.Errorf("%+v", child)
		}
	})
	for name, c := range map[string]struct{ to, name, born string }{
		"another contact": {"+79001112233", "Кира Ёлкина", "1980-05-05"},
		"another day":     {address, "Кира Ёлкина", "1980-05-06"},
		"another name":    {address, "Кира Соколова", "1980-05-05"},
	} {
		t.Run(name+": the desk decides", func(t *testing.T) {
			w := newWorld(t)
			first, _ := accept(t, w, "doctor", address, "Кира Ёлкина", "1980-05-05")
			done, v := accept(t, w, "doctor2", c.to, c.name, c.born)
			if !done.Review || done.Token != "" {
				t.Fatalf("%+v", done)
			}
			list, err := w.Invites.List(ctx, w.actor("registrar"))
			must(t, err)
			i := 0
			for list[i].ID != v.ID {
				i++
			}
			if list[i].State != InviteReview || list[i].MatchName != "Кира Ёлкина" || list[i].Given.Name != c.name {
				t.Errorf("%+v", list[i])
			}
			for _, same := range []bool{true, false} {
				t.Run(map[bool]string{true: "the same", false: "another"}[same], func(t *testing.T) {
					if !same {
						w = newWorld(t)
						first, _ = accept(t, w, "doctor", address, "Кира Ёлкина", "1980-05-05")
						_, v = accept(t, w, "doctor2", c.to, c.name, c.born)
					}
					_, err := w.Invites.Decide(ctx, w.actor("registrar"), v.ID, same)
					must(t, err)
					w.clock.Advance(time.Minute)
					token := w.tokenTo(t, v.Address)
					again, err := w.Invites.Accept(ctx, token, w.proven(t, token, v.Address), w.me(t, c.name, c.born))
					must(t, err)
					if (again.Actor.Patient == first.Actor.Patient) != same {
						t.Errorf("same card: %v", !same)
					}
				})
			}
		})
	}
}
