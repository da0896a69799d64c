package gantt

import (
	"time"

	"github.com/staged-migration/staged/estimate"
)

// scale places moments on an axis of whole units, in whole numbers, so that it does so
// alike on every machine.
type scale struct {
	from, seconds int64 // the first moment and how long the axis is
	left, width   int   // in units
	loc           *time.Location
}

// newScale returns the scale of an axis for all of a timeline and a fiftieth more on
// either side.
func newScale(t *estimate.Timeline, left, width int) scale {
	lo, hi := extent(t)
	from, to := lo.Unix(), hi.Unix()+1
	const least = 3600
	pad := max((to-from)/50, (least-(to-from)+1)/2, 60)
	return scale{from: from - pad, seconds: to - from + 2*pad, left: left, width: width, loc: lo.Location()}
}

// x returns the place of a moment, rounded to the nearest unit. Moments beyond the axis
// are at its ends.
func (s *scale) x(t time.Time) int {
	after := min(max(0, t.Unix()-s.from), s.seconds)
	return s.left + int((after*int64(s.width)+s.seconds/2)/s.seconds)
}

// start and end return the moments at the ends of the axis.
func (s *scale) start() time.Time { return time.Unix(s.from, 0).In(s.loc) }
func (s *scale) end() time.Time   { return time.Unix(s.from+s.seconds, 0).In(s.loc) }

// of returns how many units so long a time takes.
func (s *scale) of(d time.Duration) int {
	return int(int64(d/time.Second) * int64(s.width) / s.seconds)
}

const day = 24 * time.Hour

// unit is a division of the calendar on the axis.
type unit struct {
	about  time.Duration // how long one is
	room   int           // what a label takes, in pixels
	format string
	cell   bool // whether a label is for all of it, rather than for its beginning
	// floor returns the last beginning of one that is not after a moment, and next the
	// one after a beginning.
	floor, next func(time.Time) time.Time
}

func dateOf(t time.Time) estimate.Date {
	y, m, d := t.Date()
	return estimate.Date{Year: y, Month: m, Day: d}
}

// begin returns when a date begins. The day and the month may be beyond those of
// the calendar, as for time.Date.
func begin(loc *time.Location, y int, m time.Month, d int) time.Time {
	return dateOf(time.Date(y, m, d, 0, 0, 0, 0, time.UTC)).In(loc)
}

// hoursUnit divides days by the clock, which must show each beginning: an hour that is
// skipped has none.
func hoursUnit(hours int) unit {
	floor := func(t time.Time) time.Time {
		d := dateOf(t)
		for h := t.Hour() / hours * hours; h > 0; h -= hours {
			if at := time.Date(d.Year, d.Month, d.Day, h, 0, 0, 0, t.Location()); at.Hour() == h && !at.After(t) {
				return at
			}
		}
		return d.In(t.Location())
	}
	next := func(t time.Time) time.Time {
		d := dateOf(t)
		for h := t.Hour()/hours*hours + hours; h < 24; h += hours {
			if at := time.Date(d.Year, d.Month, d.Day, h, 0, 0, 0, t.Location()); at.Hour() == h && at.After(t) {
				return at
			}
		}
		return begin(t.Location(), d.Year, d.Month, d.Day+1)
	}
	return unit{time.Duration(hours) * time.Hour, 46, "15:04", false, floor, next}
}

func daysUnit(room int, format string) unit {
	return unit{day, room, format, true,
		func(t time.Time) time.Time { return dateOf(t).In(t.Location()) },
		func(t time.Time) time.Time { y, m, d := t.Date(); return begin(t.Location(), y, m, d+1) }}
}

// weeksUnit has weeks begin on Monday, as ISO 8601 does.
func weeksUnit(room int, format string) unit {
	monday := func(t time.Time, weeks int) time.Time {
		y, m, d := t.Date()
		return begin(t.Location(), y, m, d-(int(t.Weekday())+6)%7+7*weeks)
	}
	return unit{7 * day, room, format, false,
		func(t time.Time) time.Time { return monday(t, 0) },
		func(t time.Time) time.Time { return monday(t, 1) }}
}

func monthsUnit(months, room int, format string) unit {
	first := func(t time.Time, more int) time.Time {
		m := (int(t.Month())-1)/months*months + 1 + more
		return begin(t.Location(), t.Year(), time.Month(m), 1)
	}
	return unit{time.Duration(months) * 30 * day, room, format, true,
		func(t time.Time) time.Time { return first(t, 0) },
		func(t time.Time) time.Time { return first(t, months) }}
}

// level is how an axis is divided: in two, the finer one below.
type level struct{ fine, coarse unit }

// levels are from the finest to the coarsest.
func levels() []level {
	var out []level
	byDay := daysUnit(84, "Mon 2 Jan")
	byMonth := monthsUnit(1, 104, "January 2006")
	byYear := monthsUnit(12, 40, "2006")
	for _, h := range []int{1, 2, 3, 6, 12} {
		out = append(out, level{hoursUnit(h), byDay})
	}
	for _, u := range []unit{daysUnit(50, "Mon 2"), daysUnit(22, "2"), weeksUnit(22, "2")} {
		out = append(out, level{u, byMonth})
	}
	for _, u := range []unit{monthsUnit(1, 32, "Jan"), monthsUnit(3, 32, "Jan")} {
		out = append(out, level{u, byYear})
	}
	return out
}

// level returns the finest division both of whose labels have room.
func (s *scale) level(perPixel int) level {
	all := levels()
	for _, l := range all {
		if s.of(l.fine.about) >= l.fine.room*perPixel && s.of(l.coarse.about) >= l.coarse.room*perPixel {
			return l
		}
	}
	return all[len(all)-1]
}

// marks returns where units begin on the axis: the beginning of the axis itself first,
// with the label of the unit that it lies in.
func (s *scale) marks(u unit) []mark {
	out := []mark{{s.left, s.start(), u.floor(s.start()).Format(u.format)}}
	for at := u.next(u.floor(s.start())); at.Before(s.end()); at = u.next(at) {
		out = append(out, mark{s.x(at), at, at.Format(u.format)})
	}
	return out
}

// mark is a place on the axis.
type mark struct {
	x     int
	at    time.Time
	label string
}
