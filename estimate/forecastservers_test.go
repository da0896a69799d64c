package estimate_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/staged-migration/staged/batch"
	"github.com/staged-migration/staged/estimate"
	"github.com/staged-migration/staged/inventory"
)

func on(server string, gb float64) *inventory.Mailbox {
	m := known(gb)
	m.Server = server
	return m
}

// running is a mailbox of 4 GB that has had a lane for so long, and of which so much is copied.
func running(server string, hours, copiedGB float64) estimate.Observation {
	o := copied(4, hours)
	o.Batch, o.State, o.Server = "A", inventory.Syncing, server
	o.Copied = inventory.Known(inventory.Size(copiedGB * float64(inventory.GB)))
	return o
}

// Three lanes of 1 GB per hour each, and servers that give as much as one of them takes.
func TestForecastKeepsToWhatServersGive(t *testing.T) {
	m := with(lane1(3), func(m *estimate.Model) { m.ServerRate = 1 })
	f := certainly(t, m)
	for _, tt := range []struct {
		mailboxes []*inventory.Mailbox
		running   []estimate.Observation
		want      float64
		reason    string
	}{
		{[]*inventory.Mailbox{on("X", 2), on("X", 2), on("Y", 2)}, nil, 4, "the second of X waits for two hours"},
		{[]*inventory.Mailbox{on("X", 2), on("ex.contoso.com", 2), on("EX", 2)}, nil, 4, "servers go by their host, without regard to case"},
		{[]*inventory.Mailbox{on("", 2), on("", 2), on("", 2)}, nil, 6, "those that are not known are one"},
		{[]*inventory.Mailbox{on("X", 2)}, []estimate.Observation{running("X", 1, 1)}, 5, "what runs has 3 of 4 GB left and its server first"},
		{[]*inventory.Mailbox{on("X", 2)}, []estimate.Observation{running("", 1, 1)}, 3, "its server is not known, so that it is another"},
		{[]*inventory.Mailbox{on("X", 2)}, []estimate.Observation{running("X", 2, 2), running("X", 3, 3)}, 5,
			"of 1 and 2 GB that are left, and 2: one after the other"},
		{[]*inventory.Mailbox{on("X", 2)}, []estimate.Observation{running("X", 4, 1)}, 6,
			"a quarter took four times as long as it should, so that the rest has the rate 4^-√¼ = ½: 3 GB take 6 hours, and leave a half"},
		{[]*inventory.Mailbox{on("X", 5)}, []estimate.Observation{running("X", 4, 1)}, 8, "3 GB at that half until then, and 2 at the full rate"},
	} {
		got, err := f.Forecast(t.Context(), []*batch.Batch{{Name: "A", Mailboxes: tt.mailboxes}},
			&estimate.ForecastOptions{Runs: 3, Running: tt.running})
		require.NoError(t, err)
		require.InDelta(t, tt.want, got.Finish.Likely.Hours(), 1e-3, tt.reason)
	}
}

// drawRest draws batches with ascending starts, and mailboxes of the first that run.
func drawRest(t *rapid.T, opts *estimate.ForecastOptions) []*batch.Batch {
	var rest []*batch.Batch
	opts.Start = make(map[string]time.Duration)
	start := time.Duration(0)
	for i := range rapid.IntRange(1, 5).Draw(t, "batches") {
		b := &batch.Batch{Name: fmt.Sprint("B", i), Mailboxes: boxes(t, 15)}
		for _, m := range b.Mailboxes {
			m.Items = inventory.Known(m.Items.Or(0)) // a forecast makes a guess at items that are not known
			if size, ok := m.Size.Get(); ok {
				m.Size = inventory.Known(notTiny(size))
			}
		}
		start += time.Duration(rapid.IntRange(0, 10).Draw(t, "hours between starts")) * time.Hour
		opts.Start[b.Name] = start
		rest = append(rest, b)
	}
	delete(opts.Start, "B0")
	for range rapid.IntRange(0, 10).Draw(t, "running") {
		o := running(rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "server"), rapid.Float64Range(0.5, 20).Draw(t, "active"), rapid.Float64Range(0.2, 3.9).Draw(t, "copied"))
		o.Batch, o.Items = "B0", inventory.Known(rapid.Int64Range(0, 50_000).Draw(t, "items"))
		opts.Running = append(opts.Running, o)
	}
	return rest
}

// jobsOf makes a model's jobs of what is left, ready at hours that starts are turned into.
func jobsOf(m estimate.Model, rest []*batch.Batch, opts *estimate.ForecastOptions, ready func(time.Duration) float64) []*job {
	var jobs []*job
	perHour := m.Rate().Low / float64(m.Lanes)
	obs := slices.Clone(opts.Running)
	slices.SortStableFunc(obs, func(a, b estimate.Observation) int { return cmp.Compare(b.Active, a.Active) })
	for _, o := range obs {
		part := float64(o.Copied.Or(0)) / float64(o.Size.Or(0))
		bytes, items := o.Size.Or(0).GBytes()/perHour, float64(o.Items.Or(0))*m.PerItem.Hours()
		// It goes on with what its past and the average make of its rate.
		slower := math.Pow(o.Active.Hours()/(part*(bytes+items)+m.Overhead.Hours()), math.Sqrt(part))
		jobs = append(jobs, &job{server: o.Server, own: 1 / slower, copying: (1 - part) * bytes, beside: (1 - part) * items * slower})
	}
	for i, b := range rest {
		at := ready(opts.Start[b.Name] + m.Queue)
		if i == 0 && len(obs) > 0 {
			at = ready(0)
		}
		for _, mb := range b.Mailboxes {
			jobs = append(jobs, &job{batch: i, ready: at, server: mb.Server, own: 1, copying: mb.Size.Or(m.UnknownSize).GBytes() / perHour,
				beside: m.Overhead.Hours() + float64(mb.Items.Or(0))*m.PerItem.Hours()})
		}
	}
	return jobs
}

// servedBy returns when batches are done in a simulation that goes from event to event.
func servedBy(jobs []*job, m estimate.Model, batches int) []float64 {
	gives := math.Inf(1)
	if m.ServerRate > 0 {
		gives = m.ServerRate / (m.Rate().Low / float64(m.Lanes))
	}
	finish := make([]float64, batches)
	simulate(jobs, m.Lanes, gives, finish)
	return finish
}

// uncertain is what certainly leaves to chance: a part of the time, and of what 1 GB takes.
func uncertain(m estimate.Model, hours float64) float64 {
	return 5e-4*hours + 1e-3*float64(m.Lanes)/m.Rate().Low
}

// oneRate makes a model's forecast one that hangs on no hair. What certainly leaves to
// chance must not be much of what a server has left beside whole lanes, nor enough for a few
// bytes; and Fit takes no more than 98 % of the time for that of items and mailboxes.
func oneRate(m estimate.Model) estimate.Model {
	m.Throughput.High, m.UnknownSize = m.Throughput.Low, notTiny(m.UnknownSize)
	m.PerItem, m.Overhead = m.PerItem/5, m.Overhead/10
	if m.ServerRate > 0 {
		lane := m.Rate().Low / float64(m.Lanes)
		whole, part := math.Modf(m.ServerRate / lane)
		m.ServerRate = lane * (whole + min(max(part, 0.25), 0.75))
	}
	return m
}

// notTiny returns a size in units of 16 MB.
func notTiny(size inventory.Size) inventory.Size { return size &^ (16*inventory.MB - 1) }

// With nothing left to chance, a forecast is what an independent simulation says.
func TestForecastWithServersIsWhatEventsMakeOfIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, opts := oneRate(model(t)), estimate.ForecastOptions{Runs: 2}
		rest := drawRest(t, &opts)
		got, err := certainly(t, m).Forecast(t.Context(), rest, &opts)
		require.NoError(t, err)
		want := servedBy(jobsOf(m, rest, &opts, time.Duration.Hours), m, len(rest))
		for i, b := range got.Batches {
			require.InDelta(t, want[i], b.Finish.Likely.Hours(), uncertain(m, want[i]), b.Name)
		}
		require.InDelta(t, slices.Max(want), got.Finish.Likely.Hours(), uncertain(m, slices.Max(want)))
	})
}

// observed are mailboxes that were copied at rates around 0.5 GB per hour with a spread of 0.6.
func observed(n int) []estimate.Observation {
	rng := rand.New(rand.NewPCG(8, 8))
	var obs []estimate.Observation
	for range n {
		obs = append(obs, copied(1, 2*math.Exp(0.6*rng.NormFloat64()-0.18)))
	}
	return obs
}

// smooth has mailboxes neither fail nor stall.
var smooth = estimate.Assumptions{Failures: 1e-9, FailuresWeight: 1e9, Stalls: 1e-9, StallsWeight: 1e9}

// What servers do not give makes nothing earlier in any future, and a cap beyond all that
// lanes could take changes no bit.
func TestForecastServersOnlyDelay(t *testing.T) {
	even := fitBy(t, smooth, estimate.Model{Queue: time.Hour})
	uneven := fitBy(t, estimate.Assumptions{Failures: 0.2, Stalls: 0.2}, estimate.Model{Queue: time.Hour})
	rapid.Check(t, func(t *rapid.T) {
		opts := estimate.ForecastOptions{Runs: 20, Seed: rapid.Uint64().Draw(t, "seed")}
		rest := drawRest(t, &opts)
		lanes, rate := rapid.IntRange(1, 30).Draw(t, "lanes"), rapid.Float64Range(0.1, 10).Draw(t, "server rate")
		forecast := func(f estimate.Fitted, serverRate float64) *estimate.Forecast {
			f.Model.Lanes, f.Model.ServerRate = lanes, serverRate
			got, err := f.Forecast(t.Context(), rest, &opts)
			require.NoError(t, err)
			got.Premises = nil // which differ
			return got
		}
		requireLater(t, forecast(*even, 0), forecast(*even, rate))
		require.Equal(t, forecast(*uneven, 0), forecast(*uneven, 1e12))
	})
}

func fitBy(t *testing.T, a estimate.Assumptions, prior estimate.Model) *estimate.Fitted {
	f, err := a.Fit(observed(50), prior)
	require.NoError(t, err)
	return f
}

// requireLater requires that no percentile of a forecast is earlier than that of another.
func requireLater(t *rapid.T, a, b *estimate.Forecast) {
	for i, late := range b.Batches {
		soon, late := a.Batches[i].Finish, late.Finish
		requireNotBefore(t, soon, late)
	}
	requireNotBefore(t, a.Finish, b.Finish)
}

func requireNotBefore(t *rapid.T, a, b estimate.Range) {
	const rounding = time.Microsecond
	require.True(t, a.Early <= b.Early+rounding && a.Likely <= b.Likely+rounding && a.Late <= b.Late+rounding, "%+v and %+v", a, b)
}

// Where mailboxes differ, the percentiles are those of an independent simulation.
func TestForecastWithServersIsDistributedAsEvents(t *testing.T) {
	m := estimate.Model{Throughput: estimate.Throughput{Low: 6, High: 6}, Lanes: 12, ServerRate: 1.2} // three of them give 3.6
	f, err := smooth.Fit(observed(20_000), m)
	require.NoError(t, err)
	b := &batch.Batch{Name: "A"}
	for i := range 90 {
		b.Mailboxes = append(b.Mailboxes, on(fmt.Sprint("EX", i*i%7%3), float64(1+i%5)))
	}
	got, err := f.Forecast(t.Context(), []*batch.Batch{b}, &estimate.ForecastOptions{Runs: 2000})
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(9, 9))
	var finishes []float64
	for range 2000 {
		var jobs []*job
		for _, mb := range b.Mailboxes {
			own := math.Exp(0.18 - 0.6*rng.NormFloat64())
			jobs = append(jobs, &job{server: mb.Server, own: own, copying: mb.Size.Or(0).GBytes() / 0.5})
		}
		finishes = append(finishes, servedBy(jobs, m, 1)[0])
	}
	slices.Sort(finishes)
	require.InEpsilon(t, finishes[200], got.Finish.Early.Hours(), 0.02)
	require.InEpsilon(t, finishes[1000], got.Finish.Likely.Hours(), 0.02)
	require.InEpsilon(t, finishes[1800], got.Finish.Late.Hours(), 0.02)
}
