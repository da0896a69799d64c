package batch

import (
	"math/big"
	"sort"
)

// bound computes the lower bound L2 for one dimension by its definition: for
// each threshold t up to half the limit, components over limit-t stand alone,
// those over half the limit need a batch each, and components from t up to half
// need whatever the latter leave no room for.
func (v *verifier) bound(fitting []weight, key func(weight) int64, rest, limit int64) int {
	if limit == 0 {
		return 0
	}
	var weights []int64
	for _, c := range fitting {
		weights = append(weights, key(c))
	}
	sort.Slice(weights, func(i, j int) bool { return weights[i] < weights[j] })
	above := func(x int64) int { return sort.Search(len(weights), func(i int) bool { return weights[i] > x }) }
	sums := make([]int64, len(weights)+1)
	for i, w := range weights {
		sums[i+1] = sums[i] + w
	}
	half := above(limit / 2)
	best := 0
	for i := -1; i < half; i++ {
		threshold, from, loose := int64(0), 0, rest
		if i >= 0 {
			threshold, from, loose = weights[i], above(weights[i]-1), 0
		}
		alone := max(above(limit-threshold), half)
		needed := len(weights) - half
		room := int64(alone-half)*limit - (sums[alone] - sums[half])
		if small := sums[half] - sums[from] + loose; small > room {
			needed += int((small - room + limit - 1) / limit)
		}
		best = max(best, needed)
	}
	return max(best, dualBound(weights, limit))
}

// dualBound computes the bound by dual feasible functions in exact fractions.
func dualBound(weights []int64, limit int64) int {
	best := 0
	for k := int64(1); k <= 100; k++ {
		wholeParts, floors := int64(0), int64(0) // of 1/(k+1) and of 1/k
		for i := len(weights) - 1; i >= 0; i-- {
			product := new(big.Int).Mul(big.NewInt(k+1), big.NewInt(weights[i]))
			q, r := product.QuoRem(product, big.NewInt(limit), new(big.Int))
			if q.Sign() == 0 {
				break // the rest is smaller still
			}
			if r.Sign() == 0 {
				wholeParts += q.Int64()
			} else {
				floors += q.Int64()
			}
		}
		sum := new(big.Rat).Add(big.NewRat(wholeParts, k+1), big.NewRat(floors, k))
		bound := new(big.Int).Quo(sum.Num(), sum.Denom())
		if !sum.IsInt() {
			bound.Add(bound, big.NewInt(1))
		}
		best = max(best, int(bound.Int64()))
	}
	return best
}
