// Package tournament says which of many lanes is free first, fast enough for
// simulations that ask half a billion times.
package tournament

import "math"

// Max is how many lanes a tree can have.
const Max = 1 << laneBits

const laneBits = 9

// Tree is a set of lanes, each with the time when it is free. Times are not
// negative, in any one unit, and are kept to a part in 2^43, rounded down.
//
// It is a tournament tree in which each inner node keeps the loser of its match,
// the lane that is free later (Knuth, The Art of Computer Programming, volume 3,
// 5.4.1). A new time of the lane that is free first replays its matches up to the
// root: log2 n comparisons, without a branch that depends on them. A key is a time
// with the number of its lane in the lowest bits; the bits of floats that are not
// negative are in the order of the floats.
type Tree struct {
	losers [Max]uint64 // of inner nodes, from 1 on; the leaf of lane i would be leaves+i
	first  uint64      // the key of the lane that is free first
	leaves int         // a power of two
}

// Reset makes it a tree of n lanes, from 1 to Max, that are all free at 0.
func (tree *Tree) Reset(n int) {
	tree.leaves = 1
	for tree.leaves < n {
		tree.leaves *= 2
	}
	// All times are equal, so that of any two lanes the second loses; a leaf without
	// a lane loses always.
	for node := 1; node < tree.leaves; node++ {
		lane := 2*node + 1 // the first leaf of the second half
		for lane < tree.leaves {
			lane *= 2
		}
		lane -= tree.leaves
		tree.losers[node] = uint64(lane)
		if lane >= n {
			tree.losers[node] = math.MaxUint64
		}
	}
	tree.first = 0
}

// First returns when the lane that is free first is free.
func (tree *Tree) First() float64 { return math.Float64frombits(tree.first &^ (Max - 1)) }

// Take has the lane that is free first busy until t.
func (tree *Tree) Take(t float64) {
	lane := tree.first & (Max - 1)
	key := math.Float64bits(t)&^(Max-1) | lane
	for node := (uint64(tree.leaves) + lane) / 2; node > 0; node /= 2 {
		loser := tree.losers[node&(Max-1)]
		tree.losers[node&(Max-1)] = max(key, loser)
		key = min(key, loser)
	}
	tree.first = key
}
