package estimate

import "time"

// In returns when the date begins at a location: the first moment of it, which is
// after 00:00 where the clock jumps over midnight. A nil location means UTC.
func (d Date) In(loc *time.Location) time.Time {
	if loc == nil {
		loc = time.UTC
	}
	return firstMoment(loc, int64(d.number())*secondsOfDay)
}
