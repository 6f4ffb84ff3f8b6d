package control

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// unfold joins the lines that were folded.
func unfold(ics []byte) string { return strings.ReplaceAll(string(ics), "\r\n ", "") }

// event returns the lines of one appointment, "" when the feed has it not.
func event(ics []byte, id AppointmentID) string {
	for part := range strings.SplitSeq(unfold(ics), "BEGIN:VEVENT") {
		if strings.Contains(part, "UID:"+string(id)+"@") {
			return part
		}
	}
	return ""
}

func TestFeedShowsWhatItsOwnerMaySee(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	read := func(who string, in NewFeed) string {
		t.Helper()
		_, token, err := w.Feeds.Create(ctx, w.actor(who), in)
		must(t, err)
		ics, etag, err := w.Feeds.Read(ctx, token)
		must(t, err)
		again, same, err := w.Feeds.Read(ctx, token)
		must(t, err)
		if etag != same || string(again) != string(ics) {
			t.Errorf("%s: the same calendar has another tag", who)
		}
		return event(ics, w.due.ID)
	}
	const patient, doctor = "Соколов", "Морозова"
	for _, test := range []struct {
		who         string
		in          NewFeed
		want, never []string
	}{
		{"doctor", NewFeed{}, []string{"Консультация · ", "STATUS:CONFIRMED", "SEQUENCE:0", "CLASS:PRIVATE"}, []string{patient, w.due.Complaint}},
		{"doctor", NewFeed{Names: true}, []string{patient}, []string{w.due.Complaint}},
		{"patient", NewFeed{}, []string{"Консультация · ", doctor}, []string{patient, w.due.Complaint}},
		{"registrar", NewFeed{Clinic: true}, []string{doctor}, []string{patient, w.due.Complaint}},
		{"admin", NewFeed{Clinic: true, Names: true}, []string{doctor, patient}, []string{w.due.Complaint}},
	} {
		got := read(test.who, test.in)
		for _, want := range test.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s %+v: no %q in %q", test.who, test.in, want, got)
			}
		}
		for _, never := range test.never {
			if strings.Contains(got, never) {
				t.Errorf("%s %+v: %q in %q", test.who, test.in, never, got)
			}
		}
	}
	for _, who := range []string{"doctor2", "patient2"} {
		if got := read(who, NewFeed{}); got != "" {
			t.Errorf("%s sees somebody else's visit: %q", who, got)
		}
	}
}

func TestFeedFollowsTheVisit(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	_, token, err := w.Feeds.Create(ctx, w.actor("doctor"), NewFeed{})
	must(t, err)
	_, before, err := w.Feeds.Read(ctx, token)
	must(t, err)
	_, err = w.Appointments.Cancel(ctx, w.actor("doctor"), w.due.ID, "врач заболел")
	must(t, err)
	ics, after, err := w.Feeds.Read(ctx, token)
	must(t, err)
	got := event(ics, w.due.ID)
	if before == after || !strings.Contains(got, "STATUS:CANCELLED") || !strings.Contains(got, "SEQUENCE:1") || strings.Contains(got, "заболел") {
		t.Errorf("after cancelling, tag %s then %s: %q", before, after, got)
	}
}

func TestFeedEnds(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	doctor := w.actor("doctor")
	f, token, err := w.Feeds.Create(ctx, doctor, NewFeed{})
	must(t, err)
	for _, wrong := range []string{"", "x", f.ID, newToken(doctor.Clinic), newToken("00000000000000000000000000"), token + "x"} {
		_, _, err := w.Feeds.Read(ctx, wrong)
		wantCode(t, err, CodeNotFound)
	}
	wantCode(t, w.Feeds.Revoke(ctx, w.actor("doctor2"), f.ID), CodeNotFound)
	_, _, err = w.Feeds.Read(ctx, token)
	must(t, err)
	must(t, w.Feeds.Revoke(ctx, doctor, f.ID))
	must(t, w.Feeds.Revoke(ctx, doctor, f.ID))
	if _, _, err := w.Feeds.Read(ctx, token); !errors.Is(err, ErrFeedRevoked) {
		t.Errorf("a revoked address gave %v", err)
	}
	left, err := w.Feeds.List(ctx, doctor)
	if err != nil || len(left) != 0 {
		t.Errorf("left %+v, %v", left, err)
	}
	w.clock.Advance(revokedFeeds + time.Hour)
	must(t, w.tidy(ctx))
	_, _, err = w.Feeds.Read(ctx, token)
	wantCode(t, err, CodeNotFound)

	// A person who left takes their calendar with them.
	_, token, err = w.Feeds.Create(ctx, doctor, NewFeed{})
	must(t, err)
	must(t, w.update(ctx, System(doctor.Clinic), func(u *unit) error {
		a, err := u.account(doctor.Account)
		if err != nil {
			return err
		}
		a.Closed = true
		_, err = u.t.accounts.Put(u, u.scope, &a, a.Rev)
		return err
	}))
	if _, _, err := w.Feeds.Read(ctx, token); !errors.Is(err, ErrFeedRevoked) {
		t.Errorf("a closed account's address gave %v", err)
	}
}

func TestFeedsAreForWhoHasVisits(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct {
		who  string
		in   NewFeed
		want Code
	}{
		{"doctor", NewFeed{Clinic: true}, CodeDenied},
		{"patient", NewFeed{Clinic: true}, CodeDenied},
		{"patient", NewFeed{Names: true}, CodeInvalid},
		{"admin", NewFeed{}, CodeInvalid},
		{"accountant", NewFeed{Clinic: true}, CodeDenied},
	} {
		_, _, err := w.Feeds.Create(t.Context(), w.actor(test.who), test.in)
		wantCode(t, err, test.want)
	}
	for range maxFeeds {
		_, _, err := w.Feeds.Create(t.Context(), w.actor("patient"), NewFeed{})
		must(t, err)
	}
	_, _, err := w.Feeds.Create(t.Context(), w.actor("patient"), NewFeed{})
	wantCode(t, err, CodeTooMany)
}
