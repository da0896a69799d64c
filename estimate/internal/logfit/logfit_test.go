package logfit_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/staged-migration/staged/estimate/internal/logfit"
)

// vague is a prior that says next to nothing.
func vague() logfit.Prior {
	return logfit.Prior{
		Mean:      logfit.Params{logfit.Theta: 1, logfit.LogSigma: math.Log(0.5), logfit.Phi: 0.3, logfit.Psi: 0.1},
		Deviation: logfit.Params{100, 100, 100, 100},
	}
}

func sure() logfit.Prior {
	p := vague()
	p.Mean[logfit.Phi], p.Mean[logfit.Psi] = 0, 0
	p.Deviation[logfit.Phi], p.Deviation[logfit.Psi] = 1e-6, 1e-6
	return p
}

// With nothing to tell apart and nobody far off, the estimate is the textbook's: mean and
// deviation of the logarithms.
func TestFitIsMeanAndDeviationOfLogarithms(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 20_000
	var rows []logfit.Row
	var sum, squares float64
	for range n {
		z := rng.NormFloat64()
		sum += z
		squares += z * z
		rows = append(rows, logfit.Row{S: 1, N: 1, LogTime: 2 + 0.7*z})
	}
	mean, deviation := 2+0.7*sum/n, 0.7*math.Sqrt(squares/n-sum*sum/n/n)
	got := logfit.Fit(rows, sure()).Mode
	require.InDelta(t, deviation, math.Exp(got[logfit.LogSigma]), 0.007, "one in a hundred: what robustness costs")
	require.InDelta(t, mean, got[logfit.Theta]-0.49/2, 0.007)
}

// The parts of bytes, of items and of each mailbox come out as they went in.
func TestFitTellsPartsApart(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	truth := logfit.Params{logfit.Phi: 0.4, logfit.Psi: 0.15, logfit.Theta: 1.5, logfit.LogSigma: math.Log(0.4)}
	rows := sample(rng, truth, 5000)
	post := logfit.Fit(rows, vague())
	near(t, truth, post.Mode)

	// What it holds for uncertain is what differs from sample to sample.
	const samples = 200
	var modes, drawn [samples]logfit.Params
	for i := range samples {
		p := logfit.Fit(sample(rng, truth, 400), vague())
		modes[i] = p.Mode
		drawn[i] = p.Draw(rng)
	}
	for k := range truth {
		m, s := moments(modes[:], k)
		_, d := moments(drawn[:], k)
		require.InDelta(t, truth[k], m, 4*s/math.Sqrt(samples)+0.03, "parameter %d", k)
		// The draws differ by both, the samples and the uncertainty: by √2.
		require.InDelta(t, math.Sqrt2, d/s, 0.3, "parameter %d", k)
	}
}

func near(t *testing.T, want, got logfit.Params) {
	t.Helper()
	for k := range want {
		require.InDelta(t, want[k], got[k], 0.05, "parameter %d of %v", k, got)
	}
}

func moments(p []logfit.Params, k int) (mean, deviation float64) {
	var squares float64
	for _, v := range p {
		mean += v[k] / float64(len(p))
	}
	for _, v := range p {
		squares += (v[k] - mean) * (v[k] - mean) / float64(len(p)-1)
	}
	return mean, math.Sqrt(squares)
}

// sample makes mailboxes whose sizes and densities differ, by the formula of the package
// comment.
func sample(rng *rand.Rand, p logfit.Params, n int) []logfit.Row {
	var rows []logfit.Row
	for range n {
		s := math.Exp(rng.NormFloat64() - 0.5)
		items := s * math.Exp(0.8*rng.NormFloat64()-0.32)
		share := (1-p[logfit.Phi]-p[logfit.Psi])*s + p[logfit.Phi]*items + p[logfit.Psi]
		sigma := math.Exp(p[logfit.LogSigma])
		rows = append(rows, logfit.Row{S: s, N: items, LogTime: p[logfit.Theta] + math.Log(share) + sigma*rng.NormFloat64() - sigma*sigma/2})
	}
	return rows
}

// Of mailboxes, one in twenty may be a thousand or a million times off.
func TestFitIsRobust(t *testing.T) {
	for _, off := range []float64{math.Log(1000), -math.Log(1000), math.Log(1e6)} {
		rng := rand.New(rand.NewPCG(5, 6))
		truth := logfit.Params{logfit.Phi: 0.3, logfit.Psi: 0.1, logfit.Theta: 0.5, logfit.LogSigma: math.Log(0.5)}
		rows := sample(rng, truth, 1000)
		clean := logfit.Fit(rows, vague()).Mode
		for i := range rows {
			if i%20 == 0 {
				rows[i].LogTime += off
			}
		}
		got := logfit.Fit(rows, vague()).Mode
		require.InDelta(t, clean[logfit.Theta], got[logfit.Theta], 0.06, "off by %g", off)
		require.InDelta(t, clean[logfit.LogSigma], got[logfit.LogSigma], 0.2, "off by %g", off)
	}
}

// Censoring at a time of its own for each row loses no more than precision; leaving
// the censored out, or taking them for whole, would be far off.
func TestFitTakesCensoredRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	truth := logfit.Params{logfit.Phi: 0.3, logfit.Psi: 0.1, logfit.Theta: 0.5, logfit.LogSigma: math.Log(0.5)}
	rows := sample(rng, truth, 10_000)
	var left []logfit.Row
	censored := 0
	for i := range rows {
		if limit := 0.3 + rng.NormFloat64(); rows[i].LogTime > limit {
			rows[i].LogTime, rows[i].Censored = limit, true
			censored++
		} else {
			left = append(left, rows[i])
		}
	}
	require.Greater(t, censored, 3000)
	near(t, truth, logfit.Fit(rows, vague()).Mode)
	require.Less(t, logfit.Fit(left, vague()).Mode[logfit.Theta], 0.4)
}

// Without rows the posterior is the prior, and where rows cannot tell, it still is.
func TestPriorDecidesWhatRowsDoNot(t *testing.T) {
	prior := logfit.Prior{
		Mean:      logfit.Params{logfit.Phi: 0.4, logfit.Psi: 0.2, logfit.Theta: 2, logfit.LogSigma: -1},
		Deviation: logfit.Params{logfit.Phi: 0.05, logfit.Psi: 0.03, logfit.Theta: 0.3, logfit.LogSigma: 0.4},
	}
	post := logfit.Fit(nil, prior)
	near(t, prior.Mean, post.Mode)
	rng := rand.New(rand.NewPCG(9, 10))
	var drawn []logfit.Params
	for range 4000 {
		drawn = append(drawn, post.Draw(rng))
	}
	for k := range prior.Mean {
		m, s := moments(drawn, k)
		require.InDelta(t, prior.Mean[k], m, 0.05*prior.Deviation[k]+0.01, "parameter %d", k)
		require.InEpsilon(t, prior.Deviation[k], s, 0.05, "parameter %d", k)
	}

	var rows []logfit.Row // all are the average mailbox
	for range 1000 {
		rows = append(rows, logfit.Row{S: 1, N: 1, LogTime: 3 + 0.3*rng.NormFloat64()})
	}
	post = logfit.Fit(rows, prior)
	require.InDelta(t, 3+0.045, post.Mode[logfit.Theta], 0.05)
	require.InDelta(t, 0.4, post.Mode[logfit.Phi], 0.01)
	require.InDelta(t, 0.2, post.Mode[logfit.Psi], 0.01)
}

// One row moves the estimate by the part that its weight is of the sum of weights; a
// prior that many rows contradict has no weight left.
func TestPriorShrinks(t *testing.T) {
	prior := sure()
	prior.Mean[logfit.Theta], prior.Deviation[logfit.Theta] = 0, 0.5
	prior.Mean[logfit.LogSigma], prior.Deviation[logfit.LogSigma] = math.Log(0.5), 1e-6
	at := func(n int, log float64) float64 {
		return logfit.Fit(slices.Repeat([]logfit.Row{{S: 1, N: 1, LogTime: log - 0.125}}, n), prior).Mode[logfit.Theta]
	}
	// Both weigh 1/0.5², so that it is halfway but for the tails of t.
	require.InDelta(t, 0.05, at(1, 0.1), 0.002)
	// 100 rows against a prior that is four deviations off: a normal prior would
	// move the estimate by 2/101, t at its weight of 5/(5+16) by a quarter of that.
	require.InDelta(t, 2-2*5.0/21/100, at(100, 2), 0.001)
}

// Draws keep within the bounds, also where the mode is on one and where data pull far
// outside.
func TestDrawsKeepWithinBounds(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	truth := logfit.Params{logfit.Phi: 0, logfit.Psi: 0, logfit.Theta: 0, logfit.LogSigma: math.Log(0.05)}
	for _, n := range []int{3, 300, 30_000} {
		rows := sample(rng, truth, n)
		for i := range rows {
			rows[i].LogTime += 0.3 * math.Log(rows[i].S) // more than in proportion: no overhead explains it
		}
		post := logfit.Fit(rows, vague())
		varied := false
		for range 200 {
			p := post.Draw(rng)
			require.GreaterOrEqual(t, p[logfit.Phi], 0.0)
			require.GreaterOrEqual(t, p[logfit.Psi], 0.0)
			require.LessOrEqual(t, p[logfit.Phi]+p[logfit.Psi], logfit.MaxShare+1e-9)
			varied = varied || p[logfit.Psi] != post.Mode[logfit.Psi]
		}
		require.True(t, varied)
	}
}

// The normal distribution is cut at the far bound as at the near one.
func TestDrawsAreCutOff(t *testing.T) {
	prior := logfit.Prior{
		Mean:      logfit.Params{logfit.Phi: 0.7, logfit.Psi: 0.2},
		Deviation: logfit.Params{logfit.Phi: 0.05, logfit.Psi: 1e-6, logfit.Theta: 1, logfit.LogSigma: 1},
	}
	post := logfit.Fit(nil, prior)
	rng := rand.New(rand.NewPCG(15, 16))
	var drawn []logfit.Params
	for range 4000 {
		drawn = append(drawn, post.Draw(rng))
	}
	// At 0.98-0.2 = 0.78, 1.6 deviations above the mean: the mean of what is left is
	// lower by 0.1109/0.9452 deviations, density over chance at 1.6.
	m, _ := moments(drawn, logfit.Phi)
	require.InDelta(t, 0.7-0.05*0.1109/0.9452, m, 0.003)
}

// Nothing that a row can hold makes the estimate infinite or not a number.
func TestFitTakesAnyRows(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 14))
	logs := []float64{-40, -1, 0, 1, 40}
	amounts := []float64{0, 1e-12, 1, 1e12}
	for range 300 {
		var rows []logfit.Row
		for range rng.IntN(8) {
			rows = append(rows, logfit.Row{
				S: amounts[rng.IntN(4)], N: amounts[rng.IntN(4)], LogTime: logs[rng.IntN(5)], Censored: rng.IntN(3) == 0,
			})
		}
		prior := vague()
		prior.Deviation = logfit.Params{0.25, 0.1, 0.3, 0.4}
		post := logfit.Fit(rows, prior)
		for _, p := range []logfit.Params{post.Mode, post.Draw(rng)} {
			for k, v := range p {
				require.False(t, math.IsNaN(v) || math.IsInf(v, 0), "parameter %d of %v from %v", k, p, rows)
			}
		}
	}
}
