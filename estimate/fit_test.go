package estimate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

// copied is a mailbox of so many GB that was copied in so many hours.
func copied(gb, hours float64) estimate.Observation {
	return estimate.Observation{
		State: inventory.Synced, Size: inventory.Known(inventory.Size(gb * float64(inventory.GB))), Active: hoursOf(hours),
	}
}

func fit(t *testing.T, obs []estimate.Observation, prior estimate.Model) *estimate.Fitted {
	t.Helper()
	f, err := estimate.Fit(obs, prior)
	require.NoError(t, err)
	return f
}

func TestFitOfNothingIsThePrior(t *testing.T) {
	f := fit(t, nil, estimate.Model{})
	middle := (f.Model.Throughput.Low + f.Model.Throughput.High) / 2
	require.InDelta(t, 12, middle, 1e-6, "the middle of 10 to 14")
	require.Less(t, f.Model.Throughput.Low, 10.0, "an organization differs by more than the published range")
	require.Greater(t, f.Model.Throughput.High, 14.0)
	require.Equal(t, 20, f.Model.Lanes)
	require.Zero(t, f.Model.PerItem)
	require.Zero(t, f.Model.Overhead)
	require.Zero(t, f.Model.Queue)

	// 0.3 and the published ln(14/10)/(2*1.2816) = 0.131 together are 0.327, so that
	// eight of ten are within exp(1.2816*0.327) = 1.52 of each other on either side.
	require.InDelta(t, 1.52*1.52, f.Model.Throughput.High/f.Model.Throughput.Low, 0.12)

	slow := estimate.Model{Throughput: estimate.Throughput{Low: 4, High: 6}, Throttle: 0.5, PerItem: time.Second, Overhead: time.Minute, Queue: time.Hour}
	f = fit(t, nil, slow)
	require.InDelta(t, 2.5, (f.Model.Throughput.Low+f.Model.Throughput.High)/2, 1e-6, "throttling is in the rate")
	require.Zero(t, f.Model.Throttle)
	require.InDelta(t, time.Second, f.Model.PerItem, 1e3)
	require.InDelta(t, time.Minute, f.Model.Overhead, 1e3)
	require.Equal(t, time.Hour, f.Model.Queue)
}

// The range of the throughput narrows as one over the square root of the observations, and
// comes to lie around the truth.
func TestFitNarrows(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var obs []estimate.Observation
	for range 1600 {
		gb := math.Exp(rng.NormFloat64())
		// Lanes of 0.4 GB per hour: 20 of them 8.
		o := copied(gb, gb/0.4*math.Exp(0.5*rng.NormFloat64()-0.125))
		o.Items = inventory.Known(int64(gb * 20000 * math.Exp(0.5*rng.NormFloat64())))
		obs = append(obs, o)
	}
	width := func(n int) float64 {
		m := fit(t, obs[:n], estimate.Model{}).Model.Throughput
		return math.Log(m.High / m.Low)
	}
	require.Greater(t, width(1), 0.85*width(0), "with one the prior dominates")
	require.Less(t, width(1), width(0))
	require.InDelta(t, 2, width(100)/width(400), 0.4)
	require.InDelta(t, 2, width(400)/width(1600), 0.4)
	f := fit(t, obs, estimate.Model{})
	require.InDelta(t, 8, (f.Model.Throughput.Low+f.Model.Throughput.High)/2, 0.5)
	require.InDelta(t, 0.5, f.Spread.Likely, 0.03)
	require.Less(t, f.PerItem.Late.Seconds(), 0.1, "there is none")
}

// Mailboxes that run are the slow ones: those that are done by some hour alone would
// make lanes look faster than they are.
func TestFitHeedsWhatRuns(t *testing.T) {
	for _, counted := range []bool{true, false} {
		rng := rand.New(rand.NewPCG(2, 2))
		var obs, done []estimate.Observation
		for range 2000 {
			o := copied(1, 2*math.Exp(0.7*rng.NormFloat64()-0.245)) // 0.5 GB per hour
			if limit := 3 * rng.Float64(); o.Active.Hours() > limit {
				if counted {
					o.Copied = inventory.Known(inventory.Size(limit / o.Active.Hours() * float64(inventory.GB)))
				}
				o.State, o.Active = inventory.Syncing, hoursOf(limit)
			} else {
				done = append(done, o)
			}
			obs = append(obs, o)
		}
		rate := func(obs []estimate.Observation) float64 {
			m := fit(t, obs, estimate.Model{}).Model.Throughput
			return (m.Low + m.High) / 2
		}
		require.InDelta(t, 10, rate(obs), 0.6, "counted: %v", counted)
		require.Greater(t, rate(done), 14.0)
	}
}

func TestFitCountsFailuresStallsAndQueues(t *testing.T) {
	var obs []estimate.Observation
	for i := range 970 {
		o := copied(1, 2)
		o.Batch, o.Queued = "A", time.Hour+time.Duration(i)*time.Minute
		if i < 97 {
			o.Stalled = time.Hour
		}
		obs = append(obs, o)
	}
	for range 30 {
		o := copied(1, 1)
		o.Batch, o.Queued, o.State = "B", 3*time.Hour, inventory.Failed
		obs = append(obs, o)
	}
	obs = append(obs, estimate.Observation{Batch: "C", State: inventory.Queued, Queued: time.Second},
		estimate.Observation{State: inventory.Syncing, Size: inventory.Known(inventory.GB), Active: time.Second})
	f := fit(t, obs, estimate.Model{})
	require.Equal(t, []int{970, 1, 30, 1}, []int{f.Done, f.Running, f.Failed, f.Silent})
	require.InDelta(t, 30.9/1030, f.Failures.Likely, 0.002, "30 of 1,000 attempts, and 0.9 of 30 that are assumed")
	require.InDelta(t, 97.5/1010, f.Stalls.Likely, 0.002, "97 of 1,000, and half a one of ten that is assumed")
	require.Equal(t, 2*time.Hour, f.Model.Queue, "the first of A waited one hour, of B three; C still waits")
}

// Stalls are not copying: what has stalls taken out is the same.
func TestFitTakesStallsOut(t *testing.T) {
	var smooth, stalled []estimate.Observation
	for i := range 50 {
		o := copied(1, 1+float64(i%5)/5)
		smooth = append(smooth, o)
		if i%3 == 0 {
			o.Active += 5 * time.Hour
			o.Stalled += 5 * time.Hour
		}
		stalled = append(stalled, o)
	}
	require.Equal(t, fit(t, smooth, estimate.Model{}).Model, fit(t, stalled, estimate.Model{}).Model)
}

// Where every GB has as many items, the prior decides what goes with items, and the
// average mailbox takes what it took all the same.
func TestFitCannotTellItemsFromBytes(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	var obs []estimate.Observation
	for range 500 {
		gb := math.Exp(rng.NormFloat64())
		o := copied(gb, gb*2*math.Exp(0.1*rng.NormFloat64()))
		o.Items = inventory.Known(int64(gb * 18000))
		obs = append(obs, o)
	}
	none := fit(t, obs, estimate.Model{})
	require.Less(t, none.Model.PerItem, 10*time.Millisecond)
	// 12 GB per hour and 0.1 s for each item: of the 1.67 h and the half an hour that a
	// GB takes so, 23 % go with items; of the two hours that were observed, that is
	// 0.46 h or 0.092 s for each.
	some := fit(t, obs, estimate.Model{PerItem: 100 * time.Millisecond})
	require.InDelta(t, 0.092, some.Model.PerItem.Seconds(), 0.004)
	for _, f := range []*estimate.Fitted{none, some} {
		rate := (f.Model.Throughput.Low + f.Model.Throughput.High) / 2
		require.InDelta(t, 2, 20/rate+18000*f.Model.PerItem.Hours(), 0.05)
	}
	require.Greater(t, some.PerItem.Late, 2*some.PerItem.Early, "and it stays uncertain")
}

func TestFitTakesUglyInput(t *testing.T) {
	all := func(o estimate.Observation, n int) []estimate.Observation {
		return slices.Repeat([]estimate.Observation{o}, n)
	}
	failing := copied(1, 1)
	failing.State = inventory.Failed
	empty := copied(0, 0.1)
	huge := copied(1, 2.5e6)
	huge.Size, huge.Items = inventory.Known[inventory.Size](math.MaxInt64), inventory.Known[int64](math.MaxInt64)
	for _, tt := range []struct {
		obs    []estimate.Observation
		silent int
		reason string
	}{
		{all(failing, 20), 0, "all failed: each took longer than it had, and the chance of failures is high"},
		{all(empty, 20), 0, "zero bytes: their time is what each mailbox has"},
		{all(copied(2, 3), 1), 0, "one"},
		{all(copied(2, 3), 1000), 0, "all the same: a spread that is next to none"},
		{all(copied(2, 0), 5), 5, "no time"},
		{all(estimate.Observation{State: inventory.Synced, Active: time.Hour}, 5), 5, "no size"},
		{all(estimate.Observation{}, 5), 5, "nothing at all"},
		{append(all(copied(1, 1), 3), huge), 0, "8 EiB and as many items"},
	} {
		f := fit(t, tt.obs, estimate.Model{})
		require.Equal(t, tt.silent, f.Silent, tt.reason)
		m := f.Model.Throughput
		require.True(t, m.Low > 0 && m.Low <= m.High && !math.IsInf(m.High, 1), "%s: %+v", tt.reason, m)
		_, err := f.Model.Resolve()
		require.NoError(t, err, tt.reason)
		r := f.LaneTime(&inventory.Mailbox{Size: inventory.Known(inventory.GB)})
		require.True(t, 0 < r.Early && r.Early <= r.Likely && r.Likely <= r.Late, "%s: %+v", tt.reason, r)
	}
	require.Greater(t, fit(t, all(failing, 20), estimate.Model{}).Failures.Likely, 0.3)
	same := fit(t, all(copied(2, 3), 1000), estimate.Model{}).LaneTime(&inventory.Mailbox{Size: inventory.Known(2 * inventory.GB)})
	require.InDelta(t, 3, same.Early.Hours(), 0.05)
	require.InDelta(t, 3, same.Late.Hours(), 0.05)
}

func TestFitRefuses(t *testing.T) {
	good := copied(1, 1)
	for _, tt := range []struct {
		change func(*estimate.Observation)
		want   string
	}{
		{func(o *estimate.Observation) { o.Active = -1 }, "observation 2 of 2: queued for 0s, active for -1ns, stalled for 0s: none may be negative"},
		{func(o *estimate.Observation) { o.Queued = -time.Hour }, "queued for -1h0m0s"},
		{func(o *estimate.Observation) { o.Stalled = -time.Hour }, "stalled for -1h0m0s"},
		{func(o *estimate.Observation) { o.Stalled = 2 * time.Hour }, "stalled for 2h0m0s of the 1h0m0s that it was active"},
		{func(o *estimate.Observation) { o.Size = inventory.Known[inventory.Size](-1) }, "-1 bytes"},
		{func(o *estimate.Observation) { o.Items = inventory.Known[int64](-1) }, "-1 items"},
		{func(o *estimate.Observation) { o.Copied = inventory.Known[inventory.Size](-5) }, "-5 of them copied"},
		{func(o *estimate.Observation) { o.Failures = -1 }, "-1 failures"},
	} {
		bad := good
		tt.change(&bad)
		_, err := estimate.Fit([]estimate.Observation{good, bad}, estimate.Model{})
		require.ErrorContains(t, err, tt.want)
	}
	_, err := estimate.Fit(nil, estimate.Model{Throughput: estimate.Throughput{Low: math.NaN(), High: 1}})
	require.ErrorContains(t, err, "NaN")
	for _, a := range []estimate.Assumptions{{Between: math.NaN()}, {Spread: -1}, {Failures: 1}, {StallsWeight: math.Inf(1)}, {Stall: -1}} {
		_, err := a.Fit(nil, estimate.Model{})
		require.ErrorContains(t, err, "estimate: assumptions", "%+v", a)
	}
}

// The order of observations does not matter, and neither does how often Fit is called.
func TestFitDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		obs := rapid.SliceOfN(rapid.Custom(observation), 0, 30).Draw(t, "observations")
		one, err := estimate.Fit(obs, estimate.Model{})
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(obs)
		two, err := estimate.Fit(obs, estimate.Model{})
		if err != nil {
			t.Fatal(err)
		}
		a, b := one.Model.Throughput, two.Model.Throughput
		if math.Abs(a.Low/b.Low-1) > 1e-9 || math.Abs(a.High/b.High-1) > 1e-9 || !(a.Low > 0) || !(a.High >= a.Low) {
			t.Fatalf("%+v and %+v", a, b)
		}
	})
}

func observation(t *rapid.T) estimate.Observation {
	o := estimate.Observation{
		State:  rapid.SampledFrom([]inventory.MigrationState{inventory.Synced, inventory.Syncing, inventory.Failed, inventory.Queued, ""}).Draw(t, "state"),
		Batch:  rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "batch"),
		Active: time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "active")),
		Queued: time.Duration(rapid.Int64Range(0, 1e15).Draw(t, "queued")),
	}
	o.Stalled = time.Duration(rapid.Int64Range(0, int64(o.Active)).Draw(t, "stalled"))
	if rapid.Bool().Draw(t, "sized") {
		o.Size = inventory.Known(inventory.Size(rapid.Int64Range(0, 1<<38).Draw(t, "size")))
	}
	if rapid.Bool().Draw(t, "counted") {
		o.Items = inventory.Known(rapid.Int64Range(0, 1e7).Draw(t, "items"))
		o.Copied = inventory.Known(inventory.Size(rapid.Int64Range(0, 1<<38).Draw(t, "copied")))
	}
	return o
}

// With much observed, a mailbox takes what the lognormal distribution says: with the mean 2
// and the spread 0.8 its median is 2*exp(-0.32).
func TestLaneTimeIsLognormal(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	var obs []estimate.Observation
	for range 20_000 {
		obs = append(obs, copied(1, 2*math.Exp(0.8*rng.NormFloat64()-0.32)))
	}
	got := fit(t, obs, estimate.Model{}).LaneTime(&inventory.Mailbox{Size: inventory.Known(inventory.GB)})
	for z, d := range map[float64]time.Duration{-1.2816: got.Early, 0: got.Likely, 1.2816: got.Late} {
		require.InEpsilon(t, 2*math.Exp(0.8*z-0.32), d.Hours(), 0.1)
	}
}

// Of mailboxes that were not observed, eight of ten take what is said.
func TestLaneTimeHolds(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	tr := someTruth(rng)
	tr.stalls = 0.1
	pilot := newMigration(rng, tr, 1000, 1000)
	pilot.finish()
	obs, _ := pilot.report(rng)
	f := fit(t, obs, estimate.Model{Lanes: tr.lanes})
	var trials []estimate.Trial
	for _, s := range newMigration(rng, tr, 1000, 1000).all {
		m := &inventory.Mailbox{Size: inventory.Known(s.size), Items: inventory.Known(s.items)}
		trials = append(trials, estimate.Trial{Forecast: f.LaneTime(m), Truth: hoursOf(s.takes + s.stall)})
	}
	c, err := estimate.Coverage(trials)
	require.NoError(t, err)
	require.InDelta(t, estimate.Claimed, c.Share, 0.05, "%+v", c)
}

// Ten mailboxes of a pilot took twice what the published rate says. The forecast of the
// zero Model was 12 GB per hour; the pilot alone says 6.
func ExampleFit() {
	var pilot []estimate.Observation
	for i := range 10 {
		gb := float64(1 + i%5)
		slower := []float64{2.9, 1.6, 2.2, 1.3, 2.0}[i*3%5]
		pilot = append(pilot, estimate.Observation{
			Batch:  "Pilot",
			State:  inventory.Synced,
			Size:   inventory.Known(inventory.Size(gb) * inventory.GB),
			Queued: 15 * time.Minute,
			Active: time.Duration(gb * slower / 0.6 * float64(time.Hour)), // 0.6 GB per hour are published
		})
	}
	for _, n := range []int{0, 1, 3, 10} {
		f, err := estimate.Fit(pilot[:n], estimate.Model{})
		if err != nil {
			panic(err)
		}
		fmt.Printf("after %2d: %4.1f to %4.1f GB per hour\n", n, f.Model.Throughput.Low, f.Model.Throughput.High)
	}
	// Output:
	// after  0:  7.2 to 16.8 GB per hour
	// after  1:  4.2 to 12.5 GB per hour
	// after  3:  5.3 to  9.9 GB per hour
	// after 10:  5.8 to  7.6 GB per hour
}
