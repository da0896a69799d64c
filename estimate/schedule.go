package estimate

import (
	"errors"
	"fmt"
	"time"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/inventory"
)

// ScheduleOptions say how batches follow one another. Start is required; all else may be
// zero.
type ScheduleOptions struct {
	// Start is before when no batch starts.
	Start time.Time

	// Pause has work pause outside of windows: batches are stopped when a window ends and
	// started again when the next begins, and what was copied is taken to be kept. Then
	// nothing fails to fit.
	//
	// Without it a batch starts in a window and, as the service does, runs on until it is
	// done. One that may not be done by the end of its window, by the late estimate,
	// waits for a window in which it is. If there is none within Wait, it starts in
	// the one that it exceeds the least.
	Pause bool

	// Wait is how long a batch waits for a better window, or a better day for its users,
	// after it could start; 0 means seven days, which have each window of a week.
	Wait time.Duration

	// QueueAhead starts batches so early that they are through the queue when a window
	// begins. If the queue is shorter on that day, copying begins before the
	// window. Without it the queue is part of the window, as in the published
	// formula; see [Model.Capacity].
	QueueAhead bool

	// OneByOne starts a batch when the one before it is done at the latest. Without it one
	// starts as soon as a lane is free for it: distinct batches share the lanes.
	// Sources do not agree on whether batches run side by side.
	OneByOne bool

	// WaveByWave starts the batches of a wave when those of the one before are done at
	// the latest.
	WaveByWave bool

	// Gap is the time after a batch in which nothing else runs, for conversion and work at
	// clients. If it is over 0, batches run one by one.
	Gap time.Duration

	// Clients are when users get new profiles, and how many on a day.
	Clients Clients
}

func (o *ScheduleOptions) validate() error {
	switch {
	case o == nil || o.Start.IsZero():
		return errors.New("estimate: a schedule needs a start")
	case o.Start.Year() < 1 || o.Start.Year() > 9999:
		return fmt.Errorf("estimate: a schedule cannot start in the year %d", o.Start.Year())
	case o.Wait < 0 || o.Gap < 0:
		return errors.New("estimate: a wait or gap is negative")
	}
	return o.Clients.validate()
}

// Schedule says when the batches of a packing run. They are served in their order on
// the lanes of the model, which they share: whatever is free for a batch takes its
// mailboxes in their order, and no batch starts before the one before it.
//
// A batch has one start, which is chosen by the late estimate: then a lane is free,
// what must be done before is done, and windows and limits of users are kept, or broken
// as little as possible, as its Slot tells. Its early and likely finish are what
// follows if all batches go on at that pace and start as planned.
//
// Options that are invalid are errors, as are a model that [Model.Resolve] refuses, a
// calendar that has no window for a batch, and a schedule of over ten years. Time is
// O(n log l) for n mailboxes and l lanes for each window that is tried. The result is the
// same for the same input.
func Schedule(p *batch.Packing, m Model, cal Calendar, opts *ScheduleOptions) (*Timeline, error) {
	if p == nil {
		return nil, errors.New("estimate: no packing to schedule")
	}
	if err := opts.validate(); err != nil {
		return nil, err
	}
	if err := cal.Validate(); err != nil {
		return nil, err
	}
	r, err := m.Resolve()
	if err != nil {
		return nil, err
	}
	pl := newPlanner(p, r, cal, opts)
	t := &Timeline{Model: r, Start: pl.table.time(0), Premises: schedulePremises(p, r, cal, opts)}
	for i := range p.Batches {
		b := &p.Batches[i]
		if i > 0 && opts.WaveByWave && b.Wave != p.Batches[i-1].Wave {
			pl.from = max(pl.from, addTime(pl.done, opts.Gap))
		}
		slot, err := pl.place(b)
		if err != nil {
			return nil, err
		}
		t.add(slot)
	}
	if len(t.Batches) == 0 {
		t.Finish = Moments{t.Start, t.Start, t.Start}
	}
	t.Windows = pl.table.between(t.Start.Sub(opts.Start), t.Finish.Late.Sub(opts.Start))
	return t, nil
}

// add adds the next batch.
func (t *Timeline) add(s *Slot) {
	if len(t.Batches) == 0 {
		t.Start, t.Finish = s.Start, s.Finish
	}
	t.Batches = append(t.Batches, *s)
	t.UnknownSizes += s.UnknownSizes
	t.Finish.Early = later(t.Finish.Early, s.Finish.Early)
	t.Finish.Likely = later(t.Finish.Likely, s.Finish.Likely)
	t.Finish.Late = later(t.Finish.Late, s.Finish.Late)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// The three paces of an estimate.
const (
	early = iota
	likely
	late
	paces
)

// planner places one batch after the other. Its times are durations since the first
// possible start. Those of lanes are hours since then, or hours of work in windows if
// work pauses outside of them.
type planner struct {
	model Model
	opts  *ScheduleOptions
	wait  time.Duration
	table *timetable
	desk  *desk
	rates [paces]float64
	pools [paces]*lanes
	busy  float64 // when all lanes are free at the latest

	trial              *lanes  // the late pool as it would be
	tried, triedFinish float64 // when the batch was ready there, and done; -1 if not tried

	from time.Duration // before which no further batch starts
	done time.Duration // when all batches so far are done at the latest

	names serverNumbers
	loads []load  // of the batch that is placed
	alone float64 // how long it takes at the latest on idle lanes; -1 if not known
	users attendance
}

func newPlanner(p *batch.Packing, m Model, cal Calendar, opts *ScheduleOptions) *planner {
	pl := &planner{model: m, opts: opts, table: newTimetable(cal, opts.Start)}
	pl.desk = newDesk(opts.Clients, pl.table.walk.loc, opts.Start)
	pl.wait = opts.Wait
	if pl.wait == 0 {
		pl.wait = 7 * 24 * time.Hour
	}
	t := m.Throughput
	pl.rates = [paces]float64{m.rate(t.High), m.rate(t.Low/2 + t.High/2), m.rate(t.Low)}
	for i := range pl.pools {
		pl.pools[i] = newLanes(m.Lanes, m.ServerRate*float64(m.Lanes)/pl.rates[i])
	}
	pl.trial = newLanes(m.Lanes, pl.pools[late].gives)
	return pl
}

// place finds the best time for the next batch and gives it the lanes.
func (p *planner) place(b *batch.Batch) (*Slot, error) {
	p.loads = p.model.loads(p.loads[:0], b.Mailboxes, &p.names)
	for _, pool := range p.pools {
		pool.addServers(p.names.count())
	}
	p.trial.addServers(p.names.count())
	p.users = p.desk.attendance(b.Mailboxes)
	p.alone, p.tried = -1, -1

	free, ok := p.moment(p.pools[late].first())
	if !ok {
		return nil, p.tooLong(b)
	}
	p.from = max(p.from, free-p.model.Queue)
	c, err := p.best(b)
	if err != nil {
		return nil, err
	}
	var finish [paces]time.Duration
	ready := p.ready(c.copy)
	for pace := range p.pools {
		h := p.take(ready, pace)
		p.busy = max(p.busy, h)
		if finish[pace], ok = p.moment(h); !ok {
			return nil, p.tooLong(b)
		}
		finish[pace] = max(finish[pace], c.copy)
	}
	finish[likely] = min(finish[likely], finish[late]) // rounding may put equal ones in another order
	finish[early] = min(finish[early], finish[likely])
	if c.day, ok = p.desk.day(finish[late]); !ok {
		return nil, p.tooLong(b)
	}
	s := &Slot{Name: b.Name, Wave: b.Wave, Mailboxes: len(b.Mailboxes), Users: p.users.users,
		Start: p.table.time(c.start), Copy: p.table.time(c.copy), Window: p.table.window(c.window),
		Finish:    Moments{p.table.time(finish[early]), p.table.time(finish[likely]), p.table.time(finish[late])},
		ClientDay: dateOf(time.Unix(int64(c.day)*secondsOfDay, 0).UTC()), UsersOver: p.desk.over(c.day, p.users)}
	s.Size, s.UnknownSizes = b.Size()
	if !p.opts.Pause {
		s.Over = max(0, finish[late]-c.window.end)
	}
	p.desk.serve(c.day, p.users)
	p.from, p.done = c.start, max(p.done, finish[late])
	if p.opts.OneByOne || p.opts.Gap > 0 {
		p.from = max(p.from, addTime(p.done, p.opts.Gap))
	}
	return s, nil
}

func (p *planner) tooLong(b *batch.Batch) error {
	return fmt.Errorf("estimate: batch %s would not be done within ten years of %s", b.Name, p.table.time(0).Format(time.RFC3339))
}

// run serves the batch at a pace, ready at a time of lanes, and returns when it is
// done.
func (p *planner) run(pool *lanes, ready float64, pace int) float64 {
	perByte := float64(p.model.Lanes) / p.rates[pace] / float64(inventory.GB)
	finish := ready
	for i := range p.loads {
		finish = max(finish, pool.take(&p.loads[i], ready, perByte, 1))
	}
	return finish
}

// ready returns a moment as a time of lanes.
func (p *planner) ready(moment time.Duration) float64 {
	if p.opts.Pause {
		return p.table.worked(moment).Hours()
	}
	return moment.Hours()
}

// moment returns a time of lanes as a moment in whole seconds, and false if it is beyond
// the horizon.
func (p *planner) moment(h float64) (time.Duration, bool) {
	d := wholeSeconds(h)
	if d > horizon {
		return 0, false
	}
	if p.opts.Pause {
		return p.table.when(d)
	}
	return d, true
}
