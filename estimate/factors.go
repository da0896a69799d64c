package estimate

import (
	"math"
	"math/rand/v2"
)

// cells is in how many parts of the same chance a distribution is cut.
const cells = 1 << 10

// factors is the lognormal distribution with the mean 1 of what a mailbox takes more
// or less than on average, as a table: half a billion draws have no time for
// logarithms. Within a cell the quantile function is taken to be a straight
// line, which is exact to a part in 10^4 at a spread of 1; the outermost cells
// are drawn exactly, since the longest mailbox may decide when all is done.
type factors struct {
	spread float64
	at     [cells]float64 // at the lower end of a cell
	step   [cells]float64 // for a part in 2^22 of the cell
}

// normalCells returns the quantiles of the standard normal distribution between cells.
func normalCells() *[cells]float64 {
	z := new([cells]float64)
	for i := 1; i < cells; i++ {
		z[i] = normalAbove(1 - float64(i)/cells)
	}
	return z
}

func (f *factors) fill(spread float64, normal *[cells]float64) {
	f.spread = spread
	for i := 1; i < cells; i++ {
		f.at[i] = math.Exp(spread*normal[i] - spread*spread/2)
	}
	for i := 1; i < cells-1; i++ {
		f.step[i] = (f.at[i+1] - f.at[i]) / (1 << 32 / cells)
	}
}

// draw returns a factor for random bits, 10 of which choose the cell and 22 the place in
// it.
func (f *factors) draw(bits uint32, rng *rand.Rand) float64 {
	if cell := bits % cells; cell > 0 && cell < cells-1 {
		return f.at[cell] + f.step[cell]*float64(bits/cells)
	}
	return f.outer(bits%cells, rng)
}

// outer draws from the first or the last cell.
func (f *factors) outer(cell uint32, rng *rand.Rand) float64 {
	z := normalAbove((1 - rng.Float64()) / cells)
	if cell == 0 {
		z = -z
	}
	return math.Exp(f.spread*z - f.spread*f.spread/2)
}

// normalAbove returns the z of the standard normal distribution that is exceeded with the
// chance p, from 0 to 1.
func normalAbove(p float64) float64 {
	return math.Sqrt2 * math.Erfcinv(2*min(max(p, 1e-300), 1-1e-16))
}
