// Package gantt draws the timeline of a migration for people: as an SVG image, as a
// calendar file, as a Mermaid diagram and as plain text.
//
// All of them show the same: when each batch starts, when its mailboxes are copied, and
// when it is done early, likely and late; which wave it belongs to; and what of it does
// not fit. Times are in the location of the timeline, but in calendar files, which have
// them in UTC.
//
// A timeline is drawn as [estimate.Schedule] makes it. One that cannot be drawn is an
// error: of over 25 years, or with times that are not in their order. Nothing is
// written then. The same timeline gives the same bytes on every machine. Names may be any
// text: they are escaped, and what cannot be shown, such as control characters, becomes
// U+FFFD.
//
// Functions take O(n) time and memory for n batches and windows, write once, and may be
// used by several goroutines at once.
package gantt

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/staged-migration/staged/estimate"
)

// maxYears is how many years a timeline can have. A schedule has at most ten.
const maxYears = 25

// check reports why a timeline cannot be drawn.
func check(t *estimate.Timeline) error {
	if t == nil {
		return errors.New("gantt: no timeline to draw")
	}
	for i := range t.Batches {
		s := &t.Batches[i]
		if !inOrder(s.Start, s.Copy, s.Finish.Early, s.Finish.Likely, s.Finish.Late) {
			return fmt.Errorf("gantt: batch %q does not start, copy, and finish early, likely and late in this order", s.Name)
		}
		if s.Over < 0 || s.Mailboxes < 0 || s.Size < 0 {
			return fmt.Errorf("gantt: batch %q has a negative number", s.Name)
		}
	}
	for i, w := range t.Windows {
		if !inOrder(w.Start, w.End) || i > 0 && w.Start.Before(t.Windows[i-1].End) {
			return fmt.Errorf("gantt: the window from %s is not in order", w.Start.Format(time.RFC3339))
		}
	}
	lo, hi := extent(t)
	// The first and the last year would have days of others on the axis, or in UTC.
	if lo.Year() < 2 || hi.Year() > 9998 || hi.After(lo.AddDate(maxYears, 0, 0)) {
		return fmt.Errorf("gantt: a timeline from the year %d to %d cannot be drawn", lo.Year(), hi.Year())
	}
	return nil
}

func inOrder(times ...time.Time) bool {
	for i := 1; i < len(times); i++ {
		if times[i].Before(times[i-1]) {
			return false
		}
	}
	return true
}

// extent returns the first and the last moment of a timeline.
func extent(t *estimate.Timeline) (lo, hi time.Time) {
	lo, hi = t.Start, t.Start
	if len(t.Batches) > 0 {
		lo, hi = t.Batches[0].Start, t.Batches[0].Finish.Late
	}
	for i := range t.Batches {
		s := &t.Batches[i]
		if s.Start.Before(lo) {
			lo = s.Start
		}
		if s.Finish.Late.After(hi) {
			hi = s.Finish.Late
		}
	}
	loc := t.Start.Location()
	return lo.In(loc), hi.In(loc)
}

// clean returns text on one line that shows nothing but itself.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), unicode.Is(unicode.Noncharacter_Code_Point, r),
			r == '\u2028', r == '\u2029':
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

const defaultTitle = "Migration schedule"

// summary returns what there is to say of a timeline as a whole, a sentence each.
func summary(t *estimate.Timeline) []string {
	if len(t.Batches) == 0 {
		return []string{"There are no batches to migrate."}
	}
	boxes, waves := 0, 0
	for i := range t.Batches {
		boxes += t.Batches[i].Mailboxes
	}
	all := groups(t)
	for _, g := range all {
		waves = max(waves, g.number+1)
	}
	text := plural(len(t.Batches), "batch", "batches")
	if hasWaves(all) {
		text += " in " + plural(waves, "wave", "waves")
	}
	loc := t.Start.Location()
	at := func(t time.Time) string { return t.In(loc).Format(minuteFormat) }
	return []string{fmt.Sprintf("%s with %s.", text, plural(boxes, "mailbox", "mailboxes")),
		fmt.Sprintf("From %s until %s, %s at the latest.", at(t.Start), at(t.Finish.Likely), at(t.Finish.Late)),
		"Times are in " + loc.String() + "."}
}

// misfitting returns which batches do not fit, at most ten by name.
func misfitting(t *estimate.Timeline) []string {
	var names []string
	for i := range t.Batches {
		if s := &t.Batches[i]; s.Over > 0 || s.UsersOver > 0 {
			names = append(names, clean(s.Name))
		}
	}
	const most = 10
	more := "."
	if len(names) > most {
		more = fmt.Sprintf(" and %s more.", thousands(len(names)-most))
		names = names[:most]
	}
	if len(names) == 0 {
		return nil
	}
	return []string{"These do not fit: " + strings.Join(names, ", ") + more}
}

// group is batches that follow one another and are of one wave.
type group struct {
	wave     string
	number   int // of the wave, from 0 on in the order of their first batches
	from, to int // of Timeline.Batches, to not being one of them
}

// groups returns the batches by wave, in their order.
func groups(t *estimate.Timeline) []group {
	var out []group
	number := make(map[string]int)
	for i := range t.Batches {
		wave := t.Batches[i].Wave
		if n := len(out); n > 0 && out[n-1].wave == wave {
			out[n-1].to++
			continue
		}
		if _, ok := number[wave]; !ok {
			number[wave] = len(number)
		}
		out = append(out, group{wave, number[wave], i, i + 1})
	}
	return out
}

// hasWaves reports whether there is a name of a wave to show.
func hasWaves(g []group) bool { return len(g) > 1 || len(g) == 1 && g[0].wave != "" }

// waveName returns how a group is called.
func (g *group) waveName() string {
	if g.wave == "" {
		return "No wave"
	}
	return clean(g.wave)
}

const (
	minuteFormat = "Mon 2 Jan 2006 15:04"
	shortFormat  = "Mon 2 Jan 15:04"
	zonedFormat  = "Mon 2 Jan 2006 15:04 MST" // for where a clock may show a time twice
)

// facts returns what there is to say of a batch, a sentence each.
func facts(s *estimate.Slot, loc *time.Location) []string {
	at := func(t time.Time) string { return t.In(loc).Format(zonedFormat) }
	what := plural(s.Mailboxes, "mailbox", "mailboxes") + ", " + size(s)
	if s.Wave != "" {
		what = "Wave " + clean(s.Wave) + ": " + what
	}
	out := []string{what + ".", "Start: " + at(s.Start) + "."}
	if s.Copy.After(s.Start) {
		out = append(out, "Copying from: "+at(s.Copy)+".")
	}
	out = append(out,
		"Done early: "+at(s.Finish.Early)+".",
		"Done likely: "+at(s.Finish.Likely)+".",
		"Done late: "+at(s.Finish.Late)+".")
	return append(out, misfits(s)...)
}

// misfits returns what of a batch does not fit, a sentence each.
func misfits(s *estimate.Slot) (out []string) {
	if s.Over > 0 {
		out = append(out, fmt.Sprintf("Over the end of its window by %s.", length(s.Over)))
	}
	if s.UsersOver > 0 {
		out = append(out, fmt.Sprintf("Over the limit of users on %s by %s.", s.ClientDay, thousands(s.UsersOver)))
	}
	return out
}

// size returns the size of a batch in GB.
func size(s *estimate.Slot) string {
	text := strconv.FormatFloat(s.Size.GBytes(), 'f', 1, 64) + " GB"
	if s.UnknownSizes > 0 {
		text += fmt.Sprintf(" and %s of unknown size", thousands(s.UnknownSizes))
	}
	return text
}

func plural(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(n) + " " + more
}

// thousands returns a number that is not negative, with commas.
func thousands(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// length returns a duration in days and hours, or hours and minutes, rounded up.
func length(d time.Duration) string {
	minutes := int64((d + time.Minute - 1) / time.Minute)
	parts := []struct {
		n    int64
		unit string
	}{{minutes / 60, " h"}, {minutes % 60, " min"}}
	if hours := (minutes + 59) / 60; minutes >= 48*60 {
		parts[0].n, parts[0].unit = hours/24, " d"
		parts[1].n, parts[1].unit = hours%24, " h"
	}
	var out []string
	for _, p := range parts {
		if p.n > 0 {
			out = append(out, strconv.FormatInt(p.n, 10)+p.unit)
		}
	}
	if out == nil {
		return "0 min"
	}
	return strings.Join(out, " ")
}
