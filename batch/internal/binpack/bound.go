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
// It is the larger of the one-dimensional bounds. Sums of loads, capacity
// included, must not overflow.
func LowerBound(items []Load, extra, capacity Load) int {
	counts := make([]int64, len(items))
	sizes := make([]int64, len(items))
	for i, it := range items {
		counts[i], sizes[i] = it.Count, it.Size
	}
	bound := oneDimension(counts, extra.Count, capacity.Count)
	if capacity.Size > 0 {
		bound = max(bound, oneDimension(sizes, extra.Size, capacity.Size))
	}
	return bound
}

// oneDimension sorts the sizes and returns the best bound.
func oneDimension(sizes []int64, extra, c int64) int {
	slices.Sort(sizes)
	return max(martelloToth(sizes, extra, c), feketeSchepers(sizes, c))
}

// martelloToth computes the bound L2 of Martello and Toth: for a threshold a,
// items over c-a need a bin alone among the items of at least a, items over c/2
// need a bin each, and what the others hold beyond the room left beside the
// latter needs more bins. The bound is the best over all a. Pieces of extra are
// below every threshold but zero.
//
// Only a = 0 and the sizes up to c/2 can be best. The sizes w are ascending. Time
// is O(n log n).
func martelloToth(w []int64, extra, c int64) int {
	prefix := make([]int64, len(w)+1)
	for i, x := range w {
		prefix[i+1] = prefix[i] + x
	}
	firstOver := func(x int64) int { return sort.Search(len(w), func(i int) bool { return w[i] > x }) }
	half := firstOver(c / 2)
	best := 0
	bound := func(a int64, from int, extra int64) {
		alone := max(firstOver(c-a), half)
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
// elsewhere. The sizes w are ascending. Time is O(n log n + maxDual m) for m
// items over c/(maxDual+1).
func feketeSchepers(w []int64, c int64) int {
	best := 0
	for k := int64(1); k <= maxDual; k++ {
		from := sort.Search(len(w), func(i int) bool { return w[i] >= c/(k+1) })
		var whole, floors int64 // in parts of k+1, and of k
		for _, x := range w[from:] {
			hi, lo := bits.Mul64(uint64(k+1), uint64(x))
			q, r := bits.Div64(hi, lo, uint64(c))
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
