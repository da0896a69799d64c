package estimate

import (
	"math"
	"time"
)

// clock tells the futures of a forecast when windows are. Its times are hours from now; those
// of lanes are hours of work in windows if work pauses outside of them. It is not for several
// goroutines.
type clock struct {
	table *timetable
	pause bool
}

// never is a time that is past all others. It is finite, so that sums and differences are numbers.
const never = math.MaxFloat64 / 4

// newClock returns the clock of a forecast, or nil if it has no calendar.
func (o *ForecastOptions) newClock() *clock {
	if o.Calendar.isZero() {
		return nil
	}
	return &clock{newTimetable(o.Calendar, o.Now), o.Pause}
}

// isZero reports whether c is the zero Calendar.
func (c Calendar) isZero() bool {
	return c.Location == nil && c.Windows == (Windows{}) && len(c.Open)+len(c.Closed) == 0
}

// open returns the first moment from one on that is in a window.
func (c *clock) open(h float64) float64 {
	d := hours(h)
	s, ok := c.table.at(d)
	switch {
	case !ok:
		return never
	case s.start <= d:
		return h
	}
	return s.start.Hours()
}

// lanes returns a moment as a time of lanes: if work pauses, that of the first moment from
// there on that is in a window.
func (c *clock) lanes(h float64) float64 {
	if !c.pause {
		return h
	}
	d := hours(h)
	s, ok := c.table.at(d)
	switch {
	case !ok:
		return never
	case s.start == 0:
		return h // nothing was closed so far
	}
	return (s.before + max(0, d-s.start)).Hours()
}

// finish returns times of lanes as durations from now, and false if the last is not within ten
// years. A nil clock goes on always.
func (c *clock) finish(i Interval) (Range, bool) {
	r := i.hours()
	switch {
	case c == nil:
		return r, true
	case !c.pause:
		return r, r.Late < math.MaxInt64
	}
	var ok bool
	for _, d := range []*time.Duration{&r.Early, &r.Likely, &r.Late} {
		if ok = *d == 0; !ok { // what has nothing to be copied needs no window
			*d, ok = c.table.when(*d)
		}
	}
	return r, ok
}

// moments returns a range as moments, if it is known what time it is.
func (o *ForecastOptions) moments(r Range) Moments {
	if o.Now.IsZero() {
		return Moments{}
	}
	loc := o.Calendar.Location
	if loc == nil {
		loc = time.UTC
	}
	at := func(d time.Duration) time.Time { return o.Now.Add(d).In(loc) }
	return Moments{at(r.Early), at(r.Likely), at(r.Late)}
}

// starts returns when a batch starts that has no start, given when a lane is free. A nil
// clock goes on always.
func (c *clock) starts(free float64) float64 {
	switch {
	case c == nil:
		return 0
	case c.pause:
		return c.open(0)
	}
	return c.open(free)
}

// ready returns from when lanes may take the mailboxes of a batch whose turn it is, as a
// time of lanes, given how long it is queued.
func (u *future) ready(b *workBatch, queue float64) float64 {
	c := u.clock
	if c == nil {
		return b.start + queue
	}
	if b.started {
		return c.lanes(b.start + queue)
	}
	// It is through the queue when a lane is free for it, if it may start that early.
	free := max(0, u.lanes.First()-queue)
	start := c.starts(free)
	if !c.pause && start == free {
		return queue
	}
	return c.lanes(start + queue)
}
