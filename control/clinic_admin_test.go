package control

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"consilium/control/calendar"
)

func newClinic(slug string) NewClinic {
	return NewClinic{
		Slug: slug, Name: Text{"ru": "Клиника", "en": "Clinic"}, Zone: "Europe/Moscow", Currency: "RUB", Languages: []string{"ru", "en"},
	}
}

func TestOnlyTheOperatorMakesClinics(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	for key := range w.demo.actors {
		_, err := w.Clinics.Create(ctx, w.actor(key), newClinic("second"))
		wantCode(t, err, CodeDenied)
	}
	made, err := w.Clinics.Create(ctx, Operator(""), newClinic("second"))
	must(t, err)
	_, err = w.Clinics.Create(ctx, Operator(""), newClinic("second"))
	wantCode(t, err, CodeTaken)
	found, err := w.Clinics.Resolve(ctx, Operator(""), "second")
	must(t, err)
	if found.ID != made.ID {
		t.Errorf("the short name finds %s, want %s", found.ID, made.ID)
	}
	_, err = w.Clinics.Resolve(ctx, Operator(""), "")
	wantCode(t, err, CodeInvalid) // there are two
	if n, err := w.Audit.Verify(ctx, made.ID); err != nil || n != 1 {
		t.Errorf("the new clinic's trail has %d entries, %v", n, err)
	}
}

func TestClinicsThatCantBe(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	for field, change := range map[string]func(*NewClinic){
		"/slug":       func(c *NewClinic) { c.Slug = "Тест" },
		"/name/ru":    func(c *NewClinic) { c.Name = Text{"en": "Clinic"} },
		"/zone":       func(c *NewClinic) { c.Zone = "Local" },
		"/currency":   func(c *NewClinic) { c.Currency = "rub" },
		"/languages":  func(c *NewClinic) { c.Languages = []string{"ru", "ru"} },
		"/address/en": func(c *NewClinic) { c.Address = Text{"en": "a\nb"} },
		"/name":       func(c *NewClinic) { c.Name["de"] = "Klinik" },
		"/phone":      func(c *NewClinic) { c.Phone = strings.Repeat("1", 41) },
	} {
		in := newClinic("third")
		in.Name = Text{"ru": "Клиника", "en": "Clinic"}
		change(&in)
		_, err := w.Clinics.Create(ctx, Operator(""), in)
		wantCode(t, err, CodeInvalid)
		if e := err.(*Error); e.Field != field {
			t.Errorf("blames %s, want %s", e.Field, field)
		}
	}
}

func (w *world) clinicUpdate(t *testing.T) (ClinicUpdate, uint64) {
	t.Helper()
	v, err := w.Clinics.Settings(context.Background(), w.actor("admin"))
	must(t, err)
	return ClinicUpdate{v.Name, v.Zone, v.Languages, v.Licence, v.Address, v.Phone, v.Accent, v.Settings}, v.Rev
}

func TestAdministratorChangesTheClinic(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	links, err := w.demo.links(ctx, w.due)
	must(t, err)
	to, rev := w.clinicUpdate(t)
	to.Accent = "#ffd700"
	_, err = w.Clinics.Update(ctx, w.actor("admin"), to, rev)
	wantCode(t, err, CodeInvalid) // white text on it can't be read
	to.Accent = "#5b21b6"
	none := 0
	to.Settings.MaxGuests = &none
	to.Settings.StaffIdle = 10 * time.Minute
	v, err := w.Clinics.Update(ctx, w.actor("admin"), to, rev)
	must(t, err)
	if v.Accent != "#5b21b6" || v.Rev == rev {
		t.Errorf("the clinic is %+v", v)
	}
	_, err = w.Clinics.Update(ctx, w.actor("admin"), to, rev)
	wantCode(t, err, CodeVersionStale)
	_, err = w.Encounters.InviteGuest(ctx, w.actor("doctor"), w.due.Encounter, "Guest", "relative")
	wantCode(t, err, CodeTooMany)

	// The administrator's own wish for idle sessions holds.
	signed, err := w.Sessions.SignIn(ctx, LinkDemo, strings.TrimPrefix(links["admin"], "/demo#"))
	must(t, err)
	w.clock.Advance(9 * time.Minute)
	_, err = w.Sessions.Authenticate(ctx, signed.Token)
	must(t, err)
	w.clock.Advance(10 * time.Minute)
	_, err = w.Sessions.Authenticate(ctx, signed.Token)
	wantCode(t, err, CodeUnauthenticated)
}

func TestSuspendedClinicIsClosed(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	links, err := w.demo.links(ctx, w.due)
	must(t, err)
	tokens := map[string]string{}
	for who, link := range links {
		path, token, _ := strings.Cut(link, "#")
		signed, err := w.Sessions.SignIn(ctx, LinkKind(strings.TrimPrefix(path, "/")), token)
		must(t, err)
		tokens[who] = signed.Token
	}
	operator := Operator(w.demo.clinic.ID)
	for _, key := range []string{"admin", "doctor"} {
		wantCode(t, w.Clinics.Suspend(ctx, w.actor(key)), CodeDenied)
	}
	must(t, w.Clinics.Suspend(ctx, operator))
	wantCode(t, w.Clinics.Suspend(ctx, operator), CodeSuspended)
	for who, token := range tokens {
		_, err := w.Sessions.Authenticate(ctx, token)
		wantCode(t, err, CodeUnauthenticated)
		if !w.rooms.has("revoke " + hashToken(token)) {
			t.Errorf("the sockets of %s stay open", who)
		}
	}
	_, err = w.Sessions.SignIn(ctx, LinkDemo, strings.TrimPrefix(links["doctor"], "/demo#"))
	wantCode(t, err, CodeSuspended)
	_, err = w.Appointments.Book(ctx, w.actor("doctor"), w.booking("kuznetsova", noon.Add(48*time.Hour)))
	wantCode(t, err, CodeSuspended)
	open, err := w.Clinics.Open(ctx)
	must(t, err)
	if len(open) != 0 {
		t.Errorf("the sign-in page shows %d clinics", len(open))
	}
	must(t, w.Clinics.Resume(ctx, operator))
	wantCode(t, w.Clinics.Resume(ctx, operator), CodeTransitionRefused)
	_, err = w.Sessions.SignIn(ctx, LinkDemo, strings.TrimPrefix(links["doctor"], "/demo#"))
	must(t, err)
	_, err = w.Appointments.Book(ctx, w.actor("doctor"), w.booking("kuznetsova", noon.Add(48*time.Hour)))
	must(t, err)
}

func TestJurisdictionRestrictsServices(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	set := func(kind ServiceKind) {
		t.Helper()
		must(t, w.update(ctx, w.actor("admin"), func(u *unit) error {
			s, err := u.service("followup")
			if err != nil {
				return err
			}
			s.Kind = kind
			_, err = u.t.services.Put(u, u.scope, &s, s.Rev)
			return err
		}))
	}
	at := noon.Add(48 * time.Hour)
	book := func(ref *InPersonRef) error {
		b := w.booking("kuznetsova", at)
		b.InPerson = ref
		at = at.Add(time.Hour)
		v, err := w.Appointments.Book(ctx, w.actor("doctor"), b)
		if err == nil && ref != nil && (v.InPerson == nil || v.InPerson.Date != ref.Date) {
			t.Errorf("the visit forgot the one in person")
		}
		return err
	}
	must(t, book(nil))
	set(KindFirstDiagnosis)
	wantCode(t, book(nil), CodeServiceForbidden)
	wantCode(t, book(&InPersonRef{"2026-11-01", "Клиника на Садовой"}), CodeServiceForbidden)
	set(KindTreatmentChange)
	wantCode(t, book(nil), CodeInPersonRequired)
	wantCode(t, book(&InPersonRef{"2027-01-01", "Клиника"}), CodeInvalid)
	wantCode(t, book(&InPersonRef{"01.11.2026", "Клиника"}), CodeInvalid)
	wantCode(t, book(&InPersonRef{"2026-11-01", " "}), CodeInvalid)
	must(t, book(&InPersonRef{"2026-11-01", "Клиника на Садовой"}))

	needs, err := w.Clinics.Consents(ctx, w.actor("patient"), "followup")
	must(t, err)
	if len(needs) != 3 || !needs[0].Required {
		t.Errorf("the service needs %+v", needs)
	}
	// Another country asks for something else.
	general, err := BuiltinJurisdiction("general")
	must(t, err)
	_, err = w.Clinics.SetJurisdiction(ctx, w.actor("admin"), general)
	wantCode(t, err, CodeDenied)
	_, err = w.Clinics.SetJurisdiction(ctx, Operator(w.demo.clinic.ID), general)
	must(t, err)
	must(t, book(nil))
}

func TestJurisdictionsAreWhole(t *testing.T) {
	for _, id := range Jurisdictions() {
		v, err := BuiltinJurisdiction(id)
		must(t, err)
		if v.ID != id {
			t.Errorf("%s calls itself %s", id, v.ID)
		}
		for _, kind := range ServiceKinds() {
			if _, ok := v.Kinds[kind]; !ok {
				t.Errorf("%s says nothing about %s", id, kind)
			}
		}
		for _, c := range v.Consents {
			for _, l := range Languages() {
				if c.Title[l] == "" || c.Text[l] == "" {
					t.Errorf("%s: consent %s has no words in %s", id, c.ID, l)
				}
			}
		}
	}
	for _, wrong := range []string{`{`, `{}`, `{"id":"x","name":{"en":"X"},"emergency":"1","retentionYears":5,"kinds":{"magic":{"allow":"yes"}}}`, `{"idd":"x"}`} {
		_, err := ParseJurisdiction([]byte(wrong))
		wantCode(t, err, CodeInvalid)
	}
}

func TestQuietHours(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Berlin")
	must(t, err)
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
		must(t, err)
		return v
	}
	clock := func(s string) calendar.Clock {
		v, err := calendar.ParseClock(s)
		must(t, err)
		return v
	}
	for _, test := range []struct{ from, to, at, want string }{
		{"21:00", "08:00", "2026-11-25 20:59", "2026-11-25 20:59"},
		{"21:00", "08:00", "2026-11-25 21:00", "2026-11-26 08:00"},
		{"21:00", "08:00", "2026-11-26 07:59", "2026-11-26 08:00"},
		{"21:00", "08:00", "2026-11-26 08:00", "2026-11-26 08:00"},
		{"13:00", "14:00", "2026-11-26 13:30", "2026-11-26 14:00"},
		{"13:00", "14:00", "2026-11-26 14:00", "2026-11-26 14:00"},
		{"08:00", "08:00", "2026-11-26 08:00", "2026-11-26 08:00"},
		{"22:00", "07:00", "2026-03-28 23:00", "2026-03-29 07:00"}, // the clock goes forward that night
	} {
		got := Quiet{clock(test.from), clock(test.to)}.Until(at(test.at), zone)
		if !got.Equal(at(test.want)) {
			t.Errorf("%s–%s at %s: %s, want %s", test.from, test.to, test.at, got, test.want)
		}
	}
}

func TestRefund(t *testing.T) {
	usual, strict := Service{}, Service{Cancel: CancelPolicy{{48 * time.Hour, 80}}}
	for _, test := range []struct {
		service Service
		ahead   time.Duration
		want    int
	}{
		{usual, 25 * time.Hour, 100},
		{usual, 24 * time.Hour, 100},
		{usual, 3 * time.Hour, 50},
		{usual, time.Hour, 0},
		{usual, -time.Hour, 0},
		{strict, 48 * time.Hour, 80},
		{strict, 47 * time.Hour, 0},
	} {
		if got := test.service.Refund(test.ahead); got != test.want {
			t.Errorf("%s ahead: %d %%, want %d", test.ahead, got, test.want)
		}
	}
}

func picture(t testing.TB, side int) []byte {
	t.Helper()
	var buf bytes.Buffer
	must(t, png.Encode(&buf, image.NewGray(image.Rect(0, 0, side, side))))
	return buf.Bytes()
}

func TestLogo(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	set := func(raw []byte) error {
		_, err := w.Clinics.SetLogo(ctx, w.actor("admin"), bytes.NewReader(raw))
		return err
	}
	wantCode(t, set([]byte("<svg/>")), CodeTypeRefused)
	wantCode(t, set(picture(t, 64)[:60]), CodeTypeRefused) // cut off
	wantCode(t, set(picture(t, 2001)), CodeInvalid)
	wantCode(t, set(make([]byte, maxLogoBytes+1)), CodeTooLarge)
	_, err := w.Clinics.SetLogo(ctx, w.actor("registrar"), bytes.NewReader(picture(t, 64)))
	wantCode(t, err, CodeDenied)
	must(t, set(picture(t, 64)))
	must(t, set(picture(t, 65)))
	// The second replaces the first, whose file goes; housekeeping keeps what is named.
	_, err = w.runOutbox(ctx)
	must(t, err)
	w.clock.Advance(48 * time.Hour)
	must(t, w.sweepFiles(ctx))
	f, logo, err := w.Clinics.Logo(ctx, w.demo.clinic.ID)
	must(t, err)
	must(t, f.Close())
	if logo.Mime != "image/png" {
		t.Errorf("the picture is %s", logo.Mime)
	}
	must(t, w.Clinics.Suspend(ctx, Operator(w.demo.clinic.ID)))
	_, _, err = w.Clinics.Logo(ctx, w.demo.clinic.ID)
	wantCode(t, err, CodeNotFound)
}
