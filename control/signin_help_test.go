package control

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"consilium/store"
)

var (
	codeInText = regexp.MustCompile(`\b\d{6}\b`)
	linkInText = regexp.MustCompile(`https?://\S+#(\S+)`)
)

// taken returns the text of the one message of a kind that waits to be sent, and takes it
// out of the way.
func (w *world) taken(t testing.TB, kind MessageKind) string {
	t.Helper()
	text := ""
	must(t, w.update(context.Background(), System(w.clinic()), func(u *unit) error {
		text = ""
		for j, err := range u.t.slowJobs.List(u, u.scope) {
			if err != nil {
				return err
			}
			if j.Note != string(kind) {
				continue
			}
			if text != "" {
				t.Errorf("two messages %q", kind)
			}
			text = j.Message.Text
			if err := u.t.slowJobs.Delete(u, u.scope, j.ID, store.Any); err != nil {
				return err
			}
		}
		return nil
	}))
	return text
}

// lastCode is the code that somebody was sent.
func (w *world) lastCode(t testing.TB) string {
	t.Helper()
	code := codeInText.FindString(w.taken(t, MsgCode))
	if code == "" {
		t.Fatal("no code was sent")
	}
	return code
}

// lastLink is the secret of the link to a new password that somebody was sent.
func (w *world) lastLink(t testing.TB) string {
	t.Helper()
	found := linkInText.FindStringSubmatch(w.taken(t, MsgReset))
	if found == nil {
		t.Fatal("no link was sent")
	}
	return strings.TrimSpace(found[1])
}

func (w *world) requireStrong(t testing.TB) {
	t.Helper()
	must(t, w.update(context.Background(), System(w.clinic()), func(u *unit) error {
		clinic, err := u.clinic()
		if err != nil {
			return err
		}
		clinic.Settings.RequireStrong = true
		_, err = u.t.clinics.Put(u, store.Global, &clinic, clinic.Rev)
		return err
	}))
}
