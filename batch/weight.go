package batch

import (
	"fmt"
	"iter"
	"math"

	"github.com/staged-migration/staged/inventory"
)

// DefaultWeight is what a grant weighs if Options.Weight is nil: 4 for FullAccess, 3
// for SendAs, 2 for SendOnBehalf, and 1 for Calendar and whatever else there is.
//
// That order is an assumption, since nothing is published on it: without FullAccess
// its trustee cannot work in the mailbox at all, without SendAs messages are refused,
// without SendOnBehalf they can still be sent under a name of one's own, and without a
// right on a calendar free/busy times can still be asked for.
func DefaultWeight(g inventory.Grant) float64 {
	switch g.Right {
	case inventory.FullAccess:
		return 4
	case inventory.SendAs:
		return 3
	case inventory.SendOnBehalf:
		return 2
	}
	return 1
}

// maxWeight is the largest weight of a grant. It keeps sums finite.
const maxWeight = 1e9

// weightOf returns what a grant weighs, or an error if that is out of range.
func (o *Options) weightOf(g inventory.Grant) (float64, error) {
	if o.Weight == nil {
		return DefaultWeight(g), nil
	}
	w := o.Weight(g)
	if !(w >= 0 && w <= maxWeight) { // also if it is not a number
		return 0, fmt.Errorf("batch: a weight of %v for %s of %s on %s: it must be from 0 to %g", w, g.Right, g.Trustee, g.Mailbox, maxWeight)
	}
	return w, nil
}

const (
	// weightBits is how many bits of the largest weight count: more than the
	// search for cuts can make use of.
	weightBits = 10
	// maxEdges bounds the sum of all scaled weights, which the graph keeps in 32 bits.
	maxEdges = 1 << 30
)

// scale turns weights into whole numbers: times two to the power of it, and rounded. The
// factor is a power of two, so that small whole weights are not rounded.
type scale int

// newScale returns the scale for the weights of edges, all over 0. What it makes of all of
// them fits into 31 bits together.
func newScale[E any](edges iter.Seq2[E, float64]) scale {
	largest := 0.0
	for _, w := range edges {
		largest = max(largest, w)
	}
	_, exponent := math.Frexp(largest)
	s := scale(weightBits - exponent)
	sum := 0.0
	for _, w := range edges {
		sum += math.Ldexp(w, int(s))
	}
	for ; sum > maxEdges; sum /= 2 {
		s--
	}
	return s
}

// units returns what a weight is on the scale, at least 1.
func (s scale) units(weight float64) int32 {
	return max(1, int32(math.Round(math.Ldexp(weight, int(s)))))
}
