package estimate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/estimate"
)

func trials(before, inside, after int) (out []estimate.Trial) {
	f := estimate.Range{Early: 2 * time.Hour, Likely: 3 * time.Hour, Late: 5 * time.Hour}
	for range before {
		out = append(out, estimate.Trial{Forecast: f, Truth: 2*time.Hour - 1})
	}
	for i := range inside {
		out = append(out, estimate.Trial{Forecast: f, Truth: []time.Duration{f.Early, f.Likely, f.Late}[i%3]})
	}
	for range after {
		out = append(out, estimate.Trial{Forecast: f, Truth: 5*time.Hour + 1})
	}
	return out
}

// The intervals are Wilson's by hand: with z² = 3.8415, (p + z²/2n ± z√(p(1-p)/n + z²/4n²)) / (1 + z²/n).
func TestCoverage(t *testing.T) {
	for _, tt := range []struct {
		before, inside, after int
		want                  estimate.Covered
		holds                 bool
		reason                string
	}{
		{0, 10, 0, estimate.Covered{Trials: 10, Inside: 10, Share: 1, Low: 0.7225, High: 1}, true, "10/(10+z²) = 0.7225: ten of ten do not refute 80 %"},
		{0, 20, 0, estimate.Covered{Trials: 20, Inside: 20, Share: 1, Low: 0.8389, High: 1}, false, "20/(20+z²) = 0.8389: twenty of twenty do, the ranges are too wide"},
		{5, 80, 15, estimate.Covered{Trials: 100, Inside: 80, Before: 5, After: 15, Share: 0.8, Low: 0.7112, High: 0.8666}, true, "(0.8192 ± 0.0807)/1.0384"},
		{0, 0, 4, estimate.Covered{Trials: 4, After: 4, Share: 0, Low: 0, High: 0.4899}, false, "z²/(4+z²) = 0.4899: all late"},
	} {
		got, err := estimate.Coverage(trials(tt.before, tt.inside, tt.after))
		require.NoError(t, err)
		if d := cmp.Diff(tt.want, got, cmpopts.EquateApprox(0, 1e-4)); d != "" {
			t.Errorf("%s: %s", tt.reason, d)
		}
		require.Equal(t, tt.holds, got.Holds(estimate.Claimed), tt.reason)
	}
}

func TestCoverageRefuses(t *testing.T) {
	_, err := estimate.Coverage(nil)
	require.ErrorContains(t, err, "no forecast")
	good := trials(0, 1, 0)[0]
	for _, bad := range []estimate.Trial{
		{Forecast: estimate.Range{Early: 2, Likely: 1, Late: 3}},
		{Forecast: estimate.Range{Early: 1, Likely: 3, Late: 2}},
		{Forecast: estimate.Range{Early: -1, Likely: 3, Late: 4}},
		{Forecast: good.Forecast, Truth: -1},
	} {
		_, err := estimate.Coverage([]estimate.Trial{good, bad})
		require.ErrorContains(t, err, "trial 2 of 2")
	}
}

// Of the finishes of twelve batches, each forecast before it began, nine were in
// the range.
func ExampleCoverage() {
	said := estimate.Range{Early: 20 * time.Hour, Likely: 24 * time.Hour, Late: 30 * time.Hour}
	var trials []estimate.Trial
	for _, hours := range []time.Duration{22, 25, 31, 24, 28, 19, 27, 23, 35, 29, 26, 21} {
		trials = append(trials, estimate.Trial{Forecast: said, Truth: hours * time.Hour})
	}
	c, err := estimate.Coverage(trials)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%d of %d inside, %d late\n", c.Inside, c.Trials, c.After)
	fmt.Printf("%.0f %% to %.0f %%: claim of %.0f %% holds: %v\n", 100*c.Low, 100*c.High, 100*estimate.Claimed, c.Holds(estimate.Claimed))
	// Output:
	// 9 of 12 inside, 2 late
	// 47 % to 91 %: claim of 80 % holds: true
}
