package control

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"consilium/control/notify"
)

var someone = Recipient{Channel: notify.Email, Address: "someone@mail.example", Locale: "ru"}

func (w *world) send(t *testing.T, to Recipient, what MessageKind, values map[string]string) {
	t.Helper()
	must(t, w.update(t.Context(), System(w.demo.clinic.ID), func(u *unit) error { return u.send(to, what, values) }))
}

// waiting returns the slow jobs that are left.
func (w *world) waiting(t *testing.T) []Job {
	t.Helper()
	var out []Job
	must(t, w.view(t.Context(), System(w.demo.clinic.ID), func(u *unit) error {
		out = nil
		for j, err := range u.t.slowJobs.List(u, u.scope) {
			if err != nil {
				return err
			}
			out = append(out, j)
		}
		return nil
	}))
	return out
}

// TestEveryKindHasItsWords words each kind in each language and on each channel, with
// the values of its row and no others.
func TestEveryKindHasItsWords(t *testing.T) {
	w := newWorld(t)
	for kind, rule := range messageRules() {
		values := map[string]string{}
		for _, name := range rule.values {
			values[name] = "value-" + name
		}
		if _, ok := values["link"]; ok {
			values["link"] = "/path#token"
		}
		for _, locale := range []string{"en", "ru"} {
			for channel, address := range map[notify.Channel]string{notify.Email: "a@b.example", notify.SMS: "+79991234567"} {
				must(t, w.view(t.Context(), System(w.demo.clinic.ID), func(u *unit) error {
					clinic, err := u.clinic()
					if err != nil {
						return err
					}
					m, err := u.word(Recipient{Channel: channel, Address: address, Locale: locale}, kind, rule, values, &clinic)
					if err != nil {
						return err
					}
					name := fmt.Sprintf("%s %s %s", kind, locale, channel)
					if !strings.Contains(m.Text, clinic.Name.In(locale, "")) {
						t.Errorf("%s does not name the clinic: %s", name, m.Text)
					}
					if _, ok := values["link"]; ok && !strings.Contains(m.Text, "http://localhost:8080/path#token") {
						t.Errorf("%s has no link: %s", name, m.Text)
					}
					if strings.Contains(m.Text+m.HTML+m.Subject, "no value") {
						t.Errorf("%s lacks a value: %s", name, m.Text)
					}
					if channel == notify.Email && (m.Subject == "" || m.HTML == "") {
						t.Errorf("%s: subject %q, %d bytes of HTML", name, m.Subject, len(m.HTML))
					}
					return nil
				}))
			}
		}
	}
}

func TestMessageIsSentAfterTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		running(t, w)
		w.send(t, someone, MsgCode, map[string]string{"code": "123456"})
		must(t, w.update(t.Context(), System(w.demo.clinic.ID), func(u *unit) error {
			err := u.send(Recipient{Channel: notify.Email, Address: "a b"}, MsgCode, map[string]string{"code": "1"})
			if !errors.Is(err, notify.ErrRefused) {
				t.Errorf("a wrong address gave %v", err)
			}
			if err := u.send(someone, MsgInvitation, nil); err == nil {
				t.Error("values may be missing")
			}
			if err := u.send(someone, "pigeon", nil); err == nil {
				t.Error("an unknown kind was taken")
			}
			return nil
		}))
		synctest.Wait()
		got := w.mail.to(someone.Address)
		if len(got) != 1 || !strings.Contains(got[0].Text, "123456") || strings.Contains(got[0].Subject, "123456") {
			t.Fatalf("sent: %+v", got)
		}
		if left := w.waiting(t); len(left) != 0 {
			t.Errorf("left: %+v", left)
		}
	})
}

func TestMessageIsTriedAgainAndThenGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		var tries atomic.Int64
		w.mail.answer = func(_ context.Context, m notify.Message) error {
			if !strings.HasSuffix(m.To, "@mail.example") { // a patient whose visit nobody came to
				return nil
			}
			tries.Add(1)
			switch {
			case strings.HasPrefix(m.To, "unknown"):
				return fmt.Errorf("%w: 550", notify.ErrRefused)
			case strings.HasPrefix(m.To, "later") && tries.Load() < 4:
				return errors.New("greylisted")
			case strings.HasPrefix(m.To, "never"):
				return errors.New("server is away")
			}
			return nil
		}
		running(t, w)
		later := Recipient{Channel: notify.Email, Address: "later@mail.example"}
		w.send(t, later, MsgCode, map[string]string{"code": "123456"})
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := w.mail.to(later.Address); len(got) != 1 || tries.Load() != 4 {
			t.Fatalf("%d sent in %d tries", len(got), tries.Load())
		}

		tries.Store(0)
		w.send(t, Recipient{Channel: notify.Email, Address: "unknown@mail.example"}, MsgCode, map[string]string{"code": "123456"})
		time.Sleep(time.Hour)
		synctest.Wait()
		if tries.Load() != 1 {
			t.Errorf("a refused message was tried %d times", tries.Load())
		}

		w.send(t, Recipient{Channel: notify.Email, Address: "never@mail.example"}, MsgCode, map[string]string{"code": "123456"})
		time.Sleep(11 * time.Minute)
		synctest.Wait()
		before := tries.Load()
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if tries.Load() != before || len(w.waiting(t)) != 0 {
			t.Errorf("an old code is still being sent: %d tries after %d", tries.Load(), before)
		}
		if got := w.MessageStats(); got.Sent != 2 || got.GaveUp != 2 {
			t.Errorf("counted %+v", got)
		}
		w.auditMentions(t, "message.give_up", 2, "mail.example")
	})
}

// auditMentions checks how often an action is in the trail, and that a text is nowhere.
func (w *world) auditMentions(t *testing.T, action string, times int, never string) {
	t.Helper()
	must(t, w.view(t.Context(), System(w.demo.clinic.ID), func(u *unit) error {
		n := 0
		last, err := u.t.trail.Last(u, u.scope)
		if err != nil {
			return err
		}
		for entry, err := range u.t.trail.Range(u, u.scope, 1, last+1) {
			if err != nil {
				return err
			}
			if entry.Value.Action == action {
				n++
			}
			if strings.Contains(fmt.Sprint(entry.Value), never) {
				t.Errorf("the trail holds %q: %+v", never, entry.Value)
			}
		}
		if n != times {
			t.Errorf("%s is in the trail %d times, want %d", action, n, times)
		}
		return nil
	}))
}

// TestSlowServerHoldsUpNobodyElse has a mail server that never answers: SMS, and the
// server's own side effects, go on.
func TestSlowServerHoldsUpNobodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		var busy, most atomic.Int64
		w.mail.answer = func(ctx context.Context, m notify.Message) error {
			if m.Channel == notify.SMS {
				return nil
			}
			most.Store(max(most.Load(), busy.Add(1)))
			defer busy.Add(-1)
			<-ctx.Done()
			return ctx.Err()
		}
		running(t, w)
		for range 50 {
			w.send(t, someone, MsgInvitation, map[string]string{"from": "x", "link": "/x#y", "until": "x"})
		}
		phone := Recipient{Channel: notify.SMS, Address: "+79990000001"}
		w.send(t, phone, MsgCode, map[string]string{"code": "123456"})
		w.begin(t)
		_, err := w.Encounters.Finish(t.Context(), w.actor("doctor"), w.due.Encounter)
		must(t, err)
		synctest.Wait()
		if len(w.mail.to(phone.Address)) != 1 || !w.rooms.has("close "+string(w.due.Encounter)+" finished") {
			t.Error("a mail server that hangs held up others")
		}
		time.Sleep(10 * time.Minute)
		if most.Load() != courierClinic {
			t.Errorf("%d at once, want %d", most.Load(), courierClinic)
		}
	})
}

func TestUrgentMessagesGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		for range 20 {
			w.send(t, someone, MsgInvitation, map[string]string{"from": "x", "link": "/x#y", "until": "x"})
		}
		time.Sleep(time.Second)
		w.send(t, someone, MsgCode, map[string]string{"code": "123456"})
		w.mail.answer = func(context.Context, notify.Message) error { time.Sleep(time.Second); return nil }
		running(t, w)
		time.Sleep(1500 * time.Millisecond)
		sent := w.mail.to(someone.Address)
		found := false
		for _, m := range sent {
			found = found || strings.Contains(m.Text, "123456")
		}
		if len(sent) != courierClinic || !found {
			t.Errorf("the code was not among the first %d", len(sent))
		}
		time.Sleep(time.Minute)
	})
}

// Without a way to send, messages are given up and do not pile up.
func TestNothingIsSentWithoutASender(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		w.core.sender = nil
		running(t, w)
		w.send(t, someone, MsgCode, map[string]string{"code": "123456"})
		synctest.Wait()
		if len(w.waiting(t)) != 0 || w.MessageStats().GaveUp != 1 || len(w.Channels()) != 0 {
			t.Errorf("kept: %+v, counted: %+v", w.waiting(t), w.MessageStats())
		}
	})
}

// TestServerThatDiesAfterHandingOver repeats a message that was taken over and not written
// down as sent, once, after the pause and under the same id, by which a repeat is known.
func TestServerThatDiesAfterHandingOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newTimedWorld(t)
		w.send(t, someone, MsgCode, map[string]string{"code": "123456"})
		job := w.waiting(t)[0]
		must(t, w.claim(t.Context(), w.demo.clinic.ID, &job))
		must(t, w.doSlowJob(t.Context(), w.demo.clinic.ID, &job)) // and here it dies
		running(t, w)
		synctest.Wait()
		if got := w.mail.to(someone.Address); len(got) != 1 {
			t.Fatalf("%d sent at once, want 1", len(got))
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		got := w.mail.to(someone.Address)
		if len(got) != 2 || got[0].ID != got[1].ID || len(w.waiting(t)) != 0 {
			t.Errorf("sent %+v, left %+v", got, w.waiting(t))
		}
	})
}
