package logfit

import (
	"math"
	"math/rand/v2"
)

// Draw returns values of the parameters at random.
//
// The shares come first, from their normal distribution cut off at the bounds, by Gibbs
// sampling: each in turn given the other, which forgets where it began as a power of
// their squared correlation. The others follow given the shares.
func (d *Posterior) Draw(rng *rand.Rand) Params {
	const rounds = 30
	l := &d.root
	// The two shares have the deviations a and b and the correlation c.
	a, b := l[Phi][Phi], math.Hypot(l[Psi][Phi], l[Psi][Psi])
	c := l[Psi][Phi] / b
	given := math.Sqrt(max(0, 1-c*c))
	phi, psi := d.Mode[Phi], d.Mode[Psi]
	for range rounds {
		phi = within(rng, d.centre[Phi]+c*a/b*(psi-d.centre[Psi]), a*given, MaxShare-psi)
		psi = within(rng, d.centre[Psi]+c*b/a*(phi-d.centre[Phi]), b*given, MaxShare-phi)
	}
	var z Params
	z[Phi] = (phi - d.centre[Phi]) / l[Phi][Phi]
	z[Psi] = (psi - d.centre[Psi] - l[Psi][Phi]*z[Phi]) / l[Psi][Psi]
	p := d.centre
	p[Phi], p[Psi] = phi, psi
	z[Theta], z[LogSigma] = rng.NormFloat64(), rng.NormFloat64()
	for _, k := range []int{Theta, LogSigma} {
		for j := 0; j <= k; j++ {
			p[k] += l[k][j] * z[j]
		}
	}
	return p
}

// within draws from a normal distribution cut off at 0 and at a most.
func within(rng *rand.Rand, mean, deviation, most float64) float64 {
	if most <= 0 {
		return 0
	}
	low, high := -mean/deviation, (most-mean)/deviation
	flip := 1.0
	if -high > low { // the upper tail is the one whose chances are exact
		low, high, flip = -high, -low, -1
	}
	u := rng.Float64()
	z := low + rng.ExpFloat64()/max(low, 1) // where the tail is too thin for chances
	if above := math.Erfc(low / math.Sqrt2); above > 1e-300 {
		beyond := math.Erfc(high / math.Sqrt2)
		z = math.Sqrt2 * math.Erfcinv(beyond+(1-u)*(above-beyond))
	}
	z = max(low, min(z, high))
	return max(0, min(mean+flip*z*deviation, most))
}
