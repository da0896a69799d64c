package estimate

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// The table has the quantiles of the lognormal distribution, in its outermost cells
// too, and its mean.
func TestFactorsAreLognormal(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, spread := range []float64{0.01, 0.3, 0.8} {
		var f factors
		f.fill(spread, normalCells())
		const n = 2_000_000
		draws := make([]float64, n)
		sum := 0.0
		for i := range draws {
			draws[i] = f.draw(rng.Uint32(), rng)
			sum += draws[i]
		}
		slices.Sort(draws)
		if deviation := math.Sqrt(math.Expm1(spread*spread) / n); math.Abs(sum/n-1) > 4*deviation {
			t.Errorf("spread %g: the mean is %g", spread, sum/n)
		}
		// Quantiles of the standard normal distribution, from tables.
		for p, z := range map[float64]float64{0.0001: -3.719016, 0.01: -2.326348, 0.1: -1.281552, 0.5: 0, 0.75: 0.674490, 0.975: 1.959964, 0.9995: 3.290527, 0.9999: 3.719016} {
			density := math.Exp(-z*z/2) / math.Sqrt(2*math.Pi)
			deviation := math.Sqrt(p*(1-p)/n) / density // of the quantile of a sample
			got := (math.Log(draws[int(p*n)]) + spread*spread/2) / spread
			if math.Abs(got-z) > 4*deviation+1e-4 {
				t.Errorf("spread %g: the quantile of %g is at %g, not at %g", spread, p, got, z)
			}
		}
	}
}
