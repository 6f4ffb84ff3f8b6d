package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"consilium/control"
)

func (s *server) feedRoutes() {
	const tag = "calendar"
	add(s, signedIn, op("listFeeds", get, "/feeds", tag, "The viewer's private calendar addresses"), s.listFeeds)
	create := op("createFeed", post, "/feeds", tag, "Make a private calendar address; it is shown once")
	create.DefaultStatus = http.StatusCreated
	add(s, signedIn, create, s.createFeed)
	add(s, signedIn, op("revokeFeed", del, "/feeds/{id}", tag, "Take a private calendar address back"), s.revokeFeed)
}

// Feed is an address that a calendar program reads. Its secret is not in it.
type Feed struct {
	ID      string    `json:"id"`
	Scope   string    `json:"scope" enum:"own,clinic"`
	Names   bool      `json:"names" doc:"Patients by name, else by initials"`
	Created time.Time `json:"created"`
}

// NewFeed chooses what an address shows.
type NewFeed struct {
	Scope string `json:"scope" enum:"own,clinic" doc:"Own: for doctors and patients. Clinic: for administrators and registrars"`
	Names bool   `json:"names,omitempty" doc:"Patients by name, else by initials; staff only"`
}

// FeedAddress is a fresh address. Whoever has it reads the calendar.
type FeedAddress struct {
	Feed
	URL string `json:"url"`
}

// FeedList is all that works.
type FeedList struct {
	Items []Feed `json:"items" nullable:"false"`
}

type createFeedInput struct{ Body NewFeed }

type revokeFeedInput struct {
	ID string `path:"id" maxLength:"64"`
}

func feedOf(f *control.Feed) Feed {
	scope := "own"
	if f.Clinic {
		scope = "clinic"
	}
	return Feed{ID: f.ID, Scope: scope, Names: f.Names, Created: f.Created}
}

func (s *server) listFeeds(ctx context.Context, who control.Actor, _ *none) (*answer[FeedList], error) {
	feeds, err := s.ctl.Feeds.List(ctx, who)
	out := FeedList{Items: []Feed{}}
	for i := range feeds {
		out.Items = append(out.Items, feedOf(&feeds[i]))
	}
	return &answer[FeedList]{out}, err
}

func (s *server) createFeed(ctx context.Context, who control.Actor, in *createFeedInput) (*answer[FeedAddress], error) {
	f, token, err := s.ctl.Feeds.Create(ctx, who, control.NewFeed{Clinic: in.Body.Scope == "clinic", Names: in.Body.Names})
	return &answer[FeedAddress]{FeedAddress{feedOf(&f), s.cfg.PublicURL + icalPath + token + icalSuffix}}, err
}

func (s *server) revokeFeed(ctx context.Context, who control.Actor, in *revokeFeedInput) (*none, error) {
	return nil, s.ctl.Feeds.Revoke(ctx, who, in.ID)
}

// The address of a feed: calendar programs send no headers of ours, so that the secret is
// in the path.
const (
	icalPath   = "/ical/"
	icalSuffix = ".ics"
)

// ical serves the calendars behind private addresses. It is a route of its own, beside the
// API: who asks is a program without a session.
func (s *server) ical(w http.ResponseWriter, r *http.Request) {
	requestOf(r.Context()).pattern = "GET /ical/{token}.ics"
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		writeProblem(w, r, newProblem(http.StatusMethodNotAllowed, "method_not_allowed", "A calendar is only read."))
		return
	}
	token, ok := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, icalPath), icalSuffix)
	if !ok {
		token = ""
	}
	ics, etag, err := s.ctl.Feeds.Read(r.Context(), token)
	if errors.Is(err, control.ErrFeedRevoked) {
		writeProblem(w, r, newProblem(http.StatusGone, "gone", "This calendar's address was taken back."))
		return
	}
	if err != nil {
		p, _ := s.report(r.Context(), err).(*Problem)
		writeProblem(w, r, p)
		return
	}
	h := w.Header()
	h.Set("ETag", etag)
	h.Set("Cache-Control", "private, no-cache") // kept by its reader alone, and asked for anew each time
	h.Del("Vary")
	if matchesTag(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "text/calendar; charset=utf-8")
	h.Set("Content-Disposition", `inline; filename="calendar.ics"`)
	h.Set("Content-Length", strconv.Itoa(len(ics)))
	h.Set("X-Robots-Tag", "noindex")
	if r.Method == http.MethodGet {
		_, _ = w.Write(ics) // who hung up needs no answer
	}
}

// matchesTag compares weakly, as If-None-Match wants (RFC 9110 §13.1.2).
func matchesTag(header, etag string) bool {
	for tag := range strings.SplitSeq(header, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
			return true
		}
	}
	return false
}
