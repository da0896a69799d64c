package estimate

import (
	"fmt"
	"time"

	"github.com/staged-migration/staged/batch"
)

// ScheduleBefore returns a schedule that starts as late as it can and whose batches
// are all done by a deadline at the latest. Its Start says when. Options.Start is the
// first possible start.
//
// It tries starts to the minute, and about 20 of them for a month. If a later start never
// makes an earlier finish, as is the rule, there is no later one. A limit of users, or a
// batch that fits no window, can make exceptions: then the start holds, and there
// may be one that is later still.
//
// An error says when the batches would be done if even the first possible start is too
// late, or what [Schedule] refuses.
func ScheduleBefore(p *batch.Packing, m Model, cal Calendar, opts *ScheduleOptions, deadline time.Time) (*Timeline, error) {
	best, err := Schedule(p, m, cal, opts)
	if err != nil {
		return nil, err
	}
	if best.Finish.Late.After(deadline) {
		return nil, fmt.Errorf("estimate: with a start at %s the last batch may be done only at %s, after %s",
			best.Start.Format(time.RFC3339), best.Finish.Late.Format(time.RFC3339), deadline.Format(time.RFC3339))
	}
	fits, exceeds := time.Duration(0), deadline.Sub(opts.Start)/time.Minute+1 // in minutes: it fits, and does not
	for exceeds-fits > 1 {
		middle := fits + (exceeds-fits)/2
		o := *opts
		o.Start = opts.Start.Add(middle * time.Minute)
		if t, err := Schedule(p, m, cal, &o); err == nil && !t.Finish.Late.After(deadline) {
			fits, best = middle, t
		} else {
			exceeds = middle
		}
	}
	return best, nil
}
