package estimate

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/staged-migration/staged/batch"
)

// ForecastOptions say how [Fitted.Forecast] works. Nil is the zero ForecastOptions.
type ForecastOptions struct {
	// Seed chooses the futures: the same seed and input give the same forecast.
	Seed uint64

	// Runs is how many futures are simulated; 0 means 1,000. The 10th and 90th
	// percentile of so many are those of the futures to within one or two
	// percentage points.
	Runs int

	// Running are the mailboxes that have a lane now, in any order; observations of
	// other states are passed over. If there are more than lanes, the rest of them
	// waits for lanes that are free.
	Running []Observation

	// Start says for batches, by their names, how long from now none of their mailboxes is copied,
	// the queue not included. A batch without a start goes on as soon as lanes are free, in a
	// window. [Timeline.Starts] has the starts that were planned.
	Start map[string]time.Duration

	// Now is the moment from which everything is counted. It is needed with a Calendar, and
	// without one only for finishes as moments, which are then in UTC.
	Now time.Time

	// Calendar has the windows; the zero Calendar lets work run always.
	//
	// Without Pause, a batch that has no start starts at the first moment in a window from
	// which on a lane is free for it, whether or not it will be done in that window, and runs on
	// until it is done; one that has a start, or runs, takes no notice of windows. What fits a
	// window is for [Schedule] to say, whose starts a forecast can keep to.
	Calendar Calendar

	// Pause has work pause outside of windows, that of mailboxes that run included, and what was
	// copied is taken to be kept, as [ScheduleOptions.Pause] has it. Stalls last as much longer;
	// the queue goes on. A batch without a start starts at the first moment in a window.
	Pause bool
}

// Forecast is when the rest of a migration is done, counted from now: early, likely
// and late are the 10th, 50th and 90th percentile of the simulated futures.
type Forecast struct {
	Finish  Range   // of all
	Moments Moments // Finish in the location of the calendar; zero without ForecastOptions.Now
	Batches []BatchForecast

	Mailboxes   int // how many are still to be copied, those that run included
	UnknownSize int // how many of them have an unknown size and count as Model.UnknownSize

	// Premises are those of [Fitted], and what the simulation takes to be so.
	Premises []Premise
}

// BatchForecast is when a batch is done, mailboxes that failed and were tried again
// included.
type BatchForecast struct {
	Name    string
	Finish  Range
	Moments Moments // Finish in the location of the calendar; zero without ForecastOptions.Now
}

// maxFinishes is how many finishes of batches are kept, half a GB.
const maxFinishes = 1 << 26

// Forecast simulates how the remaining mailboxes are copied: batches one after the
// other, each in its order, on the lanes of the model as [Model.Makespan] has them. Those
// of which mailboxes run go on first, the others are in the order of their starts, and
// without those in the one given. Batches need not be whole; mailboxes that are copied or that run are to be
// left out. Batches that have only mailboxes that run come before the others, in
// the order of their names.
//
// In each future, the parameters are drawn from what [Fit] holds for possible, the
// rate of each mailbox from the lognormal distribution that was fitted, and failures
// and stalls from what was observed. A mailbox that fails has
// held its lane for a part of its time, and is tried once more when all
// mailboxes of its batch have had their turn, ahead of what could not begin before it; it
// takes its whole time then, as restarting a batch begins with those that failed
// (learn.microsoft.com/powershell/module/exchange/start-migrationbatch). A batch of which no mailbox runs
// waits in the queue first, counted from its start, as long as batches that were
// observed have waited.
//
// The rest of a mailbox that runs has a rate of its own and one that is drawn,
// correlated by the square root of the part that is copied; one of which that part is unknown
// takes a time that is drawn from those over what it has had.
//
// It assumes that lanes stay as fast as they are: whatever grows with the hour or
// the weekday is not in it. Of a future's parameters, Throughput is capped by Link.
//
// If the model that was fitted has a ServerRate, a source server gives no more than that, to
// those first who came first, and the others hold their lanes meanwhile, as in
// [Model.Makespan]; mailboxes that run hold what they take of the server of their Observation.
// What was fitted are the rates of lanes as they were observed, with whatever mailboxes waited
// for their servers. If they did not wait, the cap says what a crowd on one server will take; if
// they did, some of that is counted twice, and the forecast is late. So ServerRate is for what
// observations could not show, as when few lanes ran or the rest is on fewer servers. Where the
// rest is spread over servers as the observed mailboxes were, leave it 0.
//
// The futures run on all cores; the result does not depend on how many there are. Time is
// proportional to runs and mailboxes (15 ns of one core for each mailbox of a
// future, up to 80 ns with a ServerRate), memory to mailboxes (20 bytes) and to runs times
// batches (8 bytes, of which there may be half a GB). A cancelled context ends it with the
// context's error. A calendar with too few windows within ten years is an error.
func (f *Fitted) Forecast(ctx context.Context, batches []*batch.Batch, opts *ForecastOptions) (*Forecast, error) {
	if opts == nil {
		opts = new(ForecastOptions)
	}
	if err := opts.validate(); err != nil {
		return nil, err
	}
	w, err := f.workload(batches, opts)
	if err != nil {
		return nil, err
	}
	runs := opts.Runs
	if runs == 0 {
		runs = 1000
	}
	columns := len(w.batches) + 1
	if runs < 0 || runs > maxFinishes/columns {
		return nil, fmt.Errorf("estimate: %d futures of %d batches: there must be from 1 to %d finishes", runs, len(w.batches), maxFinishes)
	}
	finishes := make([]float64, runs*columns)
	if err := f.simulate(ctx, w, opts, finishes); err != nil {
		return nil, err
	}
	out, err := w.result(opts, finishes)
	if err == nil && out.Mailboxes > 0 {
		out.Premises = slices.Concat(f.Premises, f.forecastPremises(w, opts))
	}
	return out, err
}

func (o *ForecastOptions) validate() error {
	switch {
	case o.Now.IsZero() && !o.Calendar.isZero():
		return errors.New("estimate: a forecast with a calendar needs to know what time it is")
	case !o.Now.IsZero() && (o.Now.Year() < 1 || o.Now.Year() > 9999):
		return fmt.Errorf("estimate: a forecast cannot be made in the year %d", o.Now.Year())
	}
	return o.Calendar.Validate()
}

// result returns what the finishes of all futures come to.
func (w *workload) result(opts *ForecastOptions, finishes []float64) (*Forecast, error) {
	columns := len(w.batches) + 1
	out := &Forecast{Mailboxes: len(w.mailboxes), UnknownSize: w.unknown}
	clock := opts.newClock()
	column := make([]float64, len(finishes)/columns)
	for c := range columns {
		for r := range column {
			column[r] = finishes[r*columns+c]
		}
		slices.Sort(column)
		all := c == len(w.batches)
		finish, ok := clock.finish(Interval{quantile(column, 0.1), quantile(column, 0.5), quantile(column, 0.9)})
		switch {
		case !ok && all:
			return nil, fmt.Errorf("estimate: the rest would not be done within ten years of %s", opts.Now.Format(time.RFC3339))
		case !ok:
			return nil, fmt.Errorf("estimate: batch %q would not be done within ten years of %s", w.batches[c].name, opts.Now.Format(time.RFC3339))
		case all:
			out.Finish, out.Moments = finish, opts.moments(finish)
		default:
			out.Batches = append(out.Batches, BatchForecast{w.batches[c].name, finish, opts.moments(finish)})
		}
	}
	return out, nil
}

// simulate fills in when the batches of each future are done, and the whole, in hours.
func (f *Fitted) simulate(ctx context.Context, w *workload, opts *ForecastOptions, finishes []float64) error {
	columns := len(w.batches) + 1
	var next atomic.Int64
	normal := normalCells()
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(finishes)/columns) {
		workers.Go(func() {
			future := newFuture(f, w, normal, opts.newClock())
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if (i+1)*columns > len(finishes) {
					return
				}
				future.run(opts.Seed, uint64(i), finishes[i*columns:(i+1)*columns])
			}
		})
	}
	workers.Wait()
	return ctx.Err()
}
