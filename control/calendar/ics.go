package calendar

import (
	"bytes"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// EventStatus says how sure an event is (RFC 5545 §3.8.1.11).
type EventStatus string

// The statuses.
const (
	Tentative EventStatus = "TENTATIVE"
	Confirmed EventStatus = "CONFIRMED"
	Cancelled EventStatus = "CANCELLED"
)

// Method says what a calendar in a mail asks for (RFC 5546).
type Method string

// The methods. Publish is for a feed.
const (
	Publish Method = "PUBLISH"
	Request Method = "REQUEST"
	Cancel  Method = "CANCEL"
)

// Event is one entry of a calendar.
type Event struct {
	UID      string // the same for all changes of one event
	Sequence int    // grows with each change
	Status   EventStatus
	Start    time.Time
	End      time.Time
	Stamp    time.Time // when it last changed
	Summary  string
	Details  string
	Place    string
	URL      string
	// Organizer and Attendee are email addresses. An event with both is an invitation.
	Organizer     string
	OrganizerName string
	Attendee      string
}

// Feed is a calendar file.
type Feed struct {
	Method  Method
	Name    string
	Refresh time.Duration // how often a program should look again; 0 for no wish
	Events  []Event
}

// ICS writes the feed as RFC 5545 has it. Times are in UTC, so that no zone has to be
// described. Equal feeds give equal bytes.
func (f *Feed) ICS() []byte {
	w := &icsWriter{}
	w.line("BEGIN", "VCALENDAR")
	w.line("VERSION", "2.0")
	w.line("PRODID", "-//Consilium//Calendar//EN")
	w.line("CALSCALE", "GREGORIAN")
	w.line("METHOD", string(f.Method))
	if f.Name != "" {
		w.text("NAME", f.Name) // RFC 7986
		w.text("X-WR-CALNAME", f.Name)
	}
	if f.Refresh > 0 {
		minutes := "PT" + strconv.Itoa(int(f.Refresh/time.Minute)) + "M"
		w.line("REFRESH-INTERVAL;VALUE=DURATION", minutes)
		w.line("X-PUBLISHED-TTL", minutes)
	}
	for i := range f.Events {
		f.Events[i].write(w)
	}
	w.line("END", "VCALENDAR")
	return w.out.Bytes()
}

func (e *Event) write(w *icsWriter) {
	w.line("BEGIN", "VEVENT")
	w.text("UID", e.UID)
	w.line("SEQUENCE", strconv.Itoa(e.Sequence))
	w.line("STATUS", string(e.Status))
	w.time("DTSTAMP", e.Stamp)
	w.time("DTSTART", e.Start)
	w.time("DTEND", e.End)
	w.text("SUMMARY", e.Summary)
	w.text("DESCRIPTION", e.Details)
	w.text("LOCATION", e.Place)
	if e.URL != "" {
		w.line("URL", strings.Map(printable, e.URL))
	}
	if e.Organizer != "" && e.Attendee != "" {
		w.line(`ORGANIZER;CN="`+param(e.OrganizerName)+`"`, "mailto:"+strings.Map(printable, e.Organizer))
		w.line("ATTENDEE;PARTSTAT=ACCEPTED;RSVP=FALSE", "mailto:"+strings.Map(printable, e.Attendee))
	}
	w.line("CLASS", "PRIVATE")
	if e.Status == Cancelled {
		w.line("TRANSP", "TRANSPARENT") // nobody is busy
	}
	w.line("END", "VEVENT")
}

// icsWriter writes content lines.
type icsWriter struct{ out bytes.Buffer }

// maxOctets is the longest a line may be, without its end (RFC 5545 §3.1).
const maxOctets = 75

// line writes a property, folded so that no character is torn.
func (w *icsWriter) line(name, value string) {
	rest, room := name+":"+value, maxOctets
	for len(rest) > room {
		cut := room
		for !utf8.RuneStart(rest[cut]) {
			cut--
		}
		w.out.WriteString(rest[:cut])
		w.out.WriteString("\r\n ")
		rest, room = rest[cut:], maxOctets-1 // the space counts
	}
	w.out.WriteString(rest)
	w.out.WriteString("\r\n")
}

// text writes a property of type TEXT; an empty one is left out.
func (w *icsWriter) text(name, value string) {
	if value != "" {
		w.line(name, escape(value))
	}
}

func (w *icsWriter) time(name string, t time.Time) {
	w.line(name, t.UTC().Format("20060102T150405Z"))
}

// escape keeps a text from ending its line or its value (RFC 5545 §3.3.11).
func escape(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	var out strings.Builder
	for _, r := range s {
		switch {
		case r == '\\', r == ';', r == ',':
			out.WriteByte('\\')
			out.WriteRune(r)
		case r == '\n', r == '\r', r == '\u2028', r == '\u2029':
			out.WriteString(`\n`)
		case r < 0x20 || r == 0x7f: // not allowed in a value
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// param keeps a parameter's value within its quotes, which can't be escaped.
func param(s string) string {
	return strings.ReplaceAll(strings.Map(printable, strings.ToValidUTF8(s, "\uFFFD")), `"`, "'")
}

// printable drops what would end a line.
func printable(r rune) rune {
	if r < 0x20 || r == 0x7f || r == '\u2028' || r == '\u2029' {
		return -1
	}
	return r
}
