package batch

import (
	"math"
	"math/big"
	"slices"
	"sort"

	"github.com/staged-migration/staged/inventory"
)

// tie is what joins two mailboxes, or groups that must stay together, each known by the
// number of its lowest address among the planned mailboxes, which are by address.
type tie struct {
	a, b   int   // a is the lower
	weight int64 // in the steps of checkSplitBound
}

// checkSplitBound works out the lower bound on the weight that must be split from its
// definition, forest by forest.
func (v *verifier) checkSplitBound() {
	b := &tieBound{v: v, weight: make([]weight, len(v.planned)), parties: make([][]int, len(v.planned))}
	b.lead()
	for i, a := range v.planned {
		m, _ := v.inv.Lookup(a)
		b.weight[b.leader[i]].add(weight{1, v.size(m), v.duration(m)})
		b.parties[b.leader[i]] = append(b.parties[b.leader[i]], v.partiesOf()[a]...)
	}
	sum, ties, step := b.ties()
	for forest := 1; forest <= 8; forest++ {
		ties = b.tooLarge(ties)
		tree, rest := b.heaviest(ties)
		sum += b.pieces(tree)
		ties = rest
	}
	if want := float64(sum) * step; v.p.SplitWeightBound != want {
		v.fail("the split grants are said to weigh %g at least, not %g", v.p.SplitWeightBound, want)
	}
	if v.p.SplitWeight < v.p.SplitWeightBound {
		v.fail("the split grants are said to weigh %g, which is below the bound of %g", v.p.SplitWeight, v.p.SplitWeightBound)
	}
}

type tieBound struct {
	v       *verifier
	number  map[inventory.Address]int // of the planned mailboxes
	leader  []int                     // of each
	weight  []weight                  // of the leaders, as are:
	parties [][]int                   // the groups that must be apart; see apart
}

// lead finds for each planned mailbox the lowest of all that must be in its batch.
func (b *tieBound) lead() {
	b.number = make(map[inventory.Address]int, len(b.v.planned))
	b.leader = make([]int, len(b.v.planned))
	for i, a := range b.v.planned {
		b.number[a] = i
	}
	var bonds []tie
	for _, members := range b.v.groups {
		for i := 1; i < len(members); i++ {
			bonds = append(bonds, tie{a: b.number[members[i-1]], b: b.number[members[i]]})
		}
	}
	g := b.graph(bonds)
	for i := range b.leader {
		for _, member := range g.reached(i) {
			b.leader[member] = i
		}
	}
}

// ties returns in steps what ties of mailboxes that cannot be together weigh, the other
// ties, the heaviest first, and how much a step is.
func (b *tieBound) ties() (apart int64, ties []tie, step float64) {
	type grant struct {
		inventory.Grant
		weight float64
	}
	var grants []grant
	most := 0.0
	for _, g := range b.v.inv.Grants() {
		_, ok := b.v.inv.Lookup(g.Mailbox)
		_, also := b.v.inv.Lookup(g.Trustee)
		if w := b.v.grantWeight(g); ok && also && !b.v.hubs[g.Trustee] && w > 0 {
			grants = append(grants, grant{g, w})
			most = math.Max(most, w)
		}
	}
	_, e := math.Frexp(most)
	step = math.Ldexp(1, max(e-24, -1074)) // there is no float between 0 and 2^-1074
	sums := make(map[[2]int]int64)
	for _, g := range grants {
		i, ok := b.number[g.Mailbox]
		j, also := b.number[g.Trustee]
		if !ok || !also || b.leader[i] == b.leader[j] {
			continue
		}
		x, y := b.leader[i], b.leader[j]
		n := int64(g.weight / step)
		if b.v.waves[b.v.planned[x]] != b.v.waves[b.v.planned[y]] || b.apart(x, y) || !b.v.holds(b.together(x, y)) {
			apart += n
		} else {
			sums[[2]int{min(x, y), max(x, y)}] += n
		}
	}
	for ends, n := range sums {
		ties = append(ties, tie{ends[0], ends[1], n})
	}
	sort.Slice(ties, func(i, j int) bool {
		x, y := ties[i], ties[j]
		if x.weight != y.weight {
			return x.weight > y.weight
		}
		return x.a < y.a || x.a == y.a && x.b < y.b
	})
	return apart, ties, step
}

// apart reports whether anybody who must be in the batch of one leader must be apart from
// somebody in that of another.
func (b *tieBound) apart(x, y int) bool {
	return slices.ContainsFunc(b.parties[x], func(n int) bool { return slices.Contains(b.parties[y], n) })
}

// together returns what leaders weigh together.
func (b *tieBound) together(leaders ...int) (sum weight) {
	for _, a := range leaders {
		sum.add(b.weight[a])
	}
	return sum
}

// graph is ties by their ends.
type graph struct {
	to   [][]int   // of each leader
	cost [][]int64 // beside to
	seen []bool
}

func (b *tieBound) graph(ties []tie) *graph {
	n := len(b.weight)
	g := &graph{make([][]int, n), make([][]int64, n), make([]bool, n)}
	for _, t := range ties {
		g.to[t.a], g.cost[t.a] = append(g.to[t.a], t.b), append(g.cost[t.a], t.weight)
		g.to[t.b], g.cost[t.b] = append(g.to[t.b], t.a), append(g.cost[t.b], t.weight)
	}
	return g
}

// reached returns start and all that ties join with it, each after what it was reached from;
// nothing if it was reached before.
func (g *graph) reached(start int) (members []int) {
	if g.seen[start] {
		return nil
	}
	g.seen[start] = true
	members = []int{start}
	for i := 0; i < len(members); i++ {
		for _, a := range g.to[members[i]] {
			if !g.seen[a] {
				g.seen[a] = true
				members = append(members, a)
			}
		}
	}
	return members
}

// tooLarge returns the ties of what does not fit.
func (b *tieBound) tooLarge(ties []tie) (left []tie) {
	g := b.graph(ties)
	fits := make([]bool, len(b.weight))
	for _, t := range ties {
		if members := g.reached(t.a); members != nil {
			whole := b.v.holds(b.together(members...))
			for _, a := range members {
				fits[a] = whole
			}
		}
		if !fits[t.a] {
			left = append(left, t)
		}
	}
	return left
}

// heaviest takes a forest out of the ties, the first ones first.
func (b *tieBound) heaviest(ties []tie) (forest, rest []tie) {
	in := make([]*[]int, len(b.weight)) // the tree of each
	for _, t := range ties {
		for _, a := range [2]int{t.a, t.b} {
			if in[a] == nil {
				in[a] = &[]int{a}
			}
		}
		small, large := in[t.a], in[t.b]
		if small == large {
			rest = append(rest, t)
			continue
		}
		forest = append(forest, t)
		if len(*small) > len(*large) {
			small, large = large, small
		}
		for _, a := range *small {
			in[a] = large
		}
		*large = append(*large, *small...)
	}
	return forest, rest
}

// pieces returns what it costs at least to cut the trees into pieces that fit.
func (b *tieBound) pieces(forest []tie) (sum int64) {
	g := b.graph(forest)
	load := make([]int64, len(b.weight))
	below := make([][]piece, len(b.weight))
	for _, t := range forest {
		members := g.reached(t.a)
		if members == nil {
			continue
		}
		cheapest := func(limit int64, of func(weight) int64) int64 {
			for _, a := range members {
				load[a], below[a] = of(b.weight[a]), nil
			}
			return g.cheapest(members, below, load, limit)
		}
		least := cheapest(int64(b.v.maxCount), func(w weight) int64 { return int64(w.count) })
		if limit := int64(b.v.maxSize); limit > 0 {
			least = max(least, cheapest(2000, func(w weight) int64 { return inSteps(int64(w.size), limit) }))
		}
		if limit := int64(b.v.maxDuration); limit > 0 {
			least = max(least, cheapest(2000, func(w weight) int64 { return inSteps(int64(w.duration), limit) }))
		}
		sum += least
	}
	return sum
}

// inSteps returns how many 2,000ths of a limit there are in something, rounded down.
func inSteps(of, limit int64) int64 {
	share := new(big.Int).Mul(big.NewInt(of), big.NewInt(2000))
	return share.Quo(share, big.NewInt(limit)).Int64()
}

// piece is what may be left together with a member of a tree, and what that costs.
type piece struct{ weight, cost int64 }

// cheapest returns what it costs to cut a tree so that no piece weighs more than limit.
// Its members come each after what it hangs from. Below is scratch, nil for each of them.
func (g *graph) cheapest(members []int, below [][]piece, load []int64, limit int64) int64 {
	costs := make([]int64, limit+1) // by weight of the piece
	var pieces []piece
	for i := len(members) - 1; i >= 0; i-- {
		a := members[i]
		pieces = []piece{{load[a], 0}}
		for at, c := range g.to[a] {
			if len(below[c]) == 0 {
				continue // it hangs from the other side
			}
			for w := range costs {
				costs[w] = math.MaxInt64
			}
			off := g.cost[a][at] + below[c][0].cost
			for _, q := range below[c] {
				off = min(off, g.cost[a][at]+q.cost)
			}
			for _, q := range append(below[c], piece{0, off}) {
				for _, p := range pieces {
					if w := p.weight + q.weight; w <= limit && q.cost <= off {
						costs[w] = min(costs[w], p.cost+q.cost)
					}
				}
			}
			pieces = pieces[:0]
			cheapest := int64(math.MaxInt64) // of all that weigh less
			for w, cost := range costs {
				if cost < cheapest {
					pieces = append(pieces, piece{int64(w), cost})
					cheapest = cost
				}
			}
		}
		below[a] = pieces
	}
	least := pieces[0].cost
	for _, p := range pieces {
		least = min(least, p.cost)
	}
	return least
}
