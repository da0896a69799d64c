package estimate

import (
	"cmp"
	"fmt"
	"time"

	"github.com/staged-migration/staged/batch"
)

// candidate is one way to place a batch.
type candidate struct {
	start, copy time.Duration
	window      stretch
	finish      time.Duration // at the latest

	over      time.Duration // past the end of the window
	day       int           // of its users, by number
	usersOver int
}

// misfits returns how many of window and limits of users it breaks.
func (c *candidate) misfits() int {
	n := 0
	if c.over > 0 {
		n++
	}
	if c.usersOver > 0 {
		n++
	}
	return n
}

// better reports whether it breaks less than another, which starts earlier.
func (c *candidate) better(d *candidate) bool {
	return cmp.Or(cmp.Compare(c.misfits(), d.misfits()), cmp.Compare(c.over, d.over), cmp.Compare(c.usersOver, d.usersOver)) < 0
}

// best returns the first candidate that breaks nothing, or the first of those that
// break the least if there is none within the time to wait.
func (p *planner) best(b *batch.Batch) (*candidate, error) {
	var best *candidate
	for at := p.from; ; {
		c, err := p.candidate(b, at)
		switch {
		case err != nil && best == nil:
			return nil, err
		case err != nil || best != nil && c.start-p.from > p.wait:
			return best, nil
		case c.misfits() == 0:
			return c, nil
		case best == nil || c.better(best):
			best = c
		}
		at = c.window.end
		if c.over == 0 {
			// There are too many users on their day, so another is tried.
			at = c.start + max(time.Second, p.desk.next(c.day, c.finish))
		}
	}
}

// candidate returns the first way to place the batch from a moment on.
func (p *planner) candidate(b *batch.Batch, from time.Duration) (*candidate, error) {
	c := &candidate{start: from, copy: addTime(from, p.model.Queue)}
	var ok bool
	if p.opts.QueueAhead {
		if c.window, ok = p.table.at(c.copy); ok {
			c.copy = max(c.copy, c.window.start)
			c.start = c.copy - p.model.Queue
		}
	} else if c.window, ok = p.table.at(from); ok {
		c.start = max(from, c.window.start)
		c.copy = addTime(c.start, p.model.Queue)
	}
	if ok && p.opts.Pause {
		if c.window, ok = p.table.at(c.copy); ok {
			c.copy = max(c.copy, c.window.start)
		}
	}
	if !ok {
		return nil, fmt.Errorf("estimate: there is no window for batch %s within ten years of %s", b.Name, p.table.time(0).Format(time.RFC3339))
	}
	if c.finish, ok = p.moment(p.finish(p.ready(c.copy))); !ok {
		return nil, p.tooLong(b)
	}
	c.finish = max(c.finish, c.copy) // what takes no time is done as soon as it is ready, not when the window before ended
	if !p.opts.Pause {
		c.over = max(0, c.finish-c.window.end)
	}
	if c.day, ok = p.desk.day(c.finish); !ok {
		return nil, fmt.Errorf("estimate: there is no hour in which the users of batch %s are served within ten years of %s",
			b.Name, p.table.time(0).Format(time.RFC3339))
	}
	c.usersOver = p.desk.over(c.day, p.users)
	return c, nil
}

// finish returns when the batch would be done at the latest if it were ready at a time
// of lanes, which must not be before that of the last try. It leaves the lanes of that
// in trial.
func (p *planner) finish(ready float64) float64 {
	if p.alone >= 0 {
		return ready + p.alone
	}
	p.trial.copyFrom(p.pools[late])
	p.tried = ready
	p.triedFinish = p.run(p.trial, ready, late)
	if ready >= p.busy {
		p.alone = p.triedFinish - ready
	}
	return p.triedFinish
}

// take gives the batch the lanes of a pace, ready at a time of lanes, and returns when it
// is done.
func (p *planner) take(ready float64, pace int) float64 {
	if pace == late && p.tried == ready {
		p.pools[late], p.trial = p.trial, p.pools[late]
		return p.triedFinish
	}
	return p.run(p.pools[pace], ready, pace)
}
