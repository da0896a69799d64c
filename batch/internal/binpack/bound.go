package binpack

import (
	"math/bits"
	"slices"
	"sort"
)

// LowerBound returns a number of bins below which the items do not fit. Extra is
// load that may be cut into pieces of any shape. Every item fits into an empty
// bin.
//
// It is the largest of the bounds by count, by size and by time alone, each the bound L2 of
// Martello and Toth or that of dual feasible functions: what somebody who checks it can
// compute by their definitions. Sums of loads, capacity included, must not overflow.
func LowerBound(items []Load, extra, capacity Load) int {
	bound := 0
	for _, of := range measures(capacity) {
		bound = max(bound, simpleBound(measured(items, of), of(extra), of(capacity)))
	}
	return bound
}

// tightBound returns a bound for items alone that may be higher than LowerBound: it also
// takes bins that some best packing has, and mixtures of two measures, each of which is
// a size that fits into a bin where both do. It says when a search can end.
func tightBound(items []Load, capacity Load) int {
	bound, all := 0, measures(capacity)
	for _, of := range all {
		bound = max(bound, oneDimension(measured(items, of), of(capacity)))
	}
	if len(all) == 1 || newLine(items, capacity) != nil {
		return bound
	}
	for i, of := range all {
		for _, other := range all[:i] {
			bound = max(bound, mixed(items, capacity, of, other))
		}
	}
	return bound
}

func measured(items []Load, of func(Load) int64) []int64 {
	sizes := make([]int64, len(items))
	for i, it := range items {
		sizes[i] = of(it)
	}
	return sizes
}

// simpleBound sorts the sizes and returns the best bound by definition.
func simpleBound(sizes []int64, extra, c int64) int {
	slices.Sort(sizes)
	return max(martelloToth(sizes, extra, c), feketeSchepers(sizes, c))
}

// oneDimension sorts the sizes and returns the best bound.
func oneDimension(sizes []int64, c int64) int {
	bound := simpleBound(sizes, 0, c)
	if len(sizes) <= mostReduced {
		bound = max(bound, reducedBound(sizes, c))
	}
	return bound
}

// mixedUnit is what a bin holds of a mixture of two measures.
const mixedUnit = 1 << 40

// mixed returns the best bound by so many parts of the share of one measure in a bin and
// the rest of the share of another, in quarters, each share rounded down.
func mixed(items []Load, capacity Load, of, other func(Load) int64) int {
	best := 0
	mixture := make([]int64, len(items))
	for part := int64(1); part < 4; part++ {
		mix := func(l Load) int64 {
			return share(of(l), of(capacity), mixedUnit/4*part) + share(other(l), other(capacity), mixedUnit/4*(4-part))
		}
		for i, it := range items {
			mixture[i] = mix(it)
		}
		best = max(best, simpleBound(mixture, 0, mixedUnit))
	}
	return best
}

// share returns unit*x/c, rounded down. Where that is too much to add up, as it can be
// for what may be cut, it is less.
func share(x, c, unit int64) int64 {
	hi, lo := bits.Mul64(uint64(x), uint64(unit))
	if hi >= uint64(c) {
		return 1 << 61
	}
	q, _ := bits.Div64(hi, lo, uint64(c))
	return int64(min(q, 1<<61))
}

// reductionRounds bounds how often a bound reduces what is left, and reductionWork how
// many pairs of items that may be in all.
const (
	reductionRounds = 100
	reductionWork   = 20_000_000
)

// reducedBound computes the bound L3 of Martello and Toth: bins that some best packing
// has, and L2 of what is left over, which may get better without the smallest
// items, since more can be told then. The sizes w are ascending.
func reducedBound(w []int64, c int64) int {
	rest := slices.Clone(w)
	slices.Reverse(rest)
	for len(rest) > 0 && rest[len(rest)-1] == 0 { // a partner must take some room
		rest = rest[:len(rest)-1]
	}
	best, bins := 0, 0
	for range min(reductionRounds, 1+reductionWork/(1+len(w)*len(w))) {
		fixed, left := reduce(rest, c)
		bins += len(fixed)
		for to, from := range left {
			rest[to] = rest[from]
		}
		rest = rest[:len(left)]
		ascending := slices.Clone(rest)
		slices.Reverse(ascending)
		best = max(best, bins+max(martelloToth(ascending, 0, c), feketeSchepers(ascending, c)))
		if len(rest) < 2 {
			break
		}
		rest = rest[:len(rest)-1]
	}
	return best
}

// martelloToth computes the bound L2 of Martello and Toth: for a threshold a,
// items over c-a need a bin alone among the items of at least a, items over c/2
// need a bin each, and what the others hold beyond the room left beside the
// latter needs more bins. The bound is the best over all a. Pieces of extra are
// below every threshold but zero.
//
// Only a = 0 and the sizes up to c/2 can be best. The sizes w are ascending. Time
// is O(n).
func martelloToth(w []int64, extra, c int64) int {
	prefix := make([]int64, len(w)+1)
	for i, x := range w {
		prefix[i+1] = prefix[i] + x
	}
	half := sort.Search(len(w), func(i int) bool { return w[i] > c/2 })
	alone := len(w) // the first item that is over c-a, but not before half
	best := 0
	bound := func(a int64, from int, extra int64) {
		for alone > half && w[alone-1] > c-a {
			alone--
		}
		medium, small := prefix[alone]-prefix[half], prefix[half]-prefix[from]+extra
		more := ceilDiv(small+medium, c) - int64(alone-half)
		best = max(best, len(w)-half+int(max(more, 0)))
	}
	bound(0, 0, extra)
	for i := 0; i < half; i++ {
		if i == 0 || w[i] != w[i-1] {
			bound(w[i], i, 0)
		}
	}
	return best
}

func ceilDiv(a, b int64) int64 { return (a + b - 1) / b }

// maxDual bounds the dual feasible functions that are tried.
const maxDual = 100

// feketeSchepers computes the best bound that the dual feasible functions u(k) of
// Fekete and Schepers (Mathematical Programming 91, 2001) give for k from 1 to
// maxDual. Such a function turns sizes that fit into a bin into sizes that fit
// into one, so that the sum of what it makes of the items bounds the number of
// bins: u(k) of a part x of a bin is x where (k+1)x is whole, and floor((k+1)x)/k
// elsewhere. The sizes w are ascending. Time is O(maxDual (log n + m)) for m
// items over c/(maxDual+1).
func feketeSchepers(w []int64, c int64) int {
	best := 0
	for k := int64(1); k <= maxDual; k++ {
		from := sort.Search(len(w), func(i int) bool { return w[i] >= c/(k+1) })
		var whole, floors int64 // in parts of k+1, and of k
		var q, r uint64
		for at, x := range w[from:] {
			if at == 0 || x != w[from:][at-1] {
				hi, lo := bits.Mul64(uint64(k+1), uint64(x))
				q, r = bits.Div64(hi, lo, uint64(c))
			}
			if r == 0 {
				whole += int64(q)
			} else {
				floors += int64(q)
			}
		}
		best = max(best, int(ceilDiv(whole*k+floors*(k+1), k*(k+1))))
	}
	return best
}
