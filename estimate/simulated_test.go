package estimate_test

import (
	"flag"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/estimate"
)

var simulatedRuns = flag.Int("simulated", 40, "how many simulated migrations forecasts are tried on")

// While a simulated migration runs, its finish is forecast from what is known by then,
// after a tenth and after half of its mailboxes. Each has 2,000 mailboxes of an
// organization of its own; see someTruth.
func TestForecastsHoldInSimulatedMigrations(t *testing.T) {
	checkpoints := []*checkpoint{
		{part: 0.1, most: 0.08},
		{part: 0.5, most: 0.04},
	}
	for run := range *simulatedRuns {
		rng := rand.New(rand.NewPCG(uint64(run), 0))
		m := newMigration(rng, someTruth(rng), 2000, 250)
		for _, c := range checkpoints {
			for m.done < int(c.part*float64(len(m.all))) {
				require.True(t, m.step())
			}
			obs, rest := m.report(rng)
			fitted, err := estimate.Fit(obs, estimate.Model{Lanes: m.truth.lanes})
			require.NoError(t, err)
			got, err := fitted.Forecast(t.Context(), rest, &estimate.ForecastOptions{Seed: uint64(run), Runs: 300, Running: obs})
			require.NoError(t, err)
			c.forecasts = append(c.forecasts, got.Finish)
			c.at = append(c.at, m.now)
		}
		finish := m.finish()
		for _, c := range checkpoints {
			c.truths = append(c.truths, finish)
		}
	}
	for _, c := range checkpoints {
		c.check(t)
	}
}

// checkpoint is what forecasts said after a part of all mailboxes.
type checkpoint struct {
	part, most float64 // of the mailboxes; the median error that is allowed
	forecasts  []estimate.Range
	at, truths []float64 // hours since the beginning
}

func (c *checkpoint) check(t *testing.T) {
	var trials []estimate.Trial
	var errs, left []float64
	for i, f := range c.forecasts {
		trials = append(trials, estimate.Trial{Forecast: f, Truth: hoursOf(c.truths[i] - c.at[i])})
		errs = append(errs, math.Abs((c.at[i]+f.Likely.Hours())/c.truths[i]-1))
		left = append(left, math.Abs(f.Likely.Hours()/(c.truths[i]-c.at[i])-1))
	}
	slices.Sort(errs)
	slices.Sort(left)
	covered, err := estimate.Coverage(trials)
	require.NoError(t, err)
	t.Logf("after %g: %+v, median error %.4f of the finish, %.4f of the time left", c.part, covered, errs[len(errs)/2], left[len(left)/2])

	// From 75 to 88 % of 1,000 runs. Fewer runs may miss that by 3.3 standard
	// deviations of the binomial distribution, which one run in a thousand does.
	n := float64(len(trials))
	slack := func(p float64) float64 {
		if n >= 1000 {
			return 0
		}
		return 3.3 * math.Sqrt(p*(1-p)/n)
	}
	require.GreaterOrEqual(t, covered.Share, 0.75-slack(0.75))
	require.LessOrEqual(t, covered.Share, 0.88+slack(0.88))
	// The median of few runs is above that of many in half of all cases, and hardly by
	// half as much again.
	most := c.most
	if n < 1000 {
		most *= 1.5
	}
	require.Less(t, errs[len(errs)/2], most)
}
