package estimate_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// certain are assumptions that leave nothing to chance.
var certain = estimate.Assumptions{
	Between: 1e-6, Spread: 1e-6, ItemShare: 1e-6, MailboxShare: 1e-6,
	Failures: 1e-9, FailuresWeight: 1e9, Stalls: 1e-9, StallsWeight: 1e9,
}

func certainly(t require.TestingT, m estimate.Model) *estimate.Fitted {
	r, err := m.Resolve()
	require.NoError(t, err)
	middle := r.Throughput.Low/2 + r.Throughput.High/2
	m.Throughput = estimate.Throughput{Low: middle, High: middle}
	f, err := certain.Fit(nil, m)
	require.NoError(t, err)
	return f
}

// With nothing left to chance, a forecast is what Makespan says: the lanes are the same.
func TestForecastHasTheLanesOfMakespan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := estimate.Model{
			Lanes: rapid.IntRange(1, 40).Draw(t, "lanes"), PerItem: time.Second / 10,
			Overhead: 5 * time.Minute, Queue: time.Hour, UnknownSize: inventory.GB,
		}
		b := &batch.Batch{Name: "A"}
		for range rapid.IntRange(1, 100).Draw(t, "mailboxes") {
			mb := &inventory.Mailbox{Items: inventory.Known(rapid.Int64Range(0, 50_000).Draw(t, "items"))}
			if rapid.IntRange(0, 9).Draw(t, "known") > 0 {
				mb.Size = inventory.Known(inventory.Size(rapid.Int64Range(0, 20<<30).Draw(t, "size")))
			}
			b.Mailboxes = append(b.Mailboxes, mb)
		}
		got, err := certainly(t, m).Forecast(context.Background(), []*batch.Batch{b}, &estimate.ForecastOptions{Runs: 3})
		require.NoError(t, err)
		want := m.Makespan(b.Mailboxes).Likely
		require.InEpsilon(t, want.Hours(), got.Finish.Likely.Hours(), 1e-4)
		require.Equal(t, got.Finish, got.Batches[0].Finish)
	})
}

func known(gb float64) *inventory.Mailbox {
	return &inventory.Mailbox{Size: inventory.Known(inventory.Size(gb * float64(inventory.GB)))}
}

// Two lanes of one GB per hour each.
func TestForecastOfBatches(t *testing.T) {
	f := certainly(t, estimate.Model{Throughput: estimate.Throughput{Low: 2, High: 2}, Lanes: 2, Queue: time.Hour})
	a := &batch.Batch{Name: "A", Mailboxes: []*inventory.Mailbox{known(3), known(1)}}
	b := &batch.Batch{Name: "B", Mailboxes: []*inventory.Mailbox{known(1), {}}}
	runs := func(batch string, gb float64, copied bool) estimate.Observation {
		o := estimate.Observation{Batch: batch, State: inventory.Syncing, Size: inventory.Known(inventory.Size(gb * float64(inventory.GB))), Active: time.Hour}
		if copied {
			o.Copied = inventory.Known(inventory.GB)
		}
		return o
	}
	for _, tt := range []struct {
		opts   estimate.ForecastOptions
		want   map[string]float64
		reason string
	}{
		{estimate.ForecastOptions{}, map[string]float64{"A": 4, "B": 3}, "A queues for an hour, B goes on with the lane that is free first"},
		{estimate.ForecastOptions{Start: map[string]time.Duration{"B": 9 * time.Hour}}, map[string]float64{"A": 4, "B": 11}, "B starts after nine hours, and queues for one"},
		{estimate.ForecastOptions{Running: []estimate.Observation{runs("A", 3, true), runs("A", 2, false)}}, map[string]float64{"A": 4, "B": 4}, "A does not queue, lanes are free after two hours and one: 1+3 and 2+1, then 3+1 and nothing"},
		{estimate.ForecastOptions{Running: []estimate.Observation{runs("Z", 3, true)}}, map[string]float64{"Z": 2, "A": 4, "B": 4}, "of 3 GB one is copied; A queues all the same: 1+3 and 2+1, then 3+1"},
		{estimate.ForecastOptions{Running: []estimate.Observation{copied(1, 1), {State: inventory.Queued}}}, map[string]float64{"A": 4, "B": 3}, "what does not run is passed over"},
	} {
		tt.opts.Runs = 5
		got, err := f.Forecast(t.Context(), []*batch.Batch{a, b}, &tt.opts)
		require.NoError(t, err)
		finishes := make(map[string]float64)
		for _, b := range got.Batches {
			finishes[b.Name] = math.Round(b.Finish.Likely.Hours()*1000) / 1000
		}
		if d := cmp.Diff(tt.want, finishes); d != "" {
			t.Errorf("%s: %s", tt.reason, d)
		}
		require.Equal(t, 1, got.UnknownSize)
	}
}

// A mailbox that fails is tried again: if all do, at a random part of themselves, one
// lane takes half as much again on average.
func TestForecastTriesFailuresAgain(t *testing.T) {
	a := certain
	a.Failures = 0.9
	f, err := a.Fit(nil, estimate.Model{Lanes: 1, Throughput: estimate.Throughput{Low: 1, High: 1}})
	require.NoError(t, err)
	b := &batch.Batch{Name: "A"}
	for range 400 {
		b.Mailboxes = append(b.Mailboxes, known(1))
	}
	got, err := f.Forecast(t.Context(), []*batch.Batch{b, {Name: "B", Mailboxes: []*inventory.Mailbox{known(1)}}}, nil)
	require.NoError(t, err)
	// Each takes 1+FU hours, with a failure F of chance 0.9 and its part U: 1.45 on
	// average, with the variance 0.9/3-0.45² = 0.0975; 400 of them 580±6.24.
	require.InDelta(t, 580, got.Batches[0].Finish.Likely.Hours(), 2)
	require.InDelta(t, 580-1.28*6.24, got.Batches[0].Finish.Early.Hours(), 1.5)
	require.InDelta(t, 580+1.28*6.24, got.Batches[0].Finish.Late.Hours(), 1.5)
	require.Greater(t, got.Batches[1].Finish.Likely, got.Batches[0].Finish.Likely, "B comes behind the retries of A")
}

func TestForecastStalls(t *testing.T) {
	var obs []estimate.Observation
	for range 4000 {
		o := copied(1, 3)
		o.Stalled = 2 * time.Hour
		obs = append(obs, o)
	}
	a := certain
	a.StallsWeight = 1
	f, err := a.Fit(obs, estimate.Model{Lanes: 1, Throughput: estimate.Throughput{Low: 1, High: 1}})
	require.NoError(t, err)
	b := &batch.Batch{Name: "A"}
	for range 100 {
		b.Mailboxes = append(b.Mailboxes, known(1))
	}
	got, err := f.Forecast(t.Context(), []*batch.Batch{b}, nil)
	require.NoError(t, err)
	require.InDelta(t, 300, got.Finish.Likely.Hours(), 2, "all mailboxes stall for two hours, as all have")
}

// The same on any number of cores, however often, and another with another seed.
func TestForecastIsDeterministic(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	m := newMigration(rng, someTruth(rng), 300, 50)
	for m.done < 30 {
		m.step()
	}
	obs, rest := m.report(rng)
	f := fit(t, obs, estimate.Model{Lanes: m.truth.lanes})
	run := func(seed uint64) *estimate.Forecast {
		got, err := f.Forecast(t.Context(), rest, &estimate.ForecastOptions{Seed: seed, Runs: 50, Running: obs})
		require.NoError(t, err)
		return got
	}
	want := run(1)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, n := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(n)
		if d := cmp.Diff(want, run(1)); d != "" {
			t.Errorf("on %d cores: %s", n, d)
		}
	}
	require.NotEqual(t, want, run(2))
}

func TestForecastRefuses(t *testing.T) {
	f := fit(t, nil, estimate.Model{})
	a := &batch.Batch{Name: "A", Mailboxes: []*inventory.Mailbox{known(1)}}
	bad := copied(1, 1)
	bad.Active = -1
	for _, tt := range []struct {
		batches []*batch.Batch
		opts    estimate.ForecastOptions
		want    string
	}{
		{[]*batch.Batch{a, nil}, estimate.ForecastOptions{}, "batch 2 of 2 is nil"},
		{[]*batch.Batch{{Name: "B", Mailboxes: []*inventory.Mailbox{nil}}}, estimate.ForecastOptions{}, "batch 1 of 1 is nil or has a mailbox that is"},
		{[]*batch.Batch{a, a}, estimate.ForecastOptions{}, `batch 2 of 2 has the name of another, "A"`},
		{[]*batch.Batch{a}, estimate.ForecastOptions{Runs: -1}, "-1 futures of 1 batches"},
		{[]*batch.Batch{a}, estimate.ForecastOptions{Runs: 1 << 30}, "1073741824 futures of 1 batches"},
		{[]*batch.Batch{a}, estimate.ForecastOptions{Start: map[string]time.Duration{"B": 0}}, `batch "B" starts 0s from now: there is no such batch`},
		{[]*batch.Batch{a}, estimate.ForecastOptions{Start: map[string]time.Duration{"A": -1}}, `batch "A" starts -1ns from now`},
		{[]*batch.Batch{a}, estimate.ForecastOptions{Running: []estimate.Observation{bad}}, "running mailbox 1 of 1: queued for 0s, active for -1ns"},
	} {
		_, err := f.Forecast(t.Context(), tt.batches, &tt.opts)
		require.ErrorContains(t, err, tt.want)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := f.Forecast(ctx, []*batch.Batch{a}, nil)
	require.ErrorIs(t, err, context.Canceled)

	got, err := f.Forecast(t.Context(), nil, nil)
	require.NoError(t, err)
	require.Equal(t, &estimate.Forecast{}, got, "nothing is left: it is done")
	got, err = f.Forecast(t.Context(), []*batch.Batch{{Name: "A", Mailboxes: []*inventory.Mailbox{{Size: inventory.Known[inventory.Size](math.MaxInt64), Items: inventory.Known[int64](math.MaxInt64)}}}}, nil)
	require.NoError(t, err)
	require.Equal(t, time.Duration(math.MaxInt64), got.Finish.Late, "longer than a Duration can be")
}

// Forty mailboxes were copied at half the published rate, and two batches are left.
func ExampleFitted_Forecast() {
	var seen []estimate.Observation
	mailbox := func(i int) *inventory.Mailbox {
		return &inventory.Mailbox{Size: inventory.Known(inventory.Size(1+i%7) * inventory.GB / 2)}
	}
	for i := range 40 {
		m := mailbox(i)
		slower := []float64{1.4, 2.9, 1.7, 2.2, 1.8}[i%5]
		seen = append(seen, estimate.Observation{
			Batch: "Batch001", State: inventory.Synced, Size: m.Size,
			Active: time.Duration(m.Size.Or(0).GBytes() * slower / 0.6 * float64(time.Hour)),
		})
	}
	var rest []*batch.Batch
	for _, name := range []string{"Batch002", "Batch003"} {
		b := &batch.Batch{Name: name}
		for i := range 200 {
			b.Mailboxes = append(b.Mailboxes, mailbox(i))
		}
		rest = append(rest, b)
	}
	fitted, err := estimate.Fit(seen, estimate.Model{})
	if err != nil {
		panic(err)
	}
	forecast, err := fitted.Forecast(context.Background(), rest, &estimate.ForecastOptions{Seed: 1})
	if err != nil {
		panic(err)
	}
	for _, b := range forecast.Batches {
		fmt.Printf("%s %.0f, %.0f or %.0f hours from now\n", b.Name, b.Finish.Early.Hours(), b.Finish.Likely.Hours(), b.Finish.Late.Hours())
	}
	fmt.Printf("published: %.0f hours\n", estimate.Model{}.Makespan(append(rest[0].Mailboxes, rest[1].Mailboxes...)).Likely.Hours())
	// Output:
	// Batch002 68, 73 or 80 hours from now
	// Batch003 130, 139 or 149 hours from now
	// published: 69 hours
}
