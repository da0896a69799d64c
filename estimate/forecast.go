package estimate

import (
	"context"
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
	// the queue not included. A batch without a start goes on as soon as lanes are free.
	Start map[string]time.Duration
}

// Forecast is when the rest of a migration is done, counted from now: early, likely
// and late are the 10th, 50th and 90th percentile of the simulated futures.
type Forecast struct {
	Finish  Range // of all
	Batches []BatchForecast

	Mailboxes   int // how many are still to be copied, those that run included
	UnknownSize int // how many of them have an unknown size and count as Model.UnknownSize

	// Premises are those of [Fitted], and what the simulation takes to be so.
	Premises []Premise
}

// BatchForecast is when a batch is done, mailboxes that failed and were tried again
// included.
type BatchForecast struct {
	Name   string
	Finish Range
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
// the weekday is not in it, nor are windows. Of a future's parameters, Throughput is capped by Link.
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
// context's error.
func (f *Fitted) Forecast(ctx context.Context, batches []*batch.Batch, opts *ForecastOptions) (*Forecast, error) {
	if opts == nil {
		opts = new(ForecastOptions)
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
	if err := f.simulate(ctx, w, opts.Seed, finishes); err != nil {
		return nil, err
	}
	out := &Forecast{Mailboxes: len(w.mailboxes), UnknownSize: w.unknown}
	if out.Mailboxes > 0 {
		out.Premises = slices.Concat(f.Premises, f.forecastPremises(w, opts))
	}
	column := make([]float64, runs)
	for c := range columns {
		for r := range column {
			column[r] = finishes[r*columns+c]
		}
		slices.Sort(column)
		finish := Interval{quantile(column, 0.1), quantile(column, 0.5), quantile(column, 0.9)}.hours()
		if c == len(w.batches) {
			out.Finish = finish
		} else {
			out.Batches = append(out.Batches, BatchForecast{w.batches[c].name, finish})
		}
	}
	return out, nil
}

// simulate fills in when the batches of each future are done, and the whole, in hours.
func (f *Fitted) simulate(ctx context.Context, w *workload, seed uint64, finishes []float64) error {
	columns := len(w.batches) + 1
	var next atomic.Int64
	normal := normalCells()
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(finishes)/columns) {
		workers.Go(func() {
			future := newFuture(f, w, normal)
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if (i+1)*columns > len(finishes) {
					return
				}
				future.run(seed, uint64(i), finishes[i*columns:(i+1)*columns])
			}
		})
	}
	workers.Wait()
	return ctx.Err()
}
