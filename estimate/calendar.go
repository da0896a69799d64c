package estimate

import (
	"fmt"
	"iter"
	"slices"
	"time"
)

// Calendar says when work may run. The zero Calendar says that it always may.
//
// Windows are by the clock on the wall of a location. A window begins, and ends, at the
// first moment at which that clock shows its time or a later one. So where the clock
// jumps ahead, a window loses what is skipped: at a change from 02:00 to 03:00 the window
// 01:30-02:30 is open for half an hour, and 02:00-03:00 not at all. Where
// it is set back from 03:00 to 02:00, 02:00-03:00 is open for two hours, and
// 01:30-02:30 for one, until the clock shows 02:30 for the first time.
type Calendar struct {
	// Location is whose clock it is; nil means UTC. Whether time zones are known on a
	// machine is for the caller to see to, for example with time/tzdata.
	Location *time.Location

	// Windows are the times of each week; zero means all.
	Windows Windows

	// Open are days on which work may run from 00:00 to 24:00 beside the windows, such as
	// holidays of the organization.
	Open []Date

	// Closed are days on which no work runs from 00:00 to 24:00 whatever else the
	// calendar says, such as those of a change freeze. A window that begins on the day
	// before ends at midnight, and what of a window is on the day after stays open.
	Closed []Date
}

// String returns the date as 2006-01-02.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// number returns how many days the date is after 1970-01-01.
func (d Date) number() int {
	return int(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / secondsOfDay)
}

// dateOf returns the date that a time has in its location.
func dateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// secondsOfDay is for days of the clock: none of them has another length on it.
const secondsOfDay = 24 * 60 * 60

// lastDay is the last one of any calendar. Times after the year 9999 have no form in
// RFC 3339.
var lastDay = Date{9999, time.December, 31}.number()

// Validate returns an error if a date of the calendar is none.
func (c Calendar) Validate() error {
	for _, d := range slices.Concat(c.Open, c.Closed) {
		if dateOf(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)) != d || d.Year < 1 || d.Year > 9999 {
			return fmt.Errorf("estimate: %s is no date of a calendar", d)
		}
	}
	return nil
}

// From returns the windows of the calendar from a time on, in their order, the first
// cut off there if the time is in it. They do not overlap or touch, none is empty, and
// all times are in the location of the calendar. There are none before the year 1 and after
// the year 9999.
//
// It holds one window in memory at a time, beside the dates of the calendar, and takes
// less than a microsecond for each day.
func (c Calendar) From(t time.Time) iter.Seq[Window] {
	return func(yield func(Window) bool) {
		w := c.walk(t)
		for {
			next, ok := w.window()
			if !ok || !yield(next) {
				return
			}
		}
	}
}

// Add returns when so much time has passed in windows from t on, and false if the
// calendar ends before that. If d ends a window, it is the end of that and not the
// beginning of the next; if d is not positive, it is the first moment from t on
// that is in a window.
func (c Calendar) Add(t time.Time, d time.Duration) (time.Time, bool) {
	d = max(0, d)
	for w := range c.From(t) {
		if long := w.End.Sub(w.Start); d > long {
			d -= long
			continue
		}
		return w.Start.Add(d), true
	}
	return time.Time{}, false
}

// Between returns how much of the time from one moment until another is in windows, at
// most the longest duration.
func (c Calendar) Between(from, to time.Time) time.Duration {
	var sum time.Duration
	for w := range c.From(from) {
		if !w.Start.Before(to) {
			break
		}
		if w.End.After(to) {
			w.End = to
		}
		sum = addTime(sum, w.End.Sub(w.Start))
	}
	return sum
}

// walker goes through the windows of a calendar.
type walker struct {
	loc          *time.Location
	windows      Windows
	always       bool
	open, closed []int // numbers of days, in order
	from         time.Time

	day, next int    // the number of the day it is at, and of the one that follows
	rest      []span // of the day it is at
	held      Window // found, and perhaps to go on
	holds     bool
}

func (c Calendar) walk(t time.Time) *walker {
	w := &walker{loc: c.Location, windows: c.Windows, always: c.Windows.always(), open: numbers(c.Open), closed: numbers(c.Closed)}
	if w.loc == nil {
		w.loc = time.UTC
	}
	if t.Before(time.Time{}) {
		t = time.Time{}
	}
	w.from = t.In(w.loc)
	w.next = lastDay + 1
	if d := dateOf(w.from); d.Year <= 9999 {
		w.next = d.number()
	}
	return w
}

func numbers(dates []Date) []int {
	var out []int
	for _, d := range dates {
		out = append(out, d.number())
	}
	slices.Sort(out)
	return out
}

// window returns the next window.
func (w *walker) window() (Window, bool) {
	for {
		found, ok := w.piece()
		if ok && w.holds && found.Start.Equal(w.held.End) {
			w.held.End = found.End
			continue
		}
		held, holds := w.held, w.holds
		w.held, w.holds = found, ok
		if holds || !ok {
			return held, holds
		}
	}
}

// piece returns the next window, or a part of it which the next piece begins where
// it ends.
func (w *walker) piece() (Window, bool) {
	for {
		for len(w.rest) == 0 {
			if w.next > lastDay {
				return Window{}, false
			}
			w.enter(w.next)
		}
		s := w.rest[0]
		w.rest = w.rest[1:]
		found := Window{w.moment(w.day, s.from), w.moment(w.day, s.to)}
		if s.to == minutesOfDay {
			found.End = w.moment(w.next, 0)
		}
		if found.Start.Before(w.from) {
			found.Start = w.from
		}
		if found.Start.Before(found.End) {
			return found, true
		}
	}
}

// enter goes to a day. If all are open until the next closed one, they are one.
func (w *walker) enter(day int) {
	w.day, w.next = day, day+1
	i, closed := slices.BinarySearch(w.closed, day)
	_, open := slices.BinarySearch(w.open, day)
	switch {
	case closed:
		w.rest = nil
	case w.always:
		w.rest, w.next = wholeDay, lastDay+1
		if i < len(w.closed) {
			w.next = min(w.next, w.closed[i])
		}
	case open:
		w.rest = wholeDay
	default:
		w.rest = w.windows.of(time.Unix(int64(day)*secondsOfDay, 0).UTC().Weekday())
	}
}

// moment returns the first moment at which the clock shows a minute of a day or a later
// one.
func (w *walker) moment(day, minute int) time.Time {
	return firstMoment(w.loc, int64(day)*secondsOfDay+int64(minute)*60)
}

// firstMoment returns the first moment at which the clock of a location shows so many
// seconds after 1970-01-01 00:00 or more.
func firstMoment(loc *time.Location, clock int64) time.Time {
	// A clock is nowhere set back by two days, so that it shows less two days before.
	_, offset := time.Unix(clock, 0).In(loc).Zone()
	zone := time.Unix(clock-int64(offset)-2*secondsOfDay, 0).In(loc)
	for {
		_, offset := zone.Zone()
		_, end := zone.ZoneBounds()
		t := time.Unix(clock-int64(offset), 0).In(loc)
		if t.Before(zone) {
			t = zone // the clock jumped over it
		}
		if end.IsZero() || t.Before(end) {
			return t
		}
		zone = end
	}
}
