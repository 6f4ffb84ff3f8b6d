package control

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"consilium/control/calendar"
	"consilium/store"
)

// Feed is a private address under which a person's own calendar program reads visits. Its
// secret is in the address, as such programs sign in nowhere; it is kept as a hash, and can
// be taken back.
type Feed struct {
	store.Revised
	ID      string // hash of the address's token
	Account AccountID
	Clinic  bool // all visits of the clinic, not the account's own
	Names   bool // patients by name, else by initials
	Created time.Time
	Revoked time.Time // zero while it works
}

// Feeds is about calendars in people's own programs.
type Feeds struct{ *core }

// ErrFeedRevoked says that an address worked once.
var ErrFeedRevoked = errors.New("this calendar's address was taken back")

// Bounds of feeds.
const (
	maxFeeds     = 10   // that work, of one account
	feedPast     = 30   // days
	feedAhead    = 180  // days
	clinicAhead  = 31   // days, of a clinic's feed
	maxEvents    = 5000 // of one feed
	feedRefresh  = 15 * time.Minute
	revokedFeeds = 90 * 24 * time.Hour // after which a revoked address is unknown
)

// NewFeed is what a person chooses.
type NewFeed struct {
	Clinic bool
	Names  bool
}

// Create makes an address. The token is seen here and never again.
func (s *Feeds) Create(ctx context.Context, who Actor, in NewFeed) (f Feed, token string, err error) {
	if err := s.authorize(who, OpFeeds); err != nil {
		return f, "", err
	}
	switch desk := who.Role == RoleAdmin || who.Role == RoleRegistrar; {
	case in.Clinic && !desk:
		return f, "", fail(CodeDenied, "the clinic's calendar is for its administrators and registrars")
	case !in.Clinic && desk:
		return f, "", invalid("/clinic", "administrators and registrars have no visits of their own")
	case in.Names && !who.Role.Staff():
		return f, "", invalid("/names", "a patient's calendar has no other patients")
	}
	token = newToken(who.Clinic)
	err = s.update(ctx, who, func(u *unit) error {
		mine, err := u.feedsOf(who.Account)
		if err != nil {
			return err
		}
		if len(mine) >= maxFeeds {
			return fail(CodeTooMany, "at most %d calendars; remove one", maxFeeds)
		}
		f = Feed{ID: hashToken(token), Account: who.Account, Clinic: in.Clinic, Names: in.Names, Created: u.now}
		if _, err := u.t.feeds.Put(u, u.scope, &f, 0); err != nil {
			return err
		}
		return u.audit("feed.create", "feed", f.ID, map[bool]string{true: "names"}[f.Names])
	})
	return f, token, err
}

// List returns the actor's addresses that work, oldest first, without their secrets.
func (s *Feeds) List(ctx context.Context, who Actor) ([]Feed, error) {
	if err := s.authorize(who, OpFeeds); err != nil {
		return nil, err
	}
	var out []Feed
	err := s.view(ctx, who, func(u *unit) (err error) {
		out, err = u.feedsOf(who.Account)
		return err
	})
	return out, err
}

// Revoke takes one of the actor's addresses back, at once and for good.
func (s *Feeds) Revoke(ctx context.Context, who Actor, id string) error {
	if err := s.authorize(who, OpFeeds); err != nil {
		return err
	}
	return s.update(ctx, who, func(u *unit) error {
		f, rev, err := u.t.feeds.Get(u, u.scope, id)
		if err != nil {
			return missing(err, "calendar")
		}
		if f.Account != who.Account {
			return notFound("calendar")
		}
		if !f.Revoked.IsZero() {
			return nil
		}
		f.Revoked = u.now
		if _, err := u.t.feeds.Put(u, u.scope, &f, rev); err != nil {
			return err
		}
		return u.audit("feed.revoke", "feed", f.ID, "")
	})
}

// feedsOf returns an account's feeds that work.
func (u *unit) feedsOf(account AccountID) ([]Feed, error) {
	out := []Feed{}
	for f, err := range u.t.feeds.Where(u, u.scope, u.t.feedsByAccount, store.Text(string(account))) {
		if err != nil {
			return nil, err
		}
		if f.Revoked.IsZero() {
			out = append(out, f)
		}
	}
	slices.SortFunc(out, func(a, b Feed) int { return a.Created.Compare(b.Created) })
	return out, nil
}

// Read returns the calendar behind a token, and a tag that is the same while it is.
// ErrFeedRevoked and CodeNotFound say that there is none.
func (s *Feeds) Read(ctx context.Context, token string) (ics []byte, etag string, err error) {
	clinic, ok := clinicOfToken(token)
	if !ok {
		return nil, "", notFound("calendar")
	}
	err = s.view(ctx, System(clinic), func(u *unit) error {
		f, _, err := u.t.feeds.Get(u, u.scope, hashToken(token))
		if err != nil {
			return missing(err, "calendar")
		}
		account, err := u.account(f.Account)
		if err != nil {
			return err
		}
		own, err := u.clinic()
		if err != nil {
			return err
		}
		if !f.Revoked.IsZero() || account.Closed || own.open() != nil {
			return ErrFeedRevoked
		}
		feed, err := u.feed(&f, &account, &own)
		ics = feed.ICS()
		return err
	})
	if err != nil {
		return nil, "", err
	}
	sum := sha256.Sum256(ics)
	return ics, `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`, nil
}

// feed gathers the events as the owner of the feed may see them.
func (u *unit) feed(f *Feed, owner *Account, clinic *Clinic) (*calendar.Feed, error) {
	locale := u.letters.Locale(orElse(owner.Locale, clinic.Language()))
	name := clinic.Name.In(locale, clinic.Language())
	out := &calendar.Feed{Method: calendar.Publish, Name: name, Refresh: feedRefresh}
	zone, err := clinic.Location()
	if err != nil {
		return out, err
	}
	ahead := feedAhead
	if f.Clinic {
		ahead = clinicAhead
	}
	y, m, d := u.now.In(zone).Date() // whole days, so that the bytes change only when a visit does
	filter := AppointmentFilter{
		From: time.Date(y, m, d-feedPast, 0, 0, 0, 0, zone), To: time.Date(y, m, d+ahead, 0, 0, 0, 0, zone),
	}
	as := *u
	as.who = actorOf(ClinicID(u.scope), owner, &Session{})
	if as.who.partyTo(&Appointment{Practitioner: owner.Practitioner, Patient: owner.Patient}) == "" {
		return out, nil // not a role with visits
	}
	sight := as.newSight()
	for a, err := range as.visible(filter, cursor{}) {
		if err != nil {
			return out, err
		}
		if !filter.matches(&a) || !a.inFeeds() {
			continue
		}
		if len(out.Events) == maxEvents {
			break
		}
		v, err := sight.show(&a)
		if err != nil {
			return out, err
		}
		out.Events = append(out.Events, u.feedEvent(&v, f, owner, locale, name))
	}
	return out, nil
}

// inFeeds leaves out what never was a plan, and what lives on under the same id.
func (p *Appointment) inFeeds() bool {
	switch p.Status {
	case Queued, Rescheduled, EnteredInError, Expired:
		return false
	}
	return true
}

// feedEvent words an event so that whoever glances at the calendar learns little.
func (u *unit) feedEvent(v *AppointmentView, f *Feed, owner *Account, locale, clinic string) calendar.Event {
	what := map[string]string{"ru": "Консультация", "en": "Consultation"}[locale]
	e := calendar.Event{
		UID: v.uid(u.cfg.host()), Sequence: v.sequence(), Status: v.eventStatus(), Start: v.Start, End: v.End, Stamp: v.Since,
		URL: u.cfg.PublicURL + "/",
	}
	if owner.Role == RolePatient {
		e.Summary, e.Details = what+" · "+clinic, v.Practitioner.Name
		return e
	}
	patient := initials(v.PatientName)
	if f.Names {
		patient = v.PatientName
	}
	e.Summary = what + " · " + patient
	if f.Clinic {
		e.Summary = v.Practitioner.Name + " · " + patient
	}
	e.Details = "№ " + v.No
	return e
}

// initials are the first letters of a name: A. S. M.
func initials(name string) string {
	var out []string
	for word := range strings.FieldsSeq(name) {
		if r, _ := utf8.DecodeRuneInString(word); len(out) < 3 {
			out = append(out, string(r)+".")
		}
	}
	return strings.Join(out, " ")
}
