package estimate

import (
	"math"
	"sort"
	"time"
)

// horizon is how far a schedule reaches. What takes longer is a mistake in the input.
const horizon = 10 * 365 * 24 * time.Hour

// timetable is the windows of a calendar from an origin on, found when they are needed.
// Times are durations since the origin.
type timetable struct {
	origin time.Time
	walk   *walker
	list   []stretch
	ended  bool // list has all windows that begin within the horizon
}

// stretch is a window.
type stretch struct {
	start, end time.Duration
	before     time.Duration // how much of the time before it is in windows
}

func newTimetable(c Calendar, origin time.Time) *timetable {
	return &timetable{origin: origin, walk: c.walk(origin)}
}

// extend finds the next window.
func (t *timetable) extend() bool {
	if t.ended {
		return false
	}
	w, ok := t.walk.window()
	s := stretch{start: w.Start.Sub(t.origin), end: w.End.Sub(t.origin)}
	if !ok || s.start > horizon {
		t.ended = true
		return false
	}
	if n := len(t.list); n > 0 {
		last := t.list[n-1]
		s.before = last.before + last.end - last.start
	}
	t.list = append(t.list, s)
	return true
}

// at returns the first window that ends after a moment, and false if there is none.
func (t *timetable) at(moment time.Duration) (stretch, bool) {
	for len(t.list) == 0 || t.list[len(t.list)-1].end <= moment {
		if !t.extend() {
			return stretch{}, false
		}
	}
	return t.list[sort.Search(len(t.list), func(i int) bool { return t.list[i].end > moment })], true
}

// worked returns how much of the time until a moment is in windows.
func (t *timetable) worked(moment time.Duration) time.Duration {
	s, ok := t.at(moment)
	if !ok {
		if len(t.list) == 0 {
			return 0
		}
		s = t.list[len(t.list)-1]
	}
	return s.before + max(0, min(moment, s.end)-s.start)
}

// when returns when so much time in windows has passed: the end of a window rather
// than the beginning of the next. It returns false if it never has.
func (t *timetable) when(worked time.Duration) (time.Duration, bool) {
	for len(t.list) == 0 || t.list[len(t.list)-1].before+t.list[len(t.list)-1].end-t.list[len(t.list)-1].start < worked {
		if !t.extend() {
			return 0, false
		}
	}
	s := t.list[sort.Search(len(t.list), func(i int) bool {
		s := &t.list[i]
		return s.before+s.end-s.start >= worked
	})]
	return s.start + worked - s.before, true
}

// between returns the windows from one moment until another, cut off there, with
// times in the location of the calendar.
func (t *timetable) between(from, to time.Duration) []Window {
	for (len(t.list) == 0 || t.list[len(t.list)-1].end < to) && t.extend() {
	}
	var out []Window
	for _, s := range t.list {
		if s.end > from && s.start < to {
			out = append(out, Window{t.time(max(s.start, from)), t.time(min(s.end, to))})
		}
	}
	return out
}

// window returns a window as the calendar has it.
func (t *timetable) window(s stretch) Window { return Window{t.time(s.start), t.time(s.end)} }

// time returns a moment in the location of the calendar.
func (t *timetable) time(moment time.Duration) time.Time { return t.origin.Add(moment).In(t.walk.loc) }

// wholeSeconds returns so many hours as a duration, rounded up to a second; a
// millisecond more than that does not count. It is at most the longest duration.
func wholeSeconds(h float64) time.Duration {
	s := math.Ceil(h*3600 - 1e-3)
	if s < math.MaxInt64/1e9 {
		return time.Duration(s) * time.Second
	}
	return math.MaxInt64
}
