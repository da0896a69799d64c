package binpack

import (
	"cmp"
	"math/bits"
	"slices"
	"sort"
)

// line is the problem in the one dimension that matters, if only one does.
type line struct {
	of       []int32 // the items, by position
	sizes    []int64 // of each, descending
	capacity int64
	free     []int32 // items that take no room
}

// newLine returns nil if several limits matter. A limit does not if no set of items that
// keeps another breaks it: all items together keep it, or each takes no larger
// part of it than of the other.
func newLine(items []Load, capacity Load) *line {
	all := measures(capacity)
	for i, of := range all {
		alone := true
		for j, other := range all {
			alone = alone && (i == j || follows(items, other, other(capacity), of, of(capacity)))
		}
		if alone {
			return lineOf(items, of, of(capacity))
		}
	}
	return nil
}

// follows reports whether what keeps limit b of another measure keeps limit a too.
func follows(items []Load, of func(Load) int64, a int64, other func(Load) int64, b int64) bool {
	var total int64
	each := true
	for _, it := range items {
		total += of(it)
		hi, lo := bits.Mul64(uint64(of(it)), uint64(b))
		otherHi, otherLo := bits.Mul64(uint64(other(it)), uint64(a))
		each = each && (hi < otherHi || hi == otherHi && lo <= otherLo)
	}
	return each || total <= a
}

// lineOf measures in the largest unit in which all sizes are whole.
func lineOf(items []Load, size func(Load) int64, capacity int64) *line {
	l := &line{capacity: capacity}
	var unit int64
	for i, it := range items {
		if s := size(it); s > 0 {
			l.of = append(l.of, int32(i))
			unit = gcd(unit, s)
		} else {
			l.free = append(l.free, int32(i))
		}
	}
	slices.SortStableFunc(l.of, func(a, b int32) int { return cmp.Compare(size(items[b]), size(items[a])) })
	for _, i := range l.of {
		l.sizes = append(l.sizes, size(items[i])/unit)
	}
	if unit > 0 {
		l.capacity /= unit
	}
	return l
}

func gcd(a, b int64) int64 {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}

// mostReduced bounds the items of a reduction, whose time is quadratic at worst.
const mostReduced = 2000

// reduce finds bins that some packing into the fewest bins has, and returns the
// positions in each of them and those left over. The sizes w are descending, each at
// most c.
//
// It goes by the dominance of Martello and Toth (Discrete Applied Mathematics 28,
// 1990): an item and its partner make a bin if the partner is at least as large as
// whatever else could be in the item's bin, since it can change places with that.
// Where at most one item fits beside, the largest that fits is such a partner; where
// two do, it is if no two that fit are larger together; and so is always one that
// fills the bin.
func reduce(w []int64, c int64) (fixed [][]int, rest []int) {
	rest = make([]int, len(w))
	for i := range rest {
		rest[i] = i
	}
	if len(w) > mostReduced {
		return nil, rest
	}
	for again := true; again; {
		again = false
		for at := 0; at < len(rest); {
			partner, ok := dominant(w, rest, at, c-w[rest[at]])
			if !ok {
				at++
				continue
			}
			again = true
			bin := []int{rest[at]}
			if partner >= 0 {
				bin = append(bin, rest[partner])
			}
			rest = slices.DeleteFunc(rest, func(i int) bool { return slices.Contains(bin, i) })
			fixed = append(fixed, bin)
		}
	}
	return fixed, rest
}

// dominant returns where in rest the partner is that dominates all others of the item
// at a position, beside which there is so much room; -1 if nothing fits. It returns
// false if there is no such partner.
func dominant(w []int64, rest []int, at int, room int64) (partner int, ok bool) {
	partner = sort.Search(len(rest), func(i int) bool { return w[rest[i]] <= room })
	if partner == at {
		partner++
	}
	if partner >= len(rest) {
		return -1, true
	}
	size := w[rest[partner]]
	if size == room {
		return partner, true
	}
	var smallest []int64
	for i := len(rest) - 1; i >= 0 && len(smallest) < 3; i-- {
		if i != at {
			smallest = append(smallest, w[rest[i]])
		}
	}
	if len(smallest) < 2 || smallest[0]+smallest[1] > room {
		return partner, true
	}
	if len(smallest) == 3 && smallest[0]+smallest[1]+smallest[2] <= room {
		return 0, false
	}
	return partner, largestPair(w, rest, at, room) <= size
}

// largestPair returns the most that two items other than that at a position have
// together within the room.
func largestPair(w []int64, rest []int, at int, room int64) int64 {
	var best int64
	for i, j := 0, len(rest)-1; i < j; {
		switch sum := w[rest[i]] + w[rest[j]]; {
		case i == at:
			i++
		case j == at:
			j--
		case sum > room:
			i++
		default:
			best = max(best, sum)
			j--
		}
	}
	return best
}
