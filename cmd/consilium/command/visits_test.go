package command

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestVisitsByCommand lists, shows and cancels visits through a running server and on the
// folder, and looks at hours and duties.
func TestVisitsByCommand(t *testing.T) {
	cfg := testConfig(t)
	links, stop := startServe(t, cfg)
	data := []string{"--data", cfg.Data}
	args := func(args ...string) []string { return append(args, data...) }
	doctor := signIn(t, links, "doctor")
	first, second := doctor.book(3), doctor.book(4)
	doctor.do(http.MethodPut, "/duty", map[string]any{"on": true, "until": time.Now().Add(time.Hour)}, nil)
	patient := signIn(t, links, "patient2")
	patient.do(http.MethodPost, "/emergencies", map[string]any{"serviceId": "urgent", "redFlags": []string{}}, nil)

	from := time.Now().AddDate(0, 0, 2).Format(time.DateOnly)
	mine := args("appointments", "list", "--doctor", "doctor@meridian.example", "--from", from, "--status", "booked")
	has := func(all visitLines, id string) bool {
		for _, v := range all.Visits {
			if v.ID == id {
				return true
			}
		}
		return false
	}
	all := answered[visitLines](t, mine...)
	if !has(all, first) || !has(all, second) {
		t.Errorf("the doctor's visits are %+v", all)
	}
	if one := answered[visitLines](t, append(mine, "--limit", "1")...); len(one.Visits) != 1 || !one.More {
		t.Errorf("one of them is %+v", one)
	}
	if other := answered[visitLines](t, args("appointments", "list", "--doctor", "doctor2@meridian.example", "--from", from)...); has(other, first) {
		t.Error("the other doctor has the visit")
	}
	show := answered[visitLine](t, args("appointments", "show", first)...)
	if show.Status != "booked" || show.Doctor != "Анна Сергеевна Морозова" || show.Zone != "Europe/Moscow" || show.Version == 0 {
		t.Errorf("the visit is %+v", show)
	}
	call(t, exitUsage, args("appointments", "cancel", first)...) // no reason
	call(t, exitUsage, args("appointments", "cancel", "nothing", "--reason", "x")...)
	call(t, exitUsage, args("appointments", "show", "nothing")...)
	call(t, exitUsage, args("appointments", "list", "--status", "lost")...)
	call(t, exitUsage, args("appointments", "list", "--from", "tomorrow")...)
	call(t, exitUsage, args("appointments", "list", "--doctor", "nobody")...)
	call(t, exitUsage, args("appointments", "list", "--limit", "0")...)
	done := answered[visitLine](t, args("appointments", "cancel", first, "--reason", "Врач заболел")...)
	if done.Status != "cancelled_clinic" || done.Reason != "Врач заболел" {
		t.Errorf("cancelled: %+v", done)
	}
	call(t, exitFailure, args("appointments", "cancel", first, "--reason", "again")...)

	hours := answered[hoursResult](t, args("schedule", "show", "doctor@meridian.example")...)
	if len(hours.Weekly) == 0 || hours.Weekly[0].Hours == "" || len(hours.Weekly[0].Days) == 0 || hours.StepMin == 0 {
		t.Errorf("the hours are %+v", hours)
	}
	call(t, exitUsage, args("schedule", "show", "nobody@meridian.example")...)
	duties := answered[dutyLines](t, args("emergencies", "duty")...)
	if len(duties.Duties) != 1 || duties.Duties[0].Doctor != "Анна Сергеевна Морозова" {
		t.Errorf("on duty: %+v", duties)
	}
	calls := answered[callLines](t, args("emergencies", "list")...)
	if len(calls.Calls) != 1 || calls.Calls[0].Position != 1 || calls.OnDuty != 1 || len(calls.Calls[0].Offers) != 1 {
		t.Errorf("waiting: %+v", calls)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}

	if again := answered[visitLine](t, args("appointments", "show", first)...); again != done {
		t.Errorf("%+v through the server, %+v on the folder", done, again)
	}
	if v := answered[visitLine](t, args("appointments", "cancel", second, "--reason", "Ремонт")...); v.Status != "cancelled_clinic" {
		t.Errorf("cancelled on the folder: %+v", v)
	}
	for _, said := range []string{
		call(t, exitOK, mine...), call(t, exitOK, args("appointments", "list", "--from", from)...), call(t, exitOK, args("appointments", "show", second)...),
		call(t, exitOK, args("emergencies", "list")...), call(t, exitOK, args("emergencies", "duty")...), call(t, exitOK, args("schedule", "show", "doctor@meridian.example")...),
	} {
		if said == "" || strings.Contains(said, "Соколов") || strings.Contains(said, "Carter") {
			t.Errorf("printed %q", said)
		}
	}
	text := call(t, exitOK, args("audit", "export")...)
	if strings.Count(text, `"Role":"operator","Action":"appointment.cancel"`) != 2 {
		t.Error("the trail does not hold both cancellations by the operator")
	}
}

// TestTokensByCommand makes a token, uses it, and revokes it.
func TestTokensByCommand(t *testing.T) {
	cfg := testConfig(t)
	links, stop := startServe(t, cfg)
	root := base(t, links)
	args := func(args ...string) []string { return append(args, "--data", cfg.Data) }
	status := func(token, path string) int {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, root+"/api/v1"+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		return answer.StatusCode
	}
	call(t, exitUsage, args("token", "create", "--name", "Учёт")...)
	call(t, exitUsage, args("token", "create", "--name", "Учёт", "--scopes", "everything")...)
	call(t, exitUsage, args("token", "create", "--name", "Учёт", "--scopes", "appointments:read", "--days", "0")...)
	call(t, exitUsage, args("token", "create", "--name", "Учёт", "--scopes", "appointments:read", "--days", "9999")...)
	made := answered[tokenLine](t, args("token", "create", "--name", "Учёт", "--scopes", "appointments:read,schedule:read", "--days", "30")...)
	if made.Secret == "" || len(made.Scopes) != 2 || made.Expires.Before(time.Now().AddDate(0, 0, 29)) {
		t.Fatalf("made %+v", made)
	}
	if got := status(made.Secret, "/appointments"); got != http.StatusOK {
		t.Errorf("the token reads visits: %d", got)
	}
	if got := status(made.Secret, "/patients"); got != http.StatusForbidden {
		t.Errorf("the token reads patients: %d", got)
	}
	call(t, exitUsage, args("token", "create", "--name", "Учёт", "--scopes", "appointments:read")...) // the name is taken
	said := call(t, exitOK, args("token", "list", "--json")...)
	if strings.Contains(said, made.Secret) || !strings.Contains(said, "Учёт") || !strings.Contains(said, `"used"`) {
		t.Errorf("the list is %s", said)
	}
	call(t, exitUsage, args("token", "revoke", "nothing")...)
	call(t, exitOK, args("token", "revoke", "Учёт")...)
	if got := status(made.Secret, "/appointments"); got != http.StatusUnauthorized {
		t.Errorf("after it was revoked: %d", got)
	}
	if left := answered[tokenLines](t, args("token", "list")...); len(left.Tokens) != 0 {
		t.Errorf("left: %+v", left)
	}

	// Nobody of the demonstration has more than a password; who is meant must be clear.
	call(t, exitFailure, args("user", "reset-2fa", "doctor@meridian.example")...)
	call(t, exitUsage, args("user", "reset-2fa", "nobody@meridian.example")...)
	call(t, exitUsage, args("user", "reset-2fa")...)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	call(t, exitFailure, args("user", "reset-2fa", "doctor@meridian.example")...)
	text := call(t, exitOK, args("audit", "export")...)
	if !strings.Contains(text, `"Role":"operator","Action":"token.create"`) || !strings.Contains(text, `"Action":"token.revoke"`) {
		t.Error("the trail does not tell of the token")
	}
}
