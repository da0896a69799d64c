package batch

import (
	"cmp"
	"iter"
	"math"
	"math/bits"
	"slices"

	"github.com/staged-migration/staged/batch/internal/binpack"
)

const (
	// maxForests is how many forests are taken out of the grants to bound what must be
	// split. In sparse organizations the first has nearly all that there is to find.
	maxForests = 8

	// sizeSteps is in how many steps of its limit the bound counts sizes and times, so that
	// there are as few to tell apart as there are numbers of mailboxes.
	sizeSteps = 2000

	// boundBits is how many bits of the largest weight the bound counts.
	boundBits = 24
)

// splitWeightBound returns Packing.SplitWeightBound.
//
// Weights are rounded down to whole steps, a power of two, and added up as whole numbers.
// SplitWeight, a sum of floats, is never less than that for rounding: floating-point
// addition is monotone, and exact for the rounded weights, since even half a billion of the
// largest are below 2^53 steps.
func (pb *problem) splitWeightBound() float64 {
	largest := 0.0
	for _, l := range pb.links {
		if !l.hub {
			largest = max(largest, l.weight)
		}
	}
	_, exponent := math.Frexp(largest)
	shift := boundBits - exponent
	all := func(yield func(steps) bool) {
		for _, l := range pb.links {
			u, v := pb.vertex[l.mailbox], pb.vertex[l.trustee]
			if l.hub || u == none || v == none || u == v {
				continue
			}
			if !yield(steps{u: min(u, v), v: max(u, v), weight: int64(math.Ldexp(l.weight, shift))}) {
				return
			}
		}
	}
	sum := int64(0)
	for e := range all {
		if pb.mustSplit(e.u, e.v) {
			sum += e.weight
		}
	}
	b := &forestBound{pb: pb, sets: newUnion(len(pb.load))}
	edges := b.loose(func(yield func(steps) bool) {
		for e := range all {
			if !pb.mustSplit(e.u, e.v) && !yield(e) {
				return
			}
		}
	})
	return math.Ldexp(float64(sum+b.bound(edges)), -shift)
}

// mustSplit reports whether no batch can hold both u and v.
func (pb *problem) mustSplit(u, v int32) bool {
	return pb.wave[u] != pb.wave[v] || pb.mustPart(u, v) || !pb.load[u].Plus(pb.load[v]).Fits(pb.capacity())
}

// steps is an edge from u to a higher v, with its weight in steps.
type steps struct {
	u, v   int32
	weight int64
}

// addUp makes one edge of those between the same vertices, and puts the heaviest first,
// equal ones by their ends.
func addUp(edges []steps) []steps {
	ends := func(a, b steps) int { return cmp.Or(cmp.Compare(a.u, b.u), cmp.Compare(a.v, b.v)) }
	slices.SortFunc(edges, ends)
	sums := edges[:0]
	for _, e := range edges {
		if n := len(sums); n > 0 && ends(sums[n-1], e) == 0 {
			sums[n-1].weight += e.weight
		} else {
			sums = append(sums, e)
		}
	}
	slices.SortFunc(sums, func(a, b steps) int { return cmp.Or(cmp.Compare(b.weight, a.weight), ends(a, b)) })
	return sums
}

// forestBound bounds what must be split, forest by forest.
type forestBound struct {
	pb    *problem
	sets  union
	total []binpack.Load // of each set, by its root
	trees *trees
}

// bound returns what splitting must cost of edges in components that do not fit. It
// reorders them.
func (b *forestBound) bound(edges []steps) (sum int64) {
	edges = addUp(edges)
	for range maxForests {
		if len(edges) == 0 {
			break
		}
		forest, rest := b.spanning(edges)
		sum += b.cut(forest)
		edges = b.loose(slices.Values(rest))
	}
	return sum
}

// loose returns the edges in components that do not fit.
func (b *forestBound) loose(edges iter.Seq[steps]) []steps {
	b.reset()
	b.total = append(b.total[:0], b.pb.load...)
	for e := range edges {
		if x, y := b.sets.find(e.u), b.sets.find(e.v); x != y {
			b.sets.join(x, y)
			b.total[b.sets.find(x)] = b.total[x].Plus(b.total[y])
		}
	}
	fits := func(e steps) bool { return b.total[b.sets.find(e.u)].Fits(b.pb.capacity()) }
	n := 0
	for e := range edges {
		if !fits(e) {
			n++
		}
	}
	loose := make([]steps, 0, n)
	for e := range edges {
		if !fits(e) {
			loose = append(loose, e)
		}
	}
	return loose
}

func (b *forestBound) reset() {
	for v := range b.sets {
		b.sets[v] = int32(v)
	}
}

// spanning takes a spanning forest out of the edges, preferring the first ones. The rest
// stays in the memory of the edges.
func (b *forestBound) spanning(edges []steps) (forest, rest []steps) {
	b.reset()
	rest = edges[:0]
	forest = make([]steps, 0, min(len(edges), len(b.sets)))
	for _, e := range edges {
		if b.sets.find(e.u) != b.sets.find(e.v) {
			b.sets.join(e.u, e.v)
			forest = append(forest, e)
		} else {
			rest = append(rest, e)
		}
	}
	return forest, rest
}

// cut returns the least weight of edges of the forest without which what is left of each
// tree fits, by number, by size or by time, whichever costs most.
func (b *forestBound) cut(forest []steps) (sum int64) {
	if b.trees == nil {
		b.trees = newTrees(len(b.pb.load))
	}
	t := b.trees
	t.root(forest)
	most := t.cuts(func(v int32) int64 { return b.pb.load[v].Count }, int64(b.pb.limits.Mailboxes))
	for _, of := range []func(binpack.Load) int64{
		func(l binpack.Load) int64 { return l.Size },
		func(l binpack.Load) int64 { return l.Time },
	} {
		limit := of(b.pb.capacity())
		if limit == 0 {
			continue
		}
		cuts := t.cuts(func(v int32) int64 {
			hi, lo := bits.Mul64(uint64(of(b.pb.load[v])), sizeSteps)
			n, _ := bits.Div64(hi, lo, uint64(limit)) // fits, since what joins two vertices fits into a batch
			return int64(n)
		}, sizeSteps)
		for i, c := range cuts {
			most[i] = max(most[i], c)
		}
	}
	for _, c := range most {
		sum += c
	}
	return sum
}
