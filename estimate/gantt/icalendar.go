package gantt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/staged-migration/staged/estimate"
)

// ICalendarOptions say how a calendar file is made. Domain and Stamp are required.
type ICalendarOptions struct {
	Title string // name of the calendar; "" means Migration schedule

	// Domain is what the identifiers of events end with, such as contoso.com. With the
	// name of the batch it makes the identifier, so that a file of a later plan with
	// the same domain moves the events of an earlier one.
	Domain string

	// Stamp is when the file is made.
	Stamp time.Time

	// Sequence is how often the plan was changed, from 0. A calendar that has an event
	// already takes a later one over an earlier one.
	Sequence int
}

// ICalendar writes a timeline as a calendar file as of RFC 5545: an event for each batch
// from its start until its likely finish, with the early and late finish in its description
// and its wave as category. Events leave people free and have no alarm.
//
// Times are in UTC, which every calendar shows by its reader's clock, so that the file
// needs no definitions of time zones; descriptions have them by the clock of the
// timeline's location. An event of a batch that takes no time has a start alone.
//
// It returns an error if two batches have one name, or one has none, since an event would
// then take the place of another.
func ICalendar(w io.Writer, t *estimate.Timeline, opts *ICalendarOptions) error {
	if err := check(t); err != nil {
		return err
	}
	if err := opts.validate(); err != nil {
		return err
	}
	title := opts.Title
	if title == "" {
		title = defaultTitle
	}
	var c component
	c.line("BEGIN", "VCALENDAR")
	c.line("VERSION", "2.0")
	c.line("PRODID", "-//staged-migration//staged//EN")
	c.line("CALSCALE", "GREGORIAN")
	c.line("METHOD", "PUBLISH")
	c.line("NAME", icalText(clean(title)))         // RFC 7986
	c.line("X-WR-CALNAME", icalText(clean(title))) // what calendars read before it
	names := make(map[string]bool)
	for i := range t.Batches {
		s := &t.Batches[i]
		if s.Name == "" || names[s.Name] {
			return fmt.Errorf("gantt: batch %d is called %q, as no other may be", i+1, s.Name)
		}
		names[s.Name] = true
		c.event(s, t.Start.Location(), opts)
	}
	c.line("END", "VCALENDAR")
	_, err := w.Write(c.b.Bytes())
	return err
}

func (o *ICalendarOptions) validate() error {
	switch {
	case o == nil || o.Domain == "" || o.Stamp.IsZero():
		return errors.New("gantt: a calendar file needs a domain and the time at which it is made")
	case strings.Trim(strings.ToLower(o.Domain), "abcdefghijklmnopqrstuvwxyz0123456789.-") != "":
		return fmt.Errorf("gantt: %q is no domain", o.Domain)
	case o.Sequence < 0:
		return fmt.Errorf("gantt: a sequence of %d is negative", o.Sequence)
	case o.Stamp.UTC().Year() < 1 || o.Stamp.UTC().Year() > 9999:
		return fmt.Errorf("gantt: a calendar file cannot be made in the year %d", o.Stamp.UTC().Year())
	}
	return nil
}

// component is the text of a calendar file.
type component struct{ b bytes.Buffer }

// event writes the event of a batch.
func (c *component) event(s *estimate.Slot, loc *time.Location, o *ICalendarOptions) {
	c.line("BEGIN", "VEVENT")
	c.line("UID", uid(s.Name)+"@"+strings.ToLower(o.Domain))
	c.line("DTSTAMP", icalTime(o.Stamp))
	c.line("SEQUENCE", strconv.Itoa(o.Sequence))
	c.line("DTSTART", icalTime(s.Start))
	if end := icalTime(s.Finish.Likely); end != icalTime(s.Start) {
		c.line("DTEND", end)
	}
	c.line("SUMMARY", icalText(clean(s.Name)))
	c.line("DESCRIPTION", icalText(facts(s, loc)...))
	if s.Wave != "" {
		c.line("CATEGORIES", icalText(clean(s.Wave)))
	}
	c.line("TRANSP", "TRANSPARENT")
	c.line("END", "VEVENT")
}

// line writes a property. Lines of over 75 octets are folded, not within a character
// (RFC 5545, 3.1).
func (c *component) line(name, value string) {
	const most = 75
	rest, room := name+":"+value, most
	for len(rest) > room {
		n := room
		for !utf8.RuneStart(rest[n]) {
			n--
		}
		c.b.WriteString(rest[:n] + "\r\n ")
		rest, room = rest[n:], most-1
	}
	c.b.WriteString(rest + "\r\n")
}

func icalTime(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

var icalEscapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`)

// icalText returns clean lines as a value of type TEXT (RFC 5545, 3.3.11).
func icalText(lines ...string) string { return icalEscapes.Replace(strings.Join(lines, "\n")) }

// uid returns a name as part of an identifier: other bytes than letters, digits, dots,
// hyphens and underscores are written as in URLs, so that no two names are alike.
func uid(name string) string {
	var b strings.Builder
	for _, c := range []byte(name) {
		if 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '.' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
