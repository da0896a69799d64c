package estimate

import (
	"math"
	"math/rand/v2"
)

// beta is the distribution of a chance of which so many cases were seen.
type beta struct{ yes, no float64 }

func (b beta) draw(rng *rand.Rand) float64 {
	yes, no := gamma(rng, b.yes), gamma(rng, b.no)
	if yes+no == 0 {
		return b.yes / (b.yes + b.no)
	}
	return yes / (yes + no)
}

// gamma draws from the gamma distribution with a shape and the scale 1 (Marsaglia and
// Tsang, A simple method for generating gamma variables, ACM Transactions on
// Mathematical Software 26, 2000).
func gamma(rng *rand.Rand, shape float64) float64 {
	if shape < 1 {
		return gamma(rng, shape+1) * math.Pow(1-rng.Float64(), 1/shape)
	}
	d := shape - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := rng.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v *= v * v
		if math.Log(1-rng.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
