package calendar

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestICS(t *testing.T) {
	start := time.Date(2026, 11, 26, 14, 30, 0, 0, time.FixedZone("", 3*3600))
	feed := &Feed{Method: Request, Name: "Клиника", Refresh: 15 * time.Minute, Events: []Event{{
		UID: "a@clinic.example", Sequence: 2, Status: Confirmed, Start: start, End: start.Add(30 * time.Minute), Stamp: start.Add(-time.Hour),
		Summary: "Visit; with, comma", Details: "One\nTwo", URL: "https://clinic.example/visit",
		Organizer: "clinic@clinic.example", OrganizerName: `Garden "Street"`, Attendee: "anna@mail.example",
	}}}
	want := strings.ReplaceAll(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Consilium//Calendar//EN
CALSCALE:GREGORIAN
METHOD:REQUEST
NAME:Клиника
X-WR-CALNAME:Клиника
REFRESH-INTERVAL;VALUE=DURATION:PT15M
X-PUBLISHED-TTL:PT15M
BEGIN:VEVENT
UID:a@clinic.example
SEQUENCE:2
STATUS:CONFIRMED
DTSTAMP:20261126T103000Z
DTSTART:20261126T113000Z
DTEND:20261126T120000Z
SUMMARY:Visit\; with\, comma
DESCRIPTION:One\nTwo
URL:https://clinic.example/visit
ORGANIZER;CN="Garden 'Street'":mailto:clinic@clinic.example
ATTENDEE;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:anna@mail.example
CLASS:PRIVATE
END:VEVENT
END:VCALENDAR
`, "\n", "\r\n")
	if got := string(feed.ICS()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !bytes.Equal(feed.ICS(), feed.ICS()) {
		t.Error("the same feed gives other bytes")
	}
	feed.Events[0].Status = Cancelled
	if got := string(feed.ICS()); !strings.Contains(got, "STATUS:CANCELLED\r\n") || !strings.Contains(got, "TRANSP:TRANSPARENT") {
		t.Errorf("a cancelled event:\n%s", got)
	}
}

// FuzzICS: whatever a text holds, lines stay short, whole and as many as there are, and
// the text comes back.
func FuzzICS(f *testing.F) {
	for _, s := range []string{"", "a", strings.Repeat("я", 200), strings.Repeat("€a", 99), "x\r\nATTENDEE:mailto:x@y", "\\n\\;,", "a\u2028b", "\xff\xfe", "😀😀"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		plain := &Feed{Method: Publish, Events: []Event{{UID: "u", Summary: "x", URL: "u", Organizer: "o", Attendee: "a"}}}
		feed := &Feed{Method: Publish, Events: []Event{{UID: "u", Summary: "x" + s, URL: "u" + s, Organizer: "o", OrganizerName: s, Attendee: "a" + s}}}
		out := string(feed.ICS())
		if !utf8.ValidString(s) {
			s = strings.ToValidUTF8(s, "\uFFFD")
		}
		for line := range strings.SplitSeq(strings.TrimSuffix(out, "\r\n"), "\r\n") {
			if len(line) > 75 || utf8.ValidString(s) && !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") {
				t.Errorf("line %q of %d octets", line, len(line))
			}
		}
		unfolded := strings.ReplaceAll(out, "\r\n ", "")
		if got, want := strings.Count(unfolded, "\r\n"), strings.Count(string(plain.ICS()), "\r\n"); got != want {
			t.Errorf("%d lines, want %d:\n%s", got, want, unfolded)
		}
		_, value, _ := strings.Cut(unfolded, "SUMMARY:")
		value, _, _ = strings.Cut(value, "\r\n")
		if back, want := unescape(value), "x"+visible(s); back != want {
			t.Errorf("came back as %q, want %q", back, want)
		}
	})
}

func unescape(s string) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			i++
			if s[i] == 'n' {
				out.WriteByte('\n')
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// visible is what of a text a calendar can carry.
func visible(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\r', r == '\u2028', r == '\u2029':
			return '\n'
		case r < 0x20 && r != '\n', r == 0x7f:
			return -1
		}
		return r
	}, s)
}
